"""The glossary: terms with their accepted forms per language, and where they stand in a segment."""

import csv
import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property, lru_cache
from pathlib import Path

from pipeline.errors import GlossaryError

SOURCE = "fr"
_COLUMNS = ("fr", "kind", "note")
_GRAMMAR = re.compile(r"\s*\[[^\]]*\]\s*$")


class TermKind(StrEnum):
    """How a term is matched: a name to the letter, a term in any case and in the plural too."""

    NAME = "name"
    TERM = "term"


@dataclass(frozen=True, slots=True)
class Term:
    """A row of the glossary. `forms` pairs a language with its accepted forms, the preferred one first."""

    text: str
    kind: TermKind
    forms: tuple[tuple[str, tuple[str, ...]], ...]
    note: str = ""

    def accepted(self, language: str) -> tuple[str, ...]:
        """Return the accepted forms in `language`; the term itself where the row gives none."""
        return dict(self.forms).get(language, ()) or (self.text,)


@dataclass(frozen=True, slots=True)
class Match:
    """A term at `text[start:end]` of a segment."""

    start: int
    end: int
    term: Term


@dataclass(frozen=True, slots=True)
class Pin:
    """A term at `text[start:end]` of a source segment, and the forms accepted in its draft, the preferred one first.

    `pivots` pairs a language that the engine passes through with the forms accepted there.
    """

    start: int
    end: int
    forms: tuple[str, ...]
    pivots: tuple[tuple[str, tuple[str, ...]], ...] = ()


@dataclass(frozen=True)
class Glossary:
    """All terms of a workspace, in file order."""

    terms: tuple[Term, ...] = ()

    def find_terms(self, text: str) -> tuple[Match, ...]:
        """Return the terms in a segment from left to right; where several begin together the longest wins."""
        if not self.terms:
            return ()
        matches = self._pattern.finditer(text)
        return tuple(Match(m.start(), m.end(), self.terms[int((m.lastgroup or "_0")[1:])]) for m in matches)

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        longest_first = sorted(range(len(self.terms)), key=lambda n: -len(self.terms[n].text))
        alternatives = [f"(?P<_{n}>{_term_pattern(self.terms[n])})" for n in longest_first]
        # A term inside a longer word or a compound ("anti-IA") is another word.
        return re.compile(rf"(?<![\w-])(?:{'|'.join(alternatives)})(?![\w-])")


def pins_for(matches: Iterable[Match], language: str, pivots: Sequence[str] = ()) -> tuple[Pin, ...]:
    """Return what the draft of a segment in `language` must honour, made through the languages of `pivots`.

    In a pivot language a row without forms pins nothing, unless its source form is to stand in the draft too.
    """
    return tuple(
        Pin(m.start, m.end, m.term.accepted(language), _pivot_forms(m.term, language, pivots)) for m in matches
    )


def _pivot_forms(term: Term, language: str, pivots: Sequence[str]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    given = dict(term.forms)
    kept = (term.text,) if term.text in term.accepted(language) else ()
    return tuple((pivot, forms) for pivot in pivots if (forms := given.get(pivot, ()) or kept))


def missed_pins(draft: str, pins: Sequence[Pin]) -> tuple[Pin, ...]:
    """Return the pins that no accepted form in `draft` honours; each stretch of the draft honours one pin.

    A regular plural or possessive of a form counts (GPUs, AI's), and so does a capital at its beginning.
    """
    missed: list[Pin] = []
    if not pins:
        return ()
    taken = [False] * len(draft)
    for pin in sorted(pins, key=lambda p: -max(map(len, p.forms))):
        for match in _form_pattern(pin.forms).finditer(draft):
            if not any(taken[match.start() : match.end()]):
                taken[match.start() : match.end()] = [True] * (match.end() - match.start())
                break
        else:
            missed.append(pin)
    return tuple(sorted(missed, key=lambda p: p.start))


def find_forms(draft: str, forms: tuple[str, ...]) -> list[tuple[int, int]]:
    """Return where accepted forms stand in a draft, as `missed_pins` sees them."""
    return [match.span() for match in _form_pattern(forms).finditer(draft)] if forms else []


@lru_cache(10_000)
def _form_pattern(forms: tuple[str, ...]) -> re.Pattern[str]:
    wanted = "|".join(re.escape(form) for form in sorted(forms, key=len, reverse=True))
    return re.compile(rf"(?<!\w)(?:{wanted})(?:e?s)?(?!\w)", re.IGNORECASE)


def digest_pins(pins: Sequence[Pin]) -> str:
    """Return eight hexadecimal digits that change with the pins of a segment ("-" for none)."""
    text = "\n".join(
        " ".join([f"{pin.start} {pin.end} {'|'.join(pin.forms)}", *(f"{by} {'|'.join(f)}" for by, f in pin.pivots)])
        for pin in pins
    )
    return hashlib.sha256(text.encode()).hexdigest()[:8] if pins else "-"


def _term_pattern(term: Term) -> str:
    # As typed: either apostrophe, any space, any hyphen.
    words = [re.sub("['’]", "['’]", re.escape(word)) for word in term.text.split()]
    words = [re.sub(r"\\-|[\u2010\u2011]", "[-\u2010\u2011]", word) for word in words]
    if term.kind is TermKind.NAME:
        return r"\s+".join(words)
    return "(?i:" + r"[sx]?\s+".join(words) + "[sx]?)"


def read_glossary(folder: Path) -> Glossary:
    """Read all `*.csv` files of a folder together, by name; no folder is an empty glossary.

    Raises GlossaryError naming file and line.
    """
    terms: list[Term] = []
    places: dict[str, tuple[Term, str]] = {}
    for path in sorted(folder.glob("*.csv")):
        for line, term in _read_file(path):
            place = f"{path}:{line}"
            known = places.setdefault(term.text, (term, place))
            if known[0] is term:
                terms.append(term)
            elif known[0].forms != term.forms:
                raise GlossaryError(f"{place}: “{term.text}” has other forms at {known[1]}", "keep one of the rows")
    return Glossary(tuple(terms))


def _read_file(path: Path) -> list[tuple[int, Term]]:
    try:
        data = path.read_bytes()
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise GlossaryError(f"{path}:{line}: is not UTF-8", "save the file as CSV UTF-8") from None
    except OSError as error:
        raise GlossaryError(f"{path}: cannot be read ({error.strerror})", "check its permissions") from None
    header = text.partition("\n")[0]
    separator = max(",;\t", key=header.count)
    reader = csv.reader(text.splitlines(keepends=True), delimiter=separator)
    try:
        columns = [name.strip().lower() for name in next(reader, [])]
        if SOURCE not in columns:
            raise GlossaryError(f"{path}:1: has no column “{SOURCE}”", "begin the file with fr,en,es,kind,note")
        rows = [(reader.line_num, row) for row in reader if any(cell.strip() for cell in row)]
    except csv.Error as error:
        raise GlossaryError(f"{path}:{reader.line_num}: is no CSV ({error})", "mend the row") from None
    return [(line, _read_row(dict(zip(columns, row, strict=False)), f"{path}:{line}")) for line, row in rows]


def _read_row(cells: dict[str, str], place: str) -> Term:
    text = " ".join(cells.get(SOURCE, "").split())
    if not text:
        raise GlossaryError(f"{place}: the cell “{SOURCE}” is empty", "write the French term or delete the row")
    kind = cells.get("kind", "").strip().lower() or TermKind.TERM.value
    if kind not in tuple(TermKind):
        raise GlossaryError(f"{place}: unknown kind “{kind}”", f"write {' or '.join(TermKind)}")
    languages = [name for name in cells if name and name not in _COLUMNS]
    forms = tuple((language, _read_forms(cells[language], place)) for language in languages)
    return Term(text, TermKind(kind), tuple(pair for pair in forms if pair[1]), cells.get("note", "").strip())


def _read_forms(cell: str, place: str) -> tuple[str, ...]:
    if not cell.strip():
        return ()
    forms = tuple(" ".join(_GRAMMAR.sub("", form).split()) for form in cell.split("|"))
    if not all(forms):
        raise GlossaryError(f"{place}: an accepted form is empty in “{cell.strip()}”", "write forms as one|other")
    return forms
