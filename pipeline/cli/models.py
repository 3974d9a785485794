"""`passerelle models`."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pipeline.cli.edge import complain, guarded, json_option, show_line

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

    from pipeline.models import InstalledPackage


@click.group()
def models() -> None:
    """List, install, check and remove Argos Translate packages."""


@models.command("list")
@json_option
@guarded
def list_models(*, as_json: bool) -> None:
    """Print the installed packages: languages, version, size, SHA-256 of the file they came in, licence, folder.

    After them come the packages of Passerelle itself, and the pairs of languages that two or more of the installed ones
    in a row lead between.
    """
    from pipeline.models import packages_folder  # noqa: PLC0415
    from pipeline.models.inventory import take_inventory  # noqa: PLC0415

    folder = packages_folder()
    inventory = take_inventory(folder)
    for problem in inventory.problems:
        complain(problem)
    if as_json:
        click.echo(json.dumps(inventory.to_json(), ensure_ascii=False, indent=2))
    elif inventory.items:
        for line in inventory.lines():
            click.echo(show_line(line))
    else:
        click.echo(f"no package in {folder}; install one with passerelle models install FROM TO")
    sys.exit(1 if inventory.problems else 0)


@models.command("install")
@click.argument("what", nargs=-1, metavar="[FROM TO | FILE...]")
@click.option(
    "--from",
    "place",
    metavar="PLACE",
    help="Take packages from a folder of .argosmodel files, such a file, its address, or the address of an index.  "
    "[default: Argos' index, or ARGOS_PACKAGE_INDEX]",
)
@guarded
def install_models(what: tuple[str, ...], place: str | None) -> None:
    """Install the packages that translate FROM one language TO another, as in `models install fr en`.

    It may be two, by way of a third language. FILEs (.argosmodel) are installed as they are. A package of the same pair
    is replaced. No other command uses the network.
    """
    from pipeline.models import install_package  # noqa: PLC0415
    from pipeline.models.retrieval import install_packages  # noqa: PLC0415

    pair = _read_pair(what)
    if what and not pair:
        if place:
            raise click.UsageError("--from goes with two languages, as in: models install fr en --from FOLDER")
        for file in what:
            _announce(install_package(Path(file)))
        return
    if not pair and not place:
        raise click.UsageError("say which languages, as in: models install fr en; or which files")
    with _watch() as watcher:
        for outcome in install_packages(pair, place, watcher):
            _announce(outcome.package, is_new=outcome.is_new)


@models.command("remove")
@click.argument("source", metavar="FROM")
@click.argument("target", metavar="TO")
@guarded
def remove_model(source: str, target: str) -> None:
    """Remove the packages that translate FROM one language TO another, as in `models remove fr en`."""
    from pipeline.models import find_shipped, remove_package  # noqa: PLC0415

    removed = remove_package(source, target)
    for package in removed:
        click.echo(f"removed {package.source} → {package.target} {package.version} from {package.path}")
    if not removed:
        click.echo(f"removed {source} → {target} from models.lock; it was not installed")
    if find_shipped(source, target):
        click.echo(f"the package {source} → {target} that comes with Passerelle is used from now on")


@models.command("verify")
@json_option
@guarded
def verify_models(*, as_json: bool) -> None:
    """Compare all installed packages with models.lock, byte for byte; exit with 1 where one is not what came."""
    from pipeline.models import packages_folder  # noqa: PLC0415
    from pipeline.models.lock import verify_packages  # noqa: PLC0415
    from pipeline.models.own import verify_own  # noqa: PLC0415

    findings = verify_packages(packages_folder()) + verify_own()
    if as_json:
        rows = [{"place": f.place, "fact": f.fact, "hint": f.hint} for f in findings]
        click.echo(json.dumps(rows, ensure_ascii=False, indent=2))
    else:
        for f in findings:
            click.echo(show_line(f"{f.place}: {f.fact}; {f.hint}"))
        if not findings:
            click.echo("all packages are what they were when they came")
    sys.exit(1 if findings else 0)


def _read_pair(what: tuple[str, ...]) -> tuple[str, str] | None:
    from pipeline.models.metadata import is_language  # noqa: PLC0415

    if len(what) == 2 and all(map(is_language, what)) and not any(Path(word).is_file() for word in what):  # noqa: PLR2004
        return what[0], what[1]
    return None


def _announce(package: "InstalledPackage", *, is_new: bool = True) -> None:
    verb = "installed" if is_new else "already there:"
    click.echo(f"{verb} {package.source} → {package.target} {package.version} in {package.path}")


class _Terminal:
    """Shows what is going on with downloads, on standard error; bars for people, lines for logs."""

    def __init__(self, bars: "Progress") -> None:
        self._bars = bars
        self._task: tuple[str, TaskID] | None = None

    def note(self, message: str) -> None:
        """Print a message above the bar."""
        click.echo(f"passerelle: {show_line(message)}", err=True)

    def advance(self, name: str, done: int, total: int | None) -> None:
        """Move the bar of a file; there is one at a time."""
        if not self._task or self._task[0] != name:
            if self._task:
                self._bars.remove_task(self._task[1])
            self._task = (name, self._bars.add_task(name.rpartition("/")[2], total=total, completed=done))
        self._bars.update(self._task[1], completed=done, total=total)


@contextmanager
def _watch() -> Iterator[_Terminal]:
    from rich.console import Console  # noqa: PLC0415
    from rich.progress import (  # noqa: PLC0415
        BarColumn,
        DownloadColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
        TransferSpeedColumn,
    )

    console = Console(stderr=True)
    columns = (TextColumn("{task.description}", markup=False), BarColumn(), DownloadColumn())
    with Progress(
        *columns,
        TransferSpeedColumn(),
        TimeRemainingColumn(),
        console=console,
        transient=True,
        disable=not console.is_terminal,
        redirect_stdout=sys.stdout.isatty(),  # else a result would be printed into the bar
    ) as bars:
        yield _Terminal(bars)
