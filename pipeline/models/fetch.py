"""Files over HTTP, from servers that nobody vouches for: bounded, timed, resumed where they broke off.

By urllib3, which leaves every decision to us: it sends no cookies and no passwords of `.netrc`, trusts the system's
certificates, notices an answer that is cut short, and unpacks compressed ones within bounds. Proxies are those of the
environment (`https_proxy`, `no_proxy`), as for Argos Translate itself; this machine is never asked through one.
"""

import hashlib
import json
import re
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import urljoin, urlsplit

from pipeline.errors import EngineError

if TYPE_CHECKING:
    from urllib3 import PoolManager
    from urllib3.response import BaseHTTPResponse

MAX_REDIRECTS = 5

_CHUNK = 256 * 1024  # bytes
_RETRIED = {408, 429, 500, 502, 503, 504}
_AGAIN = "run it again, and it goes on from there"
_ELSEWHERE = "check the address and the network, or install from files: passerelle models install FROM TO --from FOLDER"

Answer = TypeVar("Answer")
Report = Callable[[int, int | None], None]  # bytes so far, and in all if known


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to go on: seconds of silence, connections in all, seconds before the second (then twice as many)."""

    silence: float = 30.0
    tries: int = 6
    pause: float = 1.0


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
    """What is known of a file that is being downloaded: its address, its version on the server, its size."""

    url: str
    validator: str
    total: int | None


def is_address(text: str) -> bool:
    """Tell whether a text is written like an address of the web; other schemes are never followed."""
    return bool(re.fullmatch(r"https?://[!-~]+", text, re.IGNORECASE))


def join_address(base: str, link: str) -> str:
    """Return the address of a link found at another, "" where it makes none."""
    try:
        return urljoin(base, link)
    except ValueError:
        return ""


def show_address(url: str) -> str:
    """Return an address without what may be secret in it: user, password, query."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"


def fetch_bytes(url: str, limit: int, patience: Patience) -> bytes:
    """Return what stands at an address; raises EngineError when it cannot be had, or is over `limit` bytes."""

    def fetch() -> bytes:
        with _open(url, {}, patience) as response:
            return response.read(limit + 1, decode_content=True)

    content = _persist(url, patience, fetch)
    if len(content) > limit:
        raise EngineError(f"{show_address(url)}: is larger than {limit} bytes", _ELSEWHERE)
    return content


def download_file(url: str, part: Path, expected: Expected, patience: Patience, report: Report) -> None:
    """Download a file to `part`, going on from what an earlier run left there if the file is still the same.

    That is known by the server's ETag or date, kept beside `part` with the address. Raises EngineError when the file
    cannot be had (what has come is kept), or is not the one expected (then nothing is); OSError when the disk fails.
    """

    def fetch() -> None:
        _go_on(url, part, expected, patience, report)

    try:
        _persist(url, patience, fetch)
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


def _persist(url: str, patience: Patience, fetch: Callable[[], Answer]) -> Answer:
    """Call `fetch` until it neither breaks off nor runs into silence, or patience ends (EngineError)."""
    from urllib3 import exceptions  # noqa: PLC0415

    final = (exceptions.LocationValueError, exceptions.DecodeError)
    unreachable = (exceptions.NewConnectionError, exceptions.ConnectTimeoutError, exceptions.SSLError)

    fact = ""
    for attempt in range(patience.tries):
        if attempt:
            time.sleep(patience.pause * 2 ** (attempt - 1))
        try:
            return fetch()
        except exceptions.HTTPError as error:
            fact = _word(error)
            if isinstance(error, final) or (isinstance(error, unreachable) and not attempt):
                raise EngineError(f"{show_address(url)}: {fact}", _ELSEWHERE) from None
    raise EngineError(f"{show_address(url)}: {fact} ({patience.tries} times)", f"{_AGAIN}; or {_ELSEWHERE}")


def _go_on(url: str, part: Path, expected: Expected, patience: Patience, report: Report) -> None:
    """Ask for what is missing of a file, and write it as it comes."""
    progress = _read_note(part, url)
    have = part.stat().st_size if progress and part.exists() else 0
    if progress and progress.total == have:
        return
    wanted = {"Range": f"bytes={have}-", "If-Range": progress.validator} if progress and have else {}
    with _open(url, wanted, patience) as response:
        start = _find_start(response, have, progress.total if progress else None)
        if start is None:  # our part is not of this file: the next try begins anew
            discard_download(part)
            raise _broken("the file on the server has changed")
        length = response.headers.get("Content-Length", "")
        total = start + int(length) if re.fullmatch(r"[0-9]{1,15}", length) else None
        if response.headers.get("Content-Encoding", "identity") != "identity":
            raise EngineError(f"{show_address(url)}: comes compressed, which was not asked for", _ELSEWHERE)
        if total is not None:
            _check_size(url, total, expected)
        with part.open("ab" if start else "wb") as sink:
            if not start:
                _write_note(part, _Progress(url, _read_validator(response), total))
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


@contextmanager
def _open(url: str, headers: dict[str, str], patience: Patience) -> "Iterator[BaseHTTPResponse]":
    """Open an address, following a few redirects, never from https to http; raises what `_persist` handles."""
    start = url
    for _ in range(MAX_REDIRECTS + 1):
        with _connect(url, patience) as pool:
            asked = {"Accept-Encoding": "identity", "User-Agent": "passerelle", **headers}
            response = pool.request("GET", url, headers=asked, redirect=False, preload_content=False)
            with closing(response):
                target = response.get_redirect_location()
                if not target:
                    _check_status(url, response)
                    yield response
                    return
            target = join_address(url, target)
        if not is_address(target) or urlsplit(target).scheme < urlsplit(url).scheme:
            raise EngineError(f"{show_address(url)}: sends us to {target!r:.200}, where we do not go", _ELSEWHERE)
        url = target
    raise EngineError(f"{show_address(start)}: sends us on more than {MAX_REDIRECTS} times", _ELSEWHERE)


def _check_status(url: str, response: "BaseHTTPResponse") -> None:
    if response.status in _RETRIED:
        raise _broken(f"the server answers {response.status}")
    if response.status not in {200, 206, 416}:
        reason = "".join(filter(str.isprintable, response.reason or ""))
        raise EngineError(
            f"{show_address(url)}: the server answers {response.status} {reason:.60}".rstrip(), _ELSEWHERE
        )


@contextmanager
def _connect(url: str, patience: Patience) -> "Iterator[PoolManager]":
    from urllib.request import getproxies, proxy_bypass  # noqa: PLC0415

    from urllib3 import PoolManager, ProxyManager, Timeout, make_headers  # noqa: PLC0415
    from urllib3.util import parse_url  # noqa: PLC0415

    address = parse_url(url)
    host, scheme = address.host or "", address.scheme or ""
    is_direct = host in {"localhost", "127.0.0.1", "[::1]"} or proxy_bypass(host)
    timeout = Timeout(connect=patience.silence, read=patience.silence)
    proxy = None if is_direct else getproxies().get(scheme)
    if proxy:
        secret = parse_url(proxy).auth
        headers = make_headers(proxy_basic_auth=secret) if secret else None
        pool: PoolManager = ProxyManager(proxy, proxy_headers=headers, timeout=timeout, retries=False)
    else:
        pool = PoolManager(timeout=timeout, retries=False)
    with pool:
        yield pool


def _broken(fact: str) -> Exception:
    from urllib3.exceptions import HTTPError  # noqa: PLC0415

    return HTTPError(fact)


def _word(error: Exception) -> str:
    """Word an error of urllib3 in one line."""
    from urllib3 import exceptions  # noqa: PLC0415

    if isinstance(error, exceptions.TimeoutError) and not isinstance(error, exceptions.NewConnectionError):
        return "the server is silent"
    if isinstance(error, exceptions.IncompleteRead | exceptions.ProtocolError):
        return "the connection broke off"
    if type(error) is exceptions.HTTPError:  # our own
        return str(error)
    text = "".join(c if c.isprintable() else " " for c in str(error)).rpartition(": ")[2]
    return f"cannot be read ({text or type(error).__name__:.200})"


def _note(part: Path) -> Path:
    return part.with_name(f"{part.name}.json")


def _read_note(part: Path, url: str) -> _Progress | None:
    """Return what is known of a download of this address, if it can be gone on with."""
    try:
        fields = json.loads(_note(part).read_bytes())
        progress = _Progress(str(fields["url"]), str(fields["validator"]), fields["total"])
    except (OSError, ValueError, TypeError, KeyError):
        return None
    return progress if progress.url == url and progress.validator else None


def _write_note(part: Path, progress: _Progress) -> None:
    fields = {"url": progress.url, "validator": progress.validator, "total": progress.total}
    with suppress(OSError):  # then a later run begins anew
        _note(part).write_text(json.dumps(fields), encoding="utf-8")
