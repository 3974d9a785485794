"""`passerelle cache`."""

import json
import sys
from pathlib import Path

import click

from pipeline.cli.edge import cache_option, guarded, json_option


@click.group()
def cache() -> None:
    """Look after the draft cache: what engines made in earlier runs, so that no later run asks them again."""


@cache.command("info")
@json_option
@cache_option
@guarded
def show_cache(cache_folder: Path | None, *, as_json: bool) -> None:
    """Print where the cache is, how many drafts it holds and how large it is."""
    from pipeline.store import LARGEST, Store, find_folder  # noqa: PLC0415

    store = Store(cache_folder or find_folder())
    info = store.read_info()
    if as_json:
        row = {"path": info.path.as_posix(), "drafts": info.drafts, "bytes": info.bytes, "limit": LARGEST}
        click.echo(json.dumps(row, ensure_ascii=False, indent=2))
    else:
        click.echo(f"{info.path}: {info.drafts} drafts, {info.bytes / 1e6:.1f} MB of at most {LARGEST / 1e6:.0f}")
    _end(store.warnings)


@cache.command("clear")
@cache_option
@guarded
def clear_cache(cache_folder: Path | None) -> None:
    """Empty the cache. Nothing is lost but the time to draft again."""
    from pipeline.store import Store, find_folder  # noqa: PLC0415

    store = Store(cache_folder or find_folder())
    store.clear()
    _end(store.warnings)


def _end(warnings: list[str]) -> None:
    for warning in warnings:
        click.echo(f"passerelle: warning: {warning}", err=True)
    sys.exit(1 if warnings else 0)
