"""A stretch of a segment on its way through Apertium: the stream, its stand-ins, the words not known so far."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import takewhile

from pipeline.casing import capitalize
from pipeline.engines import Translation
from pipeline.engines.apertium_stream import read_stream, settle_marks, write_stream
from pipeline.engines.confidence import rate_draft
from pipeline.engines.standins import Held, StandIns
from pipeline.pins import Pin

_PIECE = 1_000  # characters; the time that Apertium takes for a long stream grows with its square
WORD = re.compile(r"[^\W\d_]+")
_SOFT_HYPHEN = re.compile(r"(?<=[^\W\d_])\u00ad(?=[^\W\d_])")
_TYPED_WORD = re.compile(r"[^\W\d_]+(?:\u00ad[^\W\d_]+)*")
_BLANKS = re.compile("[ \u00a0\u202f]{2,}")
_LIGATURES = str.maketrans({"œ": "oe", "Œ": "Oe"})
# A verb after a name that opens the sentence gets the capital that Apertium has left over ("Huawei Has announced").
_CAPITAL_LEFT_OVER = re.compile(
    r"\A[^\w\[]*(?:[\ua000-\ua48c]+ )+(?:Is|Are|Was|Were|Has|Have|Had|Will|Would|Can|Could|Must|Does|Did)\b"
)
# A sentence that begins with several words of a dictionary, or `el agua`, gets capitals throughout ("THANKS TO").
_IN_CAPITALS = re.compile(r"\A\W*[^\W\d_]{2,}(?: [^\W\d_]{2,})*")


@dataclass(slots=True)
class Piece:
    """A stretch of a segment on its way: its streams so far, the stand-ins in them, and the words not known."""

    source: str
    start: int
    end: int
    terms: Sequence[Held]
    language: str
    streams: list[str] = field(init=False)
    standins: StandIns = field(init=False)
    words: int = field(init=False)
    unknown: list[str] = field(init=False, default_factory=list)
    typed: dict[str, str] = field(init=False)

    def __post_init__(self) -> None:
        text = self.source[self.start : self.end]
        self.standins = StandIns(text)
        inside = [held for held in self.terms if self.start <= held.start and held.end <= self.end]
        text = self.standins.hold_fixed(
            text, [replace(held, start=held.start - self.start, end=held.end - self.start) for held in inside]
        )
        folded = _fold(text)
        self.words = sum(not self.holds(word) for word in WORD.findall(folded))
        self.typed = {_fold(word): word for word in _TYPED_WORD.findall(text)} if folded != text else {}
        self.streams = [write_stream(folded)]

    @property
    def stream(self) -> str:
        """The question to the next mode."""
        return self.streams[-1]

    def holds(self, word: str) -> bool:
        """Tell whether a word has a stand-in in it."""
        return self.standins.are_in(word)

    def take(self, answer: str, fills: dict[str, str]) -> None:
        """Take a mode's answer: unknown words are filled, or held back from the next hop as they were typed."""

        def resolve(word: str, place: int) -> str:
            if self.holds(word):
                return word
            typed = self.typed.get(word, word)
            if fill := fills.get(word):
                self.typed[fill] = typed
                return fill[:1].upper() + fill[1:] if place == 0 and word[:1].isupper() else fill
            self.unknown.append(typed)
            return self.standins.hold(typed)

        stream = settle_marks(answer, resolve)
        stream = _CAPITAL_LEFT_OVER.sub(lambda match: match[0].lower(), stream)
        self.streams.append(self.standins.turn(_calm(stream, self.stream), len(self.streams)))

    def finish(self) -> str:
        """Return the draft of this stretch, with the blanks around it as they were."""
        text = self.source[self.start : self.end]
        draft = read_stream(self.stream)
        if self.words:
            lead, trail = text[: len(text) - len(text.lstrip())], text[len(text.rstrip()) :]
            draft = lead + draft.strip() + trail
        if not _BLANKS.search(text):  # two blanks are left where Apertium drops a word, or moves a no-break space
            draft = _BLANKS.sub(" ", draft)
        first = WORD.search(text)
        is_capitalised = self.start == 0 and first is not None and first[0][0].isupper()
        return self.standins.restore(draft, self.language, is_capitalised=is_capitalised)


def _calm(stream: str, before: str) -> str:
    """Write the words that open an answer small but for the first letter, if the question does not open so."""
    words = list(WORD.finditer(match[0])) if (match := _IN_CAPITALS.match(stream)) else []
    opening = list(takewhile(lambda word: word[0].isupper(), words))
    if not opening or any(word.isupper() and len(word) > 1 for word in WORD.findall(before)[: len(opening) + 1]):
        return stream
    end = opening[-1].end()
    return capitalize(stream[:end].lower()) + stream[end:]


def cut_segment(text: str, pins: Sequence[Pin]) -> Iterator[tuple[int, int]]:
    """Yield the ends of pieces of at most 1,000 characters, cut after a blank where there is one, never in a pin."""
    start = 0
    while len(text) - start > _PIECE:
        end = text.rfind(" ", start, start + _PIECE) + 1 or start + _PIECE
        for pin in pins:
            if pin.start < end < pin.end:
                end = pin.start if pin.start > start else pin.end
        yield start, end
        start = end
    yield start, len(text)


def assemble(work: Sequence[Piece]) -> Translation:
    """Return the draft of a segment from all of its pieces."""
    text = "".join(piece.finish() for piece in work)
    unknown = tuple(dict.fromkeys(word for piece in work for word in piece.unknown))
    return Translation(text, rate_draft(work[0].source, text, unknown), unknown)


def _fold(text: str) -> str:
    """Write words as Apertium knows them: without soft hyphens and ligatures (it knows oeuvre, not œuvre)."""
    return _SOFT_HYPHEN.sub("", text).translate(_LIGATURES)
