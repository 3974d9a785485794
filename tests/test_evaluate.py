"""`passerelle evaluate` with real engines, held against what `translate` writes and what sacrebleu itself says."""

import json
import re
import subprocess
import sys
from pathlib import Path
from shutil import copytree
from typing import Any

import pytest
from click.testing import CliRunner, Result

from pipeline.article import Kind
from pipeline.catalog import parse_catalog
from pipeline.cli import main
from pipeline.draft import draft_passages, prepare_passages
from pipeline.engines.argos import open_argos
from pipeline.evaluation import evaluate_systems, read_test_set
from pipeline.glossary import Glossary
from pipeline.models import install_package
from pipeline.segment import Segment
from pipeline.termbase import read_glossary

MODELS = Path(__file__).parent / "models"
FRENCH = (
    "Le chat dort dans la grande maison de la rue.",
    "Les unités de traitement graphique sont chères, selon Sberbank.",
    "LA RUSSIE VEUT COOPÉRER AVEC LA CHINE.",
    "Il a dit : « Le prix est de 3,5 euros » !",
    "Je ne comprends pas.",
    "Elle mange une pomme et lit le journal.",
)
SPANISH = (
    "El gato duerme en la casa grande de la calle.",
    "Las unidades de procesamiento gráfico son caras, según Sberbank.",
    "RUSIA QUIERE COOPERAR CON CHINA.",
    "Dijo: «¡El precio es de 3,5 euros!»",
    "No entiendo.",
    "Ella come una manzana y lee el periódico.",
)


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments], catch_exceptions=False)


def write(path: Path, lines: tuple[str, ...]) -> Path:
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    """Return a workspace with a glossary, `test.fr.txt` and its translation by a person, `test.es.txt`."""
    copytree(Path(__file__).parents[1] / "glossary", tmp_path / "glossary")
    write(tmp_path / "test.fr.txt", FRENCH)
    write(tmp_path / "test.es.txt", SPANISH)
    return tmp_path


@pytest.fixture(scope="module")
def packages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("evaluate") / "packages"
    for file in sorted(MODELS.glob("*.argosmodel")):
        install_package(file, folder)
    return folder


def evaluate(workspace: Path, reference: Path, *options: str | Path) -> list[dict[str, Any]]:
    """Return the systems as `--json` prints them, without their speed, which is another each time."""
    files = (workspace / "test.fr.txt", reference)
    result = run("evaluate", *files, "--to", "es", "--workspace", workspace, "--json", *options)
    assert result.exit_code == 0, result.stderr
    systems: list[dict[str, Any]] = json.loads(result.stdout)
    assert all(system.pop("segments_per_second") > 0 for system in systems)
    return systems


def values(system: dict[str, Any]) -> list[float]:
    return [score["value"] for score in system["scores"]]


def translate(workspace: Path) -> tuple[dict[str, Any], tuple[str, ...]]:
    """Translate the test set as an article; return what is said of its Spanish, and the drafts."""
    options = ("--workspace", workspace, "--engine", "apertium", "--to", "es", "--json")
    result = run("translate", workspace / "test.fr.txt", "--name", "test", *options)
    path = workspace / "translations" / "test" / "es.po"
    drafts = {entry.msgid: entry.msgstr for entry in parse_catalog(path.read_bytes(), path).entries}
    return json.loads(result.stdout)["articles"][0]["languages"][0], tuple(drafts[text] for text in FRENCH)


def test_what_is_scored_is_what_translate_writes(workspace: Path) -> None:
    counts, drafts = translate(workspace)
    (system,) = evaluate(workspace, write(workspace / "drafts.txt", drafts), "--engine", "apertium")
    assert values(system) == [100, 100, 0]
    assert (system["segments"], system["pins"]) == (len(FRENCH), counts["pins"])
    assert system["pins"]["asked"] == 2


def ask_sacrebleu(workspace: Path, *options: str) -> str:
    command = [sys.executable, "-m", "sacrebleu", "test.es.txt", "-m", "bleu", "chrf", "ter", "-w", "2", *options]
    return subprocess.run(command, cwd=workspace, capture_output=True, text=True, check=True).stdout


def test_scores_and_signatures_are_those_of_sacrebleu(workspace: Path) -> None:
    (system,) = evaluate(workspace, workspace / "test.es.txt", "--engine", "apertium")
    write(workspace / "a.txt", translate(workspace)[1])
    judged = json.loads(ask_sacrebleu(workspace, "-i", "a.txt"))
    assert [(s["metric"], s["value"]) for s in system["scores"]] == [(s["name"], s["score"]) for s in judged]
    assert [s["signature"] for s in system["scores"]] == [s["signature"] for s in judged]
    assert system["engine"].startswith("apertium fr→es ")


def test_a_comparison_is_the_same_each_time_and_the_paired_bootstrap_of_sacrebleu(
    workspace: Path, packages: Path
) -> None:
    options = (workspace / "test.es.txt", "--engine", "apertium", "--compare", packages)
    first, second = evaluate(workspace, *options)
    assert evaluate(workspace, *options) == [first, second]
    assert second["engine"].startswith("argos fr→en")
    write(workspace / "a.txt", translate(workspace)[1])
    segments = [Segment(n, Kind.PARAGRAPH, text, n + 1, "") for n, text in enumerate(FRENCH)]
    passages = prepare_passages(segments, read_glossary(workspace / "glossary"))
    drafts = draft_passages(passages, open_argos("fr", "es", packages), "es")
    write(workspace / "b.txt", tuple(draft.text for draft in drafts))
    table = ask_sacrebleu(workspace, "-i", "a.txt", "b.txt", "--paired-bs", "-f", "text")
    for system in (first, second):
        for score in system["scores"]:
            assert re.search(rf"{score['value']:.2f} \([\d.]+ ± {score['interval']:.2f}\)", table)
            assert score["signature"] in table
    found = [float(number) for number in re.findall(r"\(p = ([\d.]+)\)", table)]
    assert [score["p_value"] for score in second["scores"]] == found
    assert {score["p_value"] for score in first["scores"]} == {None}


def test_packages_need_not_be_installed(workspace: Path, packages: Path) -> None:
    source, reference = workspace / "test.fr.txt", write(workspace / "en.txt", ("The cat sleeps.",) * len(FRENCH))
    systems = (MODELS / "translate-fr_en-0_1.argosmodel", packages / "translate-fr_en-0_1", packages)
    outputs = [run("evaluate", source, reference, "--to", "en", "--engine", s, "--json").stdout for s in systems]
    found = [(each["engine"], each["scores"]) for each in (json.loads(output)[0] for output in outputs)]
    assert found[0][0].startswith("argos fr→en 0.1 ")
    assert found[1:] == found[:1] * 2


def test_lines_are_read_for_people(workspace: Path) -> None:
    expected = evaluate(workspace, workspace / "test.es.txt", "--engine", "apertium")
    for name, lines in (("test.fr.txt", FRENCH), ("test.es.txt", SPANISH)):
        (workspace / name).write_bytes("\ufeff".encode() + "\r\n".join(["", *lines, ""]).encode() + b"\r\n\n")
    assert evaluate(workspace, workspace / "test.es.txt", "--engine", "apertium") == expected


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"Uno.\nDos.\n", "{path}: 2 lines for the 6 of {source}; give a translation a line"),
        (b"Uno.\n\nTres.\nA.\nB.\nC.\n", "{path}:2: is blank in one of the two files; give a translation a line"),
        (b"Uno.\nAqu\xed.\n", "{path}:2: not UTF-8; save the file as UTF-8, one sentence a line"),
        (b"\n \n", "{path}: holds no text; write one sentence a line"),
        (None, "{path}: no such file; check the path"),
    ],
    ids=["count", "blank", "encoding", "empty", "absent"],
)
def test_files_that_make_no_test_set_are_one_line(data: bytes | None, message: str, workspace: Path) -> None:
    path, source = workspace / "reference.txt", workspace / "test.fr.txt"
    if data is not None:
        path.write_bytes(data)
    result = run("evaluate", source, path, "--to", "es", "--workspace", workspace)
    expected = message.format(path=path, source=source)
    assert (result.exit_code, result.stdout, result.stderr) == (1, "", f"passerelle: error: {expected}\n")


def test_systems_that_are_none_are_one_line(workspace: Path, packages: Path) -> None:
    files = (workspace / "test.fr.txt", workspace / "test.es.txt")
    for system, fact in (
        ("deepl", "deepl: no such engine, file or folder; name auto, argos, passerelle, apertium or Argos packages"),
        (packages / "translate-fr_en-0_1", "no Argos packages there lead from fr to es; for a pivot, name a folder"),
        (files[0], "is not a readable package"),
        (workspace, "no Argos packages there lead from fr to es"),
    ):
        result = run("evaluate", *files, "--to", "es", "--engine", system)
        assert (result.exit_code, result.stdout, result.stderr.count("\n")) == (1, "", 1)
        assert fact in result.stderr


def test_the_lines_for_people(workspace: Path) -> None:
    files = (workspace / "test.fr.txt", workspace / "test.es.txt")
    options = ("--to", "es", "--engine", "apertium", "--compare", "apertium", "--workspace", workspace)
    lines = run("evaluate", *files, *options).stdout.splitlines()
    assert len(lines) == 12
    assert lines[0] == lines[6]
    assert lines[1].startswith("  6 segments, ")
    assert lines[2] == "  2 of 2 terms honoured"
    assert re.match(r"  BLEU  [\d.]+ ± [\d.]+  nrefs:1\|bs:1000\|seed:12345\|", lines[3])
    assert "(+0.0, p = 1.000)" in lines[9]


@pytest.mark.parametrize("language", ["es", "en"])
def test_quality_does_not_fall_on_flores(language: str, shared: Path, tmp_path: Path) -> None:
    for code in ("fr", language):
        lines = (shared / "eval" / "mt" / f"flores-dev.{code}").read_text(encoding="utf-8").splitlines()[:200]
        write(tmp_path / code, tuple(lines))
    test_set = read_test_set(tmp_path / "fr", tmp_path / language)
    (evaluation,) = evaluate_systems(["apertium"], test_set, Glossary(), language)
    floors = json.loads(Path(__file__).with_name("floors.json").read_text())["evaluate"]["flores-dev"]
    floor = floors[f"{language} by the detour" if "+" in evaluation.engine else language]
    bleu, chrf, ter = (score.value for score in evaluation.scores)
    assert bleu >= floor["bleu"]
    assert chrf >= floor["chrf"]
    assert ter <= floor["ter"]
