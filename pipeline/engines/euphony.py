"""What a word changes to before another: `a` and `an`, `y` and `e`, `la` and `el`."""

import re

# Letters whose English names begin with a vowel: an FBI agent, an SMS, but a US ship.
_LETTER = re.compile(r"[AEFHILMNORSX](?:\d|[A-Z]{0,2}\b|[^AEIOUaeiou\W\d_]+\b)")
_VOWEL = re.compile(r"(?i)(?!one\b|once\b|eu|uni(?![mn])|u(?:[st][aeiu]|kr))[aeiou]|hour|hon(?:est|ou?r)|heir")
_CONSONANT = re.compile(r"(?:EU|U[A-Z]{0,2})\b")
# Feminine nouns whose first syllable has the stress: el agua, el arma, el área, el hambre (RAE, Nueva gramática, 14.2).
_STRESSED_A = re.compile(r"(?i)h?á|h?a(?:[iu]?(?:gu|[^aeiouáéíóú]{1,3}))[aeo]s?\b")
_SOUND_I = re.compile(r"I[A-Z]*\b|(?i:hi(?![aeou])|i)")
_SOUND_O = re.compile(r"(?i)h?[oó]")
_SPANISH = {"y": ("e", _SOUND_I), "o": ("u", _SOUND_O)}
_BEFORE_A = {"la": "el", "una": "un", "de la": "del", "a la": "al"}


def suit_english(word: str, following: str) -> str:
    """Return `a` or `an` as what follows sounds; any other word as it is."""
    if word.lower() not in {"a", "an"}:
        return word
    sounds = _LETTER.match(following) if following[:2].isupper() or len(following) == 1 else _VOWEL.match(following)
    is_vowel = sounds is not None and not _CONSONANT.match(following)
    return word[:1] + ("n" if is_vowel else "")


def suit_spanish(word: str, following: str, *, is_feminine: bool) -> str:
    """Return a conjunction or article (`de la` and `a la` too) as it is said before a form; any other as it is."""
    if (change := _SPANISH.get(word.lower())) and change[1].match(following):
        return change[0] if word.islower() else change[0].upper()
    suited = _BEFORE_A.get(word.lower()) if is_feminine and is_said_with_el(following) else None
    return (suited if word[:1].islower() else suited.capitalize()) if suited else word


def is_said_with_el(form: str) -> bool:
    """Tell whether a Spanish form, if it is a feminine singular, has `el` for its article."""
    return _STRESSED_A.match(form) is not None
