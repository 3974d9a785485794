"""A loaded Argos Translate package: its own tokenizer, and its model run by CTranslate2.

`argostranslate.translate` is never imported: it brings torch with it, and splits sentences again.
"""

import contextlib
import io
import json
import os
import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from operator import attrgetter
from pathlib import Path
from typing import Any

from pipeline.errors import EngineError
from pipeline.models import InstalledPackage
from pipeline.models.locations import temporary_folder

# An output this long is a loop. Small models know 512 positions, and fail beyond.
MAX_TARGET_TOKENS = 240
DECODING = {
    "beam_size": 4,  # as argostranslate
    # argostranslate has 0.2, which drops more words: 250 sentences of flores-dev, fr→en by the package in
    # tests/models, chrF 28.5 and 62 % of the reference's length, against 29.0 and 64 %.
    "length_penalty": 1.0,
    "max_decoding_length": MAX_TARGET_TOKENS,
    "max_input_length": 0,  # no limit: longer inputs would be cut in silence, and ours are split before
    "replace_unknowns": True,  # `<unk>` becomes the source token that it attends to
}
# Tokens in a row that a looping draft may not repeat: three, and when it still loops two.
UNREPEATED: tuple[int, ...] = (3, 2)
# Tokens. With 1,024 two workers share the segments of one article unevenly, and 1 to 100 articles take 7 to 20 %
# longer; 256 to 768 are equally fast, and with a model of the official size all are.
_BATCH = 384
_MAX_WORKERS = 8
_BYTE = re.compile("<0x[0-9A-F]{2}>")  # with which SentencePiece spells what it has no token for
NO_LETTER = "\ufffd"
_VARIANTS = 8  # of a draft, under each penalty on words that come again
_PENALTIES = (1.0, 1.2)

Tokens = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Hypothesis:
    """What a model made of a text: both without the language tokens and the end of sentence.

    `log_probability` is the sum over `tokens` and the end of sentence. `attention` has a row a target token with a
    number a source token, or is empty where nobody asked for it.
    """

    source: Tokens
    tokens: Tokens
    log_probability: float
    attention: tuple[Sequence[float], ...] = ()

    @property
    def is_finished(self) -> bool:
        """Tell whether the model wrote something and came to an end."""
        return 0 < len(self.tokens) < MAX_TARGET_TOKENS - 1

    @property
    def loops(self) -> bool:
        """Tell whether it says something twice in a row that its source does not, and yet comes to an end."""
        return self.is_finished and _repeats(self.tokens) and not _repeats(self.source)

    @property
    def mean(self) -> float:
        """The mean log-probability of a token."""
        return self.log_probability / (len(self.tokens) + 1)


class Model:
    """A package's tokenizer and model. All methods raise EngineError when the package is damaged."""

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
            self.vocabulary = _read_vocabulary(package.path / "model")
        self._bytes = frozenset(token for token in self.vocabulary if _BYTE.fullmatch(token))
        self.language = package.target

    def encode(self, text: str) -> Tokens:
        """Cut a text of either language into tokens."""
        with _explain_damage(self._package):
            return tuple(self._encode(text))

    def decode(self, tokens: Sequence[str]) -> str:
        """Join tokens to one line of text."""
        with _explain_damage(self._package):
            return " ".join(self._decode(list(tokens)).strip().splitlines())

    def translate(self, sources: Sequence[Tokens], traced: Sequence[bool]) -> list[Hypothesis]:
        """Translate all sources in one call; those that are `traced` come with their attention.

        CTranslate2 sorts them by length and cuts batches. What is garbled is decoded again without bytes, what loops
        with ever shorter repetitions forbidden.
        """
        made = self._run(sources, [()] * len(sources), traced)

        def redo(is_bad: Callable[[Hypothesis], bool], **options: object) -> None:
            bad = [number for number, hypothesis in enumerate(made) if is_bad(hypothesis)]
            if bad:
                again, traces = [sources[number] for number in bad], [traced[number] for number in bad]
                for number, hypothesis in zip(bad, self._run(again, [()] * len(bad), traces, **options), strict=True):
                    made[number] = hypothesis

        redo(self._is_garbled, suppress_sequences=[[token] for token in self._bytes])
        for size in UNREPEATED:
            redo(attrgetter("loops"), no_repeat_ngram_size=size)
        return made

    def _is_garbled(self, hypothesis: Hypothesis) -> bool:
        """Tell whether it spells bytes that make no letter."""
        return not self._bytes.isdisjoint(hypothesis.tokens) and NO_LETTER in self.decode(hypothesis.tokens)

    def vary(self, sources: Sequence[Tokens]) -> list[tuple[Hypothesis, ...]]:
        """Translate each source in the ways that are most probable, and in those that are when words come but once."""
        rest = [()] * len(sources), [False] * len(sources)
        made = [
            self._run_all(sources, *rest, beam_size=_VARIANTS, num_hypotheses=_VARIANTS, repetition_penalty=penalty)
            for penalty in _PENALTIES
        ]
        return [tuple(chain.from_iterable(several)) for several in zip(*made, strict=True)]

    def complete(self, sources: Sequence[Tokens], starts: Sequence[Tokens], beam_size: int) -> list[Hypothesis]:
        """Let the model go on from the given first tokens of each translation; the probability is of what it added.

        Of `starts` that are outside the vocabulary CTranslate2 makes `<unk>`; here they keep their surface.
        """
        return self._run(sources, starts, [True] * len(sources), beam_size=beam_size)

    def score(self, pairs: Sequence[tuple[Tokens, Tokens]]) -> list[float]:
        """Return the log-probability of each (source, translation), of its end of sentence too."""
        return [sum(scores) for scores in self.score_tokens(pairs)]

    def score_tokens(self, pairs: Sequence[tuple[Tokens, Tokens]], batch: int = _BATCH) -> list[list[float]]:
        """Return the log-probabilities of the tokens of each translation, and of its end of sentence.

        `batch` is how many tokens are read at once.
        """
        with _explain_damage(self._package):
            results = self._translator.score_batch(
                [list(source) for source, _ in pairs],
                [[*self._prefix, *tokens] for _, tokens in pairs],
                max_batch_size=batch,
                batch_type="tokens",
                max_input_length=0,
            )
        return [result.log_probs[len(self._prefix) :] for result in results]

    def _run(
        self, sources: Sequence[Tokens], starts: Sequence[Tokens], traced: Sequence[bool], **options: object
    ) -> list[Hypothesis]:
        return [several[0] for several in self._run_all(sources, starts, traced, **options)]

    def _run_all(
        self, sources: Sequence[Tokens], starts: Sequence[Tokens], traced: Sequence[bool], **options: object
    ) -> list[tuple[Hypothesis, ...]]:
        prefixes = [[*self._prefix, *start] for start in starts]
        with _explain_damage(self._package):
            results = self._translator.translate_batch(
                [list(source) for source in sources],
                target_prefix=prefixes if any(prefixes) else None,
                return_scores=True,
                return_attention=any(traced),
                max_batch_size=_BATCH,
                batch_type="tokens",
                **{**DECODING, **options},
            )
        runs = zip(sources, starts, results, traced, strict=True)
        return [tuple(self._read(source, start, result, is_traced=trace)) for source, start, result, trace in runs]

    def _read(self, source: Tokens, start: Tokens, result: Any, *, is_traced: bool) -> Iterator[Hypothesis]:  # noqa: ANN401
        """Make hypotheses of a result, which start with the prefix.

        Their score is the sum of log-probabilities, of the end of sentence too and of the prefix not, over the number
        of tokens with both (measured; the power is the length penalty).
        """
        skip = len(self._prefix)
        for rank, (written, score) in enumerate(zip(result.hypotheses, result.scores, strict=True)):
            yield Hypothesis(
                source=source,
                tokens=(*start, *written[skip + len(start) :]),
                log_probability=score * (len(written) + 1) ** DECODING["length_penalty"],
                attention=tuple(result.attention[rank][skip:]) if is_traced else (),
            )


def _repeats(tokens: Tokens) -> bool:
    """Tell whether two words or more come again at once, or one word twice more; blanks do not count."""
    places: defaultdict[str, list[int]] = defaultdict(list)
    tokens = tuple(token for token in tokens if token.strip("▁"))
    for at, token in enumerate(tokens):
        for first in places[token]:
            words = sum(token.startswith("▁") for token in tokens[first:at])
            length = (at - first) * (1 if words > 1 else 2)
            if tokens[first : first + length] == tokens[at : at + length]:
                return True
        places[token].append(at)
    return False


def _load_package(path: Path) -> Any:  # noqa: ANN401 (argostranslate ships no types)
    """Load an `argostranslate.package.Package`.

    The import creates Argos' folders in the user's home, even if empty, and may print; so it is put off until a
    package is at hand, and kept from standard output. Where there is no home, or it cannot be written, they go into a
    temporary folder.
    """
    try:
        try:
            package = _import_package()
        except (OSError, RuntimeError):
            with _move_home(temporary_folder()):
                package = _import_package()
    except (OSError, KeyError, ValueError, AssertionError) as error:
        message = f"Argos Translate does not start ({type(error).__name__}: {error})"
        raise EngineError(message, "check the ARGOS_* variables and Argos' settings.json") from None
    return package(path)


def _import_package() -> Any:  # noqa: ANN401
    with contextlib.redirect_stdout(io.StringIO()):
        from argostranslate.package import Package  # noqa: PLC0415
    return Package


@contextlib.contextmanager
def _move_home(folder: Path) -> Iterator[None]:
    """Have Argos make its folders elsewhere: these are what `argostranslate.settings` reads."""
    names = ("HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "ARGOS_PACKAGES_DIR")
    before = {name: os.environ.pop(name, None) for name in names}
    os.environ.update(dict.fromkeys(names, str(folder)))
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


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
