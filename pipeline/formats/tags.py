"""Tags, texts and comments of HTML with their places in the source.

The tokens follow the tokenizer of the HTML standard (section 13.2.5) closely enough that every tag is found where a
browser finds it. No parser at hand serves: lxml knows lines but no columns, html5lib no places at all, and writing a
tree out again changes bytes that are nobody's business. Every step consumes what it looked at, so that time grows with
length alone.
"""

import re
from collections.abc import Iterator
from enum import Enum
from typing import NamedTuple

from pipeline.formats.elements import RAW, VOID


class Form(Enum):
    """What a token is."""

    TEXT = "text"
    OPEN = "open"
    CLOSE = "close"
    VOID = "void"  # an element without content
    COMMENT = "comment"  # also a doctype and what browsers take for a comment
    RAW = "raw"  # the content of a script, a style sheet and the like


class Token(NamedTuple):
    """`source[start:end]`; `name` is that of a tag, in lower case."""

    form: Form
    name: str
    start: int
    end: int


class Attribute(NamedTuple):
    """An attribute with the span of its value, without quotation marks."""

    name: str
    value: str
    start: int
    end: int


_TOKEN = re.compile(
    r"<!--(?:-?>|.*?(?:--!?>|\Z))"
    r"|<(?:[!?]|/(?![a-zA-Z]))[^>]*+(?:>|\Z)"
    r"""|<(?P<slash>/?)(?P<name>[a-zA-Z][^\s/>]*+)(?:[^>=]++|=\s*+(?:"[^"]*+"?|'[^']*+'?)?)*+(?P<end>>|\Z)""",
    re.DOTALL,
)
_ATTRIBUTE = re.compile(r"""([^\s"'<>/=]++)(?:\s*+=\s*+(?:"([^"]*+)"|'([^']*+)'|([^\s>"'][^\s>]*+)))?+""")


def read_tokens(source: str, start: int, end: int) -> Iterator[Token]:
    """Yield the tokens of `source[start:end]`; together they are all of it."""
    at = start
    while at < end:
        match = _TOKEN.search(source, at, end)
        if match is None:
            yield Token(Form.TEXT, "", at, end)
            return
        if match.start() > at:
            yield Token(Form.TEXT, "", at, match.start())
        at = match.end()
        if match["name"] is None or not match["end"]:
            yield Token(Form.COMMENT, "", match.start(), at)  # an unfinished tag says nothing either
            continue
        name = match["name"].lower()
        if match["slash"]:
            yield Token(Form.CLOSE, name, match.start(), at)
        elif name in VOID:
            yield Token(Form.VOID, name, match.start(), at)
        else:
            yield Token(Form.OPEN, name, match.start(), at)
            if name in RAW:
                closing = re.compile(rf"</{name}(?=[\s/>])", re.IGNORECASE).search(source, at, end)
                content, at = at, closing.start() if closing else end
                if at > content:
                    yield Token(Form.TEXT if name == "title" else Form.RAW, "", content, at)


def read_attributes(source: str, tag: Token) -> Iterator[Attribute]:
    """Yield the attributes of a tag that have a value; of two with one name the first counts, as in a browser."""
    seen: set[str] = set()
    for match in _ATTRIBUTE.finditer(source, tag.start + 1 + len(tag.name), tag.end):
        name = match[1].lower()
        group = match.lastindex or 1
        if group > 1 and name not in seen:
            yield Attribute(name, match[group], match.start(group), match.end(group))
        seen.add(name)
