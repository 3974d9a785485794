"""The main job: articles become catalogs and draft pages, window by window, whatever one of them suffers."""

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from pipeline.catalog import parse_catalog
from pipeline.delivery import Drafted, Job, deliver
from pipeline.draft import Passage, draft_passages, prepare_passages
from pipeline.engines import Engine, open_engine
from pipeline.errors import SourceError
from pipeline.files import read_file
from pipeline.formats import parse_article, read_source
from pipeline.glossary import Glossary
from pipeline.language import guess_language
from pipeline.ledger import parse_ledger
from pipeline.merge import is_draft
from pipeline.report import RunReport
from pipeline.segment import read_no_break, segment_article
from pipeline.settings import SOURCE, Settings
from pipeline.termbase import read_glossary
from pipeline.workspace import claim_folder, name_article

# Articles that go to the engine together: enough to fill its batches, few enough to fit in memory.
WINDOW = 100

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class _Run:
    """What every article of a run needs."""

    settings: Settings
    glossary: Glossary
    no_break: tuple[str, ...]
    report: RunReport
    progress: Progress


@dataclass(frozen=True, slots=True)
class _Work:
    """What an article asks of the engine of one language."""

    job: Job
    passages: tuple[Passage, ...]


def translate_articles(
    paths: Sequence[Path], settings: Settings, name: str | None = None, progress: Progress = lambda _: None
) -> RunReport:
    """Translate articles into the catalogs and draft pages of a workspace; `name` renames a single one.

    An article or language that fails is reported and stops nothing else. Raises GlossaryError for a glossary that
    cannot be used, since it concerns every article.
    """
    folder = settings.workspace / "glossary"
    run = _Run(settings, read_glossary(folder), read_no_break(folder / "no-break.txt"), RunReport(), progress)
    engines: list[tuple[str, Engine]] = []
    for language in settings.targets:
        with run.report.collect():
            engines.append((language, open_engine(settings.engine, SOURCE, language)))
    claimed: set[str] = set()
    # The same file by two names is one article.
    unique: dict[str, Path] = {}
    for path in paths:
        unique.setdefault(os.path.realpath(path), path)
    remaining = iter(unique.values())
    while engines and (window := list(islice(remaining, WINDOW))):
        jobs: list[Job] = []
        for path in window:
            with run.report.collect():
                jobs.append(_prepare(path, name, claimed, run))
        drafted = [_draft(jobs, language, engine, run) for language, engine in engines]
        works = [(job, [done for part in drafted for done in part if done.job is job]) for job in jobs]
        _deliver_all([(job, mine) for job, mine in works if mine], run.report)
    return run.report


def _deliver_all(work: Sequence[tuple[Job, Sequence[Drafted]]], report: RunReport) -> None:
    """Write the articles of a window in two threads: one waits for the disk while the other renders."""
    with ThreadPoolExecutor(2) as pool:
        futures = [pool.submit(deliver, job, drafted) for job, drafted in work]
        try:
            for future in futures:
                with report.collect():
                    report.add(future.result())
        except KeyboardInterrupt:
            pool.shutdown(cancel_futures=True)
            raise


def _prepare(path: Path, name: str | None, claimed: set[str], run: _Run) -> Job:
    data = read_source(path)
    article = parse_article(data, path, name_article(path, name))
    if article.name in claimed:
        raise SourceError(f"{path}: another article of this run is called {article.name}", "run it with --name")
    folder = claim_folder(run.settings.workspace, article.name, path, data)
    claimed.add(article.name)
    language = guess_language(article.source)
    if language not in {None, SOURCE}:
        run.report.warnings.append(f"{path}: looks like “{language}”, not French; translated all the same")
    passages = prepare_passages(segment_article(article, run.no_break), run.glossary)
    return Job(folder, path, data, article, passages, run.settings.epoch)


def _draft(jobs: Sequence[Job], language: str, engine: Engine, run: _Run) -> list[Drafted]:
    """Draft the segments of all jobs that no person has translated, in one call of the engine."""
    works: list[_Work] = []
    for job in jobs:
        with run.report.collect():
            works.append(_Work(job, _untranslated(job, language)))
    passages = [passage for work in works for passage in work.passages]
    run.progress(f"{engine.name} {SOURCE}→{language}: {len(passages)} segments of {len(works)} articles")
    with run.report.collect():
        drafts = iter(draft_passages(passages, engine, language))
        return [
            Drafted(work.job, language, engine.signature, tuple((p.segment.text, next(drafts)) for p in work.passages))
            for work in works
        ]
    return []


def _untranslated(job: Job, language: str) -> tuple[Passage, ...]:
    """Return one passage for each different segment that holds no text of a person."""
    path = job.folder.catalog(language)
    data = read_file(path)
    entries = [e for e in parse_catalog(data, path).entries if not e.is_obsolete] if data is not None else []
    is_ours = parse_ledger(read_file(job.folder.ledger) or b"").owner(language)
    wanting = {entry.msgid for entry in entries if not entry.msgstr or is_draft(entry, is_ours)}
    theirs = {entry.msgid for entry in entries} - wanting
    return tuple(group[0] for text, group in job.groups().items() if text not in theirs)
