"""What `passerelle models list` shows: packages, what they came as, their licences, and where they lead together."""

import json
import re
from dataclasses import dataclass
from pathlib import Path

from pipeline.errors import PipelineError
from pipeline.models.lock import Lock, find_locked, read_lock
from pipeline.models.packages import InstalledPackage, find_broken_packages, list_packages
from pipeline.models.routes import find_pivots

_LICENSED = re.compile(
    r"\b[Ll]icen[cs]ed\s+(?:under\s+)?(?:an?\s+|the\s+)?(?:terms\s+of\s+(?:the\s+)?)?([A-Z][^,;()\[\]\n]{1,60})"
)
_MAX_TEXT = 1024**2  # bytes


@dataclass(frozen=True, slots=True)
class Item:
    """A package with the SHA-256 of the file that it came in, if known, and the licence that it states, if any."""

    package: InstalledPackage
    sha256: str
    licence: str


@dataclass(frozen=True, slots=True)
class Inventory:
    """The packages of a folder, the routes of two or more of them in a row, and what cannot be used or read."""

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
            lines.append(f"{p.source} → {p.target}  {p.version:8} {size}  {digest:18}  {item.licence or '-'}  {p.path}")
        return lines + [" → ".join([r[0].source, *(p.target for p in r)]) + "  by pivot" for r in self.pivots]


def take_inventory(folder: Path) -> Inventory:
    """List the packages of a folder with all that is known of them."""
    packages, problems = list_packages(folder), list[PipelineError](find_broken_packages(folder))
    lock: Lock = {}
    try:
        lock = read_lock(folder)
    except PipelineError as error:
        problems.append(error)
    items = tuple(
        Item(p, locked.sha256 if (locked := find_locked(lock, p)) else "", _find_licence(p)) for p in packages
    )
    return Inventory(items, find_pivots(packages), tuple(problems))


def _find_licence(package: InstalledPackage) -> str:
    """Return the licence that a package states, in its own words, or "" where it states none.

    Its `metadata.json` comes first (`license`), then the first line of a licence file, then what its README says that
    it is "licensed under".
    """
    fields = json.loads(_read_text(package.path / "metadata.json") or "{}")
    for key in ("license", "licence"):
        if isinstance(fields.get(key), str) and fields[key].strip():
            return _shorten(fields[key])
    for name in ("LICENSE", "LICENSE.txt", "LICENSE.md", "LICENCE", "COPYING"):
        if text := _read_text(package.path / name).strip(" \t\r\n#"):
            return _shorten(text)
    stated = _LICENSED.search(_read_text(package.path / "README.md"))
    return _shorten(stated[1]).rstrip(".") if stated else ""


def _read_text(path: Path) -> str:
    try:
        with path.open("rb") as stream:
            return stream.read(_MAX_TEXT).decode(errors="replace")
    except OSError:  # there is none, mostly
        return ""


def _shorten(text: str) -> str:
    """Return the first line of a text, in printable characters and within 80."""
    line = "".join(c if c.isprintable() else " " for c in text.strip().splitlines()[0])
    return line[:80].strip()
