"""`passerelle split`."""

import os
import sys
from pathlib import Path

import click

from pipeline.cli.edge import complain, guarded, workspace_option


@click.command()
@click.argument("article")
@click.argument("sentence")
@workspace_option
@guarded
def split(article: str, sentence: str, workspace: Path) -> None:
    """Give each occurrence of SENTENCE in ARTICLE an entry of its own.

    ARTICLE is its name, or the path of its source. The context (msgctxt) of an entry is the heading that the
    occurrence stands under; each begins with the translation that they shared, and all later runs keep them apart.
    """
    from pipeline.settings import load_settings  # noqa: PLC0415
    from pipeline.splitting import split_sentence  # noqa: PLC0415

    settings = load_settings(workspace, epoch=os.environ.get("SOURCE_DATE_EPOCH"))
    result = split_sentence(article, sentence, settings)
    for error in result.report.errors:
        complain(error)
    for context in result.contexts:
        click.echo(context)
    for path in result.changed:
        click.echo(f"  {path}")
    sys.exit(result.report.exit_code)
