"""`passerelle rename`."""

from pathlib import Path

import click

from pipeline.cli.edge import guarded, workspace_option


@click.command()
@click.argument("old")
@click.argument("new")
@workspace_option
@guarded
def rename(old: str, new: str, workspace: Path) -> None:
    """Call the article OLD from now on NEW: its folders, template and exports; its catalogs keep all they hold.

    An article that came from elsewhere is then translated from its folder, or from there with --name NEW.
    """
    from pipeline.renaming import rename_article  # noqa: PLC0415

    for path in rename_article(workspace, old, new):
        click.echo(path)
    click.echo(f"run passerelle translate on the source in translations/{new} to bring the pages up to date")
