"""An article in one language as Markdown (CommonMark), to be pasted into a publishing system."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from pipeline.interface import read_interface
from pipeline.nodes import Heading, Listing, Node, Outline, Piece, Quotation
from pipeline.outline import outline_article
from pipeline.publication import OutputFile, Publication, State

# What CommonMark and GitHub's tables and strikethrough read as markup within a line. An underscore inside a word is
# none, nor is an ampersand that begins no entity: addresses stay readable. Calls of Hugo and Jekyll begin
# with a brace.
_INLINE = re.compile(r"[\\`*\[\]<~|]|(?<=\{)[{%]|_(?![^\W_])|(?<![^\W_])_|&(?=#|\w)")
# What begins a block: a heading, quotation, list, rule or underline; and `#` after a space closes a heading.
_OPENING = re.compile(r"(?:^|(?<= ))#|^[-+=>]")
_NUMBERED = re.compile(r"^(\d{1,9})([.)])(?=\s|$)")


def render_markdown(publication: Publication, language: str, front_matter: str = "") -> OutputFile:
    """Render `<language>.md`: the article, then its page furniture after a rule and a comment.

    A comment on top says that the text is a draft and how much of it is reviewed. A segment without translation stands
    in the source language, in `<span lang>`. One line a paragraph. Under `front_matter`, which says the title and what
    is a draft, title and comment are left out.
    """
    interface = read_interface(language)
    outline = outline_article(publication, language)
    comments = []
    if language != publication.source and not front_matter:
        reviewed = publication.count(language, State.REVIEWED)
        counts = interface.reviewed.format(reviewed=reviewed, total=len(publication.rows))
        comments = [f"<!-- {interface.stages[publication.stage([language])]}. {counts} -->"]
    if front_matter:
        comments, outline = [front_matter], replace(outline, title=())
    blocks = [*comments, *_render_outline(outline, language, interface.around)]
    return OutputFile(f"{language}.md", "\n\n".join(blocks) + "\n")


def _render_outline(outline: Outline, language: str, around: str) -> Iterator[str]:
    if outline.title:
        yield f"# {_render_pieces(outline.title, language)}"
    for node in outline.body:
        yield _render_node(node, language)
    if outline.asides:
        yield "---"
        yield f"<!-- {around} -->"
        yield from (_render_pieces(pieces, language) for pieces in outline.asides)


def _render_node(node: Node, language: str) -> str:
    if isinstance(node, Listing):
        return "\n".join(_render_list(node, language))
    if isinstance(node, Quotation):
        paragraphs = [_render_pieces(pieces, language) for pieces in node.paragraphs]
        if node.attribution:
            paragraphs.append(f"— {_render_pieces(node.attribution, language)}")
        return "\n>\n".join(f"> {paragraph}" for paragraph in paragraphs)
    text = _render_pieces(node.pieces, language)
    return f"{'#' * node.rank} {text}" if isinstance(node, Heading) else text


def _render_list(listing: Listing, language: str) -> Iterator[str]:
    for number, item in enumerate(listing.items, listing.start):
        mark = f"{number}. " if listing.ordered else "- "
        yield mark + _render_pieces(item.pieces, language)
        for below in item.lists:
            yield from (" " * len(mark) + line for line in _render_list(below, language))


def _render_pieces(pieces: Sequence[Piece], language: str) -> str:
    return " ".join(_render_piece(piece, language) for piece in pieces)


def _render_piece(piece: Piece, language: str) -> str:
    text = _escape(piece.text)
    return text if piece.language == language else f'<span lang="{piece.language}">{text}</span>'


def _escape(text: str) -> str:
    text = _INLINE.sub(r"\\\g<0>", text)
    text = _OPENING.sub(r"\\\g<0>", text)
    return _NUMBERED.sub(r"\1\\\2", text)
