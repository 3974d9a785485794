"""Sentences of a French block: the library sentencex proposes boundaries, rules that know French correct them.

A *gap* is a place where a sentence might end: closing punctuation, then white space. Each rule of `_RULES` looks at one
gap and answers yes, no or nothing; the first answer counts, and sentencex decides where no rule speaks. The words that
the rules need stand in `data/abbreviations.txt` and `data/openers.txt`. In doubt two sentences stay joined: an engine
translates a long segment well and half a sentence badly.
"""

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import accumulate, pairwise
from pathlib import Path

from pipeline.article import Article, Block, Kind, Markup
from pipeline.errors import GlossaryError
from pipeline.files import read_data, read_file
from pipeline.formats.marks import find_marks, hide_marks, trim_text


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
        for piece in split_block(block, no_break):
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


def split_block(block: Block, no_break: Sequence[str] = ()) -> list[str]:
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
        if at < end < len(view) and run[0][-1] not in _CLOSERS:
            gap = _read_gap(view, start, at, end, proposed)
            answers = (rule(gap) for rule in _RULES)
            if next((answer for answer in answers if answer is not None), gap.is_proposed):
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
_APOSTROPHES = str.maketrans("’ʼ", "''")
_BULLETS = "•◦▪▫■□●○◆◇★☆➤➢➣▶▸►‣"
_UNPAIRED = str.maketrans(dict.fromkeys(f"«»“”„‹›()[]{{}}{_BULLETS}", " "))
_MARKS, _CLOSERS = ".!?…", "»”›)]}"
_OPENER_OF = dict(zip(_CLOSERS, "«“‹([{", strict=True))
_RUN = re.compile(r"[.!?…»”›)\]}](?:[.!?…»”›)\]}'\s¹²³⁰-⁹]|\[\d{1,3}\]|[:;]-?[()])*+")  # [1] is a note, :) a smiley
_LAST_WORD = re.compile(r"[^\s(\[{«“'/]+$")
_NEXT_WORD = re.compile(r"[^\w,;:]*+(\w+'?)\s*(.?)")
_LABEL = re.compile(r"\W*+(?:\d{1,3}(?:\.\d{1,3}){0,3}|[^\W\d_]|[IVX]+|[ivx]+)°?")
_ORDINAL = re.compile(r"\b(?:l[ea]|du|au|de) \d\d?$", re.IGNORECASE)
_ADDRESS = re.compile(r"@|\w\w\.\w\w")  # of mail or the web, or a file
_INITIALS = re.compile(r"(?:\w{1,2}\.-?)*[^\W\d_]")
_WINDOW = 20_000  # characters given to sentencex at once: a cut there can only join, and no input is slow beyond it
_REACH = 200  # characters before and after a gap that the rules may look at


def _unwrap(text: str) -> str:
    """Trim a text and make each line break, with the spaces around it, one space."""
    return _SPACED_BREAKS.sub(lambda run: " " if _BREAKS.search(run[0]) else run[0], text.strip())


def _flatten(text: str, no_break: tuple[str, ...]) -> str:
    """Return the text as the rules see it, character for character: plain spaces and apostrophes, quotes with a side.

    The punctuation of a `no_break` expression is hidden. A straight quotation mark that touches a word on one side
    says itself whether it opens or closes. Any other is the opposite of the mark before it; a lone one that has no
    other to pair with closes (as 945 do against 265, in a French Bible).
    """
    view = re.sub(r"\s", " ", text).translate(_APOSTROPHES)
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


@lru_cache(maxsize=8)
def _compile_no_break(expressions: tuple[str, ...]) -> re.Pattern[str]:
    words = sorted(
        (expression.translate(_APOSTROPHES).split() for expression in expressions), key=lambda w: -len("".join(w))
    )
    return re.compile(r"(?<!\w)(?:" + "|".join(" +".join(map(re.escape, each)) for each in words if each) + ")")


def _propose(view: str) -> list[int]:
    """Return the offsets where sentencex would begin a sentence.

    It is shown no quotation marks, brackets or bullets: it never cuts between two of them or in a bulleted line, which
    joins all from a lost mark (or a « 1) ») to the next; and opening marks take it quadratic time (1.0.32).
    """
    from sentencex import segment  # type: ignore[import-untyped]  # noqa: PLC0415 (nothing heavy at import)

    plain = view.translate(_UNPAIRED)
    windows = (plain[at : at + _WINDOW] for at in range(0, len(plain), _WINDOW))
    return list(accumulate(len(piece) for window in windows for piece in segment("fr", window)))


@cache
def _read_words(name: str) -> dict[str, str]:
    """Read a file of words under `[headings]`, with comments from "#", into the heading of each word."""
    headings: dict[str, str] = {}
    heading = ""
    for line in read_data(name).splitlines():
        content = line.partition("#")[0].strip()
        if content.startswith("["):
            heading = content.strip("[]")
        else:
            headings.update(dict.fromkeys(content.split(), heading))
    return headings


@dataclass(frozen=True, slots=True)
class _Gap:
    """A place where a sentence might end."""

    sentence: str  # the sentence before the closing punctuation, its last `_REACH` characters
    word: str  # its last word
    marks: str  # the marks that may end a sentence: "." "?!" "…" or none
    closers: str  # the brackets and quotation marks that close here
    after: str  # the text after the gap, up to `_REACH` characters
    next_word: str  # its first word, with an apostrophe; "" where a comma or colon comes first
    then: str  # the character after `next_word` and any space
    is_proposed: bool  # by sentencex

    @property
    def has_capital(self) -> bool:
        """Tell whether a capital follows ("iPhone" too)."""
        return not self.next_word.islower() and not self.next_word[:1].isdigit() and self.next_word != ""

    @property
    def has_opener(self) -> bool:
        """Tell whether a word follows that opens sentences and carries no name."""
        if not self.next_word[:1].isupper() or (len(self.next_word) == 1 and self.then == "."):
            return False
        heading = _read_words("openers.txt").get(self.next_word.lower())
        return heading == "words" or (heading == "articles" and self.then.islower())


def _read_gap(view: str, start: int, at: int, end: int, proposed: list[int]) -> _Gap:
    sentence, between, after = view[max(start, at - _REACH) : at], view[at:end], view[end : end + _REACH]
    word = _LAST_WORD.search(sentence, max(0, len(sentence) - 24))
    next_word = _NEXT_WORD.match(after)
    begin = end + (next_word.start(1) if next_word else 0)
    return _Gap(
        sentence=sentence,
        word=word[0] if word else "",
        marks="".join(c for c in between if c in _MARKS),
        closers="".join(c for c in between if c in _CLOSERS),
        after=after,
        next_word=next_word[1] if next_word else "",
        then=next_word[2] if next_word else "",
        is_proposed=bisect_right(proposed, begin) > bisect_right(proposed, at),
    )


def _after_omission(gap: _Gap) -> bool | None:
    """« (...) Les universités »: marks of omission belong to what follows."""
    is_omission = gap.sentence.endswith(("(", "[")) and gap.closers in {")", "]"} and gap.marks in {"...", "…"}
    return False if is_omission else None


def _after_number(gap: _Gap) -> bool | None:
    """« 1. Introduction », « a) Les faits », « le 1. FC Nuremberg »: what opens an item; the ordinal dot of a name."""
    is_ordinal = gap.marks == "." and _ORDINAL.search(gap.sentence[-8:]) and not gap.has_opener
    return False if is_ordinal or _LABEL.fullmatch(gap.sentence) else None


def _after_abbreviation(gap: _Gap) -> bool | None:
    """« M. Durand », « p. 3 », « etc. »: see the headings of data/abbreviations.txt."""
    word = gap.word + gap.marks.removesuffix(".")
    known = _read_words("abbreviations.txt")
    match known.get(word) or known.get(word.lower()):
        case "never":
            return gap.has_opener if gap.closers else False
        case "before an opening word":
            return gap.has_opener
        case "before a capital":
            return gap.has_capital
        case "not before a number":
            return gap.has_capital and not re.fullmatch(r"[IVXLC]+|[A-Z]", gap.next_word)
    return None


def _after_initial(gap: _Gap) -> bool | None:
    """« J.-P. Bruneau », « R.E.M. », « Linux et Mac OS X. Une version »: a capital alone, or several with dots."""
    is_initial = gap.marks == "." and _INITIALS.fullmatch(gap.word) and gap.word[-1].isupper()
    return gap.has_opener if is_initial else None


def _before_bullet(gap: _Gap) -> bool | None:
    """« la fin. • suite »: a bullet opens an item, whatever its first letter."""
    return True if gap.marks and gap.after[0] in _BULLETS else None


def _before_nothing(gap: _Gap) -> bool | None:
    """« Bravo ! 💜 », « (oui !) : non »: no word follows, or the sentence goes on after a comma or colon."""
    return None if gap.next_word else False


def _before_small_letter(gap: _Gap) -> bool | None:
    """« Viens ! dit-il », but « la fin. à suivre »: a French keyboard has no « À », so the full stop counts there."""
    if gap.has_capital or gap.next_word[0].isdigit():
        return None
    return gap.marks == "." and gap.after[0] in "àâçéèêîôœ"


def _after_closer_alone(gap: _Gap) -> bool | None:
    """« (voir table 2) Les patients »: without a mark, only a heading or caption run in before a new sentence."""
    if gap.marks:
        return None
    before, opener, inside = gap.sentence.rpartition(_OPENER_OF[gap.closers[0]])
    is_paired = opener != "" and gap.closers[0] not in inside and before.strip() != ""
    return is_paired and gap.has_opener and gap.next_word.istitle() and gap.after.startswith(gap.next_word)


def _inside_brackets(gap: _Gap) -> bool | None:
    """« Il vint (il pleuvait. Le vent soufflait.) à pied »: what a pair of brackets holds stays together."""
    is_open = gap.sentence.rfind("(") > gap.sentence.rfind(")") and ")" not in gap.closers
    return False if is_open and ")" in gap.after.partition("(")[0] else None


def _before_capital(gap: _Gap) -> bool | None:
    """« Oui… Non », « Pourquoi ? 20 % », « a@free.fr. Merci »: no abbreviation has these marks, or is an address."""
    is_certain = gap.marks != "." or _ADDRESS.search(gap.word)
    return True if gap.has_opener or (is_certain and (gap.has_capital or gap.after[0].isdigit())) else None


_RULES = (
    _after_omission,
    _after_number,
    _after_abbreviation,
    _after_initial,
    _before_bullet,
    _before_nothing,
    _before_small_letter,
    _after_closer_alone,
    _inside_brackets,
    _before_capital,
)
