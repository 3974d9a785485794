"""Which words of a source the words of a draft render, as the model itself tells.

Each word of the source is erased in turn, and the model reads its draft again: a word of the draft that loses much of
its probability renders the erased word ("prediction difference": Li, Li, Liu, Meng and Shi, ACL 2019). Attention is
not asked, because packages expose whatever heads they happen to expose.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pipeline.engines import Link
from pipeline.engines.argos_model import Model, Tokens
from pipeline.engines.tokens import Span, align_tokens, overlapping

# How much less likely, in nats, a word must become without the word that it renders.
_CREDIBLE = 1.0
_WORD = re.compile(r"\w+(?:[-.,'’&:@+_]\w+)*")
_ELIDED = re.compile(r"(?:(?<!\w)\w|[Qq]u)['’](?=[aeiouyhàâéèêëîïôœæ])", re.IGNORECASE)
_SHORTEST_COPY = 4  # letters: "on" and "main" are words of both languages, longer ones are mostly the same word
_COPIED = re.compile(r"\d|[^\W\d_a-zà-ÿ]{2}")

_Drops = list[list[float]]
"""By how much each word of a draft (rows) becomes less likely without each word of its source (columns)."""


@dataclass(frozen=True, slots=True)
class Rendering:
    """A piece of a text and its draft, the tokens of both, and where the two stand in the whole text and draft.

    `pinned` are links of the piece that are known beforehand.
    """

    text: str
    draft: str
    source: Tokens
    tokens: Tokens
    pinned: tuple[Link, ...] = ()
    at: int = 0
    draft_at: int = 0


def link_words(model: Model, renderings: Sequence[Rendering]) -> list[tuple[Link, ...]]:
    """Link the words of drafts to those of their sources, all in one batch; places are those in whole texts."""
    found = iter(_measure(model, renderings))
    linked = []
    for rendering in renderings:
        links = tuple(_link(rendering, next(found)))
        linked.append(move_links(links, rendering.at, rendering.draft_at))
    return linked


def chain_links(first: Sequence[Link], second: Sequence[Link]) -> tuple[Link, ...]:
    """Link the words of a draft to those of its source through the words of a draft in between."""
    chained = []
    for link in second:
        origins = [before.source for before in first if _meet(before.target, link.source)]
        if origins:
            source = min(start for start, _ in origins), max(end for _, end in origins)
            chained.append(Link(source, link.target))
    return tuple(chained)


def move_links(links: Sequence[Link], source: int, target: int) -> tuple[Link, ...]:
    """Move links by so many characters in the source and in the draft."""
    return tuple(Link(_shift(link.source, source), _shift(link.target, target)) for link in links)


def _shift(span: Span, by: int) -> Span:
    return span[0] + by, span[1] + by


def find_words(text: str) -> list[Span]:
    """Return the words of a text; an elided one ("l’", "qu’") is a word of its own."""
    return list(_cut_words(text))


def _cut_words(text: str) -> Iterator[Span]:
    for match in _WORD.finditer(text):
        start = match.start()
        for elided in _ELIDED.finditer(text, match.start(), match.end()):
            yield start, elided.end() - 1
            start = elided.end()
        yield start, match.end()


def _measure(model: Model, renderings: Sequence[Rendering]) -> list[_Drops]:
    pairs: list[tuple[Tokens, Tokens]] = []
    for rendering in renderings:
        spans = align_tokens(rendering.source, rendering.text)
        pairs.append((rendering.source, rendering.tokens))
        for word in find_words(rendering.text):
            erased = overlapping(spans, *word)
            left = tuple(token for n, token in enumerate(rendering.source) if n not in erased)
            pairs.append((left, rendering.tokens))
    scores = iter(model.score_tokens(pairs))
    measured = []
    for rendering in renderings:
        spans = align_tokens(rendering.tokens, rendering.draft)
        whole = next(scores)
        parts = [next(scores) for _ in find_words(rendering.text)]
        words = [overlapping(spans, *word) for word in find_words(rendering.draft)]
        measured.append([[max(0.0, sum(whole[n] - part[n] for n in word)) for part in parts] for word in words])
    return measured


def _link(rendering: Rendering, drops: _Drops) -> Iterator[Link]:
    """Link each word of a draft to what it renders: by its pin, because it is copied, or by what erasing did to it.

    A source word that matters to the whole draft counts less (by the cube root of what it matters in all).
    """
    sources, words = find_words(rendering.text), find_words(rendering.draft)
    copied = _find_copies([rendering.text[a:b] for a, b in sources], [rendering.draft[a:b] for a, b in words])
    totals = [sum(column) or 1.0 for column in zip(*drops, strict=True)]
    for number, word in enumerate(words):
        pin = next((link for link in rendering.pinned if _meet(link.target, word)), None)
        if pin:
            yield Link(pin.source, word)
        elif number in copied:
            yield Link(sources[copied[number]], word)
        elif max(drops[number], default=0.0) > _CREDIBLE:
            scores = [drop**3 / total for drop, total in zip(drops[number], totals, strict=True)]
            yield Link(sources[scores.index(max(scores))], word)


def _find_copies(sources: Sequence[str], words: Sequence[str]) -> dict[int, int]:
    """Pair the names, figures and longer words that stand on both sides equally often, in order."""
    places: dict[str, tuple[list[int], list[int]]] = defaultdict(lambda: ([], []))
    for side, texts in enumerate((sources, words)):
        for number, text in enumerate(texts):
            if len(text) >= _SHORTEST_COPY or _COPIED.search(text):
                places[text.casefold()][side].append(number)
    pairs = [(source, word) for source, word in places.values() if len(source) == len(word)]
    return {n: m for source, word in pairs for m, n in zip(source, word, strict=True)}


def _meet(one: Span, other: Span) -> bool:
    return one[0] < other[1] and other[0] < one[1]
