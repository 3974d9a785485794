"""Capitals for the engine: scraped titles come in lower case, and an engine reads `la russie` as it stands."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from pipeline.article import Kind
from pipeline.glossary import Glossary, TermKind
from pipeline.segment import Segment

_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")
_BODY = (Kind.PARAGRAPH, Kind.QUOTATION, Kind.ITEM)
_DISPLAY = (Kind.TITLE, Kind.HEADING)
# What a sentence may begin with, or begin anew after.
_OPENING = re.compile(r"(?:^|[.!?…:«“\"(\[–—])[\s«“\"(\[–—]*$")
_ACRONYM = 5  # letters; a block of shorter words in capitals may be acronyms alone


@dataclass(frozen=True, slots=True)
class Casing:
    """How an article writes the words that it never writes in lower case: (lower case, as written) pairs."""

    words: tuple[tuple[str, str], ...]

    def recase(self, text: str, kind: Kind) -> str:
        """Return what the engine should see of a segment: the same letters, some of them capitals.

        Only titles, headings, and blocks that begin in lower case or are all in capitals are changed.
        """
        lengths = sorted(map(len, _WORD.findall(text)))
        shouting = text.isupper() and len(lengths) > 1 and lengths[-1] >= _ACRONYM and lengths[-2] > 1
        first = next((character for character in text if character.isalpha()), "")
        if not (shouting or first.islower() or kind in _DISPLAY):
            return text
        recased = _lower(text) if shouting else text
        words = dict(self.words)
        recased = _WORD.sub(lambda match: words.get(match[0], match[0]), recased)
        return capitalize(recased) if shouting or kind in _DISPLAY else recased


def learn_casing(segments: Iterable[Segment], glossary: Glossary) -> Casing:
    """Collect the words that the body of an article writes with a capital in mid-sentence and never without one.

    Words of the glossary's names are added; the article's own spelling comes first.
    """
    capital: dict[str, Counter[str]] = {}
    lower: set[str] = set()
    for segment in segments:
        if segment.kind not in _BODY:
            continue
        for match in _WORD.finditer(segment.text):
            word = match[0]
            if word.islower():
                lower.add(word)
            elif not _OPENING.search(segment.text[max(0, match.start() - 5) : match.start()]):
                capital.setdefault(word.lower(), Counter())[word] += 1
    names = [term.text for term in glossary.terms if term.kind is TermKind.NAME]
    pairs = {word.lower(): word for name in names for word in _WORD.findall(name) if not word.islower()}
    pairs |= {word: _most_common(spellings) for word, spellings in capital.items()}
    kept = {word: cased for word, cased in pairs.items() if word not in lower and len(word) == len(cased)}
    return Casing(tuple(sorted(kept.items())))


def capitalize(text: str) -> str:
    """Return `text` with its first letter as a capital, if that is one letter."""
    at = next((n for n, character in enumerate(text) if character.isalpha()), None)
    if at is None or len(text[at].upper()) != 1:
        return text
    return text[:at] + text[at].upper() + text[at + 1 :]


def _lower(text: str) -> str:
    return "".join(character.lower() if len(character.lower()) == 1 else character for character in text)


def _most_common(spellings: Counter[str]) -> str:
    return max(sorted(spellings), key=lambda spelling: spellings[spelling])


def begins_with_capital(text: str) -> bool:
    """Tell whether the first letter is a capital."""
    return next((character.isupper() for character in text if character.isalpha()), False)


def starts_with(text: str, expressions: Sequence[str]) -> bool:
    """Tell whether a text begins with one of the expressions, opening marks aside."""
    return text.lstrip(" \u00a0«“\"'([¿¡–—-").startswith(tuple(expressions))
