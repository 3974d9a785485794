"""An article in one language with a marker before and after each segment, which any parser takes for text.

A marker begins and ends with a space that nobody writes (U+1680), so that emphasis beside it is what it would be at the
edge of a line; its number is written in characters that mean nothing (Unicode's last private ones).
"""

import re
from collections.abc import Iterator

from pipeline.article import Markup, Notation
from pipeline.formats.rebuild import rebuild
from pipeline.publication import Publication, drop_controls
from pipeline.richtext.sanitize import keep_inline
from pipeline.segment import Segment

_EDGE, _DIGIT, _START, _END = "\u1680", 0x10FF00, "\U0010ff0a", "\U0010ff0b"
_FORGED = re.compile("[\U0010ff00-\U0010ff0b]")
_MARKER = re.compile(f"{_EDGE}?([{_START}{_END}])([\U0010ff00-\U0010ff09]{{1,9}}){_EDGE}?")
_DIGITS = str.maketrans({_DIGIT + digit: str(digit) for digit in range(10)})
# The text of other blocks stands in front matter or in an attribute, where nothing can be marked.
_MARKED = frozenset({Notation.MARKDOWN, Notation.HEADING, Notation.CELL, Notation.HTML})


def write_marked(publication: Publication, language: str) -> str:
    """Return the source of the article in `language`, its segments between markers; they are numbered from 1.

    A segment that a person wants to publish nothing leaves nothing; a translation keeps no tag that could reach beyond
    it.
    """
    article = publication.article
    texts = list(_write_texts(publication, language))
    source = rebuild(article, texts, "" if language == publication.source else language).decode(article.encoding)
    return drop_controls(source.removeprefix("\ufeff"))


def _write_texts(publication: Publication, language: str) -> Iterator[tuple[Segment, str]]:
    for number, row in enumerate(publication.rows, 1):
        segment = row.segment
        text, spoken, _ = publication.read(row, language)
        is_shown = text != ""
        if spoken != publication.source and segment.markup is not Markup.NONE:
            text = keep_inline(text, segment.markup)
        text = _FORGED.sub("", text)
        if is_shown and publication.article.blocks[segment.block].notation in _MARKED:
            text = f"{_mark(_START, number)}{text}{_mark(_END, number)}"
        yield segment, text


def _mark(sign: str, number: int) -> str:
    return f"{_EDGE}{sign}{''.join(chr(_DIGIT + int(digit)) for digit in str(number))}{_EDGE}"


def split_marked(text: str) -> Iterator[tuple[str, int]]:
    """Yield the pieces of a text: (text, 0) for what is no marker, ("", n) where n begins, ("", -n) where it ends."""
    at = 0
    for match in _MARKER.finditer(text):
        if match.start() > at:
            yield text[at : match.start()], 0
        number = int(match[2].translate(_DIGITS))
        yield "", number if match[1] == _START else -number
        at = match.end()
    if at < len(text):
        yield text[at:], 0


def drop_markers(text: str) -> str:
    """Return a text, such as the value of an attribute, without markers."""
    return _MARKER.sub("", text)
