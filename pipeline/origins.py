"""The words of a draft, and the stretches of the source that they come from."""

import re
from bisect import bisect_left, bisect_right
from collections import defaultdict, deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from pipeline.engines import Link
from pipeline.engines.tokens import Span
from pipeline.markup import Bare, Form, Node

WORD = re.compile(r"[^\W_]+(?:['’_][^\W_]+)*")
_LOOSE = -0.01  # for a word of unknown origin: it may stand between two that belong together, but ends no stretch


@dataclass(frozen=True, slots=True)
class Unit:
    """A word of the draft, and the stretches of the source that it comes from."""

    start: int
    end: int
    sources: tuple[Span, ...]

    def weigh(self, start: int, end: int) -> float:
        """Return 1 for a word that comes from a stretch of the source, -1 for one from elsewhere."""
        total = sum(last - first for first, last in self.sources)
        inside = sum(max(0, min(last, end) - max(first, start)) for first, last in self.sources)
        return 2 * inside / total - 1 if total else _LOOSE

    def count_before(self, place: int) -> float:
        """Return which part of it comes from before a place in the source; 0.5 where nobody knows."""
        total = sum(last - first for first, last in self.sources)
        return sum(max(0, min(last, place) - first) for first, last in self.sources) / total if total else 0.5


class Origins:
    """The `units` of a draft in order, and in which of them the name of each code or address was `kept`.

    `names` has the same the other way round: the place in the source of what each such unit stands for.
    """

    def __init__(self, bare: Bare, draft: str, links: Sequence[Link]) -> None:
        spans = list(_find_spans(draft, bare.names()))
        names = _find_names(bare, draft, spans)
        units = [
            Unit(*span, (names[n],) if n in names else sources)
            for n, (span, sources) in enumerate(zip(spans, _find_sources(spans, links), strict=True))
        ]
        cuts = bare.cuts()
        self._torn = {place: word for word, places in cuts.items() for place in places}
        self.units = list(_cut_units(units, cuts, bare.text, draft)) if cuts else units
        numbers = {unit.start: n for n, unit in enumerate(self.units)}
        self.names = {numbers[units[n].start]: source for n, source in names.items()}
        self.kept = {source: n for n, source in self.names.items()}
        origins = sorted((source, n) for n, unit in enumerate(self.units) for source in unit.sources)
        self._starts, self._ends = [start for (start, _), _ in origins], [end for (_, end), _ in origins]
        self._numbers = [n for _, n in origins]

    def from_within(self, node: Node) -> Iterator[int]:
        """Yield the words of the draft that come from within a node, or from a stretch that it is a part of."""
        at = bisect_left(self._starts, node.start)
        while at and self._ends[at - 1] > node.start:
            at -= 1
        while at < len(self._starts) and self._starts[at] < node.end:
            yield self._numbers[at]
            at += 1

    def find_word(self, node: Node) -> Span | None:
        """Return the word of the source that a node is a part of."""
        word = self._torn.get(node.start) or self._torn.get(node.end)
        return word if word and word[0] <= node.start and node.end <= word[1] else None

    def has_no_letters(self, node: Node) -> bool:
        """Tell whether a node is a part of a word ("XXI<sup>e</sup>") that nothing in the draft renders by itself."""
        if not self.find_word(node):
            return False
        sources = (source for n in self.from_within(node) for source in self.units[n].sources)
        return not any(node.start <= start and end <= node.end for start, end in sources)

    def from_beside(self, place: int) -> Iterator[int]:
        """Yield the words of the draft that come from the stretches of the source before and after a place."""
        at = bisect_left(self._starts, place)
        for neighbour in (at - 1, at):
            if 0 <= neighbour < len(self._starts):
                start = self._starts[neighbour]
                yield from self._numbers[bisect_left(self._starts, start) : bisect_right(self._starts, start)]


def _find_spans(draft: str, names: Iterable[str]) -> Iterator[Span]:
    """Yield the words of a draft; a name that stands in for code is one, whatever it touches."""
    names = "|".join(sorted(names, key=len, reverse=True))
    at = 0
    for match in re.finditer(rf"(?:{names})(?!\d)" if names else r"(?!)", draft):
        yield from (word.span() for word in WORD.finditer(draft, at, match.start()))
        yield match.span()
        at = match.end()
    yield from (word.span() for word in WORD.finditer(draft, at))


def _find_names(bare: Bare, draft: str, spans: Sequence[Span]) -> dict[int, Span]:
    """Return which words name code or an address, and where in the source this stands; in order where one repeats."""
    places: dict[str, deque[int]] = defaultdict(deque)
    for n, (start, end) in enumerate(spans):
        places[draft[start:end]].append(n)
    names: dict[int, Span] = {}
    for node in bare.walk():
        name = bare.text[node.start : node.end]
        if node.form is Form.WORD and places[name]:
            names[places[name].popleft()] = (node.start, node.end)
    return names


def _find_sources(spans: Sequence[Span], links: Sequence[Link]) -> Iterator[tuple[Span, ...]]:
    """Yield what each word of the draft renders; words and links stand in order."""
    at = 0
    for start, end in spans:
        while at < len(links) and links[at].target[1] <= start:
            at += 1
        beyond = bisect_left(links, end, at, key=lambda link: link.target[0])
        yield tuple(link.source for link in links[at:beyond] if link.target[1] > start)


def _cut_units(units: Sequence[Unit], cuts: Mapping[Span, Sequence[int]], source: str, draft: str) -> Iterator[Unit]:
    """Yield the words of a draft, those cut that come from words of the source with markup inside of them.

    Where the first part is written alike, the rest comes from the rest ("1|er", "1|st"), unless it is far longer.
    """
    words = sorted(cuts)
    left = {word: list(pairwise((word[0], *cuts[word], word[1]))) for word in words}
    for unit in units:
        start = min((start for start, _ in unit.sources), default=-1)
        number = bisect_right(words, start, key=lambda word: word[0]) - 1
        if number < 0 or max(end for _, end in unit.sources) > words[number][1]:
            yield unit
            continue
        word = words[number]
        parts, at = [], unit.start
        waiting = deque(left[word])
        while len(waiting) > 1:
            start, end = waiting[0]
            if draft[at : min(at + end - start, unit.end)].lower() != source[start:end].lower():
                break
            parts.append(Unit(at, at + end - start, (waiting.popleft(),)))
            at = parts[-1].end
        if at < unit.end and len(waiting) == 1 and unit.end - at <= waiting[0][1] - waiting[0][0] + 1:
            parts.append(Unit(at, unit.end, (waiting.popleft(),)))
            at = unit.end
        if parts and at == unit.end:
            left[word] = list(waiting)
            yield from parts
        else:
            yield unit
