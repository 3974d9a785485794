"""The command line: parse, one core call, render. Nothing else prints or exits, or imports click."""

import click

from pipeline.cli.cache import cache
from pipeline.cli.check import check
from pipeline.cli.evaluate import evaluate
from pipeline.cli.glossary import glossary
from pipeline.cli.imports import import_file
from pipeline.cli.models import models
from pipeline.cli.publish import preview, publish
from pipeline.cli.rename import rename
from pipeline.cli.segment import segment
from pipeline.cli.split import split
from pipeline.cli.status import status
from pipeline.cli.translate import translate


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="passerelle", prog_name="passerelle")
def main() -> None:
    """Take a French article to reviewed, aligned English and Spanish publications, offline."""


for _command in (
    *(translate, status, check, publish, preview, segment, split, rename, import_file),
    *(evaluate, glossary, models, cache),
):
    main.add_command(_command)
