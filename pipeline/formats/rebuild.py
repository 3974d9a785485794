"""An article with other words: every byte that is not translated stays what it was."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from pipeline.article import Article, Block
from pipeline.formats.writers import WHOLE, write_text
from pipeline.segment import Segment


def rebuild(article: Article, translations: Iterable[tuple[Segment, str]], language: str = "") -> bytes:
    """Return the bytes of an article with a text for each of some segments; all else stays byte for byte.

    The segments are those of `segment_article(article)`; one that is missing keeps its words. A text is written in the
    segment's own markup, on one line (line breaks become spaces); "" leaves nothing. Where `language` is given, the
    article says that it is written in that language.
    """
    by_block: dict[int, list[tuple[Segment, str]]] = defaultdict(list)
    for segment, text in translations:
        if text != segment.text:
            by_block[segment.block].append((segment, text))
    blocks = ((article.blocks[number], changed) for number, changed in by_block.items())
    pieces = [(block.start, block.end, _write_block(article.source, block, changed)) for block, changed in blocks]
    pieces += [(start, end, language) for start, end in article.languages if language]
    parts, at = [], 0
    for start, end, text in sorted(pieces):
        parts += [article.source[at:start], text]
        at = end
    # What an old encoding lacks is written as HTML writes it; UTF-8, which all else is in, lacks nothing.
    return "".join([*parts, article.source[at:]]).encode(article.encoding, "xmlcharrefreplace")


def _write_block(source: str, block: Block, changed: Sequence[tuple[Segment, str]]) -> str:
    whole = WHOLE.get(block.notation)
    parts: list[str] = []
    at = 0
    for segment, text in sorted(changed, key=lambda pair: pair[0].start):
        if whole:
            parts += [block.text[at : segment.start], " ".join(text.split())]
        else:
            between = source[block.locate(at) : block.locate(segment.start)]
            parts += [between, write_text(source, block, segment, text)]
        at = segment.end
    if whole:
        return whole(source[block.start : block.end], "".join([*parts, block.text[at:]]))
    return "".join([*parts, source[block.locate(at) : block.end]])
