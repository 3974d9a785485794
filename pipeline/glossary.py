"""The glossary: terms with their accepted forms per language, and where they stand in a segment."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Pin:
    """A term at `text[start:end]` of a source segment, and the target forms accepted for it, the preferred one first."""

    start: int
    end: int
    forms: tuple[str, ...]
