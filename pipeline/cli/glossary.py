"""`passerelle glossary`."""

import json
import sys
from pathlib import Path

import click

from pipeline.cli.edge import guarded, json_option, show_line, workspace_option, write_output
from pipeline.settings import load_settings


@click.group()
def glossary() -> None:
    """Check and export the glossary, and find what it lacks."""


@glossary.command("check")
@click.option(
    "--to",
    "targets",
    multiple=True,
    metavar="LANG",
    envvar="PASSERELLE_TO",
    help="Target language to check for; repeat it for several.  [default: en, es]",
)
@json_option
@workspace_option
@guarded
def check_command(targets: tuple[str, ...], workspace: Path, *, as_json: bool) -> None:
    """Print what is wrong in the files of glossary/, and which terms no article under translations/ uses.

    One line a finding: file, line, severity (error, warning or note), code, the fact and the next step. `translate`
    refuses a glossary with errors. Exit code 1 where there are errors or warnings, 0 where there are notes at most.
    """
    from pipeline.termbase.check import check_glossary  # noqa: PLC0415

    checkup = check_glossary(load_settings(workspace, targets))
    if as_json:
        rows = [
            {
                "file": show_line(finding.place.path.as_posix()),
                "line": finding.place.line,
                "severity": finding.severity,
                "code": finding.code,
                "message": finding.message,
                "hint": finding.hint,
            }
            for finding in checkup.findings
        ]
        click.echo(json.dumps({"terms": checkup.terms, "findings": rows}, ensure_ascii=False, indent=2))
    else:
        for finding in checkup.findings:
            click.echo(show_line(str(finding)))
        click.echo(checkup.summary())
    sys.exit(checkup.exit_code)


@glossary.command("suggest")
@click.argument("article")
@json_option
@workspace_option
@guarded
def suggest_command(article: str, workspace: Path, *, as_json: bool) -> None:
    """Print names, acronyms and recurring noun phrases of ARTICLE that have no row in the glossary yet.

    ARTICLE is a file, or the name of an article under translations/. The output is a table as in glossary/terms.csv
    (fr,en,es,kind,note), with how often a candidate occurs and one context in its note.
    """
    from pipeline.termbase.suggest import render_suggestions, suggest_for_article  # noqa: PLC0415

    suggestions = suggest_for_article(article, load_settings(workspace))
    if as_json:
        rows = [
            {"text": s.text, "sort": s.sort, "kind": s.kind, "count": s.count, "context": s.context}
            for s in suggestions
        ]
        click.echo(json.dumps(rows, ensure_ascii=False, indent=2))
    else:
        click.echo(render_suggestions(suggestions), nl=False)


@glossary.command("export")
@click.option(
    "--format",
    "shape",
    type=click.Choice(("csv", "tsv", "tbx", "deepl")),
    default="csv",
    show_default=True,
    help="csv and tsv: our own table; tbx: TBX-Basic; deepl: French and one language, as DeepL and Google take it.",
)
@click.option("--to", "target", metavar="LANG", help="The language of deepl.  [default: none]")
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, dir_okay=False, allow_dash=True),
    help="The file to write.  [default: standard output]",
)
@workspace_option
@guarded
def export_command(shape: str, target: str | None, output: Path | None, workspace: Path) -> None:
    """Write all files of glossary/ as one table or TBX file."""
    from pipeline.exports.termlist import find_unsaid, render_glossary  # noqa: PLC0415
    from pipeline.termbase import read_glossary  # noqa: PLC0415

    if (shape == "deepl") != bool(target):
        raise click.UsageError("--format deepl needs --to LANG" if shape == "deepl" else "--to goes with deepl")
    load_settings(workspace, (target,) if target else ())
    terms = read_glossary(workspace / "glossary")
    text = render_glossary(terms, shape, target or "")
    if shape in {"csv", "tsv"} and (unsaid := find_unsaid(terms.terms)):
        shown = f"“{unsaid[0].text}” ({len(unsaid)} in all)"
        click.echo(
            f"passerelle: warning: {shown} keeps its French form in a language of which its rows say nothing; "
            "--format tbx tells such terms apart",
            err=True,
        )
    write_output(output, text)
