"""Nothing that a person typed in a catalog is ever lost: a state machine edits, translates, kills and fills the disk.

The engines are real; their answers are remembered across the runs, because the merging is what is tested here and a
run of Apertium takes longer than all the rest.
"""

import errno
import os
import shutil
import signal
import subprocess
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import Any
from unittest.mock import patch

import polib
import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from pipeline import files, importing, splitting, translation
from pipeline.catalog import parse_catalog
from pipeline.cli import main
from pipeline.engines import Engine, Request, Translation, open_engine
from pipeline.errors import SourceError
from pipeline.report import RunReport
from pipeline.settings import Settings

ROOT = Path(__file__).parents[1]
STEPS = 2000
LANGUAGES = ("en", "es")
ARTICLES = ("note", "autre")
# Some resemble each other, so that texts are carried; some are made of others, so that they are cut and joined.
SENTENCES = (
    *("Le chat dort.", "Le chat noir dort.", "Le chat noir dormait.", "Le chat dort dans la maison."),
    *("La maison est grande.", "La maison est très grande.", "Le chien mange.", "Le chien mange le pain."),
    *("Oui.", "Le chat dort, et le chien mange.", "Je ne comprends pas.", "Il a acheté un livre."),
    *("Il a acheté un ordinateur hier.", "Elle va à la gare !", "Où est le train ?", "Le train arrive demain."),
)
GLOSSARIES = ("", "chat,cat,gato,term\n", "chat,tomcat,minino,term\nmaison,house,casa,term\n")
NO_BREAKS = ("", "dort. La\n", "mange. Oui\ngrande. Le\n")
source_edits = st.fixed_dictionaries(
    {
        "article": st.sampled_from(ARTICLES),
        "action": st.sampled_from(["insert", "insert", "remove", "move", "replace", "repeat", "rewrite", "restore"]),
        "at": st.integers(0, 20),
        "sentence": st.sampled_from(SENTENCES),
    }
)
COUNTS: Counter[str] = Counter()


class Remembering:
    """A real engine that is asked for nothing twice; in a child process it dies rather than ask at all."""

    def __init__(self, engine: Engine) -> None:
        self.engine, self.answers, self.process = engine, dict[Request, Translation](), os.getpid()
        self.name, self.signature, self.pivots = engine.name, engine.signature, engine.pivots

    def translate(self, requests: Sequence[Request]) -> list[Translation]:
        new = [request for request in dict.fromkeys(requests) if request not in self.answers]
        if new and os.getpid() != self.process:
            os.kill(os.getpid(), signal.SIGKILL)
        self.answers.update(zip(new, self.engine.translate(new) if new else [], strict=True))
        return [self.answers[request] for request in requests]


@cache
def remembered(name: str, source: str, target: str) -> Engine:
    return Remembering(open_engine(name, source, target))


@contextmanager
def fault(after: int, act: Callable[[], None]) -> Iterator[None]:
    """Run `act` in the middle of the write, or before or after the sync or rename, that comes after so many others."""
    left = [after]

    def is_due() -> bool:
        left[0] -= 1
        return left[0] == -1

    def wrap(function: Callable[..., Any]) -> Callable[..., Any]:
        def wrapped(*arguments: Any, **options: Any) -> Any:  # noqa: ANN401 (as the functions of os)
            if is_due():
                act()
            result = function(*arguments, **options)
            if is_due():
                act()
            return result

        return wrapped

    def write(path: Path, data: bytes, *, sync: bool) -> None:
        if is_due():
            path.write_bytes(data[: len(data) // 2])
            act()
        whole(path, data, sync=sync)

    whole = files._write  # noqa: SLF001 (a write that ends in the middle can be had nowhere else)
    patches = [(files, "_write", write), (os, "fsync", wrap(os.fsync)), (os, "replace", wrap(os.replace))]
    patches += [(os, "link", wrap(os.link)), (files, "exchange_files", wrap(files.exchange_files))]
    with ExitStack() as stack:
        for module, name, function in patches:
            stack.enter_context(patch.object(module, name, function))
        yield


def fail_full() -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


@cache
def passes_msgfmt(data: bytes) -> bool:
    command = ["msgfmt", "--check", "-o", "/dev/null", "-"]
    return not subprocess.run(command, input=data, capture_output=True, check=False).returncode


edits = st.fixed_dictionaries(
    {
        "article": st.sampled_from(ARTICLES),
        "language": st.sampled_from(LANGUAGES),
        "entry": st.integers(0, 40),
        "action": st.sampled_from(
            ["review", "review", "touch", "touch", "accept", "doubt", "comment", "context", "clear", "silence"]
        ),
        "width": st.sampled_from([79, 40, 10_000]),
        "newline": st.sampled_from(["\n", "\n", "\r\n"]),
    }
)


def has(catalog: polib.POFile, msgid: str, msgstr: str) -> bool:
    return any((entry.msgid, entry.msgstr) == (msgid, msgstr) for entry in catalog)


def change(entry: polib.POEntry, action: str, number: int, catalog: polib.POFile) -> None:
    """Edit an entry as a person does; `number` makes the text like no other."""
    match action:
        case "review" | "touch":
            entry.msgstr = f"Lo que escribió {number}."
        case "clear":
            entry.msgstr = ""
        case "silence":
            entry.msgstr = "<empty>"
        case "comment":
            entry.tcomment = f"{entry.tcomment}\nnota {number}".strip()
        case "context" if not entry.obsolete:
            entry.msgctxt = f"lugar {number}" if entry.msgctxt is None else None  # type: ignore[assignment]
            if sum((e.msgctxt, e.msgid) == (entry.msgctxt, entry.msgid) for e in catalog) > 1:
                entry.msgctxt = f"lugar {number}"
    if action in {"review", "accept", "silence"} and entry.fuzzy:
        entry.flags.remove("fuzzy")
        entry.previous_msgid = None
    elif action in {"doubt", "touch"} and not entry.fuzzy:
        entry.flags.append("fuzzy")


class Loop(RuleBasedStateMachine):
    """A workspace with two articles, and what people wrote in it."""

    def __init__(self) -> None:
        super().__init__()
        memory = Path("/dev/shm")  # noqa: S108 (syncing costs nothing there)
        self.workspace = Path(tempfile.mkdtemp(dir=memory if memory.is_dir() else None))
        self.sources = {article: list(SENTENCES[:6]) for article in ARTICLES}
        self.engine = "apertium"
        # (file, msgid, msgstr): all that people ever typed, and what must be there now; with their comments.
        self.typed: set[tuple[Path, str, str]] = set()
        self.theirs: set[tuple[Path, str, str]] = set()
        self.notes: set[tuple[Path, str]] = set()
        self.sound: dict[Path, bool] = {}
        self.number = 0

    def teardown(self) -> None:
        shutil.rmtree(self.workspace)

    def path(self, article: str, language: str) -> Path:
        return self.workspace / "translations" / article / f"{language}.po"

    def source(self, article: str) -> Path:
        return self.workspace / "translations" / article / "fr.txt"

    def write_source(self, article: str) -> None:
        sentences = self.sources[article]
        half = len(sentences) // 2
        parts = ["Le titre", "# Le début", " ".join(sentences[:half]), "# La fin", " ".join(sentences[half:])]
        self.source(article).parent.mkdir(parents=True, exist_ok=True)
        self.source(article).write_text("\n\n".join(part for part in parts if part) + "\n", encoding="utf-8")

    def translate(self, *articles: str) -> RunReport:
        options = Settings(self.workspace, LANGUAGES, self.engine)
        return translation.translate_articles([self.source(article) for article in articles or ARTICLES], options)

    def save(self, edit: dict[str, Any]) -> None:
        """Do what a person does in an editor that writes whole files its own way."""
        path = self.path(edit["article"], edit["language"])
        if not path.exists():
            return
        catalog = polib.pofile(str(path), wrapwidth=edit["width"])
        entry = catalog[edit["entry"] % len(catalog)]
        before = self.theirs - {(path, entry.msgid, entry.msgstr)}
        was_theirs = before != self.theirs
        self.number += 1
        change(entry, edit["action"], self.number, catalog)
        pair = (path, entry.msgid, entry.msgstr)
        if edit["action"] in {"review", "touch"}:
            self.typed.add(pair)
        # A machine's text that was accepted, and is doubted again, is a draft again.
        if entry.msgstr and (pair in self.typed or (was_theirs and edit["action"] != "doubt")):
            before.add(pair)
        data = str(catalog).replace("\n", edit["newline"]).encode()
        path.write_bytes(data)
        # What stands in the file is what the person saved: their own editor may drop comments of obsolete entries.
        accepted = {(path, e.msgid, e.msgstr) for e in catalog if e.msgstr and not e.fuzzy}
        self.theirs = {their for their in before if their[0] != path or has(catalog, *their[1:])} | accepted
        notes = {(path, line) for line in data.decode().splitlines() if line.startswith("# nota")}
        self.notes = {note for note in self.notes if note[0] != path} | notes
        self.sound[path] = passes_msgfmt(data)

    @initialize()
    def begin(self) -> None:
        (self.workspace / "glossary").mkdir()
        for article in ARTICLES:
            self.write_source(article)
        self.run_translate()

    @rule(edit=edits)
    def edit_a_catalog(self, edit: dict[str, Any]) -> None:
        self.save(edit)

    @rule(edit=source_edits)
    def edit_a_source(self, edit: dict[str, Any]) -> None:
        article, at, sentence = edit["article"], edit["at"], edit["sentence"]
        sentences = self.sources[article]
        at %= len(sentences)
        match edit["action"]:
            case "insert":
                sentences.insert(at, sentence)
            case "remove" if len(sentences) > 1:
                sentences.pop(at)
            case "move":
                sentences.insert(0, sentences.pop(at))
            case "replace":
                sentences[at] = sentence
            case "repeat":
                sentences.append(sentences[at])
            case "rewrite":
                sentences[:] = [sentence, "Tout est neuf."]
            case "restore":
                sentences[:] = SENTENCES[:6]
        del sentences[10:]
        self.write_source(article)

    @rule(rows=st.sampled_from(GLOSSARIES), no_break=st.sampled_from(NO_BREAKS))
    def edit_the_glossary(self, rows: str, no_break: str) -> None:
        (self.workspace / "glossary" / "terms.csv").write_text("fr,en,es,kind\n" + rows, encoding="utf-8")
        (self.workspace / "glossary" / "no-break.txt").write_text(no_break, encoding="utf-8")

    @rule(engine=st.sampled_from(["apertium", "argos", "auto"]))
    def change_the_engine(self, engine: str) -> None:
        self.engine = engine

    @rule()
    def run_translate(self) -> None:
        assert [str(error) for error in self.translate().errors] == []

    @rule(article=st.sampled_from(ARTICLES))
    def translate_one_twice(self, article: str) -> None:
        # Both at once may take a third run: what one has reviewed since the memory was read serves the other then.
        contents = []
        for _ in range(2):
            assert [str(error) for error in self.translate(article).errors] == []
            contents.append({path: path.read_bytes() for path in self.workspace.rglob("*") if path.is_file()})
        assert contents[0] == contents[1]

    @rule(after=st.integers(0, 12), edit=edits)
    def translate_while_an_editor_saves(self, after: int, edit: dict[str, Any]) -> None:
        with fault(after, lambda: self.save(edit)):
            self.run_translate()

    @rule(after=st.integers(0, 30), edit=source_edits)
    def translate_on_a_full_disk(self, after: int, edit: dict[str, Any]) -> None:
        self.edit_a_source(edit)
        with fault(after, fail_full):
            errors = self.translate().errors
        assert all("no space left on device; free some space and run again" in str(error) for error in errors)
        COUNTS["full disk"] += len(errors)

    @rule(after=st.integers(0, 30), edit=source_edits)
    def translate_and_be_killed(self, after: int, edit: dict[str, Any]) -> None:
        self.edit_a_source(edit)
        child = os.fork()
        if not child:
            try:
                with fault(after, lambda: os.kill(os.getpid(), signal.SIGKILL)):
                    self.translate()
            finally:
                os._exit(0)
        _, status = os.waitpid(child, 0)
        COUNTS["killed"] += os.WIFSIGNALED(status)

    @rule(article=st.sampled_from(ARTICLES), language=st.sampled_from(LANGUAGES), keep=st.booleans())
    def leave_a_conflict_and_resolve_it(self, article: str, language: str, *, keep: bool) -> None:
        path = self.path(article, language)
        whole = path.read_bytes()
        conflict = b"<<<<<<< HEAD\n" + whole + (b"=======\n" + whole if keep else b"")
        path.write_bytes(conflict)
        errors = [str(error) for error in self.translate().errors]
        assert errors == [f"{path}:1: has conflict markers; resolve the merge, then run again"]
        assert path.read_bytes() == conflict
        path.write_bytes(whole)

    @rule(article=st.sampled_from(ARTICLES), sentence=st.sampled_from(["Le chat dort.", "Oui.", "Le chien mange."]))
    def split_a_sentence(self, article: str, sentence: str) -> None:
        options = Settings(self.workspace, LANGUAGES, self.engine)
        self.sources[article] = [sentence, *self.sources[article][:7], sentence]
        self.write_source(article)
        with suppress(SourceError):  # no-break.txt may have joined it to another
            assert splitting.split_sentence(article, sentence, options).report.errors == []
            COUNTS["split"] += 1

    @rule(language=st.sampled_from(LANGUAGES), sentences=st.sets(st.sampled_from(SENTENCES), min_size=1, max_size=3))
    def import_a_translation(self, language: str, sentences: set[str]) -> None:
        self.number += 1
        text = f"Lo que llegó {self.number}."
        units = "".join(
            f'<tu><tuv xml:lang="fr"><seg>{sentence}</seg></tuv><tuv xml:lang="{language}"><seg>{text}</seg></tuv></tu>'
            for sentence in sorted(sentences)
        )
        path = self.workspace / "retour.tmx"
        path.write_text(f'<tmx version="1.4"><header srclang="fr"/><body>{units}</body></tmx>', encoding="utf-8")
        report = importing.import_translations(self.workspace, path)
        assert report.run.errors == []
        for taken, _ in report.taken:
            mine = {
                (taken, e.msgid, text) for e in parse_catalog(taken.read_bytes(), taken).entries if e.msgstr == text
            }
            assert mine
            self.theirs |= mine
            self.typed |= mine

    @precondition(lambda _: "publish" in main.commands)
    @rule()
    def publish(self) -> None:
        CliRunner().invoke(main, ["publish", "--workspace", str(self.workspace)], catch_exceptions=False)

    @invariant()
    def nothing_is_lost(self) -> None:
        COUNTS["steps"] += 1
        for path in (self.path(article, language) for article in ARTICLES for language in LANGUAGES):
            if not path.exists():
                continue
            data = path.read_bytes()
            entries = parse_catalog(data, path).entries
            held = {(path, entry.msgid, entry.msgstr) for entry in entries}
            assert {pair for pair in self.theirs if pair[0] == path} <= held
            noted = {(path, note) for entry in entries for note in entry.notes}
            assert {note for note in self.notes if note[0] == path} <= noted
            assert len(polib.pofile(data.decode())) == len(entries) - 1
            assert passes_msgfmt(data) or not self.sound.get(path, True)


def test_nothing_that_a_person_typed_is_ever_lost(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ARGOS_PACKAGES_DIR", str(tmp_path / "packages"))
    models = sorted((ROOT / "tests" / "models").glob("*.argosmodel"))
    assert CliRunner().invoke(main, ["models", "install", *map(str, models)]).exit_code == 0
    monkeypatch.setattr(translation, "open_engine", remembered)
    # The same sequences every time; PASSERELLE_EXPLORE=1 looks for new ones.
    options = settings(
        max_examples=int(os.environ.get("PASSERELLE_EXAMPLES", "44")),
        stateful_step_count=50,
        deadline=None,
        phases=[Phase.generate] + [Phase.shrink] * ("PASSERELLE_EXPLORE" in os.environ),
        derandomize="PASSERELLE_EXPLORE" not in os.environ,
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(Loop, settings=options)
    assert COUNTS["steps"] >= STEPS, COUNTS
    assert min(COUNTS[what] for what in ("killed", "full disk", "split")) > 20, COUNTS


def test_a_disk_that_is_really_full_loses_nothing(tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", str(disk)]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("this machine lets no test mount a small disk (it takes root)")
    try:
        source = disk / "translations" / "note" / "fr.txt"
        source.parent.mkdir(parents=True)
        source.write_text("Le titre\n\nLe chat dort.\n", encoding="utf-8")
        options = Settings(disk, ("es",), "apertium")
        translation.translate_articles([source], options)
        catalog = source.with_name("es.po")
        catalog.write_text(catalog.read_text("utf-8").replace("El gato", "El minino"), encoding="utf-8")
        before = catalog.read_bytes()
        source.write_text("Le titre\n\nLe chat dort. Le chien mange.\n", encoding="utf-8")
        (disk / "filler").write_bytes(bytes(shutil.disk_usage(disk).free))
        assert shutil.disk_usage(disk).free == 0
        report = translation.translate_articles([source], options)
        assert "no space left on device; free some space and run again; nothing was lost" in str(report.errors[0])
        assert catalog.read_bytes() == before
        assert [path.name for path in source.parent.iterdir() if path.suffix == ".tmp"] == []
        (disk / "filler").unlink()
        assert translation.translate_articles([source], options).errors == []
        assert "El minino" in catalog.read_text(encoding="utf-8")
    finally:
        subprocess.run(["umount", str(disk)], check=True)
