"""Sentences of a French block: the library sentencex proposes boundaries, rules that know French correct them.

In doubt two sentences stay joined: an engine translates a long segment well and half a sentence badly.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate, pairwise
from pathlib import Path

from pipeline.article import Article, Block, Kind, Markup
from pipeline.errors import GlossaryError
from pipeline.files import read_file
from pipeline.formats.marks import find_marks, hide_marks, trim_text
from pipeline.gaps import BULLETS, CLOSERS, ends_sentence, read_gap


@dataclass(frozen=True, slots=True)
class Segment:
    """A sentence of a block, as catalogs and engines see it.

    `text` is trimmed and has each line break, with the spaces around it, as one space; no other character is altered.
    `block` is an index into `Article.blocks` and `kind` that block's; `line` (from 1) is where the segment begins in
    the source; `section` is the text of the nearest heading above, "" before the first and for titles and headings.
    `start` and `end` are its span in the text of its block, `markup` is what its text is written in.
    """

    block: int
    kind: Kind
    text: str
    line: int
    section: str
    start: int = 0
    end: int = 0
    markup: Markup = Markup.NONE


def segment_article(article: Article, no_break: Sequence[str] = ()) -> tuple[Segment, ...]:
    """Split every block of an article into segments, in document order; `no_break` as for `split_sentences`."""
    segments: list[Segment] = []
    heading = ""
    for index, block in enumerate(article.blocks):
        section = "" if block.kind in {Kind.TITLE, Kind.HEADING} else heading
        line, start, known = block.line, 0, block.start
        for piece in _split_block(block, no_break):
            first, last = trim_text(piece, block.notation.markup)
            if text := _unwrap(piece[first:last]):
                begin = block.locate(start + first)
                line += len(_BREAKS.findall(article.source, known, begin))
                known = begin
                span = (start + first, start + last)
                segments.append(Segment(index, block.kind, text, line, section, *span, block.notation.markup))
            start += len(piece)
        if block.kind is Kind.HEADING:
            heading = _unwrap(block.text)
    return tuple(segments)


def _split_block(block: Block, no_break: Sequence[str] = ()) -> list[str]:
    """Split the text of a block as `split_sentences` does, seeing through its markup.

    No piece ends inside a pair of marks: it goes on to the end of the pair, and beyond where a small letter follows.
    """
    marks = find_marks(block.text, block.notation.markup)
    if not marks:
        return split_sentences(block.text, no_break)
    view = hide_marks(block.text, marks)
    pieces, start, seen = [], 0, 0
    for sentence in split_sentences(view.text, no_break)[:-1]:
        seen += len(sentence)
        end = view.find_end(seen)
        if start < end < len(block.text):
            pieces.append(block.text[start:end])
            start = end
    return [*pieces, block.text[start:]]


def split_sentences(text: str, no_break: Sequence[str] = ()) -> list[str]:
    """Split a French text into sentences, each with the white space that follows it.

    The pieces concatenate back to `text` exactly; none is blank unless the whole text is; "" gives no piece. No
    sentence ends inside an expression of `no_break` or with its last character ("Yahoo! Actualités", "S. Exc.").
    """
    if not text:
        return []
    view = _flatten(text, tuple(no_break))
    proposed = _propose(view)
    pieces, start = [], 0
    for run in _RUN.finditer(view):
        at, end = run.start(), run.start() + run[0].rfind(" ") + 1
        is_gap = at < end < len(view) and run[0][-1] not in CLOSERS
        if is_gap and ends_sentence(read_gap(view, start, at, end, proposed)):
            pieces.append(text[start:end])
            start = end
    return [*pieces, text[start:]]


def read_no_break(path: Path) -> tuple[str, ...]:
    """Read a user's expressions that no sentence ends in: one a line; blank lines and lines from a "#" are skipped.

    A missing file gives none. Raises GlossaryError, with the file and line, where the file is not UTF-8.
    """
    data = read_file(path)
    if data is None:
        return ()
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise GlossaryError(f"{path}:{line}: not UTF-8", "save the file as UTF-8 and run again") from None
    lines = (line.strip() for line in text.splitlines())
    return tuple(line for line in lines if line and not line.startswith("#"))


_BREAKS = re.compile(r"\r\n|[\n\r\v\f\x85\u2028\u2029]")
_SPACED_BREAKS = re.compile(r"[ \t\n\r\v\f\x85\u2028\u2029]++")
_UNPAIRED = re.compile(f"[«»“”„‹›()\\[\\]{{}}{re.escape(BULLETS)}]")
_RUN = re.compile(r"[.!?…»”›)\]}](?:[.!?…»”›)\]}'\s¹²³⁰-⁹]|\[\d{1,3}\]|[:;]-?[()])*+")  # [1] is a note, :) a smiley
_WINDOW = 20_000  # characters given to sentencex at once: a cut there can only join, and no input is slow beyond it


def _unwrap(text: str) -> str:
    """Trim a text and make each line break, with the spaces around it, one space."""
    return _SPACED_BREAKS.sub(lambda run: " " if _BREAKS.search(run[0]) else run[0], text.strip())


def _flatten(text: str, no_break: tuple[str, ...]) -> str:
    """Return the text as the rules see it, character for character: plain spaces and apostrophes, quotes with a side.

    The punctuation of a `no_break` expression is hidden. A straight quotation mark that touches a word on one side
    says itself whether it opens or closes. Any other is the opposite of the mark before it; a lone one that has no
    other to pair with closes (as 945 do against 265, in a French Bible).
    """
    view = _straighten(re.sub(r"\s", " ", text))
    if no_break:
        view = _compile_no_break(no_break).sub(lambda found: re.sub(r"\W", "_", found[0]), view)
    parts = view.split('"')
    flat, is_open = [parts[0]], False
    for index, (before, after) in enumerate(pairwise(parts), start=2):
        touches_before, touches_after = before[-1:].strip() != "", after[:1].strip() != ""
        is_open = touches_after if touches_before != touches_after else not is_open
        is_last_alone = index == len(parts) and not touches_before
        flat += ["«" if is_open and (touches_after or not is_last_alone) else "»", after]
    return "".join(flat)


def _straighten(text: str) -> str:
    return text.replace("’", "'").replace("ʼ", "'")


@lru_cache(maxsize=8)
def _compile_no_break(expressions: tuple[str, ...]) -> re.Pattern[str]:
    words = sorted((_straighten(expression).split() for expression in expressions), key=lambda w: -len("".join(w)))
    return re.compile(r"(?<!\w)(?:" + "|".join(" +".join(map(re.escape, each)) for each in words if each) + ")")


def _propose(view: str) -> list[int]:
    """Return the offsets where sentencex would begin a sentence.

    It is shown no quotation marks, brackets or bullets: it never cuts between two of them or in a bulleted line, which
    joins all from a lost mark (or a « 1) ») to the next; and opening marks take it quadratic time (1.0.32).
    """
    from sentencex import segment  # type: ignore[import-untyped]  # noqa: PLC0415 (nothing heavy at import)

    plain = _UNPAIRED.sub(" ", view)
    windows = (plain[at : at + _WINDOW] for at in range(0, len(plain), _WINDOW))
    return list(accumulate(len(piece) for window in windows for piece in segment("fr", window)))
