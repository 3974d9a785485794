"""What is taken over as it is: addresses, files, handles, code, placeholders: no term is in it, no engine reads it."""

import re
from collections.abc import Iterator

_ENDINGS = "md|txt|html?|css|js|json|ya?ml|toml|xml|csv|tsv|py|sh|conf|pdf|png|jpe?g|svg|po|tmx"
_ADDRESS = re.compile(
    r"(?:https?|ftp)://[^\s<>«»\"]*[\w/]"
    r"|(?<!\w)www\.[^\s<>«»\"]*[\w/]"
    r"|(?<![\w.+-])[\w.+-]++@\w(?:[\w.-]*\w)?"
)
_VERBATIM = re.compile(
    rf"{_ADDRESS.pattern}"
    r"|[#@]\w+(?:-\w+)*"
    rf"|(?<![\w~./-])(?:[\w~./-]*[\w/-])?\.(?:{_ENDINGS})(?![\w-])"
    r"|(?<!\w)\w++(?:#(?!\w)|(?:[*#_~]+\w++)+)"  # C#, 5*3, snake_case
    r"|`[^`\n]+`"
    r"|\{[\w.]*\}"
)
_SIGNS = re.compile(r"[/@#*~_`{]|\.\w")  # each of them has one


def find_verbatim(text: str) -> Iterator[re.Match[str]]:
    """Yield what engines must not translate, from left to right."""
    if _SIGNS.search(text):
        yield from _VERBATIM.finditer(text)


def find_addresses(text: str, start: int, end: int) -> Iterator[re.Match[str]]:
    """Yield the web and e-mail addresses in a stretch of a text, from left to right."""
    if _SIGNS.search(text, start, end):
        yield from _ADDRESS.finditer(text, start, end)
