"""Blocks whose text is not, byte for byte, what their source says."""

import html
import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import NamedTuple

from pipeline.article import Block, Edit, Kind, Notation

# What is worth a translator's time: a word, or a number that other languages write otherwise (« 3,5 », « 12 000 »).
_WORDS = re.compile(r"[^\W\d_]|\d[,.\s\u00a0\u202f]\d")
ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z][a-zA-Z0-9]{0,31});")
FIRST_FREE = "\u00a0"  # from here on no character means anything to Markdown or HTML
NEWLINE = re.compile(r"\r\n?|\n")
_SPACE = re.compile(r"[ \t\r\n\f]+")
_SEPARATORS = "\u2028\u2029"


class Change(NamedTuple):
    """`source[begin:stop]` reads `text`."""

    begin: int
    stop: int
    text: str


def has_words(text: str) -> bool:
    """Tell whether a text holds something to translate."""
    return _WORDS.search(text) is not None


def read_entities(source: str, start: int, end: int, *, keep: str | None = None) -> Iterable[Change]:
    """Yield the character references of `source[start:end]` that a catalog shows as the character.

    None of `keep` is shown; without it, no character that could be taken for markup.
    """
    for match in ENTITY.finditer(source, start, end):
        character = html.unescape(match[0])
        is_one = len(character) == 1 and character not in _SEPARATORS
        is_free = character >= FIRST_FREE
        if keep is not None:
            is_free |= character.isprintable() and character not in keep
        if is_one and is_free:
            yield Change(match.start(), match.end(), character)


def make_block(
    source: str, start: int, end: int, changes: Iterable[Change], *, kind: Kind, notation: Notation
) -> Block:
    """Return the block of `source[start:end]`, on line 1; changes stand in order and apart, some of them outside."""
    parts: list[str] = []
    edits: list[Edit] = []
    at, length = start, 0
    for change in changes:
        if change.begin < start or end < change.stop:  # of the spaces around it
            continue
        length += change.begin - at
        parts += [source[at : change.begin], change.text]
        edits.append(Edit(length, length + len(change.text), change.begin, change.stop))
        length += len(change.text)
        at = change.stop
    text = "".join([*parts, source[at:end]])
    return Block(kind, text, start, 1, notation=notation, edits=tuple(edits))


def number_lines(source: str, blocks: Iterable[Block]) -> list[Block]:
    """Return blocks with the lines that they begin on."""
    starts = [0, *(match.end() for match in NEWLINE.finditer(source))]
    return [replace(block, line=bisect_right(starts, block.start)) for block in blocks]


def strip_span(source: str, start: int, end: int) -> tuple[int, int]:
    """Return a span without the white space around it."""
    text = source[start:end]
    return start + len(text) - len(text.lstrip()), max(start, start + len(text.rstrip()))


def read_spaces(source: str, start: int, end: int) -> Iterator[Change]:
    """Yield what HTML shows as one space."""
    for match in _SPACE.finditer(source, start, end):
        if match[0] != " ":
            yield Change(match.start(), match.end(), " ")


def read_text(source: str, start: int, end: int) -> list[Change]:
    """Return how a catalog shows text between tags; a bare `<` might begin a tag before another word."""
    bare = [Change(match.start(), match.end(), "&lt;") for match in re.compile("<").finditer(source, start, end)]
    return sorted([*bare, *read_changes(source, start, end, keep="<>&")])


def read_changes(source: str, start: int, end: int, keep: str) -> list[Change]:
    """Return the spaces and the character references of a span, but for those of `keep`."""
    return sorted([*read_spaces(source, start, end), *read_entities(source, start, end, keep=keep)])
