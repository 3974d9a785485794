"""The target language's typography for a draft: quotation marks, spaces, dashes, opening marks, numbers."""

import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from pipeline.files import read_data

_SPACES = " \u00a0\u202f\u2009"
_SPACE = f"[{_SPACES}]"
# A French number with groups of three digits (10 000), a decimal comma (3,5), or both; 0 800 is a telephone's.
_FRENCH_NUMBER = re.compile(
    rf"(?<![\w.,])(?<!0{_SPACE})(?!0{_SPACE})(\d{{1,3}}(?:{_SPACE}\d{{3}})+|\d+)(?:,(\d+))?(?![\d,]|\.\d)"
)
_DIGIT = re.compile(r"\d")
_PERCENT = re.compile(rf"(\d){_SPACE}*%")
_SPACED_MARKS = re.compile(rf"(?<!{_SPACE}){_SPACE}+([;!?]+|:(?!\)))(?=$|[\s»”’\"')\]])")
_SPACED_DASH = re.compile(rf"(?<=[^\s–—-]){_SPACE}+[–—](?:{_SPACE}+(?=[^\s–—-])|(?=[,;:.!?]))")
_DASH = re.compile("[–—]")
_DIALOGUE = re.compile(rf"[–—-]{_SPACE}+")
_SIGN_OF_PROTECTED = re.compile("://|www|[@`\U000f0000-\U000ffffd]")  # one is in each of them
_PROTECTED = re.compile(r"(?:https?://|www\.)\S+|(?<!\S)[^\s@]+@\S+|`[^`]*`|[\U000F0000-\U000FFFFD]")
# Hidden expressions become characters of private use: no word, mark or digit to any rule.
_HIDDEN = 0xF0000
_ENDING_MARKS = re.compile(r"[?!]+(?=$|[\s»”’\"')\].,;:…])")
_CLOSING = {"«": "»", "“": "”", "‘": "’", "(": ")", "[": "]", '"': '"'}
_QUOTE = re.compile('[«»“”"]')
_LONGEST_CLAUSE = 1000  # characters; bounds the search in hostile text
_CLAUSE_BREAK = re.compile(r"[.!?…:;]\s+|[«“‘\"(\[]|^\s*[–—-]\s*")


@dataclass(frozen=True, slots=True)
class _Rules:
    """The signs of a target language, as data/typography.toml gives them."""

    quotes: list[str]
    inner_quotes: list[str]
    decimal: str
    thousands: str
    percent: str
    opening_marks: bool
    paired_dashes: list[str]
    dialogue_dash: str


@cache
def _rules(language: str) -> _Rules | None:
    tables = tomllib.loads(read_data("typography.toml"))
    return _Rules(**tables[language]) if language in tables else None


def set_typography(draft: str, source: str, language: str, keep: Sequence[str] = ()) -> str:
    """Return `draft` in the typography of `language`; a language without rules is returned as it is.

    Numbers are rewritten only where the draft has them exactly as the French source does: an engine that already
    writes 10,000 means ten thousand, not ten. URLs, addresses and the expressions in `keep` are not touched.
    """
    rules = _rules(language)
    if rules is None:
        return draft
    kept: list[str] = []

    def hide(match: re.Match[str]) -> str:
        kept.append(match[0])
        return chr(_HIDDEN + len(kept) - 1)

    signed = sorted(filter(_has_signs, keep), key=len, reverse=True)
    text = draft
    if signed or _SIGN_OF_PROTECTED.search(draft):
        text = re.sub("|".join([_PROTECTED.pattern, *map(re.escape, signed)]), hide, draft)
    text = _set_numbers(text, source, rules)
    text = _SPACED_MARKS.sub(r"\1", text)
    text = _set_quotes(text, rules)
    text = _set_dashes(text, rules)
    if rules.opening_marks:
        text = _open_marks(text)
    return re.sub("[\U000f0000-\U000ffffd]", lambda match: kept[ord(match[0]) - _HIDDEN], text) if kept else text


def _has_signs(expression: str) -> bool:
    return any(not (character.isalpha() or character.isspace()) for character in expression)


def _set_numbers(text: str, source: str, rules: _Rules) -> str:
    if not _DIGIT.search(text):
        return text

    def key(match: re.Match[str]) -> str:
        return re.sub(_SPACE, " ", match[0])

    def rewrite(match: re.Match[str]) -> str:
        groups = re.split(_SPACE, match[1])
        if key(match) not in french or (len(groups) == 1 and not match[2]):
            return match[0]
        # Spanish sets no space into four digits (RAE); a number typed without groups stays without.
        few = rules.thousands.isspace() and len(match[1]) == len("1 000")
        return ("" if few else rules.thousands).join(groups) + (rules.decimal + match[2] if match[2] else "")

    french = {key(match) for match in _FRENCH_NUMBER.finditer(source)}
    return _PERCENT.sub(rf"\1{rules.percent}", _FRENCH_NUMBER.sub(rewrite, text))


def _set_dashes(text: str, rules: _Rules) -> str:
    """Set a pair of dashes around a parenthesis, and the one that opens a line of dialogue; a lone dash stays."""
    pair = list(_SPACED_DASH.finditer(text)) if _DASH.search(text) else []
    if len(pair) == 2:  # noqa: PLR2004
        (opening, closing), (first, second) = pair, rules.paired_dashes
        after = text[closing.end() :]
        second = second.rstrip() if after[:1] in ",;:.!?" else second
        text = text[: opening.start()] + first + text[opening.end() : closing.start()] + second + after
    dialogue = _DIALOGUE.match(text)
    return rules.dialogue_dash + text[dialogue.end() :] if dialogue else text


def _set_quotes(text: str, rules: _Rules) -> str:
    """Set outer and inner quotation marks by depth; a straight one that does not pair is left alone."""
    if not _QUOTE.search(text):
        return text
    text = re.sub(rf"«{_SPACE}+", "«", text)
    text = re.sub(rf"(?<!{_SPACE}){_SPACE}+»", "»", text)
    result, stack = list(text), [(0, "")]
    for at, character in enumerate(text):
        if character == stack[-1][1]:
            start, _ = stack.pop()
            result[start], result[at] = rules.quotes if len(stack) == 1 else rules.inner_quotes
        elif character in "»”":  # opened in a sentence before
            result[at] = rules.quotes[1]
        elif character in "«“" or (character == '"' and not text[at - 1 : at].isalnum()):  # 5" means inches
            stack.append((at, _CLOSING[character]))
    for at, closing in stack[1:]:
        if closing != '"':  # closed in a sentence after
            result[at] = rules.quotes[0]
    return "".join(result)


def _open_marks(text: str) -> str:
    """Put ¿ and ¡ where the sentence or clause that a closing mark ends begins."""
    pieces, done = [], 0
    for match in _ENDING_MARKS.finditer(text):
        start = _clause_start(text, max(done, match.start() - _LONGEST_CLAUSE), match.start())
        if start < match.start() and not {"¿", "¡"} & set(text[start : match.start()]):
            opening = "".join({"?": "¿", "!": "¡"}[mark] for mark in reversed(dict.fromkeys(match[0])))
            pieces += [text[done:start], opening, text[start : match.end()]]
            done = match.end()
    return "".join([*pieces, text[done:]])


def _clause_start(text: str, earliest: int, end: int) -> int:
    start = earliest
    for clause in _CLAUSE_BREAK.finditer(text, earliest, end):
        closing = _CLOSING.get(clause[0])
        if closing is None or closing not in text[clause.end() : end]:
            start = clause.end()
    return end - len(text[start:end].lstrip())
