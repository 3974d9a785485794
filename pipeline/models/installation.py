"""Packages are put in and taken out by renaming: whoever looks meanwhile finds whole packages, the old or the new."""

import errno
import os
import re
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from pipeline.errors import EngineError
from pipeline.files import exchange_files
from pipeline.models.archive import Archive, open_archive, refuse
from pipeline.models.fetch import discard_download
from pipeline.models.locations import find_shipped, packages_folder
from pipeline.models.lock import LOCK, LockedPackage, read_lock, write_lock
from pipeline.models.packages import InstalledPackage, list_packages

DIGITS = 16  # of a digest in a name


def install_package(
    file: Path,
    folder: Path | None = None,
    *,
    name: str = "",
    pair: tuple[str, str] | None = None,
    is_locked: bool = False,
    is_digested: bool = False,
) -> InstalledPackage:
    """Install an `.argosmodel` file into `folder` (default: `packages_folder()`), and return what was installed.

    The file is checked before anything is written, unpacked beside `folder`, renamed into it, and noted in its lock
    file. There is one package a pair: what is installed last replaces every other version of it, older or newer.
    `name` stands for the file in messages and in the lock file; `pair` is what it has to translate, if that is known;
    with `is_locked` it has to be the very file that the lock file has for this version; with `is_digested` the name of
    its folder ends with the digest of the file, so that no other of this version ever stands in its place.
    Raises EngineError, and changes nothing, when the file is no sound package or cannot be unpacked.
    """
    folder = folder or packages_folder()
    with open_archive(file, name) as archive:
        found = (archive.source, archive.target)
        if pair and pair != found:
            raise refuse(archive.name, f"translates {found[0]}→{found[1]}, not {pair[0]}→{pair[1]}")
        with hold_folder(folder):
            lock = read_lock(folder)
            if is_locked:
                _check_lock(archive, lock.get(found))
            ending = f"-{archive.sha256[:DIGITS]}" if is_digested else ""
            return _install(archive, folder, name or file.name, lock, ending)


def remove_package(source: str, target: str, folder: Path | None = None) -> tuple[InstalledPackage, ...]:
    """Remove every version of a pair's package from `folder` (default: `packages_folder()`), and return them.

    What the lock file has of the pair goes too, and what has come of a download. Raises EngineError when there is
    nothing to remove, or when the folder cannot be changed.
    """
    folder = folder or packages_folder()
    if not folder.is_dir():
        raise _explain_absence(source, target, folder)
    with hold_folder(folder):
        lock = read_lock(folder)
        discard_download(place_download(folder, source, target))
        removed = tuple(p for p in list_packages(folder) if (p.source, p.target) == (source, target))
        if not removed and (source, target) not in lock:
            raise _explain_absence(source, target, folder)
        with _workshop(folder) as workshop:
            _exchange(workshop, None, folder, [p.path for p in removed])
        if (source, target) in lock:
            write_lock(folder, {pair: locked for pair, locked in lock.items() if pair != (source, target)})
    return removed


def place_download(folder: Path, source: str, target: str) -> Path:
    """Return the file where a download grows: one a pair; no folder, as Argos Translate takes each for a package."""
    return folder / f".{source}_{target}.part"


@contextmanager
def hold_folder(folder: Path, wait: Callable[[], None] = lambda: None) -> Iterator[None]:
    """Keep other processes from changing a packages folder, which is made; `wait` is called if they are at it now.

    It may be nested. Raises EngineError when the folder cannot be changed.
    """
    from filelock import FileLock, Timeout  # noqa: PLC0415 (as heavy as all the rest)

    try:
        folder.mkdir(parents=True, exist_ok=True)
        mutex = FileLock(folder.resolve() / ".lock", is_singleton=True)
        try:
            mutex.acquire(blocking=False)
        except Timeout:
            wait()
            mutex.acquire()
        try:
            yield
        finally:
            mutex.release()
    except OSError as error:
        raise _explain_failure(folder, error) from None


def _install(
    archive: Archive, folder: Path, origin: str, lock: Mapping[tuple[str, str], LockedPackage], ending: str
) -> InstalledPackage:
    pair = (archive.source, archive.target)
    version = re.sub("[^A-Za-z0-9]", "_", archive.version)
    destination = folder / f"translate-{archive.source}_{archive.target}-{version}{ending}"
    with _workshop(folder) as workshop:
        files = archive.unpack(workshop)
        old = [p.path for p in list_packages(folder) if (p.source, p.target) == pair]
        _exchange(workshop, workshop / archive.top, destination, old)
    locked = LockedPackage(*pair, archive.version, origin, archive.size, archive.sha256, files)
    write_lock(folder, {**lock, pair: locked})
    return InstalledPackage(destination, *pair, archive.version, sum(file.size for file in files))


def _check_lock(archive: Archive, locked: LockedPackage | None) -> None:
    if locked and locked.version == archive.version and locked.sha256 != archive.sha256:
        pair = f"{archive.source}→{archive.target} {archive.version}"
        raise EngineError(
            f"{archive.name}: its SHA-256 is {archive.sha256}, not {locked.sha256} as {LOCK} has it for {pair}",
            "nothing was installed; if it was meant to change, remove the package first "
            f"(passerelle models remove {archive.source} {archive.target})",
        )


def _explain_absence(source: str, target: str, folder: Path) -> EngineError:
    if find_shipped(source, target):
        fact = f"the package {source}→{target} comes with Passerelle and cannot be removed"
        return EngineError(fact, "to do without it, say --engine apertium")
    there = ", ".join(f"{p.source}→{p.target}" for p in list_packages(folder)) or "none"
    return EngineError(f"{folder}: no Argos package {source}→{target} is installed", f"installed: {there}")


@contextmanager
def _workshop(folder: Path) -> Iterator[Path]:
    """Give a temporary folder beside the packages folder: in it, Argos Translate would fail over a broken package.

    What runs that were killed have left is swept out; nobody else is at work, as the folder is held.
    """
    parent, prefix = folder.resolve().parent, f".{folder.resolve().name}-passerelle-"
    for left in parent.iterdir():
        if left.name.startswith(prefix):
            shutil.rmtree(left, ignore_errors=True)
    with tempfile.TemporaryDirectory(prefix=prefix, dir=parent, ignore_cleanup_errors=True) as name:
        yield Path(name)


def _exchange(workshop: Path, new: Path | None, destination: Path, old: list[Path]) -> None:
    """Rename the new package to its destination, then the old ones into the workshop, or put all back."""
    undo: list[Callable[[], object]] = []

    def move(path: Path, to: Path) -> None:
        path.rename(to)
        undo.append(lambda: to.rename(path))

    try:
        if new and os.path.lexists(destination):
            if exchange_files(new, destination):
                undo.append(lambda: exchange_files(new, destination))
            else:  # not on this system: for a moment there is no package
                move(destination, workshop / "old")
                move(new, destination)
        elif new:
            move(new, destination)
        for number, path in enumerate(path for path in old if path != destination):
            move(path, workshop / f"old-{number}")
    except BaseException:  # an interruption too
        for step in reversed(undo):
            with suppress(OSError):
                step()
        raise


def _explain_failure(folder: Path, error: OSError) -> EngineError:
    hint = "check its permissions and its parent's, or set ARGOS_PACKAGES_DIR"
    if error.errno in {errno.ENOSPC, errno.EDQUOT}:
        hint = "free some space"
    return EngineError(f"{folder}: cannot be changed ({error.strerror or error})", hint)
