"""`preview`: the site on this machine alone, made anew when a catalog is saved."""

import os
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from pipeline.errors import PipelineError

_HOST = "127.0.0.1"
_INTERVAL = 0.5  # seconds between two looks at the files
_NAMES = (_HOST, "localhost")
# What pages are made of, below the workspace.
_WATCHED = ("passerelle.toml", "translations/*/*", "glossary/no-break.txt", "templates/**/*")


class _Handler(SimpleHTTPRequestHandler):
    """Serves files, silently, to browsers that asked for this machine by name."""

    def log_message(self, *_: object) -> None:
        return

    def list_directory(self, path: str | os.PathLike[str]) -> None:
        del path  # a web server at its destination shows no folder either
        self.send_error(404)

    def send_head(self):  # type: ignore[no-untyped-def]  # noqa: ANN202 - typeshed has no public name for it
        # A page elsewhere may have its own name point to this machine (DNS rebinding).
        if self.headers.get("Host", "").partition(":")[0] not in _NAMES:
            self.send_error(403)
            return None
        return super().send_head()

    def end_headers(self) -> None:
        self.send_header("Cache-Control", "no-store")
        super().end_headers()


@contextmanager
def serve(root: Path, port: int) -> Iterator[str]:
    """Serve a folder on the loopback interface while the context lasts; yield its address. Port 0 is any free one.

    Raises PipelineError for a port that is taken.
    """
    try:
        server = ThreadingHTTPServer((_HOST, port), partial(_Handler, directory=str(root)))
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise PipelineError(f"port {port}: {reason}", "choose another with --port") from None
    with server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield f"http://{_HOST}:{server.server_port}/"
        finally:
            server.shutdown()


# Times and sizes of the files that pages are made of.
Stock = Mapping[Path, tuple[int, int]]


def watch(workspace: Path, before: Stock, rebuild: Callable[[], None], stop: threading.Event) -> None:
    """Call `rebuild` whenever a file that pages are made of is no longer as it was `before`, until `stop` is set."""
    while not stop.wait(_INTERVAL):
        now = take_stock(workspace)
        if now != before:
            before = now
            rebuild()


def take_stock(workspace: Path) -> Stock:
    """Return the times and sizes of the files that pages are made of."""
    seen = {}
    for pattern in _WATCHED:
        for path in workspace.glob(pattern):
            try:
                status = path.stat()
            except OSError:  # saved by renaming, just now
                continue
            seen[path] = (status.st_mtime_ns, status.st_size)
    return seen
