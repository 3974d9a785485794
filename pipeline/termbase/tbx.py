"""TBX (ISO 30042) in: TBX-Basic and its kin, version 2 (`martif`) and version 3 (`tbx`).

An entry (`termEntry`, `conceptEntry`) has a part for each language (`langSet`, `langSec`), and that a part for each
term (`tig`, `ntig`, `termSec`) with data about it, named by a `type` (`<termNote type="grammaticalGender">`) or by the
element itself (`<min:partOfSpeech>`).
"""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.glossary import Form, Gender, Grammar, Number, TermKind
from pipeline.language import normalize_tag
from pipeline.settings import SOURCE
from pipeline.termbase.entry import Finding, Place, Reading, Row, Severity, write_form

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

_ENTRIES, _LANGUAGES, _TERMS = {"termEntry", "conceptEntry"}, {"langSet", "langSec"}, {"tig", "ntig", "termSec"}
_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
GENDERS = {"masculine": Gender.MASCULINE, "feminine": Gender.FEMININE}
NUMBERS = {"singular": Number.SINGULAR, "plural": Number.PLURAL}
PROPER_NOUN = "properNoun"
# TBX has no number for what is its own plural.
INVARIABLE = "invariable"
PREFERRED, ADMITTED = "preferredTerm-admn-sts", "admittedTerm-admn-sts"
_RETIRED = {"deprecatedTerm-admn-sts", "supersededTerm-admn-sts", "deprecated", "obsolete", "forbidden"}


def read_tbx(data: bytes, path: Path) -> Reading:
    """Read the entries that have a French term, one row a French term; `path` serves the findings.

    Forms come in the order of the file, but for preferred ones, which come first; retired ones are left out. A file
    that declares entities is refused, and nothing that it refers to is read.
    """
    from lxml import etree  # noqa: PLC0415

    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True)
    try:
        root = etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        line = max(1, error.lineno or 1)
        return Reading((), (_refuse(path, line, f"is no XML ({error.msg})", "export the file again"),))
    declared = root.getroottree().docinfo.internalDTD
    if (declared is not None and any(declared.iterentities())) or next(root.iter(etree.Entity), None) is not None:
        return Reading((), (_refuse(path, 1, "declares entities", "export the file again without any"),))
    if _name(root) not in {"martif", "tbx"}:
        return Reading((), (_refuse(path, 1, f"is no TBX but <{_name(root)}>", "export the file as TBX"),))
    return Reading(tuple(row for entry in _children(root, _ENTRIES) for row in _read_rows(entry, path)), ())


def _refuse(path: Path, line: int, message: str, hint: str) -> Finding:
    return Finding(Place(path, line), Severity.ERROR, "no-tbx", message, hint)


def _read_rows(entry: "Element", path: Path) -> Iterator[Row]:
    terms: dict[str, list[Element]] = {}
    for part in _children(entry, _LANGUAGES):
        if language := normalize_tag(part.get(_LANG, part.get("lang", ""))):
            terms.setdefault(language, []).extend(_children(part, _TERMS))
    cells = tuple((language, _write_cell(parts)) for language, parts in terms.items() if language != SOURCE)
    note = "; ".join(text for child in entry if _name(child) == "note" and (text := _text(child)))
    for part in terms.get(SOURCE, ()):
        is_name = PROPER_NOUN in _data(part, "partOfSpeech")
        place = Place(path, part.sourceline)
        yield Row(place, ((SOURCE, _read_term(part)), *cells), TermKind.NAME if is_name else "", note)


def _write_cell(parts: "list[Element]") -> str:
    """Write the terms of a language as a spreadsheet has them, so that both are read and checked alike."""
    living = [part for part in parts if _RETIRED.isdisjoint(_data(part, "administrativeStatus"))]
    ranked = sorted(living, key=lambda part: PREFERRED not in _data(part, "administrativeStatus"))
    return "|".join(write_form(Form(_read_term(part), _read_grammar(part))) for part in ranked)


def _read_grammar(part: "Element") -> Grammar:
    genders = [GENDERS[text] for text in _data(part, "grammaticalGender") if text in GENDERS]
    numbers = [NUMBERS[text] for text in _data(part, "grammaticalNumber") if text in NUMBERS]
    is_invariable = INVARIABLE in _data(part, "usageNote")
    return Grammar(next(iter(genders), None), next(iter(numbers), None), is_invariable)


def _read_term(part: "Element") -> str:
    return " ".join(" ".join(_text(term) for term in _children(part, {"term"})).split())


def _data(part: "Element", category: str) -> list[str]:
    return [_text(child).strip() for child in part.iter("*") if category in {_name(child), child.get("type")}]


def _children(element: "Element", names: set[str]) -> "Iterator[Element]":
    return (child for child in element.iter("*") if _name(child) in names)


def _text(element: "Element") -> str:
    return "".join(element.itertext())


def _name(element: "Element") -> str:
    return str(element.tag).rpartition("}")[2]
