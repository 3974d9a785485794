"""Inline markup put into a draft, around the words that render what it stood around in the source."""

import re
from collections.abc import Iterator, Sequence

from pipeline.article import Markup
from pipeline.engines import Link
from pipeline.engines.tokens import Span
from pipeline.markup import Bare, Form, strip_markup
from pipeline.origins import WORD
from pipeline.placement import Placed, Placer

# What would be read as markup, and what would be read as something else in any case.
_SIGNS = re.compile(r"[\\`*\[\]<~$^{]|_(?![^\W_])|(?<![^\W_])_|&(?=#?\w+;)")
_ESCAPES = re.compile(r"\\(?=[!-/:-@\[-`{-~])|&(?=#?\w+;)")


def project_markup(bare: Bare, draft: str, links: Sequence[Link]) -> str:
    """Return the draft of a bare text with each of its marks exactly once, nested as in the source.

    `links` are spans of the bare text and of the draft. Marks whose words the draft does not render stand where these
    would be. Characters that would be taken for marks are escaped. Where all that does not keep marks and words whole,
    as where a link would have to stand in another, the text stays as its source has it.
    """
    if not bare.text.strip():
        return bare.source
    if not draft.strip() or (bare.markup is Markup.NONE and not bare.nodes):
        return draft
    draft = _drop_surplus(bare, draft)
    links = links or tuple(_link_same_words(bare.text, draft))
    name = "X" if all(name in draft for name in bare.names()) else ""
    letters = _read_letters(strip_markup(draft, Markup.NONE).text, name)
    # Emphasis that ends in punctuation before a word is none in CommonMark: then the punctuation goes outside.
    for takes_signs, is_escaped in ((True, False), (True, True), (False, True)):
        placed = Placer(bare, draft, links, takes_signs=takes_signs).place()
        text = "".join(_write(draft, (0, len(draft)), placed, bare.markup, is_escaped=is_escaped))
        again = strip_markup(text, bare.markup)
        if again.marks == bare.marks and _read_letters(again.text, name) == letters:
            return text
    return bare.source


def _read_letters(text: str, name: str) -> str:
    """Return a bare text without its spaces; all code is called `name`."""
    return "".join(re.sub(r"X\d+", name, text).split())


def _link_same_words(text: str, draft: str) -> Iterator[Link]:
    """Link the words of a draft that an engine left in the source's language."""
    words, kept = list(WORD.finditer(text)), list(WORD.finditer(draft))
    if [word[0] for word in words] == [word[0] for word in kept]:
        yield from (Link(source.span(), target.span()) for source, target in zip(words, kept, strict=True))


def _drop_surplus(bare: Bare, draft: str) -> str:
    """Take out the names of code and addresses that an engine repeated."""
    for name, count in bare.names().items():
        for match in reversed(list(re.finditer(rf" ?{name}(?!\d)", draft))[count:]):
            draft = draft[: match.start()] + draft[match.end() :]
    return draft


def _write(draft: str, span: Span, placed: Sequence[Placed], markup: Markup, *, is_escaped: bool) -> Iterator[str]:
    """Yield the draft with nodes in their places; `is_escaped` tells to escape all that may be markup."""
    at, end = span
    for each in placed:
        yield _escape(draft[at : each.start], markup, is_escaped=is_escaped)
        yield each.node.opening
        if each.node.form is Form.PAIR:
            yield from _write(draft, (each.start, each.end), each.children, markup, is_escaped=is_escaped)
        yield each.node.closing
        at = each.end
    yield _escape(draft[at:end], markup, is_escaped=is_escaped)


def _escape(text: str, markup: Markup, *, is_escaped: bool) -> str:
    if markup is Markup.NONE:
        return text
    if markup is Markup.HTML:
        return re.sub(r"&(?=#?\w)", "&amp;", text).replace("<", "&lt;")
    return (_SIGNS if is_escaped else _ESCAPES).sub(r"\\\g<0>", text)
