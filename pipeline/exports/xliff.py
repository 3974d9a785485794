"""The aligned text as XLIFF 1.2, for translators' tools: a file a target language, with the state of each text."""

from collections.abc import Iterator
from html import escape

from pipeline.publication import OutputFile, Publication, Rendering, State, drop_controls

_HEAD = """\
<?xml version="1.0" encoding="UTF-8"?>
<xliff version="1.2" xmlns="urn:oasis:names:tc:xliff:document:1.2">
  <file original="{original}" source-language="{source}" target-language="{target}" datatype="plaintext">
    <body>
"""
_TAIL = "    </body>\n  </file>\n</xliff>\n"
# The states of XLIFF 1.2 (section 2.3, "state" and "state-qualifier").
_STATES = {
    State.REVIEWED: 'state="final"',
    State.TOUCHED: 'state="needs-review-translation"',
    State.DRAFT: 'state="needs-review-translation" state-qualifier="mt-suggestion"',
    State.EMPTY: 'state="needs-translation"',
}


def render_xliff(publication: Publication, language: str) -> OutputFile:
    """Render `<article>.<language>.xlf`: a unit a segment, in document order.

    A unit whose text a person reviewed is `approved`; a reviewed `<empty>` is an empty final target. Terms and the
    engine's score are notes.
    """
    name = publication.article.name
    head = _HEAD.format(original=_escape(name), source=publication.source, target=language)
    units = []
    for number, row in enumerate(publication.rows, 1):
        rendering = publication.rendering(row, language)
        approved = ' approved="yes"' if rendering.state is State.REVIEWED else ""
        units.append(f'      <trans-unit id="s{number}"{approved} xml:space="preserve">\n')
        units.append(f"        <source>{_escape(row.segment.text)}</source>\n")
        units.append(f"        <target {_STATES[rendering.state]}>{_escape(_text(rendering))}</target>\n")
        units += [f"        <note>{_escape(note)}</note>\n" for note in _notes(row.terms, rendering)]
        units.append("      </trans-unit>\n")
    return OutputFile(f"{name}.{language}.xlf", "".join([head, *units, _TAIL]))


def _text(rendering: Rendering) -> str:
    return "" if rendering.is_silent else rendering.text


def _notes(terms: tuple[str, ...], rendering: Rendering) -> Iterator[str]:
    if terms:
        yield f"terms: {', '.join(terms)}"
    if rendering.confidence is not None:
        yield f"engine score: {rendering.confidence:.2f}"
    yield from rendering.notes


def _escape(text: str) -> str:
    # An XML parser reads a bare carriage return as a line feed.
    return escape(drop_controls(text)).replace("\r", "&#13;")
