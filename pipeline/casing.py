"""Capitals for the engine: scraped titles come in lower case, and an engine reads `la russie` as it stands."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum

from pipeline.article import Kind
from pipeline.glossary import Glossary, TermKind
from pipeline.segment import Segment

_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")
_BODY = (Kind.PARAGRAPH, Kind.QUOTATION, Kind.ITEM)
_DISPLAY = (Kind.TITLE, Kind.HEADING)
# What a sentence may begin with, or begin anew after.
_OPENING = re.compile(r"(?:^|[.!?…:«“\"(\[–—])[\s«“\"(\[–—]*$")
_ACRONYM = 5  # letters; a block of shorter words in capitals may be acronyms alone


class Case(Enum):
    """How a block is written."""

    MIXED = "mixed"
    LOWER = "lower"
    CAPITALS = "capitals"


@dataclass(frozen=True, slots=True)
class Casing:
    """How an article writes the words that it never writes in lower case: (lower case, as written) pairs.

    `names` holds the words of the glossary's names among them.
    """

    words: tuple[tuple[str, str], ...]
    names: tuple[tuple[str, str], ...]

    def recase(self, text: str, kind: Kind, case: Case) -> str:
        """Return what the engine should see of a segment of a block: the same letters, some of them capitals.

        Blocks in lower case or in capitals get all words that the article or the glossary writes with a capital;
        other titles and headings, whose words may be common ones beside ("le Conseil"), the glossary's names alone.
        """
        if case is Case.MIXED and kind not in _DISPLAY:
            return text
        recased = _lower(text) if case is Case.CAPITALS else text
        words = dict(self.names if case is Case.MIXED else self.words)
        recased = _WORD.sub(lambda match: words.get(match[0], match[0]), recased)
        return capitalize(recased) if case is Case.CAPITALS or kind in _DISPLAY else recased


def find_case(text: str) -> Case:
    """Tell how a block is written; a few acronyms do not make capitals, nor their absence lower case."""
    lengths = sorted(map(len, _WORD.findall(text)))
    if text.isupper() and len(lengths) > 1 and lengths[-1] >= _ACRONYM and lengths[-2] > 1:
        return Case.CAPITALS
    first = next((character for character in text if character.isalpha()), "")
    return Case.LOWER if first.islower() else Case.MIXED


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
            elif not opens_sentence(segment.text, match.start()):
                capital.setdefault(word.lower(), Counter())[word] += 1
    texts = [term.text for term in glossary.terms if term.kind is TermKind.NAME]
    names = {word.lower(): word for text in texts for word in _WORD.findall(text) if not word.islower()}
    words = names | {word: _most_common(spellings) for word, spellings in capital.items()}
    kept = {word: cased for word, cased in words.items() if word not in lower and len(word) == len(cased)}
    return Casing(tuple(sorted(kept.items())), tuple(sorted(pair for pair in kept.items() if pair[0] in names)))


def opens_sentence(text: str, at: int) -> bool:
    """Tell whether a word at `text[at:]` begins a sentence, or what is written like one, as after a colon."""
    return _OPENING.search(text[max(0, at - 5) : at]) is not None


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
