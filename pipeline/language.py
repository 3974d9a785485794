"""Which language a text is in, as far as its function words tell; and the codes of languages."""

import re
import tomllib
from functools import cache

from pipeline.files import read_data

# Below this many words a text says little; short notes are full of names.
_ENOUGH_WORDS = 30

_TAG = re.compile(r"([a-z]{2,3})(?:[-_][a-z0-9]{2,8})*")  # BCP 47, with the underscore of POSIX locales
_TWO_LETTERS = {"fra": "fr", "fre": "fr", "eng": "en", "spa": "es"}


def guess_language(text: str) -> str | None:
    """Return the ISO code of the likeliest language in data/stopwords.toml, or None for a short or unclear text."""
    words = re.findall(r"[^\W\d_]+(?:['’][^\W\d_]+)?", text[:20_000].lower())
    counts = {language: sum(map(known.__contains__, words)) for language, known in _stop_words().items()}
    best, second, *_ = sorted(counts, key=lambda language: -counts[language])
    # A tenth more than the next one: neighbours such as Spanish and Catalan share words.
    is_clear = len(words) >= _ENOUGH_WORDS and counts[best] * 10 >= counts[second] * 11
    return best if is_clear else None


def normalize_tag(tag: str) -> str | None:
    """Return the language of a tag as we write it: `fr` for `fr-FR`, `FR_ca` or `fra`; None for what is no tag."""
    match = _TAG.fullmatch(tag.strip().lower())
    return _TWO_LETTERS.get(match[1], match[1]) if match else None


@cache
def _stop_words() -> dict[str, frozenset[str]]:
    table = tomllib.loads(read_data("stopwords.toml"))
    return {language: frozenset(words.split()) for language, words in table.items()}
