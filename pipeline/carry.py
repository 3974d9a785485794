"""What a person wrote for a sentence that changed, was cut in two or joined with another, found for what it became."""

from collections.abc import Iterator, Sequence

from pipeline.catalog import Entry, is_silent
from pipeline.editing import Carried
from pipeline.similarity import TextIndex

# From this score on (see pipeline/similarity.py) a sentence is taken for a changed one: of the twenty edits in
# tests/cases/similarity/edits.txt eighteen reach it, of the different sentences of flores-dev none.
CUTOFF = 65
# How well a part must be found in a whole; a short one to the letter, since anything contains "Oui".
_PART_CUTOFF, _SHORT = 85, 15
# The share of a whole that its parts must cover.
_COVER = 0.8


def carry_texts(wanted: Sequence[str], gone: Sequence[Entry]) -> list[Carried | None]:
    """Return what each sentence of `wanted` takes over from the entries that are out of use, in its order.

    A sentence made of several takes all their texts, in its order; the parts of one that was cut take its text, each;
    any other changed one takes that of the entry most like it, and no two take the same. That a sentence publishes
    nothing says nothing about another: such entries give no text. Nothing is taken from `gone`: its entries stay in
    the catalog as they are.
    """
    if not wanted or not gone:
        return [None] * len(wanted)
    sources = [entry.msgid for entry in gone]
    silent = {at for at, entry in enumerate(gone) if is_silent(entry)}
    carried = dict(_join(wanted, gone, sources))
    rest = [number for number in range(len(wanted)) if number not in carried]
    for number, at in _cut(wanted, rest, sources):
        if at not in silent:
            carried.setdefault(number, _carry(gone[at]))
    rest = [number for number in rest if number not in carried]
    taken = TextIndex(sources)
    hits = [(-score, number, at) for number in rest for score, at in taken.search(wanted[number], CUTOFF)]
    used = set(silent)
    for _, number, at in sorted(hits):
        if number not in carried and at not in used:
            carried[number] = _carry(gone[at])
            used.add(at)
    return [carried.get(number) for number in range(len(wanted))]


def _carry(entry: Entry) -> Carried:
    # A text that was taken over before, and not reviewed since, still belongs to the source it was written for.
    previous = entry.previous if entry.is_fuzzy and entry.previous else entry.msgid
    return Carried(entry.msgstr, previous, entry.msgctxt, entry.notes)


def _join(wanted: Sequence[str], gone: Sequence[Entry], sources: Sequence[str]) -> Iterator[tuple[int, Carried]]:
    index = TextIndex(sources)
    for number, text in enumerate(wanted):
        parts = [gone[at] for at in _find_parts(text, sources, index) if not is_silent(gone[at])]
        if parts:
            notes = tuple(dict.fromkeys(note for part in parts for note in part.notes))
            texts = " ".join(part.msgstr.strip() for part in parts)
            yield number, Carried(texts, "\n".join(part.msgid for part in parts), None, notes)


def _cut(wanted: Sequence[str], rest: Sequence[int], sources: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Yield (number of a part, number of the source that it was cut from)."""
    texts = [wanted[number] for number in rest]
    index = TextIndex(texts)
    for at, source in enumerate(sources):
        for part in _find_parts(source, texts, index):
            yield rest[part], at


def _find_parts(whole: str, texts: Sequence[str], index: TextIndex) -> list[int]:
    """Return the numbers of the texts that `whole` is made of, in its order; [] where they are not at least two."""
    from rapidfuzz import fuzz  # noqa: PLC0415 (nothing heavy at import)

    shorter = [number for number in index.sharing(whole) if len(texts[number]) < len(whole)]
    spans: list[tuple[int, int, int]] = []
    for number in sorted(shorter, key=lambda number: (-len(texts[number]), number)):
        text = texts[number]
        found = fuzz.partial_ratio_alignment(text, whole, score_cutoff=_PART_CUTOFF if len(text) >= _SHORT else 100)
        if found and all(found.dest_end <= start or end <= found.dest_start for start, end, _ in spans):
            spans.append((found.dest_start, found.dest_end, number))
    is_whole = len(spans) > 1 and sum(end - start for start, end, _ in spans) >= _COVER * len(whole)
    return [number for _, _, number in sorted(spans)] if is_whole else []
