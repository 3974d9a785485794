"""`passerelle check`."""

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from pipeline.cli.edge import complain, guarded, json_option, show_line, workspace_option, write_output

if TYPE_CHECKING:
    from pipeline.checks.catalogs import CheckReport


@click.command()
@click.argument("articles", nargs=-1, metavar="[ARTICLE]...")
@click.option("--to", "targets", multiple=True, metavar="LANG", help="A language to check.  [default: all there are]")
@json_option
@click.option(
    "--sarif",
    type=click.Path(path_type=Path, dir_okay=False, allow_dash=True),
    metavar="FILE",
    help="Write the problems as SARIF 2.1.0, too; - writes them to standard output instead of the lines.",
)
@workspace_option
@guarded
def check(
    articles: tuple[str, ...], targets: tuple[str, ...], sarif: Path | None, workspace: Path, *, as_json: bool
) -> None:
    """Print the problems of the catalogs of ARTICLE, or of all, one a line.

    Each is `file:line: severity code: message`. Exit 1 if there is an error or a warning; notes are free. A
    translator's comment `# passerelle: ignore CODE, CODE` silences a problem of its entry.
    """
    from pipeline.checks.catalogs import check_workspace  # noqa: PLC0415
    from pipeline.exports.sarif import render_sarif  # noqa: PLC0415
    from pipeline.settings import load_settings  # noqa: PLC0415

    is_only_sarif = sarif == Path("-")
    if is_only_sarif and as_json:
        raise click.UsageError("--json and --sarif - both write to standard output")
    settings = load_settings(workspace, targets)
    report = check_workspace(settings.workspace, articles, settings.targets if targets else ())
    if sarif:
        write_output(sarif, render_sarif(report, settings.workspace))
    if as_json:
        click.echo(json.dumps(_to_json(report), ensure_ascii=False, indent=2))
    elif not is_only_sarif:
        for finding in report.findings:
            problem = finding.problem
            line = f"{finding.path}:{finding.line}: {problem.severity} {problem.code}: {problem.message}"
            click.echo(show_line(line))
    for error in report.errors:
        complain(error)
    sys.exit(report.exit_code)


def _to_json(report: "CheckReport") -> dict[str, Any]:
    return {
        "findings": [
            {
                "article": show_line(finding.article),
                "language": finding.language,
                "file": show_line(finding.path.as_posix()),
                "line": finding.line,
                "severity": str(finding.problem.severity),
                "code": finding.problem.code,
                "message": show_line(finding.problem.message),
                "author": str(finding.author),
                "source": finding.source,
                "target": finding.target,
            }
            for finding in report.findings
        ],
        "errors": [{"message": show_line(error.message), "hint": error.hint} for error in report.errors],
    }
