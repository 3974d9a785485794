"""`passerelle status`: what is counted, and the queue that a reviewer works through."""

import json
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from pipeline.catalog import parse_catalog
from pipeline.cli import main

ROOT = Path(__file__).parents[1]
NAME = "russie-chine-ia"


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    for folder in ("translations", "glossary"):
        shutil.copytree(ROOT / folder, tmp_path / folder)
    return tmp_path


def run(workspace: Path, *arguments: str) -> Result:
    return CliRunner().invoke(main, ["status", *arguments, "--workspace", str(workspace)])


def rows(workspace: Path, *arguments: str) -> list[dict[str, object]]:
    result = run(workspace, "--json", *arguments)
    assert result.exit_code == 0
    found: list[dict[str, object]] = json.loads(result.stdout)["catalogs"]
    return found


def edit(workspace: Path, language: str, number: int, text: str | None, *, is_reviewed: bool = False) -> str:
    """Edit an entry as a person would; return its source."""
    path = workspace / "translations" / NAME / f"{language}.po"
    catalog = parse_catalog(path.read_bytes(), path)
    entry = catalog.entries[number]
    raw = entry.raw
    if text is not None:
        raw = raw[: raw.index("msgstr")] + f'msgstr "{text}"\n\n'
    if is_reviewed:
        raw = raw.replace("#, fuzzy\n", "")
    content = path.read_text(encoding="utf-8")
    assert raw != entry.raw
    path.write_text(content.replace(entry.raw, raw), encoding="utf-8")
    return entry.msgid


def test_entries_are_counted_by_state(workspace: Path) -> None:
    (before,) = rows(workspace, "--to", "es")
    assert (before["drafts"], before["segments"]) == (41, 41)
    reviewed = edit(workspace, "es", 2, None, is_reviewed=True)
    edit(workspace, "es", 3, "Mi propio texto")
    edit(workspace, "es", 4, "")
    (after,) = rows(workspace, "--to", "es")
    assert [after[state] for state in ("reviewed", "touched", "drafts", "empty")] == [1, 1, 38, 1]
    assert int(str(before["words_left"])) - int(str(after["words_left"])) == len(reviewed.replace("’", " ").split())


def test_missed_terms_and_findings_are_those_of_check(workspace: Path) -> None:
    edit(workspace, "es", 1, "Nada de nada.")
    (row,) = rows(workspace, "--to", "es")
    found = CliRunner().invoke(main, ["check", "--to", "es", "--json", "--workspace", str(workspace)])
    grave = [f for f in json.loads(found.stdout)["findings"] if f["severity"] != "note"]
    assert row["findings"] == len(grave)
    assert row["pins_missed"] == sum(finding["code"] == "pin" for finding in grave) > 0


def test_the_table_ends_with_totals_and_worst_comes_first(workspace: Path) -> None:
    edit(workspace, "en", 2, None, is_reviewed=True)
    lines = run(workspace, "--worst").stdout.splitlines()
    assert [line.split()[:2] for line in lines[1:3]] == [[NAME, "es"], [NAME, "en"]]
    assert lines[-1].split()[:4] == ["total", "1", "0", "81"]
    assert max(map(len, lines)) < 130


def test_the_queue_begins_with_the_least_sure(workspace: Path) -> None:
    touched = edit(workspace, "es", 3, "Mi propio texto")
    result = run(workspace, NAME, "--to", "es", "--queue", "--json")
    queue = json.loads(result.stdout)
    confidences = [draft["confidence"] for draft in queue]
    assert confidences == sorted(confidences)
    assert len(queue) == 40
    assert touched not in [draft["source"] for draft in queue]
    first = run(workspace, NAME, "--to", "es", "--queue").stdout.splitlines()[0]
    place = first.split()[1].rstrip(":")
    path, _, line = place.rpartition(":")
    assert Path(path).read_text(encoding="utf-8").splitlines()[int(line) - 1].startswith("msgstr")


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (("--queue",), 2, "--queue takes one ARTICLE and one --to LANG"),
        ((NAME, "--to", "de", "--queue"), 1, "de.po: no such catalog; run translate with --to de"),
        (("nothing",), 1, "nothing: has no catalog"),
        (("--to", "pt"), 1, "no catalog in “pt”; there are en, es; run translate with --to pt for more"),
    ],
)
def test_errors_name_the_next_step(workspace: Path, arguments: tuple[str, ...], code: int, message: str) -> None:
    result = run(workspace, *arguments)
    assert result.exit_code == code
    assert message in result.stderr


def test_a_broken_catalog_stops_no_other(workspace: Path) -> None:
    (workspace / "translations" / NAME / "en.po").write_text("<<<<<<< ours\n", encoding="utf-8")
    result = run(workspace)
    assert result.exit_code == 1
    assert "en.po:1" in result.stderr
    assert [line.split()[:2] for line in result.stdout.splitlines()[1:]] == [[NAME, "es"]]


def test_a_ledger_that_cannot_be_read_is_named_once(workspace: Path) -> None:
    (workspace / "translations" / NAME / "drafts.tsv").write_bytes(b"\xff\xfe")
    result = run(workspace)
    assert result.exit_code == 1
    assert result.stderr.count("drafts.tsv:1: is not UTF-8; restore it") == 1


def test_an_empty_workspace_says_what_to_do(tmp_path: Path) -> None:
    assert run(tmp_path).stdout == "no catalog here; passerelle translate makes them\n"
