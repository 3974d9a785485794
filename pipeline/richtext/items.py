"""Harmless HTML as a list of what stands in it: elements, texts, and the beginnings and ends of segments."""

import html
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from urllib.parse import unquote, urlsplit

from pipeline.formats.marks import find_ends
from pipeline.formats.tags import Form, Token, read_attributes, read_tokens
from pipeline.richtext.marked import drop_markers, split_marked
from pipeline.richtext.sanitize import LOADED, PARTS

_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*")


class Sign(Enum):
    """What an item is."""

    TEXT = "text"
    OPEN = "open"
    CLOSE = "close"
    VOID = "void"
    START = "start"  # of a segment
    END = "end"


@dataclass(frozen=True, slots=True)
class Item:
    """A text (as HTML), a tag with its attributes (their values as HTML), or the beginning or end of a segment."""

    sign: Sign
    name: str = ""
    text: str = ""
    number: int = 0
    attributes: tuple[tuple[str, str], ...] = ()

    @property
    def id(self) -> str:
        """The name that the article gives the element, or ""."""
        return dict(self.attributes).get("id", "")

    @property
    def fragment(self) -> str:
        """The place in the article that it links to, or ""."""
        target = html.unescape(dict(self.attributes).get("href", ""))
        return unquote(target[1:]) if target.startswith("#") else ""


def read_items(source: str) -> list[Item]:
    """Read what the sanitiser gave: of a page its article alone, or its main part, where it has just one.

    An image, a frame or a film becomes a link to it: our pages load nothing from elsewhere.
    """
    tokens = _choose_part(list(read_tokens(source, 0, len(source))), source)
    items: list[Item] = []
    skipped = ""  # the frame whose content is left out
    links: list[bool] = []  # for each open link, whether it stands in another, which a table allows it
    for token in tokens:
        if skipped:
            skipped = "" if token.form is Form.CLOSE and token.name == skipped else skipped
        elif token.form is Form.TEXT:
            items += _read_text(source[token.start : token.end])
        elif token.name in LOADED or token.name == "img":
            items += _link_to(source, token, is_linked=bool(links))
            skipped = token.name if token.name in LOADED else ""
        elif token.form in {Form.OPEN, Form.CLOSE, Form.VOID}:
            if token.name == "a" and _is_inner(token, links):
                continue
            name = "div" if token.name in PARTS else token.name
            items.append(Item(Sign(token.form.value), name, attributes=tuple(_read_attributes(source, token))))
    return _mend_lists(items)


def _is_inner(link: Token, links: list[bool]) -> bool:
    """Keep account of the open links; tell whether this one stands in another."""
    if link.form is Form.CLOSE:
        return links.pop()
    links.append(bool(links))
    return links[-1]


def _mend_lists(items: Sequence[Item]) -> list[Item]:
    """Make a plain list of terms that nothing is said of: pages have them for tables of contents."""
    mended = list(items)
    opened: list[list[int]] = []  # for each open list, the tags of its terms, the first one its own
    spoken: list[bool] = []  # whether it says something of them
    for index, item in enumerate(items):
        if item.name == "dl" and item.sign is Sign.OPEN:
            opened.append([index])
            spoken.append(False)
        elif item.name == "dl" and opened:
            tags = opened.pop()
            if not spoken.pop():
                for tag in (*tags, index):
                    mended[tag] = replace(items[tag], name="ul" if items[tag].name == "dl" else "li")
        elif item.name == "dt" and opened:
            opened[-1].append(index)
        elif item.name == "dd" and spoken:
            spoken[-1] = True
    return mended


def _choose_part(tokens: Sequence[Token], source: str) -> Sequence[Token]:
    ends = find_ends(tokens)
    for name in ("article", "main"):
        found = [n for n, token in enumerate(tokens) if token.form is Form.OPEN and token.name == name]
        if len(found) == 1 and found[0] in ends:
            part = tokens[found[0] + 1 : ends[found[0]]]
            if any(number for token in part for _, number in split_marked(source[token.start : token.end])):
                return part
    return tokens


def _read_text(text: str) -> Iterator[Item]:
    for piece, number in split_marked(text):
        if number:
            yield Item(Sign.START if number > 0 else Sign.END, number=abs(number))
        else:
            yield Item(Sign.TEXT, text=piece)


def _read_attributes(source: str, token: Token) -> Iterator[tuple[str, str]]:
    if token.form is Form.CLOSE:
        return
    for attribute in read_attributes(source, token):
        value = drop_markers(attribute.value)
        if attribute.name != "lang" or _LANGUAGE.fullmatch(value):
            yield attribute.name, value


def _link_to(source: str, token: Token, *, is_linked: bool) -> Iterator[Item]:
    """Yield a link to what an element would load, with its description or the name of its file."""
    if token.form is Form.CLOSE:
        return
    attributes = dict(_read_attributes(source, token))
    target = attributes.get("src", "")
    place = urlsplit(html.unescape(target))
    name = html.escape(unquote(place.path).rstrip("/").rpartition("/")[2] or place.netloc)
    text = attributes.get("alt") or attributes.get("title") or name
    if not text:
        return
    is_link = not is_linked and bool(place.netloc)
    tag, address = ("a", (("href", target),)) if is_link else ("span", ())
    kind = "image" if token.name == "img" else "media"
    yield Item(Sign.OPEN, tag, attributes=(("class", kind), *address))
    yield Item(Sign.TEXT, text=text)
    yield Item(Sign.CLOSE, tag)


def render_item(item: Item, attributes: Sequence[tuple[str, str]] | None = None) -> str:
    """Return an item as HTML, with other attributes where they are given; segments leave no trace."""
    match item.sign:
        case Sign.TEXT:
            return item.text
        case Sign.CLOSE:
            return f"</{item.name}>"
        case Sign.OPEN | Sign.VOID:
            given = item.attributes if attributes is None else attributes
            return f"<{item.name}{''.join(f' {name}={chr(34)}{value}{chr(34)}' for name, value in given)}>"
        case _:
            return ""
