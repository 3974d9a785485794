"""HTML: every run of text between the tags of blocks becomes a block; the rest of the page is layout."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import accumulate

from pipeline.article import Block, Kind, Notation
from pipeline.formats.elements import ANCHORS, BUTTONS, CARRIED, CLOSED_BY, FOLDED, INLINE, KINDS, META, SHOWN
from pipeline.formats.marks import find_ends
from pipeline.formats.spans import (
    Change,
    has_words,
    make_block,
    number_lines,
    read_changes,
    read_spaces,
    read_text,
    strip_span,
)
from pipeline.formats.tags import Attribute, Form, Token, read_attributes, read_tokens

_HINT = re.compile(r"lang|translate|alt|title|placeholder|aria-|content|value|label", re.IGNORECASE)


@dataclass(slots=True)
class _Element:
    """An open element: what the text in it is, and whether it is left alone."""

    name: str
    kind: Kind = Kind.PARAGRAPH
    level: int = 0
    ordered: bool = False
    lists: int = 0
    is_carried: bool = False  # its text is not translated
    is_code: bool = False  # for ever, whatever its elements say
    is_inline: bool = False  # it is carried, and stands in a line of text


class _Run:
    """The tokens of a line of text, and which of them are left alone."""

    def __init__(self, element: _Element) -> None:
        self.element = element
        self.tokens: list[Token] = []
        self.carried: list[bool] = []


def read_blocks(source: str) -> tuple[tuple[Block, ...], tuple[tuple[int, int], ...]]:
    """Return the blocks of a page, and the spans that name its language."""
    reader = _Reader(source)
    found = sorted(reader.read(0, len(source)), key=lambda block: block.start)
    blocks = number_lines(source, found)
    titles = [n for n, block in enumerate(blocks) if block.kind is Kind.HEADING and block.level == 1]
    titles = titles or [n for n, block in enumerate(blocks) if block.notation is Notation.CHARACTERS]
    if titles:
        blocks[titles[0]] = replace(blocks[titles[0]], kind=Kind.TITLE)
    return tuple(blocks), tuple(reader.languages)


def read_fragment(source: str, start: int, end: int) -> list[Block]:
    """Return the blocks of HTML within another text, `source[start:end]`; all are on line 1."""
    return list(_Reader(source).read(start, end))


class _Reader:
    """Walks through the tokens of a page with the elements that are open."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.languages: list[tuple[int, int]] = []
        self.open: list[_Element] = [_Element("")]
        self.count: Counter[str] = Counter()
        self.run = _Run(self.open[0])

    def read(self, start: int, end: int) -> Iterator[Block]:
        for token in read_tokens(self.source, start, end):
            top = self.open[-1]
            if token.form is Form.OPEN:
                yield from self._begin(token)
            elif token.form is Form.CLOSE:
                yield from self._finish(token)
            elif top.is_carried:
                self._add(token)
            elif top.name == "title" and token.form is Form.TEXT:
                yield from self._read_title(token)
            elif token.form is Form.VOID and token.name not in INLINE:
                yield from self._flush()
                yield from self._read_shown(token)
            else:
                self._add(token)
        yield from self._flush()

    def _add(self, token: Token) -> None:
        """Put a token into the run, unless it stands in a block that is left alone."""
        top = self.open[-1]
        if top.is_carried and not top.is_inline:
            return
        if not self.run.tokens:
            self.run.element = top
        self.run.tokens.append(token)
        self.run.carried.append(top.is_carried)

    def _begin(self, token: Token) -> Iterator[Block]:
        self._close_implied(token.name)
        around = self.open[-1]
        element = self._describe(token, around)
        is_inline = token.name in INLINE or around.is_inline
        if not is_inline:
            yield from self._flush()
        elif element.is_carried and not around.is_carried:
            element.is_inline = True
        if not is_inline and not around.is_carried:
            yield from self._read_shown(token)
        self.open.append(element)
        self.count[token.name] += 1
        if is_inline:
            self._add(token)

    def _close_implied(self, name: str) -> None:
        closed = CLOSED_BY.get(name, frozenset())
        while self.open[-1].name in closed or (self.open[-1].name == "p" and name not in INLINE):
            self.count[self.open.pop().name] -= 1

    def _describe(self, token: Token, around: _Element) -> _Element:
        """Return the element that a tag opens, with what it has from those around it."""
        name = token.name
        element = replace(around, name=name)
        if name in {"ul", "ol", "menu"}:
            element.lists, element.ordered = around.lists + 1, name == "ol"
        elif name == "li":
            element.kind = Kind.ASIDE if around.kind is Kind.ASIDE else Kind.ITEM
            element.level = max(1, around.lists)
        elif name in {"h1", "h2", "h3", "h4", "h5", "h6"}:
            element.kind, element.level, element.ordered = Kind.HEADING, int(name[1]), False
        elif name in KINDS:
            element.kind, element.level, element.ordered = KINDS[name], 0, False
        if name in CARRIED:
            element.is_carried = element.is_code = True
        if element.is_code or not _HINT.search(self.source, token.start, token.end):
            return element
        for attribute in read_attributes(self.source, token):
            self._heed(attribute, element)
        return element

    def _heed(self, attribute: Attribute, element: _Element) -> None:
        """Let an attribute say whether its element is to be translated."""
        value = attribute.value.strip().lower()
        if attribute.name == "translate":
            element.is_carried = value == "no"
        elif attribute.name == "class" and "notranslate" in value.split():
            element.is_carried = True
        elif attribute.name in {"lang", "xml:lang"} and value:
            is_french = value == "fr" or value.startswith(("fr-", "fr_"))
            if is_french:
                self.languages.append((attribute.start, attribute.end))
            elif element.name not in {"html", "body"}:  # many a French page says there that it is English
                element.is_carried = True
        if not element.is_carried:
            element.is_inline = False

    def _finish(self, token: Token) -> Iterator[Block]:
        closed = self.open[-1]
        while self.count[token.name]:
            closed = self.open.pop()
            self.count[closed.name] -= 1
            if closed.name == token.name:
                break
        is_inside = closed.is_inline  # of code or a name within a line
        if token.name in INLINE or is_inside:
            self._add(token)
        else:
            yield from self._flush()

    def _read_title(self, token: Token) -> Iterator[Block]:
        start, end = strip_span(self.source, token.start, token.end)
        if has_words(self.source[start:end]):
            changes = read_changes(self.source, start, end, keep="")
            yield make_block(self.source, start, end, changes, kind=Kind.METADATA, notation=Notation.CHARACTERS)

    def _read_shown(self, token: Token) -> Iterator[Block]:
        """Yield the attributes of a tag that a page shows or reads out."""
        if token.form not in {Form.OPEN, Form.VOID} or not _HINT.search(self.source, token.start, token.end):
            return
        attributes = list(read_attributes(self.source, token))
        values = {attribute.name: attribute.value.strip().lower() for attribute in attributes}
        if values.get("translate") == "no" or "notranslate" in values.get("class", ""):
            return
        names = set(SHOWN)
        if token.name == "meta":
            is_shown = bool(META & {values.get("name"), values.get("property")})
            names = {"content"} if is_shown else set()
        elif token.name == "input" and values.get("type") in BUTTONS:
            names.add("value")
        elif token.name in {"option", "optgroup", "track"}:
            names.add("label")
        elif token.name == "link":
            names = set()
        is_meta = token.name == "meta"
        kind = Kind.METADATA if is_meta else Kind.ATTRIBUTE
        key = (values.get("name") or values.get("property") or "") if is_meta else ""
        for attribute in attributes:
            start, end = strip_span(self.source, attribute.start, attribute.end)
            if attribute.name in names and has_words(self.source[start:end]):
                changes = read_changes(self.source, start, end, keep="")
                block = make_block(self.source, start, end, changes, kind=kind, notation=Notation.ATTRIBUTE)
                yield replace(block, key=key)

    def _flush(self) -> Iterator[Block]:
        """Yield what the run holds: its texts, and the attributes of the tags around them."""
        run, self.run = self.run, _Run(self.open[-1])
        for first, last in _split_run(self.source, run):
            start, end = _trim_run(self.source, run, first, last)
            outside = [n for n in range(first, last) if not start <= n < end and not run.carried[n]]
            for number in outside:
                yield from self._read_shown(run.tokens[number])
            if start < end:
                yield self._make_block(run, start, end)

    def _make_block(self, run: _Run, first: int, last: int) -> Block:
        tokens = run.tokens[first:last]
        start, end = tokens[0].start, tokens[-1].end
        if tokens[0].form is Form.TEXT:
            start, _ = strip_span(self.source, start, tokens[0].end)
        if tokens[-1].form is Form.TEXT:
            _, end = strip_span(self.source, tokens[-1].start, end)
        changes: list[Change] = []
        ends = find_ends(tokens)
        folded = 0
        for index, (token, is_carried) in enumerate(zip(tokens, run.carried[first:last], strict=True)):
            if token.start < folded:
                continue
            if token.form is Form.OPEN and token.name in FOLDED:
                folded = tokens[ends.get(index, index)].end
                changes.append(Change(token.start, folded, f"<{token.name}/>"))
            elif token.form is Form.TEXT and not is_carried:
                changes += read_text(self.source, max(start, token.start), min(end, token.end))
            else:
                changes += read_spaces(self.source, token.start, token.end)
        element = run.element
        block = make_block(self.source, start, end, changes, kind=element.kind, notation=Notation.HTML)
        is_item = element.kind is Kind.ITEM
        level = element.level if is_item or element.kind is Kind.HEADING else 0
        return replace(block, level=level, ordered=is_item and element.ordered)


def _split_run(source: str, run: _Run) -> Iterator[tuple[int, int]]:
    """Yield the parts of a run between two line breaks in a row, which old pages have for paragraphs."""
    first, breaks, depth = 0, 0, 0
    for index, token in enumerate(run.tokens):
        depth += {Form.OPEN: 1, Form.CLOSE: -1}.get(token.form, 0)
        if token.name == "br" and token.form is Form.VOID:
            breaks += 1
        elif token.form is Form.TEXT and source[token.start : token.end].isspace():
            continue
        else:
            if breaks > 1 and depth <= (token.form is Form.OPEN):
                yield first, index
                first = index
            breaks = 0
    yield first, len(run.tokens)


def _trim_run(source: str, run: _Run, first: int, last: int) -> tuple[int, int]:
    """Return what is left of the tokens `first` to `last` without the tags around all the text; nothing without words.

    Code counts as text here: it belongs to the sentence.
    """
    tokens, carried = run.tokens, run.carried
    texts = [n for n in range(first, last) if tokens[n].form is Form.TEXT]
    if not any(not carried[n] and has_words(source[tokens[n].start : tokens[n].end]) for n in texts):
        return first, first
    ends = {first + opening: first + closing for opening, closing in find_ends(tokens[first:last]).items()}
    starts = {closing: opening for opening, closing in ends.items()}
    base, folded = first, first
    is_text = [False] * (last - first)
    for number in range(first, last):
        token = tokens[number]
        if token.form is Form.OPEN and token.name in FOLDED:
            folded = max(folded, ends.get(number, number))
        elif token.form is Form.TEXT and number >= folded:
            is_text[number - first] = source[token.start : token.end].strip(ANCHORS) != ""
    before = [0, *accumulate(is_text)]  # how many texts stand before each token

    def is_empty(begin: int, stop: int) -> bool:
        return before[begin - base] == before[stop - base]

    while first < last:
        edge, opening = ends.get(first, first), max(starts.get(last - 1, last - 1), first)
        if edge < last and is_empty(first, edge + 1):
            first = edge + 1
        elif is_empty(opening, last):
            last = opening
        elif edge == last - 1 and edge > first and not carried[first]:
            first, last = first + 1, last - 1
        else:
            break
    return first, last
