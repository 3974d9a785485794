"""Pins: what the draft of a segment must hold, and whether it does."""

import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from pipeline.glossary import Form, Grammar, Match, Number, Term, TermKind
from pipeline.variants import find_variants

_SHORTEST_IN_ES = 3  # letters; only longer forms have a plural in -es


@dataclass(frozen=True, slots=True)
class Pin:
    """A term at `text[start:end]` of a source segment, and the forms accepted in its draft, the preferred one first.

    `variants` are forms in another number or gender, which honour it too. `number` is that of the term in the source,
    None where nothing tells it, and `is_inflected` as in `Match`. `grammar` pairs a form with what its row says of it,
    where it does; `pivots` pairs a language that the engine passes through with what is pinned there.
    """

    start: int
    end: int
    forms: tuple[str, ...]
    variants: tuple[str, ...] = ()
    kind: TermKind = TermKind.TERM
    number: Number | None = None
    is_inflected: bool = False
    grammar: tuple[tuple[str, Grammar], ...] = ()
    pivots: "tuple[tuple[str, Pin], ...]" = ()


def pins_for(matches: Iterable[Match], language: str, pivots: Sequence[str] = ()) -> tuple[Pin, ...]:
    """Return what the draft of a segment in `language` must honour, made through the languages of `pivots`.

    A term of which the glossary says nothing in `language` is not pinned. In a pivot language a row without forms
    pins nothing, unless its source form is to stand in the draft too.
    """
    return tuple(_pin(match, language, pivots) for match in matches if match.term.accepted(language))


def _pin(match: Match, language: str, pivots: Sequence[str]) -> Pin:
    accepted, given = match.term.accepted(language), dict(match.term.forms)
    kept = tuple(form for form in accepted if form.text == match.term.text)
    there = ((pivot, given.get(pivot, ()) or kept) for pivot in pivots)
    pinned = tuple((pivot, _pin_forms(match, forms, pivot)) for pivot, forms in there if forms)
    return _pin_forms(match, accepted, language, pinned)


def _pin_forms(match: Match, accepted: Sequence[Form], language: str, pivots: tuple[tuple[str, Pin], ...] = ()) -> Pin:
    return Pin(
        start=match.start,
        end=match.end,
        forms=_texts(accepted),
        variants=_find_variants(match.term, accepted, language),
        kind=match.term.kind,
        number=match.number,
        is_inflected=match.is_inflected,
        grammar=tuple((form.text, form.grammar) for form in accepted if form.grammar != Grammar()),
        pivots=pivots,
    )


def _find_variants(term: Term, accepted: Sequence[Form], language: str) -> tuple[str, ...]:
    """Return the inflected forms of a term; a name has none, nor a form whose row fixes its number."""
    if term.kind is TermKind.NAME:
        return ()
    free = [form.text for form in accepted if not (form.grammar.is_invariable or form.grammar.number)]
    variants = dict.fromkeys(variant for text in free for variant in find_variants(text, language))
    return tuple(variant for variant in variants if variant not in _texts(accepted))


def _texts(forms: Iterable[Form]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(form.text for form in forms))


def add_pins(pins: Sequence[Pin], more: Iterable[Pin]) -> tuple[Pin, ...]:
    """Add those of `more` that touch no pin before them; the answer is in the order of the text."""
    free = list(pins)
    for pin in more:
        if all(pin.end <= other.start or other.end <= pin.start for other in free):
            free.append(pin)
    return tuple(sorted(free, key=lambda pin: pin.start))


def missed_pins(draft: str, pins: Sequence[Pin]) -> tuple[Pin, ...]:
    """Return the pins that no accepted form in `draft` honours; each stretch of the draft honours one pin.

    A variant, regular plural or possessive of a form counts (chips, AI's), of a name the possessive alone. A form in
    lower case is met in any case; one with capitals to the letter ("US" is not "us").
    """
    if not pins:
        return ()
    open_pins = sorted(pins, key=lambda pin: len(pin.forms))  # those with the least choice choose first
    taken: set[int] = set()
    folded = draft.casefold()  # most variants are not there in any case, and a search costs more
    wanted = {
        (form, pin.kind is TermKind.NAME)
        for pin in pins
        for form in (*pin.forms, *pin.variants)
        if form.casefold() in folded
    }
    for form, is_name in sorted(wanted, key=lambda pair: (-len(pair[0]), not pair[1], pair[0])):
        for match in _form_pattern(form, is_exact=is_name).finditer(draft):
            fitting = (pin for pin in open_pins if form in (*pin.forms, *pin.variants))
            pin = next((pin for pin in fitting if (pin.kind is TermKind.NAME) == is_name), None)
            stretch = range(match.start(), match.end())
            if pin and taken.isdisjoint(stretch):
                taken.update(stretch)
                open_pins.remove(pin)
    return tuple(sorted(open_pins, key=lambda pin: pin.start))


def find_forms(draft: str, forms: tuple[str, ...]) -> list[tuple[int, int]]:
    """Return where accepted forms stand in a draft, from left to right, the longest where several begin together."""
    spans = {match.span() for form in forms for match in _form_pattern(form).finditer(draft)}
    found: list[tuple[int, int]] = []
    for start, end in sorted(spans, key=lambda span: (span[0], -span[1])):
        if not found or start >= found[-1][1]:
            found.append((start, end))
    return found


@lru_cache(10_000)
def _form_pattern(form: str, *, is_exact: bool = False) -> re.Pattern[str]:
    plural = "" if is_exact else "(?:e?s)?" if len(form) > _SHORTEST_IN_ES and not form.isupper() else "s?"
    return re.compile(rf"(?<!\w){re.escape(form)}{plural}(?!\w)", re.IGNORECASE if form.islower() else 0)


def digest_pins(pins: Sequence[Pin]) -> str:
    """Return eight hexadecimal digits that change with the pins of a segment."""
    text = "\n".join(map(repr, pins))
    return hashlib.sha256(text.encode()).hexdigest()[:8]
