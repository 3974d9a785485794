"""Translations that come back as TMX or XLIFF files: a person's texts, for the catalogs that lack them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from pipeline.catalog import Catalog, Entry, parse_catalog
from pipeline.editing import set_comments, set_text
from pipeline.errors import ExchangeError
from pipeline.exchange import TranslationUnit, read_units
from pipeline.files import read_file, update_file
from pipeline.ledger import parse_ledger
from pipeline.merge import TEXT_NOTES, IsOurs, is_draft
from pipeline.report import RunReport
from pipeline.workspace import ArticleFolder, list_articles


@dataclass(frozen=True, slots=True)
class Conflict:
    """An entry (`place` is its file and line) that holds another text of a person than the one that was offered."""

    place: str
    source: str
    offered: str


@dataclass(slots=True)
class ImportReport:
    """What was taken (file, number), what stood there already, what was left alone, and what matched no entry.

    `drafts` counts the machine drafts of the file, which are passed over: nobody has reviewed them.
    """

    taken: list[tuple[Path, int]] = field(default_factory=list)
    same: int = 0
    drafts: int = 0
    conflicts: list[Conflict] = field(default_factory=list)
    ambiguous: list[TranslationUnit] = field(default_factory=list)
    unmatched: list[TranslationUnit] = field(default_factory=list)
    run: RunReport = field(default_factory=RunReport)


@dataclass(frozen=True, slots=True)
class _Outcome:
    catalog: Catalog
    taken: int
    same: int
    conflicts: tuple[Conflict, ...]
    matched: frozenset[str]


def import_translations(workspace: Path, path: Path) -> ImportReport:
    """Take the translations of a file into all entries with exactly their source; no text of a person is replaced.

    Raises ExchangeError for a file that is neither TMX nor XLIFF 1.2, or holds none.
    """
    report = ImportReport()
    texts: dict[str, dict[str, TranslationUnit]] = {}
    units = read_units(path)
    if not units:
        raise ExchangeError(f"{path}: holds no translation from French", "check its languages")
    written = [unit for unit in units if not unit.is_draft]
    report.drafts = len(units) - len(written)
    for unit in _settle(written, report.ambiguous):
        texts.setdefault(unit.language, {})[unit.source] = unit
    matched: set[tuple[str, str]] = set()
    for folder in list_articles(workspace):
        for language in folder.languages():
            if language in texts:
                with report.run.collect():
                    outcome = _import_into(folder, language, texts[language])
                    report.taken += [(folder.catalog(language), outcome.taken)] if outcome.taken else []
                    report.same += outcome.same
                    report.conflicts += outcome.conflicts
                    matched |= {(language, source) for source in outcome.matched}
    settled = [unit for mine in texts.values() for unit in mine.values()]
    report.unmatched += [unit for unit in settled if (unit.language, unit.source) not in matched]
    return report


def _settle(units: Iterable[TranslationUnit], ambiguous: list[TranslationUnit]) -> list[TranslationUnit]:
    """Return one unit a source and language; of several different translations the one that needs no review."""
    variants: dict[tuple[str, str], dict[str, TranslationUnit]] = {}
    for unit in units:
        mine = variants.setdefault((unit.language, unit.source), {})
        if unit.target not in mine or not unit.is_fuzzy:
            mine[unit.target] = unit
    settled = []
    for mine in variants.values():
        best = [unit for unit in mine.values() if not unit.is_fuzzy] or list(mine.values())
        if len(best) == 1:
            settled += best
        else:
            ambiguous += best
    return settled


def _import_into(folder: ArticleFolder, language: str, units: Mapping[str, TranslationUnit]) -> _Outcome:
    path = folder.catalog(language)
    is_ours = parse_ledger(read_file(folder.ledger) or b"").owner(language)
    outcomes: list[_Outcome] = []

    def update(old: bytes | None) -> bytes:
        outcomes.append(_fill(parse_catalog(old or b"", path), units, is_ours, path))
        return outcomes[-1].catalog.render()

    update_file(path, update)
    return outcomes[-1]


def _fill(catalog: Catalog, units: Mapping[str, TranslationUnit], is_ours: IsOurs, path: Path) -> _Outcome:
    entries: list[Entry] = []
    conflicts: list[Conflict] = []
    same, matched = 0, set[str]()
    for entry in catalog.entries:
        unit = None if entry.is_obsolete or entry.is_header else units.get(entry.msgid)
        if unit is None:
            entries.append(entry)
            continue
        matched.add(entry.msgid)
        if not entry.is_plural and (not entry.msgstr or is_draft(entry, is_ours)):
            comments = [comment for comment in entry.comments if not comment.startswith(TEXT_NOTES)]
            entry = set_comments(entry, comments, entry.references, catalog.newline)  # noqa: PLW2901
            entry = set_text(entry, unit.target, catalog.newline, is_fuzzy=unit.is_fuzzy)  # noqa: PLW2901
        elif entry.msgstr == unit.target:
            same += 1
        else:
            conflicts.append(Conflict(f"{path}:{entry.line}", entry.msgid, unit.target))
        entries.append(entry)
    taken = _count_changes(catalog.entries, entries)
    merged = replace(catalog, entries=tuple(entries)) if taken else catalog
    return _Outcome(merged, taken, same, tuple(conflicts), frozenset(matched))


def _count_changes(before: Sequence[Entry], after: Sequence[Entry]) -> int:
    return sum(old.raw != new.raw for old, new in zip(before, after, strict=True))
