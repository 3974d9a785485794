"""`passerelle translate`."""

import json
import os
import sys
from contextlib import nullcontext
from pathlib import Path

import click

from pipeline.cli.edge import cache_option, complain, guarded, json_option, show_progress, workspace_option
from pipeline.settings import ENGINES, load_settings


@click.command()
@click.argument("articles", nargs=-1, required=True, type=click.Path(path_type=Path))
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
    help="Translation engine; auto takes Argos where packages are installed, else Apertium.  [default: auto]",
)
@click.option("--name", help="Name of the article.  [default: the stem of its file]")
@click.option(
    "--redraft",
    is_flag=True,
    help="Draft again also what a better engine than the one at hand has drafted. Only drafts that nobody touched are "
    "ever replaced.",
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
    articles: tuple[Path, ...],
    targets: tuple[str, ...],
    engine: str | None,
    name: str | None,
    workspace: Path,
    *,
    cache_folder: Path | None,
    no_cache: bool,
    address: str | None,
    redraft: bool,
    verbose: bool,
    as_json: bool,
) -> None:
    """Translate ARTICLES (files, or names of articles of the workspace) into catalogs and draft pages.

    The catalogs are in translations/NAME/, the pages in out/drafts/NAME/.

    Run it again after an article, the glossary or an engine has changed: drafts are brought up to date, and no text
    of a person is touched.
    """
    from pipeline.cache import DraftCache, find_folder  # noqa: PLC0415
    from pipeline.cluster import open_cluster  # noqa: PLC0415
    from pipeline.translation import translate_articles  # noqa: PLC0415

    if name and len(articles) > 1:
        raise click.UsageError("--name goes with one article")
    settings = load_settings(workspace, targets, engine, os.environ.get("SOURCE_DATE_EPOCH"))
    cache = None if no_cache else DraftCache(cache_folder or find_folder())
    show = show_progress(verbose=verbose)
    with open_cluster(address) if address else nullcontext() as cluster:
        report = translate_articles(articles, settings, name, show, redraft=redraft, cache=cache, cluster=cluster)
    for warning in report.warnings:
        click.echo(f"passerelle: warning: {warning}", err=True)
    for error in report.errors:
        complain(error)
    if as_json:
        click.echo(json.dumps(report.to_json(), ensure_ascii=False, indent=2))
    else:
        for line in report.lines():
            click.echo(line)
    sys.exit(report.exit_code)
