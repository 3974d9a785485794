"""Where the words of a draft come from: Apertium translates once more, with marks bound to the words.

A word-bound blank, `[[r:3]]two words[[/]]`, goes wherever transfer rules move its words (Apertium 3.8). It also parts
words that Apertium knows together, so that a draft with such blanks may be another one: they tell where words went,
and the draft stays the one without.
"""

import re
from bisect import bisect_left
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pipeline.engines import Link
from pipeline.engines.apertium_modes import Hop
from pipeline.engines.apertium_piece import WORD, Piece
from pipeline.engines.apertium_stream import Apertium
from pipeline.engines.tokens import Span, follow_spans

_BOUND = re.compile(r"\[\[r:(\d+)[^\]]*\]\](.*?)\[\[/\]\]")
_SUBJECTS = frozenset({"i", "you", "he", "she", "it", "we", "they"})
_BLANK_OR_TEXT = re.compile(r"(\[[^\]]*\])|([^\[\]]+)")


@dataclass(frozen=True, slots=True)
class _Label:
    """`stream[start:end]` comes from a numbered stretch of the source."""

    start: int
    end: int
    number: int


def trace_pieces(
    apertium: Apertium, route: Sequence[Hop], pieces: Sequence[Piece], followed: Sequence[Sequence[Span]]
) -> list[list[Link]]:
    """Return the links of each finished piece, from its stretches of the source to its part of the draft.

    Stretches are spans in the whole source, links too; their targets are spans of the piece's part alone.
    """
    labels = [list(_label(piece, spans)) for piece, spans in zip(pieces, followed, strict=True)]
    moving = [n for n, piece in enumerate(pieces) if len(piece.streams) > 1]  # others have no words
    for number, hop in enumerate(route):
        questions = [_bind(pieces[n].streams[number], labels[n]) for n in moving]
        for n, answer in zip(moving, apertium.translate(hop.mode, questions), strict=True):
            labels[n] = list(_read(answer, pieces[n].streams[number + 1]))
    return [list(_link(p, mine, spans)) for p, mine, spans in zip(pieces, labels, followed, strict=True)]


def _label(piece: Piece, spans: Sequence[Span]) -> Iterator[_Label]:
    """Label the first stream of a piece."""
    first, last = piece.start, piece.end
    inside = [(n, (max(start, first) - first, min(end, last) - first)) for n, (start, end) in enumerate(spans)]
    inside = [(n, span) for n, span in inside if span[0] < span[1]]
    written, places = piece.standins.write_out(piece.streams[0], is_source=True)
    found = follow_spans([span for _, span in inside], piece.source[first:last], written)
    spanned = [(_find_letter(places, start), bisect_left(places, end)) for start, end in found]
    yield from _labels([(n, span) for (n, _), span in zip(inside, spanned, strict=True)])


def _find_letter(places: Sequence[int], place: int) -> int:
    """Return the first letter of a stream that stands for what begins at a place, or for what that is a part of."""
    letter = bisect_left(places, place)
    return letter if letter < len(places) and places[letter] == place else letter - 1


def _labels(spans: Sequence[tuple[int, Span]]) -> Iterator[_Label]:
    """Yield labels that do not overlap: what two stretches share is the first one's."""
    at = 0
    for number, (start, end) in sorted(spans, key=lambda pair: pair[1]):
        if max(start, at) < end:
            yield _Label(max(start, at), end, number)
            at = end


def _bind(stream: str, labels: Sequence[_Label]) -> str:
    """Write labels into a stream, around its blanks; a stretch is bound in pieces between them."""
    parts, at = [], 0
    for label in labels:
        parts += [stream[at : label.start], *_bind_text(stream[label.start : label.end], label.number)]
        at = label.end
    return "".join([*parts, stream[at:]])


def _bind_text(text: str, number: int) -> Iterator[str]:
    for match in _BLANK_OR_TEXT.finditer(text):
        yield match[0] if match[1] or match[2].isspace() else f"[[r:{number}]]{match[2]}[[/]]"


def _read(answer: str, stream: str) -> Iterator[_Label]:
    """Read the labels of an answer, and follow them to the stream that was made of the answer without any."""
    spans: list[tuple[int, Span]] = []
    parts: list[str] = []
    at = length = 0
    for match in _BOUND.finditer(answer):
        parts += [answer[at : match.start()], match[2]]
        length += match.start() - at
        spans.append((int(match[1]), (length, length + len(match[2]))))
        length += len(match[2])
        at = match.end()
    bare = "".join([*parts, answer[at:]])
    places = follow_spans([span for _, span in spans], bare, stream)
    yield from _labels([(n, place) for (n, _), place in zip(spans, places, strict=True)])


def _link(piece: Piece, labels: Sequence[_Label], spans: Sequence[Span]) -> Iterator[Link]:
    text = piece.finish()
    written, places = piece.standins.write_out(piece.stream)
    targets = follow_spans([(places[label.start], places[label.end]) for label in labels], written, text)
    links = [Link(spans[label.number], target) for label, target in zip(labels, targets, strict=True)]
    yield from sorted([*links, *_link_unmarked(text, links)], key=lambda link: link.target)


def _link_unmarked(text: str, links: Sequence[Link]) -> Iterator[Link]:
    """Link the words that transfer rules made or moved without the mark of their source.

    In the drafts of real sentences they nearly all go with the word before them ("will *find*", "totally *local*"), but
    subjects with the verb behind them.
    """
    before: Link | None = None
    waiting: list[Span] = []
    following = deque(links)
    for word in WORD.finditer(text):
        while following and following[0].target[1] <= word.start():
            before = following.popleft()
        if following and following[0].target[0] < word.end():
            yield from (Link(following[0].source, span) for span in waiting)
            waiting = []
        elif before is None or word[0].lower() in _SUBJECTS:
            waiting.append(word.span())
        else:
            yield Link(before.source, word.span())
