"""What all commands share: options, errors in one line, exit codes, progress."""

import os
import sys
from collections.abc import Callable
from contextlib import suppress
from functools import wraps
from pathlib import Path
from typing import Any

import click

from pipeline.errors import PipelineError
from pipeline.files import write_file

EXIT_INTERRUPTED = 130  # 128 + SIGINT, as shells have it
INTERRUPTED = "passerelle: interrupted; what was written is whole, run again to go on"

workspace_option = click.option(
    "--workspace",
    type=click.Path(path_type=Path),
    default=Path(),
    envvar="PASSERELLE_WORKSPACE",
    show_default="the current folder",
    help="The folder with translations/, glossary/ and out/.",
)
cache_option = click.option(
    "--cache",
    "cache_folder",
    type=click.Path(path_type=Path, file_okay=False, resolve_path=True),
    envvar="PASSERELLE_CACHE",
    metavar="DIR",
    help="The folder of the draft cache.  [default: passerelle/ in your cache folder, as the system has it]",
)
json_option = click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")


def guarded(command: Callable[..., None]) -> Callable[..., None]:
    """Turn errors that a user can mend into one line and exit code 1; add --debug, which shows the traceback."""

    @wraps(command)
    def run(*, debug: bool, **arguments: Any) -> None:  # noqa: ANN401 - click's own
        try:
            command(**arguments)
        except (PipelineError, OSError) as error:
            if debug or isinstance(error, BrokenPipeError):  # click ends quietly where a reader has gone away
                raise
            complain(error)
            if isinstance(error, OSError):
                _drop_output()
            sys.exit(1)
        except KeyboardInterrupt:
            click.echo(INTERRUPTED, err=True)
            sys.exit(EXIT_INTERRUPTED)

    return click.option("--debug", is_flag=True, help="Show the traceback of an error.")(run)


def _drop_output() -> None:
    """Send what could not be written nowhere, or Python's own flush at the end fails again with another exit code."""
    with suppress(OSError, ValueError):  # a test's standard output is no file
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def complain(error: Exception) -> None:
    """Write an error to standard error, in one line."""
    click.echo(f"passerelle: error: {show_line(str(error))}", err=True)


def show_line(text: str) -> str:
    """Put a text on one line of valid UTF-8: a file's name may hold a line break, or bytes that are no text."""
    return " ".join(text.split("\n")).encode(errors="backslashreplace").decode()


def write_output(path: Path | None, text: str) -> None:
    """Write to a file that the user names, or to standard output for none or `-`.

    Raises PipelineError for a folder that is not there: it is more often misspelt than meant to be made.
    """
    if path is None or path == Path("-"):
        click.echo(text.encode(), nl=False)
    elif not path.parent.is_dir():
        raise PipelineError(f"{path.parent}: no such folder", "create it, or name another file")
    else:
        write_file(path, text.encode())


def show_progress(*, verbose: bool) -> Callable[[str], None]:
    """Return what writes progress to standard error: for a person who watches, or on request."""

    def show(message: str) -> None:
        if verbose or sys.stderr.isatty():
            click.echo(message, err=True)

    return show
