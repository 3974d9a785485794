"""Argos Translate packages as an engine: one package, or a chain of them through pivot languages.

A package's own tokenizer is taken from `argostranslate.package`, and its model is run by CTranslate2.
`argostranslate.translate` is never imported: it brings torch with it, and splits sentences again.
"""

import contextlib
import hashlib
import io
import json
import math
import os
import re
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline.engines import Request, Translation
from pipeline.errors import EngineError
from pipeline.models import InstalledPackage, find_broken_packages, list_packages, package_digest, packages_folder

# Long inputs lose words, the more the shorter the sentences that a model was trained on. The package in tests/models
# gains by any cut (250 sentences of flores-dev fr→en, uncut, cut above 80, 60, 30 tokens: chrF 29.0, 31.0, 34.1, 41.3);
# with models of published size only the few sentences above 80 should pay for it with a broken construction.
MAX_SOURCE_TOKENS = 80
# An output this long is a loop. Small models know 512 positions, and fail beyond.
MAX_TARGET_TOKENS = 3 * MAX_SOURCE_TOKENS
_DECODING = {
    "beam_size": 4,  # as argostranslate
    # argostranslate has 0.2, which drops more words: 250 sentences of flores-dev, fr→en by the package in
    # tests/models, chrF 28.5 and 62 % of the reference's length, against 29.0 and 64 %.
    "length_penalty": 1.0,
    "max_decoding_length": MAX_TARGET_TOKENS,
    "max_input_length": 0,  # no limit: longer inputs would be cut in silence, and ours are split before
    "replace_unknowns": True,  # `<unk>` becomes the source token that it attends to
}
# Tokens; two workers still share the segments of one article. 1,000 to 4,000 were equally fast.
_BATCH = 1024
_MAX_WORKERS = 8
_WEAK_STOP = re.compile(r"(?<=[;:,.!?…)»”—–])\s+")
_SPACE = re.compile(r"\s+")
_EDGES = re.compile(r"^\W+|\W+$")


def open_argos(source: str, target: str, folder: Path | None = None) -> "ArgosEngine":
    """Open the shortest route of packages in `folder` (default: `packages_folder()`) between two languages.

    Models are loaded by the first translation. Raises EngineError when no route exists or a file cannot be read.
    """
    folder = folder or packages_folder()
    route = find_route(list_packages(folder), source, target)
    if not route:
        broken = " ".join(f"({problem.message})" for problem in find_broken_packages(folder))
        message = f"{folder}: no Argos packages lead from {source} to {target} {broken}".rstrip()
        raise EngineError(message, "install one: passerelle models install FILE.argosmodel")
    return ArgosEngine(route)


def is_available(source: str, target: str, folder: Path | None = None) -> bool:
    """Tell whether `open_argos` would find a route; only metadata is read, and nothing heavy is imported."""
    return bool(find_route(list_packages(folder), source, target))


def find_route(packages: Sequence[InstalledPackage], source: str, target: str) -> tuple[InstalledPackage, ...]:
    """Return the fewest packages that lead from one language to another, none when there is no way.

    Among equally short routes, those through English come first (most packages are trained with it), then the
    alphabet decides; of a pair's versions, the first in `packages`.
    """
    links: dict[str, dict[str, InstalledPackage]] = {}
    for package in packages:
        links.setdefault(package.source, {}).setdefault(package.target, package)
    routes: deque[tuple[InstalledPackage, ...]] = deque([()])
    reached = {source}
    while routes:
        route = routes.popleft()
        nearby = links.get(route[-1].target if route else source, {})
        for language in sorted(nearby, key=lambda code: (code != "en", code)):
            if language not in reached:
                reached.add(language)
                routes.append((*route, nearby[language]))
                if language == target:
                    return routes[-1]
    return ()


class ArgosEngine:
    """A route of installed packages; implements `pipeline.engines.Engine`."""

    name = "argos"

    def __init__(self, route: Sequence[InstalledPackage]) -> None:
        self._route = tuple(route)
        self._hops: tuple[_Hop, ...] = ()
        self.signature = f"{self.name} " + ", ".join(_sign(package) for package in route)

    def translate(self, requests: Sequence[Request]) -> list[Translation]:
        """Translate all requests, hop by hop, each hop in one call of CTranslate2; one translation a request.

        The confidence is the geometric mean of the probabilities of the tokens written (of all parts of a segment
        longer than `MAX_SOURCE_TOKENS`), multiplied over the hops. A segment whose draft is empty or without end
        keeps its source text with confidence 0, and is unknown as a whole. `unknown` holds, of each hop, the words
        with tokens that the model has no name for and copied (after a pivot, words of the pivot language).
        Blank requests come back as they are, others without the spaces around them. Pins are not applied.
        Raises EngineError when a package is damaged.
        """
        if not self._hops:
            self._hops = tuple(_Hop(package) for package in self._route)
        drafts = {request: Translation(request.text, 1.0) for request in requests}
        for hop in self._hops:
            alive = [r for r, draft in drafts.items() if draft.confidence > 0 and draft.text.strip()]
            outputs = hop.translate([drafts[r].text.strip() for r in alive])
            for request, output in zip(alive, outputs, strict=True):
                drafts[request] = _chain(request.text, drafts[request], output)
        return [drafts[request] for request in requests]


@dataclass(frozen=True, slots=True)
class _Part:
    """What a model made of a text: the sum of its tokens' log-probabilities and their number come along."""

    text: str
    log_probability: float
    tokens: int
    unknown: tuple[str, ...]
    is_finished: bool


class _Hop:
    """A loaded package: its tokenizer and its model."""

    def __init__(self, package: InstalledPackage) -> None:
        self._package = package
        with _explain_damage(package):
            loaded = _load_package(package.path)
            self._prefix = [loaded.target_prefix] if loaded.target_prefix else []
            self._encode: Callable[[str], list[str]] = loaded.tokenizer.encode
            self._decode = _choose_decoder(loaded.tokenizer)
            with contextlib.redirect_stderr(io.StringIO()):  # argostranslate's BPE prints what it then raises
                self._encode("a")  # tokenizers load at their first use: a damaged one is found here
            self._translator = _load_translator(package.path / "model")
            self._vocabulary = _read_vocabulary(package.path / "model")

    def translate(self, texts: Sequence[str]) -> list[_Part]:
        """Translate texts of any length; one answer a text."""
        with _explain_damage(self._package):
            pieces = [self._split(text) for text in texts]
            parts = iter(self._translate_parts([part for text in pieces for part, _ in text]))
        return [_join([(next(parts), space) for _, space in text]) for text in pieces]

    def _split(self, text: str) -> list[tuple[str, str]]:
        """Halve a text until no part has more than `MAX_SOURCE_TOKENS`.

        Each part comes with what joins it to the next: a space, or nothing where a word had to be cut.
        """
        if len(self._encode(text)) <= MAX_SOURCE_TOKENS or len(text) == 1:
            return [(text, "")]
        end, start = _find_cut(text)
        first, second = self._split(text[:end]), self._split(text[start:])
        return [*first[:-1], (first[-1][0], " " if start > end else ""), *second]

    def _translate_parts(self, parts: Sequence[str]) -> list[_Part]:
        """Translate all parts in one call; CTranslate2 sorts them by length and cuts batches of `_BATCH` tokens."""
        results = self._translator.translate_batch(
            [self._encode(part) for part in parts],
            target_prefix=[self._prefix] * len(parts) if self._prefix else None,
            max_batch_size=_BATCH,
            batch_type="tokens",
            return_scores=True,
            **_DECODING,
        )
        return [self._read(part, r.hypotheses[0], r.scores[0]) for part, r in zip(parts, results, strict=True)]

    def _read(self, source: str, hypothesis: list[str], score: float) -> _Part:
        """Make a part of a hypothesis (which starts with the prefix) and its score.

        The score is the sum of log-probabilities, of the end of sentence too and of the prefix not, over the number
        of tokens with both (measured; the power is the length penalty).
        """
        tokens = hypothesis[len(self._prefix) :]
        copied = set(tokens) - self._vocabulary
        words = [word for word in source.split() if copied.intersection(self._encode(word))] if copied else []
        return _Part(
            text=" ".join(self._decode(tokens).strip().splitlines()),
            log_probability=score * (len(hypothesis) + 1) ** _DECODING["length_penalty"],
            tokens=len(tokens) + 1,
            unknown=tuple(_EDGES.sub("", word) or word for word in words),
            is_finished=len(tokens) > 0 and len(hypothesis) < MAX_TARGET_TOKENS,
        )


def _sign(package: InstalledPackage) -> str:
    """Word a package for the signature; its digest covers our way of decoding too."""
    options = f"{package_digest(package)} {MAX_SOURCE_TOKENS} {sorted(_DECODING.items())}"
    digest = hashlib.sha256(options.encode()).hexdigest()[:8]
    return f"{package.source}→{package.target} {package.version} {digest}"


def _chain(source: str, before: Translation, output: _Part) -> Translation:
    """Add a hop's output to the draft that it was made from."""
    if not output.is_finished or not output.text:
        return Translation(source, 0.0, (source,))
    confidence = min(1.0, math.exp(output.log_probability / output.tokens)) * before.confidence
    return Translation(output.text, confidence, tuple(dict.fromkeys((*before.unknown, *output.unknown))))


def _join(parts: Sequence[tuple[_Part, str]]) -> _Part:
    """Put the parts of a text together, each followed by its joint."""
    return _Part(
        text="".join(part.text + joint for part, joint in parts),
        log_probability=sum(part.log_probability for part, _ in parts),
        tokens=sum(part.tokens for part, _ in parts),
        unknown=tuple(word for part, _ in parts for word in part.unknown),
        is_finished=all(part.is_finished for part, _ in parts),
    )


def _find_cut(text: str) -> tuple[int, int]:
    """Return where to end the first half of a text and where to start the second.

    That is at the weak stop nearest to the middle (in the middle half of the text), else at the space nearest to it,
    else in the middle of a word.
    """
    middle = len(text) // 2
    for pattern, reach in ((_WEAK_STOP, len(text) / 4), (_SPACE, middle)):
        spans = [match.span() for match in pattern.finditer(text) if abs(match.start() - middle) < reach]
        if spans:
            return min(spans, key=lambda span: abs(span[0] - middle))
    return middle, middle


def _load_package(path: Path) -> Any:  # noqa: ANN401 (argostranslate ships no types)
    """Load an `argostranslate.package.Package`.

    The import creates Argos' folders in the user's home, even if empty, and may print; so it is put off until a
    package is at hand, and kept from standard output.
    """
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            from argostranslate.package import Package  # noqa: PLC0415
    except (OSError, KeyError, ValueError, AssertionError) as error:
        message = f"Argos Translate does not start ({type(error).__name__}: {error})"
        hint = "check the ARGOS_* variables and Argos' settings.json, and that the home folder can be written"
        raise EngineError(message, hint) from None
    return Package(path)


def _choose_decoder(tokenizer: Any) -> Callable[[list[str]], str]:  # noqa: ANN401
    """Return the tokenizer's decoder; for SentencePiece the one beneath, as Argos' own turns every `_` into a space."""
    if hasattr(tokenizer, "lazy_processor"):
        decoder: Callable[[list[str]], str] = tokenizer.lazy_processor().decode_pieces
    else:
        decoder = tokenizer.decode
    return decoder


def _load_translator(model: Path) -> Any:  # noqa: ANN401 (ctranslate2 ships no types)
    """Load a CTranslate2 model in the precision it was saved in.

    One single-threaded worker a core: 1.5 to 2 times as fast as one worker with all cores, for 40 segments as for
    2,000. The weights are shared.
    """
    from ctranslate2 import Translator  # noqa: PLC0415

    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return Translator(str(model), inter_threads=min(cores, _MAX_WORKERS), intra_threads=1)


def _read_vocabulary(model: Path) -> frozenset[str]:
    """Read the tokens that a model can write: JSON since CTranslate2 3, before it a text file with one a line."""
    for stem in ("target_vocabulary", "shared_vocabulary"):
        if (file := model / f"{stem}.json").exists():
            return frozenset(json.loads(file.read_bytes()))
        if (file := model / f"{stem}.txt").exists():
            return frozenset(file.read_text(encoding="utf-8").split("\n"))
    return frozenset()


@contextlib.contextmanager
def _explain_damage(package: InstalledPackage) -> Iterator[None]:
    """Turn what the libraries raise over damaged files into an EngineError that names the package's folder.

    Seen: RuntimeError and UnicodeDecodeError of CTranslate2 (truncated or garbled model), ValueError (vocabulary),
    RuntimeError of SentencePiece, SystemExit of argostranslate's BPE.
    """
    try:
        yield
    except (RuntimeError, ValueError, OSError, MemoryError, SystemExit) as error:
        pair = f"{package.source} {package.target}"
        fact = next(iter(str(error).splitlines()), "") if isinstance(error, (RuntimeError, OSError)) else ""
        message = f"{package.path}: the package cannot be used ({fact or type(error).__name__})"
        raise EngineError(message, f"run: passerelle models remove {pair}, then install it again") from None
