"""Where the tokens of a text stand in it, whatever tokenizer made them."""

import html
import re
from collections.abc import Sequence
from difflib import SequenceMatcher
from itertools import accumulate

Span = tuple[int, int]

_TOKEN = re.compile(r"(?:\[[0-9a-f]+\]|\w+|.)\s*", re.DOTALL)  # a blank of Apertium's stream is one token
_BYTE = re.compile("<0x([0-9A-F]{2})>")
_CONTINUED = range(0x80, 0xC0)  # bytes of UTF-8 that begin no character


def align_tokens(tokens: Sequence[str], text: str) -> list[Span]:
    """Return the start and end of each token in `text`, in order.

    A token without letters of its own is empty, and stands before the next; the bytes of a character share its place.

    Takes SentencePiece (`▁` before a word, `<0xE6>` for a byte) and subword-nmt on Moses (`@@` after a part of a word,
    `&apos;`). Where a tokenizer changed characters, the nearest ones that it kept decide.
    """
    surfaces = [_surface(token) for token in tokens]
    places = [n for n, letter in enumerate(text) if not letter.isspace()]
    letters, written = "".join(text[n] for n in places), "".join(surfaces)
    offsets = list(range(len(letters) + 1)) if len(letters) == len(written) else _match_offsets(letters, written)
    spans: list[Span] = []
    at = 0
    for token, surface in zip(tokens, surfaces, strict=True):
        if spans and not surface and _BYTE.fullmatch(token):  # the rest of a character
            spans.append(spans[-1])
            continue
        first, end = offsets[at], offsets[at + len(surface)]
        start = places[first] if first < len(places) else len(text)
        spans.append((start, places[end - 1] + 1 if end > first else start))
        at += len(surface)
    return spans


def overlapping(spans: Sequence[Span], start: int, end: int) -> tuple[int, ...]:
    """Return the numbers of the spans that share a character with `start:end`."""
    return tuple(n for n, (first, last) in enumerate(spans) if first < end and start < last)


def _surface(token: str) -> str:
    """Return what a token writes; of a character cut into bytes, the first one stands for it."""
    if byte := _BYTE.fullmatch(token):
        return "" if int(byte[1], 16) in _CONTINUED else "\ufffd"
    return html.unescape(token.removesuffix("@@")).replace("▁", "")


def _match_offsets(letters: str, written: str) -> list[int]:
    """Return for each offset in `written`, its end included, the offset in `letters` that it stands at."""
    offsets = [len(letters)] * (len(written) + 1)
    for _, first, last, start, end in SequenceMatcher(None, letters, written, autojunk=False).get_opcodes():
        for n in range(start, end):
            offsets[n] = min(first + n - start, last)
    return offsets


def follow_spans(spans: Sequence[Span], old: str, new: str) -> list[Span]:
    """Return where stretches of a text stand in another version of it; what was replaced is all that replaced it."""
    if old == new or not spans:
        return list(spans)
    olds, news = _TOKEN.findall(old), _TOKEN.findall(new)
    at, to = [0, *accumulate(map(len, olds))], [0, *accumulate(map(len, news))]
    starts, ends = [0] * (len(old) + 1), [0] * (len(old) + 1)
    # Spaces are no sign of sameness.
    matcher = SequenceMatcher(
        None, [token.rstrip() for token in olds], [token.rstrip() for token in news], autojunk=False
    )
    for tag, first, last, start, end in matcher.get_opcodes():
        for token in range(first, last):
            other = start + token - first
            for n in range(at[token], at[token + 1]):
                is_same = tag == "equal"
                starts[n] = min(to[other] + n - at[token], to[other + 1]) if is_same else to[start]
                ends[n + 1] = min(to[other] + n + 1 - at[token], to[other + 1]) if is_same else to[end]
    starts[-1] = len(new)
    places = [(starts[start], ends[end] if end > start else starts[start]) for start, end in spans]
    return [_trim(new, *place) if end > start else place for (start, end), place in zip(spans, places, strict=True)]


def _trim(text: str, start: int, end: int) -> Span:
    """Return a span without the spaces around it."""
    stretch = text[start:end]
    first = start + len(stretch) - len(stretch.lstrip())
    return first, max(first, start + len(stretch.rstrip()))
