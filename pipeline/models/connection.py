"""Connections to servers that nobody vouches for: timed, a few redirects, certificates checked.

By urllib3, which leaves every decision to us: it sends no cookies and no passwords of `.netrc`, trusts the system's
certificates, notices an answer that is cut short, and unpacks compressed ones within bounds. Proxies are those of the
environment (`https_proxy`, `no_proxy`), as for Argos Translate itself; this machine is never asked through one.
"""

import re
import time
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import unquote_to_bytes, urljoin, urlsplit

from pipeline.errors import EngineError

if TYPE_CHECKING:
    from urllib3 import PoolManager
    from urllib3.response import BaseHTTPResponse

MAX_REDIRECTS = 5
ELSEWHERE = "check the address and the network, or install from files: passerelle models install FROM TO --from FOLDER"

_RETRIED = {408, 429, 500, 502, 503, 504}
_AGAIN = "run it again, and it goes on from there"

Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to go on: seconds of silence, connections in all, seconds before the second (then twice as many)."""

    silence: float = 30.0
    tries: int = 6
    pause: float = 1.0


def is_address(text: str) -> bool:
    """Tell whether a text is written like an address of the web; other schemes are never followed."""
    return bool(re.fullmatch(r"https?://[!-~]+", text, re.IGNORECASE) and join_address(text, "."))


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


def persist(url: str, patience: Patience, fetch: Callable[[], Answer]) -> Answer:
    """Call `fetch` until it neither breaks off nor runs into silence, or patience ends (EngineError)."""
    from urllib3 import exceptions  # noqa: PLC0415

    final = (exceptions.LocationValueError, exceptions.DecodeError)
    unreachable = (
        exceptions.NewConnectionError,
        exceptions.ConnectTimeoutError,
        exceptions.SSLError,
        exceptions.ProxyError,
    )
    fact = ""
    for attempt in range(patience.tries):
        if attempt:
            time.sleep(patience.pause * 2 ** (attempt - 1))
        try:
            return fetch()
        except exceptions.HTTPError as error:
            fact = _word(error)
            if isinstance(error, final) or (isinstance(error, unreachable) and not attempt):
                raise EngineError(f"{show_address(url)}: {fact}", ELSEWHERE) from None
    raise EngineError(f"{show_address(url)}: {fact} ({patience.tries} times)", f"{_AGAIN}; or {ELSEWHERE}")


@contextmanager
def open_address(url: str, headers: dict[str, str], patience: Patience) -> "Iterator[BaseHTTPResponse]":
    """Open an address, following a few redirects, never from https to http; raises what `persist` handles."""
    start = url
    for _ in range(MAX_REDIRECTS + 1):
        with _connect(url, patience) as pool:
            asked = {"Accept-Encoding": "identity", "User-Agent": "passerelle", **headers, **_authorize(url)}
            response = pool.request("GET", url, headers=asked, redirect=False, preload_content=False)
            with closing(response):
                target = response.get_redirect_location()
                if not target:
                    _check_status(url, response)
                    yield response
                    return
            target = join_address(url, target)
        if not is_address(target) or urlsplit(target).scheme < urlsplit(url).scheme:
            raise EngineError(f"{show_address(url)}: sends us to {target!r:.200}, where we do not go", ELSEWHERE)
        url = target
    raise EngineError(f"{show_address(start)}: sends us on more than {MAX_REDIRECTS} times", ELSEWHERE)


def _authorize(url: str) -> dict[str, str]:
    """Return the header for the user and password of an address; no other ones are ever sent."""
    return {"Authorization": basic} if (basic := _read_secret(url)) else {}


def _read_secret(url: str) -> str:
    secret = urlsplit(url).netloc.rpartition("@")[0]
    return f"Basic {b64encode(unquote_to_bytes(secret)).decode()}" if secret else ""


def _check_status(url: str, response: "BaseHTTPResponse") -> None:
    if response.status in _RETRIED:
        raise break_off(f"the server answers {response.status}")
    if response.status not in {200, 206, 416}:
        reason = "".join(filter(str.isprintable, response.reason or ""))
        raise EngineError(f"{show_address(url)}: the server answers {response.status} {reason:.60}".rstrip(), ELSEWHERE)


@contextmanager
def _connect(url: str, patience: Patience) -> "Iterator[PoolManager]":
    from urllib.request import getproxies, proxy_bypass  # noqa: PLC0415

    from urllib3 import PoolManager, ProxyManager, Timeout  # noqa: PLC0415
    from urllib3.util import parse_url  # noqa: PLC0415

    address = parse_url(url)
    host, scheme = address.host or "", address.scheme or ""
    is_direct = host in {"localhost", "127.0.0.1", "[::1]"} or proxy_bypass(host)
    timeout = Timeout(connect=patience.silence, read=patience.silence)
    proxy = None if is_direct else getproxies().get(scheme)
    if proxy:
        headers = {"Proxy-Authorization": secret} if (secret := _read_secret(proxy)) else None
        pool: PoolManager = ProxyManager(proxy, proxy_headers=headers, timeout=timeout, retries=False)
    else:
        pool = PoolManager(timeout=timeout, retries=False)
    with pool:
        yield pool


def break_off(fact: str) -> Exception:
    """Return an error after which `persist` tries again."""
    from urllib3.exceptions import HTTPError  # noqa: PLC0415

    return HTTPError(fact)


def _word(error: Exception) -> str:
    """Word an error of urllib3 in one line."""
    from urllib3 import exceptions  # noqa: PLC0415

    if isinstance(error, exceptions.TimeoutError) and not isinstance(error, exceptions.NewConnectionError):
        return "the server is silent"
    if isinstance(error, exceptions.IncompleteRead | exceptions.ProtocolError):
        return "the connection broke off"
    if isinstance(error, exceptions.ProxyError):
        return "the proxy does not answer, or does not let us through"
    if type(error) is exceptions.HTTPError:  # our own
        return str(error)
    text = "".join(c if c.isprintable() else " " for c in str(error)).rpartition(": ")[2]
    return f"cannot be read ({text or type(error).__name__:.200})"
