"""Quotation marks, brackets, final punctuation, and the typography of the target language."""

import re
from collections.abc import Iterator

from pipeline.checks.problem import Pair, Problem, note, warning

_BRACKETS = {"(": ")", "[": "]", "{": "}"}
_QUOTES = {"«": "»", "“": "”"}
# Closing marks, emphasis and spaces may follow the mark that ends a sentence.
_CLOSING = "\"”’'»)]*_`"
_TAG = re.compile(r"</?\w{1,20}>$")
_LONGEST_TAG = 23
_SALUTATION = 50  # characters
_FINAL = ".?!:;,…"
_FRENCH_SPACE = re.compile(r"\w[ \u00a0\u202f]([?!;]|:(?![)(\w]))(?=\s|$)")
_FRENCH_QUOTE = re.compile("«[ \u00a0\u202f]|[ \u00a0\u202f]»")
_FRENCH_DECIMAL = re.compile(r"(?<![\d.,])\d+,\d{1,2}(?![\d,]|\.\d)")
_SPACED_PERCENT = re.compile("\\d[ \u00a0\u202f]%")
_SMILEY = re.compile(r"(?<!\S)[:;]-?[)(]")
_ANY_QUOTE = re.compile('[«»“”"]')
_URL = re.compile(r"\w{1,10}://\S+|`[^`]*`")


def check_brackets(pair: Pair) -> Iterator[Problem]:
    """Find brackets and quotation marks that do not pair, where those of the source do.

    A quotation of several sentences opens in one and closes in another, in both texts.
    """
    for opening, closing in _BRACKETS.items():
        lack = _lack(pair.target, opening, closing)
        if lack and lack != _lack(pair.source, opening, closing):
            yield warning("bracket", f"{opening} and {closing} do not pair")
        elif f"{opening}{closing}" in pair.target and f"{opening}{closing}" not in pair.source:
            yield warning("bracket", f"nothing stands between {opening} and {closing}")
    if not _pairs(pair.target) and _pairs(pair.source):
        # A quotation of several sentences, which the source has without marks.
        goes_on = not _ANY_QUOTE.search(pair.source) and len(_ANY_QUOTE.findall(pair.target.strip()[1:-1])) == 0
        yield (note if goes_on else warning)("quote", "the quotation marks do not pair")


def _lack(text: str, opening: str, closing: str) -> int:
    text = _SMILEY.sub("", text)
    return text.count(opening) - text.count(closing)


def _pairs(text: str) -> bool:
    straight = text.count('"') - len(re.findall(r'\d"', text)) if text.count('"') % 2 else 0  # 5" means inches
    return straight % 2 == 0 and all(text.count(opening) == text.count(closing) for opening, closing in _QUOTES.items())


def check_quotes(pair: Pair) -> Iterator[Problem]:
    """Find a quotation without its marks."""
    had, has = (
        len(re.findall("[«“„]|(?<!\\w)\"(?=\\w)|(?<!\\w)[‘'](?=\\w)", text)) for text in (pair.source, pair.target)
    )
    if bool(had) != bool(has):
        yield note("quotation", "the quotation marks are lost" if had else "the source quotes nothing")


def check_ending(pair: Pair) -> Iterator[Problem]:
    """Compare the marks that end the texts."""
    had, has = _ending(pair.source), _ending(pair.target)
    if had == has:
        return
    if pair.language == "es" and (had, has) == (",", ":") and len(pair.source) < _SALUTATION:
        return  # Hola, Marie:
    if not had or {had, has} <= {".", "!", "…"}:
        yield note("ending", f"“{had}” became “{has}”")
    else:
        yield warning("ending", f"the source ends with “{had}”, the translation with “{has}”")


def _ending(text: str) -> str:
    end, before = len(text), -1
    while end != before:
        before = end
        while end and (text[end - 1] in _CLOSING or text[end - 1].isspace()):
            end -= 1
        if tag := _TAG.search(text, max(0, end - _LONGEST_TAG), end):
            end = tag.start()
    last = text[max(0, end - 3) : end]
    return "…" if last == "..." else last[-1:] if last[-1:] in _FINAL else ""


def check_typography(pair: Pair) -> Iterator[Problem]:
    """Find French typography, and Spanish without its opening marks."""
    text = _URL.sub("", pair.target)
    if match := _FRENCH_SPACE.search(text):
        yield warning("typography", f"a space stands before “{match[1]}”, as in French")
    if pair.language == "en" and re.search("[«»]", text):
        yield warning("typography", "guillemets are French; English has “…”")
    elif _FRENCH_QUOTE.search(text):
        yield warning("typography", "spaces stand inside the guillemets, as in French")
    if pair.language == "en" and (match := _FRENCH_DECIMAL.search(text)) and match[0] in pair.source:
        yield warning("typography", f"“{match[0]}” has a decimal comma, as in French")
    if pair.language == "en" and _SPACED_PERCENT.search(text):
        yield note("typography", "a space stands before “%”")
    if pair.language == "es":
        yield from _check_opening_marks(text)
        if "«" in pair.source and "«" not in text and re.search('[“"]', text):
            yield note("typography", "the outer quotation marks of Spanish are «…»")


def _check_opening_marks(text: str) -> Iterator[Problem]:
    for opening, closing in ("¿?", "¡!"):
        opened, closed = text.count(opening), len(re.findall(rf"{re.escape(closing)}+", text))
        # Yahoo! goes on in lower case, and a mark in brackets is an editor’s.
        ended = len(re.findall(rf"(?<![(\[]){re.escape(closing)}+(?! [^\W\d_A-ZÀ-Ý])", text))
        if ended > opened:
            yield warning("typography", f"“{closing}” has no “{opening}” before it")
        elif closed < opened:
            yield warning("typography", f"“{opening}” has no “{closing}” after it")
