"""Pins in a draft: where attention and accepted forms show that its terms are rendered."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.engines.argos_model import Hypothesis, Model
from pipeline.engines.tokens import Span, align_tokens, overlapping
from pipeline.glossary import TermKind
from pipeline.pins import Pin, find_forms

# A word that attends to the term half as much as the best one renders it too.
_SHARE = 0.5
# A word with this share of its attention on a term that is honoured elsewhere renders the term twice.
_ECHO = 0.5
_WORD = re.compile(r"\w(?:\S*\w)?")


@dataclass(frozen=True, slots=True)
class Task:
    """A part of a segment, its pins (forms in the order to try them) and what the model made of it, with attention."""

    text: str
    pins: tuple[Pin, ...]
    hypothesis: Hypothesis


@dataclass(frozen=True, slots=True)
class PinnedDraft:
    """A draft with the place of each of its task's pins.

    `places` says where a pin is honoured, `missed` has the numbers of the others; `stretches` says where each term is
    rendered, honoured or not. `surplus` has the names beyond those asked for, `echoes` other words
    that render an honoured term once more. `spans` are those of the tokens in `text`; `is_scored` tells whether the
    probability of the hypothesis is that of the whole.
    """

    hypothesis: Hypothesis
    text: str
    places: tuple[Span | None, ...]
    missed: tuple[int, ...]
    stretches: tuple[Span, ...]
    surplus: tuple[Span, ...]
    echoes: int
    is_scored: bool
    spans: tuple[Span, ...]


def inspect(model: Model, task: Task, hypothesis: Hypothesis, *, is_scored: bool) -> PinnedDraft:
    """Find the pins of a task in what the model or we made of its text; `is_scored` when its probability is known."""
    text = _restore(model, model.decode(hypothesis.tokens), task.pins)
    spans = align_tokens(hypothesis.tokens, text)
    weights = [[sum(row[n] for n in term) for row in hypothesis.attention] for term in _term_tokens(task)]
    places, surplus = _assign(task.text, task.pins, text, spans, weights)
    taken = [place for place in places if place]
    stretches = [place or _find_stretch(text, spans, w, taken) for place, w in zip(places, weights, strict=True)]
    missed = tuple(n for n, (pin, place) in enumerate(zip(task.pins, places, strict=True)) if pin.forms and not place)
    return PinnedDraft(
        hypothesis=hypothesis,
        text=text,
        places=tuple(places),
        missed=missed,
        stretches=tuple(stretches),
        surplus=tuple(surplus),
        echoes=_count_echoes(text, spans, [w for w, place in zip(weights, places, strict=True) if place], taken),
        is_scored=is_scored,
        spans=tuple(spans),
    )


def _term_tokens(task: Task) -> list[tuple[int, ...]]:
    """Return the source tokens of each pin."""
    spans = align_tokens(task.hypothesis.source, task.text)
    return [overlapping(spans, pin.start, pin.end) for pin in task.pins]


def _restore(model: Model, text: str, pins: Sequence[Pin]) -> str:
    """Put accepted forms back where the tokenizer alone changed them (`l’OTAN` to `l'OTAN`)."""
    for form in {form for pin in pins for form in pin.forms}:
        written = model.decode(model.encode(form))
        if written and written != form:
            for start, end in reversed(find_forms(text, (written,))):
                if end - start == len(written):
                    text = text[:start] + form + text[end:]
    return text


def count_missed(source: str, pins: Sequence[Pin], draft: str) -> int:
    """Count the pins that a draft misses, and names in it that have another ending, or come once too often."""
    places, surplus = _assign(source, pins, draft, [], [[] for _ in pins])
    return sum(place is None for place in places) + len(surplus)


def _is_exact(source: str, pin: Pin, written: str) -> bool:
    """Tell whether `written`, which matches, will do: a name bears no ending that the row does not give it."""
    return written in pin.forms or not _is_name(source, pin)


def _is_name(source: str, pin: Pin) -> bool:
    """Tell whether a term is a name, or carried over as one."""
    name = source[pin.start : pin.end]
    return pin.kind is TermKind.NAME or (name in pin.forms and not name.islower())


def _assign(
    source: str, pins: Sequence[Pin], text: str, spans: Sequence[Span], weights: Sequence[Sequence[float]]
) -> tuple[list[Span | None], list[Span]]:
    """Give each pin a stretch of its own, longest forms first; of pins that share forms, the one attended to most.

    Returns the stretches, and those of names that are left over.
    """
    places: list[Span | None] = [None] * len(pins)
    free = [True] * len(text)
    surplus: list[Span] = []
    for forms in sorted({pin.forms for pin in pins if pin.forms}, key=lambda f: (-max(map(len, f)), f)):
        found = [(start, end) for start, end in find_forms(text, forms) if all(free[start:end])]
        wanting = [n for n, pin in enumerate(pins) if pin.forms == forms]
        mass = {
            (n, s): sum(weights[n][t] for t in overlapping(spans, *s))
            for n in wanting
            for s in found
            if _is_exact(source, pins[n], text[slice(*s)])
        }
        for n, (start, end) in sorted(mass, key=lambda pair: (-mass[pair], pair)):
            if places[n] is None and all(free[start:end]):
                places[n] = (start, end)
                free[start:end] = [False] * (end - start)
        if any(_is_name(source, pins[n]) for n in wanting):
            surplus += [(start, end) for start, end in found if all(free[start:end])]
    return places, surplus


def _count_echoes(text: str, spans: Sequence[Span], weights: Sequence[Sequence[float]], taken: Sequence[Span]) -> int:
    """Count the words outside of all `taken` stretches that attend to honoured terms more than to all else."""
    echoes = 0
    for word in split_words(text) if weights else ():
        tokens = overlapping(spans, *word)
        if tokens and not any(start < word[1] and word[0] < end for start, end in taken):
            echoes += max(sum(row[n] for n in tokens) for row in weights) > _ECHO * len(tokens)
    return echoes


def _find_stretch(text: str, spans: Sequence[Span], weights: Sequence[float], taken: Sequence[Span]) -> Span:
    """Return where the draft renders a term: the words around the one that attends to it most, but for `taken` ones."""
    words = [word for word in split_words(text) if not any(a < word[1] and word[0] < b for a, b in taken)]
    if not words:
        return len(text), len(text)
    mass = [max((weights[n] for n in overlapping(spans, *word)), default=0.0) for word in words]
    first = last = mass.index(max(mass))
    while first > 0 and mass[first - 1] >= _SHARE * max(mass) and words[first - 1][1] + 1 >= words[first][0]:
        first -= 1
    while last + 1 < len(words) and mass[last + 1] >= _SHARE * max(mass) and words[last][1] + 1 >= words[last + 1][0]:
        last += 1
    return words[first][0], words[last][1]


def split_words(text: str) -> list[Span]:
    """Return the words between spaces, without the punctuation around them."""
    return [match.span() for match in _WORD.finditer(text)]
