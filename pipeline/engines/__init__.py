"""The engine protocol: segments with their pins go in, drafts come out, in the same order and number."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from pipeline.engines.tokens import Span
from pipeline.errors import EngineError
from pipeline.pins import Pin


@dataclass(frozen=True, slots=True)
class Request:
    """A source segment (one line of text, any characters but newlines) and the pins that its draft must honour.

    `followed` are stretches of the text, in order and apart, whose places in the draft are asked for.
    """

    text: str
    pins: tuple[Pin, ...] = ()
    followed: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True)
class Link:
    """A stretch of a draft, of a word or a few, and the stretch of the source that it renders."""

    source: Span
    target: Span


@dataclass(frozen=True, slots=True)
class Translation:
    """What an engine made of a request.

    `confidence` runs from 0 to 1 and is comparable within one engine only; `unknown` names the source words
    that the engine left as they were, in order. `links` stand in the order of the draft, for a request with
    stretches to be followed; words that nobody knows the origin of have none.
    """

    text: str
    confidence: float
    unknown: tuple[str, ...] = ()
    links: tuple[Link, ...] = ()


class Engine(Protocol):
    """A translator for one language pair."""

    @property
    def name(self) -> str:
        """The word that `--engine` takes."""
        ...

    @property
    def signature(self) -> str:
        """Engine, route and versions in one line; it changes whenever the same request may come out otherwise."""
        ...

    @property
    def pivots(self) -> tuple[str, ...]:
        """The languages in between in which the engine asks for a pin's forms."""
        ...

    def translate(self, requests: Sequence[Request]) -> list[Translation]:
        """Translate all requests in as few calls as possible; the answer has one translation a request, in order.

        Raises EngineError when the engine fails as a whole.
        """
        ...


def open_engine(name: str, source: str, target: str) -> Engine:
    """Return the engine called `name` for a pair; "auto" takes the first of `settings.ENGINES` that there is.

    "argos" takes the package that comes with Passerelle where none is installed. Raises EngineError when the engine is
    not installed; for "auto" the message names both ways to get one.
    """
    # They import this module for the protocol.
    from pipeline.engines import argos  # noqa: PLC0415
    from pipeline.models import find_shipped  # noqa: PLC0415

    is_installed = name in {"auto", "argos"} and argos.is_available(source, target)
    if name == "passerelle" or (name != "apertium" and not is_installed and find_shipped(source, target)):
        return argos.open_own(source, target)
    if name == "argos" or is_installed:
        return argos.open_argos(source, target)
    from pipeline.engines import apertium  # noqa: PLC0415

    if name == "apertium" or apertium.is_available(source, target):
        return apertium.open_apertium(source, target)
    raise EngineError(
        f"no engine translates {source}→{target}",
        f"apt-get install apertium apertium-fr-es apertium-eng-spa, or passerelle models install {source} {target}",
    )
