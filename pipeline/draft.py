"""Drafts: what an engine makes of an article's segments, under pins, in the target language's typography."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from pipeline.article import Kind
from pipeline.casing import begins_with_capital, capitalize, find_case, learn_casing, starts_with
from pipeline.engines import Engine, Link, Request, Translation
from pipeline.engines.tokens import follow_spans
from pipeline.glossary import Glossary, Match
from pipeline.markup import Bare, strip_markup
from pipeline.pins import Pin, digest_pins, missed_pins, pins_for
from pipeline.projection import project_markup
from pipeline.segment import Segment
from pipeline.titles import find_titles, write_titles
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
    """A segment as engines see it: without its markup, recased but of the same length, and the terms in it.

    `titles` are what its markup shows beside it: the descriptions of images, the titles of links.
    """

    segment: Segment
    bare: Bare
    matches: tuple[Match, ...]
    titles: "tuple[Passage, ...]" = ()

    @property
    def text(self) -> str:
        """The text that engines see."""
        return self.bare.text


def prepare_passages(segments: Sequence[Segment], glossary: Glossary) -> tuple[Passage, ...]:
    """Recase the segments of an article and find their terms, for which names need their capitals."""
    bares = [strip_markup(segment.text, segment.markup) for segment in segments]
    read = [replace(segment, text=bare.text) for segment, bare in zip(segments, bares, strict=True)]
    casing = learn_casing(read, glossary)
    passages = []
    for _, block in groupby(zip(segments, bares, strict=True), key=lambda pair: pair[0].block):
        sentences = list(block)
        case = find_case(" ".join(bare.text for _, bare in sentences))
        for segment, bare in sentences:
            recased = bare.recase(casing.recase(bare.text, segment.kind, case))
            titles = tuple(_prepare_title(text, glossary) for text in find_titles(segment.text, segment.markup))
            passages.append(Passage(segment, recased, glossary.find_terms(recased.text), titles))
    return tuple(passages)


def _prepare_title(text: str, glossary: Glossary) -> Passage:
    return Passage(Segment(0, Kind.ATTRIBUTE, text, 0, ""), Bare(text, text), glossary.find_terms(text))


def draft_passages(passages: Sequence[Passage], engine: Engine, language: str) -> list[Draft]:
    """Have the engine translate all passages in one batch; the answer has one draft a passage, in order.

    Raises EngineError when the engine fails.
    """
    asked = [one for passage in passages for one in (passage, *passage.titles)]
    pins = [pins_for(passage.matches, language, engine.pivots) for passage in asked]
    translations = engine.translate([_ask(*one) for one in zip(asked, pins, strict=True)])
    made = (_finish(*one, engine.signature, language) for one in zip(asked, pins, translations, strict=True))
    drafts = []
    for passage in passages:
        draft = next(made)
        if titles := {title.segment.text: next(made).text for title in passage.titles}:
            draft = replace(draft, text=write_titles(draft.text, passage.segment.markup, titles))
        drafts.append(draft)
    return drafts


def _ask(passage: Passage, terms: tuple[Pin, ...]) -> Request:
    pins = (*terms, *passage.bare.pins())
    stretches = passage.bare.stretches() if passage.bare.nodes else ()
    # A single one needs no following: all markup is at its edges.
    followed = stretches if len(stretches) > 1 else ()
    return Request(passage.text, tuple(sorted(pins, key=lambda pin: pin.start)), followed)


def _finish(passage: Passage, pins: tuple[Pin, ...], translation: Translation, signature: str, language: str) -> Draft:
    """Make a draft of a translation: in the typography of its language, with the markup of its passage."""
    forms = [form for pin in pins for form in pin.forms]
    raw = translation.text.strip()
    text = set_typography(raw, passage.text, language, keep=forms)
    # A name keeps its own first letter ("iPhone").
    if (passage.segment.kind is Kind.TITLE or begins_with_capital(passage.text)) and not starts_with(text, forms):
        text = capitalize(text)
    terms = f" terms {digest_pins(pins)}" if pins else ""
    targets = follow_spans([link.target for link in translation.links], translation.text, text)
    links = [Link(link.source, target) for link, target in zip(translation.links, targets, strict=True)]
    return Draft(
        text=project_markup(passage.bare, text, links),
        signature=signature + terms,
        confidence=translation.confidence,
        unknown=tuple(dict.fromkeys(translation.unknown)),
        pins=pins,
        missed=missed_pins(text, pins),
    )
