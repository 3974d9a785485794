"""A hop of a route: texts of any length through one package, under pins where they have some."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from pipeline.engines import Link, Request
from pipeline.engines.alignment import PinnedDraft, Task
from pipeline.engines.argos_model import Hypothesis, Model
from pipeline.engines.links import Rendering, link_words
from pipeline.engines.pins import honour_pins
from pipeline.engines.tokens import Span
from pipeline.pins import Pin

# Long inputs lose words, the more the shorter the sentences that a model was trained on. The package in tests/models
# gains by any cut (250 sentences of flores-dev fr→en, uncut, cut above 80, 60, 30 tokens: chrF 29.0, 31.0, 34.1, 41.3);
# with models of published size only the few sentences above 80 should pay for it with a broken construction.
MAX_SOURCE_TOKENS = 80
_WEAK_STOP = re.compile(r"(?<=[;:,.!?…)»”—–])\s+")
_SPACE = re.compile(r"\s+")
_EDGES = re.compile(r"^\W+|\W+$")

Known = dict[str, Hypothesis]
"""What the model made of texts without pins, with its attention."""


@dataclass(frozen=True, slots=True)
class Part:
    """What a model made of a text.

    The sum of its tokens' log-probabilities and their number come along, and where it renders the terms of the text.
    `places` are those of `spans` where a pin is honoured, else None; `renderings` are its pieces.
    """

    text: str
    log_probability: float
    tokens: int
    unknown: tuple[str, ...]
    is_finished: bool
    spans: tuple[Span, ...] = ()
    places: tuple[Span | None, ...] = ()
    renderings: tuple[Rendering, ...] = ()


@dataclass(frozen=True, slots=True)
class _Piece:
    """A stretch of a text short enough for the model, its pins, what joins it to the next piece, and where it is."""

    text: str
    pins: tuple[Pin, ...] = ()
    joint: str = ""
    at: int = 0


class Hop:
    """A loaded package, fed with pieces of texts. All methods raise EngineError when the package is damaged."""

    def __init__(self, model: Model) -> None:
        self._model = model
        self.language = model.language

    def translate(self, requests: Sequence[Request], known: Known) -> list[Part]:
        """Translate without regard to pins; what becomes of texts that have some is added to `known`."""
        texts = [self._split(Request(request.text)) for request in requests]
        pieces = [piece for text in texts for piece in text]
        traced = [bool(request.pins) for request, text in zip(requests, texts, strict=True) for _ in text]
        sources = [self._model.encode(piece.text) for piece in pieces]
        hypotheses = self._model.translate(sources, traced)
        known |= {p.text: h for p, h, is_traced in zip(pieces, hypotheses, traced, strict=True) if is_traced}
        parts = iter([self._read(piece, h) for piece, h in zip(pieces, hypotheses, strict=True)])
        return [_join([(next(parts), piece.joint) for piece in text]) for text in texts]

    def translate_pinned(self, requests: Sequence[Request], known: Known) -> list[Part]:
        """Translate under pins, with a span a pin in each answer; texts that are `known` are not decoded again.

        The forms of a pin stand in the order in which to try them; one without forms is only followed.
        """
        texts = [self._split(request) for request in requests]
        pieces = [piece for text in texts for piece in text]
        new = list(dict.fromkeys(piece.text for piece in pieces if piece.text not in known))
        hypotheses = self._model.translate([self._model.encode(text) for text in new], [True] * len(new))
        known = {**known, **dict(zip(new, hypotheses, strict=True))}
        drafts = honour_pins(self._model, [Task(piece.text, piece.pins, known[piece.text]) for piece in pieces])
        parts = iter([self._read_pinned(piece, draft) for piece, draft in zip(pieces, drafts, strict=True)])
        return [_join([(next(parts), piece.joint) for piece in text]) for text in texts]

    def vary(self, texts: Sequence[str]) -> list[tuple[Part, ...]]:
        """Translate each text that need not be cut in several ways, the most probable first."""
        pieces = [self._split(Request(text)) for text in texts]
        whole = [several[0] for several in pieces if len(several) == 1]
        varied = iter(self._model.vary([self._model.encode(piece.text) for piece in whole]))
        return [
            tuple(self._read(several[0], hypothesis) for hypothesis in next(varied)) if len(several) == 1 else ()
            for several in pieces
        ]

    def link(self, parts: Sequence[Part]) -> list[tuple[Link, ...]]:
        """Link the words of each part to those of its text, in one batch."""
        links = iter(link_words(self._model, [rendering for part in parts for rendering in part.renderings]))
        return [tuple(link for _ in part.renderings for link in next(links)) for part in parts]

    def _split(self, request: Request) -> list[_Piece]:
        """Halve a text until no piece has more than `MAX_SOURCE_TOKENS`, but never inside a pin."""
        text, pins = request.text, request.pins
        cut = _find_cut(text, pins) if len(self._model.encode(text)) > MAX_SOURCE_TOKENS else None
        if cut is None:
            return [_Piece(text, pins)]
        end, start = cut
        first = self._split(Request(text[:end], tuple(pin for pin in pins if pin.start < end)))
        moved = tuple(replace(pin, start=pin.start - start, end=pin.end - start) for pin in pins if pin.start >= end)
        joint = " " if start > end else ""
        second = [replace(piece, at=piece.at + start) for piece in self._split(Request(text[start:], moved))]
        return [*first[:-1], replace(first[-1], joint=joint), *second]

    def _read(self, piece: _Piece, hypothesis: Hypothesis) -> Part:
        text = self._model.decode(hypothesis.tokens)
        return Part(
            text=text,
            log_probability=hypothesis.log_probability,
            tokens=len(hypothesis.tokens) + 1,
            unknown=self._find_unknown(piece, hypothesis),
            is_finished=hypothesis.is_finished,
            renderings=(Rendering(piece.text, text, hypothesis.source, hypothesis.tokens, at=piece.at),),
        )

    def _read_pinned(self, piece: _Piece, draft: PinnedDraft) -> Part:
        part = self._read(piece, draft.hypothesis)
        renderings = tuple(replace(rendering, draft=draft.text) for rendering in part.renderings)
        return replace(part, text=draft.text, spans=draft.stretches, places=draft.places, renderings=renderings)

    def _find_unknown(self, piece: _Piece, hypothesis: Hypothesis) -> tuple[str, ...]:
        """Return the words with tokens that the model has no name for and copied, but for those of accepted forms."""
        copied = set(hypothesis.tokens) - self._model.vocabulary
        if copied:
            copied -= {token for pin in piece.pins for form in pin.forms for token in self._model.encode(form)}
        words = [word for word in piece.text.split() if copied.intersection(self._model.encode(word))] if copied else []
        return tuple(_EDGES.sub("", word) or word for word in words)


def _join(parts: Sequence[tuple[Part, str]]) -> Part:
    """Put the parts of a text together, each followed by its joint."""
    text, spans, places, renderings = "", [], [], []
    for part, joint in parts:
        spans += [(start + len(text), end + len(text)) for start, end in part.spans]
        places += [place and (place[0] + len(text), place[1] + len(text)) for place in part.places]
        renderings += [replace(r, draft_at=r.draft_at + len(text)) for r in part.renderings]
        text += part.text + joint
    return Part(
        text=text,
        log_probability=sum(part.log_probability for part, _ in parts),
        tokens=sum(part.tokens for part, _ in parts),
        unknown=tuple(word for part, _ in parts for word in part.unknown),
        is_finished=all(part.is_finished for part, _ in parts),
        spans=tuple(spans),
        places=tuple(places),
        renderings=tuple(renderings),
    )


def _find_cut(text: str, pins: Sequence[Pin]) -> Span | None:
    """Return where to end the first half of a text and where to start the second; None where it cannot be halved.

    That is at the weak stop nearest to the middle (in the middle half of the text), else at the space nearest to it,
    else in the middle of a word.
    """
    middle = len(text) // 2
    for pattern, reach in ((_WEAK_STOP, len(text) / 4), (_SPACE, middle)):
        found = [match.span() for match in pattern.finditer(text) if abs(match.start() - middle) < reach]
        spans = [cut for cut in found if not any(pin.start < cut[1] and cut[0] < pin.end for pin in pins)]
        if spans:
            return min(spans, key=lambda span: abs(span[0] - middle))
    places = [n for n in range(1, len(text)) if not any(pin.start < n < pin.end for pin in pins)]
    at = min(places, key=lambda n: (abs(n - middle), n), default=None)
    return None if at is None else (at, at)
