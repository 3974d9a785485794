"""How much of the source is there: nothing, half of it, or more than it says."""

import math
import re
from collections.abc import Iterator

from pipeline.checks.problem import Pair, Problem, note, warning

# How ln(characters of a translation / characters of its French source) is spread in human translations: its mean is
# base + slope × ln(length), its variance _VARIANCE + _SPREAD / length. Fitted to FLORES dev.
_MODELS = {"en": (0.237, -0.082), "es": (0.362, -0.073)}
_ANY_LANGUAGE = (0.3, -0.075)
_VARIANCE, _SPREAD = 0.01, 1.0
# Characters: below, half of a text and numbers in digits for words are too near; above, there was nothing to fit to.
_SHORT, _LONG = 30, 400
_SENTENCE_LENGTH = 40  # a shorter text may be put in half the characters
# Standard deviations, and of a text that has more sentences than its source.
_MOST = 3.5
_MOST_WITH_SENTENCES = 2.0
_SENTENCE = re.compile(r"[.!?…][\"”»’)\]*_]*\s+(?=[\"“«¿¡(\[*_]*[^\W\d_])")


def check_presence(pair: Pair) -> Iterator[Problem]:
    """Find a text that is empty."""
    if pair.source.strip() and not pair.target.strip():
        yield warning("empty", "there is no translation")


def _deviation(pair: Pair) -> float:
    """Return by how many standard deviations the translation is longer than translations of its source are."""
    base, slope = _MODELS.get(pair.language, _ANY_LANGUAGE)
    length = len(pair.source)
    mean = base + slope * math.log(min(max(length, _SHORT), _LONG))
    return (math.log(len(pair.target) / length) - mean) / math.sqrt(_VARIANCE + _SPREAD / length)


def check_length(pair: Pair) -> Iterator[Problem]:
    """Find a text far too short (half a sentence missing) or too long (a sentence more, a loop)."""
    if not pair.source.strip() or not pair.target.strip():
        return
    z = _deviation(pair)
    share = f"{round(100 * len(pair.target) / len(pair.source))} % of the source’s length"
    added = _count_sentences(pair.target) - _count_sentences(pair.source)
    if z < -_MOST and len(pair.source) >= _SENTENCE_LENGTH:
        yield warning("short", f"{share}: is a part missing?")
    elif z > _MOST or (added > 0 and z > _MOST_WITH_SENTENCES):
        yield warning("long", f"{share}: is there more than the source says?")
    elif added > 0:
        yield note("sentences", f"{added} more than in the source")


def _count_sentences(text: str) -> int:
    return len(_SENTENCE.findall(text))
