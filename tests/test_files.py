"""Whole files or none: full disks, kills, other writers."""

import errno
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from threading import Timer
from typing import Any

import pytest

from pipeline import files
from pipeline.errors import PipelineError
from pipeline.files import update_file, write_file


def test_write_tells_whether_the_file_changed(tmp_path: Path) -> None:
    path = tmp_path / "new" / "a.txt"
    assert write_file(path, b"one") is True
    before = path.stat().st_mtime_ns
    assert write_file(path, b"one") is False
    assert path.stat().st_mtime_ns == before
    assert write_file(path, b"two") is True
    assert [p.name for p in path.parent.iterdir()] == ["a.txt"]


def test_a_link_stays_a_link_and_the_mode_stays(tmp_path: Path) -> None:
    target, link = tmp_path / "target", tmp_path / "link"
    target.write_bytes(b"one")
    target.chmod(0o640)
    link.symlink_to(target)
    write_file(link, b"two")
    assert link.is_symlink()
    assert target.read_bytes() == b"two"
    assert target.stat().st_mode & 0o777 == 0o640


def test_another_writer_is_merged_not_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "a.po"
    path.write_bytes(b"draft")
    seen: list[bytes | None] = []

    def update(old: bytes | None) -> bytes:
        if not seen:
            path.write_bytes(b"saved by an editor meanwhile")
        seen.append(old)
        return (old or b"") + b" + ours"

    assert update_file(path, update) is True
    assert seen == [b"draft", b"saved by an editor meanwhile"]
    assert path.read_bytes() == b"saved by an editor meanwhile + ours"


@pytest.mark.parametrize("saves", [1, 2, 3])
@pytest.mark.parametrize("is_new", [True, False])
def test_a_save_at_the_last_moment_is_merged_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, saves: int, *, is_new: bool
) -> None:
    path = tmp_path / "a.po"
    if not is_new:
        path.write_bytes(b"0")
    left = list(range(1, saves + 1))

    def save_before(function: Callable[..., Any]) -> Callable[..., Any]:
        def wrapped(*arguments: Any) -> Any:  # noqa: ANN401 (as the functions that it stands for)
            if left:
                path.write_bytes(b"%d" % left.pop(0))
            return function(*arguments)

        return wrapped

    monkeypatch.setattr(os, "link", save_before(os.link))
    monkeypatch.setattr(files, "exchange_files", save_before(files.exchange_files))
    assert update_file(path, lambda old: (old or b"") + b" + ours") is True
    assert path.read_bytes() == b"%d + ours" % saves
    assert [p.name for p in tmp_path.iterdir()] == ["a.po"]


@pytest.mark.parametrize(("code", "hint"), [(errno.ENOSPC, "free some space"), (errno.EROFS, "writable disk")])
def test_a_full_or_read_only_disk_leaves_the_file_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int, hint: str
) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(b"old")

    def fail(_: int) -> None:
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(PipelineError, match=hint):
        write_file(path, b"new")
    assert path.read_bytes() == b"old"
    assert [p.name for p in tmp_path.iterdir()] == ["a.txt"]


def test_a_really_full_disk(tmp_path: Path) -> None:
    # /dev/full answers every write with "no space left on device".
    path = tmp_path / "a.txt"
    path.write_bytes(b"old")
    (tmp_path / f".a.txt.{os.getpid()}.tmp").symlink_to("/dev/full")
    with pytest.raises(PipelineError, match="no space left on device; free some space"):
        write_file(path, b"new" * 10_000)
    assert path.read_bytes() == b"old"


def test_kill_9_leaves_the_file_whole(tmp_path: Path) -> None:
    path = tmp_path / "a.bin"
    program = (
        "import sys, itertools; from pathlib import Path; from pipeline.files import write_file\n"
        "for n in itertools.count(): write_file(Path(sys.argv[1]), bytes([n % 256]) * 3_000_000)"
    )
    process = subprocess.Popen([sys.executable, "-c", program, str(path)])
    while not path.exists():
        time.sleep(0.01)
    time.sleep(0.2)
    process.send_signal(signal.SIGKILL)
    process.wait()
    data = path.read_bytes()
    assert len(data) == 3_000_000
    assert len(set(data)) == 1


def test_a_file_that_an_editor_has_just_emptied_is_read_when_it_is_written(tmp_path: Path) -> None:
    path = tmp_path / "es.po"
    path.touch()
    editor = Timer(0.2, lambda: path.write_bytes(b"typed"))
    editor.start()
    seen: list[bytes | None] = []

    def update(data: bytes | None) -> bytes:
        seen.append(data)
        return (data or b"") + b" and ours"

    assert update_file(path, update)
    editor.join()
    assert seen == [b"typed"]
    assert path.read_bytes() == b"typed and ours"
