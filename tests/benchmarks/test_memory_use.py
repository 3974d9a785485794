"""Memory does not grow with the number of articles; run by `make bench`.

The figure of the seventh issue: 10,000 articles take at most a fifth more than 100.
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ARTICLES = int(os.environ.get("PASSERELLE_ARTICLES", "10000"))
# The peak of the program itself; Apertium's own processes are larger, and do not grow either.
PROGRAM = """
import resource, sys
from pipeline.cli import main
try:
    main(sys.argv[1:])
finally:
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024, file=sys.stderr)
"""


def measure_peak(folder: Path, articles: int) -> int:
    folder.mkdir()
    for number in range(articles):
        text = f"La note {number}\n\nLe chat numéro {number} dort. La maison {number} est grande.\n"
        (folder / f"article-{number:05}.txt").write_text(text, encoding="utf-8")
    # Not as arguments: Python keeps half a kilobyte for each of them.
    paths = "\n".join(sorted(path.name for path in folder.glob("*.txt")))
    command = [sys.executable, "-c", PROGRAM, "translate", "--engine", "apertium", "--to", "es", "--files-from", "-"]
    result = subprocess.run(
        command, cwd=folder, input=paths, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, check=True
    )
    return int(result.stderr.splitlines()[-1])


@pytest.mark.parametrize("articles", [ARTICLES])
def test_memory_does_not_grow_with_the_articles(tmp_path: Path, articles: int) -> None:
    few, many = measure_peak(tmp_path / "few", 100), measure_peak(tmp_path / "many", articles)
    sys.stderr.write(f"\npeak memory: 100 articles {few} MB, {articles} articles {many} MB\n")
    assert many < 1.2 * few
