"""What must pass through a translation as it is: addresses, tags, placeholders, code; and emphasis."""

import re
from collections import Counter
from collections.abc import Callable, Iterator
from functools import cache
from typing import TYPE_CHECKING

from pipeline.checks.problem import Pair, Problem, error, warning

if TYPE_CHECKING:
    from translate.filters.checks import StandardChecker

# Marks further apart than 400 characters are no pair; hostile text would make them a quadratic search.
_CODE = re.compile(r"(?<!`)(`{1,3}+)(?!`)(.{1,400}?)(?<!`)\1(?!`)")
_TAG = re.compile(r"</?[A-Za-z][\w-]*(?:\s[^<>]*)?/?>")
_LINK = re.compile(r"\]\(([^()\s]*+(?:\([^()\s]*+\)[^()\s]*+)*+)[^()]*+\)|\]\[([^\]]+)\]")
_IMAGE = re.compile(r"!\[(?=[^\[\]]*\])")
_NOTE = re.compile(r"\[\^[^\]\s]+\]")
_WEB = re.compile(r"(?<!\w)www\.[^\s<>«»\"”]*[\w/]")
_EMAIL = re.compile(r"(?<![\w.-])[\w.-]+@[\w.-]+")
_PLACEHOLDER = re.compile(
    r"\{\{?[\w.:!-]*\}?\}|\$\{\w+\}|%\(\w+\)[sdif]|%\d+\$[sdif]|(?<![\d\s%])%[sdif](?!\w)|(?<=\s)%[sdif](?!\w)|\[\[\w+\]\]"
)
_EMPHASIS = (
    ("**", re.compile(r"\*\*(?=\S)(.{1,400}?)(?<=\S)\*\*")),
    ("__", re.compile(r"(?<!\w)__(?=\S)(.{1,400}?)(?<=\S)__(?!\w)")),
    ("*", re.compile(r"(?<![*\w])\*(?=[^\s*])([^*]{1,400}?)(?<=[^\s*])\*(?![*\w])")),
    ("_", re.compile(r"(?<![_\w])_(?=[^\s_])([^_]+?)(?<=[^\s_])_(?![_\w])")),
    ("~~", re.compile(r"~~(?=\S)(.{1,400}?)(?<=\S)~~")),
)
_STRESSED = _EMPHASIS[2][1]
# Stand-ins of ours (Yi syllables), private use, other engines’ unknown signs, and what people leave to do later.
_LEFTOVER = re.compile(
    "[\ua000-\ua48c\ue000-\uf8ff\U000f0000-\U000ffffd\ufffd⁇▁]|<unk>|(?<![\\w*])[*#@](?=[^\\W\\d_]{2,}(?![*\\w]))"
    "|(?<!\\w)(?:TODO|FIXME|XXX|TBD|[Ll]orem ipsum)(?!\\w)|\\?{3,}"
)


@cache
def _checker() -> "StandardChecker":
    from translate.filters.checks import StandardChecker  # noqa: PLC0415 - 30 ms

    return StandardChecker()


def _fails(check: Callable[[str, str], object], source: str, target: str) -> bool:
    from translate.filters.checks import FilterFailure  # noqa: PLC0415

    try:
        return not check(source, target)
    except FilterFailure:
        return True


def check_addresses(pair: Pair) -> Iterator[Problem]:
    """Compare the URLs and e-mail addresses."""
    if _fails(_checker().urls, pair.source, pair.target) or _differ(_WEB, pair):
        yield error("url", "an address on the web changed")
    if _differ(_EMAIL, pair):
        yield error("email", "an e-mail address changed")


def check_tags(pair: Pair) -> Iterator[Problem]:
    """Compare the HTML tags; only their names where a tag has attributes that people read."""
    if ("<" in pair.source or "<" in pair.target) and (
        _fails(_checker().xmltags, _cut(pair.source), _cut(pair.target)) or _names(pair.source) != _names(pair.target)
    ):
        yield error("tag", f"the tags differ: {_list(_names(pair.source))} became {_list(_names(pair.target))}")


def _cut(text: str) -> str:
    """Return a text up to its last tag, with single spaces: on others the toolkit's expressions are quadratic."""
    return re.sub(r"\s+", " ", text[: text.rfind(">") + 1])


def _names(text: str) -> Counter[str]:
    return Counter(re.sub(r"\s[^<>]*?(/?)>$", r"\1>", tag) for tag in _TAG.findall(text))


def _list(items: Counter[str]) -> str:
    return " ".join(sorted(items.elements())) or "none"


def check_placeholders(pair: Pair) -> Iterator[Problem]:
    """Compare the placeholders of programs."""
    if _differ(_PLACEHOLDER, pair):
        yield error("placeholder", "the placeholders differ")


def check_code(pair: Pair) -> Iterator[Problem]:
    """Compare the code spans to the letter, the targets of links, and the notes; titles of links are translated."""
    for code, pattern, what in (("code", _CODE, "code spans"), ("link", _LINK, "links"), ("link", _NOTE, "notes")):
        lost, added = _difference(pattern, pair)
        if lost or added:
            yield error(code, f"the {what} differ: {_list(lost)} became {_list(added)}")


def check_emphasis(pair: Pair) -> Iterator[Problem]:
    """Count the stretches in each kind of emphasis."""
    source, target = (_CODE.sub("", text) for text in (pair.source, pair.target))
    for sign, pattern in _EMPHASIS:
        had, has = len(pattern.findall(source)), len(pattern.findall(target))
        if had != has or (sign in ("**", "__", "~~") and had and target.count(sign) != source.count(sign)):
            yield warning("emphasis", f"{sign}…{sign} stands {had} times in the source, {has} times in the translation")
        elif not had and sign in ("**", "~~") and target.count(sign) > source.count(sign):
            yield warning("emphasis", f"{sign} is not in the source")


def hide_addresses(text: str) -> str:
    """Return a text of Markdown without the addresses and titles of its links, and the signs of its images."""
    return _IMAGE.sub("[", _LINK.sub("]", text)) if "](" in text else text


def check_leftovers(pair: Pair) -> Iterator[Problem]:
    """Find what an engine or a hurried person left: stand-ins, unknown signs, TODO."""
    source, target = (_STRESSED.sub(r"\1", text) for text in (pair.source, pair.target))
    known = set(_LEFTOVER.findall(source))
    for sign in dict.fromkeys(_LEFTOVER.findall(target)):
        if sign not in known:
            yield error("leftover", f"“{sign}” (U+{ord(sign[0]):04X}) was left")


def _differ(pattern: re.Pattern[str], pair: Pair) -> bool:
    return any(_difference(pattern, pair))


def _read_match(match: re.Match[str]) -> str:
    if match.re is not _LINK:
        return match[0]
    return f"]({match[1]})" if match[2] is None else f"][{match[2]}]"


def _difference(pattern: re.Pattern[str], pair: Pair) -> tuple[Counter[str], Counter[str]]:
    had, has = (Counter(map(_read_match, pattern.finditer(text))) for text in (pair.source, pair.target))
    return had - has, has - had
