"""What a check looks at, and what it finds."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from pipeline.pins import Pin
from pipeline.severity import Severity


@dataclass(frozen=True, slots=True)
class Problem:
    """Something in a translation that a person should look at; `code` is what `# passerelle: ignore` names."""

    severity: Severity
    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Pair:
    """A French text, its translation into `language`, and what the glossary asks of that."""

    source: str
    target: str
    language: str
    pins: tuple[Pin, ...] = ()


Check = Callable[[Pair], Iterator[Problem]]


def error(code: str, message: str) -> Problem:
    """Return an error."""
    return Problem(Severity.ERROR, code, message)


def warning(code: str, message: str) -> Problem:
    """Return a warning."""
    return Problem(Severity.WARNING, code, message)


def note(code: str, message: str) -> Problem:
    """Return a note."""
    return Problem(Severity.NOTE, code, message)
