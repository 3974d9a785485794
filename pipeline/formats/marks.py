"""The inline markup of a text as catalogs show it: what opens, what closes, and what stands for itself."""

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from itertools import accumulate

from pipeline.article import Markup
from pipeline.formats.commonmark import Span, scan_inline
from pipeline.formats.elements import VERBATIM
from pipeline.formats.tags import Form, Token, read_tokens


class Role(Enum):
    """What a mark does."""

    OPEN = "open"
    CLOSE = "close"
    WORD = "word"  # stands in the sentence as a word does, and is not translated: code, a formula, an address
    SILENT = "silent"  # is no part of the sentence: a note's number, a line break, a comment, a tag without its partner


@dataclass(frozen=True, slots=True)
class Mark:
    """`text[start:end]` is markup; `partner` is the index of the mark that closes or opens it, or its own."""

    role: Role
    start: int
    end: int
    partner: int


@dataclass(frozen=True, slots=True)
class View:
    """A text as a reader sees it, without its marks."""

    source: str
    text: str
    places: tuple[int, ...]  # where the characters of `text` end in `source`
    starts: tuple[int, ...]  # of the marks, in order
    reaches: tuple[int, ...]  # the last end of a pair that begins with that mark or before it

    def find_end(self, seen: int) -> int:
        """Return where a sentence that ends with `text[:seen]` ends in the source; 0 where it cannot end.

        Inside a pair of marks it goes on to the end of the pair, and beyond where no new sentence follows.
        """
        end = self.places[seen - 1]
        before = bisect_left(self.starts, end)
        if before == 0 or self.reaches[before - 1] <= end:
            return end
        following = _FOLLOWING.match(self.source, self.reaches[before - 1])
        return following.end(1) if following and not following[2].islower() else 0


_ANY = {
    Markup.MARKDOWN: re.compile(r"[*_`\[<~$!{^]"),
    Markup.HTML: re.compile("<"),
}
_LABEL = re.compile(r"\]\[([^\[\]]+)\]")
_LINE_BREAK = re.compile(r"<br(?:\s[^<>]{0,100})?/?>", re.IGNORECASE)
_FIRST_BREAKS = re.compile(rf"(?:{_LINE_BREAK.pattern}|\s)++", re.IGNORECASE)
_LAST_BREAK = re.compile(rf"(?<!\s)\s*+(?:{_LINE_BREAK.pattern})\Z", re.IGNORECASE)
_BREAK_WIDTH = 200
# What may stand between a pair that closes and the sentence after it.
_FOLLOWING = re.compile(
    rf"((?:{_LINE_BREAK.pattern}|\s)++)(?:[*_~\[\s]|<[^<>]*+>)*+([^\W\d_]|\d|[«“\"(!<`])", re.IGNORECASE
)
_NAME = "Xxx"  # how code is shown to the rules of sentences: as a name
_CARRIED = re.compile(r"""\btranslate\s*=\s*["']?no\b|\bnotranslate\b""", re.IGNORECASE)


def find_marks(text: str, markup: Markup) -> tuple[Mark, ...]:
    """Return the marks of a text in order; pairs nest, and no mark overlaps another."""
    pattern = _ANY.get(markup)
    if pattern is None or not pattern.search(text):
        return ()
    pieces = list(_read_markdown(text) if markup is Markup.MARKDOWN else _read_html(text, 0, len(text)))
    return _pair(pieces)


def hide_marks(text: str, marks: Sequence[Mark]) -> View:
    """Return the view of a text: code is a name in it, a line break a space; other marks leave nothing behind."""
    parts, places, at = [], [], 0
    for mark in marks:
        shown = _NAME if mark.role is Role.WORD else " " if _LINE_BREAK.match(text, mark.start) else ""
        parts += [text[at : mark.start], shown]
        places += [*range(at + 1, mark.start + 1), *[mark.end] * len(shown)]
        at = mark.end
    return View(
        source=text,
        text="".join([*parts, text[at:]]),
        places=(*places, *range(at + 1, len(text) + 1)),
        starts=tuple(mark.start for mark in marks),
        reaches=tuple(accumulate((max(mark.end, marks[mark.partner].end) for mark in marks), max)),
    )


def trim_text(text: str, markup: Markup) -> tuple[int, int]:
    """Return the span of a text without the white space around it, nor line breaks where it has markup."""
    first, last = len(text) - len(text.lstrip()), len(text.rstrip())
    if markup is not Markup.NONE:
        if edge := _FIRST_BREAKS.match(text, first, last):
            first = edge.end()
        while edge := _LAST_BREAK.search(text, max(first, last - _BREAK_WIDTH), last):
            last = edge.start()
    return first, max(first, last)


@dataclass(frozen=True, slots=True)
class _Piece:
    """A mark that does not know its partner yet; those of one `name` go together."""

    role: Role
    start: int
    end: int
    name: str = ""


def _read_markdown(text: str) -> Iterator[_Piece]:
    """Read the marks of Markdown; `[this][that]` is a link, whether the article defines it or not."""
    from markdown_it.common.utils import normalizeReference  # noqa: PLC0415 (nothing heavy at import)

    labels = {normalizeReference(label): {"href": "#", "title": ""} for label in _LABEL.findall(text)}
    pieces: list[_Piece] = []
    spans = scan_inline(text, {"references": labels})
    for span in spans:
        pieces += _read_span(text, span)
    pieces += _read_verbatim(text, spans)
    end = 0
    for piece in sorted(pieces, key=lambda piece: (piece.start, -piece.end)):
        if piece.start >= end:  # not a code span in the address of a link, nor what is in an untranslated element
            yield piece
            end = piece.end


def _read_span(text: str, span: Span) -> Iterator[_Piece]:
    content = text[span.start : span.end]
    if span.close > span.start:
        name = f"{span.name} {span.start}"
        yield _Piece(Role.OPEN, span.start, span.open, name)
        yield _Piece(Role.CLOSE, span.close, span.end, name)
    elif span.name == "html_inline":
        yield from _read_html(text, span.start, span.end)
    elif span.name == "footnote_ref" or content.startswith(("{:", "{#", "{.")):
        yield _Piece(Role.SILENT, span.start, span.end)
    elif span.name not in {"newline", "escape", "entity"} and content.strip("`"):
        yield _Piece(Role.WORD, span.start, span.end)


def _read_verbatim(text: str, spans: Sequence[Span]) -> Iterator[_Piece]:
    """Read the elements in Markdown that are not translated, each as a word: its tags are two spans there."""
    tags = [token for s in spans if s.name == "html_inline" for token in read_tokens(text, s.start, s.end)]
    for index, end in find_ends(tags).items():
        if _is_verbatim(text, tags[index]):
            yield _Piece(Role.WORD, tags[index].start, tags[end].end)


def _is_verbatim(text: str, token: Token) -> bool:
    return token.name in VERBATIM or _CARRIED.search(text, token.start, token.end) is not None


def _read_html(text: str, start: int, end: int) -> Iterator[_Piece]:
    """Read the marks of HTML; an element that is not translated is one word."""
    tokens = [token for token in read_tokens(text, start, end) if token.form is not Form.TEXT]
    ends = find_ends(tokens)
    skip = 0
    for index, token in enumerate(tokens):
        if token.start < skip:
            continue
        tag = text[token.start : token.end]
        if token.form is Form.OPEN and tag.endswith("/>"):
            yield _Piece(Role.SILENT, token.start, token.end)
        elif token.form is Form.OPEN and _is_verbatim(text, token):
            skip = tokens[ends.get(index, index)].end
            yield _Piece(Role.WORD, token.start, skip)
        elif token.form in {Form.OPEN, Form.CLOSE}:
            yield _Piece(Role.OPEN if token.form is Form.OPEN else Role.CLOSE, token.start, token.end, token.name)
        else:
            yield _Piece(Role.SILENT, token.start, token.end)


def find_ends(tokens: Sequence[Token]) -> dict[int, int]:
    """Return the index of the closing tag of each opening tag that has one, by the names alone."""
    opened: dict[str, list[int]] = {}
    ends = {}
    for index, token in enumerate(tokens):
        if token.form is Form.OPEN:
            opened.setdefault(token.name, []).append(index)
        elif token.form is Form.CLOSE and opened.get(token.name):
            ends[opened[token.name].pop()] = index
    return ends


def _pair(pieces: Sequence[_Piece]) -> tuple[Mark, ...]:
    """Give each opening its closing; what has none, or would cross another pair, is silent."""
    partners: dict[int, int] = {}
    opened: list[int] = []
    waiting: dict[str, int] = {}
    for index, piece in enumerate(pieces):
        if piece.role is Role.OPEN:
            opened.append(index)
            waiting[piece.name] = waiting.get(piece.name, 0) + 1
        elif piece.role is Role.CLOSE and waiting.get(piece.name):
            while True:
                opening = opened.pop()
                waiting[pieces[opening].name] -= 1
                if pieces[opening].name == piece.name:
                    break
            partners[opening], partners[index] = index, opening
    return tuple(
        Mark(
            piece.role if index in partners or piece.role is Role.WORD else Role.SILENT,
            piece.start,
            piece.end,
            partners.get(index, index),
        )
        for index, piece in enumerate(pieces)
    )
