"""Markdown: every stretch of prose becomes a block; all else (code, addresses, shortcodes, rules) is layout."""

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from pipeline.article import Block, Kind, Notation
from pipeline.formats import html
from pipeline.formats.commonmark import parse_blocks, scan_inline
from pipeline.formats.frontmatter import read_front_matter
from pipeline.formats.marks import Role, find_marks
from pipeline.formats.spans import NEWLINE, Change, has_words, make_block, number_lines, read_entities, strip_span

if TYPE_CHECKING:
    from markdown_it.token import Token

_FOLD = re.compile(r"(?<![ \t])[ \t]*+\n[ \t]*+")
_TASK = re.compile(r"\[[ xX]\][ \t]+")
_LONGEST_DEFINITION = 2000
_ALERT = re.compile(r"\[![A-Za-z]+\][+-]?[ \t]*\Z")  # the first line of a quotation on GitHub
_DESTINATION_TITLE = re.compile(r"""(?s)(?:"((?:[^"\\]|\\.)*+)"|'((?:[^'\\]|\\.)*+)'|\(((?:[^()\\]|\\.)*+)\))\s*\Z""")


def read_blocks(source: str, keys: Sequence[str] = ()) -> tuple[tuple[Block, ...], tuple[tuple[int, int], ...]]:
    """Return the blocks of a Markdown article, and the spans that name its language.

    `keys` are front-matter keys to be translated beside the usual ones.
    """
    matter = read_front_matter(source, keys)
    reader = _Reader(source, matter.end)
    blocks = sorted([*matter.blocks, *reader.read()], key=lambda block: block.start)
    return tuple(_choose_title(number_lines(source, blocks))), matter.languages


def _choose_title(blocks: list[Block]) -> list[Block]:
    """Make the first heading the title where it is of the first level and the front matter has none, or the same."""
    first = next((n for n, block in enumerate(blocks) if block.kind is Kind.HEADING), None)
    if first is None or blocks[first].level != 1:
        return blocks
    known = [n for n, block in enumerate(blocks) if block.kind is Kind.TITLE]
    if known and _spell(blocks[first].text) != _spell("".join(blocks[n].text for n in known)):
        return blocks
    for n in known:
        blocks[n] = replace(blocks[n], kind=Kind.METADATA)
    blocks[first] = replace(blocks[first], kind=Kind.TITLE)
    return blocks


def _spell(text: str) -> str:
    """Return the letters and digits of a text: two with the same ones read alike, whatever their marks."""
    return "".join(character for character in text.casefold() if character.isalnum())


class _Reader:
    """Walks through the tokens of a text; `source[begin:]` is its body."""

    def __init__(self, source: str, begin: int) -> None:
        self.source = source
        self.parsed = source.replace("\0", "\ufffd")  # as the parser does
        body = self.parsed[begin:]
        breaks = list(NEWLINE.finditer(body))
        self.starts = [begin, *(begin + match.end() for match in breaks)]
        self.ends = [*(begin + match.start() for match in breaks), len(source)]
        self.env: dict[str, Any] = {}
        self.tokens = parse_blocks(body, self.env)
        self.lists: list[bool] = []  # whether each list around is ordered
        self.quotes = 0
        self.is_item = False  # whether the next paragraph is the first of a list item
        self.cells: dict[int, list[tuple[int, int]]] = {}  # what is left of the cells of a row
        self.in_cell = False

    def read(self) -> Iterator[Block]:
        heading: Token | None = None
        for token in self.tokens:
            self._enter(token)
            if token.type in {"heading_open", "heading_close"}:
                heading = token if token.nesting == 1 else None
            elif token.type == "inline" and token.map:
                block = self._read_inline(token, heading)
                if block and _is_prose(block):
                    yield block
            elif token.type == "html_block" and token.map and not self.quotes:
                yield from html.read_fragment(self.source, self.starts[token.map[0]], self.ends[token.map[1] - 1])
            elif token.type == "definition" and token.map and token.meta.get("title"):
                yield from self._read_definition(token.map[0], token.map[1], token.meta["title"])

    def _enter(self, token: "Token") -> None:
        if token.type.endswith("_list_open"):
            self.lists.append(token.type.startswith("ordered"))
        elif token.type.endswith("_list_close"):
            self.lists.pop()
        elif token.type in {"list_item_open", "list_item_close"}:
            self.is_item = token.nesting == 1
        elif token.type.startswith("blockquote"):
            self.quotes += token.nesting
        elif token.type in {"th_open", "td_open", "th_close", "td_close"}:
            self.in_cell = token.nesting == 1

    def _read_inline(self, token: "Token", heading: "Token | None") -> Block | None:
        first, last = token.map or (0, 0)
        opens_item, self.is_item = self.is_item, False
        if self.in_cell:
            span = self._next_cell(first, token.content)
            return self._make(*span, Kind.CELL, Notation.CELL) if span else None
        if heading and set(heading.markup) == {"#"}:
            at = self.parsed.find(token.content, self.parsed.find(heading.markup, self.starts[first]))
            block = self._make(at, at + len(token.content), Kind.HEADING, Notation.HEADING)
            return replace(block, level=len(heading.markup))
        pieces = self._find_lines(first, last, token.content)
        if heading and pieces:
            return replace(self._join(pieces, Kind.HEADING), level=1 if heading.markup == "=" else 2)
        return self._read_paragraph(pieces, opens_item=opens_item) if pieces else None

    def _read_paragraph(self, lines: list[tuple[int, int]], *, opens_item: bool) -> Block | None:
        if opens_item:
            start, end = lines[0]
            task = _TASK.match(self.source, start, end)
            block = self._join([(task.end() if task else start, end), *lines[1:]], Kind.ITEM)
            return replace(block, level=len(self.lists), ordered=self.lists[-1])
        if self.quotes and not self.lists:
            if _ALERT.match(self.source[slice(*lines[0])]):
                lines = lines[1:]
            return self._join(lines, Kind.QUOTATION) if lines else None
        return self._join(lines, Kind.PARAGRAPH)

    def _find_lines(self, first: int, last: int, content: str) -> list[tuple[int, int]]:
        """Return the spans of the lines of a paragraph, without what indents and quotes them.

        A line that is not where the parser says (which a plugin might cause) makes the block layout: none is returned.
        """
        lines = content.split("\n")
        if len(lines) != last - first:
            last = first + len(lines)
        spans = []
        for number, line in zip(range(first, last), lines, strict=True):
            text = line.lstrip(" \t")
            end = self.ends[number] if number < len(self.ends) else 0
            if number == last - 1:
                end = self.starts[number] + len(self.source[self.starts[number] : end].rstrip(" \t\f\v"))
                text = text.rstrip(" \t\f\v")
            start = end - len(text)
            if self.parsed[start:end] != text:
                return []
            spans.append((start, end))
        return spans

    def _next_cell(self, line: int, content: str) -> tuple[int, int] | None:
        if line not in self.cells:
            self.cells = {line: list(self._split_row(line))}
        if not content or not self.cells[line]:
            return None
        while self.cells[line]:
            start, end = self.cells[line].pop(0)
            if self.parsed[start:end].replace("\\|", "|") == content:
                return start, end
        return None

    def _split_row(self, line: int) -> Iterator[tuple[int, int]]:
        at, end = self.starts[line], self.ends[line]
        for cell in re.finditer(r"(?:[^|\\]|\\.?)+", self.source[at:end]):
            yield strip_span(self.source, at + cell.start(), at + cell.end())

    def _join(self, pieces: list[tuple[int, int]], kind: Kind) -> Block:
        return self._make(pieces[0][0], pieces[-1][1], kind, Notation.MARKDOWN, pieces)

    def _make(
        self, start: int, end: int, kind: Kind, notation: Notation, pieces: Sequence[tuple[int, int]] = ()
    ) -> Block:
        """Return the block of a span; `pieces` are its lines."""
        lines = pieces or [(start, end)]
        text = "\n".join(self.source[slice(*line)] for line in lines)
        places: list[int] = []  # where each line begins in `text`
        at = 0
        for begin, stop in lines:
            places.append(at)
            at += stop - begin + 1

        def locate(offset: int) -> int:
            line = bisect_right(places, offset) - 1
            return lines[line][0] + offset - places[line]

        changes = [Change(locate(c.begin), locate(c.stop), c.text) for c in _read_changes(text, self.env)]
        return make_block(self.source, start, end, changes, kind=kind, notation=notation)

    def _read_definition(self, first: int, last: int, title: str) -> Iterator[Block]:
        from markdown_it.common.utils import unescapeAll  # noqa: PLC0415 (nothing heavy at import)

        start, end = self.starts[first], self.ends[last - 1]
        opening = self.source.find("]:", start, min(end, start + _LONGEST_DEFINITION))
        is_short = opening >= 0 and end - start < _LONGEST_DEFINITION
        match = _DESTINATION_TITLE.search(self.source, opening, end) if is_short else None
        if match and unescapeAll(match[match.lastindex or 0]) == title and "\n" not in title and has_words(title):
            begin, stop = match.span(match.lastindex or 0)
            yield make_block(self.source, begin, stop, (), kind=Kind.ATTRIBUTE, notation=Notation.LABEL)


def _read_changes(text: str, env: dict[str, Any]) -> list[Change]:
    """Return how the catalog shows a block: one line, entities as characters, links with their labels."""
    spans = scan_inline(text, env)
    changes: list[Change] = []
    hard: set[int] = set()
    for span in spans:
        content = text[span.start : span.end]
        if span.name == "entity":
            changes += read_entities(text, span.start, span.end)
        elif span.name in {"newline", "escape"} and "\n" in content:
            at = text.index("\n", span.start)
            if span.name == "escape" or text[at - 2 : at] == "  ":
                hard.add(at)
        elif span.name in {"link", "image"} and text[span.close : span.end] in {"]", "][]"}:
            # The words of such a link name its address too: in a catalog the name stands beside them.
            label = " ".join(text[span.open : span.close].split())
            changes.append(Change(span.close, span.end, f"][{label}]"))
    for match in _FOLD.finditer(text):
        at = text.index("\n", match.start())
        begin = match.start() - 1 if at in hard and text[at - 1] == "\\" else match.start()
        changes.append(Change(begin, match.end(), "<br>" if at in hard else " "))
    kept: list[Change] = []
    for change in sorted(changes):
        if not kept or change.begin >= kept[-1].stop:
            kept.append(change)
    return kept


def _is_prose(block: Block) -> bool:
    """Tell whether a block holds words beside code, addresses and the like."""
    at, parts = 0, []
    for mark in find_marks(block.text, block.notation.markup):
        shown = block.text[at : mark.start]
        parts += [shown, " "] if mark.role is Role.WORD else [shown]
        at = mark.end
    text = "".join([*parts, block.text[at:]])
    return has_words(re.sub(r"\b(?:https?://|www\.)\S+", "", text))
