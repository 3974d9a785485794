"""Entries of catalogs edited line by line: what an edit is not about keeps its bytes."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from pipeline.catalog import NOTE, Entry, format_string

_LINE_BREAK = re.compile(r"\s*[\r\n]\s*")


@dataclass(frozen=True, slots=True)
class Carried:
    """A person's text on its way to a changed sentence: the source and context it was written for, and its notes."""

    msgstr: str
    previous: str
    previous_context: str | None = None
    notes: tuple[str, ...] = ()


def new_entry(
    msgid: str,
    newline: str,
    msgctxt: str | None = None,
    msgstr: str = "",
    *,
    comments: Iterable[str] = (),
    references: Iterable[str] = (),
    is_fuzzy: bool = False,
) -> Entry:
    """Return an entry followed by a blank line; line breaks in its comments are folded."""
    comments, references = _fold(comments), tuple(references)
    lines = [f"#. {comment}" for comment in comments] + [f"#: {reference}" for reference in references]
    lines += ["#, fuzzy"] if is_fuzzy else []
    raw = "".join(line + newline for line in [*lines, *_format(msgid, msgctxt, msgstr)])
    return Entry(raw, 0, msgid, msgstr, msgctxt, is_fuzzy=is_fuzzy, comments=comments, references=references)


def carry_entry(msgid: str, newline: str, msgctxt: str | None, carried: Carried) -> Entry:
    """Return an entry followed by a blank line, fuzzy with the text of a person that it takes over."""
    lines = [*carried.notes, "#, fuzzy"]
    if carried.previous_context is not None:
        lines += [f"#| {line}" for line in format_string("msgctxt", carried.previous_context)]
    lines += [f"#| {line}" for line in format_string("msgid", carried.previous)]
    raw = "".join(line + newline for line in [*lines, *_format(msgid, msgctxt, carried.msgstr)])
    return Entry(raw, 0, msgid, carried.msgstr, msgctxt, is_fuzzy=True, previous=carried.previous)


def _format(msgid: str, msgctxt: str | None, msgstr: str) -> list[str]:
    context = format_string("msgctxt", msgctxt) if msgctxt is not None else []
    return [*context, *format_string("msgid", msgid), *format_string("msgstr", msgstr), ""]


def _fold(comments: Iterable[str]) -> tuple[str, ...]:
    return tuple(_LINE_BREAK.sub(" ", comment) for comment in comments)


def set_comments(entry: Entry, comments: Iterable[str], references: Iterable[str], newline: str) -> Entry:
    """Return the entry with the `#.` and `#:` lines given, line breaks folded; all other lines keep their bytes."""
    comments, references = _fold(comments), tuple(references)
    if (comments, references) == (entry.comments, entry.references):
        return entry
    others = [line for line in entry.raw.split("\n") if not line.startswith(("#.", "#:"))]
    # After the translator's own comments, as gettext orders them.
    at = next((n for n, line in enumerate(others) if not NOTE.match(line)), 0)
    ours = [f"#. {comment}" for comment in comments] + [f"#: {reference}" for reference in references]
    others[at:at] = [line + newline[:-1] for line in ours]
    return replace(entry, raw="\n".join(others), comments=comments, references=references)


def set_text(entry: Entry, text: str, newline: str, *, is_fuzzy: bool = True) -> Entry:
    """Return the entry with `text` as its msgstr, and with or without the fuzzy flag."""
    if text != entry.msgstr:
        lines = entry.raw.split("\n")
        first = next(n for n, line in enumerate(lines) if line.lstrip().startswith("msgstr"))
        last = first + 1
        while last < len(lines) and lines[last].lstrip().startswith('"'):
            last += 1
        lines[first:last] = [line + newline[:-1] for line in format_string("msgstr", text)]
        entry = replace(entry, raw="\n".join(lines), msgstr=text)
    if is_fuzzy == entry.is_fuzzy:
        return entry
    lines = entry.raw.split("\n")
    lines = _add_fuzzy(lines, newline) if is_fuzzy else _drop_fuzzy(lines)
    return replace(entry, raw="\n".join(lines), is_fuzzy=is_fuzzy, previous=entry.previous if is_fuzzy else "")


def _add_fuzzy(lines: Sequence[str], newline: str) -> list[str]:
    flags = next((n for n, line in enumerate(lines) if line.startswith("#,")), None)
    if flags is not None:
        return [*lines[:flags], re.sub(r"^#,\s*", "#, fuzzy, ", lines[flags]), *lines[flags + 1 :]]
    at = next(n for n, line in enumerate(lines) if line.startswith(("#|", "msg")))
    return [*lines[:at], "#, fuzzy" + newline[:-1], *lines[at:]]


def _drop_fuzzy(lines: Sequence[str]) -> list[str]:
    """Drop the flag, and with it the source that the text was once written for."""
    kept = []
    for line in lines:
        if line.startswith("#,"):
            flags = [flag.strip() for flag in line[2:].split(",")]
            others = ", ".join(flag for flag in flags if flag != "fuzzy")
            kept += [f"#, {others}" + ("\r" if line.endswith("\r") else "")] if others else []
        elif not line.startswith("#|"):
            kept.append(line)
    return kept


def set_context(entry: Entry, msgctxt: str, newline: str) -> Entry:
    """Return an entry that had no context with one."""
    lines = entry.raw.split("\n")
    at = next(n for n, line in enumerate(lines) if line.startswith("msgid"))
    lines[at:at] = [line + newline[:-1] for line in format_string("msgctxt", msgctxt)]
    return replace(entry, raw="\n".join(lines), msgctxt=msgctxt)


def make_obsolete(entry: Entry) -> Entry:
    """Return the entry commented out (`#~`), without our comments; everything that a person wrote stays."""
    lines = [line for line in entry.raw.split("\n") if not line.startswith(("#.", "#:"))]
    lines = [re.sub(r'^\s*(?=msg|")', "#~ ", re.sub(r"^#\|", "#~|", line)) for line in lines]
    return replace(entry, raw="\n".join(lines), is_obsolete=True, comments=(), references=())


def revive(entry: Entry) -> Entry:
    """Return an obsolete entry as it was when it was in use."""
    lines = [re.sub(r"^#~\|", "#|", line) for line in entry.raw.split("\n")]
    return replace(entry, raw="\n".join(re.sub(r"^#~ ?", "", line) for line in lines), is_obsolete=False)
