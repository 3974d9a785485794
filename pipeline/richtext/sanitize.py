"""What of an article's HTML reaches a page: an allow-list, kept by Ammonia (nh3), a parser like a browser's.

Its output is whole: every element is closed, every attribute quoted. No style, script, form, class of others or
address but to http, https, mailto and relative places is in it.
"""

import re
from collections.abc import Collection, Iterator
from functools import cache
from html import unescape
from typing import TYPE_CHECKING

from pipeline.article import Markup
from pipeline.formats.elements import VERBATIM, split_names
from pipeline.formats.marks import Role, find_marks
from pipeline.formats.tags import Form, read_tokens
from pipeline.site.config import is_safe_link

if TYPE_CHECKING:
    from nh3 import Cleaner


# Elements of a line of text, which a translation may have.
INLINE = split_names(
    "a abbr b bdi bdo br cite code del dfn em i img ins kbd mark q rp rt ruby s samp small span strong sub sup time tt "
    "u var wbr"
)
# Elements that cut a page into parts; ours has its own.
PARTS = split_names("address article aside center footer header hgroup main nav section")
# What would load something: it becomes a link.
LOADED = split_names("iframe video audio")
_BLOCKS = split_names(
    "blockquote caption col colgroup dd details div dl dt figcaption figure h1 h2 h3 h4 h5 h6 hr li ol p pre summary "
    "table tbody td tfoot th thead tr ul"
)
# Elements whose content is no text of the article, or of no use without what is taken from them.
_DROPPED = split_names(
    "script style template svg math object canvas noscript noembed noframes xmp textarea title select option button "
    "datalist"
)
_ATTRIBUTES = {
    "*": {"dir", "id", "lang", "title"},
    "a": {"href", "hreflang"},
    "col": {"span"},
    "colgroup": {"span"},
    "details": {"open"},
    "del": {"datetime"},
    "img": {"alt", "src"},
    "ins": {"datetime"},
    "li": {"value"},
    "ol": {"reversed", "start"},
    "td": {"colspan", "rowspan"},
    "th": {"abbr", "colspan", "rowspan", "scope"},
    "time": {"datetime"},
} | {name: {"src"} for name in LOADED}
# What our own Markdown renderer gives; an article that has them by chance is drawn as nicely.
_CLASSES = {
    "td": {"center", "right"},
    "th": {"center", "right"},
    "section": {"footnotes"},
    "sup": {"footnote-ref"},
    "li": {"task"},
    "code": {"carried"},
}
_SCHEMES = {"http", "https", "mailto"}
_TAG = re.compile(r"<(/?)([a-zA-Z][^\s/>]*)")
_ADDRESS = re.compile(r"<[^\s<>]*[:@][^\s<>]*>")
_CALL = re.compile(r"\{+[{%](?:.{0,2000}?[}%]\})?", re.DOTALL)
_BRACE = re.compile(r"\{(?=[{%])")
_TARGET = re.compile(r"\]\(\s*<?([^\s>]*)")
_XHTML = re.compile(r"""<html[^>]*\sxmlns\s*=""", re.IGNORECASE)
_PROLOGUE = 4096
_VOID = frozenset({"br", "img", "wbr"})


def sanitize(html: str) -> str:
    """Return a fragment, or a page without its head, made harmless.

    Elements that XHTML closes at once are closed, which browsers do only for files that are served as XML.
    """
    if _XHTML.search(html, 0, _PROLOGUE):
        html = "".join(_close_at_once(html))
    return _cleaner().clean(html)


def _close_at_once(html: str) -> Iterator[str]:
    for token in read_tokens(html, 0, len(html)):
        tag = html[token.start : token.end]
        yield f"{tag[:-2]}></{token.name}>" if token.form is Form.OPEN and tag.endswith("/>") else tag


@cache
def _cleaner() -> "Cleaner":
    from nh3 import Cleaner  # noqa: PLC0415 (nothing heavy at import)

    return Cleaner(
        tags=set(INLINE | PARTS | LOADED | _BLOCKS),
        clean_content_tags=set(_DROPPED),
        attributes=_ATTRIBUTES,
        allowed_classes=_CLASSES,
        url_schemes=_SCHEMES,
        link_rel=None,
    )


def keep_inline(text: str, markup: Markup) -> str:
    """Return a translation without tags that could reach beyond it: those of blocks, and those without a partner."""
    parts, at = [], 0
    for mark in find_marks(text, markup):
        if text[mark.start] == "<" and not _is_kept(text[mark.start : mark.end], mark.role):
            parts.append(text[at : mark.start])
            at = mark.end
    return "".join([*parts, text[at:]])


def keep_known(text: str, source: str, markup: Markup) -> str:
    """Return a translation as it may stand in a file of the format of its source, which others will render.

    Its tags are those of the source; others lose what is not harmless. So do addresses, and calls of Hugo and
    Jekyll (`{{…}}`, `{%…%}`): those read files and load scripts.
    """
    if text == source:
        return text
    known = {source[mark.start : mark.end] for mark in find_marks(source, markup)}
    return disarm_calls(_keep_marks(text, known, markup), markup, frozenset(_CALL.findall(source)))


def _keep_marks(text: str, known: Collection[str], markup: Markup) -> str:
    marks = [text[mark.start : mark.end] for mark in find_marks(text, markup)]
    if all(mark in known for mark in marks):
        return text
    if markup is Markup.HTML:
        return sanitize(keep_inline(text, markup))
    parts, at = [], 0
    for mark in find_marks(text, markup):
        content = text[mark.start : mark.end]
        if content not in known:
            parts += [text[at : mark.start], _disarm(content)]
            at = mark.end
    disarmed = "".join([*parts, text[at:]])
    # What a tag hid may be one when the tag is none.
    return disarmed if disarmed == text else _keep_marks(disarmed, known, markup)


def _disarm(content: str) -> str:
    """Return a mark of Markdown that shows a tag instead of being one, and links to nothing that could run."""
    if content.startswith("<"):
        is_safe = _ADDRESS.fullmatch(content) and is_safe_link(content[1:-1])
        return content if is_safe else content.replace("<", "\\<")
    target = _TARGET.match(content)
    return content if target is None or is_safe_link(unescape(target[1])) else "](#)"


def disarm_calls(text: str, markup: Markup, known: Collection[str] = frozenset()) -> str:
    """Return a text whose calls of Hugo and Jekyll are words that look the same, but for those that are `known`."""
    brace = "{ " if markup is Markup.NONE else "&#123;"
    return _CALL.sub(lambda call: call[0] if call[0] in known else _BRACE.sub(brace, call[0]), text)


def _is_kept(content: str, role: Role) -> bool:
    tag = _TAG.match(content)
    if tag is None:  # a comment
        return False
    if role is Role.WORD and _ADDRESS.fullmatch(content):
        return True
    name = tag[2].lower()
    if role is Role.SILENT:
        return name in _VOID and not tag[1]
    return name in INLINE and (role is Role.WORD) == (name in VERBATIM)
