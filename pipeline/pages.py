"""Draft pages: the article in each language, and the languages side by side."""

import base64
import hashlib
from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING

from pipeline.interface import Interface, read_interface
from pipeline.outline import outline_article
from pipeline.publication import OutputFile, Publication, State, join_lines

if TYPE_CHECKING:
    from jinja2 import Environment


def render_pages(publication: Publication) -> tuple[OutputFile, ...]:
    """Render one page a language and `aligned.html`; each holds its style and loads nothing."""
    environment = _read_templates()
    interfaces = [read_interface(language) for language in (publication.source, *publication.targets)]
    pages = [_render_article(environment, publication, interfaces, interface) for interface in interfaces]
    return (*pages, _render_aligned(environment, publication, interfaces))


@cache
def _read_templates() -> "Environment":
    from jinja2 import Environment, PackageLoader, StrictUndefined  # noqa: PLC0415 - heavy, and --help needs none of it

    environment = Environment(
        loader=PackageLoader("pipeline"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        undefined=StrictUndefined,
    )
    environment.filters["join_lines"] = join_lines
    environment.globals["states"] = [state for state in State if state is not State.REVIEWED]
    style = environment.get_template("style.css").render()
    environment.globals["style_digest"] = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    return environment


def _render_article(
    environment: "Environment", publication: Publication, interfaces: Sequence[Interface], interface: Interface
) -> OutputFile:
    outline = outline_article(publication, interface.language)
    text = environment.get_template("article.html").render(
        page=interface.language,
        publication=publication,
        interface=interface,
        interfaces=interfaces,
        outline=outline,
        title=" ".join(piece.text for piece in outline.title) or join_lines(publication.article.name),
    )
    return OutputFile(f"{interface.language}.html", text)


def _render_aligned(
    environment: "Environment", publication: Publication, interfaces: Sequence[Interface]
) -> OutputFile:
    text = environment.get_template("aligned.html").render(
        page="aligned",
        publication=publication,
        interface=interfaces[0],
        interfaces=interfaces,
        title=join_lines(publication.article.title),
    )
    return OutputFile("aligned.html", text)
