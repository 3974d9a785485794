"""Plain text as newsrooms receive it: titles, headings, paragraphs, lists, quotations and scraped page furniture."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache

from pipeline.article import Block, Kind
from pipeline.files import read_data

# A first line is a title unless it is as long as a paragraph or ends like a sentence; no heading is longer either.
_TITLE_LENGTH = 250
# Hard-wrapped text keeps to a margin; longer lines are paragraphs of their own.
_MARGIN = range(40, 121)

_LINE = re.compile(r"([^\r\n]*)(\r\n|\r|\n|\Z)")
_HASH_HEADING = re.compile(r"(?P<hashes>#{1,6})[ \t\xa0]+(?P<text>\S.*?)(?:[ \t\xa0]+#+)?")
# The anchor sign that web pages set after a heading.
_ANCHOR_HEADING = re.compile(r"(?P<text>\S.*?)[ \t\xa0]+[#¶]")
_UNDERLINE = re.compile(r"={3,}|-{3,}")
_RULE = re.compile(r"(?:([-*_=~–—])[ \t]*){3,}|[⁂#]")
# An em dash opens a line of dialogue, not an item.
_ITEM = re.compile(r"(?:[-*+–•‣◦▪·]|(?P<number>\d{1,3}[.)]|[a-z]\)))[ \t\xa0]+(?P<text>\S.*)")
_QUOTED = re.compile(r">[ \t]?(?P<text>\S.*)")
_ATTRIBUTED = re.compile(
    r"(?P<text>«[^«»]*»|“[^“”]*”|\"[^\"]*\")\s*[–—-]\s*(?P<by>[^\W\d_][^\r\n]{0,100}[^\s.!?…])", re.DOTALL
)
_SENTENCE_END = (".", "!", "?", "…")


@dataclass(frozen=True, slots=True)
class _Line:
    """A source line without the white space around it; `start` is the offset of its first character."""

    number: int
    start: int
    indent: int
    text: str


def read_blocks(source: str) -> tuple[Block, ...]:
    """Split plain text into blocks; every block is a span of `source`, and only layout stands between them."""
    blocks = [block for group in _groups(source) for block in _read_group(group, source)]
    if blocks and _is_title(blocks[0]):
        blocks[0] = replace(blocks[0], kind=Kind.TITLE, level=1)
    return tuple(blocks)


def _is_title(block: Block) -> bool:
    if block.kind is Kind.HEADING:
        return True
    short = len(block.text) <= _TITLE_LENGTH and "\n" not in block.text
    return block.kind is Kind.PARAGRAPH and short and not block.text.endswith((".", "…", ":", ";"))


def _groups(source: str) -> Iterator[list[_Line]]:
    """Yield runs of lines without a blank line between them."""
    group: list[_Line] = []
    for number, match in enumerate(_LINE.finditer(source), 1):
        text = match[1].strip()
        if text:
            indent = len(match[1]) - len(match[1].lstrip())
            group.append(_Line(number, match.start() + indent, indent, text))
        elif group:
            yield group
            group = []
    if group:
        yield group


def _read_group(group: list[_Line], source: str) -> Iterator[Block]:
    at = 0
    while at < len(group):
        line = group[at]
        following = group[at + 1] if at + 1 < len(group) else None
        if _RULE.fullmatch(line.text):
            at += 1
        elif block := _single_line(line):
            end = at + 1
            while block.kind is Kind.ITEM and end < len(group) and _continues_item(line, group[end - 1], group[end]):
                end += 1
            # A heading's closing mark is not text, so only a block of several lines reaches to the end of its last one.
            yield block if end == at + 1 else replace(block, text=_span(source, block.start, group[end - 1]))
            at = end
        elif following and _is_underlined(line, following):
            yield _block(Kind.HEADING, line, line.text, level=1 if following.text[0] == "=" else 2)
            at += 2
        else:
            end = at + 1
            while end < len(group) and _is_plain(group[end]):
                end += 1
            if end < len(group) and _is_underlined(group[end - 1], group[end]):
                end -= 1  # that line is a heading
            for paragraph in _unwrap(group[at : max(end, at + 1)]):
                yield from _paragraph(paragraph[0], _span(source, paragraph[0].start, paragraph[-1]))
            at = max(end, at + 1)


def _block(kind: Kind, line: _Line, text: str, *, offset: int = 0, level: int = 0, ordered: bool = False) -> Block:
    return Block(kind=kind, text=text, start=line.start + offset, line=line.number, level=level, ordered=ordered)


def _span(source: str, start: int, last: _Line) -> str:
    return source[start : last.start + len(last.text)]


def _single_line(line: _Line) -> Block | None:
    """Return the block of a line that says by itself what it is."""
    if _is_furniture(line.text):
        return _block(Kind.ASIDE, line, line.text)
    short = line.text if len(line.text) <= _TITLE_LENGTH else ""
    if match := _HASH_HEADING.fullmatch(short) or _ANCHOR_HEADING.fullmatch(short):
        level = len(match.groupdict().get("hashes") or "##")
        return _block(Kind.HEADING, line, match["text"], offset=match.start("text"), level=level)
    if match := _ITEM.fullmatch(line.text):
        level, ordered = 1 + line.indent // 4, match["number"] is not None
        return _block(Kind.ITEM, line, match["text"], offset=match.start("text"), level=level, ordered=ordered)
    if match := _QUOTED.fullmatch(line.text):
        return _block(Kind.QUOTATION, line, match["text"], offset=match.start("text"))
    return None


def _is_plain(line: _Line) -> bool:
    return _single_line(line) is None and not _RULE.fullmatch(line.text)


def _is_underlined(line: _Line, following: _Line) -> bool:
    is_short = len(line.text) <= _TITLE_LENGTH and not line.text.endswith(".")
    return is_short and _UNDERLINE.fullmatch(following.text) is not None


def _continues_item(first: _Line, before: _Line, line: _Line) -> bool:
    is_mid_sentence = line.text[0].islower() and not before.text.endswith(_SENTENCE_END)
    return (line.indent > first.indent or is_mid_sentence) and _is_plain(line)


def _unwrap(lines: list[_Line]) -> list[list[_Line]]:
    """Return the paragraphs of a run of plain lines: one for all, a title and one for the rest, or one each."""
    if _are_wrapped(lines):
        return [lines]
    if _are_wrapped(lines[1:]):
        return [lines[:1], lines[1:]]
    return [[line] for line in lines]


def _are_wrapped(lines: list[_Line]) -> bool:
    """Tell whether lines are one paragraph that was cut at a margin.

    Each line is full: the first word of the next found no room. Since the longest line is always full, there must be
    a sign beside: another full line in mid-sentence, or a line that begins in lower case.
    """
    widths = [line.indent + len(line.text) for line in lines]
    if len(lines) < 2 or max(widths) not in _MARGIN:  # noqa: PLR2004
        return False
    first_words = [len(line.text.split(maxsplit=1)[0]) for line in lines]
    full = all(width + 1 + word > max(widths) for width, word in zip(widths, first_words[1:], strict=False))
    begins_low = any(line.text[0].islower() for line in lines[1:])
    runs_on = [
        width < max(widths) and not line.text.endswith(_SENTENCE_END)
        for line, width in zip(lines[:-1], widths, strict=False)
    ]
    return full and (begins_low or any(runs_on))


def _paragraph(line: _Line, text: str) -> Iterator[Block]:
    match = _ATTRIBUTED.fullmatch(text)
    if match is None:
        yield _block(Kind.PARAGRAPH, line, text)
        return
    yield _block(Kind.QUOTATION, line, match["text"])
    below = text.count("\n", 0, match.start("by"))
    by = replace(line, number=line.number + below)
    yield _block(Kind.ATTRIBUTION, by, match["by"], offset=match.start("by"))


def _is_furniture(text: str) -> bool:
    return not text.endswith(_SENTENCE_END) and _furniture().fullmatch(text) is not None


@cache
def _furniture() -> re.Pattern[str]:
    """Compile data/furniture.fr.txt to one pattern."""
    lines = read_data("furniture.fr.txt").splitlines()
    phrases = [re.escape(line.strip()) for line in lines if line.strip() and not line.startswith("#")]
    patterns = [p.replace("…", r"\S.*").replace("0", r"\d+").replace(r"\ ", r"\s+") for p in phrases]
    return re.compile("|".join(patterns), re.IGNORECASE)
