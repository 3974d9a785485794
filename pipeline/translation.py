"""The main job: articles become catalogs and draft pages, window by window, whatever one of them suffers."""

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from pipeline.cache import DraftCache
from pipeline.cluster import Cluster
from pipeline.delivery import deliver
from pipeline.draft import draft_passages, prepare_passages
from pipeline.engines import Engine, open_engine
from pipeline.errors import SourceError
from pipeline.formats import parse_article, read_source
from pipeline.glossary import Glossary
from pipeline.job import Drafted, Job, find_split
from pipeline.language import guess_language
from pipeline.memory import Memory, read_memory
from pipeline.planning import Plan, plan_drafts
from pipeline.report import RunReport
from pipeline.segment import read_no_break, segment_article
from pipeline.settings import SOURCE, Settings
from pipeline.termbase import read_glossary
from pipeline.workspace import claim_folder, find_source, name_article

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
    cache: DraftCache | None


def translate_articles(
    paths: Sequence[Path],
    settings: Settings,
    name: str | None = None,
    progress: Progress = lambda _: None,
    *,
    redraft: bool = False,
    cache: DraftCache | None = None,
    cluster: Cluster | None = None,
) -> RunReport:
    """Translate articles into the catalogs and draft pages of a workspace; `name` renames a single one.

    With a `cluster` its workers run the engines, and windows are as many times larger.

    What memory has is not drafted. With the engine "auto", drafts of a better engine than the one at hand stay, unless
    `redraft` asks for new ones. No text of a person is replaced in any case.
    An article or language that fails is reported and stops nothing else. Raises GlossaryError for a glossary that
    cannot be used, since it concerns every article, and ClusterError for a cluster whose workers cannot.
    """
    folder = settings.workspace / "glossary"
    glossary, no_break = read_glossary(folder), read_no_break(folder / "no-break.txt")
    run = _Run(settings, glossary, no_break, RunReport(), progress, redraft, cache)
    engines: list[tuple[str, Engine, Memory]] = []
    for language in settings.targets:
        with run.report.collect():
            engine = open_engine(settings.engine, SOURCE, language)
            memory, errors = read_memory(settings.workspace, language)
            engines.append((language, engine, memory))
            run.report.add(RunReport(errors=errors))
    if cluster:
        engines = [(language, cluster.hire(engine, language), memory) for language, engine, memory in engines]
    claimed: set[str] = set()
    # The same file by two names is one article.
    unique: dict[str, Path] = {}
    for path in (find_source(settings.workspace, path) for path in paths):
        unique.setdefault(os.path.realpath(path), path)
    remaining = iter(unique.values())
    while engines and (window := list(islice(remaining, cluster.widen(WINDOW) if cluster else WINDOW))):
        jobs: list[Job] = []
        for path in window:
            with run.report.collect():
                jobs.append(_prepare(path, name, claimed, run))
        drafted = [_draft(jobs, language, engine, memory, run) for language, engine, memory in engines]
        works = [(job, [done for part in drafted for done in part if done.job is job]) for job in jobs]
        _deliver_all([(job, mine) for job, mine in works if mine], run.report)
    if cache:
        cache.close()
        run.report.warnings += cache.warnings
    run.report.warnings += cluster.warnings if cluster else []
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
    segments = segment_article(article, run.no_break)
    split = find_split(folder, segments)
    return Job(folder, path, data, article, prepare_passages(segments, run.glossary), run.settings.epoch, split)


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
        draft = run.cache.draft if run.cache else draft_passages
        drafts = iter(draft(passages, engine, language))
        made = [(plan, [(p.segment.text, next(drafts)) for p in plan.passages]) for plan in plans]
        return [
            Drafted(plan.job, language, engine.signature, (*mine, *plan.kept), plan.fills, plan.offers)
            for plan, mine in made
        ]
    return []
