"""An article as data: its blocks, each a span of the source text."""

from bisect import bisect_right
from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What a block of an article is."""

    TITLE = "title"
    HEADING = "heading"
    PARAGRAPH = "paragraph"
    ITEM = "item"
    QUOTATION = "quotation"
    ATTRIBUTION = "attribution"
    CELL = "cell"
    ASIDE = "aside"
    METADATA = "metadata"  # front matter, <title> and <meta>
    ATTRIBUTE = "attribute"  # what a page shows beside its text: the description of an image, a tooltip


class Markup(StrEnum):
    """The inline markup that a text holds."""

    NONE = ""
    MARKDOWN = "markdown"
    HTML = "html"


class Notation(StrEnum):
    """How a block's text is written in its source."""

    PLAIN = "plain"
    MARKDOWN = "markdown"  # lines of Markdown that might be taken for something else by how they begin
    HEADING = "heading"  # a Markdown heading of one line
    CELL = "cell"  # of a Markdown table
    LABEL = "label"  # the title in a Markdown link definition
    HTML = "html"
    CHARACTERS = "characters"  # an HTML element that holds no elements: <title>
    ATTRIBUTE = "attribute"  # the value of an HTML attribute
    SCALAR = "scalar"  # a string of YAML front matter, with its quotation marks
    LINE = "line"  # a line or paragraph of a YAML block string
    STRING = "string"  # a string of TOML front matter, with its quotation marks

    @property
    def markup(self) -> Markup:
        """The inline markup in a block of this notation."""
        if self in {Notation.MARKDOWN, Notation.HEADING, Notation.CELL}:
            return Markup.MARKDOWN
        return Markup.HTML if self is Notation.HTML else Markup.NONE


@dataclass(frozen=True, slots=True)
class Edit:
    """Where a block's text is not what its source says: `text[start:end]` stands for `source[begin:stop]`.

    A soft line break with the marks of the quotation that it stands in is a space, an entity the character it names.
    """

    start: int
    end: int
    begin: int
    stop: int


@dataclass(frozen=True, slots=True)
class Block:
    """A stretch of an article: `source[start:end]`, which begins on `line` (from 1).

    `text` is that stretch as catalogs show it; it differs from the source by `edits` alone, which stand in order.
    `level` is the depth of a heading or list item (from 1; 0 for the other kinds), `ordered` tells a numbered item.
    `key` is the one of front matter or `<meta>` whose value, or a part of it, the block is.
    """

    kind: Kind
    text: str
    start: int
    line: int
    level: int = 0
    ordered: bool = False
    notation: Notation = Notation.PLAIN
    edits: tuple[Edit, ...] = ()
    key: str = ""

    @property
    def end(self) -> int:
        """The offset after the last character of the block."""
        return self.locate(len(self.text))

    def locate(self, offset: int) -> int:
        """Return the offset in the source of `text[offset]`; within an edit, that of the edit's beginning."""
        after = bisect_right(self.edits, offset, key=lambda edit: edit.start)
        if after == 0:
            return self.start + offset
        edit = self.edits[after - 1]
        return edit.begin if offset < edit.end else edit.stop + offset - edit.end


@dataclass(frozen=True, slots=True)
class Metadata:
    """Who wrote an article, and when, as it says itself: names and an ISO 8601 date, or "".

    `faults` are what made no sense, as they follow the path of the article: `:3: “demain” is no date`.
    """

    author: str = ""
    date: str = ""
    faults: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Article:
    """A French article: its name, its source as received (decoded, without BOM) and its blocks in document order.

    The blocks do not overlap; what stands between them is layout (blank lines, list and heading marks) and what is not
    to be translated. `encoding` takes the source back to its bytes; `languages` are the spans of the source that name
    its language, `markup` is what it is written in.
    """

    name: str
    source: str
    blocks: tuple[Block, ...]
    encoding: str = "utf-8"
    languages: tuple[tuple[int, int], ...] = ()
    metadata: Metadata = Metadata()
    markup: Markup = Markup.NONE

    @property
    def title(self) -> str:
        """The text of the title block, or the article's name where it has none."""
        return next((b.text for b in self.blocks if b.kind is Kind.TITLE), self.name)
