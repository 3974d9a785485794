"""What is taken over as it is: addresses, handles, code, placeholders. No term stands in it, and no engine reads it."""

import re
from collections.abc import Iterator

_VERBATIM = re.compile(
    r"(?:https?|ftp)://[^\s<>«»\"]*[\w/]"
    r"|(?<!\w)www\.[^\s<>«»\"]*[\w/]"
    r"|(?<![\w.+-])[\w.+-]++@\w(?:[\w.-]*\w)?"
    r"|[#@]\w+(?:-\w+)*"
    r"|(?<!\w)\w++(?:#(?!\w)|(?:[*#_~]+\w++)+)"  # C#, 5*3, snake_case
    r"|`[^`\n]+`"
    r"|\{[\w.]*\}"
)
_SIGNS = frozenset("/@#*~_`{")  # each of them has one, or www.


def find_verbatim(text: str) -> Iterator[re.Match[str]]:
    """Yield what engines must not translate, from left to right."""
    if not _SIGNS.isdisjoint(text) or "www." in text:
        yield from _VERBATIM.finditer(text)
