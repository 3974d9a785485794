"""`models.lock` in the packages folder: what each package was when it came, to the byte.

It says where a package came from, the size and SHA-256 of the file that it came in, and of each file that it holds.
"""

import hashlib
import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pipeline.errors import EngineError
from pipeline.files import read_file, write_file
from pipeline.models.packages import InstalledPackage, find_broken_packages, list_packages

LOCK = "models.lock"

_DIGEST = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class LockedFile:
    """A file of a package: its name in it, size in bytes, SHA-256."""

    name: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class LockedPackage:
    """A package as it came: from where (an address or a file's name), and the size and SHA-256 of its `.argosmodel`."""

    source: str
    target: str
    version: str
    origin: str
    size: int
    sha256: str
    files: tuple[LockedFile, ...]


Lock = Mapping[tuple[str, str], LockedPackage]  # by source and target: there is one package a pair


@dataclass(frozen=True, slots=True)
class Finding:
    """What is wrong with a package, or a file of it, and what to do."""

    place: str
    fact: str
    hint: str


def read_lock(folder: Path) -> Lock:
    """Read the lock file of a packages folder; without one nothing is locked. Raises EngineError for a damaged one."""
    path = folder / LOCK
    content = read_file(path)
    if content is None:
        return {}
    try:
        packages = [_parse_package(row) for row in json.loads(content)["packages"]]
    except (ValueError, TypeError, KeyError, RecursionError):
        hint = "get it back from a copy, or delete it and install the packages again"
        raise EngineError(f"{path}: is damaged", hint) from None
    return {(package.source, package.target): package for package in packages}


def write_lock(folder: Path, lock: Lock) -> None:
    """Write the lock file of a packages folder; raises PipelineError when that fails."""
    rows = [
        {
            "from": package.source,
            "to": package.target,
            "version": package.version,
            "origin": package.origin,
            "bytes": package.size,
            "sha256": package.sha256,
            "files": [{"name": f.name, "bytes": f.size, "sha256": f.sha256} for f in package.files],
        }
        for _, package in sorted(lock.items())
    ]
    write_file(folder / LOCK, (json.dumps({"packages": rows}, ensure_ascii=False, indent=1) + "\n").encode())


def find_locked(lock: Lock, package: InstalledPackage) -> LockedPackage | None:
    """Return what is locked for an installed package, None where it came otherwise than through us."""
    locked = lock.get((package.source, package.target))
    return locked if locked and locked.version == package.version else None


def verify_packages(folder: Path) -> tuple[Finding, ...]:
    """Compare all packages of a folder with its lock file, and return what differs; every byte is read.

    Raises EngineError when the lock file or a package cannot be read.
    """
    lock, packages = read_lock(folder), list_packages(folder)
    findings = []
    for error in find_broken_packages(folder):
        place, _, fact = error.message.removeprefix(f"{folder}{os.sep}").partition(": ")
        findings.append(Finding(place, fact, error.hint))
    for package in packages:
        findings += verify_package(package, find_locked(lock, package))
    there = {(p.source, p.target, p.version) for p in packages}
    for locked in lock.values():
        if (locked.source, locked.target, locked.version) not in there:
            name = f"{locked.source}→{locked.target} {locked.version}"
            findings.append(Finding(LOCK, f"{name} is not installed", _reinstall(locked.source, locked.target)))
    return tuple(findings)


def verify_package(package: InstalledPackage, locked: LockedPackage | None) -> tuple[Finding, ...]:
    """Compare a package's files with what is locked; raises EngineError when one cannot be read."""
    name, hint = package.path.name, _reinstall(package.source, package.target)
    if not locked:
        return (Finding(name, f"is not in {LOCK}, so that nobody knows what it was when it came", hint),)
    expected = {file.name: file for file in locked.files}
    findings = []
    try:
        found = {p.relative_to(package.path).as_posix(): p for p in package.path.rglob("*") if not p.is_dir()}
        for part in sorted({*expected, *found}):
            if part not in found:
                findings.append(Finding(f"{name}/{part}", "is missing", hint))
            elif part not in expected:
                findings.append(Finding(f"{name}/{part}", "did not come with the package", hint))
            elif not _is_unchanged(found[part], expected[part]):
                findings.append(Finding(f"{name}/{part}", "is not what it was when it came", hint))
    except OSError as error:
        raise EngineError(f"{package.path}: cannot be read ({error.strerror})", "check its permissions") from None
    return tuple(findings)


def _is_unchanged(path: Path, file: LockedFile) -> bool:
    if path.is_symlink() or path.stat().st_size != file.size:
        return False
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest() == file.sha256


def _reinstall(source: str, target: str) -> str:
    return f"install it again: passerelle models install {source} {target}"


def _parse_package(row: Mapping[str, object]) -> LockedPackage:
    texts = [row[key] for key in ("from", "to", "version", "origin")]
    files = row["files"]
    if not all(isinstance(text, str) for text in texts) or not isinstance(files, list):
        raise ValueError(row)
    source, target, version, origin = map(str, texts)
    size, sha256 = _parse_digest(row)
    return LockedPackage(source, target, version, origin, size, sha256, tuple(map(_parse_file, files)))


def _parse_file(row: Mapping[str, object]) -> LockedFile:
    if not isinstance(row["name"], str):
        raise TypeError(row)
    return LockedFile(row["name"], *_parse_digest(row))


def _parse_digest(row: Mapping[str, object]) -> tuple[int, str]:
    size, sha256 = row["bytes"], row["sha256"]
    if not isinstance(size, int) or not isinstance(sha256, str) or not _DIGEST.fullmatch(sha256):
        raise ValueError(row)
    return size, sha256
