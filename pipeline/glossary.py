"""The glossary: terms with their accepted forms per language, and where they stand in a segment."""

import csv
import hashlib
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property, lru_cache
from pathlib import Path

from pipeline.errors import GlossaryError
from pipeline.settings import SOURCE

_SHORTEST_IN_ES = 3  # letters; only longer forms have a plural in -es
_COLUMNS = (SOURCE, "kind", "note")
# A term inside a longer word or a compound ("anti-IA") is another word.
_WORD_START = re.compile(r"(?<![\w-])\S")
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
        matches: list[Match] = []
        end = 0
        for start in _WORD_START.finditer(text):
            patterns = self._patterns.get(_key(text[start.start() : start.end() + 1])) if start.start() >= end else None
            if patterns and (match := patterns.match(text, start.start())):
                end = match.end()
                matches.append(Match(match.start(), end, self.terms[int((match.lastgroup or "_0")[1:])]))
        return tuple(matches)

    @cached_property
    def _patterns(self) -> Mapping[str, re.Pattern[str]]:
        """Patterns of the terms by their first letters, so that a long glossary is not tried at every word."""
        longest_first = sorted(range(len(self.terms)), key=lambda n: -len(self.terms[n].text))
        alternatives: dict[str, list[str]] = {}
        for n in longest_first:
            alternatives.setdefault(_key(self.terms[n].text), []).append(f"(?P<_{n}>{_term_pattern(self.terms[n])})")
        return {key: re.compile(rf"(?:{'|'.join(some)})(?![\w-])") for key, some in alternatives.items()}


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

    A regular plural or possessive of a form counts (GPUs, AI's). A form in lower case is met in any case; one with
    capitals to the letter ("US" is not "us").
    """
    open_pins = sorted(pins, key=lambda pin: len(pin.forms))  # those with the least choice choose first
    taken: set[int] = set()
    for form in sorted({form for pin in pins for form in pin.forms}, key=len, reverse=True):
        for match in _form_pattern(form).finditer(draft):
            pin = next((pin for pin in open_pins if form in pin.forms), None)
            stretch = range(match.start(), match.end())
            if pin and taken.isdisjoint(stretch):
                taken.update(stretch)
                open_pins.remove(pin)
    return tuple(sorted(open_pins, key=lambda pin: pin.start))


def find_forms(draft: str, forms: tuple[str, ...]) -> list[tuple[int, int]]:
    """Return where accepted forms stand in a draft, from left to right, the longest where several begin together."""
    spans = {match.span() for form in forms for match in _form_pattern(form).finditer(draft)}
    found: list[tuple[int, int]] = []
    for start, end in sorted(spans, key=lambda span: (span[0], -span[1])):
        if not found or start >= found[-1][1]:
            found.append((start, end))
    return found


@lru_cache(10_000)
def _form_pattern(form: str) -> re.Pattern[str]:
    plural = "(?:e?s)?" if len(form) > _SHORTEST_IN_ES and not form.isupper() else "s?"
    return re.compile(rf"(?<!\w){re.escape(form)}{plural}(?!\w)", re.IGNORECASE if form.islower() else 0)


def digest_pins(pins: Sequence[Pin]) -> str:
    """Return eight hexadecimal digits that change with the pins of a segment."""
    text = "\n".join(
        " ".join([f"{pin.start} {pin.end} {'|'.join(pin.forms)}", *(f"{by} {'|'.join(f)}" for by, f in pin.pivots)])
        for pin in pins
    )
    return hashlib.sha256(text.encode()).hexdigest()[:8]


def _key(text: str) -> str:
    return re.sub("[\u2010\u2011]", "-", text[:2].strip().replace("’", "'").lower())


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
    for path in sorted(folder.glob("[!.]*.csv")):
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
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    try:
        columns = [name.strip().lower() for name in next(reader, [])]
        if SOURCE not in columns:
            raise GlossaryError(f"{path}:1: has no column “{SOURCE}”", "begin the file with fr,en,es,kind,note")
        rows = [(reader.line_num, row) for row in reader if any(cell.strip() for cell in row)]
    except csv.Error as error:
        raise GlossaryError(f"{path}:{reader.line_num}: is no CSV ({error})", "mend the row") from None
    return [(line, _read_row(dict(zip(columns, row, strict=False)), f"{path}:{line}")) for line, row in rows]


def _read_row(cells: dict[str, str], place: str) -> Term:
    _check_signs(cells.values(), place)
    text = " ".join(cells.get(SOURCE, "").split())
    if not text:
        raise GlossaryError(f"{place}: the cell “{SOURCE}” is empty", "write the French term or delete the row")
    kind = cells.get("kind", "").strip().lower() or TermKind.TERM.value
    if kind not in tuple(TermKind):
        raise GlossaryError(f"{place}: unknown kind “{kind}”", f"write {' or '.join(TermKind)}")
    languages = [name for name in cells if name and name not in _COLUMNS]
    forms = tuple((language, _read_forms(cells[language], place)) for language in languages)
    return Term(text, TermKind(kind), tuple(pair for pair in forms if pair[1]), cells.get("note", "").strip())


def _check_signs(cells: Iterable[str], place: str) -> None:
    for cell in cells:
        if match := re.search(r"[\x00-\x08\x0e-\x1f\x7f]", cell):
            raise GlossaryError(f"{place}: holds the control character 0x{ord(match[0]):02x}", "delete it")


def _read_forms(cell: str, place: str) -> tuple[str, ...]:
    if not cell.strip():
        return ()
    forms = tuple(" ".join(_GRAMMAR.sub("", form).split()) for form in cell.split("|"))
    if not all(forms):
        raise GlossaryError(f"{place}: an accepted form is empty in “{cell.strip()}”", "write forms as one|other")
    return forms
