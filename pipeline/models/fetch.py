"""Files over HTTP: bounded, checked, gone on with where they broke off."""

import hashlib
import json
import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.errors import EngineError
from pipeline.models.connection import ELSEWHERE, Patience, break_off, open_address, persist, show_address

if TYPE_CHECKING:
    from urllib3.response import BaseHTTPResponse

_CHUNK = 256 * 1024  # bytes

Report = Callable[[int, int | None], None]  # bytes so far, and in all if known


@dataclass(frozen=True, slots=True)
class Expected:
    """What a file has to be: its size in bytes (at most `limit`) and SHA-256, where they are known."""

    limit: int
    size: int | None = None
    sha256: str | None = None


class _OtherFileError(EngineError):
    """What comes is not the file that was expected."""


@dataclass(frozen=True, slots=True)
class _Progress:
    """What is known of a download: its address (digested, as it may hold secrets), the version there, the size."""

    address: str
    validator: str
    total: int | None


def fetch_bytes(url: str, limit: int, patience: Patience) -> bytes:
    """Return what stands at an address; raises EngineError when it cannot be had, or is over `limit` bytes."""

    def fetch() -> bytes:
        with open_address(url, {}, patience) as response:
            return response.read(limit + 1, decode_content=True)

    content = persist(url, patience, fetch)
    if len(content) > limit:
        raise EngineError(f"{show_address(url)}: is larger than {limit} bytes", ELSEWHERE)
    return content


def download_file(url: str, part: Path, expected: Expected, patience: Patience, report: Report) -> None:
    """Download a file to `part`, going on from what an earlier run left there if the file is still the same.

    That is known by the server's ETag or date, kept beside `part` with the address. Raises EngineError when the file
    cannot be had (what has come is kept), or is not the one expected (then nothing is); OSError when the disk fails.
    """

    def fetch() -> None:
        _go_on(url, part, expected, patience, report)

    try:
        persist(url, patience, fetch)
        _check_file(url, part, expected)
    except _OtherFileError:
        discard_download(part)
        raise


def discard_download(part: Path) -> None:
    """Delete a download and what is known of it."""
    part.unlink(missing_ok=True)
    _note(part).unlink(missing_ok=True)


def _check_file(url: str, part: Path, expected: Expected) -> None:
    _check_size(url, part.stat().st_size, expected)
    with part.open("rb") as stream:
        sha256 = hashlib.file_digest(stream, "sha256").hexdigest()
    if expected.sha256 and sha256 != expected.sha256:
        fact = f"its SHA-256 is {sha256}, not {expected.sha256} as announced"
        raise _OtherFileError(f"{show_address(url)}: {fact}", "nothing was installed; try again, or another source")


def _go_on(url: str, part: Path, expected: Expected, patience: Patience, report: Report) -> None:
    """Ask for what is missing of a file, and write it as it comes."""
    progress = _read_note(part, url)
    have = part.stat().st_size if progress and part.exists() else 0
    if progress and progress.total == have:
        return
    wanted = {"Range": f"bytes={have}-", "If-Range": progress.validator} if progress and have else {}
    with open_address(url, wanted, patience) as response:
        start = _find_start(response, have, progress.total if progress else None)
        if start is None:  # our part is not of this file: the next try begins anew
            discard_download(part)
            raise break_off("the file on the server has changed")
        length = response.headers.get("Content-Length", "")
        total = start + int(length) if re.fullmatch(r"[0-9]{1,15}", length) else None
        if response.headers.get("Content-Encoding", "identity") != "identity":
            raise EngineError(f"{show_address(url)}: comes compressed, which was not asked for", ELSEWHERE)
        if total is not None:
            _check_size(url, total, expected)
        with part.open("ab" if start else "wb") as sink:
            if not start:
                _write_note(part, _Progress(_digest(url), _read_validator(response), total))
            report(start, total)
            while chunk := response.read1(_CHUNK, decode_content=False):
                sink.write(chunk)
                sink.flush()  # what has come stays, even if we are killed
                start += len(chunk)
                _check_size(url, start, expected, is_whole=False)
                report(start, total)


def _find_start(response: "BaseHTTPResponse", have: int, total: int | None) -> int | None:
    """Return where the answer begins in the file: where we broke off, or at 0; None where it fits nothing."""
    if response.status == 200:  # noqa: PLR2004
        return 0
    found = re.fullmatch(r"bytes ([0-9]{1,15})-[0-9]{1,15}/([0-9]{1,15})", response.headers.get("Content-Range", ""))
    fits = response.status == 206 and found and int(found[1]) == have and total in (None, int(found[2]))  # noqa: PLR2004
    return have if fits else None


def _read_validator(response: "BaseHTTPResponse") -> str:
    """Return what tells this version of the file from another, "" where the server says nothing that would."""
    tag = response.headers.get("ETag", "")
    return tag if tag.startswith('"') else response.headers.get("Last-Modified", "")


def _check_size(url: str, size: int, expected: Expected, *, is_whole: bool = True) -> None:
    limit = expected.limit if expected.size is None else expected.size
    if size > limit or (is_whole and expected.size not in (None, size)):
        fact = f"has {size} bytes, not {limit} as announced" if expected.size is not None else f"is over {limit} bytes"
        raise _OtherFileError(f"{show_address(url)}: {fact}", "nothing was installed; try again, or another source")


def _digest(url: str) -> str:
    return hashlib.sha256(url.encode()).hexdigest()


def _note(part: Path) -> Path:
    return part.with_name(f"{part.name}.json")


def _read_note(part: Path, url: str) -> _Progress | None:
    """Return what is known of a download of this address, if it can be gone on with."""
    try:
        fields = json.loads(_note(part).read_bytes())
        progress = _Progress(str(fields["address"]), str(fields["validator"]), fields["total"])
    except (OSError, ValueError, TypeError, KeyError):
        return None
    return progress if progress.address == _digest(url) and progress.validator else None


def _write_note(part: Path, progress: _Progress) -> None:
    fields = {"address": progress.address, "validator": progress.validator, "total": progress.total}
    with suppress(OSError):  # then a later run begins anew
        _note(part).write_text(json.dumps(fields), encoding="utf-8")
