"""A text as it is read: without its marks, for titles, feeds and whatever else takes no markup."""

import html
import re

from pipeline.article import Article, Kind, Markup
from pipeline.formats.commonmark import CALLS
from pipeline.formats.marks import Role, find_marks

_ESCAPE = re.compile(r"\\([!-/:-@\[-`{-~])|(&[#\w]+;)")
_TAG = re.compile(r"<[^<>]*>")
_FOLDED = re.compile(r"<(script|style|svg|math)\b.*", re.DOTALL | re.IGNORECASE)


def read_plain(text: str, markup: Markup) -> str:
    """Return a text as a reader sees it: code without its quotes, an image as its description, notes left out."""
    parts, at = [], 0
    for mark in find_marks(text, markup):
        content = text[mark.start : mark.end]
        parts.append(_unescape(text[at : mark.start], markup))
        if mark.role is Role.WORD:
            parts.append(_read_word(content))
        elif content.lower().startswith("<br"):
            parts.append(" ")
        at = mark.end
    return "".join([*parts, _unescape(text[at:], markup)])


def read_title(article: Article) -> str:
    """Return the title of an article as it is read, or its name where it has none."""
    titles = (block for block in article.blocks if block.kind is Kind.TITLE)
    return next((read_plain(block.text, block.notation.markup) for block in titles), article.name)


def _unescape(text: str, markup: Markup) -> str:
    match markup:
        case Markup.MARKDOWN:
            return _ESCAPE.sub(lambda match: match[1] or html.unescape(match[2]), text)
        case Markup.HTML:
            return html.unescape(text)
        case _:
            return text


def _read_word(content: str) -> str:
    """Return what is read of code, a formula or an address."""
    if content.startswith("`"):
        code = content.strip("`")
        return code[1:-1] if code.strip() and code[0] == code[-1] == " " else code
    if content.startswith("<"):
        if re.match(r"<[^\s<>]*[:@][^\s<>]*>", content):
            return content[1:-1]
        return html.unescape(_TAG.sub("", _FOLDED.sub("", content)))
    return "" if content.startswith(CALLS) else content
