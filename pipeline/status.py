"""How far the review is: the entries of every catalog by state, the words left, what the checks find."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from pipeline.catalog import Catalog, Entry, parse_catalog, read_header
from pipeline.checks.catalogs import Finding, check_catalog, find_articles, line_of
from pipeline.errors import CatalogError, PipelineError, SourceError
from pipeline.files import read_file
from pipeline.glossary import Glossary
from pipeline.ledger import Ledger, digest_draft, parse_ledger
from pipeline.merge import find_state
from pipeline.publication import State
from pipeline.severity import Severity
from pipeline.termbase import read_glossary
from pipeline.workspace import ArticleFolder

_WORD = re.compile(r"\w+(?:['’-]\w+)*")
_PIN = "pin"  # the code of a term that is missed


@dataclass(frozen=True, slots=True)
class CatalogStatus:
    """A catalog: its entries by state, the French words of those that nobody has reviewed, and its findings.

    `findings` are errors and warnings, `pins_missed` those of them about terms. `last_change` is the revision date in
    the catalog's header, as it stands there, or "".
    """

    article: str
    language: str
    reviewed: int
    touched: int
    drafts: int
    empty: int
    words_left: int
    pins_missed: int
    findings: int
    last_change: str

    @property
    def segments(self) -> int:
        """The number of entries."""
        return self.reviewed + self.touched + self.drafts + self.empty


@dataclass(frozen=True, slots=True)
class QueuedDraft:
    """A draft that waits for review, with the file and line of its msgstr, and the codes of what is wrong with it."""

    path: Path
    line: int
    confidence: float
    source: str
    draft: str
    codes: tuple[str, ...]


@dataclass(slots=True)
class StatusReport:
    """The catalogs of a run, and those that could not be read."""

    catalogs: list[CatalogStatus] = field(default_factory=list)
    errors: list[PipelineError] = field(default_factory=list)

    @property
    def exit_code(self) -> int:
        """1 when a catalog could not be read; what is left to do is no error."""
        return 1 if self.errors else 0

    def sort_worst_first(self) -> None:
        """Sort by words left, then findings."""
        self.catalogs.sort(key=lambda row: (-row.words_left, -row.findings, row.article, row.language))

    def total(self) -> CatalogStatus:
        """Return the sums of all catalogs, with the latest change."""
        rows = self.catalogs
        return CatalogStatus(
            article="",
            language="",
            reviewed=sum(row.reviewed for row in rows),
            touched=sum(row.touched for row in rows),
            drafts=sum(row.drafts for row in rows),
            empty=sum(row.empty for row in rows),
            words_left=sum(row.words_left for row in rows),
            pins_missed=sum(row.pins_missed for row in rows),
            findings=sum(row.findings for row in rows),
            last_change=max((row.last_change for row in rows), default=""),
        )


@dataclass(frozen=True, slots=True)
class _Read:
    """A catalog with its ledger, and what is wrong in it."""

    path: Path
    language: str
    catalog: Catalog
    last_change: str
    ledger: Ledger
    findings: tuple[Finding, ...]

    def states(self) -> Iterator[tuple[Entry, State]]:
        """Yield the entries in use, with their state."""
        is_ours = self.ledger.owner(self.language)
        for entry in self.catalog.entries:
            if not entry.is_header and not entry.is_obsolete:
                yield entry, find_state(entry, is_ours)


def read_status(workspace: Path, names: Sequence[str] = (), languages: Sequence[str] = ()) -> StatusReport:
    """Count the catalogs of articles, or of all, in some languages, or in all that there are, by name.

    Raises SourceError for an article without a catalog, or a language in which none of them has one, and
    GlossaryError for a glossary that cannot be used.
    """
    report = StatusReport()
    glossary = read_glossary(workspace / "glossary")
    folders = find_articles(workspace, names)
    there = {language for folder in folders for language in folder.languages()}
    for language in languages:
        if there and language not in there:
            hint = f"there are {', '.join(sorted(there))}; run translate with --to {language} for more"
            raise SourceError(f"{workspace / 'translations'}: no catalog in “{language}”", hint)
    for folder in folders:
        for language in folder.languages():
            if not languages or language in languages:
                try:
                    report.catalogs.append(_count(folder, _read(folder, language, glossary)))
                except PipelineError as error:
                    if str(error) not in map(str, report.errors):  # a ledger is met once a language
                        report.errors.append(error)
    return report


def read_queue(workspace: Path, name: str, language: str) -> tuple[QueuedDraft, ...]:
    """Return the drafts of an article in a language that nobody has touched, the least sure first.

    Raises SourceError when there is no such catalog, CatalogError when it cannot be read.
    """
    (folder,) = find_articles(workspace, [name])
    if language not in folder.languages():
        raise SourceError(f"{folder.catalog(language)}: no such catalog", f"run translate with --to {language}")
    read = _read(folder, language, read_glossary(workspace / "glossary"))
    confidences = {record.digest: record.confidence for record in read.ledger.records}
    codes: dict[int, list[str]] = {}
    for finding in read.findings:
        codes.setdefault(finding.line, []).append(finding.problem.code)
    queue = [
        QueuedDraft(
            path=read.path,
            line=line_of(entry),
            confidence=confidences[digest_draft(language, entry.msgid, entry.msgstr)],
            source=entry.msgid,
            draft=entry.msgstr,
            codes=tuple(dict.fromkeys(codes.get(line_of(entry), ()))),
        )
        for entry, state in read.states()
        if state is State.DRAFT
    ]
    return tuple(sorted(queue, key=lambda draft: (draft.confidence, draft.line)))


def _read(folder: ArticleFolder, language: str, glossary: Glossary) -> _Read:
    path = folder.catalog(language)
    data, ledger = read_file(path), parse_ledger(read_file(folder.ledger) or b"")
    if ledger.fault:
        raise CatalogError(f"{folder.ledger}{ledger.fault}", "restore it; without it no draft is known")
    catalog = parse_catalog(data or b"", path)
    findings = check_catalog(folder, language, catalog, glossary, ledger.owner(language))
    grave = tuple(finding for finding in findings if finding.problem.severity is not Severity.NOTE)
    return _Read(path, language, catalog, read_header(data, "PO-Revision-Date"), ledger, grave)


def _count(folder: ArticleFolder, read: _Read) -> CatalogStatus:
    entries = list(read.states())
    states = [state for _, state in entries]
    return CatalogStatus(
        article=folder.name,
        language=read.language,
        reviewed=states.count(State.REVIEWED),
        touched=states.count(State.TOUCHED),
        drafts=states.count(State.DRAFT),
        empty=states.count(State.EMPTY),
        words_left=sum(len(_WORD.findall(entry.msgid)) for entry, state in entries if state is not State.REVIEWED),
        pins_missed=sum(finding.problem.code == _PIN for finding in read.findings),
        findings=len(read.findings),
        last_change=read.last_change,
    )
