"""The glossary: terms with their accepted forms per language, and where they stand in a segment."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

# A term inside a longer word or a compound ("anti-IA") is another word.
_WORD_START = re.compile(r"(?<![\w-])\S")


class TermKind(StrEnum):
    """How a term is matched: a name to the letter, a term in any case and in the plural too."""

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
    """A row of the glossary. `forms` pairs a language with its accepted forms, the preferred one first."""

    text: str
    kind: TermKind
    forms: tuple[tuple[str, tuple[Form, ...]], ...]
    note: str = ""

    def accepted(self, language: str) -> tuple[Form, ...]:
        """Return the accepted forms in `language`; the term itself where the row gives none."""
        return dict(self.forms).get(language, ()) or (Form(self.text),)


@dataclass(frozen=True, slots=True)
class Match:
    """A term at `text[start:end]` of a segment."""

    start: int
    end: int
    term: Term


@dataclass(frozen=True)
class Glossary:
    """All terms of a workspace, in file order."""

    terms: tuple[Term, ...] = ()

    def find_terms(self, text: str) -> tuple[Match, ...]:
        """Return the terms in a segment from left to right; where several begin together the longest wins."""
        matches: list[Match] = []
        end = 0
        for start in _WORD_START.finditer(text):
            patterns = self._patterns.get(_key(text[start.start() : start.end() + 1])) if start.start() >= end else None
            if patterns and (match := patterns.match(text, start.start())):
                end = match.end()
                matches.append(Match(match.start(), end, self.terms[int((match.lastgroup or "_0")[1:])]))
        return tuple(matches)

    @cached_property
    def _patterns(self) -> Mapping[str, re.Pattern[str]]:
        """Patterns of the terms by their first letters, so that a long glossary is not tried at every word."""
        longest_first = sorted(range(len(self.terms)), key=lambda n: -len(self.terms[n].text))
        alternatives: dict[str, list[str]] = {}
        for n in longest_first:
            alternatives.setdefault(_key(self.terms[n].text), []).append(f"(?P<_{n}>{_term_pattern(self.terms[n])})")
        return {key: re.compile(rf"(?:{'|'.join(some)})(?![\w-])") for key, some in alternatives.items()}


def _key(text: str) -> str:
    return re.sub("[\u2010\u2011]", "-", text[:2].strip().replace("’", "'").lower())


def _term_pattern(term: Term) -> str:
    # As typed: either apostrophe, any space, any hyphen.
    words = [re.sub("['’]", "['’]", re.escape(word)) for word in term.text.split()]
    words = [re.sub(r"\\-|[\u2010\u2011]", "[-\u2010\u2011]", word) for word in words]
    if term.kind is TermKind.NAME:
        return r"\s+".join(words)
    return "(?i:" + r"[sx]?\s+".join(words) + "[sx]?)"
