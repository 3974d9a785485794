"""Files are written whole or not at all: aside, synced, renamed into place; and read."""

import contextlib
import errno
import os
import time
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path

from pipeline.errors import PipelineError

_WAITS, _WAIT = 20, 0.05  # seconds


def write_file(path: Path, data: bytes, *, sync: bool = True) -> bool:
    """Write `data` to `path` unless it stands there already; return whether the file changed.

    Without `sync` a power failure may cost the file, never half of it: for what any later run makes again.
    Raises PipelineError when the disk is full or read-only; the file is then as it was.
    """
    if read_file(path) == data:
        return False
    return _replace(path, data, sync=sync)


def update_file(path: Path, update: Callable[[bytes | None], bytes]) -> bool:
    """Rewrite `path` with `update(its bytes, or None)`; return whether the file changed.

    When another program saves the file in between, `update` is asked again with what that program wrote, so that
    its work is merged and not overwritten.
    """
    while True:
        before = _read_settled(path)
        after = update(before)
        if after == before:
            return False
        if _replace(path, after, expected=before):
            return True


def read_data(name: str) -> str:
    """Return the text of a file of pipeline/data, where language knowledge stands."""
    return files("pipeline").joinpath("data", name).read_text(encoding="utf-8")


def read_file(path: Path) -> bytes | None:
    """Return the bytes of a file, or None where there is none; raises PipelineError when it cannot be read."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise describe_failure(path, error) from None


def _read_settled(path: Path) -> bytes | None:
    """Read a file; wait for what an editor is about to write into one that it has just emptied."""
    data = read_file(path)
    for _ in range(_WAITS):
        if data != b"":
            break
        time.sleep(_WAIT)
        data = read_file(path)
    return data


_ANYTHING = object()


def _replace(path: Path, data: bytes, *, expected: object = _ANYTHING, sync: bool = True) -> bool:
    """Put `data` in the place of `path`, unless the file no longer holds `expected`; return whether it was done."""
    target = Path(os.path.realpath(path))  # a link stays a link
    aside = target.with_name(f".{target.name}.{os.getpid()}.tmp")
    is_done = False
    try:
        _write(aside, data, sync=sync)
        with contextlib.suppress(FileNotFoundError):
            aside.chmod(target.stat().st_mode & 0o7777)
        if expected is _ANYTHING:
            aside.replace(target)
            is_done = True
        elif read_file(target) == expected:
            is_done = _swap(aside, target, expected, data)
    except OSError as error:
        raise describe_failure(path, error) from None
    finally:
        if not is_done:
            with contextlib.suppress(OSError):
                aside.unlink(missing_ok=True)
    return is_done


def _swap(aside: Path, target: Path, expected: object, data: bytes) -> bool:
    """Put `aside` in the place of a file that holds `expected`, even if it is saved this very moment.

    Both change places in one step, so that a save in between is found aside and put back; return whether ours stands.
    """
    if expected is None:
        try:
            os.link(aside, target)
        except FileExistsError:
            return False
        except OSError:  # a disk without links
            aside.replace(target)
        else:
            aside.unlink()
        return True
    if not exchange_files(aside, target):  # not on this system: a save in the next microseconds would be lost
        aside.replace(target)
        return True
    displaced, standing = read_file(aside), data
    if displaced == expected:
        aside.unlink()
        return True
    # What they saved goes back, and what they save in the meantime goes after it.
    while exchange_files(aside, target) and (newer := read_file(aside)) != standing:
        displaced, standing = newer, displaced or b""
    return False


def exchange_files(one: Path, other: Path) -> bool:
    """Let two files change places in one step (renameat2 of Linux); return False where that cannot be done."""
    import ctypes  # noqa: PLC0415 (nothing heavy at import)

    here, exchange = -100, 2  # AT_FDCWD and RENAME_EXCHANGE of linux/fcntl.h and linux/fs.h
    try:
        rename = ctypes.CDLL(None, use_errno=True).renameat2
    except (OSError, AttributeError):
        return False
    return bool(rename(here, os.fsencode(one), here, os.fsencode(other), exchange) == 0)


def _write(path: Path, data: bytes, *, sync: bool) -> None:
    try:
        file = path.open("wb")
    except FileNotFoundError:
        path.parent.mkdir(parents=True, exist_ok=True)
        file = path.open("wb")
    with file:
        file.write(data)
        file.flush()
        if sync:
            os.fsync(file.fileno())


def describe_failure(path: Path, error: OSError) -> PipelineError:
    """Word what the file system answered, and the next step."""
    hints = {
        errno.ENOSPC: "free some space and run again; nothing was lost",
        errno.EDQUOT: "free some space and run again; nothing was lost",
        errno.EROFS: "choose a workspace on a writable disk (--workspace)",
        errno.EACCES: "check the permissions of the folder",
        errno.EPERM: "check the permissions of the folder",
        errno.ENAMETOOLONG: "give the article a shorter name (--name)",
    }
    hint = hints.get(error.errno or 0, "check the path and the disk")
    return PipelineError(f"{path}: {(error.strerror or str(error)).lower()}", hint)
