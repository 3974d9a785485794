"""The glossary folder: spreadsheets and TBX files of terms, read, validated and put together."""

import re
import stat
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from pipeline.errors import GlossaryError
from pipeline.glossary import Glossary, Term, TermKind
from pipeline.severity import Severity
from pipeline.termbase.entry import Entry, Finding, Place, Reading, fold_term, quote, read_entry
from pipeline.termbase.table import read_table
from pipeline.termbase.tbx import read_tbx

SUFFIXES = (".csv", ".tsv", ".tbx")
_MAX_BYTES = 50_000_000  # 20,000 terms in five languages make 15 MB of TBX


@dataclass(frozen=True, slots=True)
class Termbase:
    """All entries of a folder in file order, each French term once, and what was found while reading them."""

    entries: tuple[Entry, ...] = ()
    findings: tuple[Finding, ...] = ()

    @property
    def glossary(self) -> Glossary:
        """The terms."""
        return Glossary(tuple(entry.term for entry in self.entries))


def read_glossary(folder: Path) -> Glossary:
    """Read all files of a folder together; no folder is an empty glossary.

    Raises GlossaryError, naming file and line, for the first error.
    """
    termbase = read_termbase(folder)
    for finding in termbase.findings:
        if finding.severity is Severity.ERROR:
            raise GlossaryError(f"{finding.place}: {finding.message}", finding.hint)
    return termbase.glossary


def read_termbase(folder: Path) -> Termbase:
    """Read all `*.csv`, `*.tsv` and `*.tbx` files of a folder by name, with everything that is wrong with them."""
    entries: list[Entry] = []
    findings: list[Finding] = []
    for path in sorted(folder.glob("[!.~]*")):
        if path.suffix.lower() in SUFFIXES:
            reading = _read_file(path)
            findings += reading.findings
            for entry, faults in map(read_entry, reading.rows):
                findings += faults
                entries += [entry] if entry else []
    merged, conflicts = _merge_entries(entries)
    return Termbase(merged, tuple(sorted([*findings, *conflicts], key=lambda finding: finding.place)))


def _merge_entries(entries: Iterable[Entry]) -> tuple[tuple[Entry, ...], tuple[Finding, ...]]:
    """Join the rows of one French term, as those of a French-English and a French-Spanish file.

    A second row that gives other forms in a language, or another kind, is an error and is left out; one that adds
    nothing is a warning.
    """
    merged: list[Entry] = []
    findings: list[Finding] = []
    known: dict[tuple[TermKind | None, str], int] = {}
    for entry in entries:
        keys = _keys(entry.term)
        at = next((known[key] for key in keys if key in known), None)
        if at is None:
            known.update(dict.fromkeys(keys, len(merged)))
            merged.append(entry)
        elif finding := _compare(merged[at], entry):
            findings.append(finding)
        else:
            merged[at] = _join(merged[at], entry)
    return tuple(merged), tuple(findings)


def _keys(term: Term) -> list[tuple[TermKind | None, str]]:
    """Return under what a term is found in an article: as written, and in any case unless it is a name."""
    text = fold_term(term.text)
    return [(None, text)] + ([(term.kind, text.lower())] if term.kind is TermKind.TERM else [])


def _compare(first: Entry, second: Entry) -> Finding | None:
    """Return why a second row of a term cannot be joined to the first, if so."""
    text, given = second.term.text, dict(first.term.forms)
    others = [language for language, forms in second.term.forms if forms and (given.get(language) or forms) != forms]
    if others:
        message = f"{quote(text)} has other forms at {first.place} ({', '.join(others)})"
        return Finding(second.place, Severity.ERROR, "conflict", message, "keep one of the rows")
    if first.has_kind and second.has_kind and first.term.kind != second.term.kind:
        message = f"{quote(text)} is a {first.term.kind} at {first.place}"
        return Finding(second.place, Severity.ERROR, "conflict", message, "keep one of the rows")
    if _join(first, second).term == first.term:
        message = f"{quote(text)} stands at {first.place} already"
        return Finding(second.place, Severity.WARNING, "duplicate-row", message, "delete one of the rows")
    return None


def _join(first: Entry, second: Entry) -> Entry:
    term, given = first.term, dict(first.term.forms)
    joined = replace(
        term,
        kind=term.kind if first.has_kind else second.term.kind,
        forms=tuple((given | {name: f for name, f in second.term.forms if f or name not in given}).items()),
        note=term.note or second.term.note,
    )
    return Entry(joined, first.place, first.has_kind or second.has_kind)


def _read_file(path: Path) -> Reading:
    data = _load(path)
    if isinstance(data, Finding):
        return Reading((), (data,))
    if path.suffix.lower() == ".tbx":
        return read_tbx(data, path)
    try:
        return read_table(data.decode("utf-8-sig"), path)
    except UnicodeDecodeError:
        lines = [number for number, line in enumerate(re.split(b"\r\n?|\n", data), 1) if not _is_utf8(line)]
    hint = "save the file as CSV UTF-8"
    faults = (Finding(Place(path, line), Severity.ERROR, "encoding", "is not UTF-8", hint) for line in lines)
    return Reading((), tuple(faults))


def _load(path: Path) -> bytes | Finding:
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            return _refuse(path, "unreadable", "is no plain file", "move it out of the folder")
        if status.st_size > _MAX_BYTES:
            size, limit = status.st_size / 1e6, _MAX_BYTES / 1e6
            return _refuse(
                path, "too-large", f"{size:.0f} MB is more than a glossary ({limit:.0f} MB)", "split the file"
            )
        data = path.read_bytes()
    except OSError as error:
        return _refuse(path, "unreadable", f"cannot be read ({error.strerror})", "check its permissions")
    is_utf16 = data.startswith((b"\xff\xfe", b"\xfe\xff")) and path.suffix.lower() != ".tbx"
    return _refuse(path, "encoding", "is UTF-16", "save the file as CSV UTF-8") if is_utf16 else data


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


def _refuse(path: Path, code: str, message: str, hint: str) -> Finding:
    return Finding(Place(path, 1), Severity.ERROR, code, message, hint)
