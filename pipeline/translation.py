"""The main job: articles become catalogs and draft pages, window by window, whatever one of them suffers.

The engine works on a window in the main thread, where an interrupt reaches it, while some threads write the files of
the window before and another reads the articles of the next.
"""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path

from pipeline.cache import draft_cached
from pipeline.cluster import Cluster
from pipeline.delivery import Delivery, deliver
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
from pipeline.report import ArticleResult, RunReport
from pipeline.resources import free_memory, open_threads
from pipeline.segment import read_no_break, segment_article
from pipeline.settings import SOURCE, Settings
from pipeline.store import Store
from pipeline.termbase import read_glossary
from pipeline.unchanged import Source, Unchanged
from pipeline.workspace import ArticleFolder, claim_folder, find_sources, name_article

# Articles that go to the engine together: enough to fill its batches, few enough to fit in memory, and for files to
# be written while others are drafted.
WINDOW = 16
WRITERS = 4  # articles at once; each waits for the disk five times


@dataclass(frozen=True, slots=True)
class Step:
    """How far a run is: `done` of `total` articles, parts of them counted, and what is begun ("" for nothing new)."""

    done: float
    total: int
    message: str = ""


Progress = Callable[[Step], None]


@dataclass(frozen=True, slots=True)
class _Target:
    """A language of a run."""

    language: str
    engine: Engine
    memory: Memory


@dataclass(slots=True)
class _Run:
    """What every article of a run needs, and how far the run is."""

    settings: Settings
    targets: tuple[_Target, ...]
    glossary: Glossary
    no_break: tuple[str, ...]
    name: str | None
    redraft: bool
    main: bool | None
    store: Store | None
    cluster: Cluster | None
    unchanged: Unchanged | None
    emit: Callable[[ArticleResult], None]
    progress: Progress
    total: int
    done: float = 0
    report: RunReport = field(default_factory=RunReport)
    claimed: set[str] = field(default_factory=set)

    def advance(self, articles: float, message: str = "") -> None:
        """Tell how far the run is."""
        self.done += articles
        self.progress(Step(self.done, self.total, message))


@dataclass(frozen=True, slots=True)
class _Prepared:
    """An article that was read: what an engine is asked for it, or its result where nothing has changed."""

    report: RunReport
    source: Source | None = None
    plans: tuple[Plan | None, ...] = ()
    result: ArticleResult | None = None


def translate_articles(
    paths: Sequence[Path | str],
    settings: Settings,
    name: str | None = None,
    progress: Progress = lambda _: None,
    *,
    redraft: bool = False,
    main: bool | None = None,
    store: Store | None = None,
    cluster: Cluster | None = None,
    emit: Callable[[ArticleResult], None] | None = None,
) -> RunReport:
    """Translate articles into the catalogs and draft pages of a workspace; `name` renames a single one.

    What memory has is not drafted, nor what `store` has from earlier runs. With the engine "auto", drafts of a better
    engine than the one at hand stay, unless `redraft` asks for new ones. No text of a person is replaced in any case.
    `main` takes only the article of a web page (or again all of it, where it is False); None leaves that as it was.
    With a `cluster` its workers run the engines; with `emit`, results go there one by one and are not in the report.
    An article or language that fails is reported and stops nothing else. Raises GlossaryError for a glossary that
    cannot be used, since it concerns every article, and ClusterError for a cluster whose workers cannot.
    """
    folder, report = settings.workspace / "glossary", RunReport()
    glossary, no_break = read_glossary(folder), read_no_break(folder / "no-break.txt")
    targets = tuple(_open_targets(settings, report))
    if cluster:
        targets = tuple(replace(target, engine=cluster.hire(target.engine, target.language)) for target in targets)
    unchanged = None
    if store and not settings.layout:  # what that writes is in nobody's workspace
        engines = [(t.language, t.engine.signature, t.engine.pivots, t.memory.digest()) for t in targets]
        unchanged = Unchanged(store, (settings, redraft, main, name, glossary.terms, no_break, engines))
    run = _Run(
        *(settings, targets, glossary, no_break, name, redraft, main, store, cluster, unchanged),
        *(emit or report.articles.append, progress, len(paths)),
        report=report,
    )
    if targets:
        _translate_all(find_sources(settings.workspace, paths), run)
    if store:
        store.close()
        report.warnings += store.warnings
    report.warnings += cluster.warnings if cluster else []
    return report


def _open_targets(settings: Settings, report: RunReport) -> Iterator[_Target]:
    for language in settings.targets:
        with report.collect():
            engine = open_engine(settings.engine, SOURCE, language)
            memory, errors = read_memory(settings.workspace, language)
            report.add(RunReport(errors=errors))
            yield _Target(language, engine, memory)


def _translate_all(sources: Iterator[Path], run: _Run) -> None:
    with open_threads(1) as reader, open_threads(WRITERS) as writer:

        def read_next() -> list[Future[_Prepared]]:
            size = run.cluster.widen(WINDOW) if run.cluster else WINDOW
            return [reader.submit(_prepare, path, run) for path in islice(sources, size)]

        upcoming = read_next()
        before: list[tuple[_Prepared, Future[Delivery] | None]] = []
        while upcoming:
            window = [future.result() for future in upcoming]
            upcoming = read_next()
            works = _draft_window(window, run)
            _collect(before, run)
            if upcoming:
                free_memory()
            before = [(one, writer.submit(_deliver, mine) if mine else None) for one, mine in works]
        _collect(before, run)


def _prepare(path: Path, run: _Run) -> _Prepared:
    """Read an article and plan its drafts, in another thread than the engine's."""
    report = RunReport()
    with report.collect():
        data = read_source(path)
        name = name_article(path, run.name)
        if name in run.claimed:
            raise SourceError(f"{path}: another article of this run is called {name}", "run it with --name")
        source = Source.look(ArticleFolder(run.settings.workspace, name), path, data)
        if run.unchanged and (result := run.unchanged.find(source)):
            run.claimed.add(name)
            return _Prepared(report, result=result)
        if is_translation(data):
            report.warnings.append(f"{path}: is a translation; left out")
            return _Prepared(report)
        return _Prepared(report, source, tuple(_plan(_read_job(source, run, report), run, report)))
    return _Prepared(report)


def _read_job(source: Source, run: _Run, report: RunReport) -> Job:
    path, name, settings = source.path, source.folder.name, run.settings
    data, is_main = _read_part(source, run.main)
    article = parse_article(data, path, name, settings.front_matter)
    folder = claim_folder(settings.workspace, name, path, data)
    run.claimed.add(name)
    language = guess_language(article.source)
    if language not in {None, SOURCE}:
        report.warnings.append(f"{path}: looks like “{language}”, not French; translated all the same")
    advice = "write a date as 2026-01-31; left out"
    report.warnings += [f"{path}{fault}; {advice}" for fault in article.metadata.faults]
    segments = segment_article(article, run.no_break)
    split = find_split(folder, segments)
    passages = prepare_passages(segments, run.glossary)
    return Job(folder, path, data, article, passages, settings.epoch, split, is_main, settings.layout)


def _read_part(source: Source, main: bool | None) -> tuple[bytes, bool]:  # noqa: FBT001 - as asked, or None
    """Return what of a source is the article, and whether that is a part of its page: our copy is that part already."""
    folder, path = source.folder, source.path
    is_main = folder.is_main if main is None else main
    if folder.origin(path):
        return extract_article(source.data, path) if is_main else source.data, is_main
    if is_main != folder.is_main:
        hint = "give the saved page from elsewhere, with --main or --no-main"
        raise SourceError(f"{path}: is the source that the catalogs are made of", hint)
    return source.data, is_main


def _plan(job: Job, run: _Run, report: RunReport) -> Iterator[Plan | None]:
    """Yield what each language wants of its engine; None where a catalog cannot be read."""
    keep_better = run.settings.engine == "auto" and not run.redraft
    for target in run.targets:
        plan = None
        with report.collect():
            plan = plan_drafts(job, target.language, target.engine, target.memory, keep_better=keep_better)
        yield plan


def _draft_window(window: Sequence[_Prepared], run: _Run) -> list[tuple[_Prepared, list[Drafted]]]:
    """Have the engines draft what is wanted, a language after the other."""
    drafted: list[list[Drafted]] = [[] for _ in window]
    for place, target in enumerate(run.targets):
        plans = [
            (mine, plan) for mine, one in zip(drafted, window, strict=True) if one.plans and (plan := one.plans[place])
        ]
        for mine, done in zip(
            [mine for mine, _ in plans], _draft([plan for _, plan in plans], target, run), strict=False
        ):
            mine.append(done)
        run.advance(len(plans) / (len(run.targets) + 1))
    return list(zip(window, drafted, strict=True))


def _draft(plans: Sequence[Plan], target: _Target, run: _Run) -> list[Drafted]:
    """Draft what neither a person nor memory has translated, in one call of the engine; nothing where that fails."""
    passages = [passage for plan in plans for passage in plan.passages]
    engine, language = target.engine, target.language
    run.advance(0, f"{engine.name} {SOURCE}→{language}: {len(passages)} segments of {len(plans)} articles")
    with run.report.collect():
        cached = draft_cached(passages, engine, language, run.store) if run.store else None
        drafts = iter(draft_passages(passages, engine, language) if cached is None else cached)
        made = [(plan, [(p.segment.text, next(drafts)) for p in plan.passages]) for plan in plans]
        return [
            Drafted(plan.job, language, engine.signature, (*mine, *plan.kept), plan.fills, plan.offers)
            for plan, mine in made
        ]
    return []


def _deliver(drafted: Sequence[Drafted]) -> Delivery:
    return deliver(drafted[0].job, drafted)


def _collect(works: Sequence[tuple[_Prepared, Future[Delivery] | None]], run: _Run) -> None:
    """Report on the articles of a window in their order, once they are written."""
    for one, future in works:
        run.report.add(one.report)
        results = [one.result] if one.result else []
        if future and one.source:
            with run.report.collect():
                delivery = future.result()
                is_whole = all(len(a.languages) == len(run.targets) for a in delivery.report.articles)
                if run.unchanged and is_whole and not one.report.warnings and not one.report.errors:
                    run.unchanged.note(one.source, delivery)
                results, delivery.report.articles = delivery.report.articles, []
                run.report.add(delivery.report)
        for result in results:
            run.emit(result)
        run.advance(1 / (len(run.targets) + 1) if one.plans else 1)
    if run.unchanged:
        run.unchanged.save()
