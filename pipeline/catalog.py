"""PO catalogs: read with polib, edited in place, so that an entry that did not change keeps its bytes.

polib is not trusted to write: it re-wraps every msgstr, drops `#~|` lines and the comments of obsolete entries, moves
those to the end and turns CRLF into LF.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import polib

from pipeline.errors import CatalogError

# The translation that publishes nothing (OmegaT's convention).
_SILENT = "<empty>"
# gettext's own page width.
_WIDTH = 79
# As many words as fit between its quotation marks, or a longer one; blanks at its end do not count.
_LINE = re.compile(rf"(?:.{{1,{_WIDTH - 2}}}(?= |\Z)|[^ ]+| ) *", re.DOTALL)
_CONFLICT = re.compile(r"(?:<{7}|>{7}|\|{7})(?: |$)|={7}$")
_CHARSET = re.compile(r"Content-Type:.*?charset=([\w.:-]+)", re.IGNORECASE)
_HEADER = re.compile(r'^msgid[ \t]+""[ \t]*\r?\n(?!\s*")', re.MULTILINE)
_STRING = re.compile(r'(?:(?:msgctxt|msgid|msgid_plural|msgstr(?:\[\d\])?)\s+)?"(?:[^"\\]|\\.)*"')
_NUMERIC_ESCAPES = re.compile(r"(\\\\)|((?:\\[0-7]{1,3}|\\x[0-9A-Fa-f]{1,2})+)")
# A line of a translator's own comment.
NOTE = re.compile(r"\s*#(?![.:,|~])")
_MSGSTR = re.compile(r"^(?:#~)?\s*msgstr", re.MULTILINE)
_BROKEN = "mend the entry or restore the file"
_PART = re.compile(r'(msgctxt|msgid_plural|msgid|msgstr(?:\[\d\])?)?\s*"(.*)"$', re.DOTALL)
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_CHARACTERS = {"n": "\n", "t": "\t", "r": "\r", '"': '"', "\\": "\\"}
_ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t", "\r": "\\r"}
_ESCAPED = re.compile(r"[\\\"\n\t\r]")


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry as it stands in its file: `raw` holds its lines, with the blank ones that follow.

    `previous` is the source that a fuzzy msgstr was written for (`#| msgid`), "" where none is named.
    """

    raw: str
    line: int
    msgid: str
    msgstr: str
    msgctxt: str | None = None
    is_fuzzy: bool = False
    is_obsolete: bool = False
    is_plural: bool = False
    comments: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    previous: str = ""

    @property
    def is_header(self) -> bool:
        """Tell whether this is the header entry."""
        return self.msgid == "" and self.msgctxt is None and not self.is_obsolete

    @property
    def notes(self) -> tuple[str, ...]:
        """The lines of a translator's own comments."""
        return tuple(line.rstrip("\r") for line in self.raw.split("\n") if NOTE.match(line))


@dataclass(frozen=True, slots=True)
class Catalog:
    """A PO file: its entries in file order (the header among them) and the comments after the last one.

    `bom` is the byte order mark that it begins with, or "".
    """

    entries: tuple[Entry, ...]
    tail: str = ""
    newline: str = "\n"
    bom: str = ""

    def render(self) -> bytes:
        """Return the bytes of the file."""
        return (self.bom + "".join(entry.raw for entry in self.entries) + self.tail).encode()


def is_reviewed(entry: Entry) -> bool:
    """Tell whether a person accepted the translation: it is not empty and not fuzzy. There is no other definition."""
    return bool(entry.msgstr) and not entry.is_fuzzy and not entry.is_obsolete


def is_silent(entry: Entry) -> bool:
    """Tell whether the translation is the one that publishes nothing, `<empty>`, reviewed or not."""
    return says_nothing(entry.msgstr)


def says_nothing(text: str) -> bool:
    """Tell whether a text is the one that publishes nothing."""
    return text.strip() == _SILENT


def parse_catalog(data: bytes, path: Path) -> Catalog:
    """Read the bytes of a PO file; `path` serves the messages.

    Raises CatalogError with the line for conflict markers, broken entries and other encodings than UTF-8.
    """
    text = _decode(data, path)
    bom = "\ufeff" if text.startswith("\ufeff") else ""
    text = text.removeprefix(bom)
    newline = "\r\n" if "\r\n" in text else "\n"
    chunks, tail = [], ""
    for line, raw, has_message in _chunks(text, path):
        if has_message:
            chunks.append((line, raw))
        else:
            tail = raw
    parsed = iter(_parse("".join(raw for _, raw in chunks), path))
    headers = [number for number, (_, raw) in enumerate(chunks) if _HEADER.search(raw)]
    entries = []
    for number, (line, raw) in enumerate(chunks):
        if headers and number == headers[0]:
            entries.append(Entry(raw, line, "", ""))  # polib takes the header out of its entries
            continue
        entry = next(parsed, None)
        if entry is None or not _MSGSTR.search(raw):
            raise CatalogError(f"{path}:{line}: is broken (no whole entry)", _BROKEN)
        entries.append(_make_entry(raw, line, entry))
    if next(parsed, None) is not None:
        raise CatalogError(f"{path}: is broken (entries run into each other)", _BROKEN)
    return Catalog(tuple(entries), tail, newline, bom)


def scan_catalog(data: bytes, path: Path) -> Iterator[Entry]:
    """Yield what `parse_catalog` reads, without the header, references and previous sources: several times as fast.

    For the memory, which reads all catalogs of a workspace in every run. Raises CatalogError for conflict markers,
    broken strings and other encodings than UTF-8.
    """
    for line, raw, has_message in _chunks(_decode(data, path).removeprefix("\ufeff"), path):
        entry = _scan_entry(raw, line) if has_message else None
        if entry and (entry.msgid or entry.msgctxt is not None):
            yield entry


def _scan_entry(raw: str, line: int) -> Entry:
    parts: dict[str, str] = {}
    comments: list[str] = []
    keyword, is_fuzzy, is_obsolete = "", False, False
    for words in map(str.strip, raw.split("\n")):
        text = words
        if words.startswith("#~"):
            is_obsolete, text = True, words[2:].lstrip()
        elif words.startswith("#"):
            is_fuzzy = is_fuzzy or (words.startswith("#,") and "fuzzy" in words[2:].replace(",", " ").split())
            comments += [words[2:].removeprefix(" ")] if words.startswith("#.") else []
            continue
        if part := _PART.match(text):
            keyword = part[1] or keyword
            parts[keyword] = parts.get(keyword, "") + part[2]
    texts = {name: _unescape(part) for name, part in parts.items()}
    return Entry(
        raw=raw,
        line=line,
        msgid=texts.get("msgid", ""),
        msgstr=texts.get("msgstr") or "".join(text for name, text in texts.items() if name.startswith("msgstr[")),
        msgctxt=texts.get("msgctxt"),
        is_fuzzy=is_fuzzy,
        is_obsolete=is_obsolete,
        is_plural="msgid_plural" in texts or "msgstr[0]" in texts,
        comments=tuple(comments),
    )


def _unescape(text: str) -> str:
    if "\\" not in text:
        return text
    text = _NUMERIC_ESCAPES.sub(_decode_escapes, text)
    return _ESCAPE.sub(lambda match: _CHARACTERS.get(match[1], match[0]), text)


def read_header(data: bytes | None, name: str) -> str:
    """Return a field of a PO file's header, "" where there is none; fields are read of broken files too."""
    head = re.split(rb"\n\r?\n", data or b"", maxsplit=1)[0].decode(errors="replace")
    strings = re.findall(r'^(?:msgstr +)?"(.*)"\r?$', head, re.MULTILINE)
    text = re.sub(r"\\(.)", lambda match: "\n" if match[1] == "n" else match[1], "".join(strings))
    fields = (line.partition(": ") for line in text.split("\n"))
    return next((value for field, _, value in fields if field == name), "")


def _decode(data: bytes, path: Path) -> str:
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise CatalogError(f"{path}:{line}: is not UTF-8", "convert it with msgconv -t UTF-8, or restore it") from None
    charset = _CHARSET.search(text[:5000])
    if charset and charset[1].lower() not in ("utf-8", "utf8", "us-ascii", "charset"):
        raise CatalogError(f"{path}: is in {charset[1]}", "convert it with msgconv -t UTF-8")
    return text


def _chunks(text: str, path: Path) -> Iterator[tuple[int, str, bool]]:
    """Yield (first line, raw text, whether it holds a message) for each entry and for trailing comments."""
    lines = text.split("\n")
    ends = [line + "\n" for line in lines[:-1]] + ([lines[-1]] if lines[-1] else [])
    start, chunk, complete = 1, "", False
    for number, line in enumerate(ends, 1):
        words = line.strip()
        if _CONFLICT.match(words):
            raise CatalogError(f"{path}:{number}: has conflict markers", "resolve the merge, then run again")
        if words.startswith("#~"):
            words = words[2:].lstrip()
            words = f"#{words}" if words.startswith("|") else words
        if words.startswith(("msg", '"')) and not _STRING.fullmatch(words):
            raise CatalogError(f"{path}:{number}: is broken (no whole string)", _BROKEN)
        opens = words.startswith(("#", "msgctxt", "msgid")) and not words.startswith("msgid_plural")
        if complete and opens:
            yield start, chunk, True
            start, chunk, complete = number, "", False
        complete = complete or words.startswith("msgstr")
        chunk += line
    if chunk.strip():
        has_message = complete or re.search(r'^(#~\s*)?(msg|")', chunk, re.MULTILINE) is not None
        yield start, chunk, has_message


class _Lines(str):
    """Text that only line feeds cut: str.splitlines, which polib uses, also cuts at U+2028, U+0085 and others."""

    __slots__ = ()

    def splitlines(self, keepends: bool = False) -> list[str]:  # noqa: ARG002, FBT001, FBT002
        return self.split("\n")


def _parse(text: str, path: Path) -> polib.POFile:
    # polib knows no comments and flags without a space, and no numeric escapes, which gettext accepts.
    text = re.sub(r"^#(,?)(?=[^\s.:,|~#])", r"#\1 ", text, flags=re.MULTILINE)
    text = _NUMERIC_ESCAPES.sub(_decode_escapes, text)
    try:
        return polib.pofile(_Lines(text))
    except (OSError, ValueError, UnicodeError) as error:
        at = re.search(r"\(line (\d+)\)", str(error))
        raise CatalogError(f"{path}:{at[1] if at else 1}: is broken", _BROKEN) from None


def _decode_escapes(match: re.Match[str]) -> str:
    if match[1]:
        return match[1]
    numbers = re.findall(r"\\(?:x([0-9A-Fa-f]{1,2})|([0-7]{1,3}))", match[2])
    values = bytes(int(hexadecimal, 16) if hexadecimal else int(octal, 8) & 0xFF for hexadecimal, octal in numbers)
    return escape(values.decode(errors="replace"))


def _make_entry(raw: str, line: int, entry: polib.POEntry) -> Entry:
    return Entry(
        raw=raw,
        line=line,
        msgid=entry.msgid,
        msgstr=entry.msgstr or "".join(entry.msgstr_plural.values()),
        msgctxt=entry.msgctxt,
        is_fuzzy="fuzzy" in entry.flags,
        is_obsolete=bool(entry.obsolete),
        is_plural=bool(entry.msgid_plural or entry.msgstr_plural),
        comments=tuple(entry.comment.split("\n")) if entry.comment else (),
        references=tuple(name for name, _ in entry.occurrences),
        previous=entry.previous_msgid or "",
    )


def format_string(keyword: str, text: str) -> list[str]:
    """Return the lines of a PO string, wrapped after spaces as gettext does."""
    escaped = escape(text)
    if len(keyword) + 3 + len(escaped) <= _WIDTH:
        return [f'{keyword} "{escaped}"']
    return [f'{keyword} ""', *(f'"{line}"' for line in _LINE.findall(escaped))]


def escape(text: str) -> str:
    """Return `text` as it stands between the quotation marks of a PO string."""
    return _ESCAPED.sub(lambda match: _ESCAPES[match[0]], text)
