"""Numbers, percentages, units and dates: the same in both texts, whatever the format."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from pipeline.checks.lexicon import lexicon
from pipeline.checks.problem import Pair, Problem, error, note, warning
from pipeline.settings import SOURCE

_SPACE = "[ \u00a0\u202f\u2009]"
_NUMBER = re.compile(rf"(?<!\d)(?:\d{{1,3}}(?:{_SPACE}\d{{3}})+(?![\d])(?:[.,]\d+)?|\d+(?:[.,'’]\d+)*)")
_ROMAN = re.compile(
    r"(?<![\w-])(?=[IVXLC])(?:C{0,3})(?:X[CL]|L?X{0,3})(?:I[XV]|V?I{0,3})(?=(?:e|ème|er|re|è)?(?![\w]))"
)
_ROMAN_VALUES = {"I": 1, "V": 5, "X": 10, "L": 50, "C": 100}
_SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789")
_GROUP = 3  # digits
_CENTURY = 100
_HALF_DAY = 12
_HALF = 0.5
_SCALES = (1e2, 1e3, 1e6, 1e9)
_THOUSAND = 1000
_FIRST_YEAR, _LAST_YEAR = 1000, 2100
_MANY = 2


@dataclass(frozen=True, slots=True)
class Figure:
    """A number in digits at `text[start:end]`, and the values that it may have: 1,000 is a thousand, or one."""

    start: int
    end: int
    values: frozenset[float]
    is_label: bool  # a part of a name: A320, COVID-19


@lru_cache(2000)
def figures_of(text: str) -> tuple[Figure, ...]:
    """Return the numbers in digits."""
    found = []
    for match in _NUMBER.finditer(text):
        before = text[max(0, match.start() - 2) : match.start()]
        is_label = re.search(r"[^\W\d_]-?$", before) is not None
        found.append(Figure(match.start(), match.end(), _read(match[0]), is_label))
    return tuple(found)


def _read(digits: str) -> frozenset[float]:
    digits = re.sub(_SPACE, "", digits)
    parts = re.split("[.,'’]", digits)
    if len(parts) == 1:
        return frozenset({float(digits)})
    marks = re.sub(r"\d", "", digits)
    is_grouped = all(len(part) == _GROUP for part in parts[1:]) and len(parts[0]) <= _GROUP
    whole = float("".join(parts))
    if len(set(marks)) > 1:  # 1.234,5
        return frozenset({float("".join(parts[:-1]) + "." + parts[-1])})
    if len(parts) > _MANY:
        # 1.234.567 is a number; 3.5.2020 and 1.2.3 are several.
        return frozenset({whole}) if is_grouped else frozenset(map(float, parts))
    decimal = float(".".join(parts))
    return frozenset({whole, decimal} if is_grouped and parts[0] != "0" else {decimal})


@lru_cache(2000)
def _worded(text: str, language: str) -> frozenset[float]:
    """Return the values of the numbers in words, of parts of them too, of months and of Roman numerals."""
    known = lexicon(language)
    values: set[float] = {float(_read_roman(match[0])) for match in _ROMAN.finditer(text) if match[0]}
    if known is None:
        return frozenset(values)
    run = total = 0.0
    for word in re.findall(r"[^\W_]+", text):
        lower = word.lower()
        values |= {float(known.months[name]) for name in (word, lower) if name in known.months}
        meanings = known.numbers.get(lower) or known.numbers.get(re.sub("s$", "", lower))
        if meanings is None:
            if lower not in known.joiners:
                run = total = 0.0
            if word.isdecimal():
                run = float(word)
            continue
        values |= meanings
        value = max(meanings) if len(meanings) > 1 and min(meanings) < 1 else min(meanings)
        if value >= _CENTURY:
            run = max(run, 1) * value
            if value >= _THOUSAND:
                total, run = total + run, 0.0
        elif value == 20 and 4 <= run % 100 < 5:  # noqa: PLR2004 - quatre-vingts
            run += 76
        else:
            run += value
        values |= {run, total + run}
    if _HALF in values:  # une heure et demie
        values |= {value + _HALF for value in values}
    return frozenset(values)


def _read_roman(numeral: str) -> int:
    values = [_ROMAN_VALUES[letter] for letter in numeral]
    following = [*values[1:], 0]
    return sum(-value if value < after else value for value, after in zip(values, following, strict=True))


def check_numbers(pair: Pair) -> Iterator[Problem]:
    """Compare the numbers; those in words, in Roman numerals and in other units of the clock explain one in digits."""
    missing = _unexplained(pair.source, SOURCE, pair.target, pair.language)
    extra = _unexplained(pair.target, pair.language, pair.source, SOURCE)
    if missing and extra:
        yield error("number", f"{_list(missing)} became {_list(extra)}")
    elif missing:
        yield warning("number", f"{_list(missing)} is missing")
    elif extra:
        # What stands in brackets was often added on purpose: a measure in other units, a year.
        severity = note if _only_in_brackets(extra, pair.target) else warning
        yield severity("number", f"{_list(extra)} is not in the source")


def _only_in_brackets(numbers: list[str], text: str) -> bool:
    outside = re.sub(r"\([^()]*\)", "", text)
    return all(number not in outside for number in numbers)


def _list(numbers: list[str]) -> str:
    return ", ".join(f"“{number}”" for number in numbers)


def _unexplained(text: str, language: str, other: str, other_language: str) -> list[str]:
    theirs = {value for figure in figures_of(other) for value in figure.values}
    # A label is no number, and 11 h is 11:00.
    figures = [figure for figure in figures_of(text) if not figure.is_label and figure.values != {0.0}]
    figures = [figure for figure in figures if theirs.isdisjoint(figure.values)]
    if not figures:
        return []
    worded = _worded(other, other_language)
    has_scale = any(value >= _CENTURY for value in worded | _worded(text, language))
    left = [
        text[figure.start : figure.end]
        for figure in figures
        if not any(_is_explained(value, theirs, worded, has_scale=has_scale) for value in figure.values)
    ]
    return list(dict.fromkeys(left))


def _is_explained(value: float, theirs: set[float], worded: frozenset[float], *, has_scale: bool) -> bool:
    if value in worded:
        return True
    # 17 h 30 is 5:30 p.m.; 1914-1918 is 14-18, and 1990s are ’90s.
    if value <= 2 * _HALF_DAY and theirs & {value + _HALF_DAY, value - _HALF_DAY}:
        return True
    if _is_year(value) and value % _CENTURY in theirs:
        return True
    if value < _CENTURY and any(_is_year(year) and year % _CENTURY == value for year in theirs):
        return True
    known = theirs | worded
    return has_scale and any(value * scale in known or value / scale in known for scale in _SCALES)


def _is_year(value: float) -> bool:
    return _FIRST_YEAR <= value < _LAST_YEAR
