"""A run passes over articles that need no work, and never over one that does. The drafts are Apertium's."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from pipeline import delivery, translation
from pipeline.cli import main
from pipeline.engines import Request, Translation
from pipeline.engines.apertium import ApertiumEngine
from pipeline.errors import EngineError
from pipeline.job import Job

TEXT = "Le titre\n\nLe chat dort. La maison est grande.\n"


class Desk:
    """A workspace of two articles, and which of them were read by the last run."""

    def __init__(self, path: Path, read: list[str]) -> None:
        self.path, self._read = path, read
        self.glossary = path / "glossary" / "terms.csv"
        self.source = path / "translations" / "un" / "fr.txt"
        self.catalog = path / "translations" / "un" / "es.po"
        for name in ("un", "deux"):
            (path / "translations" / name).mkdir(parents=True)
            (path / "translations" / name / "fr.txt").write_text(f"{TEXT}\nC’est le numéro {name}.\n", encoding="utf-8")
        self.glossary.parent.mkdir()
        self.glossary.write_text("fr,en,es,kind\nmaison,house,casa,term\n", encoding="utf-8")

    def translate(self, *options: str) -> list[str]:
        """Return the names of the articles that were not passed over."""
        self._read.clear()
        command = ["translate", "--workspace", str(self.path), "--engine", "apertium", "--to", "es", "un", "deux"]
        self.result = CliRunner().invoke(main, [*command, *options], catch_exceptions=False)
        return list(self._read)

    def contents(self) -> dict[str, bytes]:
        return {str(p.relative_to(self.path)): p.read_bytes() for p in self.path.rglob("*") if p.is_file()}


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    read: list[str] = []
    original = translation._read_job  # noqa: SLF001 (to see which articles are read)

    def watched(*arguments: Any) -> Job:  # noqa: ANN401
        job = original(*arguments)
        read.append(job.folder.name)
        return job

    monkeypatch.setattr(translation, "_read_job", watched)
    desk = Desk(tmp_path, read)
    assert desk.translate("--json") == ["un", "deux"]
    return desk


def test_the_second_run_reads_nothing_and_says_the_same(desk: Desk) -> None:
    first, before = json.loads(desk.result.stdout), desk.contents()
    assert desk.translate("--json") == []
    second = json.loads(desk.result.stdout)
    assert all(article.pop("changed") for article in first["articles"])
    assert not any(article.pop("changed") for article in second["articles"])
    assert second == first
    assert desk.contents() == before
    assert desk.translate("--no-cache") == ["un", "deux"]
    assert desk.contents() == before


def test_a_changed_source_or_catalog_concerns_its_article(desk: Desk) -> None:
    desk.source.write_text(desk.source.read_text(encoding="utf-8") + "\nIl mange.\n", encoding="utf-8")
    assert desk.translate() == ["un"]
    assert "Il mange." in desk.catalog.read_text(encoding="utf-8")
    assert desk.translate() == []
    desk.catalog.write_text(desk.catalog.read_text(encoding="utf-8").replace("casa", "vivienda"), encoding="utf-8")
    assert desk.translate() == ["un"]
    assert "vivienda" in (desk.path / "out" / "drafts" / "un" / "es.html").read_text(encoding="utf-8")
    assert desk.translate() == []


@pytest.mark.parametrize(
    "name",
    [
        *("translations/un/es.po", "translations/un/un.pot", "translations/un/drafts.tsv"),
        *("out/drafts/un/es.html", "out/drafts/un/un.drafts.tmx"),
    ],
)
def test_a_file_that_is_missing_or_changed_is_made_again(desk: Desk, name: str) -> None:
    before = desk.contents()
    (desk.path / name).unlink()
    assert desk.translate() == ["un"]
    if not name.endswith("drafts.tsv"):  # without it, drafts count as a person's
        assert desk.contents() == before
        assert desk.translate() == []
        (desk.path / name).write_bytes(before[name] + b"\n")
        assert desk.translate() == ["un"]


def test_what_concerns_all_articles_does_them_all(desk: Desk) -> None:
    desk.glossary.write_text("fr,en,es,kind\nmaison,house,vivienda,term\n", encoding="utf-8")
    assert desk.translate() == ["un", "deux"]
    assert "vivienda" in desk.catalog.read_text(encoding="utf-8")
    assert desk.translate() == []
    # What a person reviewed is memory for the other article.
    text = desk.catalog.read_text(encoding="utf-8")
    desk.catalog.write_text(text.replace('#, fuzzy\nmsgid "Le chat', 'msgid "Le chat'), encoding="utf-8")
    assert desk.translate() == ["un", "deux"]
    assert "#. memory: " in (desk.path / "translations" / "deux" / "es.po").read_text(encoding="utf-8")
    assert desk.translate() == []
    assert desk.translate("--redraft") == ["un", "deux"]
    (desk.path / "glossary" / "no-break.txt").write_text("Le chat\n", encoding="utf-8")
    assert desk.translate() == ["un", "deux"]


def test_what_was_said_of_an_article_is_said_again(desk: Desk) -> None:
    (desk.catalog.parent / "es.po~").write_text("", encoding="utf-8")
    for _ in range(2):
        assert desk.translate() == ["un"]
        assert "es.po~: no catalogs of the article; left alone" in desk.result.stderr


def test_an_article_without_the_drafts_of_a_language_is_done_again(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    original = ApertiumEngine.translate

    def fail_english(self: ApertiumEngine, requests: Sequence[Request]) -> list[Translation]:
        if "→en " in self.signature:
            raise EngineError("a model broke", "run again")
        return original(self, requests)

    with monkeypatch.context() as patch:
        patch.setattr(ApertiumEngine, "translate", fail_english)
        assert desk.translate("--to", "en") == ["un", "deux"]
        assert desk.result.exit_code == 1
    assert not (desk.catalog.parent / "en.po").exists()
    assert desk.translate("--to", "en") == ["un", "deux"]
    assert desk.result.exit_code == 0
    assert "cat sleeps" in (desk.catalog.parent / "en.po").read_text(encoding="utf-8")
    assert desk.translate("--to", "en") == []


def test_what_a_person_saves_while_pages_are_made_is_seen_by_the_next_run(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.source.write_text(desk.source.read_text(encoding="utf-8") + "\nIl mange.\n", encoding="utf-8")

    def late(*arguments: Any) -> delivery.Delivery:  # noqa: ANN401
        done = delivery.deliver(*arguments)
        text = desk.catalog.read_text(encoding="utf-8")
        desk.catalog.write_text(text.replace("casa", "vivienda"), encoding="utf-8")
        return done

    with monkeypatch.context() as patch:
        patch.setattr(translation, "deliver", late)
        assert desk.translate() == ["un"]
    assert "vivienda" not in (desk.path / "out" / "drafts" / "un" / "es.html").read_text(encoding="utf-8")
    assert desk.translate() == ["un"]
    assert "vivienda" in (desk.path / "out" / "drafts" / "un" / "es.html").read_text(encoding="utf-8")
