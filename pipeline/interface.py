"""What the pages say around an article, in each language (`data/interface.toml`)."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from pipeline.files import read_data
from pipeline.publication import Stage, State


@dataclass(frozen=True, slots=True)
class Interface:
    """The words around the text of `language`, themselves in the language `words`; those with `{…}` are formats."""

    language: str
    words: str
    name: str
    languages: str
    aligned: str
    skip: str
    warning: str
    assurance: str
    reviewed: str
    tally: str
    segment: str
    around: str
    silent: str
    confidence: str
    terms: str
    note: str
    stages: Mapping[Stage, str]
    states: Mapping[State, str]
    notes: Mapping[str, str]

    def word_note(self, note: str) -> str:
        """Return a finding ("unknown: foo") in this language; one of an unknown kind stays as it is."""
        kind, _, detail = note.partition(": ")
        return self.note.format(kind=self.notes[kind], detail=detail) if kind in self.notes else note


@cache
def read_interface(language: str) -> Interface:
    """Return the words for pages in `language`: English ones where the data file has no table for it."""
    tables = tomllib.loads(read_data("interface.toml"))
    if language in tables:
        return Interface(language=language, words=language, **tables[language])
    return Interface(language=language, words="en", **{**tables["en"], "name": language})
