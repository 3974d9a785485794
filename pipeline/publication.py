"""An article with its aligned translations, as the pages and the exports take it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from pipeline.article import Article
from pipeline.catalog import says_nothing
from pipeline.segment import Segment

# What neither XML 1.0 (section 2.2) nor an HTML page may hold, as an entity or as it is.
_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
# Not \s: no-break spaces are text.
_SPACE = re.compile(r"[ \t\r\n]+")


class State(StrEnum):
    """How far a segment has come in one language."""

    REVIEWED = "reviewed"
    TOUCHED = "touched"  # a person's text, still fuzzy
    DRAFT = "draft"  # machine output
    EMPTY = "empty"


class Stage(StrEnum):
    """How far the review of a translation has come."""

    UNREVIEWED = "unreviewed"
    PARTIAL = "partial"
    COMPLETE = "complete"


@dataclass(frozen=True, slots=True)
class Rendering:
    """A segment in one target language.

    `confidence` runs from 0 to 1; `notes` are findings of the form "kind: detail", as "unknown: foo".
    """

    text: str
    state: State
    confidence: float | None = None
    notes: tuple[str, ...] = ()

    @property
    def is_silent(self) -> bool:
        """Tell whether a person decided that the segment publishes nothing (OmegaT's convention)."""
        return self.state is State.REVIEWED and says_nothing(self.text)


@dataclass(frozen=True, slots=True)
class Row:
    """A segment, its renderings in the order of `Publication.targets`, and the glossary terms found in its text."""

    segment: Segment
    renderings: tuple[Rendering, ...]
    terms: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Publication:
    """An article with its aligned translations; `source` and `targets` are ISO 639-1 codes."""

    article: Article
    source: str
    targets: tuple[str, ...]
    rows: tuple[Row, ...]

    def rendering(self, row: Row, language: str) -> Rendering:
        """Return the rendering of `row` in a target language."""
        return row.renderings[self.targets.index(language)]

    def read(self, row: Row, language: str) -> tuple[str, str, State | None]:
        """Return what `row` reads in a language: the text on one line, its own language, and its state.

        A segment without translation reads as in the source, and one that is silent "". The source has no state.
        """
        source = join_lines(row.segment.text)
        if language == self.source:
            return source, language, None
        rendering = self.rendering(row, language)
        if rendering.is_silent:
            return "", language, rendering.state
        if text := join_lines(rendering.text):
            return text, language, rendering.state
        return source, self.source, State.EMPTY

    def count(self, language: str, state: State) -> int:
        """Count the segments that are in `state` in a target language."""
        return sum(self.rendering(row, language).state == state for row in self.rows)

    def stage(self, languages: Sequence[str]) -> Stage:
        """Return how far the translations into `languages` are reviewed, taken together."""
        reviewed = sum(self.count(language, State.REVIEWED) for language in languages)
        if not reviewed:
            return Stage.UNREVIEWED
        return Stage.COMPLETE if reviewed == len(self.rows) * len(languages) else Stage.PARTIAL


@dataclass(frozen=True, slots=True)
class OutputFile:
    """A file to be written, named without its folder."""

    name: str
    text: str
    encoding: str = "utf-8"

    @property
    def data(self) -> bytes:
        """Return its bytes."""
        return self.text.encode(self.encoding)


def drop_controls(text: str) -> str:
    """Remove the characters that XML and HTML forbid; those that separate words become a space."""
    return _ILLEGAL.sub(lambda match: " " if match[0].isspace() else "", text)


@lru_cache(1_000)  # a text stands on several pages
def join_lines(text: str) -> str:
    """Return `text` on one line, free of forbidden characters and of white space around it."""
    return _SPACE.sub(" ", drop_controls(text)).strip(" ")
