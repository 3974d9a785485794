"""Percentages, units and dates: what stands beside the numbers."""

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache

from pipeline.checks.figures import figures_of
from pipeline.checks.lexicon import lexicon, units
from pipeline.checks.problem import Pair, Problem, warning
from pipeline.settings import SOURCE

_AFTER = re.compile(r"[ \u00a0\u202f-]?(km/h|°[ \u00a0]?[CF]|[€$¥£℃]|(?<!\d)s(?!\w)|(?!s(?!\w))[^\W\d_]+)")
_BEFORE = re.compile(r"([€$¥£])[ \u00a0]?$")
_BRACKETED = re.compile(r"\([^()]*\)")
_NEAR = 3
_POINTS = re.compile(r"(?<!\w)(?:percentage points?|puntos? porcentual)", re.IGNORECASE)
_POINT = re.compile(r"(?<!\w)points?(?!\w)", re.IGNORECASE)
# Times are written out in many ways, and a Spanish `ha` is a verb.
_LOOSE = frozenset(["hour", "minute", "second", "day", "week", "month", "year", "ha", "t"])
_NAME = re.compile(r"[^\W\d_]+\.?")


def check_percentages(pair: Pair) -> Iterator[Problem]:
    """Count the signs and words for a hundredth."""
    source, target = lexicon(SOURCE), lexicon(pair.language)
    if source is None or target is None:
        return
    had, has = (len(known.percent.findall(text)) for known, text in ((source, pair.source), (target, pair.target)))
    if (had > 0) != (has > 0):
        yield warning("percent", "the percentage is lost" if had else "the source has no percentage")
    elif _POINTS.search(pair.target) and not _POINT.search(pair.source):
        yield warning("percent", "percents became percentage points")


def check_units(pair: Pair) -> Iterator[Problem]:
    """Compare the units of the numbers that stand in both texts."""
    if not figures_of(pair.target):
        return
    had, has = _units_in(pair.source), _units_in(pair.target)
    ours, theirs = _measures(pair.source), _measures(pair.target)
    for value, unit in ours.items():
        other = theirs.get(value)
        if unit and other and other != unit and (unit not in has or other not in had):
            yield warning("unit", f"{unit} became {other}")
            return
    # A measure in other units is often added in brackets.
    plain = _measures(_BRACKETED.sub("", pair.target))
    added = sorted({unit for unit in plain.values() if unit and unit not in had and unit not in _LOOSE})
    if added:
        yield warning("unit", f"the source has no {added[0]}")


@lru_cache(2000)
def _measures(text: str) -> dict[float, str | None]:
    """Return the unit of each number: it stands before it or at most three words after it (2 millions de km)."""
    measures: dict[float, str | None] = {}
    for figure in figures_of(text):
        before = _BEFORE.search(text, max(0, figure.start - 2), figure.start)
        found = [before[1]] if before else _following(text, figure.end)
        unit = next((units()[word] for word in found if word in units()), None)
        for value in figure.values:
            measures[value] = unit
    return measures


def _following(text: str, end: int) -> list[str]:
    words: list[str] = []
    while len(words) < _NEAR and (match := _AFTER.match(text, end)):
        words.append(re.sub("[ \u00a0]", "", match[1]).lower())
        end = match.end()
    return words


@lru_cache(2000)
def _units_in(text: str) -> frozenset[str]:
    words = re.findall(r"km/h|°[ \u00a0]?[CF]|[€$¥£℃]|[^\W\d_]+", text)
    return frozenset(
        units()[word] for word in (re.sub("[ \u00a0]", "", found).lower() for found in words) if word in units()
    )


def check_dates(pair: Pair) -> Iterator[Problem]:
    """Compare the names of months and days; a number in the other text explains a month."""
    source, target = lexicon(SOURCE), lexicon(pair.language)
    if source is None or target is None:
        return
    for french, foreign, are_months in ((source.months, target.months, True), (source.days, target.days, False)):
        had, has = _named(pair.source, french, SOURCE), _named(pair.target, foreign, pair.language)
        lost, added = set(had.values()) - set(has.values()), set(has.values()) - set(had.values())
        if are_months:
            lost -= _values(pair.target)
            added -= _values(pair.source)
        if lost or added:
            words = [word for word, number in had.items() if number in lost]
            others = [word for word, number in has.items() if number in added]
            said, theirs = ("“" + ", ".join(names) + "”" for names in (words, others))
            lost_all, new = f"{said} is missing", f"{theirs} is not in the source"
            yield warning("date", f"{said} became {theirs}" if lost and added else lost_all if lost else new)


def _values(text: str) -> set[float]:
    return {value for figure in figures_of(text) for value in figure.values}


def _named(text: str, names: Mapping[str, int], language: str) -> dict[str, int]:
    return {match[0].rstrip("."): number for match, number in find_named(text, names, language)}


def find_named(text: str, names: Mapping[str, int], language: str) -> Iterator[tuple[re.Match[str], int]]:
    """Yield the names in a text with their numbers: with a capital in English, in the others at most at the start."""
    for match in _NAME.finditer(text):
        is_free = language != "en" and (match.start() == 0 or text[match.start() - 2 : match.start() - 1].isdigit())
        word = match[0].lower() if is_free else match[0]
        number = names.get(word, names.get(word.rstrip(".")))
        if number is not None:
            yield match, number
