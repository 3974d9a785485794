"""A sentence without its inline markup, as engines read it, and the tree of what the markup stood around."""

import html
import re
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from itertools import count, pairwise

from pipeline.article import Markup
from pipeline.engines.tokens import Span
from pipeline.formats.marks import Mark, Role, find_marks
from pipeline.formats.spans import ENTITY, strip_span
from pipeline.glossary import TermKind
from pipeline.pins import Pin
from pipeline.verbatim import find_addresses

_WORD = re.compile(r"\w")
_LETTERS = re.compile(r"[^\W_]+")
_BREAK = re.compile(r"<br\b", re.IGNORECASE)
_TAGS = r"(?:</?[a-z][^<>]{0,300}>){1,4}"
_INDEX = re.compile(rf"(?=(?:<(?!su[bp])[^<>]{{0,300}}>)*<su[bp]\b){_TAGS}[\[(]?\d{{1,4}}[\])]?{_TAGS}", re.IGNORECASE)
_ESCAPES = {
    Markup.NONE: re.compile("(?P<sign>(?!))"),
    Markup.MARKDOWN: re.compile(rf"\\(?P<sign>[!-/:-@\[-`{{-~])|{ENTITY.pattern}"),
    Markup.HTML: re.compile(f"(?P<sign>(?!))|{ENTITY.pattern}"),
}


class Form(Enum):
    """What a node of markup is."""

    PAIR = "pair"  # stands around words
    POINT = "point"  # stands between words, or before or after them
    BREAK = "break"  # a point that parts words as a space does
    WORD = "word"  # stands in for a word: code, a formula, an address


@dataclass(frozen=True, slots=True)
class Node:
    """Markup at `text[start:end]` of a bare text; `opening` and `closing` are written as in the source.

    Children stand in order, within the span and apart. A point is empty; in place of a break there is a space, in
    place of a word a name that the text has nowhere else.
    """

    form: Form
    start: int
    end: int
    opening: str
    closing: str = ""
    children: tuple["Node", ...] = ()

    def walk(self) -> Iterator["Node"]:
        """Yield this node and all below it, in order."""
        yield self
        for child in self.children:
            yield from child.walk()


@dataclass(frozen=True, slots=True)
class Bare:
    """A text without its markup: what is to be translated, and the nodes of what was taken out of `source`.

    `marks` are the texts of its marks, sorted.
    """

    source: str
    text: str
    markup: Markup = Markup.NONE
    nodes: tuple[Node, ...] = ()
    marks: tuple[str, ...] = ()

    def walk(self) -> Iterator[Node]:
        """Yield all nodes, in order."""
        for node in self.nodes:
            yield from node.walk()

    def cuts(self) -> dict[Span, tuple[int, ...]]:
        """Return the words that markup begins or ends inside of ("XXI<sup>e</sup>"), and where, in order."""
        edges = sorted({edge for node in self.walk() for edge in (node.start, node.end)})
        names = sorted(edge for node in self.walk() if node.form is Form.WORD for edge in (node.start, node.end))
        found = {}
        for start, end in (match.span() for match in _LETTERS.finditer(self.text) if edges):
            inside = edges[bisect_right(edges, start) : bisect_left(edges, end)]
            if inside and bisect_left(names, start) == bisect_right(names, end):
                found[start, end] = tuple(inside)
        return found

    def stretches(self) -> tuple[Span, ...]:
        """Return the stretches with words between the edges of the markup, without the spaces around them.

        No stretch ends inside a word: engines would lose it.
        """
        edges = {0, len(self.text), *(edge for node in self.walk() for edge in (node.start, node.end))}
        for word, places in self.cuts().items():
            edges = (edges - set(places)) | set(word)
        spans = pairwise(sorted(edges))
        return tuple(strip_span(self.text, *span) for span in spans if _WORD.search(self.text, *span))

    def pins(self) -> tuple[Pin, ...]:
        """Return pins that keep the names which stand in for code and addresses."""
        words = (node for node in self.walk() if node.form is Form.WORD)
        return tuple(
            Pin(node.start, node.end, (self.text[node.start : node.end],), kind=TermKind.NAME) for node in words
        )

    def names(self) -> Counter[str]:
        """Return how often each name stands in for code or an address."""
        return Counter(self.text[node.start : node.end] for node in self.walk() if node.form is Form.WORD)

    def recase(self, text: str) -> "Bare":
        """Return the same with a text of the same length, in which what stands in for code stays as it is."""
        for node in self.walk():
            if node.form is Form.WORD:
                text = text[: node.start] + self.text[node.start : node.end] + text[node.end :]
        return self if text == self.text else replace(self, text=text)


def strip_markup(text: str, markup: Markup) -> Bare:
    """Take the marks and addresses out of a text; characters that it escapes become themselves."""
    marks = find_marks(text, markup)
    reader = _Reader(text, markup, marks)
    nodes = (*reader.read(0, len(marks)), *reader.copy(len(text)))
    written = sorted(text[mark.start : mark.end] for mark in marks)
    return Bare(text, "".join(reader.parts), markup, nodes, tuple(written))


class _Reader:
    """The parts of the bare text so far, their length, and how far the source is read."""

    def __init__(self, text: str, markup: Markup, marks: Sequence[Mark]) -> None:
        self.parts: list[str] = []
        self._text, self._markup, self._marks = text, markup, marks
        self._length = self._at = self._floor = 0
        self._names: dict[str, str] = {}
        self._free = (name for name in map("X{}".format, count(1)) if name not in text)

    def read(self, first: int, last: int) -> tuple[Node, ...]:
        """Read the marks from one number to another, and return them as nodes."""
        nodes: list[Node] = []
        number = first
        while number < last:
            mark = self._marks[number]
            partner = self._marks[mark.partner] if mark.role is Role.OPEN else mark
            nodes += self.copy(mark.start)
            if mark.role is Role.WORD:
                nodes.append(self._read_word(mark.start, mark.end))
            elif mark.role is Role.OPEN and self._is_around_words(number, mark, partner):
                nodes.append(self._read_pair(number, mark, partner))
            else:
                nodes.append(self._read_point(mark.start, partner.end))
            number = max(number, mark.partner) + 1
        return tuple(nodes)

    def copy(self, end: int) -> list[Node]:
        """Take over the text up to a place in the source; return the addresses in it."""
        nodes = []
        for match in find_addresses(self._text, self._at, end):
            self._copy(match.start())
            nodes.append(self._read_word(match.start(), match.end()))
        self._copy(end)
        return nodes

    def _copy(self, end: int) -> None:
        piece = self._text[self._at : end]
        self._add(_ESCAPES[self._markup].sub(lambda match: match["sign"] or html.unescape(match[0]), piece))
        self._at = max(self._at, end)

    def _add(self, text: str) -> None:
        if text:
            self.parts.append(text)
            self._length += len(text)

    def _is_around_words(self, number: int, mark: Mark, partner: Mark) -> bool:
        """Tell whether a pair stands around words of the sentence; the description of an image is beside it."""
        is_image = self._text[mark.start : mark.end] == "!["
        return not is_image and self._holds_words(number, mark.partner) and not self._is_index(mark, partner)

    def _holds_words(self, first: int, last: int) -> bool:
        """Tell whether there is a word between two marks, or something that stands for one."""
        inner = self._marks[first + 1 : last]
        ends = [self._marks[first].end, *(mark.end for mark in inner)]
        starts = [*(mark.start for mark in inner), self._marks[last].start]
        return any(mark.role is Role.WORD for mark in inner) or any(
            _WORD.search(self._text, end, start) and _WORD.search(html.unescape(self._text[end:start]))
            for end, start in zip(ends, starts, strict=True)
            if self._text[end - 2 : end] != "!["
        )

    def _is_index(self, mark: Mark, partner: Mark) -> bool:
        """Tell whether a pair holds just a raised or lowered number that belongs to what it touches: a note, km²."""
        before = self.parts[-1] if self._length > self._floor else ""
        after = self._text[partner.end : partner.end + 1]
        return (
            before[-1:].strip() != ""
            and not after.isalnum()
            and _INDEX.fullmatch(self._text, mark.start, partner.end) is not None
        )

    def _read_pair(self, number: int, mark: Mark, partner: Mark) -> Node:
        start, self._at = self._length, mark.end
        around, self._floor = self._floor, start
        children = (*self.read(number + 1, mark.partner), *self.copy(partner.start))
        self._floor = around
        self._at = partner.end
        opening, closing = self._text[mark.start : mark.end], self._text[partner.start : partner.end]
        return Node(Form.PAIR, start, self._length, opening, closing, children)

    def _read_word(self, begin: int, end: int) -> Node:
        written = self._text[begin:end]
        if written not in self._names:
            self._names[written] = next(self._free)
        start, self._at = self._length, end
        self._add(self._names[written])
        node = Node(Form.WORD, start, self._length, written)
        if self._text[end : end + 1].isdigit():  # which would be read as a part of the name
            self._add(" ")
        return node

    def _read_point(self, start: int, end: int) -> Node:
        """Read what leaves nothing behind, with a space of those on both sides of it; a line break leaves a space."""
        written = self._text[start:end]
        before = self.parts[-1][-max(0, self._length - self._floor) :] if self._length > self._floor else ""
        after = self._text[end : end + 1]
        is_break = _BREAK.match(written) is not None
        is_apart = self._length == 0 or before[-1:].isspace()
        if before[-1:].isspace() and (is_break or not after):
            spaces = len(before) - len(before.rstrip())
            written = before[-spaces:] + written
            self.parts[-1] = self.parts[-1][:-spaces]
            self._length -= spaces
        self._at = end
        if after.isspace() and (is_break or is_apart):
            self._at += len(self._text[end:]) - len(self._text[end:].lstrip())
            written += self._text[end : self._at]
        place = self._length
        if is_break:
            self._add(" ")
        return Node(Form.BREAK if is_break else Form.POINT, place, self._length, written)
