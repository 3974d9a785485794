"""Sentence pairs: read from the corpus, made token ids once, drawn in batches of similar lengths."""

import hashlib
import lzma
import multiprocessing
from collections.abc import Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any, TextIO

import numpy as np
import sentencepiece
from numpy.typing import NDArray

LANGUAGES = ("en", "es")
DOMAINS = ("prose", "talk", "docs", "ui", "legal", "bible", "dict")
# How often a pair is drawn. What is translated is prose; Spanish has fewer pairs than English.
WEIGHTS = {
    "prose": 3.0, "talk": 0.8, "docs": 1.2, "ui": 0.25, "legal": 0.4, "bible": 0.3, "dict": 0.2, "en": 1.0, "es": 1.6,
}  # fmt: skip
BEGIN, END, PADDING = 1, 2, 3  # ids, as `training.tokenizer` sets them
MAX_TOKENS = 120  # pairs with a longer side are left out

_COLUMNS = 4
_DRAWN = 20_000  # pairs that are sorted by length at a time; ten times as many for large batches
_LARGE = 10_000  # tokens
_WAITING = 32  # batches that are ready

Ids = NDArray[Any]
Batch = tuple[Ids, Ids, Ids]
"""Sources, targets as the decoder reads them, and as it should write them: a row a pair, padded."""


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the corpus; one of the translations may be empty."""

    domain: str
    french: str
    translations: tuple[str, str]


@dataclass(frozen=True, slots=True)
class Pairs:
    """Token ids of all pairs, end to end, pair n from `…_starts[n]` to `…_starts[n + 1]`; targets begin with their tag.

    `domains` and `languages` are numbers in DOMAINS and LANGUAGES.
    """

    sources: Ids
    source_starts: Ids
    targets: Ids
    target_starts: Ids
    domains: Ids
    languages: Ids

    def weigh(self, weights: Mapping[str, float]) -> NDArray[np.float64]:
        """Return how often each pair is to be drawn: the weight of its domain times that of its language."""
        domains, languages = (np.array([weights[name] for name in names]) for names in (DOMAINS, LANGUAGES))
        product: NDArray[np.float64] = domains[self.domains] * languages[self.languages]
        return product


def tag(language: str) -> str:
    """Return the first token of every translation into a language."""
    return f"__{language}__"


def read_rows(corpus: Path) -> list[Row]:
    """Read lines of domain, French, English, Spanish between tabs, packed by xz or not; exits at a line that is not."""
    with _open_text(corpus) as lines:
        return [_parse(line, f"{corpus}:{number}") for number, line in enumerate(lines, 1)]


def _open_text(corpus: Path) -> TextIO:
    if corpus.suffix == ".xz":
        return lzma.open(corpus, "rt", encoding="utf-8", newline="\n")
    return corpus.open(encoding="utf-8", newline="\n")


def _parse(line: str, place: str) -> Row:
    fields = line.rstrip("\n").split("\t")
    if len(fields) != _COLUMNS or fields[0] not in DOMAINS:
        raise SystemExit(
            f"{place}: is not domain, French, English, Spanish between tabs; domains: {', '.join(DOMAINS)}"
        )
    return Row(fields[0], fields[1], (fields[2], fields[3]))


def load_pairs(corpus: Path, tokenizer: Path, folder: Path, only: str | None = None) -> Pairs:
    """Return the pairs of a corpus, of one language or all; they are kept in `folder` for the next time."""
    digest = hashlib.sha256(corpus.read_bytes() + tokenizer.read_bytes()).hexdigest()[:12]
    kept = folder / f"pairs-{only or 'all'}-{digest}.npz"
    if not kept.exists():
        pairs = _encode(read_rows(corpus), tokenizer, [only] if only else LANGUAGES)
        new = kept.with_suffix(".new.npz")
        np.savez(new, **{name: getattr(pairs, name) for name in Pairs.__slots__})
        new.replace(kept)
    with np.load(kept) as arrays:
        return Pairs(**{name: arrays[name] for name in Pairs.__slots__})


def _encode(rows: Sequence[Row], tokenizer: Path, languages: Sequence[str]) -> Pairs:
    processor = sentencepiece.SentencePieceProcessor(model_file=str(tokenizer))
    french = processor.encode([row.french for row in rows])
    sources: list[list[int]] = []
    targets: list[list[int]] = []
    kinds: list[tuple[int, int]] = []
    for language in languages:
        number, prefix = LANGUAGES.index(language), processor.piece_to_id(tag(language))
        encoded = processor.encode([row.translations[number] for row in rows])
        for row, source, target in zip(rows, french, encoded, strict=True):
            if 0 < len(source) <= MAX_TOKENS and 0 < len(target) <= MAX_TOKENS:
                sources.append(source)
                targets.append([prefix, *target])
                kinds.append((DOMAINS.index(row.domain), number))
    if not kinds:
        raise SystemExit(f"the corpus has no pairs into {' or '.join(languages)} of at most {MAX_TOKENS} tokens a side")
    domains, numbers = np.array(kinds, np.uint8).T
    return Pairs(*_flatten(sources), *_flatten(targets), domains, numbers)


def _flatten(rows: Sequence[Sequence[int]]) -> tuple[Ids, Ids]:
    starts = np.cumsum([0, *map(len, rows)])
    return np.fromiter(chain.from_iterable(rows), np.uint16, starts[-1]), starts


def draw_batches(pairs: Pairs, weights: NDArray[np.float64], tokens: int, seed: int) -> Iterator[Batch]:
    """Yield batches of about `tokens` padded tokens a side for ever, the same ones for the same seed."""
    dice, bounds = np.random.default_rng(seed), np.cumsum(weights / weights.sum())
    lengths = 1 + np.maximum(np.diff(pairs.source_starts), np.diff(pairs.target_starts))
    drawn = _DRAWN * (10 if tokens > _LARGE else 1)
    while True:
        chosen = np.minimum(np.searchsorted(bounds, dice.random(drawn)), len(bounds) - 1)
        chosen = chosen[np.argsort(lengths[chosen] + dice.random(drawn))]  # equal lengths in another order each time
        groups = _group(chosen, lengths, tokens)
        for number in dice.permutation(len(groups)):
            yield _make_batch(pairs, groups[number])


def _group(chosen: Ids, lengths: Ids, tokens: int) -> list[Ids]:
    """Cut pairs, sorted by length, where the longest of a batch times its pairs would pass `tokens`."""
    groups, start = [], 0
    for end, length in enumerate(lengths[chosen]):
        if end > start and length * (end + 1 - start) > tokens:
            groups.append(chosen[start:end])
            start = end
    return [*groups, chosen[start:]]


def _make_batch(pairs: Pairs, numbers: Ids) -> Batch:
    sources = [pairs.sources[pairs.source_starts[n] : pairs.source_starts[n + 1]] for n in numbers]
    targets = [pairs.targets[pairs.target_starts[n] : pairs.target_starts[n + 1]] for n in numbers]
    return (
        _pad([np.append(source, END) for source in sources]),
        _pad([np.append(BEGIN, target) for target in targets]),
        _pad([np.append(target, END) for target in targets]),
    )


def _pad(rows: Sequence[Ids]) -> Ids:
    padded = np.full((len(rows), max(map(len, rows))), PADDING, np.int64)
    for number, row in enumerate(rows):
        padded[number, : len(row)] = row
    return padded


def feed_batches(
    pairs: Pairs, weights: NDArray[np.float64], tokens: int, seed: int, workers: int
) -> Generator[Batch, None, None]:
    """Draw batches in processes beside this one, so that an accelerator does not wait; without workers, in this one."""
    if not workers:
        yield from draw_batches(pairs, weights, tokens, seed)
    context = multiprocessing.get_context("fork")  # the pairs are shared, not copied
    queue: multiprocessing.Queue[Batch] = context.Queue(_WAITING)

    def work(number: int) -> None:
        for batch in draw_batches(pairs, weights, tokens, seed * workers + number):
            queue.put(batch)

    processes = [context.Process(target=work, args=(number,), daemon=True) for number in range(workers)]
    for process in processes:
        process.start()
    try:
        while True:
            yield queue.get()
    finally:
        for process in processes:
            process.terminate()
