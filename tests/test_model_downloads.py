"""Packages from an index or an address: a real server on loopback, which misbehaves, serves a real package."""

import contextlib
import gzip
import hashlib
import http.server
import json
import os
import re
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import threading
import time
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from pipeline.cli import main
from pipeline.errors import EngineError
from pipeline.models import install_package, list_packages, remove_package
from pipeline.models.connection import Patience
from pipeline.models.locations import index_address
from pipeline.models.lock import LOCK, read_lock, verify_packages
from pipeline.models.retrieval import Outcome, install_packages

MODELS = Path(__file__).parent / "models"
FR_EN, EN_ES = MODELS / "translate-fr_en-0_1.argosmodel", MODELS / "translate-en_es-0_1.argosmodel"
PACKAGE = FR_EN.read_bytes()
QUICK = Patience(silence=1, tries=4, pause=0.01)

Page = Callable[["Handler"], None]


class Handler(http.server.BaseHTTPRequestHandler):
    """Answers by the page that the test has put at the path, and notes what was asked."""

    server: "Server"

    def do_GET(self) -> None:
        self.server.asked.append((self.path, self.headers.get("Range")))
        page = self.server.pages.get(self.path)
        if page is None:
            self.send_error(404)
        else:
            page(self)

    def log_message(self, *_: object) -> None:
        pass

    def begin(self, status: int, **headers: object) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), str(value))
        self.end_headers()


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.pages: dict[str, Page] = {}
        self.asked: list[tuple[str, str | None]] = []
        self.scheme = "http"

    def at(self, path: str) -> str:
        return f"{self.scheme}://127.0.0.1:{self.server_port}{path}"

    def handle_error(self, *_: object) -> None:  # a client that went away
        pass

    def offer(self, *rows: object) -> str:
        """Serve an index, and return what ARGOS_PACKAGE_INDEX has to be."""
        self.pages["/index.json"] = serve(json.dumps(rows).encode())
        return self.at("/")


def serve(content: bytes, **headers: object) -> Page:
    def page(handler: Handler) -> None:
        handler.begin(200, Content_Length=len(content), **headers)
        handler.wfile.write(content)

    return page


def broken(content: bytes, *, cuts: int = 1, at: int = 1_500_000, tag: str | None = '"1"', pause: float = 0) -> Page:
    """Serve ranges; the first `cuts` answers end (after a silence of `pause` seconds) in the middle."""
    left = [cuts]

    def page(handler: Handler) -> None:
        wanted = handler.headers.get("Range")
        start = int(wanted[6:-1]) if wanted and handler.headers.get("If-Range") in (None, tag) else 0
        headers: dict[str, object] = {"Content_Length": len(content) - start}
        if tag:
            headers["ETag"] = tag
        if start:
            headers["Content_Range"] = f"bytes {start}-{len(content) - 1}/{len(content)}"
        handler.begin(206 if start else 200, **headers)
        end = len(content)
        if left[0]:
            left[0] -= 1
            end = start + at
        handler.wfile.write(content[start:end])
        if end < len(content):
            handler.wfile.flush()
            time.sleep(pause)
        handler.close_connection = True

    return page


def redirect(to: str) -> Page:
    return lambda handler: handler.begin(302, Location=to, Content_Length=0)


def row(source: str, target: str, *links: str, **fields: object) -> dict[str, object]:
    return {"package_version": "0.1", "from_code": source, "to_code": target, "links": list(links), **fields}


@dataclass
class Notes:
    """A watcher that remembers."""

    said: list[str] = field(default_factory=list)
    done: list[tuple[int, int | None]] = field(default_factory=list)

    def note(self, message: str) -> None:
        self.said.append(message)

    def advance(self, _: str, done: int, total: int | None) -> None:
        self.done.append((done, total))


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    with Server() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "data" / "packages"
    monkeypatch.setenv("ARGOS_PACKAGES_DIR", str(folder))
    return folder


@pytest.fixture
def index(server: Server, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    return lambda *rows: monkeypatch.setenv("ARGOS_PACKAGE_INDEX", server.offer(*rows))


def install(source: str, target: str, place: str | None = None, notes: Notes | None = None) -> list[Outcome]:
    return list(install_packages((source, target), place, notes or Notes(), patience=QUICK))


def run(*arguments: object) -> Result:
    return CliRunner().invoke(main, ["models", *map(str, arguments)], catch_exceptions=False)


def there(folder: Path) -> list[str]:
    """Return everything in and beside the packages folder but what belongs there always."""
    parent = [path.name for path in folder.parent.iterdir() if path != folder] if folder.parent.exists() else []
    inside = [path.name for path in folder.iterdir() if path.name != ".lock"] if folder.exists() else []
    return sorted(parent + inside)


def test_a_package_of_the_index_is_installed_and_locked(
    server: Server, folder: Path, index: Callable[..., None]
) -> None:
    index(row("en", "es", "/es"), row("fr", "en", "ipfs://Qm", "/fr_en.argosmodel?key=secret"), {"type": "sbd"}, 7)
    server.pages["/fr_en.argosmodel?key=secret"] = serve(PACKAGE)
    result = run("install", "fr", "en")
    assert result.exit_code == 0, result.output
    assert result.stdout == f"installed fr → en 0.1 in {folder / 'translate-fr_en-0_1'}\n"
    assert result.stderr == f"passerelle: downloading {server.at('/fr_en.argosmodel')}\n"
    assert there(folder) == [LOCK, "translate-fr_en-0_1"]
    locked = read_lock(folder)["fr", "en"]
    assert (locked.version, locked.origin) == ("0.1", server.at("/fr_en.argosmodel"))
    assert (locked.size, locked.sha256) == (len(PACKAGE), hashlib.sha256(PACKAGE).hexdigest())
    assert [file.name for file in locked.files][:2] == ["README.md", "metadata.json"]
    assert verify_packages(folder) == ()


def test_the_two_halves_of_a_pivot_are_installed_once(server: Server, folder: Path, index: Callable[..., None]) -> None:
    loop = [row("es", "fr", "/no"), row("en", "fr", "/no"), row("fr", "pt", "/no"), row("pt", "fr", "/no")]
    index(*loop, row("fr", "en", "/fr_en"), row("en", "es", "/en_es"))
    server.pages |= {"/fr_en": serve(PACKAGE), "/en_es": serve(EN_ES.read_bytes())}
    notes = Notes()
    assert [(o.package.source, o.is_new) for o in install("fr", "es", notes=notes)] == [("fr", True), ("en", True)]
    assert notes.done[-1] == (EN_ES.stat().st_size, EN_ES.stat().st_size)
    server.asked.clear()
    assert [o.is_new for o in install("fr", "es")] == [False, False]
    assert server.asked == [("/index.json", None)]
    listed = json.loads(run("list", "--json").stdout)
    assert listed["pivots"] == [{"from": "fr", "to": "es", "by": ["en"]}]
    assert "fr → en → es  by pivot" in run("list").stdout
    assert there(folder) == [LOCK, "translate-en_es-0_1", "translate-fr_en-0_1"]


def test_no_way_through_the_index_says_what_there_is(folder: Path, index: Callable[..., None]) -> None:
    index(row("fr", "en", "/a"), row("en", "de", "/b"), row("de", "es", "/c"), row("en", "fr", "/d"))
    with pytest.raises(EngineError, match="leads from fr to es, and no two in a row do; from fr it has en"):
        install("fr", "es")
    with pytest.raises(EngineError, match=r"leads from pt to es.*; from pt it has nothing"):
        install("pt", "es")
    assert not folder.exists()


def test_the_newest_version_is_taken(server: Server, folder: Path, index: Callable[..., None]) -> None:
    versions = [row("fr", "en", f"/{v}", package_version=v) for v in ("1.9", "1.10", "1.2")]
    index(*versions)
    server.pages["/1.10"] = serve(PACKAGE)
    install("fr", "en")
    assert ("/1.10", None) in server.asked
    assert list_packages(folder)


def test_a_download_cut_off_in_the_middle_goes_on_by_itself(
    server: Server, folder: Path, index: Callable[..., None]
) -> None:
    index(row("fr", "en", "/p"))
    server.pages["/p"] = broken(PACKAGE, cuts=2)
    install("fr", "en")
    assert server.asked[1:] == [("/p", None), ("/p", "bytes=1500000-"), ("/p", "bytes=3000000-")]
    assert verify_packages(folder) == ()


def test_a_later_run_goes_on_where_an_earlier_one_gave_up(
    server: Server, folder: Path, index: Callable[..., None]
) -> None:
    index(row("fr", "en", "/p"))
    server.pages["/p"] = broken(PACKAGE, cuts=4, at=500_000)
    with pytest.raises(EngineError, match=r"/p: the connection broke off \(4 times\); run it again, and it goes on"):
        install("fr", "en")
    assert list_packages(folder) == ()
    assert run("list").stdout.startswith("no package in")
    server.asked.clear()
    install("fr", "en")
    assert server.asked[1:] == [("/p", "bytes=2000000-")]
    assert there(folder) == [LOCK, "translate-fr_en-0_1"]


def test_remove_deletes_a_broken_download(server: Server, folder: Path, index: Callable[..., None]) -> None:
    index(row("fr", "en", "/p"))
    server.pages["/p"] = broken(PACKAGE, cuts=4, at=500_000)
    with pytest.raises(EngineError, match="broke off"):
        install("fr", "en")
    assert there(folder) == [".fr_en.part", ".fr_en.part.json"]
    assert run("remove", "fr", "en").exit_code == 1
    assert there(folder) == []


def test_what_has_changed_on_the_server_is_not_stitched_together(
    server: Server, folder: Path, index: Callable[..., None]
) -> None:
    index(row("fr", "en", "/p"))
    server.pages["/p"] = broken(b"x" * 3_000_000, cuts=9, at=700_000, tag='"old"')
    with pytest.raises(EngineError, match="broke off"):
        install("fr", "en")
    server.pages["/p"] = broken(PACKAGE, cuts=0, tag='"new"')
    install("fr", "en")
    assert server.asked[-1] == ("/p", "bytes=2800000-")
    assert verify_packages(folder) == ()


def test_without_a_tag_a_download_begins_again(server: Server, folder: Path, index: Callable[..., None]) -> None:
    index(row("fr", "en", "/p"))
    server.pages["/p"] = broken(PACKAGE, tag=None)
    install("fr", "en")
    assert server.asked[1:] == [("/p", None), ("/p", None)]
    assert verify_packages(folder) == ()


def test_a_range_that_does_not_fit_is_not_used(server: Server, folder: Path, index: Callable[..., None]) -> None:
    index(row("fr", "en", "/p"))
    cut = broken(PACKAGE)

    def lie(handler: Handler) -> None:
        if handler.headers.get("Range"):
            handler.begin(206, Content_Length=5, Content_Range=f"bytes 0-4/{len(PACKAGE)}")
            handler.wfile.write(PACKAGE[:5])
        else:
            cut(handler)

    server.pages["/p"] = lie
    install("fr", "en")
    assert [wanted for _, wanted in server.asked[1:]] == [None, "bytes=1500000-", None]
    assert verify_packages(folder) == ()


def test_a_slow_server_is_waited_for_and_a_silent_one_is_not(
    server: Server, folder: Path, index: Callable[..., None]
) -> None:
    index(row("fr", "en", "/p"))

    def drip(handler: Handler) -> None:
        handler.begin(200, Content_Length=len(PACKAGE))
        for at in range(0, len(PACKAGE), 500_000):
            handler.wfile.write(PACKAGE[at : at + 500_000])
            time.sleep(0.2)  # more than the second of patience, all together

    server.pages["/p"] = drip
    install("fr", "en")
    assert len(server.asked) == 2
    remove_package("fr", "en", folder)
    server.pages["/p"] = broken(PACKAGE, cuts=1, pause=3)
    install("fr", "en")
    assert server.asked[-1] == ("/p", "bytes=1500000-")


def test_redirects_are_followed_a_little(server: Server, folder: Path, index: Callable[..., None]) -> None:
    index(row("fr", "en", "/a"))
    server.pages |= {"/a": redirect("/b/c"), "/b/c": redirect(server.at("/p")), "/p": broken(PACKAGE)}
    install("fr", "en")
    assert verify_packages(folder) == ()
    remove_package("fr", "en", folder)
    server.pages["/p"] = redirect("/a")
    with pytest.raises(EngineError, match="/a: sends us on more than 5 times"):
        install("fr", "en")
    for place in ("file:///etc/passwd", "ftp://127.0.0.1/x", "javascript:1", "http://[::1"):
        server.pages["/p"] = redirect(place)
        with pytest.raises(EngineError, match="where we do not go"):
            install("fr", "en")
    assert there(folder) == [LOCK]


def endless(handler: Handler) -> None:
    handler.begin(200)
    for _ in range(400):
        handler.wfile.write(bytes(1_000_000))


BAD_PACKAGES: dict[str, tuple[Callable[[], Page], dict[str, object], str]] = {
    "absent": (lambda: lambda handler: handler.send_error(404), {}, "/p: the server answers 404 Not Found; check"),
    "forbidden": (lambda: lambda handler: handler.send_error(403), {}, "/p: the server answers 403 Forbidden; check"),
    "overloaded": (lambda: lambda handler: handler.send_error(503), {}, r"/p: the server answers 503 \(4 times\)"),
    "page": (lambda: serve(b"<html>Log in</html>"), {}, r"/p: is not a readable package \(File is not a zip file\)"),
    "half": (lambda: serve(PACKAGE[: len(PACKAGE) // 2]), {}, r"/p: is not a readable package \(File is not a zip"),
    "digest": (lambda: serve(PACKAGE), {"sha256": "0" * 64}, f"/p: its SHA-256 is .*, not {'0' * 64} as announced"),
    "size": (lambda: serve(PACKAGE), {"size": 1000}, f"/p: has {len(PACKAGE)} bytes, not 1000 as announced"),
    "endless": (lambda: endless, {"size": 3_000_000}, "/p: has .* bytes, not 3000000 as announced"),
    "huge": (lambda: lambda h: h.begin(200, Content_Length=10**12), {}, "/p: is over 4294967296 bytes"),
    "other": (lambda: serve(EN_ES.read_bytes()), {}, "/p: translates en→es, not fr→en"),
    "gzip": (
        lambda: serve(gzip.compress(bytes(10**6)), Content_Encoding="gzip"),
        {},
        "/p: comes compressed, which was not asked for",
    ),
}


@pytest.mark.parametrize("name", BAD_PACKAGES)
def test_a_bad_download_is_refused_in_one_line_and_changes_nothing(
    name: str, server: Server, folder: Path, index: Callable[..., None]
) -> None:
    make, fields, fact = BAD_PACKAGES[name]
    install_package(EN_ES, folder)
    index(row("fr", "en", "/p", **fields))
    server.pages["/p"] = make()
    with pytest.raises(EngineError, match=fact) as caught:
        install("fr", "en")
    assert "\n" not in str(caught.value)
    assert there(folder) == [LOCK, "translate-en_es-0_1"]
    assert verify_packages(folder) == ()


BAD_INDEXES: dict[str, tuple[Page, str]] = {
    "absent": (lambda handler: handler.send_error(404), "/index.json: the server answers 404"),
    "page": (
        serve(b"<!DOCTYPE html>\n<title>Log in"),
        "is no index of packages; it begins '<!DOCTYPE html> <title>Log",
    ),
    "object": (serve(b'{"a": 1}'), "is no index of packages"),
    "deep": (serve(b"[" * 1_000_000), "is no index of packages"),
    "garbage": (serve(b"\xff\xfe\x00\x1b[2J"), "is no index of packages"),
    "bomb": (serve(gzip.compress(bytes(200 * 1024**2), 1), Content_Encoding="gzip"), "is larger than 16777216 bytes"),
    "no gzip": (serve(b"[1, 2, 3]", Content_Encoding="gzip"), "cannot be read"),
    "large": (serve(b" " * (16 * 1024**2 + 1)), "is larger than 16777216 bytes"),
    "silent": (lambda _: time.sleep(3), r"the server is silent \(4 times\)"),
    "loop": (redirect("/index.json"), "more than 5 times"),
    "wrong types": (
        serve(
            json.dumps(
                [
                    row("fr", "en", "/p") | {"links": "/p"},
                    row("fr", "en", "/p") | {"links": [7, None, "ipfs://x", "file:///p", "http://a b", "http://[::1"]},
                    row("fr", "en", "/p", sha256="abc"),
                    row("fr", "en", "/p", size="1"),
                    row("fr", "en", "/p") | {"package_version": 1.9},
                    row("fr", "../en", "/p"),
                    None,
                    [],
                ]
            ).encode()
        ),
        "no package leads from fr to en",
    ),
}


@pytest.mark.parametrize("name", BAD_INDEXES)
def test_a_bad_index_is_an_error_of_one_line(name: str, server: Server, folder: Path) -> None:
    page, fact = BAD_INDEXES[name]
    server.pages["/index.json"] = page
    with pytest.raises(EngineError, match=fact) as caught:
        install("fr", "en", server.at("/"))
    assert str(caught.value).isprintable()
    assert not folder.exists()


def test_an_address_that_nobody_answers_is_said_at_once(folder: Path) -> None:
    with socket.socket() as nobody:  # bound, and not listening
        nobody.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{nobody.getsockname()[1]}/"
        with pytest.raises(EngineError, match=r"index.json: cannot be read \(.*refused\); check the address"):
            list(install_packages(("fr", "en"), address, Notes(), patience=Patience(pause=3600)))
    for place in ("ftp://127.0.0.1/", "file:///x.argosmodel", "http://a b/", "http://[::1", "http://\xe9/", "http:///"):
        with pytest.raises(EngineError, match="is no address"):
            install("fr", "en", place)
    for place in ("http://127.0.0.1:99999/", "http://127.0.0.1:x/", "http://a..b/"):
        with pytest.raises(EngineError, match="cannot be read"):
            install("fr", "en", place)
    assert not folder.exists()


def test_the_next_link_is_tried(server: Server, folder: Path, index: Callable[..., None]) -> None:
    index(row("fr", "en", "/gone", "/page", "/p", sha256=hashlib.sha256(PACKAGE).hexdigest().upper()))
    server.pages |= {"/page": serve(b"<html>"), "/p": serve(PACKAGE)}
    notes = Notes()
    install("fr", "en", notes=notes)
    assert [said.split(": ")[0] for said in notes.said] == [
        f"downloading {server.at('/gone')}",
        server.at("/gone"),
        f"downloading {server.at('/page')}",
        server.at("/page"),
        f"downloading {server.at('/p')}",
    ]
    assert verify_packages(folder) == ()


def test_a_file_that_changed_under_its_version_is_refused(
    server: Server, folder: Path, index: Callable[..., None], tmp_path: Path
) -> None:
    index(row("fr", "en", "/p"))
    server.pages["/p"] = serve(PACKAGE)
    install("fr", "en")
    lock = (folder / LOCK).read_bytes()
    changed = tmp_path / "changed.argosmodel"
    changed.write_bytes(PACKAGE)
    with zipfile.ZipFile(changed, "a") as archive:
        archive.writestr("translate-fr_en-0_1/NEWS", "other")
    server.pages["/p"] = serve(changed.read_bytes())
    # Another machine, that has been given the lock file alone; and this one, where a file was lost.
    other = tmp_path / "other"
    other.mkdir()
    shutil.copy(folder / LOCK, other)
    (folder / "translate-fr_en-0_1" / "README.md").unlink()
    for packages in (other, folder):
        with pytest.raises(EngineError, match=r"/p: its SHA-256 is .* as models.lock has it for fr→en 0.1; nothing"):
            list(install_packages(("fr", "en"), None, Notes(), folder=packages, patience=QUICK))
        assert (packages / LOCK).read_bytes() == lock
    assert there(folder) == [LOCK, "translate-fr_en-0_1"]
    assert run("remove", "fr", "en").exit_code == 0
    install("fr", "en")
    assert (folder / "translate-fr_en-0_1" / "NEWS").exists()


@pytest.mark.usefixtures("folder")
def test_a_harmed_package_is_downloaded_again(server: Server, index: Callable[..., None]) -> None:
    index(row("fr", "en", "/p"))
    server.pages["/p"] = serve(PACKAGE)
    (package,) = [outcome.package for outcome in install("fr", "en")]
    with (package.path / "model" / "model.bin").open("r+b") as model:
        model.seek(1_000_000)
        model.write(b"harm")
    (package.path / "bpe.model").write_text("planted")
    assert run("verify").exit_code == 1
    assert [outcome.is_new for outcome in install("fr", "en")] == [True]
    assert run("verify").exit_code == 0


def test_from_names_another_index_or_a_package(server: Server, folder: Path) -> None:
    server.pages |= {
        "/mirror/index.json": serve(json.dumps([row("fr", "en", "fr_en.argosmodel")]).encode()),
        "/mirror/fr_en.argosmodel": serve(PACKAGE),
    }
    for place in ("/mirror", "/mirror/", "/mirror/index.json", "/mirror/fr_en.argosmodel"):
        result = run("install", "fr", "en", "--from", server.at(place))
        assert (result.exit_code, list_packages(folder)[0].version) == (0, "0.1"), result.output
        remove_package("fr", "en", folder)
    assert run("install", "--from", server.at("/mirror/fr_en.argosmodel")).exit_code == 0
    result = run("install", "en", "es", "--from", server.at("/mirror/fr_en.argosmodel"))
    assert (result.exit_code, "translates fr→en, not en→es" in result.stderr) == (1, True)
    result = run("install", "--from", server.at("/mirror"))
    assert (result.exit_code, "is an index; say which languages" in result.stderr) == (1, True)


def test_a_password_goes_to_its_server_alone_and_stays_out_of_the_lock(server: Server, folder: Path) -> None:
    def ask(page: Page) -> Page:
        def guarded(handler: Handler) -> None:
            is_known = handler.headers["Authorization"] == "Basic dXNlcjpwQHNz"
            return page(handler) if is_known else handler.send_error(401)

        return guarded

    def tell(handler: Handler) -> None:
        said.append(handler.headers["Authorization"])
        serve(PACKAGE)(handler)

    said: list[str | None] = []
    server.pages |= {
        "/index.json": ask(serve(json.dumps([row("fr", "en", "/p")]).encode())),
        "/p": ask(redirect(server.at("/elsewhere"))),
        "/elsewhere": tell,
    }
    with pytest.raises(EngineError, match=r"/index.json: the server answers 401"):
        install("fr", "en", server.at("/"))
    install("fr", "en", server.at("/").replace("//", "//user:p%40ss@"))
    assert said == [None]
    server.pages["/elsewhere"] = broken(PACKAGE, cuts=9, at=1000)
    remove_package("fr", "en", folder)
    with pytest.raises(EngineError, match="broke off"):
        install("fr", "en", server.at("/").replace("//", "//user:p%40ss@"))
    assert "user" not in (folder / ".fr_en.part.json").read_text(encoding="utf-8")
    assert "user" not in (folder / LOCK).read_text(encoding="utf-8")


def test_the_index_is_the_one_of_argos_translate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each is asked in a process of its own, as Argos' settings are read once a process."""

    def ask() -> tuple[str, str]:
        ours = "from pipeline.models.locations import index_address; print(index_address())"
        theirs = "from argostranslate import settings; print(settings.remote_package_index)"
        first, second = (subprocess.check_output([sys.executable, "-c", code], text=True) for code in (ours, theirs))
        return first, second

    for name in ("DATA", "CONFIG", "CACHE"):
        monkeypatch.setenv(f"XDG_{name}_HOME", str(tmp_path / name.lower()))
    ours, theirs = ask()
    assert ours == theirs
    assert ours.endswith("/index.json\n")
    settings = tmp_path / "config" / "argos-translate" / "settings.json"
    settings.write_text('{"ARGOS_PACKAGE_INDEX": "http://127.0.0.1/of/settings/"}')
    assert ask() == ("http://127.0.0.1/of/settings/index.json\n",) * 2
    for value in ("http://127.0.0.1/without-slash", "http://127.0.0.1/x/", ""):
        monkeypatch.setenv("ARGOS_PACKAGE_INDEX", value)
        assert (f"{index_address()}\n",) * 2 == ask()


def command(*arguments: str) -> "subprocess.Popen[str]":
    words = [sys.executable, "-m", "pipeline", "models", *arguments]
    return subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env={**os.environ})


@pytest.mark.usefixtures("folder")
def test_a_bar_is_shown_to_a_person_and_nothing_is_mixed_into_results(
    server: Server, index: Callable[..., None]
) -> None:
    index(row("fr", "en", "/fr_en.argosmodel"))
    server.pages["/fr_en.argosmodel"] = broken(PACKAGE, pause=0.5)
    ours, theirs = os.openpty()
    words = [sys.executable, "-m", "pipeline", "models", "install", "fr", "en"]
    environment = {**os.environ, "TERM": "xterm", "COLUMNS": "100"}
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=theirs, env=environment) as process:
        os.close(theirs)
        shown = b""
        with contextlib.suppress(OSError):  # how a terminal ends
            while chunk := os.read(ours, 1000):
                shown += chunk
        assert process.stdout
        assert process.stdout.read().startswith("installed fr → en 0.1 in ".encode())
    os.close(ours)
    assert process.returncode == 0
    assert re.search(r"fr_en.argosmodel .*1\.5/4\.1 MB", shown.decode()), shown


def test_two_installs_at_once_are_one_after_the_other(server: Server, folder: Path, index: Callable[..., None]) -> None:
    index(row("fr", "en", "/p"))
    asked = threading.Event()
    quick = serve(PACKAGE)

    def slow(handler: Handler) -> None:
        asked.set()
        time.sleep(3)
        quick(handler)

    server.pages["/p"] = slow
    first = command("install", "fr", "en")
    assert asked.wait(60)
    others = [command("install", "fr", "en"), command("install", str(EN_ES))]
    outputs = [process.communicate(timeout=60) for process in (first, *others)]
    assert [process.returncode for process in (first, *others)] == [0, 0, 0], outputs
    assert outputs[0][0].startswith("installed fr → en")
    assert outputs[1][0].startswith("already there: fr → en")
    assert "waiting for another passerelle" in outputs[1][1]
    assert [path for path, _ in server.asked].count("/p") == 1
    assert there(folder) == [LOCK, "translate-en_es-0_1", "translate-fr_en-0_1"]
    assert verify_packages(folder) == ()


@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGKILL])
def test_an_interrupted_download_leaves_nothing_half_and_goes_on(
    sign: signal.Signals, server: Server, folder: Path, index: Callable[..., None]
) -> None:
    index(row("fr", "en", "/p"))
    sent = threading.Event()

    def hang(handler: Handler) -> None:
        handler.begin(200, Content_Length=len(PACKAGE), ETag='"1"')
        handler.wfile.write(PACKAGE[:2_000_000])
        sent.set()
        time.sleep(20)

    server.pages["/p"] = hang
    process = command("install", "fr", "en")
    assert sent.wait(60)
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline and sum(p.stat().st_size for p in folder.glob(".*.part")) < 2_000_000:
        time.sleep(0.02)
    process.send_signal(sign)
    _, messages = process.communicate(timeout=30)
    assert process.returncode == (130 if sign == signal.SIGINT else -9)
    assert list_packages(folder) == ()
    if sign == signal.SIGINT:
        assert messages.splitlines()[-1].startswith("passerelle: interrupted")
    server.pages["/p"] = broken(PACKAGE, cuts=0)
    install("fr", "en")
    assert server.asked[-1] == ("/p", "bytes=2000000-")
    assert there(folder) == [LOCK, "translate-fr_en-0_1"]


def test_a_proxy_is_used_as_the_environment_says_and_never_for_this_machine(
    server: Server, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", server.at("").replace("//", "//user:word@"))
    server.pages["/index.json"] = serve(json.dumps([row("fr", "en", "http://models.example/p")]).encode())
    server.pages["http://models.example/p"] = lambda handler: (
        serve(PACKAGE)(handler)
        if handler.headers["Proxy-Authorization"] == "Basic dXNlcjp3b3Jk"
        else handler.send_error(407)
    )
    install("fr", "en", server.at("/"))
    assert [path for path, _ in server.asked] == ["/index.json", "http://models.example/p"]
    assert verify_packages(folder) == ()
    monkeypatch.setenv("https_proxy", "http://127.0.0.1:9")
    server.pages["/index.json"] = serve(
        json.dumps([row("fr", "en", "https://models.example/q", package_version="2")]).encode()
    )
    with pytest.raises(EngineError, match=r"https://models.example/q: the proxy does not answer, or does not let us"):
        install("fr", "en", server.at("/"))


def test_certificates_are_checked_and_https_is_not_left(
    server: Server, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    key, certificate = tmp_path / "key.pem", tmp_path / "cert.pem"
    make = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    name = ["-days", "2", "-subj", "/CN=test", "-addext", "subjectAltName=IP:127.0.0.1"]
    subprocess.run([*make, *name, "-keyout", key, "-out", certificate], check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    plain = server.at("/p")
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    server.scheme = "https"
    server.pages["/index.json"] = serve(json.dumps([row("fr", "en", "/p")]).encode())
    server.pages["/p"] = serve(PACKAGE)
    with pytest.raises(EngineError, match=r"cannot be read .*self.signed certificate"):
        install("fr", "en", server.at("/"))
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    install("fr", "en", server.at("/"))
    assert verify_packages(folder) == ()
    server.pages["/index.json"] = redirect(plain)
    with pytest.raises(EngineError, match=r"sends us to 'http:.*, where we do not go"):
        install("fr", "en", server.at("/"))
