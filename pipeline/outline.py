"""The shape of an article in one language: its title, its body as a tree, and the page furniture apart."""

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from pipeline.anchors import name_headings
from pipeline.article import Block, Kind, Markup
from pipeline.nodes import Heading, Item, Listing, Node, Outline, Paragraph, Piece, Quotation
from pipeline.publication import Publication, Row, join_lines
from pipeline.richtext.plain import read_plain

# Lists deeper than this are drawn at this depth: a phone has no room for more.
_DEEPEST_LIST = 6
_AROUND = (Kind.ASIDE, Kind.METADATA, Kind.ATTRIBUTE)
# What has no place of its own on a page for readers.
_UNSEEN = (Kind.METADATA, Kind.ATTRIBUTE)
# Keys of front matter and of `<meta>`, the first one that is there counts.
_SUMMARIES = (
    "description",
    "summary",
    "og:description",
    "twitter:description",
    "dc.description",
    "dcterms.description",
)
_DEEPEST_HEADING = 6  # HTML and Markdown have no more
_NUMBER = re.compile(r"(?<!\d)(\d{1,8})[.)]\s*\Z")  # CommonMark takes nine digits at most


@dataclass(frozen=True, slots=True)
class _Passage:
    block: Block
    pieces: tuple[Piece, ...]
    anchor: str


def outline_article(publication: Publication, language: str) -> Outline:
    """Arrange the article in `language`; a segment without translation stands there in the source language."""
    if publication.article.markup is not Markup.NONE:
        return _outline_markup(publication, language)
    passages = list(_read_passages(publication, language))
    title = next((passage for passage in passages if passage.block.kind is Kind.TITLE), None)
    body = [p for p in passages if p is not title and p.block.kind not in _AROUND]
    nodes = tuple(_arrange(body, publication.article.source))
    return Outline(
        title=title.pieces if title else (),
        body=nodes,
        asides=tuple(p.pieces for p in passages if p.block.kind in _AROUND),
        lead=next((node.pieces for node in nodes if isinstance(node, Paragraph)), ()),
    )


def _outline_markup(publication: Publication, language: str) -> Outline:
    """Arrange an article with markup: its body as it is, around it whatever did not come out there."""
    from pipeline.richtext.flow import read_body  # noqa: PLC0415 (plain text needs no sanitiser)

    body = read_body(publication, language)
    found = {0} | {piece.number for piece in body.pieces()}
    passages = list(_read_passages(publication, language))
    title = next((passage for passage in passages if passage.block.kind is Kind.TITLE), None)
    apart = [
        (passage.block.kind, pieces)
        for passage in passages
        if passage is not title and (pieces := tuple(p for p in passage.pieces if p.number not in found))
    ]
    prose = (p.pieces for p in passages if p.block.kind is Kind.PARAGRAPH and p.pieces[0].number in found)
    return Outline(
        title=body.title or (title.pieces if title else ()),
        body=(),
        flow=body.flow,
        asides=tuple(pieces for kind, pieces in apart if kind not in _UNSEEN),
        lead=_find_summary(passages) or next(prose, ()),
        unseen=tuple(pieces for kind, pieces in apart if kind in _UNSEEN),
    )


def _find_summary(passages: Sequence[_Passage]) -> tuple[Piece, ...]:
    """Return what the article's front matter or page says in a sentence or two of it; nothing where it says nothing."""
    for key in _SUMMARIES:
        if pieces := tuple(piece for passage in passages if passage.block.key == key for piece in passage.pieces):
            return pieces
    return ()


def _read_passages(publication: Publication, language: str) -> Iterator[_Passage]:
    """Yield the blocks that publish something."""
    anchors = name_headings(publication.article)
    rows: dict[int, list[tuple[int, Row]]] = defaultdict(list)
    for number, row in enumerate(publication.rows, 1):
        rows[row.segment.block].append((number, row))
    for index, block in enumerate(publication.article.blocks):
        if index in rows:
            pieces = tuple(p for n, row in rows[index] if (p := _read_piece(publication, language, n, row)).text)
        else:
            pieces = (Piece(0, join_lines(block.text), publication.source, None),)
        if any(piece.text for piece in pieces):
            yield _Passage(block, pieces, anchors.get(index, ""))


def _read_piece(publication: Publication, language: str, number: int, row: Row) -> Piece:
    text, spoken, state = publication.read(row, language)
    return Piece(number, read_plain(text, row.segment.markup) or text, spoken, state)


def _arrange(passages: Sequence[_Passage], source: str) -> Iterator[Node]:
    above: list[int] = []  # the levels of the headings that the next one may stand under
    for form, group in groupby(passages, lambda passage: _form(passage.block.kind)):
        if form is Kind.ITEM:
            yield from _nest(list(group), source)
        elif form is Kind.QUOTATION:
            yield from _quote(group)
        elif form is Kind.HEADING:
            for passage in group:
                while above and above[-1] >= passage.block.level:
                    above.pop()
                above.append(passage.block.level)
                yield Heading(min(1 + len(above), _DEEPEST_HEADING), passage.pieces, passage.anchor)
        else:
            yield from (Paragraph(passage.pieces) for passage in group)


def _form(kind: Kind) -> Kind:
    """Return the kind under which blocks are drawn together; a second title is a heading."""
    return {Kind.ATTRIBUTION: Kind.QUOTATION, Kind.TITLE: Kind.HEADING}.get(kind, kind)


def _nest(passages: Sequence[_Passage], source: str, depth: int = 1) -> Iterator[Listing]:
    entries: list[tuple[_Passage, list[_Passage]]] = []
    for passage in passages:
        if entries and depth < _DEEPEST_LIST and passage.block.level > entries[-1][0].block.level:
            entries[-1][1].append(passage)
        else:
            entries.append((passage, []))
    for ordered, group in groupby(entries, lambda entry: entry[0].block.ordered):
        run = list(group)
        items = tuple(Item(item.pieces, tuple(_nest(below, source, depth + 1))) for item, below in run)
        yield Listing(ordered, _read_number(run[0][0].block, source) if ordered else 1, items)


def _read_number(block: Block, source: str) -> int:
    """Return the number that stands before an item in the source: a list may go on after a paragraph."""
    match = _NUMBER.search(source[max(0, block.start - 16) : block.start])
    return int(match[1]) if match else 1


def _quote(passages: Iterator[_Passage]) -> Iterator[Node]:
    quoted: list[tuple[Piece, ...]] = []
    for passage in passages:
        if passage.block.kind is Kind.QUOTATION:
            quoted.append(passage.pieces)
        elif quoted:
            yield Quotation(tuple(quoted), passage.pieces)
            quoted = []
        else:  # an attribution of nothing
            yield Paragraph(passage.pieces)
    if quoted:
        yield Quotation(tuple(quoted), ())
