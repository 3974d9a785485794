"""Passerelle beside raw CTranslate2, the library argostranslate and its command, on the same packages and articles.

    python tests/benchmarks/peers.py [--articles 1 10 100] [--base] [--rounds 3] [--quick | --slow]

Each contender is a process of its own, in turn, `--rounds` times; the medians are printed. "cold" is the whole process,
with imports and the loading of the model; "warm" is the articles alone, in a process that has translated another one.

Every sentence of an article is new to the process, and "warm" goes through the articles after the sample.

Beyond 10 articles argostranslate is left out, as it takes 7 s for each; `--slow` keeps it, `--quick` never runs it.

- raw: one `translate_batch` of all sentences, tokenized before, with our beam and the settings that were fastest here;
- passerelle: cold the whole command without cache, with catalogs and pages; warm the engine, as a window asks it;
- library: `argostranslate.translate.translate`, an article at a time;
- command: `argos-translate`, an article at a time.

argostranslate cannot run its own sentence splitters without network (its issues 512 and 538: stanza and MiniSBD reach
for a download even where the data are there), so it is given ours in their place. That favours it. `--base` takes a
random package of the official size (see random_package.py) in the place of the small ones of tests/models. What that
writes repeats itself, as no real package does: Passerelle, which would decode such drafts again, is kept from it.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
TOKENIZER = ROOT.parent / "shared" / "models" / "official-tokenizers" / "translate-fr_en-1_9"
SAMPLE = ROOT / "translations" / "russie-chine-ia" / "fr.txt"
CONTENDERS = ("raw", "passerelle", "library", "command")
Translate = Callable[[Sequence[str]], None]
_FEW = 10  # articles that argostranslate is timed on
_ACCEPT_LOOPS = "import pipeline.engines.argos_model as m; m.UNREPEATED = (); from pipeline.cli import main; main()"


@dataclass(frozen=True)
class Timing:
    """Seconds of wall and processor, peak memory in MB of the largest process, seconds when warm (or None)."""

    wall: float
    cpu: float
    peak: float
    warm: float | None


def is_random(package: Path) -> bool:
    return package.name == TOKENIZER.name


def read_sentences() -> list[str]:
    from pipeline.formats import read_article
    from pipeline.segment import segment_article

    return [segment.text for segment in segment_article(read_article(SAMPLE, "sample"))]


def write_articles(folder: Path, count: int) -> None:
    """Write articles that differ in every sentence, so that no cache helps anybody."""
    for number in range(count):
        text = "\n\n".join(f"{number}, {sentence}" for sentence in read_sentences())
        (folder / f"article-{number:04}.txt").write_text(text, encoding="utf-8")


def open_raw(package: Path) -> Translate:
    from ctranslate2 import Translator
    from sentencepiece import SentencePieceProcessor

    from pipeline.engines.argos_model import DECODING

    processor = SentencePieceProcessor(model_file=str(package / "sentencepiece.model"))
    prefix = json.loads((package / "metadata.json").read_text(encoding="utf-8")).get("target_prefix")
    translator = Translator(str(package / "model"), inter_threads=os.cpu_count() or 1, intra_threads=1)

    def translate(sentences: Sequence[str]) -> None:
        tokens = processor.encode(list(sentences), out_type=str)
        starts = [[prefix]] * len(tokens) if prefix else None
        results = translator.translate_batch(
            tokens, target_prefix=starts, max_batch_size=384, batch_type="tokens", **DECODING
        )
        processor.decode([result.hypotheses[0] for result in results])

    return lambda texts: translate([sentence for text in texts for sentence in text.split("\n\n")])


def open_passerelle(package: Path) -> Translate:
    from pipeline.engines import Request, argos_model, open_engine

    if is_random(package):
        argos_model.UNREPEATED = ()

    engine = open_engine("argos", "fr", "en")

    def translate(texts: Sequence[str]) -> None:
        engine.translate([Request(sentence) for text in texts for sentence in text.split("\n\n")])

    return translate


def give_splitter() -> None:
    """Put our sentence splitter in the place of those of argostranslate."""
    from argostranslate import translate

    from pipeline.segment import split_sentences

    class Splitter:
        def __init__(self, _: object) -> None:
            pass

        def split_sentences(self, text: str) -> list[str]:
            return [sentence.strip() for sentence in split_sentences(text)]

    translate.MiniSBDSentencizer = translate.StanzaSentencizer = Splitter


def open_library(_: Path) -> Translate:
    from argostranslate.translate import translate

    give_splitter()

    def translate_all(texts: Sequence[str]) -> None:
        for text in texts:
            translate(text.replace("\n\n", "\n"), "fr", "en")

    return translate_all


def run_contender(name: str, articles: Path, package: Path, *, is_warm: bool) -> None:
    """Be one contender: `command` translates standard input, the others say how long they take when they are warm."""
    if name == "command":
        from argostranslate import cli

        give_splitter()
        sys.argv = ["argos-translate", "--from-lang", "fr", "--to-lang", "en"]
        cli.main()
        return
    texts = [path.read_text(encoding="utf-8") for path in sorted(articles.glob("*.txt"))]
    translate = {"raw": open_raw, "passerelle": open_passerelle, "library": open_library}[name](package)
    if is_warm:
        translate(["\n\n".join(read_sentences())])
    begun = time.perf_counter()
    translate(texts)
    sys.stdout.write(f"{time.perf_counter() - begun}\n")


def measure(commands: Sequence[tuple[Sequence[str], Path | None]], cwd: Path) -> tuple[float, float, float]:
    """Run commands one after the other, each with a file as its input; return wall, processor time and peak memory."""
    begun, cpu, peak = time.perf_counter(), 0.0, 0.0
    for command, path in commands:
        with (path or Path(os.devnull)).open("rb") as text:
            process = subprocess.Popen(
                command, cwd=cwd, stdin=text, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
            )
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            raise subprocess.CalledProcessError(process.returncode, command)
        cpu += usage.ru_utime + usage.ru_stime
        peak = max(peak, usage.ru_maxrss / 1024)
    return time.perf_counter() - begun, cpu, peak


def time_contender(name: str, articles: Path, package: Path, work: Path) -> Timing:
    files = sorted(articles.glob("*.txt"))
    me = [sys.executable, str(Path(__file__)), "--package", str(package)]
    if name == "command":
        return Timing(*measure([([*me, "--run", name], path) for path in files], work), None)
    warm = subprocess.run([*me, "--run", name, "--folder", str(articles)], capture_output=True, check=True, text=True)
    if name == "passerelle":
        with tempfile.TemporaryDirectory(dir=work) as workspace:
            program = ["-c", _ACCEPT_LOOPS] if is_random(package) else ["-m", "pipeline"]
            command = [sys.executable, *program, "translate", "--no-cache", "--engine", "argos", "--to", "en"]
            return Timing(*measure([([*command, *map(str, files)], None)], Path(workspace)), float(warm.stdout))
    return Timing(
        *measure([([*me, "--run", name, "--folder", str(articles), "--once"], None)], work), float(warm.stdout)
    )


def install(work: Path, *, is_base: bool) -> Path:
    packages = work / "packages"
    packages.mkdir()
    if is_base:
        (work / "sentences.txt").write_text("\n".join(read_sentences()), encoding="utf-8")
        package = packages / TOKENIZER.name
        # In another process: what this one has held counts as memory of those that it starts.
        builder = [sys.executable, str(Path(__file__).with_name("random_package.py"))]
        subprocess.run([*builder, str(TOKENIZER), str(work / "sentences.txt"), str(package)], check=True)
        return package
    for file in (ROOT / "tests" / "models").glob("*.argosmodel"):
        with zipfile.ZipFile(file) as archive:
            archive.extractall(packages)
    return next(packages.glob("*fr_en*"))


def compare(counts: Sequence[int], rounds: int, work: Path, package: Path, speed: str | None) -> None:
    for count in counts:
        articles = work / f"articles-{count}"
        articles.mkdir()
        write_articles(articles, count)
        names = CONTENDERS if speed == "slow" or (count <= _FEW and speed != "quick") else CONTENDERS[:2]
        timings: dict[str, list[Timing]] = {name: [] for name in names}
        for _ in range(rounds):
            for name in names:
                timings[name].append(time_contender(name, articles, package, work))
        sys.stdout.write(f"\n{count} articles; load {os.getloadavg()[0]:.1f}\n")
        sys.stdout.write("            cold: wall s    cpu s  peak MB  x passerelle   warm: s  x raw\n")
        own = statistics.median(timing.wall for timing in timings["passerelle"])
        raw = statistics.median(timing.warm or 0 for timing in timings["raw"])
        for name, several in timings.items():
            wall, cpu, peak = (
                statistics.median(getattr(t, field) for t in several) for field in ("wall", "cpu", "peak")
            )
            warm = statistics.median(t.warm for t in several if t.warm) if several[0].warm else None
            rest = f"{warm:9.2f} {warm / raw:6.2f}" if warm else ""
            sys.stdout.write(f"{name:16} {wall:7.2f} {cpu:8.2f} {peak:8.0f} {wall / own:12.2f} {rest}\n")
            sys.stdout.flush()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--articles", type=int, nargs="+", default=[1, 10, 100])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--base", action="store_true")
    parser.add_argument("--quick", dest="speed", action="store_const", const="quick")
    parser.add_argument("--slow", dest="speed", action="store_const", const="slow")
    parser.add_argument("--run", choices=CONTENDERS, help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--package", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--once", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.run:
        run_contender(options.run, options.folder, options.package, is_warm=not options.once)
        return
    if options.base and not TOKENIZER.is_dir():
        sys.stdout.write(f"--base is left out: there is no {TOKENIZER}\n")
        return
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        package = install(work, is_base=options.base)
        os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # an installed program has its bytecode, as the peers have
        os.environ |= {"ARGOS_PACKAGES_DIR": str(package.parent), "HOME": folder, "PYTHONPATH": str(ROOT)}
        os.environ |= {f"XDG_{name}_HOME": f"{folder}/{name.lower()}" for name in ("DATA", "CONFIG", "CACHE")}
        compare(options.articles, options.rounds, work, package, options.speed)


if __name__ == "__main__":
    main()
