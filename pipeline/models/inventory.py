"""What `passerelle models list` shows: packages, what they came as, their licences, and where they lead together."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from pipeline.errors import PipelineError
from pipeline.models.archive import open_archive
from pipeline.models.locations import list_shipped
from pipeline.models.lock import Lock, find_locked, read_lock
from pipeline.models.packages import InstalledPackage, find_broken_packages, list_packages
from pipeline.models.routes import find_pivots

_LICENSED = re.compile(
    r"\b[Ll]icen[cs]ed\s+(?:under\s+)?(?:an?\s+|the\s+)?(?:terms\s+of\s+(?:the\s+)?)?([A-Z][^,;()\[\]\n]{1,60})"
)
_MAX_TEXT = 1024**2  # bytes


@dataclass(frozen=True, slots=True)
class Item:
    """A package with the SHA-256 of the file that it came in, if known, and the licence that it states, if any.

    The path of one that comes with Passerelle is that file.
    """

    package: InstalledPackage
    sha256: str
    licence: str
    is_ours: bool = False


@dataclass(frozen=True, slots=True)
class Inventory:
    """The packages of a folder and ours, the routes of two or more of the former in a row, and what cannot be used."""

    items: tuple[Item, ...]
    pivots: tuple[tuple[InstalledPackage, ...], ...]
    problems: tuple[PipelineError, ...]

    def to_json(self) -> dict[str, object]:
        """Return what `--json` prints."""
        packages = [
            {
                "from": item.package.source,
                "to": item.package.target,
                "version": item.package.version,
                "bytes": item.package.size,
                "sha256": item.sha256 or None,
                "licence": item.licence or None,
                "path": item.package.path.as_posix(),
                "comes_with_passerelle": item.is_ours,
            }
            for item in self.items
        ]
        pivots = [{"from": r[0].source, "to": r[-1].target, "by": [p.target for p in r[:-1]]} for r in self.pivots]
        return {"packages": packages, "pivots": pivots}

    def lines(self) -> list[str]:
        """Return what is printed, a package or route a line."""
        lines = []
        for item in self.items:
            p, digest = item.package, item.sha256[:16] or "not in models.lock"
            size = f"{p.size / 1e6:7.1f} MB"
            place = "comes with Passerelle" if item.is_ours else p.path
            lines.append(f"{p.source} → {p.target}  {p.version:8} {size}  {digest:18}  {item.licence or '-'}  {place}")
        return lines + [" → ".join([r[0].source, *(p.target for p in r)]) + "  by pivot" for r in self.pivots]


def take_inventory(folder: Path) -> Inventory:
    """List the packages of a folder, and those that come with Passerelle, with all that is known of them."""
    packages, problems = list_packages(folder), list[PipelineError](find_broken_packages(folder))
    lock: Lock = {}
    try:
        lock = read_lock(folder)
    except PipelineError as error:
        problems.append(error)
    items = [
        Item(p, locked.sha256 if (locked := find_locked(lock, p)) else "", _find_licence(partial(_read_file, p.path)))
        for p in packages
    ]
    for file in list_shipped():
        try:
            items.append(_read_shipped(file))
        except PipelineError as error:
            problems.append(error)
    return Inventory(tuple(items), find_pivots(packages), tuple(problems))


def _find_licence(read: Callable[[str], bytes]) -> str:
    """Return the licence that a package states, in its own words, or "" where it states none.

    `read` returns the beginning of a file of the package, or b"" where there is none.

    Its `metadata.json` comes first (`license`), then the first line of a licence file, then what its README says that
    it is "licensed under".
    """
    fields = json.loads(read("metadata.json") or b"{}")
    for key in ("license", "licence"):
        if isinstance(fields.get(key), str) and fields[key].strip():
            return _shorten(fields[key])
    for name in ("LICENSE", "LICENSE.txt", "LICENSE.md", "LICENCE", "COPYING"):
        if text := read(name).decode(errors="replace").strip(" \t\r\n#"):
            return _shorten(text)
    stated = _LICENSED.search(read("README.md").decode(errors="replace"))
    return _shorten(stated[1]).rstrip(".") if stated else ""


def _read_shipped(file: Path) -> Item:
    with open_archive(file) as archive:
        size = sum(entry.file_size for entry in archive.zip.infolist())
        package = InstalledPackage(file, archive.source, archive.target, archive.version, size)
        return Item(package, archive.sha256, _find_licence(archive.read_file), is_ours=True)


def _read_file(folder: Path, name: str) -> bytes:
    try:
        with (folder / name).open("rb") as stream:
            return stream.read(_MAX_TEXT)
    except OSError:  # there is none, mostly
        return b""


def _shorten(text: str) -> str:
    """Return the first line of a text, in printable characters and within 80."""
    line = "".join(c if c.isprintable() else " " for c in text.strip().splitlines()[0])
    return line[:80].strip()
