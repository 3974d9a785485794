"""`passerelle publish` and `passerelle preview`."""

import json
import os
import sys
from contextlib import suppress
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING

import click

from pipeline.cli.edge import complain, guarded, json_option, show_progress, workspace_option
from pipeline.errors import PipelineError
from pipeline.settings import load_settings

if TYPE_CHECKING:
    from pipeline.site.report import SiteReport

keep_option = click.option(
    "--keep",
    type=click.FloatRange(0, 100),
    default=80,
    show_default=True,
    help="Publish a translation from this share of its words reviewed on, in percent.",
)
draft_option = click.option(
    "--draft", is_flag=True, help="Publish everything, drafts marked as drafts and not indexed."
)


@click.command()
@click.argument("articles", nargs=-1)
@keep_option
@draft_option
@click.option("--exports", is_flag=True, help="Also write Markdown, TSV, TMX and XLIFF to out/exports/.")
@click.option("-v", "--verbose", is_flag=True, help="Name each article when it is done.")
@json_option
@workspace_option
@guarded
def publish(
    articles: tuple[str, ...],
    keep: float,
    workspace: Path,
    *,
    draft: bool,
    exports: bool,
    verbose: bool,
    as_json: bool,
) -> None:
    """Render the web root out/site/ from what is reviewed of ARTICLES, or of all articles.

    Translations below --keep are left as they were, or absent; the exit code is then 1.
    """
    from pipeline.site.plan import Terms  # noqa: PLC0415 - heavy, and --help needs none of it
    from pipeline.site.publish import publish_site  # noqa: PLC0415

    settings = load_settings(workspace, epoch=os.environ.get("SOURCE_DATE_EPOCH"))
    progress = show_progress(verbose=verbose)
    report = publish_site(settings, articles, Terms(keep, draft), with_exports=exports, progress=progress)
    _complain_of(report)
    if as_json:
        click.echo(json.dumps(report.to_json(), ensure_ascii=False, indent=2))
    else:
        for line in report.lines():
            click.echo(line)
    sys.exit(report.exit_code)


@click.command()
@keep_option
@draft_option
@click.option("--port", type=click.IntRange(0, 65535), default=8000, show_default=True, help="Port; 0 is any free one.")
@workspace_option
@guarded
def preview(keep: float, port: int, workspace: Path, *, draft: bool) -> None:
    """Publish, show out/site/ to browsers of this machine, and publish again when a catalog is saved.

    With --draft the site is made in out/preview/, so that no draft gets among what is published. Ctrl-C ends it.
    """
    from pipeline.site.plan import Terms  # noqa: PLC0415 - heavy, and --help needs none of it
    from pipeline.site.preview import serve, take_stock, watch  # noqa: PLC0415
    from pipeline.site.publish import publish_site  # noqa: PLC0415

    folder = "preview" if draft else "site"

    def rebuild() -> None:
        try:
            settings = load_settings(workspace, epoch=os.environ.get("SOURCE_DATE_EPOCH"))
            report = publish_site(settings, terms=Terms(keep, draft), folder=folder)
        except PipelineError as error:  # half-typed settings or templates: the next save mends them
            complain(error)
            return
        _complain_of(report)
        for line in report.lines():
            click.echo(line)

    before = take_stock(workspace)  # what is saved while we publish is published next
    rebuild()
    with suppress(KeyboardInterrupt), serve(workspace / "out" / folder, port) as address:
        click.echo(f"{address} (Ctrl-C ends)")
        watch(workspace, before, rebuild, Event())


def _complain_of(report: "SiteReport") -> None:
    for warning in report.warnings:
        click.echo(f"passerelle: warning: {warning}", err=True)
    for error in report.run.errors:
        complain(error)
