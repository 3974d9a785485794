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
from pipeline.severity import Severity
from pipeline.termbase.entry import Finding, Place, Reading, Row, quote

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

_ENTRIES = ("{*}termEntry", "{*}conceptEntry")
_LANGUAGES = ("{*}langSet", "{*}langSec")
_TERMS = ("{*}tig", "{*}ntig", "{*}termSec")
_LONGEST_MESSAGE = 100  # characters that the parser may say, with words of the file in them
_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
GENDERS = {"masculine": Gender.MASCULINE, "feminine": Gender.FEMININE}
NUMBERS = {"singular": Number.SINGULAR, "plural": Number.PLURAL}
PROPER_NOUN = "properNoun"
# TBX has no number for what is its own plural.
INVARIABLE = "invariable"
PREFERRED, ADMITTED = "preferredTerm-admn-sts", "admittedTerm-admn-sts"
_STATUS = "administrativeStatus"
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
        return _refuse(path, line, f"is no XML ({error.msg[:_LONGEST_MESSAGE]})", "export the file again")
    declared = root.getroottree().docinfo.internalDTD
    if (declared is not None and any(declared.iterentities())) or next(root.iter(etree.Entity), None) is not None:
        return _refuse(path, 1, "declares entities", "export the file again without any")
    if _name(root) not in {"martif", "tbx"}:
        return _refuse(path, 1, f"is no TBX but a file of {quote(_name(root))}", "export the file as TBX")
    entries = [(entry, tuple(_read_rows(entry, path))) for entry in root.iter(*_ENTRIES)]
    foreign = [entry for entry, rows in entries if not rows]
    return Reading(tuple(row for _, rows in entries for row in rows), tuple(_note_foreign(foreign, path)))


def _refuse(path: Path, line: int, message: str, hint: str) -> Reading:
    return Reading((), (Finding(Place(path, line), Severity.ERROR, "no-tbx", message, hint),))


def _note_foreign(entries: "list[Element]", path: Path) -> Iterator[Finding]:
    if entries:
        several = "1 entry has" if len(entries) == 1 else f"{len(entries)} entries have"
        message = f"{several} no French term, this one first"
        yield Finding(Place(path, entries[0].sourceline), Severity.NOTE, "no-source", message, "they are not used")


def _read_rows(entry: "Element", path: Path) -> Iterator[Row]:
    terms: dict[str, list[Element]] = {}
    for part in entry.iter(*_LANGUAGES):
        if language := normalize_tag(part.get(_LANG, part.get("lang", ""))):
            terms.setdefault(language, []).extend(part.iter(*_TERMS))
    forms = tuple((language, _read_forms(parts)) for language, parts in terms.items() if language != SOURCE)
    note = "; ".join(text for child in entry if _name(child) == "note" and (text := _text(child)))
    for part in terms.get(SOURCE, ()):
        is_name = PROPER_NOUN in _data(part).get("partOfSpeech", ())
        place = Place(path, part.sourceline)
        kind = TermKind.NAME if is_name else ""
        yield Row(place, ((SOURCE, _read_term(part)),), kind, note, forms)


def _read_forms(parts: "list[Element]") -> tuple[Form, ...]:
    """Return the accepted terms of a language, preferred ones first."""
    told = [(part, _data(part)) for part in parts]
    living = [(part, data) for part, data in told if _RETIRED.isdisjoint(data.get(_STATUS, ()))]
    ranked = sorted(living, key=lambda pair: PREFERRED not in pair[1].get(_STATUS, ()))
    forms = (Form(_read_term(part), _read_grammar(data)) for part, data in ranked)
    return tuple(form for form in forms if form.text)


def _read_grammar(data: dict[str, list[str]]) -> Grammar:
    genders = [GENDERS[text] for text in data.get("grammaticalGender", ()) if text in GENDERS]
    numbers = [NUMBERS[text] for text in data.get("grammaticalNumber", ()) if text in NUMBERS]
    is_invariable = INVARIABLE in data.get("usageNote", ())
    return Grammar(next(iter(genders), None), next(iter(numbers), None), is_invariable)


def _read_term(part: "Element") -> str:
    return " ".join(" ".join(_text(term) for term in part.iter("{*}term")).split())


def _data(part: "Element") -> dict[str, list[str]]:
    """Return the texts of each category of data about a term."""
    texts: dict[str, list[str]] = {}
    for child in part.iter("*"):
        texts.setdefault(child.get("type") or _name(child), []).append(_text(child).strip())
    return texts


def _text(element: "Element") -> str:
    return "".join(element.itertext())


def _name(element: "Element") -> str:
    return str(element.tag).rpartition("}")[2]
