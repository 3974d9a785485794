"""A row of a termbase, whatever the format of its file, and the term that it becomes."""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from pipeline.glossary import Form, Gender, Grammar, Number, Term, TermKind
from pipeline.settings import SOURCE
from pipeline.severity import Severity

_INVARIABLE = "inv"
_GENDERS = {gender.value: gender for gender in Gender}
_NUMBERS = {number.value: number for number in Number}
_KINDS = {kind.value: kind for kind in TermKind}
# Besides control characters, what web pages leave in cells unseen: soft hyphens, marks of width and of direction.
_UNSEEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\xad\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff\ufffe\uffff]"
)
_QUOTE_CELL = "quote a cell that holds the separator"
_LONGEST_SHOWN = 60  # characters of a cell in a message
_BREAK = re.compile(r"[\r\n]")


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """A line (from 1) of a file."""

    path: Path
    line: int

    def __str__(self) -> str:
        return f"{self.path}:{self.line}"


@dataclass(frozen=True, slots=True)
class Finding:
    """What is wrong, or worth knowing, at a place of the glossary, and what to do next."""

    place: Place
    severity: Severity
    code: str
    message: str
    hint: str

    def __str__(self) -> str:
        return f"{self.place}: {self.severity} {self.code}: {self.message}; {self.hint}"


@dataclass(frozen=True, slots=True)
class Row:
    """What a file says of a term. `cells` pairs a language with its cell, where forms stand as `GPU [f,inv]|chip`.

    `forms` are those of a format that has a place for each, where no character stands for anything else; its only cell
    is the French one.
    """

    place: Place
    cells: tuple[tuple[str, str], ...]
    kind: str = ""
    note: str = ""
    forms: tuple[tuple[str, tuple[Form, ...]], ...] | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """The rows of a file, and what is wrong with the others."""

    rows: tuple[Row, ...]
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class Entry:
    """A term, where it stands, and whether its row says that it is a name or a term."""

    term: Term
    place: Place
    has_kind: bool


def read_entry(row: Row) -> tuple[Entry | None, tuple[Finding, ...]]:
    """Read the cells of a row; without an entry where one of the findings is an error."""
    findings = tuple(_find_faults(row))
    if any(finding.severity is Severity.ERROR for finding in findings):
        return None, findings
    kind = _tidy(row.kind).lower()
    term = Term(
        text=_tidy(dict(row.cells)[SOURCE]),
        kind=_KINDS[kind] if kind else TermKind.TERM,
        forms=_read_forms(row),
        note=re.sub(r"\r\n?", "\n", row.note.strip()),
    )
    return Entry(term, row.place, bool(kind)), findings


def _read_forms(row: Row) -> tuple[tuple[str, tuple[Form, ...]], ...]:
    if row.forms is None:
        return tuple((language, tuple(read_cell(cell))) for language, cell in row.cells if language != SOURCE)
    return tuple(
        (language, tuple(replace(form, text=_tidy(form.text)) for form in forms)) for language, forms in row.forms
    )


def read_cell(cell: str) -> Iterator[Form]:
    """Read a sound cell: accepted forms between bars, each with its grammar in brackets or none."""
    for text in cell.split("|") if cell.strip() else ():
        form, grammar = _split_form(text)
        yield Form(_tidy(form), _read_grammar(grammar or ""))


def _split_form(text: str) -> tuple[str, str | None]:
    """Split what stands in brackets at the end off, None where nothing does or the brackets are odd."""
    form, bracket, grammar = text.strip().removesuffix("]").rpartition("[")
    is_sound = bracket and text.rstrip().endswith("]") and "]" not in grammar
    return (form, grammar) if is_sound else (text, None)


def _read_grammar(text: str) -> Grammar:
    words = _split_grammar(text)
    gender = next((_GENDERS[word] for word in words if word in _GENDERS), None)
    number = next((_NUMBERS[word] for word in words if word in _NUMBERS), None)
    return Grammar(gender, number, _INVARIABLE in words)


def write_cell(forms: Sequence[Form]) -> str:
    """Write accepted forms as a cell holds them, the inverse of `read_cell`."""
    return "|".join(map(_write_form, forms))


def _write_form(form: Form) -> str:
    """Write a form as a cell holds it: `GPU [f,inv]`."""
    grammar = form.grammar
    words = [grammar.gender, grammar.number, _INVARIABLE if grammar.is_invariable else None]
    given = ",".join(word for word in words if word)
    return f"{form.text} [{given}]" if given else form.text


def quote(text: str) -> str:
    """Return a text in quotation marks for a message, on one line, cut where it is long."""
    text = " ".join(text.split())
    return f"“{text if len(text) <= _LONGEST_SHOWN else text[:_LONGEST_SHOWN] + '…'}”"


def fold_term(text: str) -> str:
    """Return a French term with what may be typed in several ways typed in one: apostrophes, hyphens, spaces."""
    return re.sub("[\u2010\u2011]", "-", re.sub("[’ʼ]", "'", _tidy(text)))


def _tidy(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).split())


def _find_faults(row: Row) -> Iterator[Finding]:
    garbled = tuple(_find_character_faults(row))
    for code, message, hint in garbled or _find_source_faults(row):
        yield Finding(row.place, Severity.ERROR, code, message, hint)
    if garbled:  # what holds such characters is not shown in other messages
        return
    kind = _tidy(row.kind).lower()
    if kind and kind not in _KINDS:
        hint = _QUOTE_CELL if set(kind) & set("[]") else f"write {' or '.join(_KINDS)}"
        yield Finding(row.place, Severity.ERROR, "kind", f"unknown kind {quote(kind)}", hint)
    for language, cell in row.cells:
        if language != SOURCE and cell.strip():
            yield from _find_form_faults(cell, row.place)
    for _, forms in row.forms or ():
        yield from _find_repeated([_tidy(form.text) for form in forms], row.place)


def _find_character_faults(row: Row) -> Iterator[tuple[str, str, str]]:
    forms = (form.text for _, forms in row.forms or () for form in forms)
    for cell in (*(cell for _, cell in row.cells), *forms, row.kind, row.note):
        if match := _UNSEEN.search(cell):
            yield "unseen-character", f"holds the control character 0x{ord(match[0]):02x}", "delete it"
    for language, cell in row.cells:
        if _BREAK.search(cell.strip()):
            hint = "write one line a cell, and close every quotation mark"
            yield "line-break", f"the cell “{language}” holds a line break", hint


def _find_source_faults(row: Row) -> Iterator[tuple[str, str, str]]:
    text, is_cell = _tidy(dict(row.cells).get(SOURCE, "")), row.forms is None
    if not text:
        yield "empty-term", f"the cell “{SOURCE}” is empty", "write the French term or delete the row"
    if "|" in text and is_cell:
        yield "bar", f"the French term {quote(text)} holds a “|”", "give each French term a row of its own"
    if is_cell and ("[" in text or "]" in text):
        yield "brackets", f"the French term {quote(text)} holds brackets", "write them after target forms alone"


def _find_form_faults(cell: str, place: Place) -> Iterator[Finding]:
    texts: list[str] = []
    for part in cell.split("|"):
        form, grammar = _split_form(part)
        text = _tidy(form)
        if not text:
            message = f"an accepted form is empty in {quote(cell.strip())}"
            yield Finding(place, Severity.ERROR, "empty-form", message, "write forms as one|other")
        elif re.search(r"[\[\]]", text):
            hint = f"write one pair at the end, as in GPU [f,inv], and {_QUOTE_CELL}"
            yield Finding(place, Severity.ERROR, "brackets", f"the brackets of {quote(part.strip())} are odd", hint)
        elif grammar is not None and not _is_grammar(grammar):
            hint = "write m or f, sg or pl, and inv, as in GPU [f,inv]"
            yield Finding(place, Severity.ERROR, "grammar", f"{quote(f'[{grammar}]')} is no grammar", hint)
        else:
            texts.append(text)
    yield from _find_repeated(texts, place)


def _find_repeated(texts: Sequence[str], place: Place) -> Iterator[Finding]:
    for text in dict.fromkeys(text for at, text in enumerate(texts) if text in texts[:at]):
        yield Finding(place, Severity.WARNING, "repeated-form", f"{quote(text)} stands twice in its cell", "delete one")


def _is_grammar(text: str) -> bool:
    words = _split_grammar(text)
    genders, numbers = sum(word in _GENDERS for word in words), sum(word in _NUMBERS for word in words)
    return genders <= 1 and numbers <= 1 and genders + numbers + words.count(_INVARIABLE) == len(words)


def _split_grammar(text: str) -> list[str]:
    return [word.strip().lower() for word in text.split(",")]
