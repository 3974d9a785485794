"""The places where a French sentence might end, and the rules that tell whether it does.

A *gap* is such a place: closing punctuation, then white space. Each rule of `_RULES` looks at one gap and answers yes,
no or nothing; the first answer counts, and sentencex decides where no rule speaks. The words that the rules need stand
in `data/abbreviations.txt` and `data/openers.txt`.
"""

import re
from bisect import bisect_right
from dataclasses import dataclass
from functools import cache

from pipeline.files import read_data

BULLETS = "•◦▪▫■□●○◆◇★☆➤➢➣▶▸►‣"
_MARKS, CLOSERS = ".!?…", "»”›)]}"
_OPENER_OF = dict(zip(CLOSERS, "«“‹([{", strict=True))
_LAST_WORD = re.compile(r"[^\s(\[{«“'/]+$")
_NEXT_WORD = re.compile(r"[^\w,;:]*+(\w+'?)\s*(.?)")
_LABEL = re.compile(r"\W*+(?:\d{1,3}(?:\.\d{1,3}){0,3}|[^\W\d_]|[IVX]+|[ivx]+)°?")
_ORDINAL = re.compile(r"\b(?:l[ea]|du|au|de) \d\d?$", re.IGNORECASE)
_ADDRESS = re.compile(r"@|\w\w\.\w\w")  # of mail or the web, or a file
_INITIALS = re.compile(r"(?:\w{1,2}\.-?)*[^\W\d_]")
_REACH = 200  # characters before and after a gap that the rules may look at


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
class Gap:
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


def read_gap(view: str, start: int, at: int, end: int, proposed: list[int]) -> Gap:
    """Return the gap `view[at:end]` after a sentence that begins at `start`; sentences begin at `proposed`."""
    sentence, between, after = view[max(start, at - _REACH) : at], view[at:end], view[end : end + _REACH]
    word = _LAST_WORD.search(sentence, max(0, len(sentence) - 24))
    next_word = _NEXT_WORD.match(after)
    begin = end + (next_word.start(1) if next_word else 0)
    return Gap(
        sentence=sentence,
        word=word[0] if word else "",
        marks="".join(c for c in between if c in _MARKS),
        closers="".join(c for c in between if c in CLOSERS),
        after=after,
        next_word=next_word[1] if next_word else "",
        then=next_word[2] if next_word else "",
        is_proposed=bisect_right(proposed, begin) > bisect_right(proposed, at),
    )


def _after_omission(gap: Gap) -> bool | None:
    """« (...) Les universités »: marks of omission belong to what follows."""
    is_omission = gap.sentence.endswith(("(", "[")) and gap.closers in {")", "]"} and gap.marks in {"...", "…"}
    return False if is_omission else None


def _after_number(gap: Gap) -> bool | None:
    """« 1. Introduction », « a) Les faits », « le 1. FC Nuremberg »: what opens an item; the ordinal dot of a name."""
    is_ordinal = gap.marks == "." and _ORDINAL.search(gap.sentence[-8:]) and not gap.has_opener
    return False if is_ordinal or _LABEL.fullmatch(gap.sentence) else None


def _after_abbreviation(gap: Gap) -> bool | None:
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


def _after_initial(gap: Gap) -> bool | None:
    """« J.-P. Bruneau », « R.E.M. », « Linux et Mac OS X. Une version »: a capital alone, or several with dots."""
    is_initial = gap.marks == "." and _INITIALS.fullmatch(gap.word) and gap.word[-1].isupper()
    return gap.has_opener if is_initial else None


def _before_bullet(gap: Gap) -> bool | None:
    """« la fin. • suite »: a bullet opens an item, whatever its first letter."""
    return True if gap.marks and gap.after[0] in BULLETS else None


def _before_nothing(gap: Gap) -> bool | None:
    """« Bravo ! 💜 », « (oui !) : non »: no word follows, or the sentence goes on after a comma or colon."""
    return None if gap.next_word else False


def _before_small_letter(gap: Gap) -> bool | None:
    """« Viens ! dit-il », but « la fin. à suivre »: a French keyboard has no « À », so the full stop counts there."""
    if gap.has_capital or gap.next_word[0].isdigit():
        return None
    return gap.marks == "." and gap.after[0] in "àâçéèêîôœ"


def _after_closer_alone(gap: Gap) -> bool | None:
    """« (voir table 2) Les patients »: without a mark, only a heading or caption run in before a new sentence."""
    if gap.marks:
        return None
    before, opener, inside = gap.sentence.rpartition(_OPENER_OF[gap.closers[0]])
    is_paired = opener != "" and gap.closers[0] not in inside and before.strip() != ""
    return is_paired and gap.has_opener and gap.next_word.istitle() and gap.after.startswith(gap.next_word)


def _inside_brackets(gap: Gap) -> bool | None:
    """« Il vint (il pleuvait. Le vent soufflait.) à pied »: what a pair of brackets holds stays together."""
    is_open = gap.sentence.rfind("(") > gap.sentence.rfind(")") and ")" not in gap.closers
    return False if is_open and ")" in gap.after.partition("(")[0] else None


def _before_capital(gap: Gap) -> bool | None:
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


def ends_sentence(gap: Gap) -> bool:
    """Tell whether a sentence ends at a gap."""
    answers = (rule(gap) for rule in _RULES)
    return next((answer for answer in answers if answer is not None), gap.is_proposed)
