"""Speed and memory; run by `make bench`, never by `make test`, since shared machines are noisy.

The figures of the first issue: help under 0.3 s, the sample with Apertium under 3 s and 150 MB, and on 100 articles at
most half as long again as the raw pipes over the same sentences.
"""

import ctypes
import os
import re
import resource
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from random import Random
from shutil import copytree, rmtree

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from pipeline.formats import read_article
from pipeline.glossary import Glossary, Term, TermKind
from pipeline.segment import segment_article

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "translations" / "russie-chine-ia" / "fr.txt"
PASSERELLE = [sys.executable, "-m", "pipeline"]
_PR_SET_CHILD_SUBREAPER = 36  # linux/prctl.h


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    copytree(ROOT / "glossary", tmp_path / "glossary")
    return tmp_path


def call(*arguments: str | Path, cwd: Path) -> None:
    subprocess.run([*PASSERELLE, *map(str, arguments)], cwd=cwd, check=True, stdout=subprocess.DEVNULL)


def test_help(benchmark: BenchmarkFixture, tmp_path: Path) -> None:
    benchmark.pedantic(call, args=("--help",), kwargs={"cwd": tmp_path}, rounds=10)


def test_sample_with_apertium(benchmark: BenchmarkFixture, workspace: Path) -> None:
    source = workspace / "translations" / "russie-chine-ia" / "fr.txt"

    def fresh() -> None:
        source.parent.mkdir(parents=True, exist_ok=True)
        for path in source.parent.iterdir():
            path.unlink()
        source.write_bytes(SOURCE.read_bytes())

    adopt_orphans()
    command = ("translate", "--no-cache", "--engine", "apertium", source)
    benchmark.pedantic(call, args=command, kwargs={"cwd": workspace}, setup=fresh, rounds=5)
    children_time()
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    benchmark.extra_info["peak MB"] = round(peak)
    sys.stderr.write(f"\npeak memory of the largest process: {peak:.0f} MB\n")


def test_overhead_over_the_raw_pipes(workspace: Path) -> None:
    """Translate 100 articles, and the same sentences through `apertium` alone, three times in turn; print the ratio."""
    segments = [segment.text for segment in segment_article(read_article(SOURCE, "sample"))]
    # Each article says something of its own, so that no sentence is translated once for all.
    articles = [[f"{n}, {text}" for text in segments] for n in range(100)]
    paths = []
    for number, article in enumerate(articles):
        path = workspace / f"article-{number:03}.txt"
        path.write_text("\n\n".join(article), encoding="utf-8")
        paths.append(path)
    plain = "\n\n".join(text for article in articles for text in article)
    pipes = "apertium fr-es < plain.txt > es.txt; apertium fr-es < plain.txt | apertium spa-eng > en.txt"
    (workspace / "plain.txt").write_text(plain, encoding="utf-8")
    ratios = []
    adopt_orphans()
    for _ in range(3):
        begun, raw_cpu = time.perf_counter(), children_time()
        subprocess.run(["sh", "-c", pipes], cwd=workspace, check=True)
        raw, raw_cpu = time.perf_counter() - begun, children_time() - raw_cpu
        for made in ("translations", "out"):  # by the round before, whose catalogs would have to be read
            rmtree(workspace / made, ignore_errors=True)
        begun = time.perf_counter()
        cpu = children_time()
        call("translate", "--no-cache", "--engine", "apertium", *paths, cwd=workspace)
        ours, cpu = time.perf_counter() - begun, children_time() - cpu
        ratios.append(ours / raw)
        sys.stderr.write(
            f"\n100 articles, {len(segments)} segments each: pipes {raw:.2f} s, passerelle {ours:.2f} s; "
            f"processor {raw_cpu:.2f} s and {cpu:.2f} s\n"
        )
    sys.stderr.write(f"ratio to the raw pipes: {sorted(ratios)[1]:.2f}\n")


def test_the_second_run(workspace: Path) -> None:
    """Translate 100 articles, again with nothing changed, and once more with one; print the shares of the first run."""
    segments = [segment.text for segment in segment_article(read_article(SOURCE, "sample"))]
    paths = [workspace / f"article-{number:03}.txt" for number in range(100)]
    for number, path in enumerate(paths):
        path.write_text("\n\n".join(f"{number}, {text}" for text in segments), encoding="utf-8")
    first = 0.0
    for run in ("first", "second", "after one change"):
        if run == "after one change":
            paths[7].write_text(paths[7].read_text(encoding="utf-8") + "\n\nIl pleut.\n", encoding="utf-8")
        begun = time.perf_counter()
        call("translate", "--engine", "apertium", *paths, cwd=workspace)
        taken = time.perf_counter() - begun
        first = first or taken
        sys.stderr.write(f"\n100 articles, {run}: {taken:.2f} s, {taken / first:.1%}\n")


def adopt_orphans() -> None:
    """Become the parent of the programs that Passerelle leaves when it ends, as their time counts."""
    ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1)


def children_time() -> float:
    with suppress(ChildProcessError):
        while True:
            os.wait()
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def test_matching_beside_apertium(tmp_path: Path) -> None:
    """Find 20,000 terms in a manual and translate it by the raw pipe, three times in turn; print the ratio
    of processor time.

    Five hundred of the terms are common nouns, the others two or three words of the manual thrown together, so that
    many a walk begins and most lead nowhere.
    """
    cases = ROOT / "tests" / "cases" / "matching"
    text = (cases / "debian.txt").read_text(encoding="utf-8")
    lines, words = text.splitlines(), re.findall(r"\w+", text)
    nouns = [row.partition("\t")[0] for row in (cases / "general.tsv").read_text(encoding="utf-8").splitlines()]
    dice = Random(0)  # noqa: S311 (the same each time)
    rows = nouns + [" ".join(dice.sample(words, dice.choice((2, 3)))) for _ in range(20_000 - len(nouns))]
    begun = time.process_time()
    glossary = Glossary(tuple(Term(row, TermKind.TERM, ()) for row in rows))
    glossary.find_terms("")
    sys.stderr.write(f"\nindex of {len(rows)} terms: {time.process_time() - begun:.2f} s\n")
    (tmp_path / "plain.txt").write_text(text, encoding="utf-8")
    ratios = []
    for _ in range(3):
        begun = children_time()
        subprocess.run(["sh", "-c", "apertium fr-es < plain.txt > es.txt"], cwd=tmp_path, check=True)
        raw, begun = children_time() - begun, time.process_time()
        found = sum(len(glossary.find_terms(line)) for line in lines)
        ratios.append(raw / (time.process_time() - begun))
        sys.stderr.write(
            f"{len(words)} words: apertium {raw:.2f} s, {found} terms found {ratios[-1]:.1f} times as fast\n"
        )
    assert sorted(ratios)[1] > 1
