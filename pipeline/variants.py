"""The other number and gender of accepted forms: armas autónomas for arma autónoma, defence ministry for its plural.

Only regular inflection: a form with another plural is one that the row lists itself. In Spanish the words up to the
first preposition agree, in English the last of them alone has a plural.
"""

import re
from collections.abc import Sequence
from functools import lru_cache

Rules = Sequence[tuple[str, str]]
"""Patterns of words and what to write for them; the first that fits counts, an empty one stands for no form."""

_ACUTE = tuple(zip("aeiou", "áéíóú", strict=True))
_STOPS = {
    "es": re.compile(r"\s(?:de|del|a|al|en|para|por|con|sin|contra|sobre|ante|entre|que)\s"),
    "en": re.compile(r"\s(?:of|in|for|to|from|against|at|on|with|and)\s"),
}
# RAE, Nueva gramática, 3.2.
_SPANISH_PLURALS: Rules = (
    (r"^gran$", "grandes"),
    (r"^(buen|primer|tercer)$", r"\1os"),
    (r"([aeoáéóiuú])$", r"\1s"),
    (r"í$", "íes"),
    (r"z$", "ces"),
    (r"([aeo]ís)$", r"\1es"),  # país
    *((rf"{sharp}([ns])$", rf"{plain}\1es") for plain, sharp in _ACUTE),  # infección, francés
    (r"s$", ""),  # crisis, virus
    *((rf"{plain}([^aeiouáéíóú]+en)$", rf"{sharp}\1es") for plain, sharp in _ACUTE),  # examen, joven
    (r"([dljrny])$", r"\1es"),
    (r"$", "s"),  # chip
)
_SPANISH_SINGULARS: Rules = (
    (r"^(?:lunes|martes|miércoles|jueves|viernes)$", ""),
    (r"([aeo]ís)es$", r"\1"),
    (r"([aeiou].*)ones$", r"\1ón"),  # avión, but dron
    (r"eses$", "és"),
    (r"ces$", "z"),
    *((rf"{sharp}([^aeiouáéíóú]+en)es$", rf"{plain}\1") for plain, sharp in _ACUTE),
    (r"([aeiouáéíóú][lrnjyd])es$", r"\1"),  # red, móvil; a word in -de is likelier to be missed than one in -d
    (r"([aeo])s$", r"\1"),
    (r"([^aeiouáéíóús])s$", r"\1"),
    (r"$", ""),
)
_SPANISH_FEMININES: Rules = ((r"ores$", "oras"), (r"or$", "ora"), (r"o(s?)$", r"a\1"))
_ENGLISH_PLURALS: Rules = (
    (r"man$", "men"),
    (r"men$|\W$", ""),
    (r"sis$", "ses"),
    (r"([^aeiouAEIOU])y$", r"\1ies"),
    (r"(s|x|z|ch|sh)$", r"\1es"),
    (r"$", "s"),
)
_ENGLISH_SINGULARS: Rules = (
    (r"men$", "man"),
    (r"(\w\w)ies$", r"\1y"),
    (r"(ss|sh|ch|x|z|us)es$", r"\1"),
    (r"(?:ss|us|is)$", ""),
    (r"(\w\w)s$", r"\1"),
    (r"$", ""),
)
_PLURALS = {"es": _SPANISH_PLURALS, "en": _ENGLISH_PLURALS}
_SINGULARS = {"es": _SPANISH_SINGULARS, "en": _ENGLISH_SINGULARS}


@lru_cache(10_000)
def find_plural(form: str, language: str) -> str | None:
    """Return the regular plural of a form in the singular; None where there is none to be had."""
    return _inflect(form, language, _PLURALS.get(language, ()))


@lru_cache(10_000)
def find_singular(form: str, language: str) -> str | None:
    """Return the singular of a form in a regular plural; None where it is in none."""
    return _inflect(form, language, _SINGULARS.get(language, ()))


@lru_cache(10_000)
def find_variants(form: str, language: str) -> tuple[str, ...]:
    """Return the forms that say the same in the other number or, in Spanish, in the feminine."""
    numbers = [found for found in (find_plural(form, language), find_singular(form, language)) if found]
    feminines = [_inflect(one, "es", (*_SPANISH_FEMININES, ("$", r"\g<0>"))) for one in (form, *numbers)]
    found = (*numbers, *(feminines if language == "es" else ()))
    return tuple(dict.fromkeys(one for one in found if one and one != form))


def _inflect(form: str, language: str, rules: Rules) -> str | None:
    """Inflect what agrees in a form; None where a word of it has no such form. Acronyms are not Spanish words."""
    if not rules or (language == "es" and form.isupper()):
        return None
    stop = _STOPS[language].search(form)
    head, rest = (form[: stop.start()], form[stop.start() :]) if stop else (form, "")
    words = head.split(" ")
    fixed, agreeing = (words[:-1], words[-1:]) if language == "en" else ([], words)
    inflected = [_apply(rules, word) for word in agreeing]
    return " ".join([*fixed, *inflected]) + rest if all(inflected) else None


def _apply(rules: Rules, word: str) -> str:
    for pattern, replacement in rules:
        if re.search(pattern, word):
            return re.sub(pattern, replacement, word) if replacement else ""
    return ""
