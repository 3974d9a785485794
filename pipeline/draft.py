"""Drafts: what an engine makes of an article's segments, under pins, in the target language's typography."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from pipeline.article import Kind
from pipeline.casing import begins_with_capital, capitalize, find_case, learn_casing, starts_with
from pipeline.engines import Engine, Request, Translation
from pipeline.glossary import Glossary, Match
from pipeline.pins import Pin, digest_pins, missed_pins, pins_for
from pipeline.segment import Segment
from pipeline.typography import set_typography


@dataclass(frozen=True, slots=True)
class Draft:
    """Machine output for a segment.

    `signature` names the engine with its versions and, where there are pins, their digest; `confidence` runs from 0
    to 1; `unknown` holds the source words left untranslated, `missed` those of the `pins` that the text misses.
    """

    text: str
    signature: str
    confidence: float
    unknown: tuple[str, ...] = ()
    pins: tuple[Pin, ...] = ()
    missed: tuple[Pin, ...] = ()


@dataclass(frozen=True, slots=True)
class Passage:
    """A segment as engines see it: its text, recased but of the same length, and the terms in it."""

    segment: Segment
    text: str
    matches: tuple[Match, ...]


def prepare_passages(segments: Sequence[Segment], glossary: Glossary) -> tuple[Passage, ...]:
    """Recase the segments of an article and find their terms, for which names need their capitals."""
    casing = learn_casing(segments, glossary)
    passages = []
    for _, block in groupby(segments, key=lambda segment: segment.block):
        sentences = list(block)
        case = find_case(" ".join(segment.text for segment in sentences))
        for segment in sentences:
            text = casing.recase(segment.text, segment.kind, case)
            passages.append(Passage(segment, text, glossary.find_terms(text)))
    return tuple(passages)


def draft_passages(passages: Sequence[Passage], engine: Engine, language: str) -> list[Draft]:
    """Have the engine translate all passages in one batch; the answer has one draft a passage, in order.

    Raises EngineError when the engine fails.
    """
    requests = [Request(passage.text, pins_for(passage.matches, language, engine.pivots)) for passage in passages]
    translations = engine.translate(requests)
    return [
        _finish(passage, request.pins, translation, engine, language)
        for passage, request, translation in zip(passages, requests, translations, strict=True)
    ]


def _finish(passage: Passage, pins: tuple[Pin, ...], translation: Translation, engine: Engine, language: str) -> Draft:
    forms = [form for pin in pins for form in pin.forms]
    text = set_typography(translation.text.strip(), passage.segment.text, language, keep=forms)
    # A name keeps its own first letter ("iPhone").
    if (passage.segment.kind is Kind.TITLE or begins_with_capital(passage.text)) and not starts_with(text, forms):
        text = capitalize(text)
    terms = f" terms {digest_pins(pins)}" if pins else ""
    return Draft(
        text=text,
        signature=engine.signature + terms,
        confidence=translation.confidence,
        unknown=tuple(dict.fromkeys(translation.unknown)),
        pins=pins,
        missed=missed_pins(text, pins),
    )
