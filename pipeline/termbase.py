"""The glossary folder: spreadsheets of terms, read and validated."""

import csv
import io
import re
from collections.abc import Iterable
from pathlib import Path

from pipeline.errors import GlossaryError
from pipeline.glossary import Form, Gender, Glossary, Grammar, Number, Term, TermKind
from pipeline.settings import SOURCE

_COLUMNS = (SOURCE, "kind", "note")
_GRAMMAR = re.compile(r"(.*?)\s*\[([^\[\]]*)\]")
_INVARIABLE = "inv"


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


def _read_forms(cell: str, place: str) -> tuple[Form, ...]:
    return tuple(_read_form(form, cell, place) for form in cell.split("|")) if cell.strip() else ()


def _read_form(text: str, cell: str, place: str) -> Form:
    match = _GRAMMAR.fullmatch(text.strip())
    form = " ".join((match[1] if match else text).split())
    if not form:
        raise GlossaryError(f"{place}: an accepted form is empty in “{cell.strip()}”", "write forms as one|other")
    return Form(form, _read_grammar(match[2], place) if match else Grammar())


def _read_grammar(text: str, place: str) -> Grammar:
    gender, number, is_invariable = None, None, False
    for word in (word.strip().lower() for word in text.split(",")):
        if word in tuple(Gender) and gender is None:
            gender = Gender(word)
        elif word in tuple(Number) and number is None:
            number = Number(word)
        elif word == _INVARIABLE:
            is_invariable = True
        else:
            raise GlossaryError(
                f"{place}: “[{text}]” is no grammar", "write m or f, sg or pl, and inv, as in GPU [f,inv]"
            )
    return Grammar(gender, number, is_invariable)
