"""Numbers, percentages, centuries, months and days as pins: what a small model gets wrong, and nobody may."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace

from pipeline.checks.figures import figures_of, read_roman
from pipeline.checks.lexicon import lexicon
from pipeline.checks.quantities import find_named
from pipeline.engines import Request
from pipeline.glossary import TermKind
from pipeline.pins import Pin
from pipeline.settings import SOURCE

_SPACE = "[ \u00a0\u202f\u2009]"
_NUMBER = re.compile(rf"(\d+(?:{_SPACE}\d{{3}})*)(?:,(\d+))?")
_PERCENT = re.compile(rf"{_SPACE}?(%|pour cent\b)")
_CENTURY = re.compile(rf"(?<!\w)([IVX]+)e{_SPACE}siècle(?!\w)")
_ORDINAL = re.compile(r"(?:er|re|e|ème)(?!\w)")
_ORDINAL_ENDINGS = {"1": "st", "2": "nd", "3": "rd"}
_ALWAYS_GROUPED = 5  # digits; years and the like have four
_MARKS = {"en": (",", "."), "es": (".", ",")}  # of thousands and decimals
_PERCENT_WORDS = {"en": ("{}%", "{} percent", "{} per cent"), "es": ("{} %", "{}%", "{} por ciento")}
Found = tuple[int, int, Mapping[str, tuple[str, ...]]]
"""A stretch of the source, and its forms in each language."""


def pin_figures(request: Request, language: str) -> Request:
    """Add pins for the figures of a French text to those of the request, where they do not touch."""
    pins = list(request.pins)
    for start, end, forms in (*_find_numbers(request.text), *_find_centuries(request.text), *_find_dates(request.text)):
        if forms.get(language) and all(end <= pin.start or pin.end <= start for pin in pins):
            pins.append(Pin(start, end, forms[language], kind=TermKind.NAME))
    return replace(request, pins=tuple(sorted(pins, key=lambda pin: pin.start)))


def _find_numbers(text: str) -> Iterator[Found]:
    """Find the numbers in digits that are no part of a name, with the percent or the ordinal's ending after them."""
    for figure in figures_of(text):
        digits = text[figure.start : figure.end]
        if figure.is_label:
            continue
        if percent := _PERCENT.match(text, figure.end):
            yield (
                figure.start,
                percent.end(),
                {
                    language: tuple(word.format(form) for word in words for form in _write(digits, language))
                    for language, words in _PERCENT_WORDS.items()
                },
            )
        elif ending := _ORDINAL.match(text, figure.end):
            yield figure.start, ending.end(), {"en": (digits, _write_ordinal(digits)), "es": (digits, f"{digits}.º")}
        else:
            yield figure.start, figure.end, {language: _write(digits, language) for language in _MARKS}


def _find_centuries(text: str) -> Iterator[Found]:
    for match in _CENTURY.finditer(text):
        number = str(read_roman(match[1]))
        yield (
            *match.span(),
            {
                "en": tuple(f"{article}{_write_ordinal(number)} century" for article in ("the ", "")),
                "es": (f"siglo {match[1]}",),
            },
        )


def _find_dates(text: str) -> Iterator[Found]:
    """Find months and days in full: "Ils sont sept." has no September."""
    french = lexicon(SOURCE)
    for attribute in ("months", "days"):
        theirs = {language: getattr(lexicon(language), attribute) for language in _MARKS}
        for match, number in find_named(text, getattr(french, attribute), SOURCE):
            name = match[0].rstrip(".")
            if name.lower() in getattr(french, attribute):
                forms = {in_: tuple(word for word, n in names.items() if n == number) for in_, names in theirs.items()}
                yield match.start(), match.start() + len(name), forms


def _write(digits: str, language: str) -> tuple[str, ...]:
    """Return the forms that a French number may have in a language, the preferred one first."""
    match = _NUMBER.fullmatch(digits)
    if not match:
        return (digits,)
    thousands, decimal = _MARKS[language]
    plain, fraction = re.sub(_SPACE, "", match[1]), decimal + match[2] if match[2] else ""
    grouped = f"{int(plain):,}".replace(",", thousands)
    is_grouped = plain != match[1] or len(plain) >= _ALWAYS_GROUPED
    forms = (grouped, plain) if is_grouped and not plain.startswith("0") else (plain,)
    return tuple(form + fraction for form in dict.fromkeys(forms))


def _write_ordinal(digits: str) -> str:
    ending = "th" if digits[-2:-1] == "1" else _ORDINAL_ENDINGS.get(digits[-1], "th")
    return digits + ending
