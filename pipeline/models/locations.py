"""Where packages are: Argos Translate's, by its own settings read as it reads them, and those that come with us."""

import atexit
import contextlib
import io
import json
import os
from functools import cache
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp

from pipeline.errors import EngineError

SHIPPED = Path(__file__).with_name("shipped")  # with the `.argosmodel` files that come with Passerelle, if any


def packages_folder() -> Path:
    """Return the folder where Argos Translate 1.11 keeps packages; it may not exist.

    As in `argostranslate.settings`: ARGOS_PACKAGES_DIR, else `argos-translate/packages` under XDG_DATA_HOME.
    (ARGOS_TRANSLATE_PACKAGE_DIR has had no effect there since 1.2; Snap's own folders are left out.)
    """
    chosen = _read_setting("ARGOS_PACKAGES_DIR")
    if chosen:
        return Path(chosen)
    return Path(os.environ.get("XDG_DATA_HOME", _home() / ".local" / "share")) / "argos-translate" / "packages"


def index_address() -> str:
    """Return the address of Argos Translate's package index: `index.json` right after ARGOS_PACKAGE_INDEX.

    Argos adds no slash, so we add none. Its default is asked of the library, which makes Argos' folders in the home;
    raises EngineError when it does not start.
    """
    chosen = _read_setting("ARGOS_PACKAGE_INDEX")
    if chosen is not None:
        return f"{chosen}index.json"
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            from argostranslate import settings  # noqa: PLC0415 (it creates folders)
    except (OSError, KeyError, ValueError, AssertionError) as error:
        message = f"Argos Translate does not start ({type(error).__name__}: {error})"
        raise EngineError(message, "set ARGOS_PACKAGE_INDEX, or name a place: --from FOLDER") from None
    return str(settings.remote_package_index)


def list_shipped() -> tuple[Path, ...]:
    """List the `.argosmodel` files that come with Passerelle."""
    return tuple(sorted(SHIPPED.glob("*.argosmodel")))


def find_shipped(source: str, target: str) -> Path | None:
    """Return the file that comes with Passerelle for a pair, None where none does; only its name is looked at."""
    return next((file for file in list_shipped() if file.name.startswith(f"translate-{source}_{target}-")), None)


def own_folder() -> Path | None:
    """Return the folder where what comes with Passerelle is unpacked; None for a user without a home.

    It is none of Argos Translate's, where other programs would take it for an official package.
    """
    from platformdirs import user_data_path  # noqa: PLC0415 (nothing of the environment at import)

    try:
        folder = user_data_path("passerelle", appauthor=False)
    except RuntimeError:
        return None
    return folder / "packages" if folder.is_absolute() else None


@cache
def temporary_folder() -> Path:
    """Make a folder that goes when this process ends, the same at every call; raises EngineError where that fails."""
    try:
        folder = Path(mkdtemp(prefix="passerelle-"))
    except OSError as error:
        raise EngineError(f"there is no temporary folder ({error.strerror})", "set TMPDIR") from None
    atexit.register(rmtree, folder, ignore_errors=True)
    return folder


def _read_setting(key: str) -> str | None:
    """Return a setting of Argos Translate: the environment's, else that of its `settings.json`."""
    chosen: object = os.environ.get(key)
    if chosen is None:
        config = Path(os.environ.get("XDG_CONFIG_HOME", _home() / ".config")) / "argos-translate" / "settings.json"
        try:
            settings = json.loads(config.read_bytes())
        except (OSError, ValueError, RecursionError):
            settings = None
        chosen = settings.get(key) if isinstance(settings, dict) else None
    return chosen if isinstance(chosen, str) else None


def _home() -> Path:
    return Path(os.path.expanduser("~"))  # noqa: PTH111 - Path.home() fails where a user has none, as in containers
