"""The main job: articles become catalogs and draft pages, window by window, whatever one of them suffers."""

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from pipeline.delivery import deliver
from pipeline.draft import draft_passages, prepare_passages
from pipeline.engines import Engine, open_engine
from pipeline.errors import SourceError
from pipeline.formats import parse_article, read_source
from pipeline.formats.scraped import extract_article
from pipeline.glossary import Glossary
from pipeline.job import Drafted, Job, find_split
from pipeline.language import guess_language
from pipeline.layout import is_translation
from pipeline.memory import Memory, read_memory
from pipeline.planning import Plan, plan_drafts
from pipeline.report import RunReport
from pipeline.segment import read_no_break, segment_article
from pipeline.settings import SOURCE, Settings
from pipeline.termbase import read_glossary
from pipeline.workspace import ArticleFolder, claim_folder, find_source, name_article

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
    redraft: bool
    main: bool | None


def translate_articles(
    paths: Sequence[Path],
    settings: Settings,
    name: str | None = None,
    progress: Progress = lambda _: None,
    *,
    redraft: bool = False,
    main: bool | None = None,
) -> RunReport:
    """Translate articles into the catalogs and draft pages of a workspace; `name` renames a single one.

    What memory has is not drafted. With the engine "auto", drafts of a better engine than the one at hand stay, unless
    `redraft` asks for new ones. No text of a person is replaced in any case. `main` takes only the article of a web
    page (or again all of it, where it is False); None leaves that as it was.
    An article or language that fails is reported and stops nothing else. Raises GlossaryError for a glossary that
    cannot be used, since it concerns every article.
    """
    folder = settings.workspace / "glossary"
    glossary, no_break = read_glossary(folder), read_no_break(folder / "no-break.txt")
    run = _Run(settings, glossary, no_break, RunReport(), progress, redraft, main)
    engines: list[tuple[str, Engine, Memory]] = []
    for language in settings.targets:
        with run.report.collect():
            engine = open_engine(settings.engine, SOURCE, language)
            memory, errors = read_memory(settings.workspace, language)
            engines.append((language, engine, memory))
            run.report.add(RunReport(errors=errors))
    claimed: set[str] = set()
    # The same file by two names is one article.
    unique: dict[str, Path] = {}
    for path in (find_source(settings.workspace, path) for path in paths):
        unique.setdefault(os.path.realpath(path), path)
    remaining = iter(unique.values())
    while engines and (window := list(islice(remaining, WINDOW))):
        jobs: list[Job] = []
        for path in window:
            with run.report.collect():
                jobs += _prepare(path, name, claimed, run)
        drafted = [_draft(jobs, language, engine, memory, run) for language, engine, memory in engines]
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


def _prepare(path: Path, name: str | None, claimed: set[str], run: _Run) -> Iterator[Job]:
    """Yield the job of an article; none for a translation of ours, which `*.md` names along with its source."""
    chosen = name_article(path, name)
    data, is_main = _read(ArticleFolder(run.settings.workspace, chosen), path, run.main)
    if is_translation(data):
        run.report.warnings.append(f"{path}: is a translation; left out")
        return
    article = parse_article(data, path, chosen, run.settings.front_matter)
    if article.name in claimed:
        raise SourceError(f"{path}: another article of this run is called {article.name}", "run it with --name")
    folder = claim_folder(run.settings.workspace, article.name, path, data)
    claimed.add(article.name)
    language = guess_language(article.source)
    if language not in {None, SOURCE}:
        run.report.warnings.append(f"{path}: looks like “{language}”, not French; translated all the same")
    advice = "write a date as 2026-01-31; left out"
    run.report.warnings += [f"{path}{fault}; {advice}" for fault in article.metadata.faults]
    segments = segment_article(article, run.no_break)
    split = find_split(folder, segments)
    passages = prepare_passages(segments, run.glossary)
    settings = run.settings
    yield Job(folder, path, data, article, passages, settings.epoch, split, is_main, settings.layout)


def _read(folder: ArticleFolder, path: Path, main: bool | None) -> tuple[bytes, bool]:  # noqa: FBT001 - as asked, or None
    """Return the bytes of an article, and whether they are only a part of its page: our copy is that part already."""
    data, was_main = read_source(path), folder.is_main
    is_main = was_main if main is None else main
    if folder.origin(path):
        return extract_article(data, path) if is_main else data, is_main
    if is_main != was_main:
        hint = "give the saved page from elsewhere, with --main or --no-main"
        raise SourceError(f"{path}: is the source that the catalogs are made of", hint)
    return data, is_main


def _draft(jobs: Sequence[Job], language: str, engine: Engine, memory: Memory, run: _Run) -> list[Drafted]:
    """Draft the segments of all jobs that neither a person nor memory has translated, in one call of the engine."""
    plans: list[Plan] = []
    keep_better = run.settings.engine == "auto" and not run.redraft
    for job in jobs:
        with run.report.collect():
            plans.append(plan_drafts(job, language, engine, memory, keep_better=keep_better))
    passages = [passage for plan in plans for passage in plan.passages]
    run.progress(f"{engine.name} {SOURCE}→{language}: {len(passages)} segments of {len(plans)} articles")
    with run.report.collect():
        drafts = iter(draft_passages(passages, engine, language))
        made = [(plan, [(p.segment.text, next(drafts)) for p in plan.passages]) for plan in plans]
        return [
            Drafted(plan.job, language, engine.signature, (*mine, *plan.kept), plan.fills, plan.offers)
            for plan, mine in made
        ]
    return []
