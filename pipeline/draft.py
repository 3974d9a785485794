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
    translations = iter(engine.translate([_ask(passage, engine, language) for passage in asked]))
    drafts = []
    for passage in passages:
        draft = _finish(passage, next(translations), engine, language)
        titles = {t.segment.text: _finish(t, next(translations), engine, language).text for t in passage.titles}
        drafts.append(replace(draft, text=write_titles(draft.text, passage.segment.markup, titles)))
    return drafts


def _ask(passage: Passage, engine: Engine, language: str) -> Request:
    pins = (*pins_for(passage.matches, language, engine.pivots), *passage.bare.pins())
    stretches = passage.bare.stretches()
    # A single one needs no following: all markup is at its edges.
    followed = stretches if passage.bare.nodes and len(stretches) > 1 else ()
    return Request(passage.text, tuple(sorted(pins, key=lambda pin: pin.start)), followed)


def _finish(passage: Passage, translation: Translation, engine: Engine, language: str) -> Draft:
    """Make a draft of a translation: in the typography of its language, with the markup of its passage."""
    pins = pins_for(passage.matches, language, engine.pivots)
    forms = [form for pin in pins for form in pin.forms]
    raw = translation.text.strip()
    text = set_typography(raw, passage.text, language, keep=forms)
    # A name keeps its own first letter ("iPhone").
    if (passage.segment.kind is Kind.TITLE or begins_with_capital(passage.text)) and not starts_with(text, forms):
        text = capitalize(text)
    terms = f" terms {digest_pins(pins)}" if pins else ""
    shift = translation.text.index(raw)
    spans = [(max(0, link.target[0] - shift), max(0, link.target[1] - shift)) for link in translation.links]
    targets = follow_spans([(min(start, len(raw)), min(end, len(raw))) for start, end in spans], raw, text)
    links = [Link(link.source, target) for link, target in zip(translation.links, targets, strict=True)]
    return Draft(
        text=project_markup(passage.bare, text, links),
        signature=engine.signature + terms,
        confidence=translation.confidence,
        unknown=tuple(dict.fromkeys(translation.unknown)),
        pins=pins,
        missed=missed_pins(text, pins),
    )
