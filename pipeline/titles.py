"""What inline markup shows beside the text: the title of a link, the description of an image."""

import html
import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from pipeline.article import Markup
from pipeline.formats.elements import SHOWN
from pipeline.formats.marks import Role, find_marks
from pipeline.formats.spans import has_words
from pipeline.formats.tags import Form, read_attributes, read_tokens

# The title in `](address "title")`; one in brackets is rare, and left as it is.
_TITLE = re.compile(
    r"""\]\(.*[\s>](?:"(?P<double>(?:\\.|[^"\\])*+)"|'(?P<single>(?:\\.|[^'\\])*+)')\s*\)\Z""", re.DOTALL
)
_ESCAPE = re.compile(r"\\([!-/:-@\[-`{-~])")


class _Title(NamedTuple):
    """`text[start:end]`, in which the signs of `quote` are escaped, reads `shown`."""

    start: int
    end: int
    quote: str
    shown: str


def find_titles(text: str, markup: Markup) -> tuple[str, ...]:
    """Return the titles in the marks of a text as they are shown, each once."""
    return tuple(dict.fromkeys(title.shown for title in _read_titles(text, markup)))


def write_titles(text: str, markup: Markup, titles: Mapping[str, str]) -> str:
    """Return a text with other titles, by what they show now."""
    parts, at = [], 0
    for title in _read_titles(text, markup) if titles else ():
        new = titles.get(title.shown) or title.shown
        is_tag = title.quote in {'"', "'"} and text[title.start - 2] == "="
        written = html.escape(new) if is_tag else re.sub(rf"[\\{re.escape(title.quote)}]", r"\\\g<0>", new)
        parts += [text[at : title.start], written]
        at = title.end
    return "".join([*parts, text[at:]])


def _read_titles(text: str, markup: Markup) -> Iterator[_Title]:
    marks = find_marks(text, markup)
    for mark in marks:
        if mark.role is Role.WORD:
            continue
        if text[mark.start : mark.end] == "![":
            end = marks[mark.partner].start
            shown = html.unescape(_ESCAPE.sub(r"\1", text[mark.end : end]))
            if has_words(shown):
                yield _Title(mark.end, end, "[]", shown)
            continue
        if match := _TITLE.match(text[mark.start : mark.end]):
            group = match.lastgroup or ""
            shown = html.unescape(_ESCAPE.sub(r"\1", match[group]))
            if has_words(shown):
                start = mark.start + match.start(group)
                yield _Title(start, mark.start + match.end(group), text[start - 1], shown)
        else:
            yield from _read_tags(text, mark.start, mark.end)


def _read_tags(text: str, start: int, end: int) -> Iterator[_Title]:
    for tag in read_tokens(text, start, end):
        for attribute in read_attributes(text, tag) if tag.form in {Form.OPEN, Form.VOID} else ():
            quote = text[attribute.start - 1]
            shown = html.unescape(attribute.value)
            if attribute.name in SHOWN and quote in "\"'" and has_words(shown):
                yield _Title(attribute.start, attribute.end, quote, shown)
