"""The command line: parse, one core call, render. Nothing else prints or exits."""

import json
import os
import sys
from collections.abc import Callable
from contextlib import suppress
from functools import wraps
from pathlib import Path
from typing import Any

import click

from pipeline.errors import PipelineError
from pipeline.settings import ENGINES, load_settings

_INTERRUPTED = 130  # 128 + SIGINT, as shells have it

_workspace_option = click.option(
    "--workspace",
    type=click.Path(path_type=Path),
    default=Path(),
    envvar="PASSERELLE_WORKSPACE",
    show_default="the current folder",
    help="The folder with translations/, glossary/ and out/.",
)
_json_option = click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")


def _guarded(command: Callable[..., None]) -> Callable[..., None]:
    """Turn errors that a user can mend into one line and exit code 1; add --debug, which shows the traceback."""

    @wraps(command)
    def run(*, debug: bool, **arguments: Any) -> None:  # noqa: ANN401 - click's own
        try:
            command(**arguments)
        except (PipelineError, OSError) as error:
            if debug or isinstance(error, BrokenPipeError):  # click ends quietly where a reader has gone away
                raise
            _complain(error)
            if isinstance(error, OSError):
                _drop_output()
            sys.exit(1)
        except KeyboardInterrupt:
            click.echo("passerelle: interrupted; what was written is whole, run again to go on", err=True)
            sys.exit(_INTERRUPTED)

    return click.option("--debug", is_flag=True, help="Show the traceback of an error.")(run)


def _drop_output() -> None:
    """Send what could not be written nowhere, or Python's own flush at the end fails again with another exit code."""
    with suppress(OSError, ValueError):  # a test's standard output is no file
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _complain(error: Exception) -> None:
    # A file's name may hold a line break, or bytes that are no text.
    line = " ".join(str(error).split("\n")).encode(errors="backslashreplace").decode()
    click.echo(f"passerelle: error: {line}", err=True)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="passerelle", prog_name="passerelle")
def main() -> None:
    """Take a French article to reviewed, aligned English and Spanish publications, offline."""


@main.command()
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
@click.option("-v", "--verbose", is_flag=True, help="Say what is being done.")
@_json_option
@_workspace_option
@_guarded
def translate(
    articles: tuple[Path, ...],
    targets: tuple[str, ...],
    engine: str | None,
    name: str | None,
    workspace: Path,
    *,
    verbose: bool,
    as_json: bool,
) -> None:
    """Translate ARTICLES into catalogs (translations/NAME/) and draft pages (out/drafts/NAME/).

    Run it again after an article, the glossary or an engine has changed: drafts are brought up to date, and no text
    of a person is touched.
    """
    from pipeline.translation import translate_articles  # noqa: PLC0415

    if name and len(articles) > 1:
        raise click.UsageError("--name goes with one article")
    settings = load_settings(workspace, targets, engine, os.environ.get("SOURCE_DATE_EPOCH"))
    report = translate_articles(articles, settings, name, _progress(verbose=verbose))
    for warning in report.warnings:
        click.echo(f"passerelle: warning: {warning}", err=True)
    for error in report.errors:
        _complain(error)
    if as_json:
        click.echo(json.dumps(report.to_json(), ensure_ascii=False, indent=2))
    else:
        for line in report.lines():
            click.echo(line)
    sys.exit(report.exit_code)


def _progress(*, verbose: bool) -> Callable[[str], None]:
    def show(message: str) -> None:
        if verbose or sys.stderr.isatty():
            click.echo(message, err=True)

    return show


@main.command()
@click.argument("article", type=click.Path(path_type=Path))
@_json_option
@_workspace_option
@_guarded
def segment(article: Path, workspace: Path, *, as_json: bool) -> None:
    """Print the segments of ARTICLE, one a line.

    With --json, each line is an object with block (number, from 0), kind, segment (number in its block, from 0),
    line (in the source, from 1) and text.
    """
    from pipeline.formats import read_article  # noqa: PLC0415
    from pipeline.segment import read_no_break, segment_article  # noqa: PLC0415
    from pipeline.workspace import name_article  # noqa: PLC0415

    no_break = read_no_break(workspace / "glossary" / "no-break.txt")
    segments = segment_article(read_article(article, name_article(article)), no_break)
    number, block = 0, -1
    for item in segments:
        number, block = (number + 1 if item.block == block else 0), item.block
        fields = {"block": item.block, "kind": item.kind, "segment": number, "line": item.line, "text": item.text}
        click.echo(json.dumps(fields, ensure_ascii=False) if as_json else item.text)


@main.group()
def models() -> None:
    """List, install and remove Argos Translate packages."""


@models.command("list")
@_json_option
@_guarded
def list_models(*, as_json: bool) -> None:
    """Print the installed packages: languages, version, size, folder."""
    from pipeline.models import find_broken_packages, list_packages, packages_folder  # noqa: PLC0415

    packages, broken = list_packages(), find_broken_packages()
    for error in broken:
        _complain(error)
    if as_json:
        rows = [
            {"from": p.source, "to": p.target, "version": p.version, "bytes": p.size, "path": p.path.as_posix()}
            for p in packages
        ]
        click.echo(json.dumps(rows, ensure_ascii=False, indent=2))
    elif packages:
        for p in packages:
            click.echo(f"{p.source} → {p.target}  {p.version:8} {p.size / 1e6:7.1f} MB  {p.path}")
    else:
        click.echo(f"no package in {packages_folder()}; install one with passerelle models install FILE.argosmodel")
    sys.exit(1 if broken else 0)


@models.command("install")
@click.argument("files", nargs=-1, required=True, metavar="FILE...", type=click.Path(path_type=Path))
@_guarded
def install_model(files: tuple[Path, ...]) -> None:
    """Install Argos packages from FILEs (.argosmodel); a package of the same pair is replaced."""
    from pipeline.models import install_package  # noqa: PLC0415

    for file in files:
        package = install_package(file)
        click.echo(f"installed {package.source} → {package.target} {package.version} in {package.path}")


@models.command("remove")
@click.argument("source", metavar="FROM")
@click.argument("target", metavar="TO")
@_guarded
def remove_model(source: str, target: str) -> None:
    """Remove the packages that translate FROM one language TO another, as in `models remove fr en`."""
    from pipeline.models import remove_package  # noqa: PLC0415

    for package in remove_package(source, target):
        click.echo(f"removed {package.source} → {package.target} {package.version} from {package.path}")
