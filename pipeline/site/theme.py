"""Templates, styles and scripts: ours, and those of a workspace's `templates/` that stand in their place."""

import hashlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path
from traceback import extract_tb
from typing import TYPE_CHECKING, Any

from pipeline.errors import PipelineError
from pipeline.files import read_data
from pipeline.pages import open_templates

if TYPE_CHECKING:
    from jinja2 import BaseLoader, Environment

# What a file of the site is made of. A newsroom's own style, site/own.css, comes after ours.
_ASSETS = {
    "site.css": ("style.css", "richtext.css", "site/site.css", "site/own.css"),
    "aligned.js": ("site/aligned.js",),
    "icon.svg": ("site/icon.svg",),
}
_TEMPLATE = (".html", ".xml", ".txt")


@dataclass(frozen=True, slots=True)
class Asset:
    """A file that pages load; its path, relative to the root, names its content, so that browsers may keep it."""

    path: str
    text: str


@dataclass(frozen=True, slots=True)
class Theme:
    """How the site looks: its templates, its assets, and a digest of both and of the words of the pages."""

    environment: "Environment"
    assets: tuple[Asset, ...]
    digest: str

    def render(self, name: str, values: Mapping[str, Any]) -> str:
        """Render a template; raises PipelineError, with file and line, for one that cannot be."""
        with _blame():
            return self.environment.get_template(name).render(values)


def open_theme(workspace: Path) -> Theme:
    """Read all templates; those of the workspace may extend ours as `passerelle/…`.

    Raises PipelineError for a template that cannot be read.
    """
    own = workspace / "templates"
    environment = open_templates(_make_loader(own) if own.is_dir() else None)
    with _blame():
        assets = tuple(_make_asset(environment, name, parts) for name, parts in _ASSETS.items())
    environment.globals |= {
        "layout": "site/base.html",
        "has_anchors": True,
        "has_controls": True,
        "assets": {name: asset.path for name, asset in zip(_ASSETS, assets, strict=True)},
    }
    return Theme(environment, assets, _digest(own))


def _make_loader(own: Path) -> "BaseLoader":
    from jinja2 import ChoiceLoader, FileSystemLoader, PackageLoader, PrefixLoader  # noqa: PLC0415 - heavy

    ours = PackageLoader("pipeline")
    return ChoiceLoader([FileSystemLoader(own), ours, PrefixLoader({"passerelle": ours})])


def _make_asset(environment: "Environment", name: str, parts: tuple[str, ...]) -> Asset:
    known = environment.list_templates()
    text = "".join(environment.get_template(part).render() for part in parts if part in known)
    stem, _, suffix = name.partition(".")
    return Asset(f"assets/{stem}.{hashlib.sha256(text.encode()).hexdigest()[:12]}.{suffix}", text)


def _digest(own: Path) -> str:
    parts = [version("passerelle").encode(), read_data("site.toml").encode(), read_data("interface.toml").encode()]
    ours = files("pipeline").joinpath("templates")
    for folder in (ours, ours.joinpath("site")):
        for entry in sorted(folder.iterdir(), key=lambda entry: entry.name):
            parts += [entry.name.encode(), entry.read_bytes()] if entry.is_file() else []
    for path in sorted(path for path in own.rglob("*") if path.is_file()):
        parts += [path.relative_to(own).as_posix().encode(errors="surrogateescape"), path.read_bytes()]
    return hashlib.sha256(b"\0".join(parts)).hexdigest()


@contextmanager
def _blame() -> Iterator[None]:
    """Turn what a template does wrong into one line with its file and line."""
    from jinja2 import TemplateError, TemplateNotFound, TemplateSyntaxError  # noqa: PLC0415 - heavy

    hint = "mend the template, or delete it to have ours"
    try:
        yield
    except TemplateSyntaxError as error:
        raise PipelineError(f"{error.filename or error.name}:{error.lineno}: {error.message}", hint) from None
    except TemplateNotFound as error:
        raise PipelineError(f"templates/: no template “{error.name}”", "check what extends or includes it") from None
    except (TemplateError, TypeError, ValueError, LookupError, ArithmeticError) as error:
        # A template is a program: what it does wrong while it runs is Python's own.
        place = next((f for f in reversed(extract_tb(error.__traceback__)) if f.filename.endswith(_TEMPLATE)), None)
        if place is None:
            raise
        raise PipelineError(f"{place.filename}:{place.lineno}: {error}", hint) from None
