"""What an article might want rows for: names, acronyms and recurring noun phrases that the glossary lacks.

Noun phrases are ranked and their parts dropped by the C-value method (Frantzi, Ananiadou & Mima 2000, "Automatic
recognition of multi-word terms"), over sequences of words that function words and prepositions bound.
"""

import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from pipeline.casing import Case, find_case
from pipeline.exports.termlist import render_rows
from pipeline.formats import read_article
from pipeline.glossary import Glossary, TermKind
from pipeline.segment import Segment, read_no_break, segment_article
from pipeline.settings import SOURCE, TARGETS, Settings
from pipeline.termbase import read_glossary
from pipeline.termbase.candidates import Occurrence, find_names, find_phrases, read_line
from pipeline.termbase.check import list_sources
from pipeline.termbase.entry import fold_term
from pipeline.workspace import name_article

_OFTEN = 2  # a phrase that occurs less often does not recur


class Sort(StrEnum):
    """What a suggestion looks like."""

    NAME = "name"
    ACRONYM = "acronym"
    PHRASE = "phrase"


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A candidate for the glossary, how often it occurs, and where it does first."""

    text: str
    sort: Sort
    count: int
    context: str

    @property
    def kind(self) -> TermKind:
        """The kind of its row."""
        return TermKind.TERM if self.sort is Sort.PHRASE else TermKind.NAME


def suggest_for_article(article: str, settings: Settings) -> tuple[Suggestion, ...]:
    """Return what the article at a path, or of a name under translations/, has and the workspace's glossary lacks."""
    workspace = settings.workspace
    named = [source for source in list_sources(workspace) if source.parent.name == article]
    path = named[0] if named and not Path(article).is_file() else Path(article)
    no_break = read_no_break(workspace / "glossary" / "no-break.txt")
    segments = segment_article(read_article(path, name_article(path), settings.front_matter), no_break)
    return suggest_terms(segments, read_glossary(workspace / "glossary"))


def suggest_terms(segments: Sequence[Segment], glossary: Glossary) -> tuple[Suggestion, ...]:
    """Return names, acronyms, phrases, each by count; what a term of the glossary covers is left out."""
    lines = [read_line(segment, glossary) for segment in segments if find_case(segment.text) is not Case.CAPITALS]
    names = list(find_names(lines))
    return (
        *_count([occurrence for occurrence in names if not _is_acronym(occurrence)], Sort.NAME),
        *_count([occurrence for occurrence in names if _is_acronym(occurrence)], Sort.ACRONYM),
        *_rank_phrases([occurrence for line in lines for occurrence in find_phrases(line)]),
    )


def render_suggestions(suggestions: Iterable[Suggestion]) -> str:
    """Render rows to paste into glossary/terms.csv; their targets are left for a person to write."""
    header = [SOURCE, *TARGETS, "kind", "note"]
    blank = [""] * len(TARGETS)
    rows = [[s.text, *blank, s.kind.value, f"{s.count} ×: {s.context}"] for s in suggestions]
    return render_rows([header, *rows], ",")


def _rank_phrases(occurrences: Iterable[Occurrence]) -> list[Suggestion]:
    """Keep what recurs, and not only inside one longer phrase; by count and then by C-value."""
    groups: dict[tuple[str, ...], list[Occurrence]] = defaultdict(list)
    for occurrence in occurrences:
        groups[tuple(_stem(token.key) for token in occurrence.tokens)].append(occurrence)
    often = {key: group for key, group in groups.items() if len(group) >= _OFTEN}
    longer: dict[tuple[str, ...], list[int]] = defaultdict(list)
    for key, group in often.items():
        for part in {key[i:j] for i in range(len(key)) for j in range(i + 2, len(key) + 1)} - {key}:
            longer[part].append(len(group))
    own = {key: len(group) for key, group in often.items() if len(group) > max(longer[key], default=0)}
    nested = {key: sum(longer[key]) / max(1, len(longer[key])) for key in own}
    values = {key: math.log2(len(key)) * (count - nested[key]) for key, count in own.items()}
    ranked = sorted(own, key=lambda key: (-own[key], -values[key], key))
    return [_suggest(often[key], Sort.PHRASE) for key in ranked]


def _is_acronym(occurrence: Occurrence) -> bool:
    return len(occurrence.tokens) == 1 and occurrence.tokens[0].is_acronym


def _count(occurrences: Iterable[Occurrence], sort: Sort) -> list[Suggestion]:
    groups: dict[str, list[Occurrence]] = defaultdict(list)
    for occurrence in occurrences:
        groups[fold_term(occurrence.text)].append(occurrence)
    ranked = sorted(groups.items(), key=lambda pair: (-len(pair[1]), pair[0]))
    return [_suggest(group, sort) for _, group in ranked]


def _suggest(group: Sequence[Occurrence], sort: Sort) -> Suggestion:
    spellings = Counter(occurrence.text for occurrence in group)
    commonest = max(spellings.values())
    first = next(occurrence for occurrence in group if spellings[occurrence.text] == commonest)
    return Suggestion(first.text, sort, len(group), first.context)


def _stem(word: str) -> str:
    """Return a word without the marks of the plural and the feminine, good enough to count by."""
    return re.sub(r"(?<=\w\w\w)(?:e?[sx]|e)$", "", re.sub(r"aux$", "al", word))
