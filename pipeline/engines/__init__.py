"""The engine protocol: segments with their pins go in, drafts come out, in the same order and number."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from pipeline.glossary import Pin


@dataclass(frozen=True, slots=True)
class Request:
    """A source segment (one line of text, any characters but newlines) and the pins that its draft must honour."""

    text: str
    pins: tuple[Pin, ...] = ()


@dataclass(frozen=True, slots=True)
class Translation:
    """What an engine made of a request.

    `confidence` runs from 0 to 1 and is comparable within one engine only; `unknown` names the source words
    that the engine left as they were, in order.
    """

    text: str
    confidence: float
    unknown: tuple[str, ...] = ()


class Engine(Protocol):
    """A translator for one language pair."""

    @property
    def name(self) -> str:
        """The word that `--engine` takes."""
        ...

    @property
    def signature(self) -> str:
        """Engine, pair or route, and versions, in one line; it changes whenever the same request may come out otherwise."""
        ...

    def translate(self, requests: Sequence[Request]) -> list[Translation]:
        """Translate all requests in as few calls as possible; the answer has one translation a request, in order.

        Raises EngineError when the engine fails as a whole.
        """
        ...
