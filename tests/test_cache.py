"""The draft cache saves work and changes no byte, whatever happens to its file. Apertium makes the drafts."""

import json
import os
import resource
import sqlite3
import subprocess
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from threading import Barrier

import pytest
from click.testing import CliRunner, Result

from pipeline import cache, store
from pipeline.article import Kind
from pipeline.cache import draft_cached, pack_draft, unpack_draft
from pipeline.cli import main
from pipeline.draft import Draft, draft_passages, prepare_passages
from pipeline.engines import Engine, Request, Translation, open_engine
from pipeline.glossary import Form, Glossary, Term, TermKind
from pipeline.segment import Segment
from pipeline.store import FILE, Store, Table

ENGINE = ("--engine", "apertium", "--to", "es")
TEXT = "Le titre\n\nLe chat dort dans la maison. La maison xyzzique est grande.\n\n- Le chien mange.\n"
GLOSSARY = "fr,en,es,kind\nmaison,house|home,casa|hogar,term\nchien,hound,can,term\n"


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments], catch_exceptions=False)


def contents(workspace: Path) -> dict[str, bytes]:
    return {str(p.relative_to(workspace)): p.read_bytes() for p in sorted(workspace.rglob("*")) if p.is_file()}


def translate(workspace: Path, *options: str | Path, text: str = TEXT) -> dict[str, bytes]:
    """Translate a text in a fresh workspace; return all files."""
    (workspace / "glossary").mkdir(parents=True)
    (workspace / "glossary" / "terms.csv").write_text(GLOSSARY, encoding="utf-8")
    (workspace / "note.txt").write_text(text, encoding="utf-8")
    result = run("translate", "--workspace", workspace, *ENGINE, workspace / "note.txt", *options)
    assert result.exit_code == 0
    return contents(workspace) | {"warnings": result.stderr.encode()}


class Counting:
    """A real engine that counts what it is asked."""

    def __init__(self, engine: Engine, signature: str = "") -> None:
        self._engine = engine
        self.name, self.pivots = engine.name, engine.pivots
        self.signature = signature or engine.signature
        self.asked: list[str] = []

    def translate(self, requests: Sequence[Request]) -> list[Translation]:
        self.asked += [request.text for request in requests]
        return self._engine.translate(requests)


def segments(*texts: str, kind: Kind = Kind.PARAGRAPH) -> list[Segment]:
    return [Segment(0, kind, text, 1, "") for text in texts]


def test_the_cache_changes_no_byte_and_no_second_run_asks_an_engine(tmp_path: Path, draft_cache: Path) -> None:
    without = translate(tmp_path / "a", "--no-cache")
    assert not draft_cache.exists()
    assert translate(tmp_path / "b") == without
    size = json.loads(run("cache", "info", "--json").stdout)
    assert size["drafts"] == 4
    assert translate(tmp_path / "c") == without
    assert json.loads(run("cache", "info", "--json").stdout) == size


def test_only_a_changed_sentence_goes_to_the_engine(tmp_path: Path) -> None:
    engine = Counting(open_engine("apertium", "fr", "es"))
    texts = ["Le chat dort.", "La porte est grande.", "Il mange."]
    passages = prepare_passages(segments(*texts), Glossary())
    drafts = draft_cached(passages, engine, "es", Store(tmp_path))
    assert drafts == draft_passages(passages, engine, "es")
    engine.asked.clear()
    changed = prepare_passages(segments("Il mange.", "Le chat mange.", *texts), Glossary())
    again = draft_cached(changed, engine, "es", Store(tmp_path))
    assert engine.asked == ["Le chat mange."]
    assert [again[0], *again[2:]] == [drafts[2], *drafts]


def test_everything_that_a_draft_depends_on_asks_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = open_engine("apertium", "fr", "es")
    engine, newer = Counting(real), Counting(real, "apertium of tomorrow")
    text = "la maison est grande"
    plain, title = (prepare_passages(segments(text, kind=kind), Glossary()) for kind in (Kind.PARAGRAPH, Kind.TITLE))
    pinned = [
        prepare_passages(segments(text), Glossary((Term("maison", TermKind.TERM, (("es", (Form(form),)),)),)))
        for form in ("hogar", "vivienda")
    ]
    body = [*segments(text, kind=Kind.TITLE), *segments("On dit que la Maison de Jean est là.")]
    recased = prepare_passages(body, Glossary())[:1]
    assert recased[0].text == "La Maison est grande"
    kept = Store(tmp_path)
    for _ in range(2):
        for passages in (plain, title, *pinned):
            draft_cached(passages, engine, "es", kept)
        draft_cached(recased, engine, "es", kept)
        draft_cached(plain, engine, "ca", kept)
        draft_cached(plain, newer, "es", kept)
    assert (len(engine.asked), len(newer.asked)) == (6, 1)
    assert draft_cached(pinned[0], engine, "es", kept)[0].text == "el hogar es grande"
    monkeypatch.setattr(cache, "digest_program", lambda: "another version")
    draft_cached(plain, engine, "es", kept)
    assert len(engine.asked) == 7


def test_another_version_of_a_library_makes_other_drafts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = cache.digest_program.__wrapped__()
    assert cache.digest_program.__wrapped__() == before
    for name in ("ctranslate2", "markdown_it_py"):
        other = tmp_path / name / f"{name}-999.dist-info"
        other.mkdir(parents=True)
        (other / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 999\n")
        with monkeypatch.context() as patch:
            patch.syspath_prepend(tmp_path / name)
            assert cache.digest_program.__wrapped__() != before


def test_a_draft_comes_back_whole(tmp_path: Path) -> None:
    """Every field of a draft that Apertium does not make alike in all sentences: confidence, unknown words, pins."""
    term = Term("maison", TermKind.TERM, (("es", (Form("casita"),)),))
    passages = prepare_passages(segments("La maison xyzzique est grande.", "Une maison."), Glossary((term,)))
    engine = open_engine("apertium", "fr", "es")
    drafts = draft_passages(passages, engine, "es")
    assert drafts[0].unknown == ("xyzzique",)
    for draft in (*drafts, replace(drafts[1], missed=drafts[1].pins)):
        assert unpack_draft(pack_draft(draft), draft.pins) == draft
    for _ in range(2):
        assert draft_cached(passages, engine, "es", Store(tmp_path)) == drafts
    assert set(Draft.__slots__) >= {"text", "signature", "confidence", "unknown", "pins", "missed"}


def test_two_processes_share_it(tmp_path: Path, draft_cache: Path) -> None:
    text = "\n\n".join(f"Le chat numéro {number} dort dans la maison." for number in range(200))
    want = translate(tmp_path / "want", "--no-cache", text=text)
    processes = []
    for name in "ab":
        (tmp_path / name / "glossary").mkdir(parents=True)
        (tmp_path / name / "glossary" / "terms.csv").write_text(GLOSSARY, encoding="utf-8")
        (tmp_path / name / "note.txt").write_text(text, encoding="utf-8")
        command = [sys.executable, "-m", "pipeline", "translate", *ENGINE, "note.txt"]
        processes.append(
            subprocess.Popen(command, cwd=tmp_path / name, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        )
    for process in processes:
        assert process.communicate()[1] == b""
    for name in "ab":
        mine = {
            str(p.relative_to(tmp_path / name)): p.read_bytes() for p in (tmp_path / name).rglob("*") if p.is_file()
        }
        assert mine == {path: data for path, data in want.items() if path != "warnings"}
    with closing(sqlite3.connect(draft_cache / FILE)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert connection.execute("SELECT count(*) FROM drafts").fetchone() == (200,)


def test_many_open_a_new_file_at_once(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        for number in range(40):
            stores = [Store(tmp_path / str(number)) for _ in range(8)]
            barrier = Barrier(len(stores))

            def write(kept: Store, barrier: Barrier = barrier) -> None:
                barrier.wait()
                kept.write(Table.DRAFTS, {b"key": b"value"})
                kept.close()

            list(pool.map(write, stores))
            assert [kept.warnings for kept in stores] == [[]] * len(stores)


def spoil(path: Path, how: str) -> None:
    data = path.read_bytes()
    if how == "flipped bit":
        at = data.index(b'"text": "') + 10
        path.write_bytes(data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :])
    elif how == "other tables":
        path.unlink()
        with closing(sqlite3.connect(path)) as connection:
            connection.execute("CREATE TABLE drafts (x)")
            connection.commit()
    else:
        path.write_bytes({"garbage": b"garbage " * 1000, "cut off": data[:5000], "zeros": bytes(len(data))}[how])


@pytest.mark.parametrize("how", ["garbage", "cut off", "zeros", "flipped bit", "other tables"])
def test_a_damaged_file_is_set_aside_and_rebuilt(tmp_path: Path, draft_cache: Path, how: str) -> None:
    want = translate(tmp_path / "a")
    spoil(draft_cache / FILE, how)
    size = (draft_cache / FILE).stat().st_size
    found = translate(tmp_path / "b")
    (warning,) = found.pop("warnings").decode().splitlines()
    assert warning.startswith(f"passerelle: warning: {draft_cache / FILE}: the draft cache is damaged (")
    assert warning.endswith(f"; set aside as {FILE}.damaged")
    assert found == {path: data for path, data in want.items() if path != "warnings"}
    assert (draft_cache / f"{FILE}.damaged").stat().st_size >= size
    assert translate(tmp_path / "c") == want
    assert json.loads(run("cache", "info", "--json").stdout)["drafts"] == 4
    assert run("cache", "clear").exit_code == 0
    assert not (draft_cache / f"{FILE}.damaged").exists()


@contextmanager
def largest_file(size: int) -> Iterator[None]:
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, limits[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)


def test_a_folder_that_cannot_be_used_stops_no_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    want = translate(tmp_path / "a", "--no-cache")
    (tmp_path / "file").write_text("in the way", encoding="utf-8")
    monkeypatch.setenv("PASSERELLE_CACHE", str(tmp_path / "file" / "cache"))
    found = translate(tmp_path / "b")
    (warning,) = found.pop("warnings").decode().splitlines()
    assert "the draft cache cannot be used" in warning
    assert warning.endswith("; going on without it")
    assert found == {path: data for path, data in want.items() if path != "warnings"}


def test_a_full_disk_stops_no_run(tmp_path: Path) -> None:
    engine = Counting(open_engine("apertium", "fr", "es"))
    passages = prepare_passages(segments(*(f"Le chat {number} dort." for number in range(300))), Glossary())
    kept = Store(tmp_path)
    kept.read_info()
    with largest_file(20_000):
        drafts = draft_cached(passages, engine, "es", kept)
    assert drafts == draft_passages(passages, engine, "es")
    assert len(kept.warnings) == 1
    assert "cannot be used" in kept.warnings[0]
    assert len(draft_cached(passages, engine, "es", Store(tmp_path))) == 300


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_read_only_folder_stops_no_run(tmp_path: Path, draft_cache: Path) -> None:
    translate(tmp_path / "a")
    draft_cache.chmod(0o500)
    (draft_cache / FILE).chmod(0o400)
    found = translate(tmp_path / "b")
    assert b"cannot be used" in found["warnings"]


def test_the_oldest_drafts_go_where_it_grows_too_large(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    engine = Counting(open_engine("apertium", "fr", "es"))
    monkeypatch.setattr(store, "LARGEST", 100_000)
    kept = Store(tmp_path)
    texts = [f"Le chat {number} dort." for number in range(1000)]
    for at in range(0, 1000, 100):
        draft_cached(prepare_passages(segments(*texts[at : at + 100]), Glossary()), engine, "es", kept)
    assert 100 < kept.read_info().drafts < 400
    engine.asked.clear()
    draft_cached(prepare_passages(segments(texts[0], texts[-1]), Glossary()), engine, "es", kept)
    assert engine.asked == [texts[0]]


def test_clear_empties_it_while_another_process_uses_it(tmp_path: Path, draft_cache: Path) -> None:
    translate(tmp_path / "a")
    with closing(sqlite3.connect(draft_cache / FILE)) as other:
        assert other.execute("SELECT count(*) FROM drafts").fetchone() == (4,)
        assert run("cache", "clear").exit_code == 0
        assert other.execute("SELECT count(*) FROM drafts").fetchone() == (0,)
    assert "0 drafts" in run("cache", "info").stdout


def test_nobody_else_may_read_it(tmp_path: Path, draft_cache: Path) -> None:
    translate(tmp_path / "a")
    assert draft_cache.stat().st_mode & 0o077 == 0
    (tmp_path / "shared").mkdir(mode=0o755)
    translate(tmp_path / "b", "--cache", tmp_path / "shared")
    assert (tmp_path / "shared" / FILE).stat().st_mode & 0o077 == 0


def test_it_is_in_the_users_cache_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PASSERELLE_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "here"))
    path = json.loads(run("cache", "info", "--json").stdout)["path"]
    assert path == str(tmp_path / "here" / "passerelle" / FILE) or sys.platform != "linux"
    assert not (tmp_path / "here").exists()
