"""`passerelle models`."""

import json
import sys
from pathlib import Path

import click

from pipeline.cli.edge import complain, guarded, json_option


@click.group()
def models() -> None:
    """List, install and remove Argos Translate packages."""


@models.command("list")
@json_option
@guarded
def list_models(*, as_json: bool) -> None:
    """Print the installed packages: languages, version, size, folder."""
    from pipeline.models import find_broken_packages, list_packages, packages_folder  # noqa: PLC0415

    packages, broken = list_packages(), find_broken_packages()
    for error in broken:
        complain(error)
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
@guarded
def install_model(files: tuple[Path, ...]) -> None:
    """Install Argos packages from FILEs (.argosmodel); a package of the same pair is replaced."""
    from pipeline.models import install_package  # noqa: PLC0415

    for file in files:
        package = install_package(file)
        click.echo(f"installed {package.source} → {package.target} {package.version} in {package.path}")


@models.command("remove")
@click.argument("source", metavar="FROM")
@click.argument("target", metavar="TO")
@guarded
def remove_model(source: str, target: str) -> None:
    """Remove the packages that translate FROM one language TO another, as in `models remove fr en`."""
    from pipeline.models import remove_package  # noqa: PLC0415

    for package in remove_package(source, target):
        click.echo(f"removed {package.source} → {package.target} {package.version} from {package.path}")
