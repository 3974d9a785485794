"""Stand-ins: letters that ride through a machine translation in place of text that it must not touch.

A stand-in is one syllable of the Yi script that the text itself does not use. No dictionary knows it, it has no
capital or plural, and rule-based engines carry an unknown word along at its place in the sentence.
"""

import re
from collections.abc import Iterator, Sequence

from pipeline.pins import Pin

_YI = range(0xA000, 0xA48D)
# Web and mail addresses, handles and hashtags, and names such as C# or 5*3: translated, they would be wrong.
_VERBATIM = re.compile(
    r"(?:https?|ftp)://[^\s<>«»\"]*[\w/]"
    r"|(?<!\w)www\.[^\s<>«»\"]*[\w/]"
    r"|(?<![\w.+-])[\w.+-]++@\w(?:[\w.-]*\w)?"
    r"|[#@]\w+(?:-\w+)*"
    r"|(?<!\w)\w++(?:#(?!\w)|(?:[*#_~]+\w++)+)"
)
_SIGNS = frozenset("/@#*~_")  # each of them has one, or www.
_LETTER = re.compile("[\ua000-\ua48c]")
_OPENING = re.compile(r"[\W_]*")


class StandIns:
    """The stand-ins of one text, and what each of them stands for."""

    def __init__(self, text: str) -> None:
        used = set(text)
        self._free: Iterator[str] = (letter for letter in map(chr, _YI) if letter not in used)
        self._held: dict[str, str] = {}
        self._terms: set[str] = set()

    def are_in(self, word: str) -> bool:
        """Tell whether one of them is in a word."""
        return not self._held.keys().isdisjoint(word)

    def hold(self, text: str, *, is_term: bool = False) -> str:
        """Return a stand-in for `text`, or `text` itself when all 1,165 letters are taken."""
        letter = next(self._free, None)
        if letter is None:
            return text
        self._held[letter] = text
        if is_term:
            self._terms.add(letter)
        return letter

    def hold_fixed(self, text: str, pins: Sequence[Pin]) -> str:
        """Put stand-ins in place of the pins (for their preferred forms), addresses, handles and hashtags."""
        spans = [(pin.start, pin.end, pin.forms[0], True) for pin in pins if pin.forms]
        spans += [
            (match.start(), match.end(), match[0], False)
            for match in (() if _SIGNS.isdisjoint(text) and "www." not in text else _VERBATIM.finditer(text))
            if all(match.end() <= pin.start or pin.end <= match.start() for pin in pins)
        ]
        parts, at = [], 0
        for start, end, form, is_term in sorted(spans):
            if start < at:  # a pin inside another pin: the first one holds the place
                continue
            parts += [text[at:start], self.hold(form, is_term=is_term)]
            at = end
        return "".join([*parts, text[at:]])

    def restore(self, draft: str, *, is_capitalised: bool) -> str:
        """Put everything back; a lower-case term that opens a capitalised sentence gets a capital."""
        opening = _OPENING.match(draft)
        start = opening.end() if opening else 0

        def restore_letter(match: re.Match[str]) -> str:
            held = self._held.get(match[0], match[0])
            if is_capitalised and match.start() == start and match[0] in self._terms and held.islower():
                return held[:1].upper() + held[1:]
            return held

        return _LETTER.sub(restore_letter, draft)
