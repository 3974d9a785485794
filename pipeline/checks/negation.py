"""A negation that the translation dropped: the fault that reads best and means the contrary."""

import re
from collections.abc import Iterator
from functools import lru_cache

from pipeline.checks.lexicon import lexicon, words_of
from pipeline.checks.problem import Pair, Problem, warning

# `ne` with its second word at most six words after it; `ne … que` (only) and a `ne` alone (expletive) deny nothing.
_SECOND = "pas|plus|jamais|aucune?|rien|personne|guère|nulle?|nullement|ni"
_DENIAL = re.compile(
    rf"(?<![\w’'-])n(?:e\s+|['’])(?:[^\s.;:!?]+\s+){{0,6}}?(?:{_SECOND})(?![\w’'-])"
    rf"|(?<![\w’'-])(?:ne\s+)(?:{_SECOND})(?![\w’'-])"
    rf"|(?<![\w’'-])(?:Aucune?|Rien|Personne|Jamais)\s+(?:[^\s.;:!?]+\s+){{0,8}}?n(?:e\s|['’])",
    re.IGNORECASE,
)
# "Not only" denies nothing, "not impossible" is possible, and "do not forget" may be "remember" elsewhere.
_FORGET = re.compile(r"(?<!\w)oubli\w++ (?:pas|jamais)", re.IGNORECASE)
_NOT_ONLY = re.compile(
    r"(?:pas|plus)\s+(?:seulement|uniquement|simplement|sans|exclue?s?|rares?|négligeables?|impossibles?|improbables?|inutiles?)(?!\w)",
    re.IGNORECASE,
)
_MOST = 2
_SHORT_WAY = 15  # characters: of “seulement”, with its space


def check_negation(pair: Pair) -> Iterator[Problem]:
    """Find a source that denies more often than its translation does.

    Words that deny in another way (avoid, unable) count where they are commonly used so. A negation that only one of
    the texts has is no fault: people turn sentences round; but one that denied twice should do so once at least.
    """
    known = lexicon(pair.language)
    denials = _count_denials(pair.source)
    if known is None or not denials:
        return
    if not known.forget.search(pair.target):
        denials -= len(_FORGET.findall(pair.source))
    words = [word.lower().replace("’", "'") for word in words_of(known.not_negations.sub(" ", pair.target))]
    said = sum(word in known.negations or word.endswith("n't") for word in words)
    if denials > _MOST:  # one "not" may serve a row of verbs
        denials = 1
    if said < denials and said + len(known.implied.findall(pair.target)) < denials:
        yield warning("negation", "the source says no" + (" more often" if said else "; the translation does not"))


@lru_cache(2000)
def _count_denials(text: str) -> int:
    """Return how often `ne … pas` and its like stand in a French text; "not only" denies nothing."""
    found = list(_DENIAL.finditer(text))
    return sum(_NOT_ONLY.search(text, match.start(), match.end() + _SHORT_WAY) is None for match in found)
