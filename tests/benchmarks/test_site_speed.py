"""Speed and memory of `publish`; run by `make bench`.

The figures of the sixth issue: 1,000 articles in under 60 s on two cores, under 2 s after one edit, and memory that
does not grow with their number.
"""

import resource
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SAMPLE = ROOT / "translations" / "russie-chine-ia"


def build_workspace(path: Path, articles: int) -> None:
    """Copy the sample, as if a person had reviewed it, under many names."""
    texts = {file.name: file.read_text(encoding="utf-8") for file in SAMPLE.iterdir()}
    for number in range(articles):
        folder = path / "translations" / f"article-{number:04}"
        folder.mkdir(parents=True)
        for name, text in texts.items():
            (folder / name).write_text(text.replace("#, fuzzy\n", ""), encoding="utf-8")
    (path / "passerelle.toml").write_text('[site]\nbase_url = "https://journal.example/"\n', encoding="utf-8")


def publish(path: Path) -> float:
    begun = time.perf_counter()
    command = [sys.executable, "-m", "pipeline", "publish", "--workspace", str(path)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - begun


@pytest.mark.parametrize("articles", [100, 1000])
def test_publish(tmp_path: Path, articles: int) -> None:
    build_workspace(tmp_path, articles)
    full = publish(tmp_path)
    # The largest process that was ever waited for: the tests run in the order of the numbers.
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    nothing = min(publish(tmp_path) for _ in range(3))
    edited = []
    for number in range(3):
        path = tmp_path / "translations" / f"article-{number:04}" / "en.po"
        path.write_text(path.read_text(encoding="utf-8").replace("Russia", "The Russia"), encoding="utf-8")
        edited.append(publish(tmp_path))
    sys.stderr.write(
        f"\n{articles} articles: {full:.1f} s, {peak:.0f} MB; nothing changed {nothing:.2f} s; "
        f"after one edit {sorted(edited)[1]:.2f} s\n"
    )
