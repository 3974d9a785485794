"""The glossary: terms with their accepted forms per language, and where they stand in a segment."""

from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING

from pipeline.verbatim import find_verbatim

if TYPE_CHECKING:
    from pipeline.matching import PhraseIndex


class TermKind(StrEnum):
    """How a term is matched: a name to the letter, a term in any case and inflected."""

    NAME = "name"
    TERM = "term"


class Gender(StrEnum):
    """The gender of a form, as rows give it in brackets."""

    MASCULINE = "m"
    FEMININE = "f"


class Number(StrEnum):
    """The number of a form, as rows give it in brackets."""

    SINGULAR = "sg"
    PLURAL = "pl"


@dataclass(frozen=True, slots=True)
class Grammar:
    """What a row says of a form: `GPU [f,inv]`. None where it says nothing; an invariable form is its own plural."""

    gender: Gender | None = None
    number: Number | None = None
    is_invariable: bool = False


@dataclass(frozen=True, slots=True)
class Form:
    """An accepted form."""

    text: str
    grammar: Grammar = Grammar()


@dataclass(frozen=True, slots=True)
class Term:
    """A row of the glossary.

    `forms` pairs a language with its accepted forms, the preferred one first; none keep the source form.
    """

    text: str
    kind: TermKind
    forms: tuple[tuple[str, tuple[Form, ...]], ...]
    note: str = ""

    def accepted(self, language: str) -> tuple[Form, ...]:
        """Return the accepted forms in `language`; of one that the row says nothing of, a name's own, a term's none."""
        forms = dict(self.forms).get(language)
        keeps_source = self.kind is TermKind.NAME if forms is None else not forms
        return (Form(self.text),) if keeps_source else forms or ()


@dataclass(frozen=True, slots=True)
class Match:
    """A term at `text[start:end]` of a segment; its number there, or None where nothing tells it.

    `is_inflected` tells whether it stands there otherwise than in its row, -s at its end aside.
    """

    start: int
    end: int
    term: Term
    number: Number | None = None
    is_inflected: bool = False


@dataclass(frozen=True)
class Glossary:
    """All terms of a workspace, in file order."""

    terms: tuple[Term, ...] = ()

    def find_terms(self, text: str) -> tuple[Match, ...]:
        """Return the terms in a segment from left to right; where several overlap the longest wins."""
        matches = []
        verbatim = [match.span() for match in find_verbatim(text)]
        for hit in self._index.find(text):
            if any(start <= hit.start < end for start, end in verbatim):
                continue
            term = self.terms[hit.phrase]
            written, row = (_letters(one) for one in (text[hit.start : hit.end], term.text))
            matches.append(Match(hit.start, hit.end, term, hit.number, is_inflected=written not in {row, f"{row}s"}))
        return tuple(matches)

    @cached_property
    def _index(self) -> "PhraseIndex":
        from pipeline.matching import Phrase, PhraseIndex  # noqa: PLC0415 (which tells the number of what it finds)

        return PhraseIndex([Phrase(term.text, term.kind is TermKind.NAME) for term in self.terms])


def _letters(text: str) -> str:
    """Return the letters of a text in lower case, whatever signs and blanks stand between them."""
    return "".join(filter(str.isalnum, text.lower()))
