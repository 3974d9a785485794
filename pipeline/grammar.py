"""What the function words around a French word tell of it: its number, and whether it is a noun at all."""

import re
import tomllib
from collections.abc import Sequence
from functools import cache, lru_cache

from pipeline.files import read_data
from pipeline.glossary import Number

_WORD = re.compile(r"[^\W_]+")
_SIGN = re.compile(r"[^\w\s'’]")
_REACH = 40  # characters; a determiner with an adjective behind it is shorter
_NEAR = 2  # words: “les nouveaux GPU”
_ADVERB = "ment"
_PARTICIPLE = re.compile("[éiuts]e?s?$")


@cache
def function_words(name: str) -> frozenset[str]:
    """Return a list of data/grammar.fr.toml, in lower case."""
    return frozenset(_read_lists()[name].split())


@cache
def _read_lists() -> dict[str, str]:
    return tomllib.loads(read_data("grammar.fr.toml"))


def find_number(text: str, start: int) -> Number | None:
    """Return the number of the noun at `text[start:]` by its determiner, which an adjective may follow, or None."""
    return _find_number(text[max(0, start - _REACH) : start])


@lru_cache(1000)  # each language asks
def _find_number(before: str) -> Number | None:
    for word in list(_WORD.finditer(before))[: -_NEAR - 1 : -1]:
        if _SIGN.search(before, word.end()):
            return None
        name = word[0].lower()
        if name in function_words("singular"):
            return Number.SINGULAR
        if name in function_words("plural") or (name.isdecimal() and int(name) > 1):
            return Number.PLURAL
    return None


def is_conjunction(tokens: Sequence[str], at: int) -> bool:
    """Tell whether the word at `tokens[at]` is a conjunction and not the noun of the same letters ("car", "or")."""
    before = _words_before(tokens, at)
    return tokens[at].lower() in function_words("conjunctions") and not (
        before and before[0] in function_words("before_nouns")
    )


def is_verb(tokens: Sequence[str], at: int, *, may_be: bool) -> bool:
    """Tell whether the word at `tokens[at]` is a verb by what stands around it; `may_be` where it looks like one.

    Tokens are words, single signs and spaces, as `matching` cuts them. Only what is sure counts: in doubt it is a
    noun, so that no term goes unseen.
    """
    before, word = _words_before(tokens, at), tokens[at].lower()
    last, second = [*before, "", ""][:2]
    if last in function_words("before_verbs") or (
        last == "nous" and (word.endswith("ons") or word in function_words("auxiliaries"))  # “nous avions”
    ):
        return True
    if not (may_be or word in function_words("participles")):
        return False
    if last in function_words("objects") or second == "quelqu":
        return True
    if last in function_words("pronouns") and second in function_words("before_verbs"):
        return True
    if not word.endswith("s") and last not in function_words("before_nouns") and _has_object(tokens, at):
        return True
    return bool(_PARTICIPLE.search(word)) and (
        next((word for word in before if not _is_adverb(word)), "") in function_words("auxiliaries")
    )


def _words_before(tokens: Sequence[str], at: int) -> list[str]:
    """Return up to four words before a token, the nearest first, as far as no sign but an apostrophe parts them."""
    words: list[str] = []
    for n in range(at - 1, max(-1, at - 9), -1):
        if tokens[n] in (" ", "'"):
            continue
        # Inverted subjects (“a-t-il accès”) bind nothing.
        if not tokens[n].isalpha() or (n and tokens[n - 1] == "-"):
            break
        if len(tokens[n]) == 1 and tokens[n] not in "aày" and tokens[n + 1] != "'":  # “cellules T mémoire”
            break
        words.append(tokens[n].lower())
    return words


def _has_object(tokens: Sequence[str], at: int) -> bool:
    """Tell whether an object follows, an adverb between or not: “affiche les paquets” (a noun needs a preposition)."""
    following = [word.lower() for word in tokens[at + 1 : at + 8] if word.strip()]
    first = next((n for n, word in enumerate(following) if not _is_adverb(word)), len(following))
    begin, after = [*following[first:], "", ""][:2]
    return begin in function_words("objects_begin") and after not in ("plus", "moins")  # “la langue la plus parlée”


def _is_adverb(word: str) -> bool:
    return word in function_words("adverbs") or word.endswith(_ADVERB)
