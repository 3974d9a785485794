"""Where the markup of a source goes in a draft: around the words that come from what it stood around."""

import re
import tomllib
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from functools import cache
from itertools import accumulate, islice, takewhile

from pipeline.engines import Link
from pipeline.engines.tokens import Span
from pipeline.files import read_data
from pipeline.markup import Bare, Form, Node
from pipeline.origins import WORD, Origins

_SIGN = re.compile(r"[^\w\s]")
_PART = re.compile(r"[^\W_]+")
_OPENERS, _CLOSERS = frozenset("«“‘([{¿¡"), frozenset("»”’)]}.,;:!?…%")
_STOPS = frozenset(".,;:!?…")
_SHUT = float("-inf")
_WHOLE = 0.1
_ROUNDING = 1e-9


@dataclass(frozen=True, slots=True)
class Placed:
    """A node at `draft[start:end]`, around the words `first` to `last` (without it) of the draft."""

    node: Node
    start: int
    end: int
    first: int
    last: int
    children: "tuple[Placed, ...]" = ()


@dataclass(slots=True)
class _Region:
    """A stretch of the draft and its words, the stretch of the source that it renders, and what is placed in it.

    `around` has what is placed around each word.
    """

    start: int
    end: int
    first: int
    last: int
    source: Span
    placed: list[Placed] = field(default_factory=list)
    around: dict[int, Placed] = field(default_factory=dict)

    def add(self, placed: Placed) -> None:
        """Add what is placed, around words that may have something around them already."""
        self.placed.append(placed)
        self.around |= dict.fromkeys(range(placed.first, placed.last), placed)

    def remove(self, placed: Placed) -> None:
        """Take back what was placed."""
        self.placed.remove(placed)
        for unit in range(placed.first, placed.last):
            del self.around[unit]


class Placer:
    """Places all nodes of a bare text in its draft; `takes_signs` tells whether punctuation stays inside of pairs."""

    def __init__(self, bare: Bare, draft: str, links: Sequence[Link], *, takes_signs: bool = True) -> None:
        self._bare, self._draft, self._takes_signs = bare, draft, takes_signs
        self._origins = Origins(bare, draft, links)
        self._units, self._kept = self._origins.units, self._origins.kept

    def place(self) -> tuple[Placed, ...]:
        """Return the places of all nodes, in the order of the draft."""
        region = _Region(0, len(self._draft), 0, len(self._units), (0, len(self._bare.text)))
        return self._fill(region, self._bare.nodes)

    def _fill(self, region: _Region, nodes: Sequence[Node]) -> tuple[Placed, ...]:
        """Place nodes in a region: code where its name is, pairs around words, then points between words."""
        points, pairs = [], []
        for node in nodes:
            unit = self._kept.get((node.start, node.end)) if node.form is Form.WORD else None
            if unit is not None:
                region.add(Placed(node, self._units[unit].start, self._units[unit].end, unit, unit + 1))
            elif node.form is not Form.PAIR:
                points.append(node)
            elif not node.children and node.opening[0] == "<" and self._origins.has_no_letters(node):
                points.append(Node(Form.POINT, node.end, node.end, node.opening, node.closing))
            else:
                pairs.append(node)
        for node in pairs:
            self._place_pair(region, node)
        inside = {n for placed in region.placed for n in range(placed.first + 1, placed.last)}
        region.placed += [self._place_point(region, node, inside) for node in points]
        return tuple(sorted(region.placed, key=lambda placed: (placed.start, placed.end)))

    def _place_pair(self, region: _Region, node: Node) -> None:
        words = self._find_words(region, node)
        if words:
            self._put_around(region, node, *words)
        elif region.around:
            self._squeeze_in(region, node)
        else:  # a draft without words
            self._put_around(region, node, region.first, region.first)

    def _put_around(self, region: _Region, node: Node, first: int, last: int) -> None:
        """Put a pair around words, and around what stands around them already."""
        start, end = self._find_edges(region, node, first, last)
        inside = _Region(start, end, first, last, (node.start, node.end))
        for placed in {id(p): p for n in range(first, last) if (p := region.around.get(n))}.values():
            region.remove(placed)
            inside.add(placed)
        region.add(Placed(node, start, end, first, last, self._fill(inside, node.children)))

    def _squeeze_in(self, region: _Region, node: Node) -> None:
        """Place a pair where no word is left for it: it takes one of its neighbour's, or goes around it."""
        at = self._find_gap(region, node.start, set(), is_early=True)
        beside = region.around[min(region.around, key=lambda n: (abs(n - at + 0.4), n))]
        if beside.node.form is Form.PAIR and beside.last - beside.first > 1:
            unit = beside.last - 1 if beside.node.start < node.start else beside.first
            region.remove(beside)
            self._put_around(region, node, unit, unit + 1)
            self._place_pair(region, beside.node)
        else:
            self._put_around(region, node, beside.first, beside.last)

    def _find_edges(self, region: _Region, node: Node, first: int, last: int) -> Span:
        """Return where a pair around words begins and ends: with the signs and spaces that it has in the source."""
        if first == last:
            return region.start, region.end
        start, end = self._units[first].start, self._units[last - 1].end
        if self._takes_signs:
            before = max(region.start, self._units[first - 1].end if first else 0)
            after = min(region.end, self._units[last].start if last < len(self._units) else len(self._draft))
            lead, trail = self._count_signs(node)
            start, end = self._take_before(start, before, lead), self._take_after(end, after, trail)
            held = self._bare.text[node.start : node.end]
            start -= held[:1].isspace() and self._draft[before:start][-1:].isspace()
            end += held[-1:].isspace() and self._draft[end:after][:1].isspace()
        return start, end

    def _find_words(self, region: _Region, node: Node) -> Span | None:
        """Return the words to put a pair around: those that come from within it, as far as they stand together.

        Where there are none, it is the free word nearest to where they would be; None where no word is free.
        """
        source, (start, end) = self._bare.text, region.source
        if not WORD.search(source, start, node.start) and not WORD.search(source, node.end, end):
            # It stands around all that the region renders.
            return (region.first, region.last) if region.first < region.last else None
        words = [n for n in self._origins.from_within(node) if region.first <= n < region.last]
        if words:
            first = min(words)
            found = _find_stretch([self._weigh(region, node, n) for n in range(first, max(words) + 1)])
            if found:
                return self._trim_words(node, first + found[0], first + found[1])
        at = self._find_gap(region, node.start, set(), is_early=True)
        free = (n for n in range(region.first, region.last) if self._is_open(region, node, n))
        nearest = min(free, key=lambda n: (abs(n - at + 0.4), n), default=None)
        return None if nearest is None else (nearest, nearest + 1)

    def _trim_words(self, node: Node, first: int, last: int) -> Span:
        """Return a stretch without articles and prepositions at its edges, where the source has none there."""
        leading, trailing, source = _read_edges()
        said = [word.lower() for word in _PART.findall(self._bare.text, node.start, node.end)]
        words = [self._draft[unit.start : unit.end].lower() for unit in self._units[first:last]]
        start, end = 0, len(words)
        while said and said[0] not in source and start < end - 1 and words[start] in leading:
            start += 1
        while said and said[-1] not in source and start < end - 1 and words[end - 1] in trailing:
            end -= 1
        return first + start, first + end

    def _weigh(self, region: _Region, node: Node, unit: int) -> float:
        """Weigh a word for a pair, which may go around what is free."""
        if not self._is_open(region, node, unit):
            return _SHUT
        word = self._origins.find_word(node)
        is_whole = word in self._units[unit].sources  # it renders the word that the pair stands around a part of
        return _WHOLE if is_whole else self._units[unit].weigh(node.start, node.end)

    def _is_open(self, region: _Region, node: Node, unit: int) -> bool:
        """Tell whether nothing stands around a word yet, and it is no code that stood elsewhere."""
        source = self._origins.names.get(unit, (node.start, node.end))
        return unit not in region.around and node.start <= source[0] and source[1] <= node.end

    def _place_point(self, region: _Region, node: Node, inside: AbstractSet[int]) -> Placed:
        """Place what stands between words: after the word that it followed, or before the one that it preceded."""
        source = self._bare.text
        before, after = source[region.source[0] : node.start], source[node.end : region.source[1]]
        follows = bool(before) and (node.form is not Form.POINT or not before[-1].isspace())
        gap = self._find_gap(region, node.start, inside, is_early=follows)
        start = self._units[gap - 1].end if gap > region.first else region.start
        end = self._units[gap].start if gap < region.last else region.end
        if left := region.around.get(gap - 1):
            start = max(start, left.end)
        if right := region.around.get(gap):
            end = min(end, right.start)
        if follows:
            start = end = self._take_after(start, end, _last_signs(before))
        else:
            start = end = self._take_before(end, start, len(_last_signs(after[::-1])))
        if node.form is Form.BREAK:
            end += len(self._draft[end:]) - len(self._draft[end:].lstrip())
        elif node.form is Form.WORD:  # the engine lost its name
            node = replace(node, opening=f" {node.opening}" if start else f"{node.opening} ")
        return Placed(node, start, end, gap, gap)

    def _find_gap(self, region: _Region, place: int, inside: AbstractSet[int], *, is_early: bool) -> int:
        """Return the word before which a place of the source is: as few as possible are on the wrong side of it.

        It is none of those `inside`, before which there is something that stands around both neighbours. Only the words
        that come from next to the place count.
        """
        source, (start, end) = self._bare.text, region.source
        if not WORD.search(source, place, end) or not WORD.search(source, start, place):
            return region.first if WORD.search(source, place, end) else region.last
        near = [n for n in self._origins.from_beside(place) if region.first <= n < region.last]
        first, last = (min(near), max(near) + 1) if near else (region.first, region.last)
        while first in inside:
            first -= 1
        while last in inside:
            last += 1
        parts = [unit.count_before(place) for unit in self._units[first:last]]
        costs = accumulate((1 - 2 * part for part in parts), initial=sum(parts))
        neighbours = [0.5, *parts] if is_early else [1 - part for part in (*parts, 0.5)]
        gaps = (
            (round(cost, 6), -neighbour, gap if is_early else -gap)
            for gap, (cost, neighbour) in enumerate(zip(costs, neighbours, strict=True), first)
            if gap not in inside
        )
        return abs(min(gaps)[2])

    def _count_signs(self, node: Node) -> tuple[int, list[str]]:
        """Count the punctuation marks that a pair holds before its first word, and return those after its last."""
        text = self._bare.text[node.start : node.end]
        has_question = any(sign in "?!" for sign in _last_signs(text))  # Spanish opens these too
        return len(_last_signs(text[::-1])) + has_question, _last_signs(text)

    def _take_after(self, at: int, limit: int, signs: Sequence[str]) -> int:
        """Return the end of as many punctuation marks as these after a place: stops for stops, none that opens."""
        stops = sum(sign in _STOPS for sign in signs)
        for match in islice(_SIGN.finditer(self._draft, at, limit), len(signs)):
            stops -= match[0] in _STOPS
            if match[0] in _OPENERS or stops < 0:
                break
            at = match.end()
        return at

    def _take_before(self, at: int, limit: int, count: int) -> int:
        """Return the beginning of as many punctuation marks as that before a place.

        Closing ones end the search, but one that touches the place and what comes before it does not (".local").
        """
        for match in islice(reversed(list(_SIGN.finditer(self._draft, limit, at))), count):
            if match[0] in _CLOSERS and (match.end() < at or self._draft[match.start() - 1 : match.start()].strip()):
                break
            at = match.start()
        return at


@cache
def _read_edges() -> tuple[frozenset[str], ...]:
    """Return the words that stay out of a pair in data/edges.toml: at its beginning, at its end, and the source's."""
    table = tomllib.loads(read_data("edges.toml"))
    return tuple(frozenset(table[key].split()) for key in ("lead", "trail", "source"))


def _last_signs(text: str) -> list[str]:
    """Return the punctuation marks after the last word, the last one first."""
    between = takewhile(lambda sign: not (sign.isalnum() or sign == "_"), reversed(text))
    return [sign for sign in between if not sign.isspace()]


def _find_stretch(weights: Sequence[float]) -> Span | None:
    """Return the run of weights with the largest sum above 0; of several, a longer one, then the last."""
    best, found = _ROUNDING, None
    total, start = 0.0, 0
    for n, weight in enumerate(weights):
        if total < 0:
            total, start = 0.0, n
        total += weight
        if weight > 0 and total > best - _ROUNDING:
            best, found = total, (start, n + 1)
    return found
