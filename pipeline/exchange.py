"""Translated TMX and XLIFF 1.2 files, read as hostile XML: no entities, no network, no files without measure."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.errors import ExchangeError
from pipeline.files import read_file
from pipeline.language import normalize_tag
from pipeline.publication import State
from pipeline.settings import SOURCE

if TYPE_CHECKING:
    from lxml.etree import _Element

# A translated book is a few megabytes.
_LARGEST = 64 * 1024 * 1024
_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
_HINT = "export it again as TMX or XLIFF 1.2"
_SPACES = re.compile(r"[ \t\r\n]+")


@dataclass(frozen=True, slots=True)
class TranslationUnit:
    """A French text with a translation, and what the file says of its state.

    `is_fuzzy` tells that it needs review, `is_draft` that it is machine output of ours that nobody has touched.
    """

    source: str
    language: str
    target: str
    is_fuzzy: bool = False
    is_draft: bool = False


def read_units(path: Path) -> list[TranslationUnit]:
    """Return the translations from French that a TMX or XLIFF 1.2 file holds, in its order.

    Languages are cut to their first part (`es-MX` and `spa` are `es`), white space at line breaks to one space. Raises
    ExchangeError for what is no such file, too large, or declares entities.
    """
    root = _parse(path)
    name = _local(root)
    if name == "tmx":
        units = _read_tmx(root)
    elif name == "xliff" and root.get("version", "1.2").startswith("1."):
        units = _read_xliff(root)
    else:
        raise ExchangeError(f"{path}: is neither TMX nor XLIFF 1.2", _HINT)
    return [unit for unit in units if unit.source and unit.target]


def _parse(path: Path) -> "_Element":
    from lxml import etree  # noqa: PLC0415 (nothing heavy at import)

    data = read_file(path)
    if data is None:
        raise ExchangeError(f"{path}: no such file", "check the path")
    if len(data) > _LARGEST:
        raise ExchangeError(f"{path}: is larger than {_LARGEST // 2**20} MB", "split it into several files")
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        raise ExchangeError(f"{path}:{error.lineno or 1}: is no XML ({error.msg})", _HINT) from None
    declared = root.getroottree().docinfo.internalDTD
    if declared is not None and any(True for _ in declared.iterentities()):
        raise ExchangeError(f"{path}: declares entities", "export it again without a DTD of its own")
    return root


def _read_tmx(root: "_Element") -> Iterator[TranslationUnit]:
    default = next((header.get("srclang") for header in root.iter("{*}header")), None)
    for unit in root.iter("{*}tu"):
        origin = unit.get("srclang") or default or "*all*"
        if origin != "*all*" and _language(origin) != SOURCE:
            continue
        variants = [
            (_language(variant.get(_LANG) or variant.get("lang")), _text(seg), _state(variant))
            for variant in unit.iter("{*}tuv")
            for seg in variant.findall("{*}seg")[:1]
        ]
        source = next((text for language, text, _ in variants if language == SOURCE), "")
        for language, text, state in variants:
            if language not in {SOURCE, ""}:
                is_fuzzy = state in {State.TOUCHED, State.DRAFT}
                yield TranslationUnit(source, language, text, is_fuzzy, state == State.DRAFT)


def _state(variant: "_Element") -> str:
    """Return the state that our own exports give a text, "" for one without."""
    return next((prop.text or "" for prop in variant.findall("{*}prop") if prop.get("type") == "x-state"), "")


def _read_xliff(root: "_Element") -> Iterator[TranslationUnit]:
    for file in root.iter("{*}file"):
        language = _language(file.get("target-language"))
        if _language(file.get("source-language")) != SOURCE or not language:
            continue
        for unit in file.iter("{*}trans-unit"):
            source, target = unit.find("{*}source"), unit.find("{*}target")
            if source is not None and target is not None:
                state = target.get("state", "")
                is_fuzzy = state == "new" or state.startswith("needs-") or unit.get("approved") == "no"
                yield TranslationUnit(_text(source), language, _text(target), is_fuzzy)


def _language(code: str | None) -> str:
    return normalize_tag(re.split("[-_.@]", code or "", maxsplit=1)[0]) or ""


def _local(element: "_Element") -> str:
    return str(element.tag).rpartition("}")[2].lower()


def _text(element: "_Element") -> str:
    """Return the text of an element; inline elements give what they hold, which is the markup of the original."""
    text = "".join(element.itertext("*", with_tail=True)) if len(element) else element.text or ""
    return _SPACES.sub(lambda run: " " if {"\r", "\n"} & {*run[0]} else run[0], text).strip()
