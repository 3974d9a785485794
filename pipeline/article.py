"""An article as data: its blocks, each a span of the source text."""

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
    ASIDE = "aside"


@dataclass(frozen=True, slots=True)
class Block:
    """A stretch of an article: `source[start:end]`, which begins on `line` (from 1).

    `level` is the depth of a heading or list item (from 1; 0 for the other kinds), `ordered` tells a numbered item.
    """

    kind: Kind
    text: str
    start: int
    line: int
    level: int = 0
    ordered: bool = False

    @property
    def end(self) -> int:
        """The offset after the last character of the block."""
        return self.start + len(self.text)


@dataclass(frozen=True, slots=True)
class Article:
    """A French article: its name, its source as received (decoded, without BOM) and its blocks in document order.

    The blocks do not overlap; what stands between them is layout (blank lines, list and heading marks).
    """

    name: str
    source: str
    blocks: tuple[Block, ...]

    @property
    def title(self) -> str:
        """The text of the title block, or the article's name where it has none."""
        return next((b.text for b in self.blocks if b.kind is Kind.TITLE), self.name)
