"""The body of an article with markup, in one language: its segments, and harmless HTML between them."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import unescape
from itertools import groupby

from markupsafe import Markup

from pipeline.anchors import name_heading, name_headings, slug
from pipeline.article import Kind
from pipeline.article import Markup as Written
from pipeline.formats.elements import ANCHORS
from pipeline.nodes import Piece
from pipeline.publication import Publication, State
from pipeline.richtext.items import Item, Sign, read_items, render_item
from pipeline.richtext.marked import write_marked
from pipeline.richtext.plain import read_plain
from pipeline.richtext.sanitize import sanitize

_HEADINGS = {f"h{level}": level for level in range(1, 7)}
_DEEPEST = 6
# They may stand empty; any other element that a silent segment leaves empty goes with it.
_HOLLOW = frozenset({"td", "th", "tr", "colgroup"})
# What stands beside a heading to link to it.
_PERMALINKS = frozenset(ANCHORS.strip())
# What scrolls by itself can be reached with the keyboard.
_WIDE = '<div class="wide" tabindex="0">'


@dataclass(frozen=True, slots=True)
class Body:
    """The title, where it stands in the text, and the rest of the text."""

    title: tuple[Piece, ...]
    flow: tuple[Piece | Markup, ...]

    def pieces(self) -> Iterator[Piece]:
        """Yield the segments that stand in it."""
        yield from self.title
        yield from (part for part in self.flow if isinstance(part, Piece))


def read_body(publication: Publication, language: str) -> Body:
    """Return the body of an article that is written in Markdown or HTML.

    Headings take the ranks from 2 on and skip none; they are named as in the source language. Links within the article
    are kept where they lead to something.
    """
    source = write_marked(publication, language)
    if publication.article.markup is Written.MARKDOWN:
        from pipeline.richtext.markdown import render_html  # noqa: PLC0415 (nothing heavy at import)

        source = render_html(source)
    drawer = _Drawer(publication, language, read_items(sanitize(source)))
    return Body(drawer.draw_title(), drawer.draw_body())


class _Drawer:
    """Draws items as HTML with pieces for the segments."""

    def __init__(self, publication: Publication, language: str, items: Sequence[Item]) -> None:
        self.publication, self.language, self.items = publication, language, items
        self.ends = _find_segments(items, len(publication.rows))
        self.closing = _find_closing(items)
        self.title = self._find_title()
        self.ranks, self.anchors = self._read_headings()
        # A parser may repeat an element that is never closed: the first one keeps its name.
        self.holders = {item.id: item for item in reversed(items)}
        self.places = self._name_places()
        self.parts: list[Piece | str] = []
        self.opened: list[tuple[int, int]] = []  # where each open element begins, in `parts` and in `items`
        self.links = 0
        self.seen: set[int] = set()  # segments of which a part is drawn
        self.texts: dict[int, tuple[str, str, State | None]] = {}

    def draw_title(self) -> tuple[Piece, ...]:
        first, last = self.title
        return tuple(self._make_piece(n, self.ends[n]) for n in range(first, last) if n in self.ends)

    def draw_body(self) -> tuple[Piece | Markup, ...]:
        first, last = self.title
        self._draw(0, first)
        self._draw(last, len(self.items))
        parts: list[Piece | Markup] = []
        for is_piece, group in groupby(self.parts, lambda part: isinstance(part, Piece)):
            run = list(group)
            html = "".join(part for part in run if isinstance(part, str))
            parts += [p for p in run if isinstance(p, Piece)] if is_piece else [Markup(html)]  # noqa: S704 (sanitised)
        return tuple(parts)

    def _find_title(self) -> tuple[int, int]:
        """Return the span of the heading that holds the title; an empty one where none does."""
        rows, blocks = self.publication.rows, self.publication.article.blocks
        heading = 0
        for index, item in enumerate(self.items):
            if item.sign is Sign.OPEN and item.name in _HEADINGS:
                heading = index
            elif index in self.ends and blocks[rows[item.number - 1].segment.block].kind is Kind.TITLE:
                last = self.closing.get(heading, 0)
                return (heading, last + 1) if heading < index < last else (0, 0)
        return 0, 0

    def _read_headings(self) -> tuple[dict[int, int], dict[int, str]]:
        """Return the ranks and the names of the headings, by their items; those that say nothing have none."""
        known = name_headings(self.publication.article)
        taken = set(known.values())
        ranks: dict[int, int] = {}
        anchors: dict[int, str] = {}
        above: list[int] = []
        for index, item in enumerate(self.items):
            is_heading = item.sign is Sign.OPEN and item.name in _HEADINGS
            if not is_heading or self.title[0] <= index < self.title[1]:
                continue
            inside = range(index, self.closing[index])
            text = unescape("".join(self.items[n].text for n in inside)).strip()
            if not text:
                continue
            level = _HEADINGS[item.name]
            while above and above[-1] >= level:
                above.pop()
            above.append(level)
            ranks[index] = min(1 + len(above), _DEEPEST)
            rows = self.publication.rows
            blocks = (rows[self.items[n].number - 1].segment.block for n in inside if n in self.ends)
            anchors[index] = known.pop(next(blocks, -1), "") or name_heading(text, taken)
            taken.add(anchors[index])
        return ranks, anchors

    def _name_places(self) -> dict[str, str]:
        """Return the names on our page of the places that links of the article lead to, by the article's names."""
        wanted = {item.fragment for item in self.items} - {""}
        places: dict[str, str] = {}
        for index, item in enumerate(self.items):
            if item.id in wanted and item.id not in places:
                is_plain = not set(item.id) & set(" \t\n\"'<>&")
                is_title = self.title[0] <= index < self.title[1]
                name = f"x-{item.id}" if is_plain else ""
                places[item.id] = "text" if is_title else self.anchors.get(index, name)
        # A Markdown article names its headings as its own site does, which is much as we do.
        headings = set(self.anchors.values())
        return {name: slug(name) for name in wanted if slug(name) in headings} | places

    def _draw(self, first: int, last: int, number: int = 0) -> None:
        """Draw the items from `first` to `last`; texts among them are pieces of the segment `number`, if any."""
        index = first
        while index < last:
            item = self.items[index]
            end = self.ends.get(index)
            if end is not None and self._is_whole(index, end):
                self.parts.append(self._make_piece(index, end))
            elif end is not None:
                self._draw(index + 1, end, item.number)
            elif item.sign is Sign.OPEN:
                self._open(index)
            elif item.sign is Sign.CLOSE:
                self._close(item)
            elif item.sign is Sign.TEXT and number and item.text.strip():
                self.parts.append(self._make_part(item, number))
            else:
                self.parts.append(render_item(item))
            index = index + 1 if end is None else end + 1

    def _open(self, index: int) -> None:
        item = self.items[index]
        attributes = self._attributes(item)
        self.opened.append((len(self.parts), index))
        self.links += item.name in {"a", "summary"}
        if item.name == "a" and not attributes:  # it leads nowhere
            self.parts.append("")
        elif index in self.ranks:
            self.parts.append(f'<h{self.ranks[index]} id="{self.anchors[index]}">')
        elif item.name == "table":
            self.parts.append(_WIDE + render_item(item, attributes))
        else:
            self.parts.append(render_item(item, attributes))

    def _close(self, item: Item) -> None:
        begin, index = self.opened.pop()
        opening = self.items[index]
        self.links -= item.name in {"a", "summary"}
        if item.name not in _HOLLOW and not opening.id and self._is_empty(begin, is_link=bool(opening.fragment)):
            del self.parts[begin:]
        elif index in self.ranks:
            self.parts.append(f"</h{self.ranks[index]}>")
        elif item.name == "th" and self._is_empty(begin, is_link=False):  # it heads nothing
            kept = [pair for pair in opening.attributes if pair[0] in {"colspan", "rowspan"}]
            self.parts[begin:] = [render_item(Item(Sign.OPEN, "td"), kept), "</td>"]
        elif self.parts[begin]:
            self.parts.append(render_item(item) + ("</div>" if item.name == "table" else ""))

    def _is_empty(self, begin: int, *, is_link: bool) -> bool:
        """Tell whether the element that begins in `parts` there says nothing."""
        parts = (self.parts[n] for n in range(begin + 1, len(self.parts)))
        inside = ("…" if isinstance(part, Piece) else part.replace("&nbsp;", " ").strip() for part in parts)
        first = next(filter(None, inside), "")
        return not any(inside) and (not first or (is_link and first in _PERMALINKS))

    def _attributes(self, item: Item, *, is_alone: bool = False) -> list[tuple[str, str]]:
        """Return the attributes of an element as our page has them; `is_alone` for one outside of its article."""
        given = []
        for name, value in item.attributes:
            place = self.places.get(item.id if name == "id" else item.fragment, "")
            if name == "id" and place.startswith("x-") and not is_alone and self.holders[value] is item:
                given.append((name, place))
            elif name == "href" and value.startswith("#"):
                given += [(name, f"#{place}")] if place and not is_alone else []
            elif name != "id" and (name, value) != ("class", ""):
                given.append((name, value))
        if item.name == "pre":
            given.append(("tabindex", "0"))
        return given

    def _is_whole(self, first: int, last: int) -> bool:
        """Tell whether the items between are elements with their ends."""
        depth = 0
        for item in self.items[first + 1 : last]:
            depth += {Sign.OPEN: 1, Sign.CLOSE: -1}.get(item.sign, 0)
            if depth < 0:
                return False
        return depth == 0

    def _make_piece(self, first: int, last: int) -> Piece:
        items = self.items[first + 1 : last]
        if not self._is_whole(first, last):  # a title alone
            items = [item for item in items if item.sign is Sign.TEXT]
        html, alone = (
            Markup("".join(self._write(items, is_alone=is_alone)))  # noqa: S704
            for is_alone in (False, True)
        )
        return self._make(self.items[first].number, html, alone)

    def _write(self, items: Sequence[Item], *, is_alone: bool) -> Iterator[str]:
        links: list[str] = []
        for item in items:
            text = render_item(item, self._attributes(item, is_alone=is_alone))
            if item.name == "a" and item.sign is Sign.OPEN:
                links.append("" if text == "<a>" else text)
                yield links[-1]
            elif item.name != "a" or links.pop():
                yield text

    def _make_part(self, item: Item, number: int) -> Piece:
        is_first = number not in self.seen
        self.seen.add(number)
        html = Markup(item.text)  # noqa: S704
        return self._make(number, html, html, is_first=is_first)

    def _make(self, number: int, html: Markup, alone: Markup, *, is_first: bool = True) -> Piece:
        row = self.publication.rows[number - 1]
        if number not in self.texts:
            self.texts[number] = self.publication.read(row, self.language)
        text, spoken, state = self.texts[number]
        # A text of which nothing is left, a script for one, is shown as it was typed.
        plain = (read_plain(text, row.segment.markup) or text) if is_first else ""
        return Piece(number, plain, spoken, state, html, alone, is_first=is_first, is_linked=self.links > 0)


def _find_segments(items: Sequence[Item], count: int) -> Mapping[int, int]:
    """Return where each segment ends, by where it begins: each number up to `count` once, and one after another."""
    ends: dict[int, int] = {}
    seen: set[int] = set()
    opened: int | None = None
    for index, item in enumerate(items):
        if item.sign is Sign.START and item.number <= count and item.number not in seen:
            opened = index
        elif item.sign is Sign.END and opened is not None and items[opened].number == item.number:
            ends[opened] = index
            seen.add(item.number)
            opened = None
    return ends


def _find_closing(items: Collection[Item]) -> Mapping[int, int]:
    """Return where each element is closed; the sanitiser closes all."""
    closing: dict[int, int] = {}
    opened: list[int] = []
    for index, item in enumerate(items):
        if item.sign is Sign.OPEN:
            opened.append(index)
        elif item.sign is Sign.CLOSE:
            closing[opened.pop()] = index
    return closing
