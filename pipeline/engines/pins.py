"""Pins in neural drafts: a draft that misses a term is decoded again with an accepted form forced into its place.

Attention tells where in the draft the term belongs. The draft up to there and the form become the first tokens of
candidates, which the model completes; others put the form into the draft and keep the rest. The candidate that
honours most pins wins, and of several the one that the model finds likeliest as a whole.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from itertools import compress, islice

from pipeline.engines.alignment import PinnedDraft, Task, inspect, split_words
from pipeline.engines.argos_model import Hypothesis, Model, Tokens
from pipeline.engines.tokens import Span, align_tokens, overlapping
from pipeline.engines.wording import capitalize_opening

# Later rounds only put forms into the draft.
_COMPLETED_ROUNDS = 4
_MAX_ROUNDS = 24
# How many words before the term a form may be forced, so that an article and an adjective there can change: 0, 1, 2.
_REACH = 3
# 400 sentences of ../shared/eval/terms, fr→en: 2 costs half as much again, for the same chrF (33.4).
_BEAM_SIZE = 1
_LOOPED = 3
_BROKEN = "\ufffd"  # where bytes make no character
_OPENING = "([{«“‘¿¡"


def honour_pins(model: Model, tasks: Sequence[Task]) -> list[PinnedDraft]:
    """Redecode the drafts that miss pins, one pin of each of them a round, all candidates of a round in one batch.

    A pin that no candidate brings in stays missed. Drafts that miss nothing come back as they are, but one that
    never ends is cut where it begins to repeat itself.
    """
    searches = [_Search(model, task) for task in tasks]
    for turn in range(_MAX_ROUNDS):
        active = [search for search in searches if search.aim(is_last=turn >= _COMPLETED_ROUNDS)]
        if not active:
            break
        starts = [(search.source, start) for search in active for start in search.starts]
        completed = iter(model.complete([s for s, _ in starts], [t for _, t in starts], _BEAM_SIZE) if starts else [])
        groups = [search.rank(list(islice(completed, len(search.starts)))) for search in active]
        tied = iter(_score(model, [draft for group in groups for draft in group if len(group) > 1]))
        for search, group in zip(active, groups, strict=True):
            search.take([next(tied) for _ in group] if len(group) > 1 else group)
    drafts = [search.draft for search in searches]
    scored = iter(_score(model, [draft for draft in drafts if not draft.is_scored]))
    return [draft if draft.is_scored else next(scored) for draft in drafts]


def _score(model: Model, drafts: Sequence[PinnedDraft]) -> list[PinnedDraft]:
    """Return the drafts with the log-probability of the whole, all in one batch.

    What CTranslate2 returns for a completion leaves its first, forced tokens out.
    """
    scores = model.score([(d.hypothesis.source, d.hypothesis.tokens) for d in drafts]) if drafts else []
    return [
        replace(draft, hypothesis=replace(draft.hypothesis, log_probability=score), is_scored=True)
        for draft, score in zip(drafts, scores, strict=True)
    ]


def _begin(model: Model, task: Task) -> PinnedDraft:
    """Find the pins in the first draft; one that never ends is cut before it loops, or the source would be kept."""
    first = task.hypothesis
    if first.is_finished or not first.tokens:
        return inspect(model, task, first, is_scored=True)
    end = _find_loop(first.tokens, 2 * len(first.source))
    cut = replace(first, tokens=first.tokens[:end], attention=first.attention[:end])
    return inspect(model, task, cut, is_scored=False)


def _find_loop(tokens: Tokens, limit: int) -> int:
    """Return where three tokens in a row come for the third time, at most `limit`."""
    seen: Counter[Tokens] = Counter()
    for n in range(min(limit, len(tokens))):
        seen[tokens[n : n + 3]] += 1
        if seen[tokens[n : n + 3]] == _LOOPED:
            return n
    return min(limit, len(tokens))


class _Search:
    """The search for a draft of one task that honours its pins, one pin at a time."""

    def __init__(self, model: Model, task: Task) -> None:
        self._model, self._task = model, task
        self._failed: set[int] = set()
        self._is_stuck = False
        self._pin: int | None = None
        self._is_last = False
        self.draft = _begin(model, task)
        self.source = task.hypothesis.source
        self.starts: list[Tokens] = []

    def aim(self, *, is_last: bool) -> bool:
        """Choose the missing pin that belongs furthest to the left, as what follows is decoded again.

        Sets `starts`, what to complete, unless it is too late for that. False where nothing is left to mend.
        """
        missed = [pin for pin in self.draft.missed if pin not in self._failed]
        self._pin = min(missed, key=self.draft.stretches.__getitem__, default=None)
        self._is_last = self._is_last or is_last
        self.starts = [] if self._is_last or self._pin is None else self._find_starts(self._pin)
        return bool(missed) or (bool(self.draft.surplus) and not self._is_stuck)

    def rank(self, completed: Sequence[Hypothesis]) -> list[PinnedDraft]:
        """Return the candidates, each once, that miss fewest pins and repeat fewest terms; none unless better."""
        if self._pin is None:
            candidates = self._drop()
        else:
            candidates = self._write_whole(self._pin) or [*completed, *self._splice(self._pin)]
        hypotheses = {h.tokens: h for h in candidates if h.is_finished}
        drafts = [inspect(self._model, self._task, h, is_scored=False) for h in hypotheses.values()]
        before = (len(self.draft.missed), len(self.draft.surplus) if self._pin is None else 0)
        drafts = [draft for draft in drafts if (len(draft.missed), len(draft.surplus)) < before]
        drafts = [draft for draft in drafts if draft.text.count(_BROKEN) <= self.draft.text.count(_BROKEN)]
        ranks = [(len(draft.missed), len(draft.surplus) + draft.echoes) for draft in drafts]
        return [draft for draft, rank in zip(drafts, ranks, strict=True) if rank == min(ranks)]

    def take(self, candidates: Sequence[PinnedDraft]) -> None:
        """Go on from the likeliest candidate; without any, only splice, and then give the pin up."""
        if candidates:
            self.draft = max(candidates, key=lambda draft: draft.hypothesis.mean)
        elif self._pin is None:
            self._is_stuck = True
        elif self._is_last:
            self._failed.add(self._pin)
        else:
            self._is_last = True

    def _find_starts(self, pin: int) -> list[Tokens]:
        """Return what to complete: the draft up to the term, or up to a word or two before, and the first form."""
        at = self.draft.stretches[pin][0]
        places = [start for start, _ in split_words(self.draft.text) if start < at]
        ends = [at, *reversed(places)][:_REACH]
        taken = [place for place in self.draft.places if place]
        ends = [end for end in ends if end == at or not any(start <= end < stop for start, stop in taken)]
        form = self._task.pins[pin].forms[0]
        return list(dict.fromkeys((*self._before(end), *self._spell(form, end)) for end in ends))

    def _write_whole(self, number: int) -> list[Hypothesis]:
        """Return the source with the form in it where there is nothing but the term to translate."""
        text, pin = self._task.text, self._task.pins[number]
        if any(letter.isalnum() for letter in text[: pin.start] + text[pin.end :]):
            return []
        tokens = self._model.encode(text[: pin.start] + pin.forms[0] + text[pin.end :])
        row = [1 / len(self.source)] * len(self.source)
        return [Hypothesis(self.source, tokens, 0.0, (row,) * len(tokens))]

    def _splice(self, pin: int) -> list[Hypothesis]:
        """Return the draft with the first form in place of what renders the term.

        At last the other forms are tried too, and places before it.
        """
        start, end = self.draft.stretches[pin]
        forms = self._task.pins[pin].forms
        ways = [(form, stop) for form in forms for stop in (end, start)] if self._is_last else [(forms[0], end)]
        return [self._put(pin, form, start, stop) for form, stop in dict.fromkeys(ways)]

    def _drop(self) -> list[Hypothesis]:
        """Return the draft without a name that it has too often, and without the word before or after too."""
        hypothesis, words = self.draft.hypothesis, split_words(self.draft.text)
        names = {self.draft.text[start:end] for start, end in self.draft.surplus}
        places = [place for place in (*self.draft.surplus, *self.draft.places) if place]
        cuts: list[Span] = []
        for start, end in (place for place in places if self.draft.text[slice(*place)] in names):
            before = max([start, *[first for first, last in words if last <= start][-1:]][-1:])
            after = [last for first, last in words if first >= end][:1] or [end]
            cuts += [(start, end), (before, end), (start, after[0])]
        kept = [[first >= end or last <= start for first, last in self.draft.spans] for start, end in cuts]
        return [
            replace(
                hypothesis,
                tokens=tuple(compress(hypothesis.tokens, keep)),
                attention=tuple(compress(hypothesis.attention, keep)),
            )
            for keep in kept
        ]

    def _put(self, number: int, form: str, start: int, end: int) -> Hypothesis:
        """Put a form in place of a stretch of the draft; its tokens attend to the term."""
        hypothesis, pin = self.draft.hypothesis, self._task.pins[number]
        head = len(self._before(start))
        tail = max([head, *(n + 1 for n, (first, _) in enumerate(self.draft.spans) if first < end)])
        written = self._spell(form, start)
        term = overlapping(align_tokens(hypothesis.source, self._task.text), pin.start, pin.end)
        row = [float(n in term) for n in range(len(hypothesis.source))]
        return Hypothesis(
            source=hypothesis.source,
            tokens=(*hypothesis.tokens[:head], *written, *hypothesis.tokens[tail:]),
            log_probability=0.0,
            attention=(*hypothesis.attention[:head], *[row] * len(written), *hypothesis.attention[tail:]),
        )

    def _before(self, at: int) -> Tokens:
        """Return the tokens of the draft before a place in its text."""
        return self.draft.hypothesis.tokens[: sum(end <= at and start < at for start, end in self.draft.spans)]

    def _spell(self, form: str, at: int) -> Tokens:
        """Cut a form into tokens as they stand after what is before it: after an opening bracket without a space."""
        before = self.draft.text[:at]
        form = capitalize_opening(form, before, self._task.text)
        opening = before[-1:] if before[-1:] in _OPENING else ""
        head, whole = self._model.encode(opening) if opening else (), self._model.encode(opening + form)
        return whole[len(head) :] if whole[: len(head)] == head else self._model.encode(form)
