"""The names of headings in links: from the source, so that they are the same in every language."""

import re
import unicodedata

from pipeline.article import Article, Kind
from pipeline.richtext.plain import read_plain

# Names that the pages themselves give: segments, the text, the page furniture, places that an article names itself.
_TAKEN = re.compile(r"s\d+|text|around|x-.*")
_LONGEST = 60


def name_headings(article: Article) -> dict[int, str]:
    """Return an anchor for each heading of the source, by the index of its block."""
    anchors: dict[int, str] = {}
    taken: set[str] = set()
    for index, block in enumerate(article.blocks):
        if block.kind in {Kind.TITLE, Kind.HEADING}:
            anchors[index] = name_heading(read_plain(block.text, block.notation.markup), taken)
            taken.add(anchors[index])
    return anchors


def name_heading(text: str, taken: set[str]) -> str:
    """Return an anchor for a heading that none of `taken` is."""
    name = slug(text) or "section"
    name = f"section-{name}" if _TAKEN.fullmatch(name) else name
    count = 1
    while (anchor := name if count == 1 else f"{name}-{count}") in taken:
        count += 1
    return anchor


def slug(text: str) -> str:
    """Return the words of a text in small letters without accents, joined by hyphens."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    words = re.findall(r"\w+", "".join(c for c in plain if not unicodedata.combining(c)))
    return "-".join(words)[:_LONGEST].strip("-_")
