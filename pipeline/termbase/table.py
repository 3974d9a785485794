"""Tables of terms: our own spreadsheets, and the CSV and TSV files of DeepL and Google.

Ours and Google's "equivalent term sets" name their columns in the first line. DeepL's files, and Google's for one
direction, have two columns and no header; DeepL's site adds the languages in columns three and four, else the file's
name must give them (https://developers.deepl.com/docs/customize/managing-glossaries,
https://cloud.google.com/translate/docs/advanced/glossary).
"""

import csv
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pipeline.language import normalize_tag
from pipeline.settings import SOURCE
from pipeline.severity import Severity
from pipeline.termbase.entry import Finding, Place, Reading, Row, quote

_KIND, _NOTE, _POS, _DESCRIPTION = "kind", "note", "pos", "description"
_SPECIAL = (_KIND, _NOTE, _POS, _DESCRIPTION)
_EXPECTED = "begin the file with fr,en,es,kind,note, or name a table of two languages as in terms.fr-en.csv"
# `terms.fr-en.tsv`, `fr_EN.csv`
_PAIR = re.compile(r"(?:.*[._ -])?([A-Za-z]{2,3})[_-]([A-Za-z]{2,3})")
_EXCEL = re.compile(r"sep=(.)\r?\n", re.IGNORECASE)
_CONFLICT = re.compile(r"^(?:<{7}|>{7}) ", re.MULTILINE)
_PAIR_COLUMNS = 2
_LANGUAGE_COLUMNS = slice(2, 4)


@dataclass(frozen=True, slots=True)
class _Columns:
    """Which column (from 0) holds what; `languages` pairs a column with its language."""

    languages: tuple[tuple[int, str], ...]
    kind: int | None = None
    pos: int | None = None
    note: int | None = None
    width: int | None = None


def read_table(text: str, path: Path) -> Reading:
    """Read a table by its header, or as two columns of the languages that the rows or the file's name give."""
    if marker := _CONFLICT.search(text):
        place = Place(path, 1 + len(re.findall(r"\r\n?|\n", text[: marker.start()])))
        hint = "keep one side of each conflict and delete the markers"
        return Reading((), (Finding(place, Severity.ERROR, "conflict-marker", "has conflict markers", hint),))
    lines, findings = _parse(text, path)
    if not lines:
        return Reading((), findings)
    line, first = lines[0]
    if _is_pair_row(first):
        return _read_pairs(lines, path, findings)
    if SOURCE in map(normalize_tag, first):
        columns, faults = _read_header(first, Place(path, line))
        return _read_rows(lines[1:], columns, path, findings + faults)
    match = _PAIR.fullmatch(path.stem)
    tags = [normalize_tag(tag) for tag in match.groups()] if match else []
    if SOURCE not in tags or None in tags:
        fault = Finding(Place(path, line), Severity.ERROR, "no-source", f"has no column “{SOURCE}”", _EXPECTED)
        return Reading((), (*findings, fault))
    languages = tuple((column, tag) for column, tag in enumerate(tags) if tag)
    return _read_rows(lines, _Columns(languages, width=_PAIR_COLUMNS), path, findings)


def _parse(text: str, path: Path) -> tuple[list[tuple[int, list[str]]], tuple[Finding, ...]]:
    """Return the rows that hold anything, with the lines that they begin on, and the rows that are no CSV."""
    excel = _EXCEL.match(text)
    separator = excel[1] if excel else _find_separator(text)
    text = "\n" + text[excel.end() :] if excel else text
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    rows: list[tuple[int, list[str]]] = []
    findings: list[Finding] = []
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return rows, tuple(findings)
        except csv.Error as error:
            hint = "close its quotation mark, and write a quotation mark inside a cell twice"
            message = f"the row that begins here is no CSV ({error})"
            findings.append(Finding(Place(path, line), Severity.ERROR, "no-csv", message, hint))
        else:
            if any(cell.strip() for cell in cells):
                rows.append((line, cells))


def _find_separator(text: str) -> str:
    first = re.sub(r'"[^"]*"', "", re.split(r"[\r\n]", text.lstrip("\r\n"), maxsplit=1)[0])
    return "\t" if "\t" in first else max(",;", key=first.count)


def _is_pair_row(cells: Sequence[str]) -> bool:
    """Tell whether a row is one of DeepL's: source, target, and their languages in columns three and four."""
    tags = [normalize_tag(cell) for cell in cells]
    given = tags[_LANGUAGE_COLUMNS]
    is_header = SOURCE in tags and all(
        tag or cell.strip().lower() in {*_SPECIAL, ""} for tag, cell in zip(tags, cells, strict=True)
    )
    return len(given) == _PAIR_COLUMNS and SOURCE in given and None not in given and not is_header


def _read_header(names: Sequence[str], place: Place) -> tuple[_Columns, tuple[Finding, ...]]:
    columns: dict[str, int] = {}
    findings: list[Finding] = []
    for column, name in enumerate(name.strip() for name in names):
        plain = name.lower() if name.lower() in _SPECIAL else normalize_tag(name)
        if plain is None and name:
            shown = quote(re.sub(r"[^\w .-]", "?", name))
            message, hint = f"the column {shown} is not read", f"name it {_KIND}, {_NOTE} or by a language code"
            findings.append(Finding(place, Severity.WARNING, "unknown-column", message, hint))
        elif plain in columns:
            message, hint = f"has two columns “{plain}”", "keep one; accepted forms stand in one cell, as in one|other"
            findings.append(Finding(place, Severity.ERROR, "duplicate-column", message, hint))
        elif plain:
            columns[plain] = column
    languages = tuple((column, name) for name, column in columns.items() if name not in _SPECIAL)
    width = max(column for column, name in enumerate(names, 1) if name.strip())
    note = columns.get(_NOTE, columns.get(_DESCRIPTION))
    return _Columns(languages, columns.get(_KIND), columns.get(_POS), note, width), tuple(findings)


def _read_rows(
    lines: Sequence[tuple[int, list[str]]], columns: _Columns, path: Path, findings: tuple[Finding, ...]
) -> Reading:
    rows: list[Row] = []
    faults: list[Finding] = []
    for line, cells in lines:
        place = Place(path, line)
        if columns.width is not None and any(cell.strip() for cell in cells[columns.width :]):
            message = f"has {len(cells)} cells where {columns.width} are expected"
            hint = "quote a cell that holds the separator"
            faults.append(Finding(place, Severity.ERROR, "too-many-cells", message, hint))
        else:
            rows.append(_read_row(cells, columns, place))
    return Reading(tuple(rows), (*findings, *faults))


def _read_row(cells: Sequence[str], columns: _Columns, place: Place) -> Row:
    def cell(column: int | None) -> str:
        return cells[column] if column is not None and column < len(cells) else ""

    # Google's parts of speech are free text; only a proper noun says more than that this is a term.
    is_proper = re.fullmatch(r"proper[ _-]?noun", cell(columns.pos).strip(), re.IGNORECASE)
    kind = cell(columns.kind) or ("name" if is_proper else "")
    return Row(place, tuple((name, cell(column)) for column, name in columns.languages), kind, cell(columns.note))


def _read_pairs(lines: Sequence[tuple[int, list[str]]], path: Path, findings: tuple[Finding, ...]) -> Reading:
    rows = []
    for line, cells in lines:
        tags = map(normalize_tag, cells[_LANGUAGE_COLUMNS])
        rows.append(Row(Place(path, line), tuple((tag, cell) for tag, cell in zip(tags, cells, strict=False) if tag)))
    return Reading(tuple(rows), findings)
