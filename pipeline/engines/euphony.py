"""What a word changes to before another: `a` and `an`, `y` and `e`, `la` and `el`."""

import re

# Acronyms are spelled by letters, of which some begin with a vowel (an FBI agent, an SMS), or read as words if they
# begin with a vowel (an OPEC state, an AIDS ward), but for EU and U- (a UN ship).
_ACRONYM = re.compile(r"[AEIO](?!U\b)[A-Z\d]*\b|[FHLMNRSX](?:\d|[A-Z]{0,2}\b|[^AEIOUaeiou\W\d_]+\b)|[AEFHILMNORSX]\b")
_VOWEL = re.compile(
    r"(?i)(?!one\b|once\b|eu|uni(?!m|n|dent)|u(?:[st][aeio]|kr|b[iu]|gand|rani))[aeiou]|hour|hon(?:est|ou?r)|heir|8|1[18]\b"
)
# Feminine nouns whose first syllable has the stress: el agua, el arma, el área, el hambre; but adjectives have `la`
# (RAE, Nueva gramática, 14.2).
_STRESSED_A = re.compile(
    r"(?i)(?!(?:alta|amplia|ancha|agria|ácida|árida|apta|áspera|ágil)s?\b)"
    r"(?:h?á|h?a(?:[iu]?(?:gu|[^aeiouáéíóú]{1,3}))[aeo]s?\b)"
)
_SOUND_I = re.compile(r"I[A-Z]*\b|(?i:hi(?![aeou])|i)")
_SOUND_O = re.compile(r"(?i)h?[oó]")
_SPANISH = {"y": ("e", _SOUND_I), "o": ("u", _SOUND_O)}
_BEFORE_A = {"la": "el", "una": "un", "de la": "del", "a la": "al"}


def suit_english(word: str, following: str) -> str:
    """Return `a` or `an` as what follows sounds; any other word as it is."""
    if word.lower() not in {"a", "an"}:
        return word
    is_acronym = following[:2].isupper() or re.match(r"[A-Z](?:\b|\d)", following)
    sounds_so = (_ACRONYM if is_acronym else _VOWEL).match(following)
    return word[:1] + ("n" if sounds_so else "")


def suit_spanish(word: str, following: str, *, is_feminine: bool) -> str:
    """Return a conjunction or article (`de la` and `a la` too) as it is said before a form; any other as it is."""
    if (change := _SPANISH.get(word.lower())) and change[1].match(following):
        return change[0] if word.islower() else change[0].upper()
    suited = _BEFORE_A.get(word.lower()) if is_feminine and is_said_with_el(following) else None
    return (suited if word[:1].islower() else suited.capitalize()) if suited else word


def is_said_with_el(form: str) -> bool:
    """Tell whether a Spanish form, if it is a feminine singular, has `el` for its article."""
    return _STRESSED_A.match(form) is not None
