"""`passerelle status`."""

import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pipeline.cli.edge import complain, guarded, json_option, workspace_option

if TYPE_CHECKING:
    from pipeline.status import CatalogStatus, QueuedDraft, StatusReport

_COLUMNS = (
    ("reviewed", "reviewed"),
    ("touched", "touched"),
    ("drafts", "drafts"),
    ("empty", "empty"),
    ("words_left", "words left"),
    ("pins_missed", "terms"),
    ("findings", "findings"),
)
_PIPE_WIDTH = 200  # Rich would wrap lines at 80 columns where nobody's terminal tells the width


@click.command()
@click.argument("articles", nargs=-1, metavar="[ARTICLE]...")
@click.option("--to", "targets", multiple=True, metavar="LANG", help="A language to count.  [default: all there are]")
@click.option("--worst", is_flag=True, help="Sort by the words left to review, then by findings.")
@click.option("--queue", is_flag=True, help="List the untouched drafts of ARTICLE in LANG, the least sure first.")
@json_option
@workspace_option
@guarded
def status(
    articles: tuple[str, ...], targets: tuple[str, ...], workspace: Path, *, worst: bool, queue: bool, as_json: bool
) -> None:
    """Print how far the review of ARTICLES is, or of all: catalog entries by state, words left, findings.

    Findings are the errors and warnings of `passerelle check`; “terms” are those among them that a text misses.
    """
    from pipeline.settings import load_settings  # noqa: PLC0415
    from pipeline.status import read_queue, read_status  # noqa: PLC0415

    settings = load_settings(workspace, targets)
    if queue:
        if len(articles) != 1 or len(targets) != 1:
            raise click.UsageError("--queue takes one ARTICLE and one --to LANG")
        _print_queue(read_queue(settings.workspace, articles[0], targets[0]), as_json=as_json)
        return
    report = read_status(settings.workspace, articles, settings.targets if targets else ())
    if worst:
        report.sort_worst_first()
    if as_json:
        click.echo(json.dumps(_to_json(report), ensure_ascii=False, indent=2))
    else:
        _print_table(report)
    for error in report.errors:
        complain(error)
    sys.exit(report.exit_code)


def _to_json(report: "StatusReport") -> dict[str, object]:
    return {
        "catalogs": [{**asdict(row), "segments": row.segments} for row in report.catalogs],
        "errors": [{"message": error.message, "hint": error.hint} for error in report.errors],
    }


def _print_queue(queue: Sequence["QueuedDraft"], *, as_json: bool) -> None:
    if as_json:
        rows = [{**asdict(draft), "path": draft.path.as_posix()} for draft in queue]
        click.echo(json.dumps(rows, ensure_ascii=False, indent=2))
        return
    for draft in queue:
        codes = f" [{', '.join(draft.codes)}]" if draft.codes else ""
        click.echo(" ".join(f"{draft.confidence:.2f} {draft.path}:{draft.line}:{codes} {draft.source}".split("\n")))


def _print_table(report: "StatusReport") -> None:
    from rich.console import Console  # noqa: PLC0415
    from rich.table import Table  # noqa: PLC0415

    if not report.catalogs:
        click.echo("no catalog here; passerelle translate makes them")
        return
    table = Table(box=None, pad_edge=False, show_footer=len(report.catalogs) > 1)
    total = report.total()
    table.add_column("article", footer="total")
    table.add_column("to")
    for name, title in _COLUMNS:
        table.add_column(title, str(getattr(total, name)), justify="right")
    table.add_column("last change", total.last_change)
    for row in report.catalogs:
        table.add_row(row.article, row.language, *_cells(row), row.last_change)
    width = None if sys.stdout.isatty() else _PIPE_WIDTH
    Console(highlight=False, markup=False, width=width).print(table)


def _cells(row: "CatalogStatus") -> list[str]:
    return [str(getattr(row, name)) for name, _ in _COLUMNS]
