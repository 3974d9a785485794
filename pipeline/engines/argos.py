"""Argos Translate packages as an engine: one package, or a chain of them through pivot languages.

Segments go through the models of the packages hop by hop; those whose draft misses a pin go again, under constraint.
"""

import hashlib
import math
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from pipeline.engines import Link, Request, Translation
from pipeline.engines.alignment import count_missed
from pipeline.engines.argos_hop import MAX_SOURCE_TOKENS, Hop, Known, Part
from pipeline.engines.argos_model import DECODING, NO_LETTER, UNREPEATED, Model
from pipeline.engines.links import chain_links, move_links, pin_links
from pipeline.engines.tokens import Span
from pipeline.engines.wording import is_plural, order_forms
from pipeline.errors import EngineError
from pipeline.glossary import TermKind
from pipeline.models import (
    InstalledPackage,
    find_broken_packages,
    find_route,
    list_packages,
    package_digest,
    packages_folder,
    provide_package,
)
from pipeline.pins import Pin, add_pins, missed_pins
from pipeline.verbatim import find_verbatim

# Words with a letter or sign that French does not spell with: "Победник", "Pavelić", "IFN-γ", "km²", "≥".
_LETTER = "[^\\W\\d_a-zA-ZàâäæçéèêëîïôöœùûüÿÀÂÄÆÇÉÈÊËÎÏÔÖŒÙÛÜŸ]"
_FOREIGN = re.compile(rf"(?:(?<![\w-])(?:[A-Z\d]+-)*+\w*{_LETTER}\w*(?:-[A-Z\d]+(?!\w))*[ ·]?)+(?<![ ·])|[≤≥±×]")
_LONGEST_WORD = 1000  # characters; addresses are shorter
_PINS_REVISION = 3  # it changes whenever requests with pins come out otherwise
LOOK_REVISION = 1  # it changes whenever drafts that are looked at twice come out otherwise


def open_argos(source: str, target: str, folder: Path | None = None) -> "ArgosEngine":
    """Open the shortest route of packages in `folder` (default: `packages_folder()`) between two languages.

    Models are loaded by the first translation. Raises EngineError when no route exists or a file cannot be read.
    """
    folder = folder or packages_folder()
    route = find_route(list_packages(folder), source, target)
    if not route:
        broken = " ".join(f"({problem.message})" for problem in find_broken_packages(folder))
        message = f"{folder}: no Argos packages lead from {source} to {target} {broken}".rstrip()
        raise EngineError(message, f"install one: passerelle models install {source} {target}")
    return ArgosEngine(route)


def open_own(source: str, target: str) -> "ArgosEngine":
    """Open the package that comes with Passerelle for a pair, which is unpacked when it is needed for the first time.

    Raises EngineError when none does, or when it cannot be unpacked.
    """
    return ArgosEngine([provide_package(source, target)], "passerelle", looks_twice=True)


def is_available(source: str, target: str, folder: Path | None = None) -> bool:
    """Tell whether `open_argos` would find a route; only metadata is read, and nothing heavy is imported."""
    return bool(find_route(list_packages(folder), source, target))


@dataclass(frozen=True, slots=True)
class _Trail:
    """A draft, and for a request with stretches to be followed what it was made of, hop by hop, under which pins."""

    draft: Translation
    is_followed: bool
    parts: tuple[Part, ...] = ()
    pins: tuple[Pin, ...] = ()


class ArgosEngine:
    """A route of installed packages; implements `pipeline.engines.Engine`."""

    def __init__(self, route: Sequence[InstalledPackage], name: str = "argos", *, looks_twice: bool = False) -> None:
        self.name = name
        self._looks_twice = looks_twice
        self._route = tuple(route)
        self._hops: tuple[Hop, ...] = ()
        self.signature = f"{self.name} " + ", ".join(_sign(package) for package in route)
        self.signature += f" r{LOOK_REVISION}" if looks_twice else ""
        self.pivots = tuple(package.target for package in route[:-1])

    def translate(self, requests: Sequence[Request]) -> list[Translation]:
        """Translate all requests, hop by hop, each hop in one call of CTranslate2; one translation a request.

        Those whose draft misses a pin, or inflects or repeats a name, go again through all hops, with accepted forms
        forced in (see `pipeline.engines.pins`); all others come out as without pins. What misses a pin even then is
        kept as it is. Where the engine looks twice, what the checks find fault with is drafted again, its numbers and
        dates pinned too, and in other words (see `pipeline.engines.second_look`): the least faulty draft is taken.

        The confidence is the geometric mean of the probabilities of the tokens written (of all parts of a segment
        longer than `MAX_SOURCE_TOKENS`), multiplied over the hops. A segment whose draft is empty, garbled or without
        end, or that holds a "word" of over 1,000 characters, keeps its source text with confidence 0, and is unknown as
        a whole. `unknown` holds, of each hop, the words with tokens that the model has no name for and copied (after a
        pivot, words of the pivot language).
        Blank requests come back as they are, others without the spaces around them.
        Requests with stretches to be followed get the same drafts as others, with links for all words (see
        `pipeline.engines.links`); one whose source is kept has none.
        Raises EngineError when a package is damaged.
        """
        plain = [_keep_verbatim(replace(request, followed=())) for request in requests]
        trails = self._draft(plain, {p for p, request in zip(plain, requests, strict=True) if request.followed})
        links = self._link(trails)
        return [
            replace(trails[p].draft, links=links.get(p, ()) if request.followed else ())
            for p, request in zip(plain, requests, strict=True)
        ]

    def _draft(self, requests: Sequence[Request], followed: Collection[Request]) -> dict[Request, _Trail]:
        """Translate without regard to pins, then again what misses some."""
        if not self._hops:
            self._hops = tuple(Hop(Model(package)) for package in self._route)
        known: list[Known] = [{} for _ in self._hops]
        begun = {r: _Trail(Translation(r.text, 1.0), r in followed) for r in requests}
        trails = {r: trail if _is_language(r.text) else _give_up(r.text, trail) for r, trail in begun.items()}
        for hop, memory in zip(self._hops, known, strict=True):
            alive = [r for r, trail in trails.items() if _is_alive(trail.draft)]
            outputs = hop.translate([replace(r, text=trails[r].draft.text.strip()) for r in alive], memory)
            for request, output in zip(alive, outputs, strict=True):
                trails[request] = _chain(request.text, trails[request], output)
        missed = [r for r, trail in trails.items() if _is_language(r.text) and any(self._count_missed(r, trail.draft))]
        for request, trail in self._translate_pinned({r: begun[r] for r in missed}, known).items():
            if self._count_missed(request, trail.draft) < self._count_missed(request, trails[request].draft):
                trails[request] = trail
        if self._looks_twice:
            trails |= self._look_again(trails, known)
        return {r: _give_up(r.text, t) if _is_garbled(r.text, t.draft.text) else t for r, t in trails.items()}

    def _look_again(self, trails: Mapping[Request, _Trail], known: Sequence[Known]) -> dict[Request, _Trail]:
        """Draft again what the checks find fault with, its figures pinned or in other words; return what is better."""
        from pipeline.engines.figure_pins import pin_figures  # noqa: PLC0415 - both import the checks
        from pipeline.engines.second_look import LEAST, count_problems, is_suspect  # noqa: PLC0415

        def count_faults(trail: _Trail) -> tuple[int, ...]:
            text = trail.draft.text
            problems = count_problems(request.text, text, language)
            return _is_garbled(request.text, text), *self._count_missed(request, trail.draft), problems

        language = self._route[-1].target
        texts = {r: trail.draft.text for r, trail in trails.items() if _is_alive(trail.draft)}
        more = {r: pin_figures(r, language) for r in texts}
        faulty = [
            r for r, t in texts.items() if _is_garbled(r.text, t) or is_suspect(r.text, t, language, more[r].pins)
        ]
        begun = {r: _Trail(Translation(r.text, 1.0), trails[r].is_followed) for r in faulty}
        pinned = self._translate_pinned({more[r]: begun[r] for r in faulty if more[r] != r}, known)
        varied = self._hops[0].vary([request.text.strip() for request in faulty])
        better = {}
        for request, parts in zip(faulty, varied, strict=True):
            made = [_chain(request.text, begun[request], part) for part in parts]
            made += [pinned[more[request]]] if more[request] in pinned else []
            least = LEAST * trails[request].draft.confidence
            likely = sorted((t for t in made if t.draft.confidence >= least), key=lambda t: -t.draft.confidence)
            better[request] = min([trails[request], *likely], key=count_faults)
        return better

    def _translate_pinned(self, begun: Mapping[Request, _Trail], known: Sequence[Known]) -> dict[Request, _Trail]:
        """Translate under pins: at each hop those of its language, found where the hop before put its own."""
        trails = dict(begun)
        spans: dict[Request, tuple[Span, ...]] = {r: tuple((pin.start, pin.end) for pin in r.pins) for r in begun}
        for hop, memory in zip(self._hops, known, strict=True):
            alive = [request for request, trail in trails.items() if _is_alive(trail.draft)]
            is_last = hop is self._hops[-1]
            pinned = [_pin_hop(r, trails[r].draft.text, spans[r], hop.language, is_last=is_last) for r in alive]
            for request, output in zip(alive, hop.translate_pinned(pinned, memory), strict=True):
                trails[request] = replace(_chain(request.text, trails[request], output), pins=request.pins)
                spans[request] = output.spans
        return trails

    def _link(self, trails: Mapping[Request, _Trail]) -> dict[Request, tuple[Link, ...]]:
        """Link the words of the drafts to be followed to those of requests, through those of the drafts in between."""
        alive = {request: trail for request, trail in trails.items() if len(trail.parts) == len(self._hops)}
        chains: dict[Request, tuple[Link, ...]] = {}
        for number, hop in enumerate(self._hops if alive else ()):
            found = hop.link([trail.parts[number] for trail in alive.values()])
            for (request, trail), links in zip(alive.items(), found, strict=True):
                text = trail.parts[number - 1].text if number else request.text
                moved = move_links(links, len(text) - len(text.lstrip()), 0)
                chains[request] = chain_links(chains[request], moved) if number else moved
        for request, trail in alive.items():
            places = zip(trail.pins, trail.parts[-1].places, strict=True)
            pinned = [Link((pin.start, pin.end), place) for pin, place in places if place]
            chains[request] = pin_links(chains[request], pinned, trail.draft.text)
        return chains

    def _count_missed(self, request: Request, draft: Translation) -> tuple[int, int]:
        """Count the pins that a draft misses, and those whose names are not written exactly either."""
        language = self._route[-1].target
        order = [order_forms(pin, pin.forms, language, is_plural=is_plural(request.text, pin)) for pin in request.pins]
        pins = [replace(pin, forms=forms) for pin, forms in zip(request.pins, order, strict=True)]
        return len(missed_pins(draft.text, request.pins)), count_missed(request.text, pins, draft.text)


def _keep_verbatim(request: Request) -> Request:
    """Add pins for what is taken over as it is: a model spells addresses its own way, and has no other script."""
    matches = (*find_verbatim(request.text), *_FOREIGN.finditer(request.text))
    kept = (Pin(match.start(), match.end(), (match[0],), kind=TermKind.NAME) for match in matches)
    return replace(request, pins=add_pins(request.pins, kept))


def _is_language(text: str) -> bool:
    """Tell whether a text has no word so long that a model would only loop over its pieces, for minutes."""
    return max(map(len, text.split()), default=0) <= _LONGEST_WORD


def _is_garbled(source: str, draft: str) -> bool:
    """Tell whether a draft holds bytes that make no letter."""
    return NO_LETTER in draft and NO_LETTER not in source


def _give_up(text: str, trail: _Trail) -> _Trail:
    return replace(trail, draft=Translation(text, 0.0, (text,)), parts=())


def _is_alive(draft: Translation) -> bool:
    return draft.confidence > 0 and bool(draft.text.strip())


def _pin_hop(request: Request, text: str, spans: Sequence[Span], language: str, *, is_last: bool) -> Request:
    """Return what a hop has to translate, with the terms at `spans` of `text` and the forms accepted in its language.

    A term without such forms is only followed to the next hop.
    """
    shift = len(text) - len(text.lstrip())
    pins: list[Pin] = []
    for pin, (start, end) in zip(request.pins, spans, strict=True):
        there = pin if is_last else dict(pin.pivots).get(language)
        forms = there.forms if there else ()
        ordered = order_forms(pin, forms, language, is_plural=is_plural(request.text, pin))
        pins.append(replace(pin, start=max(0, start - shift), end=max(0, end - shift), forms=ordered))
    return Request(text.strip(), tuple(pins))


def _sign(package: InstalledPackage) -> str:
    """Word a package for the signature; its digest covers our way of decoding too."""
    options = f"{package_digest(package)} {MAX_SOURCE_TOKENS} {sorted(DECODING.items())} {UNREPEATED} {_PINS_REVISION}"
    digest = hashlib.sha256(options.encode()).hexdigest()[:8]
    return f"{package.source}→{package.target} {package.version} {digest}"


def _chain(source: str, trail: _Trail, output: Part) -> _Trail:
    """Add a hop's output to the draft that it was made from."""
    if not output.is_finished or not output.text:
        return _give_up(source, trail)
    before = trail.draft
    confidence = min(1.0, math.exp(output.log_probability / output.tokens)) * before.confidence
    draft = Translation(output.text, confidence, tuple(dict.fromkeys((*before.unknown, *output.unknown))))
    return replace(trail, draft=draft, parts=(*trail.parts, output) if trail.is_followed else ())
