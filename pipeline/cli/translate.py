"""`passerelle translate`."""

import json
import os
import sys
from contextlib import nullcontext, suppress
from pathlib import Path
from typing import IO, TYPE_CHECKING

import click

from pipeline.cli.edge import cache_option, complain, guarded, json_option, workspace_option
from pipeline.cli.progress import ProgressBar, ending_soon
from pipeline.errors import SettingsError
from pipeline.settings import ENGINES, LAYOUTS, load_settings

if TYPE_CHECKING:
    from pipeline.report import ArticleResult, RunReport


@click.command()
@click.argument("articles", nargs=-1, type=click.Path())
@click.option(
    "--files-from",
    "listing",
    type=click.File("rb"),
    metavar="FILE",
    help="Take more articles from FILE, a line each or each ended by NUL, as find -print0 writes them; - is standard "
    "input. For more than fit on a command line.",
)
@click.option(
    "--to",
    "targets",
    multiple=True,
    metavar="LANG",
    envvar="PASSERELLE_TO",
    help="Target language; repeat it for several.  [default: en, es]",
)
@click.option(
    "--engine",
    type=click.Choice(ENGINES),
    envvar="PASSERELLE_ENGINE",
    help="Translation engine; auto takes Argos packages where they are installed, else the one that comes with "
    "Passerelle, else Apertium.  [default: auto]",
)
@click.option("--name", help="Name of the article.  [default: the stem of its file]")
@click.option(
    "--redraft",
    is_flag=True,
    help="Draft again also what a better engine than the one at hand has drafted. Only drafts that nobody touched are "
    "ever replaced.",
)
@click.option(
    "--main/--no-main",
    default=None,
    help="Take only the article of a web page, with its title, author and date; later runs on the page do the same.  "
    "[default: all of it]",
)
@click.option(
    "--layout",
    type=click.Choice(LAYOUTS),
    help="Also write the translations of a Markdown article beside it, as Hugo or Jekyll want them (index.en.md beside "
    "index.md).  [default: none]",
)
@click.option("--no-cache", is_flag=True, help="Draft everything, and keep nothing for later runs.")
@cache_option
@click.option(
    "--cluster",
    "address",
    metavar="ADDRESS",
    envvar="PASSERELLE_CLUSTER",
    help="A Dask scheduler whose workers shall draft (tcp://host:8786); they need the same packages.",
)
@click.option("-v", "--verbose", is_flag=True, help="Say what is being done.")
@json_option
@workspace_option
@guarded
def translate(
    articles: tuple[str, ...],
    targets: tuple[str, ...],
    engine: str | None,
    name: str | None,
    workspace: Path,
    *,
    listing: IO[bytes] | None,
    cache_folder: Path | None,
    no_cache: bool,
    address: str | None,
    redraft: bool,
    main: bool | None,
    layout: str | None,
    verbose: bool,
    as_json: bool,
) -> None:
    """Translate ARTICLES (files, or names of articles of the workspace) into catalogs and draft pages.

    The catalogs are in translations/NAME/, the pages in out/drafts/NAME/.

    Run it again after an article, the glossary or an engine has changed: drafts are brought up to date, and no text
    of a person is touched.
    """
    from pipeline.cluster import open_cluster  # noqa: PLC0415
    from pipeline.store import Store, find_folder  # noqa: PLC0415
    from pipeline.translation import translate_articles  # noqa: PLC0415

    if listing:
        articles += _read_listing(listing.read())
    elif not articles:
        raise click.UsageError("Missing argument 'ARTICLES...'.")
    if name and len(articles) > 1:
        raise click.UsageError("--name goes with one article")
    settings = load_settings(workspace, targets, engine, os.environ.get("SOURCE_DATE_EPOCH"), layout)
    store = None
    if not no_cache:
        with suppress(SettingsError):  # a user without a home works without a cache
            store = Store(cache_folder or find_folder())
    with (
        ending_soon(),
        open_cluster(address) if address else nullcontext() as cluster,
        ProgressBar(verbose=verbose) as bar,
    ):
        results = _Results(as_json=as_json, is_held=bar.is_live and sys.stdout.isatty())
        report = translate_articles(
            *(articles, settings, name, bar.show),
            redraft=redraft, main=main, store=store, cluster=cluster, emit=results.write,
        )  # fmt: skip
    for warning in report.warnings:
        click.echo(f"passerelle: warning: {warning}", err=True)
    for error in report.errors:
        complain(error)
    results.end(report)
    sys.exit(report.exit_code)


def _read_listing(data: bytes) -> tuple[str, ...]:
    lines = data.split(b"\0") if b"\0" in data else data.splitlines()
    return tuple(os.fsdecode(line) for line in lines if line.strip())


class _Results:
    """Results on standard output as they come; behind a bar on the same terminal they are held back to its end."""

    def __init__(self, *, as_json: bool, is_held: bool) -> None:
        self._as_json = as_json
        self._held: list[str] | None = [] if is_held else None
        self._lead = '{\n  "articles": ['
        self._error: OSError | None = None

    def write(self, result: "ArticleResult") -> None:
        """Write a result; where nobody reads it any more, the run goes on to its end all the same."""
        text = "\n".join(result.lines()) + "\n"
        if self._as_json:
            text = json.dumps(result.to_json(), ensure_ascii=False, indent=2).replace("\n", "\n    ")
            text, self._lead = f"{self._lead}\n    {text}", ","
        if self._held is not None:
            self._held.append(text)
        elif not self._error:
            try:
                click.echo(text, nl=False)
            except OSError as error:
                self._error = error

    def end(self, report: "RunReport") -> None:
        """Write what was held back, and close the JSON. Raises OSError where something could not be written."""
        if self._error:
            raise self._error
        click.echo("".join(self._held or []), nl=False)
        if self._as_json:
            rest = json.dumps(report.to_json(), ensure_ascii=False, indent=2).removeprefix('{\n  "articles": []')
            click.echo((f"{self._lead}]" if self._lead != "," else "\n  ]") + rest)
