"""Settings: built once by the command line from options, `PASSERELLE_*` variables and `passerelle.toml`."""

import re
import tomllib
from dataclasses import dataclass, field
from pathlib import Path

from pipeline.errors import SettingsError
from pipeline.site.config import SiteSettings, read_site

SOURCE = "fr"
TARGETS = ("en", "es")
KEYS = ("to", "engine", "layout", "front_matter", "site", "articles")
LAYOUTS = ("hugo", "jekyll")
ENGINES = ("auto", "argos", "passerelle", "apertium")  # auto, then the better before the lesser


@dataclass(frozen=True, slots=True)
class Settings:
    """Where the workspace is, what `translate` makes of an article, and the time that new files bear.

    `epoch` is in seconds since 1970-01-01 UTC (SOURCE_DATE_EPOCH); never the clock of the run. `front_matter` are keys
    to be translated beside those of `pipeline.formats.frontmatter`, in lower case; `layout` is that of translations
    beside their source, "" for none.
    """

    workspace: Path
    targets: tuple[str, ...] = TARGETS
    engine: str = "auto"
    epoch: int = 0
    front_matter: tuple[str, ...] = ()
    layout: str = ""
    site: SiteSettings = field(default_factory=SiteSettings)


def load_settings(
    workspace: Path,
    targets: tuple[str, ...] = (),
    engine: str | None = None,
    epoch: str | None = None,
    layout: str | None = None,
) -> Settings:
    """Return the settings for a workspace; an option goes before `passerelle.toml`, and that before the defaults.

    Raises SettingsError for a workspace that is no folder, a broken file, an unknown key, engine or layout, or a
    language that is none.
    """
    if not workspace.is_dir():
        raise SettingsError(f"{workspace}: no such folder", "name an existing one with --workspace")
    path = workspace / "passerelle.toml"
    table = _read_toml(path) if path.exists() else {}
    unknown = sorted(set(table) - set(KEYS))
    if unknown:
        raise SettingsError(f"{path}: unknown key “{unknown[0]}”", f"the keys are: {', '.join(KEYS)}")
    chosen = targets or _strings(table.get("to", list(TARGETS)), path)
    engine = engine or str(table.get("engine", "auto"))
    if engine not in ENGINES:
        raise SettingsError(f"{path}: unknown engine “{engine}”", f"choose one of {', '.join(ENGINES)}")
    layout = layout or str(table.get("layout", ""))
    if layout not in ("", *LAYOUTS):
        raise SettingsError(f"{path}: unknown layout “{layout}”", f"choose one of {', '.join(LAYOUTS)}")
    for language in chosen:
        if not re.fullmatch("[a-z]{2,3}", language) or language == SOURCE:
            raise SettingsError(f"“{language}” is no target language", "write an ISO code such as en or es")
    if not re.fullmatch(r"\d{1,11}", epoch or "0"):
        raise SettingsError(f"SOURCE_DATE_EPOCH is “{epoch}”", "give seconds since 1970, as date +%s prints them")
    site = read_site(table.get("site", {}), table.get("articles", {}), path)
    keys = _read_keys(table.get("front_matter", []), path)
    return Settings(workspace, tuple(dict.fromkeys(chosen)), engine, int(epoch or 0), keys, layout, site)


def _read_keys(value: object, path: Path) -> tuple[str, ...]:
    if isinstance(value, list) and all(isinstance(key, str) and re.fullmatch(r"[\w-]+", key) for key in value):
        return tuple(dict.fromkeys(key.lower() for key in value))
    raise SettingsError(f"{path}: “front_matter” is no list of keys", 'write front_matter = ["subtitle"]')


def _read_toml(path: Path) -> dict[str, object]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:  # of TOML, of UTF-8, or for an integer of 5,000 digits
        raise SettingsError(f"{path}: is no TOML ({error})", "mend the file") from None
    except OSError as error:
        raise SettingsError(f"{path}: cannot be read ({error.strerror})", "check its permissions") from None


def _strings(value: object, path: Path) -> tuple[str, ...]:
    if isinstance(value, str):
        return (value,)
    if isinstance(value, list) and value and all(isinstance(item, str) for item in value):
        return tuple(value)
    raise SettingsError(f"{path}: “to” is no list of languages", 'write to = ["en", "es"]')
