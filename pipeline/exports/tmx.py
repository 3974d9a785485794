"""The aligned text as a translation memory (TMX 1.4b), for OmegaT, Translate Toolkit and their like."""

from collections.abc import Iterator
from functools import cache
from html import escape
from importlib.metadata import version

from pipeline.publication import OutputFile, Publication, Row, State, drop_controls

_HEAD = """\
<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE tmx SYSTEM "tmx14.dtd">
<tmx version="1.4">
  <header creationtool="passerelle" creationtoolversion="{version}" segtype="sentence" o-tmf="PO" adminlang="en" \
srclang="{source}" datatype="plaintext">
    <prop type="x-article">{article}</prop>
  </header>
  <body>
"""
_TAIL = "  </body>\n</tmx>\n"


def render_tmx(publication: Publication, *, reviewed_only: bool) -> OutputFile:
    """Render `<article>.tmx` with the reviewed texts, or `<article>.drafts.tmx` with all there are.

    A segment is a unit, with the state of each text as a property; one without any text to give is left out. A
    reviewed `<empty>` is an empty `<seg>`, as OmegaT writes it.
    """
    name = publication.article.name
    head = _HEAD.format(version=_read_version(), source=publication.source, article=_escape(name))
    units = (_render_unit(publication, row, reviewed_only=reviewed_only) for row in publication.rows)
    return OutputFile(f"{name}.tmx" if reviewed_only else f"{name}.drafts.tmx", "".join([head, *units, _TAIL]))


@cache  # read from the package's metadata: half a millisecond, twice an article
def _read_version() -> str:
    return version("passerelle")


def _render_unit(publication: Publication, row: Row, *, reviewed_only: bool) -> str:
    variants = list(_render_variants(publication, row, reviewed_only=reviewed_only))
    if not variants:
        return ""
    source = _render_variant(publication.source, row.segment.text)
    return f"    <tu>\n{source}{''.join(variants)}    </tu>\n"


def _render_variants(publication: Publication, row: Row, *, reviewed_only: bool) -> Iterator[str]:
    for language, rendering in zip(publication.targets, row.renderings, strict=True):
        if rendering.is_silent:
            yield _render_variant(language, "", rendering.state)
        elif rendering.text.strip() and (rendering.state is State.REVIEWED or not reviewed_only):
            yield _render_variant(language, rendering.text, rendering.state)


def _render_variant(language: str, text: str, state: State | None = None) -> str:
    prop = f'<prop type="x-state">{state}</prop>' if state else ""
    return f'      <tuv xml:lang="{language}">{prop}<seg>{_escape(text)}</seg></tuv>\n'


def _escape(text: str) -> str:
    # An XML parser reads a bare carriage return as a line feed.
    return escape(drop_controls(text), quote=False).replace("\r", "&#13;")
