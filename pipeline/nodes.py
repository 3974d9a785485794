"""What a page is drawn from: an article in one language as a tree of headings, paragraphs, lists and the like."""

from dataclasses import dataclass
from itertools import chain
from typing import ClassVar

from markupsafe import Markup, escape

from pipeline.publication import State


@dataclass(frozen=True, slots=True)
class Piece:
    """A segment as it is read in one language; `state` is None in the source language.

    `number` counts the rows of the publication from 1; 0 marks the text of a block that has no segment. `text` is what
    is read, without markup; `html` the same with its markup, `alone` that without what refers to the rest of its page.
    A piece may be the first of several of its segment, or one that follows; one within a link can hold no other.
    """

    number: int
    text: str
    language: str
    state: State | None
    html: Markup = Markup()  # noqa: RUF009 (it is a string)
    alone: Markup = Markup()  # noqa: RUF009
    is_first: bool = True
    is_linked: bool = False

    @property
    def shown(self) -> str:
        """What a template shows: harmless HTML, or text to be escaped."""
        return self.html or self.text


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading; ranks run from 2 (the title is 1) and never skip one on the way down.

    `anchor` names it in links; it comes from the source text, so that it is the same in every language.
    """

    form: ClassVar[str] = "heading"
    rank: int
    pieces: tuple[Piece, ...]
    anchor: str


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph."""

    form: ClassVar[str] = "paragraph"
    pieces: tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class Item:
    """A list item and the lists below it."""

    pieces: tuple[Piece, ...]
    lists: tuple["Listing", ...]


@dataclass(frozen=True, slots=True)
class Listing:
    """A list; a numbered one begins at `start`."""

    form: ClassVar[str] = "listing"
    ordered: bool
    start: int
    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class Quotation:
    """The paragraphs of a quotation and its attribution, which may be empty."""

    form: ClassVar[str] = "quotation"
    paragraphs: tuple[tuple[Piece, ...], ...]
    attribution: tuple[Piece, ...]


Node = Heading | Paragraph | Listing | Quotation


@dataclass(frozen=True, slots=True)
class Outline:
    """An article in one language; `title` is empty where it has none.

    In the place of a `body`, an article with markup has a `flow`: its segments, and harmless HTML between them.
    `asides` is what stands around it, `unseen` what readers of its own page do not see there: the values of front
    matter and attributes. `lead` is what it says in short of itself there, else its first paragraph.
    """

    title: tuple[Piece, ...]
    body: tuple[Node, ...]
    asides: tuple[tuple[Piece, ...], ...]
    lead: tuple[Piece, ...] = ()
    unseen: tuple[tuple[Piece, ...], ...] = ()
    flow: tuple[Piece | Markup, ...] = ()

    def cells(self) -> dict[int, str]:
        """Return what stands in a table of the segments, by their numbers, for an article with markup."""
        cells: dict[int, str] = {}
        for part in chain(self.title, self.flow, *self.asides, *self.unseen) if self.flow else ():
            if isinstance(part, Piece):
                shown = part.alone or escape(part.text)
                cells[part.number] = shown if part.is_first else cells[part.number] + shown
        return cells
