"""A translated text as its source writes it: escaped where it would otherwise mean something else."""

import re
from bisect import bisect_left
from collections import defaultdict, deque
from collections.abc import Callable, Sequence

from pipeline.article import Block, Edit, Notation
from pipeline.formats.frontmatter import write_scalar, write_string
from pipeline.formats.spans import FIRST_FREE
from pipeline.segment import Segment

_LINES = re.compile(r"(?<![ \t])[ \t]*+[\r\n\v\f\x85\u2028\u2029]+[ \t]*")
_BREAK = re.compile(r"(<br>)")
# What begins a block in CommonMark, or in what static sites add to it, where it stands at the beginning of a line.
_OPENING = re.compile(
    r"#{1,6}(?:\s|$)|[-+*](?:\s|$)|>|~~~|```[^`]*$|:::|!!!|\?\?\?|===[+!]?[ \t]|[:~][ \t]|\||\*\[[^\]]+\]:"
    r"|(?:[-=]+|(?:\*[ \t]*){3,}|(?:-[ \t]*){3,}|(?:_[ \t]*){3,})$"
)
_NUMBERED = re.compile(r"\d{1,9}(?=[.)](?:\s|$))")
_DEFINITION = re.compile(r"\[[^\[\]]+\](?=:)")
_CLOSING_HASHES = re.compile(r"(?:(?<=[ \t])|^)#+$")
_PIPE = re.compile(r"\\.|\|", re.DOTALL)
_AMPERSAND = re.compile(r"&(?=#|\w)")


def write_text(source: str, block: Block, segment: Segment, text: str) -> str:
    """Return a translation of a segment as it is spliced into the source, in the notation of its block."""
    line = _LINES.sub(" ", text).strip(" \t")
    first = bisect_left(block.edits, segment.start, key=lambda edit: edit.start)
    last = bisect_left(block.edits, segment.end, key=lambda edit: edit.start)
    edits = block.edits[first:last]
    match block.notation:
        case Notation.MARKDOWN:
            before = block.edits[first - 1] if first else None
            is_continued = before and before.end == segment.start and re.search(r"[\r\n]", _old(source, before))
            line = _write_markdown(line, opens_line=segment.start == 0 or bool(is_continued))
        case Notation.HEADING:
            line = _CLOSING_HASHES.sub(r"\\\g<0>", line)
        case Notation.CELL:
            line = _PIPE.sub(lambda match: r"\|" if match[0] == "|" else match[0], line)
        case Notation.LABEL:
            quotes = "()" if source[block.end : block.end + 1] == ")" else source[block.end : block.end + 1]
            line = re.sub(rf"\\.|[{quotes}]", lambda match: match[0] if len(match[0]) > 1 else f"\\{match[0]}", line)
        case Notation.CHARACTERS:
            line = _AMPERSAND.sub("&amp;", line).replace("<", "&lt;")
        case Notation.ATTRIBUTE:
            line = _write_attribute(source[: block.start].rstrip()[-1:], line)
        case _:
            pass
    if block.notation in {Notation.HTML, Notation.CHARACTERS, Notation.ATTRIBUTE}:
        line = line.translate(_entities(source, block, edits))
    return _restore(source, block, segment, edits, line)


def _old(source: str, edit: Edit) -> str:
    return source[edit.begin : edit.stop]


def _write_markdown(text: str, *, opens_line: bool) -> str:
    parts = _BREAK.split(text)
    for number in range(0 if opens_line else 2, len(parts), 2):
        part = parts[number].lstrip(" \t")
        if _OPENING.match(part):
            part = f"\\{part}"
        elif match := _NUMBERED.match(part) or _DEFINITION.match(part):
            part = f"{match[0]}\\{part[match.end() :]}"
        parts[number] = part
    line = "".join(parts)
    # A backslash at the end of a line would break it.
    return line + "\\" if (len(line) - len(line.rstrip("\\"))) % 2 else line


def _write_attribute(quote: str, text: str) -> str:
    text = _AMPERSAND.sub("&amp;", text)
    if quote == "'":
        return text.replace("'", "&#39;")
    text = text.replace('"', "&quot;")
    return text if quote == '"' else f'"{text}"'


def _entities(source: str, block: Block, edits: Sequence[Edit]) -> dict[int, str]:
    """Return how the source of a segment writes characters that it does not write as themselves."""
    shown = ((block.text[edit.start : edit.end], _old(source, edit)) for edit in edits)
    return {ord(text): old for text, old in shown if len(text) == 1 and text >= FIRST_FREE}


def _restore(source: str, block: Block, segment: Segment, edits: Sequence[Edit], text: str) -> str:
    """Put back what the catalog shows as one short tag, in order: `<br>` for a hard line break, `<svg/>`."""
    old = {edit.start: _old(source, edit) for edit in edits if block.text[edit.start] == "<"}
    if not old:
        return text
    tags = {block.text[edit.start : edit.end] for edit in edits if edit.start in old}
    pattern = re.compile("|".join(map(re.escape, sorted(tags))))
    waiting: dict[str, deque[str]] = defaultdict(deque)
    for match in pattern.finditer(block.text, segment.start, segment.end):
        waiting[match[0]].append(old.get(match.start(), match[0]))
    return pattern.sub(lambda match: waiting[match[0]].popleft() if waiting[match[0]] else match[0], text)


# Notations in which the whole text of a block is written at once: its quotation marks depend on it.
WHOLE: dict[Notation, Callable[[str, str], str]] = {
    Notation.SCALAR: write_scalar,
    Notation.STRING: lambda old, text: f"'{text}'" if old[0] == "'" and "'" not in text else write_string(text),
}
