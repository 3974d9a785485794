"""What every test gets: a home of its own, no network, and the material beside the repository where there is any."""

import os
import re
import signal
import socket
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import count as count_up
from pathlib import Path
from shutil import copytree
from typing import Any

import pytest
from hypothesis import settings

from pipeline.formats.marks import find_marks
from pipeline.models import locations
from pipeline.segment import Segment

settings.register_profile("suite", deadline=None)  # the machine may be busy
settings.register_profile("fuzz", max_examples=40_000, deadline=None)  # `make fuzz`
settings.load_profile("suite")


@pytest.fixture(scope="session", autouse=True)
def _interruptible() -> None:
    """Let the programs that tests start be interrupted; a shell has its background jobs ignore that, and theirs."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session", autouse=True)
def _own_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep everybody's own Argos packages, settings and caches out of reach.

    `argostranslate.settings` reads the environment once, when it is imported: no test module may import it itself.
    """
    assert "argostranslate" not in sys.modules
    home = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith(("ARGOS_", "SNAP"))]:
            patch.delenv(name)
        patch.setenv("HOME", str(home))
        for name in ("DATA", "CONFIG", "CACHE"):
            patch.setenv(f"XDG_{name}_HOME", str(home / name.lower()))
        yield


@pytest.fixture(scope="session", autouse=True)
def _nothing_shipped(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Have no package come with Passerelle, so that the engine of a test does not depend on what is shipped."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(locations, "SHIPPED", tmp_path_factory.mktemp("shipped"))
        yield


@pytest.fixture(autouse=True)
def draft_cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give every test a draft cache of its own, or it would meet what engines made in another."""
    folder = tmp_path_factory.getbasetemp() / "caches" / str(next(_NUMBERS))
    monkeypatch.setenv("PASSERELLE_CACHE", str(folder))
    return folder


_NUMBERS = count_up()


@pytest.fixture(scope="session", autouse=True)
def _no_network() -> Iterator[None]:
    """Refuse every connection that is not to this machine."""
    local = ("localhost", "127.0.0.1", "::1", None)

    def guard_connect(connect: Callable[..., Any]) -> Callable[..., Any]:
        def guarded(self: socket.socket, address: Any) -> Any:  # noqa: ANN401 (as socket declares it)
            if self.family != getattr(socket, "AF_UNIX", None) and address[0] not in local:
                raise AssertionError(f"a test wants the network: {address}")
            return connect(self, address)

        return guarded

    def guard_resolve(resolve: Callable[..., Any]) -> Callable[..., Any]:
        def guarded(host: Any, *args: Any, **options: Any) -> Any:  # noqa: ANN401
            if host not in local:
                raise AssertionError(f"a test wants the network: {host}")
            return resolve(host, *args, **options)

        return guarded

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", guard_connect(socket.socket.connect))
        patch.setattr(socket.socket, "connect_ex", guard_connect(socket.socket.connect_ex))
        patch.setattr(socket, "getaddrinfo", guard_resolve(socket.getaddrinfo))
        yield


@pytest.fixture(scope="session")
def shared() -> Path:
    """Return the folder of articles, evaluation sets and tokenizers beside the repository, which is not part of it."""
    folder = Path(__file__).parents[1].parent / "shared"
    if not folder.is_dir():
        pytest.skip(f"needs the evaluation material in {folder}")
    return folder


@dataclass(frozen=True)
class Newsroom:
    """A workspace whose catalogs a person has been through."""

    path: Path

    @property
    def site(self) -> Path:
        return self.path / "out" / "site"

    def configure(self, text: str) -> None:
        (self.path / "passerelle.toml").write_text(text, encoding="utf-8")

    def add_article(self, name: str, source: str, ending: str = "txt", **catalogs: Mapping[str, str]) -> Path:
        """Write an article and its catalogs: msgstr by msgid, a fuzzy one begins with "~"."""
        folder = self.path / "translations" / name
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"fr.{ending}").write_text(source, encoding="utf-8")
        for language, texts in catalogs.items():
            self.write_catalog(name, language, texts)
        return folder

    def write_catalog(self, name: str, language: str, texts: Mapping[str, str], date: str = "") -> None:
        def quote(text: str) -> str:
            return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'

        date = f'"PO-Revision-Date: {date}\\n"\n' if date else ""
        entries = [f'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=UTF-8\\n"\n{date}']
        for msgid, text in texts.items():
            flag = "#, fuzzy\n" if text.startswith("~") else ""
            entries.append(f"{flag}msgid {quote(msgid)}\nmsgstr {quote(text.removeprefix('~'))}\n")
        path = self.path / "translations" / name / f"{language}.po"
        path.write_text("\n".join(entries), encoding="utf-8")

    def add_sample(self, **reviewed: int) -> Path:
        """Copy the sample article and clear the fuzzy flag of its first entries in each language named."""
        folder = self.path / "translations" / "russie-chine-ia"
        copytree(Path(__file__).parents[1] / "translations" / "russie-chine-ia", folder)
        for language, count in reviewed.items():
            path = folder / f"{language}.po"
            text = path.read_text(encoding="utf-8").replace("#, fuzzy\n", "", count)
            dated = re.sub(r"(PO-Revision-Date: )[^\\]*", r"\g<1>2026-11-20 09:30+0100", text)
            path.write_text(dated, encoding="utf-8")
        return folder


@pytest.fixture(scope="session")
def open_newsroom() -> Callable[[Path], Newsroom]:
    return Newsroom


@pytest.fixture
def newsroom(tmp_path: Path) -> Newsroom:
    return Newsroom(tmp_path)


@pytest.fixture(scope="session")
def shout() -> Callable[[Segment], str]:
    """Return a translation into capitals, which leaves markup and entities as they were."""

    def translate(segment: Segment) -> str:
        parts, at = [], 0
        for mark in find_marks(segment.text, segment.markup):
            parts += [segment.text[at : mark.start].upper(), segment.text[mark.start : mark.end]]
            at = mark.end
        text = "".join([*parts, segment.text[at:].upper()])
        return re.sub(r"&[A-Z0-9#]+;", lambda match: match[0].lower(), text)

    return translate


@pytest.fixture(scope="session")
def is_linear() -> Callable[[Callable[[int], object], int], bool]:
    """Return whether an action on eight times a size takes at most 24 times as long; a quadratic one takes 64 times.

    The best of five tries counts, since a busy machine makes any single one slow.
    """

    def grows_evenly(action: Callable[[int], object], size: int) -> bool:
        def seconds(size: int) -> float:
            begun = time.process_time()
            action(size)
            return time.process_time() - begun

        seconds(size // 10)  # with all imports
        small, large = [], []
        for _ in range(5):
            small.append(seconds(size))
            large.append(seconds(8 * size))
            if min(large) < 24 * max(min(small), 0.005):
                return True
        return False

    return grows_evenly
