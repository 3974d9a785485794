"""`training/` end to end, in processes of its own: a tiny model learns four sentences by heart, and is installed."""

import importlib.util
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from click.testing import CliRunner

from pipeline.cli import main
from pipeline.engines import Request
from pipeline.engines.argos import open_argos
from training.readme import write_readme

ROOT = Path(__file__).parents[1]
PAIRS = (
    ("Le chat saute.", "The cat jumps.", "El gato salta."),
    ("Il fait froid.", "It is cold.", "Hace frío."),
    ("Merci beaucoup.", "Thank you very much.", "Muchas gracias."),
    ("Nous allons à Paris.", "We go to Paris.", "Vamos a París."),
)
TINY = (
    *("--width", "64", "--inner", "128", "--heads", "4", "--encoder", "1", "--decoder", "1", "--dropout", "0"),
    *("--tokens", "160", "--rate", "4e-3", "--warmup", "30", "--workers", "1", "--threads", "1", "--device", "cpu"),
)

needs_torch = pytest.mark.skipif(importlib.util.find_spec("torch") is None, reason="needs torch")


def run(module: str, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", f"training.{module}", *map(str, arguments)]
    return subprocess.run(command, cwd=ROOT, check=False, capture_output=True, text=True)


def read_steps(result: subprocess.CompletedProcess[str]) -> tuple[int, int]:
    """Return the steps that a training began and stopped at."""
    assert result.returncode == 0, result.stderr
    first, last = (re.search(pattern, result.stderr) for pattern in (r"cpu, step (\d+)", r"stopped at step (\d+)"))
    assert first
    assert last
    return int(first[1]), int(last[1])


@needs_torch
def test_a_model_is_trained_in_two_goes_packed_installed_and_translates(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    corpus, tokenizer, work = tmp_path / "corpus.tsv", tmp_path / "fr.model", tmp_path / "work"
    corpus.write_text("".join("prose\t" + "\t".join(row) + "\n" for row in PAIRS), encoding="utf-8")
    sources = tmp_path / "SOURCES.tsv"
    sources.write_text("poems\tCC0\tweb\t4\t4\n")
    assert run("tokenizer", corpus, tokenizer, "--vocabulary", "320", "--lines", "500").returncode == 0
    training = ("train", corpus, tokenizer, "--work", work, *TINY)
    _, stopped = read_steps(run(*training, "--budget", "0.004"))
    resumed, end = read_steps(run(*training, "--budget", "0.045"))
    assert 0 < stopped == resumed < end

    checkpoint = work / "last.pt"
    options = ("--tokenizer", tokenizer, "--output", tmp_path, "--credits", sources, "--licence", "CC0-1.0")
    result = run("export", checkpoint, checkpoint, *options)
    assert result.returncode == 0, result.stderr
    files = [Path(line.rpartition(" ")[0]) for line in result.stdout.splitlines()]
    assert [file.name for file in files] == ["translate-fr_en-0_1.argosmodel", "translate-fr_es-0_1.argosmodel"]
    assert "| poems |" in zipfile.ZipFile(files[0]).read("translate-fr_en-0_1/README.md").decode()

    monkeypatch.setenv("ARGOS_PACKAGES_DIR", str(tmp_path / "packages"))
    installed = CliRunner().invoke(main, ["models", "install", *map(str, files)], catch_exceptions=False)
    assert installed.exit_code == 0, installed.stderr
    requests = [Request(row[0]) for row in PAIRS]
    for column, language in enumerate(("en", "es"), 1):
        drafts = open_argos("fr", language, tmp_path / "packages").translate(requests)
        assert [draft.text for draft in drafts] == [row[column] for row in PAIRS]


@needs_torch
def test_the_loss_and_what_it_teaches_are_those_of_torch() -> None:
    program = """
import torch
from torch.nn import functional
from training.loss import SMOOTHING, SmoothedLoss

logits, targets = torch.randn(40, 300, generator=torch.manual_seed(1)) * 4, torch.arange(40)
ours, theirs = logits.clone().requires_grad_(), logits.clone().requires_grad_()
loss = SmoothedLoss.apply(ours, targets)
expected = functional.cross_entropy(theirs, targets, label_smoothing=SMOOTHING)
(3 * loss).backward()
(3 * expected).backward()
torch.testing.assert_close(loss, expected)
torch.testing.assert_close(ours.grad, theirs.grad)
torch.testing.assert_close(ours.detach(), logits)
"""
    result = subprocess.run([sys.executable, "-c", program], cwd=ROOT, check=False, capture_output=True, text=True)
    assert result.returncode == 0, result.stderr


def test_a_line_that_is_no_row_is_named(tmp_path: Path) -> None:
    corpus = tmp_path / "corpus.tsv"
    corpus.write_text("prose\tOui.\tYes.\tSí.\npoetry\tNon.\tNo.\tNo.\n", encoding="utf-8")
    result = run("tokenizer", corpus, tmp_path / "fr.model")
    assert result.returncode == 1
    assert result.stderr.startswith(f"{corpus}:2: is not domain, French, English, Spanish between tabs")


def test_a_readme_has_the_scores_of_its_language_and_credits_what_was_used(tmp_path: Path) -> None:
    french, english = tmp_path / "test.fr", tmp_path / "test.en"
    french.write_text("Je ne comprends pas.\nMerci.\n", encoding="utf-8")
    english.write_text("I do not understand.\nThank you.\n", encoding="utf-8")
    package = Path(__file__).parent / "models" / "translate-fr_en-0_1.argosmodel"
    options = ("--to", "en", "--engine", package, "--workspace", tmp_path, "--json")
    arguments = ["evaluate", *map(str, (french, english, *options))]
    evaluated = CliRunner().invoke(main, arguments, catch_exceptions=False)
    scores = tmp_path / "test.en.json"
    scores.write_text(evaluated.stdout, encoding="utf-8")
    sources = tmp_path / "SOURCES.tsv"
    sources.write_text(
        "poems\tCC0 | MIT\tweb\t4\t4\nsecret\tNOT OPEN: none\tweb\t9\t9\nnews\tes\tCC0\tweb\t9\n", encoding="utf-8"
    )
    readme = write_readme("en", "0.1", [scores], sources)
    assert "test, 2 sentences:\n\n- BLEU " in readme
    assert "- chrF2 " in readme
    assert readme.endswith("| --- | --- | --- | --- | --- |\n| poems | CC0 / MIT | web | 4 | 4 |\n")
    assert "Scores" not in write_readme("es", "0.1", [scores], sources)


def test_soundness_counts_what_must_not_be(tmp_path: Path) -> None:
    package = ROOT / "tests" / "models" / "translate-fr_en-0_1.argosmodel"
    (tmp_path / "sentences.fr").write_text("Merci.\n\nMerci.\nL'usine emploie 8 300 ouvriers.\n", encoding="utf-8")
    command = [sys.executable, "-m", "training.soundness", str(package), "--to", "en", str(tmp_path / "sentences.fr")]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert "number\t“8 300” became “800”\tL'usine emploie 8 300 ouvriers.\t" in result.stdout
    assert result.stderr.splitlines()[0] == "2 sentences"
    assert "     1 number" in result.stderr.splitlines()
