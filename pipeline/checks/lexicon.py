"""What the checks know of each language (data/checks.toml, data/french.txt), and the words of a text."""

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

from pipeline.files import read_data

_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
_NEVER = re.compile(r"(?!)")


@dataclass(frozen=True, slots=True)
class Lexicon:
    """A language's numbers in words, months (1 to 12), days (0 to 6), signs for a hundredth, and negations.

    `scales` are the words after digits that multiply them.
    """

    numbers: Mapping[str, frozenset[float]]
    scales: Mapping[str, float]
    months: Mapping[str, int]
    days: Mapping[str, int]
    percent: re.Pattern[str]
    joiners: frozenset[str]
    repeats: frozenset[str]
    negations: frozenset[str]
    implied: re.Pattern[str]
    not_negations: re.Pattern[str]
    forget: re.Pattern[str]


@cache
def lexicon(language: str) -> Lexicon | None:
    """Return what data/checks.toml says of a language; None where it says nothing."""
    table = _tables().get(language)
    if table is None:
        return None
    numbers: dict[str, set[float]] = {}
    for value, words in table["numbers"].items():
        for word in words.split():
            numbers.setdefault(word, set()).add(float(value))
    return Lexicon(
        numbers={word: frozenset(values) for word, values in numbers.items()},
        scales={word: float(value) for value, words in table["scales"].items() for word in words.split()},
        months=_numbered(table["months"], 1),
        days=_numbered(table["days"], 0),
        percent=_signs(table["percent"]),
        joiners=frozenset(table["joiners"]),
        repeats=frozenset(table["repeats"]),
        negations=frozenset(table.get("negations", [])),
        implied=_expressions(table.get("implied", [])),
        forget=_expressions(table.get("forget", [])),
        not_negations=_expressions(table.get("not_negations", [])),
    )


def _signs(signs: Iterable[str]) -> re.Pattern[str]:
    alternatives = [rf"(?<!\w){re.escape(sign)}(?!\w)" if sign[0].isalpha() else re.escape(sign) for sign in signs]
    return re.compile("|".join(alternatives), re.IGNORECASE)


def _expressions(stems: Iterable[str]) -> re.Pattern[str]:
    """Return what matches any of the expressions; a word that ends in * goes on as it likes."""
    alternatives = [re.escape(stem).replace(r"\*", r"\w*") for stem in stems]
    return re.compile(rf"(?<!\w)(?:{'|'.join(alternatives)})(?!\w)", re.IGNORECASE) if alternatives else _NEVER


def _numbered(names: Iterable[str], start: int) -> dict[str, int]:
    return {name: number for number, several in enumerate(names, start) for name in several.split()}


@cache
def _tables() -> dict[str, dict[str, Any]]:
    return tomllib.loads(read_data("checks.toml"))


@cache
def describe_codes() -> Mapping[str, str]:
    """Return what each code of a problem means, in a few words."""
    return _tables()["codes"]


@cache
def units() -> Mapping[str, str]:
    """Return the name of the unit that each abbreviation or word stands for."""
    return {form: unit for unit, forms in _tables()["units"].items() for form in forms.split()}


@cache
def french_words(language: str) -> frozenset[str]:
    """Return common French words that are no words of `language`."""
    words: list[str] = []
    for section in re.split(r"^\[", read_data("french.txt"), flags=re.MULTILINE)[1:]:
        languages, _, listed = section.partition("]")
        words += listed.split() if language in languages.split() else []
    return frozenset(words)


@cache
def _french_signs(language: str) -> re.Pattern[str]:
    table = _tables().get(language, {})
    loans = "|".join(table.get("loans", []))
    return re.compile(rf"(?!(?:{loans})$)\w*(?:{table['french']})\w*") if table.get("french") else _NEVER


def looks_french(word: str, language: str) -> bool:
    """Tell whether a word is spelt as none of `language` is."""
    return _french_signs(language).fullmatch(word) is not None


@cache
def translated_acronyms(language: str) -> frozenset[str]:
    """Return the French acronyms that have other letters in `language`, or become words."""
    return frozenset(_tables().get(language, {}).get("acronyms", "").split())


@lru_cache(2000)
def words_of(text: str) -> tuple[str, ...]:
    """Return the words of a text as they stand; an elided article is a part of its word (l’eau)."""
    return tuple(_WORD.findall(text))
