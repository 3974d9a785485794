"""The shape of an article in one language: its title, its body as a tree, and the page furniture apart."""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import ClassVar

from pipeline.article import Article, Block, Kind
from pipeline.publication import Publication, Row, State, join_lines

# Lists deeper than this are drawn at this depth: a phone has no room for more.
_DEEPEST_LIST = 6
_AROUND = (Kind.ASIDE, Kind.METADATA, Kind.ATTRIBUTE)
_DEEPEST_HEADING = 6  # HTML and Markdown have no more
# Names that the pages themselves give: segments, the text, the page furniture.
_TAKEN_ANCHOR = re.compile(r"s\d+|text|around")
_LONGEST_ANCHOR = 60
_NUMBER = re.compile(r"(?<!\d)(\d{1,8})[.)]\s*\Z")  # CommonMark takes nine digits at most


@dataclass(frozen=True, slots=True)
class Piece:
    """A segment as it is read in one language; `state` is None in the source language.

    `number` counts the rows of the publication from 1; 0 marks the text of a block that has no segment.
    """

    number: int
    text: str
    language: str
    state: State | None


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading; ranks run from 2 (the title is 1) and never skip one on the way down.

    `anchor` names it in links; it comes from the source text, so that it is the same in every language.
    """

    form: ClassVar[str] = "heading"
    rank: int
    pieces: tuple[Piece, ...]
    anchor: str


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph."""

    form: ClassVar[str] = "paragraph"
    pieces: tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class Item:
    """A list item and the lists below it."""

    pieces: tuple[Piece, ...]
    lists: tuple["Listing", ...]


@dataclass(frozen=True, slots=True)
class Listing:
    """A list; a numbered one begins at `start`."""

    form: ClassVar[str] = "listing"
    ordered: bool
    start: int
    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class Quotation:
    """The paragraphs of a quotation and its attribution, which may be empty."""

    form: ClassVar[str] = "quotation"
    paragraphs: tuple[tuple[Piece, ...], ...]
    attribution: tuple[Piece, ...]


Node = Heading | Paragraph | Listing | Quotation


@dataclass(frozen=True, slots=True)
class Outline:
    """An article in one language; `title` is empty where it has none."""

    title: tuple[Piece, ...]
    body: tuple[Node, ...]
    asides: tuple[tuple[Piece, ...], ...]


@dataclass(frozen=True, slots=True)
class _Passage:
    block: Block
    pieces: tuple[Piece, ...]
    anchor: str


def outline_article(publication: Publication, language: str) -> Outline:
    """Arrange the article in `language`; a segment without translation stands there in the source language."""
    passages = list(_read_passages(publication, language))
    title = next((passage for passage in passages if passage.block.kind is Kind.TITLE), None)
    body = [p for p in passages if p is not title and p.block.kind not in _AROUND]
    return Outline(
        title=title.pieces if title else (),
        body=tuple(_arrange(body, publication.article.source)),
        asides=tuple(p.pieces for p in passages if p.block.kind in _AROUND),
    )


def _read_passages(publication: Publication, language: str) -> Iterator[_Passage]:
    """Yield the blocks that publish something."""
    anchors = _name_headings(publication.article)
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


def _name_headings(article: Article) -> dict[int, str]:
    """Return an anchor for each heading of the source, by the index of its block."""
    anchors: dict[int, str] = {}
    for index, block in enumerate(article.blocks):
        if block.kind in {Kind.TITLE, Kind.HEADING}:
            plain = unicodedata.normalize("NFKD", block.text.casefold())
            words = re.findall(r"\w+", "".join(c for c in plain if not unicodedata.combining(c)))
            name = "-".join(words)[:_LONGEST_ANCHOR].strip("-_") or "section"
            name = f"section-{name}" if _TAKEN_ANCHOR.fullmatch(name) else name
            others, count = set(anchors.values()), 1
            while (anchor := name if count == 1 else f"{name}-{count}") in others:
                count += 1
            anchors[index] = anchor
    return anchors


def _read_piece(publication: Publication, language: str, number: int, row: Row) -> Piece:
    source = join_lines(row.segment.text)
    if language == publication.source:
        return Piece(number, source, language, None)
    rendering = publication.rendering(row, language)
    if rendering.is_silent:
        return Piece(number, "", language, rendering.state)
    if text := join_lines(rendering.text):
        return Piece(number, text, language, rendering.state)
    return Piece(number, source, publication.source, State.EMPTY)


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
