"""Numbers: the same in both texts, whatever the format."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from pipeline.checks.figures import CENTURY, Scaled, figures_of, scaled_figures, spelled_numbers, worded_values
from pipeline.checks.problem import Pair, Problem, error, note, warning
from pipeline.settings import SOURCE

_HALF_DAY = 12
_DECADE = 10
_MINUS = re.compile(r"(?<![\w)])(?<!\d[ \u00a0])[-−]$")
_MINUS_WORDS = re.compile(
    r"(?<!\w)(?:moins|minus|menos|negati|négati|below|sous zéro|bajo|av\.|avant|BCE?|before|a\. ?C|antes)",
    re.IGNORECASE,
)
_DECIMAL_MARKS = {"en": ".", "es": ","}
_FIRST_YEAR, _LAST_YEAR = 1000, 2100


def check_numbers(pair: Pair) -> Iterator[Problem]:
    """Compare the numbers; those in words, in Roman numerals and in other units of the clock explain one in digits."""
    missing = _unexplained(pair.source, SOURCE, pair.target, pair.language)
    extra = _unexplained(pair.target, pair.language, pair.source, SOURCE)
    if not missing and not extra:
        missing, extra = _misspelled(pair)
    if missing and extra:
        yield error("number", f"{_list(missing)} became {_list(extra)}")
    elif missing:
        yield warning("number", f"{_list(missing)} {_are(missing)} missing")
    elif extra:
        # What stands in brackets was often added on purpose: a measure in other units, a year.
        severity = note if _only_in_brackets(extra, pair.target) else warning
        yield severity("number", f"{_list(extra)} {_are(extra)} not in the source")
    else:
        yield from _check_signs(pair)
        yield from _check_separators(pair)


def _misspelled(pair: Pair) -> tuple[list[str], list[str]]:
    """Return the large numbers in words that have no like, where both texts have some."""
    missing = _find_misspelled(pair.source, SOURCE, pair.target, pair.language)
    extra = _find_misspelled(pair.target, pair.language, pair.source, SOURCE)
    return (missing, extra) if missing and extra else ([], [])


def _find_misspelled(text: str, language: str, other: str, other_language: str) -> list[str]:
    large = [spelled for spelled in spelled_numbers(text, language) if spelled.is_large]
    if not large:
        return []
    known = worded_values(other, other_language).union(*(s.reach for s in scaled_figures(other, other_language)))
    return [spelled.text for spelled in large if spelled.total not in known]


def _check_signs(pair: Pair) -> Iterator[Problem]:
    """Find a minus sign that one of the texts lacks; words may say it there."""
    had, has = _negative(pair.source), _negative(pair.target)
    theirs = {value for figure in figures_of(pair.target) for value in figure.values}
    ours = {value for figure in figures_of(pair.source) for value in figure.values}
    if had and not has and theirs & had and not _MINUS_WORDS.search(pair.target):
        yield warning("number", "the minus sign is lost")
    elif has and not had and ours & has and not _MINUS_WORDS.search(pair.source):
        yield warning("number", "the source has no minus sign")


def _negative(text: str) -> set[float]:
    figures = (figure for figure in figures_of(text) if _MINUS.search(text[max(0, figure.start - 3) : figure.start]))
    return {value for figure in figures for value in figure.values}


def _check_separators(pair: Pair) -> Iterator[Problem]:
    """Find a thousand that reads as one: with the decimal mark of the target language between its digits."""
    mark = _DECIMAL_MARKS.get(pair.language, "")
    thousands = {next(iter(figure.values)) for figure in figures_of(pair.source) if len(figure.values) == 1}
    for figure in figures_of(pair.target) if mark else ():
        digits = pair.target[figure.start : figure.end]
        if len(figure.values) > 1 and mark in digits and max(figure.values) in thousands - {min(figure.values)}:
            yield warning("number", f"“{digits}” reads as {min(figure.values):g}")


def _only_in_brackets(numbers: list[str], text: str) -> bool:
    outside = re.sub(r"\([^()]*\)", "", text)
    return all(number not in outside for number in numbers)


def _list(numbers: list[str]) -> str:
    return ", ".join(f"“{number}”" for number in numbers)


def _are(numbers: list[str]) -> str:
    return "is" if len(numbers) == 1 else "are"


def _unexplained(text: str, language: str, other: str, other_language: str) -> list[str]:
    theirs: dict[float, set[float | None]] = {}
    reach: set[float] = set()
    for scaled in scaled_figures(other, other_language):
        reach |= scaled.reach
        for value in scaled.figure.values:
            theirs.setdefault(value, set()).add(scaled.scale)
    left = []
    for scaled in scaled_figures(text, language):
        figure, scale = scaled.figure, scaled.scale
        # A label is no number, and 11 h is 11:00.
        if figure.is_label or figure.values == {0.0} or not reach.isdisjoint(scaled.reach):
            continue
        met = {theirs_scale for value in figure.values for theirs_scale in theirs.get(value, ())}
        if met and (scale is None or None in met):
            continue
        left.append(scaled)
    if not left:
        return []
    worded = worded_values(other, other_language)
    hours = {v for scaled in scaled_figures(other, other_language) if scaled.is_hour for v in scaled.figure.values}
    known = _Known(frozenset(theirs), worded, frozenset(hours), frozenset(v % CENTURY for v in theirs if _is_year(v)))
    return list(
        dict.fromkeys(
            scaled.text
            for scaled in left
            if worded.isdisjoint(scaled.reach)
            and not any(_is_explained(v, scaled, known) for v in scaled.figure.values)
        )
    )


@dataclass(frozen=True, slots=True)
class _Known:
    """What the other text has: figures, numbers in words, hours, and the last two digits of years."""

    figures: frozenset[float]
    worded: frozenset[float]
    hours: frozenset[float]
    years: frozenset[float]


def _is_explained(value: float, scaled: Scaled, known: _Known) -> bool:
    if scaled.scale:
        return False
    # 17 h 30 is 5:30 p.m.; 1914-1918 is 14-18, and 1990s are ’90s.
    if value <= 2 * _HALF_DAY and (known.figures if scaled.is_hour else known.hours) & {
        value + _HALF_DAY,
        value - _HALF_DAY,
    }:
        return True
    if _is_year(value) and value % CENTURY in (known.figures if value % _DECADE else known.figures | known.worded):
        return True
    return value in known.years


def _is_year(value: float) -> bool:
    return _FIRST_YEAR <= value < _LAST_YEAR
