"""Ctrl-C: a run ends within two seconds, what is finished stays, and the next run goes on from there. And progress."""

import os
import pty
import re
import signal
import subprocess
import sys
import termios
import time
from pathlib import Path

import pytest

from pipeline import translation

PASSERELLE = [sys.executable, "-m", "pipeline"]
ROOT = Path(__file__).parents[1]


def write_articles(folder: Path, number: int, sentences: int = 20) -> list[str]:
    for article in range(number):
        lines = [f"La phrase {line} de l’article {article} est courte." for line in range(sentences)]
        (folder / f"article-{article:04}.txt").write_text("\n\n".join(lines), encoding="utf-8")
    return sorted(path.name for path in folder.glob("article-*.txt"))


def contents(folder: Path) -> dict[str, bytes]:
    return {
        str(p.relative_to(folder)): p.read_bytes()
        for p in sorted(folder.rglob("*"))
        if p.is_file() and p.suffix != ".tmp"
    }


@pytest.mark.parametrize("engine", ["apertium", "argos"])
def test_an_interrupt_ends_a_run_soon_and_keeps_what_is_finished(
    tmp_path: Path, engine: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if engine == "argos":
        monkeypatch.setenv("ARGOS_PACKAGES_DIR", str(tmp_path / "packages"))
        files = (ROOT / "tests" / "models").glob("*.argosmodel")
        subprocess.run([*PASSERELLE, "models", "install", *files], check=True, stdout=subprocess.DEVNULL)
    one, other = tmp_path / "one", tmp_path / "other"
    for folder in (one, other):
        folder.mkdir()
    command = [*PASSERELLE, "translate", "--engine", engine, "--to", "en"]
    articles = write_articles(one, 3 * translation.WINDOW)
    with subprocess.Popen([*command, *articles], cwd=one, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        name = f"article-{translation.WINDOW - 1:04}"
        last = one / "out" / "drafts" / name / f"{name}.drafts.tmx"
        while not last.exists() and process.poll() is None:
            time.sleep(0.01)
        assert process.poll() is None, "the run was over before it could be interrupted"
        begun = time.monotonic()
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate()
        assert time.monotonic() - begun < 2
    assert process.returncode == 130
    assert errors.decode() == "passerelle: interrupted; what was written is whole, run again to go on\n"
    done = list((one / "out" / "drafts").iterdir())
    assert translation.WINDOW <= len(done) < len(articles)
    assert subprocess.run([*command, *articles], cwd=one, stdout=subprocess.DEVNULL, check=False).returncode == 0
    write_articles(other, len(articles))
    subprocess.run([*command, "--no-cache", *articles], cwd=other, stdout=subprocess.DEVNULL, check=True)
    assert contents(one) == contents(other)


def read_terminal(command: list[str], folder: Path) -> str:
    """Run a command with standard error on a terminal; return what stands there."""
    ours, theirs = pty.openpty()
    termios.tcsetwinsize(theirs, (40, 200))
    environment = {**os.environ, "TERM": "xterm"}
    with subprocess.Popen(command, cwd=folder, env=environment, stdout=subprocess.DEVNULL, stderr=theirs):
        os.close(theirs)
        shown = b""
        while True:
            try:
                data = os.read(ours, 10_000)
            except OSError:  # the terminal is closed
                break
            if not data:
                break
            shown += data
    os.close(ours)
    return shown.decode()


def test_a_bar_shows_how_far_a_long_run_is(tmp_path: Path) -> None:
    articles = write_articles(tmp_path, 100, 30)  # seconds, of which the first passes without a bar
    shown = read_terminal([*PASSERELLE, "translate", "--engine", "apertium", *articles], tmp_path)
    assert re.search(r"\d+/100 articles", shown)
    assert re.search(r"apertium fr→e[ns]: \d+ segments of \d+ articles", shown)
    assert " a minute" in shown
    assert "0:00:" in shown


def test_a_short_run_shows_nothing(tmp_path: Path) -> None:
    articles = write_articles(tmp_path, 1, 1)
    command = [*PASSERELLE, "translate", "--engine", "apertium", "--to", "es", *articles]
    subprocess.run(command, cwd=tmp_path, stdout=subprocess.DEVNULL, check=True)
    begun = time.monotonic()
    shown = read_terminal(command, tmp_path)  # nothing is left to do
    assert shown == "" or time.monotonic() - begun > 1


def test_results_for_a_file_do_not_wait_for_the_bar_to_end(tmp_path: Path) -> None:
    articles = write_articles(tmp_path, 4 * translation.WINDOW, 1)
    ours, theirs = pty.openpty()
    command = [*PASSERELLE, "translate", "--engine", "apertium", "--to", "es", *articles]
    with subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=theirs) as process:
        assert process.stdout
        assert process.stdout.readline().startswith(b"article-0000: es ")
        assert not (tmp_path / "out" / "drafts" / "article-0199").exists()
        process.stdout.read()
    os.close(ours)
    os.close(theirs)
