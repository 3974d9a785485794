"""Files are written whole or not at all: aside, synced, renamed into place; and read."""

import contextlib
import errno
import os
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path

from pipeline.errors import PipelineError


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
        before = read_file(path)
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
        if expected is _ANYTHING or read_file(target) == expected:
            aside.replace(target)
            is_done = True
    except OSError as error:
        raise describe_failure(path, error) from None
    finally:
        if not is_done:
            with contextlib.suppress(OSError):
                aside.unlink(missing_ok=True)
    return is_done


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
