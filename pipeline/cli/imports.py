"""`passerelle import`."""

import sys
from pathlib import Path

import click

from pipeline.cli.edge import complain, guarded, workspace_option


@click.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@workspace_option
@guarded
def import_file(file: Path, workspace: Path) -> None:
    """Take the translations of FILE (TMX or XLIFF 1.2) into all articles with exactly their sentences.

    They count as a person's: reviewed, or fuzzy where the file says that they need review. They fill what is empty
    or an untouched draft; a text that a person wrote here stays, and is named where it differs. The machine drafts of
    our own exports are passed over.
    """
    from pipeline.importing import import_translations  # noqa: PLC0415

    report = import_translations(workspace, file)
    for error in report.run.errors:
        complain(error)
    for path, number in report.taken:
        click.echo(f"{path}: {number} taken")
    if report.same:
        click.echo(f"{report.same} there already")
    if report.drafts:
        click.echo(f"{report.drafts} machine draft{'s' if report.drafts > 1 else ''} passed over")
    for conflict in report.conflicts:
        click.echo(f"{conflict.place}: kept; the file has “{conflict.offered}” for “{conflict.source}”")
    for unit in report.ambiguous:
        click.echo(f"left: {unit.language}: “{unit.target}” is one of several translations of “{unit.source}”")
    for unit in report.unmatched:
        click.echo(f"no match: {unit.language}: “{unit.source}”")
    if report.taken:
        click.echo("run passerelle translate to bring the pages up to date")
    sys.exit(1 if report.run.errors or report.conflicts or report.ambiguous else 0)
