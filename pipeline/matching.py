"""Where phrases of a glossary stand in French text.

The text is cut into words, signs and spaces, and a trie of the phrases' words is walked from each word on. Its edges
are words of the glossary, and a table tells for each word of the text which of them it is a form of: what inflects is
worked out once, when the index is built, and a word of the text costs one or two look-ups in a dict. Aho-Corasick
takes one symbol for each place of the text; here a word may be a form of several terms (`données` and `donnée`) and
names are met to the letter, so it would have to run over every choice. Few words begin a term: a walk is as fast.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import accumulate

from pipeline.glossary import Number
from pipeline.grammar import find_number, function_words, is_conjunction, is_verb
from pipeline.inflection import inflect

_TOKEN = re.compile(r"\w+|\s+|.", re.DOTALL)
_HYPHEN = "-"
_LONGEST_ACRONYM = 5
_EXACT = "="  # marks what is met to the letter, apart from the same word in any case


@dataclass(frozen=True, slots=True)
class Phrase:
    """What to find: to the letter, or in any case and inflected."""

    text: str
    is_exact: bool


@dataclass(frozen=True, slots=True)
class Occurrence:
    """A phrase, by its place among those of the index, at `text[start:end]`; its number where the text tells it."""

    start: int
    end: int
    phrase: int
    number: Number | None


@dataclass(slots=True)
class _Node:
    """A place in the trie: what may follow, and the phrases that end here."""

    following: dict[str, "_Node"] = field(default_factory=dict)
    phrases: list[int] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Text:
    """A text and its tokens: words, runs of space and single signs, as compared and in lower case."""

    text: str
    ends: tuple[int, ...]
    tokens: tuple[str, ...]
    lower: tuple[str, ...]

    def slice(self, first: int, last: int) -> tuple[int, int]:
        """Return where the tokens from `first` to `last` begin and end."""
        return self.ends[first - 1] if first else 0, self.ends[last]

    def is_bounded(self, first: int, last: int) -> bool:
        """Tell whether no word goes on before or behind the tokens from `first` to `last`, by a hyphen or without."""
        before = self.tokens[first - 1] if first else " "
        after = self.tokens[last + 1] if last + 1 < len(self.tokens) else " "
        if before == "'" and first > 1 and _is_word(self.tokens[first - 2]):
            return self.lower[first - 2] in function_words("elided") and not _continues(after)
        return not _continues(before) and not _continues(after)


class PhraseIndex:
    """An index of phrases, made once and searched with any number of texts."""

    def __init__(self, phrases: Sequence[Phrase]) -> None:
        self._phrases = phrases
        self._root = _Node()
        self._edges: dict[str, list[str]] = {}
        cuts = [_cut(phrase.text.strip()) for phrase in phrases]
        terms = (cut for cut, phrase in zip(cuts, phrases, strict=True) if not phrase.is_exact)
        words = {word for cut in terms for word in cut.lower if _is_inflected(word)}
        self._forms = inflect(words) if words else {}
        self._heads = [None if p.is_exact else self._forms.get(c.lower[0]) for p, c in zip(phrases, cuts, strict=True)]
        known: set[str] = set()
        for number, (cut, phrase) in enumerate(zip(cuts, phrases, strict=True)):
            node = self._root
            for token in cut.tokens:
                is_exact = phrase.is_exact or (len(cut.tokens) == 1 and self._is_homograph(token))
                edge = _EXACT + token if is_exact else token.lower()
                if edge not in known:
                    known.add(edge)
                    for surface in self._spell(edge):
                        self._edges.setdefault(surface, []).append(edge)
                node = node.following.setdefault(edge, _Node())
            node.phrases.append(number)
        firsts = self._root.following
        self._starts = {surface for surface, edges in self._edges.items() if any(edge in firsts for edge in edges)}

    def find(self, text: str) -> list[Occurrence]:
        """Return the phrases in a text from left to right; where they overlap the longest wins, then the first.

        Of several phrases in one place the one written so wins, then one to be met to the letter.
        """
        cut = _cut(text)
        found = [
            (*cut.slice(first, last), phrase, first)
            for first, (token, word) in enumerate(zip(cut.tokens, cut.lower, strict=True))
            if word in self._starts or _EXACT + token in self._starts
            for last, phrase in self._walk(cut, first)
        ]
        found.sort(key=lambda hit: (hit[0] - hit[1], hit[0], *self._rank(hit[2], text[hit[0] : hit[1]])))
        taken: set[int] = set()
        kept: list[Occurrence] = []
        for start, end, phrase, first in found:
            if taken.isdisjoint((start, end - 1)):  # nothing longer is left, so that none lies within
                taken.update(range(start, end))
                kept.append(Occurrence(start, end, phrase, self._find_number(cut, first, phrase)))
        return sorted(kept, key=lambda occurrence: occurrence.start)

    def _walk(self, cut: _Text, first: int) -> list[tuple[int, int]]:
        """Return the last token and the phrase of each match that begins at a token."""
        ways, last = [self._root], first
        found: list[tuple[int, int]] = []
        while last < len(cut.tokens):
            edges = (*self._edges.get(_EXACT + cut.tokens[last], ()), *self._edges.get(cut.lower[last], ()))
            ways = [way.following[edge] for edge in edges for way in ways if edge in way.following]
            if not ways:
                break
            ends = [phrase for way in ways for phrase in way.phrases]
            # Several words together are no verb by chance.
            if ends and cut.is_bounded(first, last):
                found += [(last, phrase) for phrase in ends if first < last or not self._is_verb(cut, first, phrase)]
            last += 1
        return found

    def _is_homograph(self, token: str) -> bool:
        """Tell whether an acronym is a word of its own in lower case: “SI” is no “si”, “AI” not the “ai” of “j’ai”."""
        forms = self._forms.get(token.lower())
        return forms is not None and forms.is_known and token.isupper() and 1 < len(token) <= _LONGEST_ACRONYM

    def _spell(self, edge: str) -> set[str]:
        """Return the words of texts that lead over an edge."""
        if edge.startswith(_EXACT) and len(edge) > 1:
            return {edge}
        forms = self._forms.get(edge)
        words = {edge, *forms.singular, *forms.plural} if forms else {edge}
        return {variant for word in words for variant in _variants(word)}

    def _is_verb(self, cut: _Text, first: int, phrase: int) -> bool:
        head = self._heads[phrase]
        if head is None or head.is_infinitive:
            return False
        may_be = cut.lower[first] in head.verbal
        return is_conjunction(cut.tokens, first) or is_verb(cut.tokens, first, may_be=may_be)

    def _rank(self, phrase: int, surface: str) -> tuple[bool, bool, int]:
        """Rank the phrases that are found in one place, the best lowest."""
        text = _as_typed(self._phrases[phrase].text).lower()
        return text != _as_typed(surface).lower(), not self._phrases[phrase].is_exact, phrase

    def _find_number(self, cut: _Text, first: int, phrase: int) -> Number | None:
        """Return the number of a match: that of its first word, or of the determiner before where that has both."""
        word, head = cut.lower[first], self._heads[phrase]
        if head and not cut.tokens[first].isupper():
            is_singular, is_plural = word in head.singular, word in head.plural
            if is_singular != is_plural:
                return Number.PLURAL if is_plural else Number.SINGULAR
        return find_number(cut.text, cut.slice(first, first)[0])


def _variants(word: str) -> set[str]:
    """Return a word as it is typed: with a ligature or without (vœu, voeu), its capital without an accent (Etat)."""
    words = {word, word.replace("œ", "oe"), word.replace("oe", "œ")}
    bare = {w: unicodedata.normalize("NFD", w)[0].upper() for w in words if not w[0].isascii()}
    return words | {_EXACT + initial + w[1:] for w, initial in bare.items() if initial != w[0].upper()}


def _as_typed(text: str) -> str:
    return text.replace("\u2010", "-").replace("\u2011", "-").replace("’", "'")


def _cut(text: str) -> _Text:
    tokens = _TOKEN.findall(_as_typed(text))
    compared = tuple(" " if token.isspace() else token for token in tokens)
    return _Text(text, tuple(accumulate(map(len, tokens))), compared, tuple(map(str.lower, compared)))


def _is_inflected(word: str) -> bool:
    return word.isalpha() and word not in function_words("uninflected")


def _is_word(token: str) -> bool:
    return token[0].isalnum() or token[0] == "_"


def _continues(token: str) -> bool:
    """Tell whether a token makes what stands beside it part of a longer word."""
    return token in _HYPHEN or _is_word(token)
