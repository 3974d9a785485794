"""The numbers of a text: in digits, with the million after them, in words, in Roman numerals."""

import re
from dataclasses import dataclass
from functools import lru_cache

from pipeline.checks.lexicon import lexicon

SPACE = "[ \u00a0\u202f\u2009]"
_NUMBER = re.compile(rf"(?<!\d)(?:\d{{1,3}}(?:{SPACE}\d{{3}})+(?![\d])(?:[.,]\d+)?|\d+(?:[.,'’]\d+)*)")
_ROMAN = re.compile(
    r"(?<![\w-])(?=[IVXLC])(?:C{0,3})(?:X[CL]|L?X{0,3})(?:I[XV]|V?I{0,3})(?=(?:e|ème|er|re|è)?(?![\w]))"
)
_ROMAN_VALUES = {"I": 1, "V": 5, "X": 10, "L": 50, "C": 100}
_GROUP = 3  # digits
CENTURY = 100
_HALF = 0.5
_NEAR = 20  # characters
_ORDINAL = re.compile(r"(?:er|re|ère|e|ème|è)(?!\w)")
_BEFORE_ANY_ROMAN = re.compile(r"\b(?:siècles?|chapitre|century|chapter|siglos?|capítulo) $", re.IGNORECASE)
_BEFORE_ROMAN = re.compile(rf"{_BEFORE_ANY_ROMAN.pattern}|(?<!\w)[A-ZÀ-Ý][^\W\d_]+ $")
_AFTER = re.compile(rf"(?:{SPACE}|-)([^\W\d_]+)")
_HOUR = re.compile(r"\s?(?:h(?:(?:eure|our|ora)s?)?(?![^\W\d])|:\d|[ap]\.?\s?m(?!\w)|o[’']clock)", re.IGNORECASE)
_THOUSAND = 1000
_UNITS = (1.0, 1e3, 1e6, 1e9)
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
    digits = re.sub(SPACE, "", digits)
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


@dataclass(frozen=True, slots=True)
class Spelled:
    """A number in words: its value, those of its parts too, and whether several words make a thousand or more."""

    text: str
    total: float
    values: frozenset[float]
    is_large: bool


@lru_cache(2000)
def spelled_numbers(text: str, language: str) -> tuple[Spelled, ...]:
    """Return the numbers in words of a text."""
    known = lexicon(language)
    found: list[Spelled] = []
    words: list[str] = []
    values: set[float] = set()
    run = total = 0.0

    def close() -> None:
        if words:
            is_large = len(words) > 1 and total + run >= _THOUSAND
            found.append(Spelled(" ".join(words), total + run, frozenset(values), is_large))
        words.clear()
        values.clear()

    for word in re.findall(r"[^\W_]+", text) if known else ():
        lower = word.lower()
        meanings = known.numbers.get(lower) or known.numbers.get(re.sub("s$", "", lower)) if known else None
        if meanings is None:
            if known and lower not in known.joiners:
                close()
                run = total = 0.0
            if word.isdecimal():
                run = float(word)
            continue
        words.append(word)
        values |= meanings
        value = max(meanings) if len(meanings) > 1 and min(meanings) < 1 else min(meanings)
        if value >= CENTURY:
            run = max(run, 1) * value
            if value >= _THOUSAND:
                total, run = total + run, 0.0
        elif value == 20 and 4 <= run % 100 < 5:  # noqa: PLR2004 - quatre-vingts
            run += 76
        else:
            run += value
        values |= {run, total + run}
    close()
    return tuple(found)


@lru_cache(2000)
def worded_values(text: str, language: str) -> frozenset[float]:
    """Return the values of the numbers in words, of parts of them too, of months and of Roman numerals."""
    values = {float(read_roman(match[0])) for match in _ROMAN.finditer(text) if match[0] and _is_numeral(match)}
    values |= {value for spelled in spelled_numbers(text, language) for value in spelled.values}
    if known := lexicon(language):
        words = {form for word in re.findall(r"[^\W_]+", text) for form in (word, word.lower())}
        values |= {float(known.months[word]) for word in words if word in known.months}
    if _HALF in values:  # une heure et demie, deux millions et demi
        values |= {value + _HALF * unit for value in values for unit in _UNITS if unit <= value or unit == 1}
    return frozenset(values)


def _is_numeral(match: re.Match[str]) -> bool:
    """Tell whether letters are a Roman numeral; one letter is where it is an ordinal, a century, a chapter, a king."""
    if len(match[0]) > 1 or _ORDINAL.match(match.string, match.end()):
        return True
    before = match.string[max(0, match.start() - _NEAR) : match.start()]
    return (_BEFORE_ROMAN if match[0] in "IVX" else _BEFORE_ANY_ROMAN).search(before) is not None


def read_roman(numeral: str) -> int:
    """Return the value of a Roman numeral."""
    values = [_ROMAN_VALUES[letter] for letter in numeral]
    following = [*values[1:], 0]
    return sum(-value if value < after else value for value, after in zip(values, following, strict=True))


@dataclass(frozen=True, slots=True)
class Scaled:
    """A figure with the million after it, if any; `reach` is what it may be worth, `is_hour` whether it looks so."""

    figure: Figure
    text: str
    scale: float | None
    reach: frozenset[float]
    is_hour: bool


@lru_cache(2000)
def scaled_figures(text: str, language: str) -> tuple[Scaled, ...]:
    """Return the numbers in digits with what multiplies them."""
    known = lexicon(language)
    scales: list[tuple[float | None, int]] = []
    for figure in figures_of(text):
        scale: float | None = None
        end = figure.end
        while known and (match := _AFTER.match(text, end)) and match[1].lower() in known.scales:
            scale, end = (scale or 1) * known.scales[match[1].lower()], match.end()
        scales.append((scale, end))
    # In "2 to 3 million" the scale of one is that of both.
    others = {1.0, *(scale for scale, _ in scales if scale)}
    return tuple(
        Scaled(
            figure,
            text[figure.start : end],
            scale,
            frozenset(round(value * by, 6) for value in figure.values for by in ([scale] if scale else others)),
            _HOUR.match(text, figure.end) is not None,
        )
        for figure, (scale, end) in zip(figures_of(text), scales, strict=True)
    )
