"""Scores of drafts against reference translations: BLEU, chrF and TER by sacrebleu, kept terms, speed.

What is scored is what users get: recased, under the pins of the glossary, in the typography of the target language.
"""

import re
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from pipeline.article import Kind
from pipeline.draft import Passage, draft_passages, prepare_passages
from pipeline.engines import Engine, open_engine
from pipeline.errors import EngineError, SourceError
from pipeline.files import read_file
from pipeline.glossary import Glossary
from pipeline.segment import Segment
from pipeline.settings import ENGINES, SOURCE

if TYPE_CHECKING:
    from sacrebleu.metrics.base import Metric

# Characters of a line of text that end a line for some programs; an engine wants none of them.
_BREAKS = re.compile(r"[ \t]*[\r\v\f\x1c-\x1e\x85\u2028\u2029]+[ \t]*")


@dataclass(frozen=True, slots=True)
class TestSet:
    """French sentences and their translations by people, pair by pair, none of them blank."""

    sources: tuple[str, ...]
    references: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Score:
    """A corpus score by sacrebleu and the signature that makes it comparable; more TER is worse.

    In a comparison, `interval` is half the 95 % confidence interval, and `p_value` of the second system the
    probability of such a difference to the first by chance.
    """

    metric: str
    value: float
    signature: str
    interval: float | None = None
    p_value: float | None = None


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What a system, named by the signature of its engine, made of a test set; `seconds` include loading models."""

    engine: str
    segments: int
    seconds: float
    pins_asked: int
    pins_honoured: int
    scores: tuple[Score, ...]


@dataclass(frozen=True, slots=True)
class _Drafted:
    """The drafts of a system, before they are scored."""

    engine: str
    texts: tuple[str, ...]
    seconds: float
    asked: int
    missed: int


def read_test_set(source: Path, reference: Path) -> TestSet:
    """Read two files of one sentence a line; lines that are blank in both are passed over.

    Raises SourceError for files that are not UTF-8, hold no text or do not match line by line.
    """
    sources, references = _read_lines(source), _read_lines(reference)
    if len(sources) != len(references):
        message = f"{reference}: {len(references)} lines for the {len(sources)} of {source}"
        raise SourceError(message, "give a translation a line")
    pairs = [pair for pair in zip(sources, references, strict=True) if any(pair)]
    for line, pair in enumerate(zip(sources, references, strict=True), 1):
        if any(pair) and not all(pair):
            path = source if pair[1] else reference
            raise SourceError(f"{path}:{line}: is blank in one of the two files", "give a translation a line")
    return TestSet(tuple(pair[0] for pair in pairs), tuple(pair[1] for pair in pairs))


def evaluate_systems(
    names: Sequence[str],
    test_set: TestSet,
    glossary: Glossary,
    language: str,
    clock: Callable[[], float] = time.perf_counter,
) -> tuple[Evaluation, ...]:
    """Translate a test set with one system, or with two to compare, and score the drafts.

    A system is the name of an engine or where packages are (see `open_system`). Two are compared by paired bootstrap
    with a fixed seed. Raises EngineError when a system is missing or fails.
    """
    passages = prepare_sentences(test_set.sources, glossary)
    drafted = []
    for name in names:
        with open_system(name, language) as engine:
            drafted.append(_draft(passages, engine, language, clock))
    scores = _score([each.texts for each in drafted], test_set.references)
    return tuple(
        Evaluation(each.engine, len(passages), each.seconds, each.asked, each.asked - each.missed, mine)
        for each, mine in zip(drafted, scores, strict=True)
    )


def prepare_sentences(sentences: Sequence[str], glossary: Glossary) -> tuple[Passage, ...]:
    """Prepare sentences that are nobody's article, a passage a sentence."""
    segments = [Segment(n, Kind.PARAGRAPH, text, n + 1, "") for n, text in enumerate(sentences)]
    return prepare_passages(segments, glossary)


@contextmanager
def open_system(name: str, language: str) -> Iterator[Engine]:
    """Open an engine by its name, or Argos packages that need not be installed.

    These are an `.argosmodel` file, the folder of a package, or a folder of packages. Raises EngineError for what is
    none of them, or does not translate into `language`.
    """
    from pipeline.engines.argos import ArgosEngine  # noqa: PLC0415
    from pipeline.models import find_route, install_package, list_packages  # noqa: PLC0415

    if name in ENGINES:
        yield open_engine(name, SOURCE, language)
        return
    path = Path(name)
    if not path.exists():
        raise EngineError(f"{path}: no such engine, file or folder", f"name {', '.join(ENGINES)} or Argos packages")
    with TemporaryDirectory(prefix="passerelle-") as workshop:
        if path.is_file():
            packages = [install_package(path, Path(workshop) / "packages")]
        elif (path / "metadata.json").exists():
            packages = [p for p in list_packages(path.resolve().parent) if p.path.name == path.resolve().name]
        else:
            packages = list(list_packages(path))
        route = find_route(packages, SOURCE, language)
        if not route:
            fact = f"{path}: no Argos packages there lead from {SOURCE} to {language}"
            raise EngineError(fact, "for a pivot, name a folder with both packages")
        yield ArgosEngine(route)


def _read_lines(path: Path) -> list[str]:
    data = read_file(path)
    if data is None:
        raise SourceError(f"{path}: no such file", "check the path")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise SourceError(f"{path}:{line}: not UTF-8", "save the file as UTF-8, one sentence a line") from None
    lines = [_BREAKS.sub(" ", line).strip() for line in text.split("\n")]
    if not any(lines):
        raise SourceError(f"{path}: holds no text", "write one sentence a line")
    return lines if lines[-1] else lines[:-1]


def _draft(passages: Sequence[Passage], engine: Engine, language: str, clock: Callable[[], float]) -> _Drafted:
    begun = clock()
    drafts = draft_passages(passages, engine, language)
    seconds = clock() - begun
    asked, missed = sum(len(draft.pins) for draft in drafts), sum(len(draft.missed) for draft in drafts)
    return _Drafted(engine.signature, tuple(draft.text for draft in drafts), seconds, asked, missed)


def _score(systems: Sequence[Sequence[str]], references: Sequence[str]) -> list[tuple[Score, ...]]:
    """Score one system, or two with the chance of their difference."""
    from sacrebleu.metrics.bleu import BLEU  # noqa: PLC0415 (nothing heavy at import)
    from sacrebleu.metrics.chrf import CHRF  # noqa: PLC0415
    from sacrebleu.metrics.ter import TER  # noqa: PLC0415
    from sacrebleu.significance import PairedTest  # noqa: PLC0415

    metrics: list[Metric] = [metric(references=[references]) for metric in (BLEU, CHRF, TER)]
    if len(systems) == 1:
        found = [(metric.corpus_score(systems[0], None), metric.get_signature()) for metric in metrics]
        return [tuple(Score(score.name, score.score, signature.format()) for score, signature in found)]
    named = [(str(number), texts) for number, texts in enumerate(systems)]
    signatures, results = PairedTest(named, {str(n): m for n, m in enumerate(metrics)}, None, test_type="bs")()
    pairs: list[tuple[str, Any]] = [(name, pair) for name, pair in results.items() if name in signatures]
    return [
        tuple(_read_result(name, pair[n], pair[0], signatures[name].format()) for name, pair in pairs)
        for n in range(len(systems))
    ]


def _read_result(name: str, result: Any, first: Any, signature: str) -> Score:  # noqa: ANN401 (untyped pairs)
    """Make plain numbers of sacrebleu's; of no difference at all it says p = 0.001, and we 1."""
    is_same = result is not first and result.score == first.score
    return Score(name, float(result.score), signature, float(result.ci), 1.0 if is_same else result.p_value)
