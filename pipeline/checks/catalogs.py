"""The checks of catalogs: every entry of an article in a language, with its file and line, whoever wrote it."""

import re
from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from pipeline.catalog import Catalog, Entry, is_reviewed, is_silent, parse_catalog
from pipeline.checks import check_text
from pipeline.checks.lexicon import describe_codes
from pipeline.checks.problem import Problem, note, warning
from pipeline.errors import PipelineError, SourceError
from pipeline.files import read_file
from pipeline.glossary import Glossary
from pipeline.ledger import parse_ledger
from pipeline.merge import IsOurs, is_draft
from pipeline.pins import pins_for
from pipeline.severity import Severity
from pipeline.termbase import read_glossary
from pipeline.workspace import ArticleFolder, list_articles

_IGNORE = re.compile(r"^#\s*passerelle\s*:\s*ignore\s+(.+)$", re.MULTILINE | re.IGNORECASE)


class Author(StrEnum):
    """Whose text a problem is in: an untouched draft's, a person's, or nobody's where there is none."""

    DRAFT = "draft"
    PERSON = "person"
    NOBODY = "nobody"


@dataclass(frozen=True, slots=True)
class Finding:
    """A problem of an entry: `line` is that of its msgstr in the catalog at `path`."""

    article: str
    language: str
    path: Path
    line: int
    author: Author
    source: str
    target: str
    problem: Problem


@dataclass(slots=True)
class CheckReport:
    """What was found in the catalogs of a run, in their order, and the files that could not be checked."""

    findings: list[Finding] = field(default_factory=list)
    errors: list[PipelineError] = field(default_factory=list)

    @property
    def exit_code(self) -> int:
        """1 for an error, a warning or a file that could not be checked; notes are free."""
        return 1 if self.errors or any(f.problem.severity is not Severity.NOTE for f in self.findings) else 0


@dataclass(frozen=True, slots=True)
class _Read:
    """A catalog that could be read."""

    folder: ArticleFolder
    language: str
    catalog: Catalog
    is_ours: IsOurs

    @property
    def path(self) -> Path:
        """The file."""
        return self.folder.catalog(self.language)

    @property
    def place(self) -> str:
        """The file, relative to the workspace."""
        return self.path.relative_to(self.folder.workspace).as_posix()


def find_articles(workspace: Path, names: Sequence[str] = ()) -> tuple[ArticleFolder, ...]:
    """Return the articles that have a catalog, in alphabetical order, or those called so.

    A name may be given as the path of the article's folder, or of a file in it. Raises SourceError for a name that no
    article has.
    """
    known = {folder.name: folder for folder in list_articles(workspace) if folder.languages()}
    chosen = [_name(name, known) for name in names] or list(known)
    for name in chosen:
        if name not in known:
            raise SourceError(
                f"{workspace / 'translations' / name}: has no catalog", "name an article of the workspace"
            )
    return tuple(known[name] for name in dict.fromkeys(chosen))


def _name(text: str, known: Container[str]) -> str:
    path = Path(text).absolute()
    return next((name for name in (text, path.name, path.parent.name) if name in known), path.name)


def check_workspace(workspace: Path, names: Sequence[str] = (), languages: Sequence[str] = ()) -> CheckReport:
    """Check articles of a workspace, or all of them, in some languages, or in all that have a catalog.

    Raises SourceError for an article without a catalog, or a language in which none of them has one, and
    GlossaryError for a glossary that cannot be used.
    """
    everywhere = find_articles(workspace)
    folders = find_articles(workspace, names)
    found = {language for folder in folders for language in folder.languages()}
    for language in languages:
        if language not in found:
            raise SourceError(
                f"{workspace / 'translations'}: no catalog in “{language}”", "run translate, or check --to"
            )
    glossary = read_glossary(workspace / "glossary")
    return _check_articles(folders, languages or sorted(found), glossary, everywhere)


def _check_articles(
    folders: Sequence[ArticleFolder], languages: Sequence[str], glossary: Glossary, everywhere: Sequence[ArticleFolder]
) -> CheckReport:
    """Check the catalogs of articles in some languages; one that cannot be read is reported and stops nothing else.

    A source that is reviewed in two ways is looked for `everywhere`.
    """
    report, elsewhere = CheckReport(), CheckReport()  # what cannot be read elsewhere is no matter of this run
    names = {folder.name for folder in folders}
    for language in languages:
        mine = [read for folder in folders if (read := _read(folder, language, report))]
        for read in mine:
            report.findings += check_catalog(read.folder, language, read.catalog, glossary, read.is_ours)
        others = [folder for folder in everywhere if folder.name not in names]
        reads = mine + [read for folder in others if (read := _read(folder, language, elsewhere))]
        report.findings += [finding for finding in _find_conflicts(reads) if finding.article in names]
    report.findings.sort(key=lambda found: (found.article, found.language, found.line))
    return report


def _read(folder: ArticleFolder, language: str, report: CheckReport) -> _Read | None:
    path = folder.catalog(language)
    try:
        data = read_file(path)
        ledger = parse_ledger(read_file(folder.ledger) or b"")
        return _Read(folder, language, parse_catalog(data, path), ledger.owner(language)) if data is not None else None
    except PipelineError as failure:
        report.errors.append(failure)
    return None


def check_catalog(
    folder: ArticleFolder, language: str, catalog: Catalog, glossary: Glossary, is_ours: IsOurs
) -> tuple[Finding, ...]:
    """Return what is wrong with the entries of a catalog that are in use, in file order."""
    read = _Read(folder, language, catalog, is_ours)
    found: list[Finding] = []
    for entry in _live(catalog):
        if is_silent(entry):
            continue
        pins = pins_for(glossary.find_terms(entry.msgid), language)
        found += _locate(read, entry, (*check_text(entry.msgid, entry.msgstr, language, pins), *_check_codes(entry)))
    return tuple(found)


def _live(catalog: Catalog) -> Iterator[Entry]:
    return (entry for entry in catalog.entries if not entry.is_header and not entry.is_obsolete and not entry.is_plural)


def _locate(read: _Read, entry: Entry, problems: Iterable[Problem]) -> Iterator[Finding]:
    """Give problems their place, without those that the translator silenced."""
    ignored = _ignored_codes(entry)
    line = line_of(entry)
    author = Author.NOBODY
    if entry.msgstr.strip():
        author = Author.DRAFT if is_draft(entry, read.is_ours) else Author.PERSON
    for problem in problems:
        if problem.code not in ignored:
            yield Finding(read.folder.name, read.language, read.path, line, author, entry.msgid, entry.msgstr, problem)


def _ignored_codes(entry: Entry) -> frozenset[str]:
    """Return the codes of the translator comments `# passerelle: ignore CODE, CODE`."""
    found = _IGNORE.findall(entry.raw.replace("\r", ""))
    return frozenset(code for codes in found for code in re.split(r"[\s,]+", codes.strip().lower()))


def _check_codes(entry: Entry) -> Iterator[Problem]:
    if unknown := sorted(_ignored_codes(entry) - describe_codes().keys()):
        yield note("ignore", f"{', '.join(f'“{code}”' for code in unknown)}: no such code")


def line_of(entry: Entry) -> int:
    """Return the line of an entry's msgstr in its file, from 1; of its msgid where it has none."""
    lines = [line.lstrip() for line in entry.raw.split("\n")]
    at = next((n for n, line in enumerate(lines) if line.startswith("msgstr")), 0)
    return entry.line + at


def _find_conflicts(reads: Sequence[_Read]) -> Iterator[Finding]:
    """Yield the reviewed entries whose source is reviewed in another way too, in one catalog or in two.

    An entry with a context of its own was set apart by a person, who may have meant it: a note.
    """
    groups: dict[str, list[tuple[_Read, Entry]]] = {}
    for read in reads:
        for entry in _live(read.catalog):
            if is_reviewed(entry):
                groups.setdefault(entry.msgid, []).append((read, entry))
    for group in groups.values():
        if len({_plain(entry) for _, entry in group}) == 1:
            continue
        for read, entry in group:
            other, theirs = next((r, e) for r, e in group if _plain(e) != _plain(entry))
            grade: Callable[[str, str], Problem] = note if entry.msgctxt or theirs.msgctxt else warning
            place = f"{other.place}:{line_of(theirs)}"
            yield from _locate(
                read, entry, [grade("inconsistent", f"{place} translates the same source in another way")]
            )


def _plain(entry: Entry) -> str:
    return " ".join(entry.msgstr.split())
