"""Write what was made of an article: its source, its catalogs, its draft pages. Nothing of a person's is replaced."""

import datetime as dt
import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from pipeline.catalog import Catalog, Entry, parse_catalog, read_header
from pipeline.exports.source import name_sources, render_source
from pipeline.exports.tmx import render_tmx
from pipeline.exports.tsv import render_tsv
from pipeline.files import read_file, update_file, write_file
from pipeline.job import Drafted, Job
from pipeline.layout import write_translations
from pipeline.ledger import MEMORY, DraftRecord, Ledger, digest_draft, parse_ledger
from pipeline.merge import find_state, merge_messages, new_catalog
from pipeline.messages import merge_catalog, template_messages
from pipeline.pages import render_pages
from pipeline.publication import OutputFile, Publication, Rendering, Row, State
from pipeline.report import ArticleResult, LanguageCounts, RunReport
from pipeline.settings import SOURCE
from pipeline.workspace import DIGEST, MAIN, ORIGIN, PART, digest_source, name_copy


@dataclass(frozen=True, slots=True)
class Delivery:
    """What came of an article, and the digests of its files as they were written, or read to make the pages."""

    report: RunReport
    digests: Mapping[Path, str]


def digest_file(data: bytes) -> str:
    """Return the digest of a file's content."""
    return hashlib.sha256(data).hexdigest()


@dataclass(frozen=True, slots=True)
class _Files:
    """The files of an article: whether each was changed, and what stands in it as far as it is ours to know."""

    changed: dict[Path, bool] = field(default_factory=dict)
    held: dict[Path, bytes] = field(default_factory=dict)

    def write(self, path: Path, data: bytes, *, sync: bool = True) -> None:
        self.changed[path] = write_file(path, data, sync=sync)
        self.held[path] = data


def deliver(job: Job, drafted: Sequence[Drafted]) -> Delivery:
    """Write all files of an article and report on it; every file is whole at any time, old or new.

    The pages show all catalogs of the article, also those of languages that this run did not draft. Where one of
    them cannot be read, the pages stay as they are. Raises PipelineError when a file cannot be written.
    """
    folder, report, files = job.folder, RunReport(), _Files()
    if leftovers := folder.leftovers():
        report.warnings.append(f"{folder.path}: {', '.join(leftovers)}: no catalogs of the article; left alone")
    if folder.origin(job.path):
        files.write(folder.source(job.path), job.data)
    files.changed[folder.template], files.held[folder.template] = write_template(job)
    ledger = _write_ledger(folder.ledger, drafted, files)
    if ledger.fault:
        advice = "restore it; until then nothing is drafted, and all drafts count as a person's"
        report.warnings.append(f"{folder.ledger}{ledger.fault}; {advice}")
    merged: dict[str, Catalog] = {}
    for done in drafted:
        path = folder.catalog(done.language)
        files.changed[path], merged[done.language] = write_catalog(done, ledger)
    catalogs = tuple(files.changed)
    columns: dict[str, Sequence[Rendering]] = {}
    languages = folder.languages()
    for language in languages:
        with report.collect():
            catalog = merged.get(language) or _read_catalog(folder.catalog(language))
            columns[language] = list(_renderings(job, catalog, language, ledger))
            files.held[folder.catalog(language)] = catalog.render()
    if len(columns) == len(languages):
        _write_pages(job, columns, files, report)
    counts = (
        _count(done, columns[done.language], _count_copies(merged[done.language], ledger.copies(done.language)))
        for done in drafted
        if done.language in columns
    )
    pages = tuple(path for path in files.changed if path not in catalogs)
    changed = tuple(path for path, is_changed in files.changed.items() if is_changed)
    report.articles.append(ArticleResult(folder.name, tuple(counts), catalogs, pages, changed))
    return Delivery(report, {path: digest_file(data) for path, data in files.held.items()})


def _write_ledger(path: Path, drafted: Sequence[Drafted], files: _Files) -> Ledger:
    """Note all drafts, before they are in a catalog: one that the ledger does not know would count as a person's."""
    if records := [record for done in drafted for record in _records(done)]:
        files.changed[path] = update_file(path, lambda old: _add_records(parse_ledger(old or b""), records, old))
    files.held[path] = read_file(path) or b""
    return parse_ledger(files.held[path])


def _write_pages(job: Job, columns: Mapping[str, Sequence[Rendering]], files: _Files, report: RunReport) -> None:
    folder, publication = job.folder, _publication(job, columns)
    for file in _render(publication):
        files.write(folder.drafts / file.name, file.data, sync=False)
    # Nothing tells whether a person wrote on in it.
    old = (folder.drafts / name for language in columns for name in name_sources(language))
    stale = [str(path) for path in old if path not in files.changed and path.exists()]
    report.warnings += [f"{path}: is left from another format of the article; delete it" for path in stale]
    files.changed.update(write_translations(job, publication, report))


def _add_records(ledger: Ledger, records: Sequence[DraftRecord], old: bytes | None) -> bytes:
    return old or b"" if ledger.fault else ledger.with_records(records).render()


def _records(done: Drafted) -> Iterator[DraftRecord]:
    for (_, msgid), fill in done.fills:
        yield DraftRecord(digest_draft(done.language, msgid, fill.text), MEMORY + fill.origin, 1)
    for msgid, draft in done.drafts:
        if draft.text:
            digest = digest_draft(done.language, msgid, draft.text)
            yield DraftRecord(digest, draft.signature, draft.confidence)


def write_template(job: Job) -> tuple[bool, bytes]:
    """Bring the template of an article up to date; return whether its file changed, and what stands in it now."""
    origin = job.folder.origin(job.path)
    messages = template_messages(job)
    made: list[bytes] = []

    def update(old: bytes | None) -> bytes:
        # A template says where its source came from. A run on our own copy of it does not change that, nor one on
        # a file with the same content while the first is where it was, and of the same format.
        known = [(name, read_header(old, name)) for name in (ORIGIN, DIGEST)]
        first = known[0][1]
        is_there = (job.folder.workspace.resolve() / first).is_file() and name_copy(Path(first)) == name_copy(job.path)
        is_moved = bool(origin) and (first in {"", origin} or not is_there)
        fields = [(ORIGIN, origin), (DIGEST, digest_source(job.data))] if is_moved else known
        fields = [(name, value) for name, value in [*fields, (PART, MAIN if job.is_main else "")] if value]

        def render(date: str) -> bytes:
            catalog = new_catalog(job.folder.name, "", date, fields)
            return merge_messages(catalog, messages, job.reference, lambda *_: False).render()

        # The date changes with the content alone.
        same = render(read_header(old, "POT-Creation-Date")) if old else b""
        made.append(same if old and same == old else render(format_date(job.epoch)))
        return made[-1]

    return update_file(job.folder.template, update), made[-1]


def format_date(epoch: int) -> str:
    """Return a time as the headers of catalogs have it."""
    return dt.datetime.fromtimestamp(epoch, dt.UTC).strftime("%Y-%m-%d %H:%M+0000")


def _read_catalog(path: Path) -> Catalog:
    return parse_catalog(read_file(path) or b"", path)


def write_catalog(done: Drafted, ledger: Ledger) -> tuple[bool, Catalog]:
    """Merge the drafts into a catalog; return whether its file changed, and what stands in it now."""
    merged: list[Catalog] = []

    def update(old: bytes | None) -> bytes:
        merged.append(merge_catalog(old, done.job, done, ledger, format_date(done.job.epoch)))
        return merged[-1].render()

    return update_file(done.job.folder.catalog(done.language), update), merged[-1]


def _publication(job: Job, columns: Mapping[str, Sequence[Rendering]]) -> Publication:
    rows = [
        Row(passage.segment, tuple(renderings), tuple(dict.fromkeys(match.term.text for match in passage.matches)))
        for passage, *renderings in zip(job.passages, *columns.values(), strict=True)
    ]
    return Publication(job.article, SOURCE, tuple(columns), tuple(rows))


def _renderings(job: Job, catalog: Catalog, language: str, ledger: Ledger) -> Iterator[Rendering]:
    """Yield what stands in a catalog for each passage."""
    entries: dict[str, list[Entry]] = {}
    for found in catalog.entries:
        if not found.is_obsolete:
            entries.setdefault(found.msgid, []).append(found)
    confidences = {record.digest: record.confidence for record in ledger.records}
    is_ours = ledger.owner(language)
    for (context, text), passage in zip(job.entry_keys(), job.passages, strict=True):
        several = entries.get(text, [])
        place = passage.segment.section if context is None else context
        entry = next((e for e in several if e.msgctxt == place), next(iter(several), None))
        state = find_state(entry, is_ours) if entry else State.EMPTY
        if entry and state is State.DRAFT:
            notes = tuple(c for c in entry.comments if c.startswith(("unknown: ", "missing term: ")))
            confidence = confidences[digest_draft(language, entry.msgid, entry.msgstr)]
            yield Rendering(entry.msgstr, state, confidence, notes)
        else:
            yield Rendering(entry.msgstr if entry else "", state)


def _render(publication: Publication) -> Iterator[OutputFile]:
    yield from render_pages(publication)
    for language in publication.targets:
        yield render_source(publication, language)
    yield render_tsv(publication)
    yield render_tmx(publication, reviewed_only=True)
    yield render_tmx(publication, reviewed_only=False)


def _count_copies(catalog: Catalog, is_copied: Callable[[str, str], bool]) -> int:
    return sum(not entry.is_obsolete and is_copied(entry.msgid, entry.msgstr) for entry in catalog.entries)


def _count(done: Drafted, renderings: Sequence[Rendering], copies: int) -> LanguageCounts:
    states = [rendering.state for rendering in renderings]
    asked = sum(len(draft.pins) for _, draft in done.drafts)
    missed = sum(len(draft.missed) for _, draft in done.drafts)
    return LanguageCounts(
        language=done.language,
        engine=done.engine,
        reviewed=states.count(State.REVIEWED),
        touched=states.count(State.TOUCHED),
        drafts=states.count(State.DRAFT),
        empty=states.count(State.EMPTY),
        pins_asked=asked,
        pins_honoured=asked - missed,
        leveraged=copies,
    )
