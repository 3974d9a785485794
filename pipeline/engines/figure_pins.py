"""Numbers, percentages, centuries, months and days as pins: what a small model gets wrong, and nobody may."""

import re
from collections.abc import Iterator
from dataclasses import replace

from pipeline.checks.figures import SPACE, figures_of, read_roman
from pipeline.checks.lexicon import lexicon
from pipeline.checks.quantities import find_named
from pipeline.engines import Request
from pipeline.glossary import TermKind
from pipeline.pins import Pin, add_pins
from pipeline.settings import SOURCE

_NUMBER = re.compile(rf"(\d+(?:{SPACE}\d{{3}})*)(?:,(\d+))?")
_PERCENT = re.compile(rf"{SPACE}?(%|pour cent\b)")
_CENTURY = re.compile(rf"(?<!\w)([IVX]+)e{SPACE}siècle(?!\w)")
_ORDINAL = re.compile(r"(?:er|re|e|ème)(?!\w)")
_ORDINAL_ENDINGS = {"1": "st", "2": "nd", "3": "rd"}
_ALWAYS_GROUPED = 5  # digits; years and the like have four
_MARKS = {"en": (",", "."), "es": (".", ",")}  # of thousands and decimals
_PERCENT_WORDS = {"en": ("{}%", "{} percent", "{} per cent"), "es": ("{} %", "{}%", "{} por ciento")}
Found = tuple[int, int, tuple[str, ...]]
"""A stretch of the source, and its forms in the language of the draft."""


def pin_figures(request: Request, language: str) -> Request:
    """Add pins for the figures of a French text to those of the request, where they do not touch."""
    finders = (_find_numbers, _find_centuries, _find_dates)
    found = (each for find in finders for each in find(request.text, language)) if language in _MARKS else ()
    more = (Pin(start, end, forms, kind=TermKind.NAME) for start, end, forms in found)
    return replace(request, pins=add_pins(request.pins, more))


def _find_numbers(text: str, language: str) -> Iterator[Found]:
    """Find the numbers in digits that are no part of a name, with the percent or the ordinal's ending after them."""
    for figure in figures_of(text):
        digits = text[figure.start : figure.end]
        if figure.is_label:
            continue
        if percent := _PERCENT.match(text, figure.end):
            written = _write(digits, language)
            forms = tuple(word.format(form) for word in _PERCENT_WORDS[language] for form in written)
            yield figure.start, percent.end(), forms
        elif ending := _ORDINAL.match(text, figure.end):
            yield figure.start, ending.end(), (digits, _write_ordinal(digits) if language == "en" else f"{digits}.º")
        else:
            yield figure.start, figure.end, _write(digits, language)


def _find_centuries(text: str, language: str) -> Iterator[Found]:
    for match in _CENTURY.finditer(text):
        century = f"{_write_ordinal(str(read_roman(match[1])))} century"
        yield *match.span(), (f"the {century}", century) if language == "en" else (f"siglo {match[1]}",)


def _find_dates(text: str, language: str) -> Iterator[Found]:
    """Find months and days in full: "Ils sont sept." has no September."""
    french, foreign = lexicon(SOURCE), lexicon(language)
    if not (french and foreign):
        return
    for ours, theirs in ((french.months, foreign.months), (french.days, foreign.days)):
        for match, number in find_named(text, ours, SOURCE):
            name = match[0].rstrip(".")
            if name.lower() in ours:
                yield match.start(), match.start() + len(name), tuple(w for w, n in theirs.items() if n == number)


def _write(digits: str, language: str) -> tuple[str, ...]:
    """Return the forms that a French number may have in a language, the preferred one first."""
    match = _NUMBER.fullmatch(digits)
    if not match:
        return (digits,)
    thousands, decimal = _MARKS[language]
    plain, fraction = re.sub(SPACE, "", match[1]), decimal + match[2] if match[2] else ""
    grouped = f"{int(plain):,}".replace(",", thousands)
    is_grouped = plain != match[1] or len(plain) >= _ALWAYS_GROUPED
    forms = (grouped, plain) if is_grouped and not plain.startswith("0") else (plain,)
    return tuple(form + fraction for form in dict.fromkeys(forms))


def _write_ordinal(digits: str) -> str:
    ending = "th" if digits[-2:-1] == "1" else _ORDINAL_ENDINGS.get(digits[-1], "th")
    return digits + ending
