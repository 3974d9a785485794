"""Stand-ins: letters that ride through a machine translation in place of text that it must not touch.

A stand-in is a letter of the Yi script that the text itself does not use. No dictionary knows it, it has no capital or
plural, and rule-based engines carry an unknown word along at its place in the sentence. For a term, a second letter
before it tells what kind of word the form is: `pipeline.engines.apertium_modes` gives Apertium the analysis that goes
with it ("a feminine noun in the plural"), so that what stands around the term agrees with it.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate

from pipeline.engines.euphony import suit_english, suit_spanish
from pipeline.verbatim import find_verbatim

# The kinds of words that a form may be, as Apertium's dictionaries tag them: what the analysis of the stand-in says,
# its other reading after a slash, and after a colon what the form is where that differs (a plural that has none).
GUISES = (
    *(
        f"n.{source}.{before}:n.{gender}.{after}"
        for source in "mf"
        for before in ("sg", "pl")
        for gender in "mf"
        for after in ("sg", "pl")
    ),
    # "malade", "toucher": the tagger tells by what stands around it.
    *("adj.mf.sg/n.m.sg", "adj.mf.pl/n.m.pl", "adj.mf.sg/n.f.sg", "adj.mf.pl/n.f.pl"),
    *("vblex.inf/n.m.sg", "vblex.inf/n.f.sg"),
    *("np.al.m.sg", "adj.mf.sg", "adj.mf.pl", "vblex.inf", "adv"),
)
_YI = range(0xA000, 0xA48D)
MARKS = {guise: chr(letter) for guise, letter in zip(GUISES, reversed(_YI), strict=False)}
"""The letter that goes before the stand-in of a term, by its guise."""
_MARKS = frozenset(MARKS.values())
_YI_LETTERS = re.compile("[\ua000-\ua48c]")
STANDIN = f"(?:[{''.join(MARKS.values())}]?[\ua000-\ua48c])"
"""A pattern for one stand-in."""
# Words that suit themselves to what follows, and what defines an uncountable noun ("the AI of Google").
_WITH_WORD = re.compile(rf"((?i:\b(?:an?|the|(?:(?:de|a) )?la|una|[yo]))[ \u00a0])?({STANDIN})")
_DEFINED = re.compile(r"\s(?:of|that|which|whose)\b")
_OPENING = re.compile(r"[\W_]*")


@dataclass(frozen=True, slots=True)
class Held:
    """A form to write at `text[start:end]`, and what kind of word it is for each mode on the way (none: nobody knows).

    One that is `uncountable` stands without an article in English.
    """

    start: int
    end: int
    form: str
    guises: tuple[str, ...] = ()
    is_uncountable: bool = False


class StandIns:
    """The stand-ins of one text, and what each of them stands for."""

    def __init__(self, text: str) -> None:
        used = frozenset(_YI_LETTERS.findall(text))
        taken = used | _MARKS
        self._free: Iterator[str] = (letter for letter in map(chr, _YI) if letter not in taken)
        self._marks = {} if used & _MARKS else MARKS
        self._held: dict[str, str] = {}
        self._sources: dict[str, str] = {}
        self._terms: dict[str, Held] = {}

    def are_in(self, word: str) -> bool:
        """Tell whether one of them is in a word."""
        return not self._held.keys().isdisjoint(word)

    def hold(self, text: str, term: Held | None = None) -> str:
        """Return a stand-in for `text`, which may be the form of a term; itself when all letters are taken."""
        letter = next(self._free, None)
        if letter is None:
            return text
        self._held[letter] = text
        if term is None:
            return letter
        self._terms[letter] = term
        return self._find_mark(term, 0) + letter

    def turn(self, stream: str, mode: int) -> str:
        """Return a stream with all terms in the guise that they have for a mode, counted from 0, not the one before."""
        for letter, term in self._terms.items():
            stream = stream.replace(self._find_mark(term, mode - 1) + letter, self._find_mark(term, mode) + letter)
        return stream

    def _find_mark(self, term: Held, mode: int) -> str:
        guise = term.guises[min(mode, len(term.guises) - 1)] if term.guises else ""
        return self._marks.get(guise, "")

    def hold_fixed(self, text: str, terms: Sequence[Held]) -> str:
        """Put stand-ins in place of terms, and of what is taken over as it is."""
        spans: list[tuple[Held, bool]] = [(held, True) for held in terms]
        spans += [
            (Held(match.start(), match.end(), match[0]), False)
            for match in find_verbatim(text)
            if all(match.end() <= held.start or held.end <= match.start() for held in terms)
        ]
        parts, at = [], 0
        for held, is_term in sorted(spans, key=lambda span: (span[0].start, span[0].end)):
            if held.start < at:  # a pin inside another pin: the first one holds the place
                continue
            standin = self.hold(held.form, held if is_term else None)
            if standin[-1] in self._held:
                self._sources[standin[-1]] = text[held.start : held.end]
            parts += [text[at : held.start], standin]
            at = held.end
        return "".join([*parts, text[at:]])

    def write_out(self, stream: str, *, is_source: bool = False) -> tuple[str, list[int]]:
        """Return a stream with what its stand-ins stand for, and where each of its places (its end too) is there.

        `is_source` asks for what stood in the source in their place.
        """
        marks = frozenset(self._marks.values())
        held = self._held | self._sources if is_source else self._held
        parts = [held.get(letter, "" if letter in marks else letter) for letter in stream]
        return "".join(parts), list(accumulate(map(len, parts), initial=0))

    def restore(self, draft: str, language: str, *, is_capitalised: bool) -> str:
        """Put everything back; a word before a term is suited to it ("an AI"), and one that opens a sentence too."""
        if not self._held:
            return draft
        opening = _OPENING.match(draft)
        start = opening.end() if opening else 0

        def restore_letter(match: re.Match[str]) -> str:
            before, letter = match[1] or "", match[2][-1]
            form, term = self._held.get(letter), self._terms.get(letter)
            if form is None:
                return match[0]
            if term is None:
                return before + form
            before = _suit(before, term, language, draft[match.end() :])
            if is_capitalised and not before and match.start() == start and form.islower():
                form = form[:1].upper() + form[1:]
            return before + form

        return _WITH_WORD.sub(restore_letter, draft)


def _suit(before: str, term: Held, language: str, after: str) -> str:
    """Suit the word before a term to it."""
    word = before.rstrip()
    blanks = before[len(word) :]
    if language == "es":
        is_feminine = any(guise.endswith("n.f.sg") for guise in term.guises[-1:])
        return suit_spanish(word, term.form, is_feminine=is_feminine) + blanks
    if language != "en":
        return before
    if term.is_uncountable and word.lower() == "the" and not _DEFINED.match(after):
        return ""
    return suit_english(word, term.form) + blanks
