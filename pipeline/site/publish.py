"""`publish`: the web root from the catalogs, article by article; only what changed is rendered and written."""

import hashlib
import os
import re
import signal
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import islice
from multiprocessing import get_context
from pathlib import Path

from pipeline.errors import PipelineError, SourceError
from pipeline.files import write_file
from pipeline.report import RunReport
from pipeline.segment import read_no_break
from pipeline.settings import SOURCE, Settings
from pipeline.site.edition import Made, make_pages
from pipeline.site.export import write_exports
from pipeline.site.listing import render_listings
from pipeline.site.pages import Site
from pipeline.site.plan import Card, Terms, check_paths
from pipeline.site.reading import Material, read_material, read_publication
from pipeline.site.record import read_cards, write_cards
from pipeline.site.report import Held, SiteReport
from pipeline.site.slugs import add_slugs
from pipeline.site.theme import open_theme
from pipeline.workspace import ArticleFolder, list_articles

# From here on a second process is worth its start.
_FEW = 24
_ASIDE = re.compile(r"\..+\.(\d+)\.tmp")  # as pipeline.files names them, with the process that writes
_LISTING = re.compile(r"index\.[a-z]{2,3}\.html|feed\.[a-z]{2,3}\.xml|sitemap\.xml")


@dataclass(frozen=True, slots=True)
class _Press:
    """What every article of a run needs."""

    settings: Settings
    terms: Terms
    site: Site
    root: Path
    no_break: tuple[str, ...]
    with_exports: bool


@dataclass(frozen=True, slots=True)
class _Task:
    """An article whose pages are to be made anew, with what stands in the site."""

    material: Material
    digest: str
    old: Card | None


@dataclass(frozen=True, slots=True)
class _Done:
    """What became of an article: its card, the files that changed, or the error that it met."""

    name: str
    card: Card | None = None
    written: tuple[str, ...] = ()
    error: PipelineError | None = None


def publish_site(
    settings: Settings,
    names: Sequence[str] = (),
    terms: Terms = Terms(),  # noqa: B008 - frozen
    *,
    with_exports: bool = False,
    folder: str = "site",
    progress: Callable[[str], None] = lambda _: None,
) -> SiteReport:
    """Bring `out/site`, or another folder of `out`, up to date for the articles named, or for all.

    Pages come first, then what lists them; pages of articles that are gone are removed last. An article that fails
    is reported and its pages stay. Raises PipelineError for settings and templates that concern all articles.
    """
    folders, warnings = list_articles(settings.workspace), list[str]()
    settings = replace(settings, site=add_slugs(settings.site, folders, warnings))
    press = _set_up(settings, terms, folder, with_exports=with_exports)
    report = SiteReport(press.root, terms.keep, warnings=warnings)
    if not settings.site.base_url:
        report.warnings.append(
            "no base_url in passerelle.toml: canonical links, hreflang, feeds and sitemap are left out"
        )
    chosen = list(dict.fromkeys(_find(folders, name, settings.workspace) for name in names)) or folders
    check_paths({folder.name: (SOURCE, *folder.languages()) for folder in folders}, settings.site)
    record = press.root.with_suffix(".json")
    before = read_cards(record)
    known = before if names else {folder.name: before[folder.name] for folder in folders if folder.name in before}
    for asset in press.site.theme.assets:
        _write(report.written, press.root, asset.path, asset.text)
    cards = dict(known) | _make_all(press, chosen, before, report, progress)
    report.articles = len(cards)
    report.held = [held for folder in chosen if folder.name in cards for held in _list_held(cards[folder.name], terms)]
    listings = list(render_listings(press.site, list(cards.values()), settings.epoch))
    for file in listings:
        _write(report.written, press.root, file.name, file.text)
    _remove_pages(press.root, before, cards, report)
    _remove_listings(press.root, {file.name for file in listings}, report)
    _sweep(press.root)
    write_cards(record, cards.values())
    return report


def _set_up(settings: Settings, terms: Terms, folder: str, *, with_exports: bool) -> _Press:
    site = Site(settings.site, open_theme(settings.workspace), SOURCE)
    no_break = read_no_break(settings.workspace / "glossary" / "no-break.txt")
    return _Press(settings, terms, site, settings.workspace / "out" / folder, no_break, with_exports)


def _find(folders: Sequence[ArticleFolder], name: str, workspace: Path) -> ArticleFolder:
    """Return the article of a name, of its folder's path or of a file's in it."""
    path = Path(name)
    wanted = {name, path.name} | ({path.parent.name} if path.suffix else set())
    found = [folder for folder in folders if folder.name == name] or [f for f in folders if f.name in wanted]
    if not found:
        raise SourceError(f"{name}: no such article in {workspace / 'translations'}", "translate it first")
    return found[0]


def _make_all(
    press: _Press,
    folders: Sequence[ArticleFolder],
    before: Mapping[str, Card],
    report: SiteReport,
    progress: Callable[[str], None],
) -> dict[str, Card]:
    """Make the pages that are not as they should be; return the new cards by article."""
    cards = {}
    for done in _work(_find_tasks(press, folders, before, report), press):
        progress(done.name)
        with report.run.collect():
            if done.error:
                raise done.error
        report.written += done.written
        if done.card:
            cards[done.name] = done.card
    return cards


def _find_tasks(
    press: _Press, folders: Sequence[ArticleFolder], before: Mapping[str, Card], report: SiteReport
) -> Iterator[_Task]:
    """Yield the articles whose pages are not there as they should be."""
    site = replace(press.settings.site, articles={})
    common = repr((press.site.theme.digest, site, press.terms, press.no_break, press.settings.front_matter))
    for folder in folders:
        with report.run.collect():
            material, old = read_material(folder), before.get(folder.name)
            own = repr(press.settings.site.article(folder.name))
            digest = hashlib.sha256(f"{common}{own}{material.digest()}".encode()).hexdigest()
            if not press.with_exports and old and old.digest == digest and _stands(press.root, old):
                continue
            yield _Task(material, digest, old)


def _stands(root: Path, card: Card) -> bool:
    try:
        return all(os.stat(root / path).st_size == size for path, size in card.files().items())  # noqa: PTH116 - faster
    except OSError:
        return False


def _work(tasks: Iterator[_Task], press: _Press) -> Iterator[_Done]:
    """Make the articles, in order; many of them in two processes, a window at a time, so that memory stays flat."""
    first = list(islice(tasks, _FEW))
    if len(first) < _FEW:
        yield from (_make(task, press) for task in first)
        return
    arguments = (press.settings, press.terms, press.root.name, press.with_exports)
    workers = min(2, os.cpu_count() or 1)
    with ProcessPoolExecutor(workers, get_context("spawn"), _start_worker, arguments) as pool:
        window = first
        try:
            while window:
                yield from pool.map(_make_there, window, chunksize=4)
                window = list(islice(tasks, 4 * _FEW))
        except KeyboardInterrupt:
            pool.shutdown(cancel_futures=True)
            raise


_worker: list[_Press] = []


def _start_worker(settings: Settings, terms: Terms, folder: str, with_exports: bool) -> None:  # noqa: FBT001 - positional in a pool
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the process that reports it
    _worker.append(_set_up(settings, terms, folder, with_exports=with_exports))


def _make_there(task: _Task) -> _Done:
    return _make(task, _worker[0])


def _make(task: _Task, press: _Press) -> _Done:
    name, written = task.material.folder.name, list[str]()
    report = RunReport()
    made: Made | None = None
    with report.collect():
        dated = read_publication(task.material, press.no_break, press.settings.front_matter)
        made = make_pages(press.site, dated, task.digest, press.terms, task.old)
        for page in made.pages:
            _write(written, press.root, page.name, page.text)
        if press.with_exports:
            write_exports(task.material.folder, dated, made.card, press.settings, press.terms)
    error = report.errors[0] if report.errors else None
    return _Done(name, made.card if made and not error else None, tuple(written), error)


def _write(written: list[str], root: Path, name: str, text: str) -> None:
    if write_file(root / name, text.encode(), sync=False):
        written.append(name)


def _list_held(card: Card, terms: Terms) -> Iterator[Held]:
    for share in card.shares:
        if not terms.admit(share):
            yield Held(card.name, share, has_page=card.edition(share.language) is not None)


def _remove_pages(root: Path, before: Mapping[str, Card], cards: Mapping[str, Card], report: SiteReport) -> None:
    """Remove the pages that no article has any more."""
    kept = {path for card in cards.values() for path in card.files()}
    for path in sorted({path for card in before.values() for path in card.files()} - kept):
        _unlink(root, path, report)
        with suppress(OSError):  # other pages are still there
            (root / path).parent.rmdir()


def _remove_listings(root: Path, kept: set[str], report: SiteReport) -> None:
    """Remove the index and the feed of a language that has no articles any more, and what a base URL was needed for."""
    for path in sorted(root.glob("*.*")):
        if _LISTING.fullmatch(path.name) and path.name not in kept:
            _unlink(root, path.name, report)


def _sweep(root: Path) -> None:
    """Remove what killed runs left half-written beside the pages: a web server would serve it."""
    for pattern in (".*.tmp", "*/.*.tmp"):
        for path in root.glob(pattern):
            writer = _ASIDE.fullmatch(path.name)
            if writer and not _is_running(int(writer[1])):
                path.unlink(missing_ok=True)


def _is_running(process: int) -> bool:
    try:
        os.kill(process, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:  # somebody else's
        return True
    return True


def _unlink(root: Path, path: str, report: SiteReport) -> None:
    with report.run.collect(), suppress(FileNotFoundError):
        (root / path).unlink()
        report.removed.append(path)
