"""Draft pages: the article in each language, and the languages side by side."""

import base64
import hashlib
from collections.abc import Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING

from pipeline.article import Markup
from pipeline.interface import Interface, read_interface
from pipeline.nodes import Outline
from pipeline.outline import outline_article
from pipeline.publication import OutputFile, Publication, State, join_lines
from pipeline.richtext.plain import read_title

if TYPE_CHECKING:
    from jinja2 import BaseLoader, Environment


def render_pages(publication: Publication) -> tuple[OutputFile, ...]:
    """Render one page a language and `aligned.html`; each holds its style and loads nothing."""
    environment = _read_templates(with_markup=publication.article.markup is not Markup.NONE)
    interfaces = [read_interface(language) for language in (publication.source, *publication.targets)]
    outlines = {i.language: outline_article(publication, i.language) for i in interfaces}
    pages = [_render_article(environment, publication, interfaces, i, outlines[i.language]) for i in interfaces]
    return (*pages, _render_aligned(environment, publication, interfaces, outlines))


def open_templates(loader: "BaseLoader | None" = None) -> "Environment":
    """Return the templates of this package, or those that `loader` finds; what they show is escaped.

    Templates of others run in a sandbox, since they came with a workspace; ours do not, which is three times as fast.
    """
    from jinja2 import Environment, PackageLoader, StrictUndefined  # noqa: PLC0415 - heavy, and --help needs none of it
    from jinja2.sandbox import ImmutableSandboxedEnvironment  # noqa: PLC0415

    make = ImmutableSandboxedEnvironment if loader else Environment
    environment = make(
        loader=loader or PackageLoader("pipeline"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        undefined=StrictUndefined,
    )
    environment.filters["join_lines"] = join_lines
    environment.globals["states"] = [state for state in State if state is not State.REVIEWED]
    return environment


@cache
def _read_templates(*, with_markup: bool) -> "Environment":
    environment = open_templates()
    styles = ["style.css", "richtext.css"] if with_markup else ["style.css"]
    text = "".join(environment.get_template(style).render() for style in styles)
    digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
    environment.globals |= {"styles": styles, "style_digest": digest}
    environment.globals |= {"layout": "base.html", "is_hidden": True, "aligned": "aligned.html", "marks": "all"}
    environment.globals |= {"has_anchors": False, "has_controls": False}
    return environment


def _render_article(
    environment: "Environment",
    publication: Publication,
    interfaces: Sequence[Interface],
    interface: Interface,
    outline: Outline,
) -> OutputFile:
    text = environment.get_template("article.html").render(
        page=interface.language,
        language=interface.words,
        publication=publication,
        interface=interface,
        interfaces=interfaces,
        outline=outline,
        title=" ".join(piece.text for piece in outline.title) or join_lines(publication.article.name),
    )
    return OutputFile(f"{interface.language}.html", text)


def _render_aligned(
    environment: "Environment",
    publication: Publication,
    interfaces: Sequence[Interface],
    outlines: Mapping[str, Outline],
) -> OutputFile:
    text = environment.get_template("aligned.html").render(
        page="aligned",
        language=interfaces[0].words,
        publication=publication,
        interface=interfaces[0],
        interfaces=interfaces,
        hrefs={interface.language: f"{interface.language}.html" for interface in interfaces},
        cells={language: outline.cells() for language, outline in outlines.items()},
        title=join_lines(read_title(publication.article)),
    )
    return OutputFile("aligned.html", text)
