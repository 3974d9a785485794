"""The article of a saved web page, without what the site puts around it (trafilatura)."""

import html
import logging
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline.article import Metadata
from pipeline.errors import SourceError
from pipeline.formats import HTML_SUFFIXES, decode_source
from pipeline.formats.elements import ANCHORS
from pipeline.formats.metadata import read_page_metadata
from pipeline.formats.spans import has_words
from pipeline.formats.tags import Form, read_attributes, read_tokens
from pipeline.settings import SOURCE

_SPACE = re.compile(r"[ \t\r\n\f]+")
_FRENCH = re.compile(r"fr(?:[-_]\w+)?", re.IGNORECASE)
# trafilatura's names of elements (after TEI) and ours.
_PLAIN = {"p": "p", "quote": "blockquote", "item": "li", "table": "table", "row": "tr", "del": "del", "lb": "br"}
_MARKS = {"#b": "strong", "#i": "em", "#u": "u", "#t": "code", "#sub": "sub", "#sup": "sup"}
_BLOCKS = {"body", "div", "quote"}  # code in them stands by itself
_ATTRIBUTES = {"graphic": ("src", "alt", "title"), "ref": ("target",)}
_KEPT = ("lang", "translate")
_LINES = {"p", "blockquote", "li", "table", "tr", "ul", "ol", "pre", "h2", "h3", "h4", "h5", "h6"}


@dataclass(frozen=True, slots=True)
class _Found:
    """What trafilatura finds in a page; the body is a tree of lxml's."""

    body: Any
    title: str
    author: str
    description: str


def extract_article(data: bytes, path: Path) -> bytes:
    """Return the article of a page as a page of its own, in UTF-8, with its title, author and date.

    The date is the one that the page declares: where it declares none, trafilatura guesses (9 dates on the 26 manual
    pages of tests/cases/html/real, 8 of them wrong). Raises SourceError for what is no page, and for a
    page in which no article is found.
    """
    if path.suffix.lower() not in HTML_SUFFIXES:
        raise SourceError(f"{path}: is no web page", "--main goes with .html")
    source, _ = decode_source(data, path)
    found = _find_article(source)
    body = "".join(_render(_drop_heading(found.body, found.title))) if found else ""
    if found is None or not has_words(re.sub(r"<[^>]*>", "", body)):
        raise SourceError(f"{path}: no article is found in this page", "translate all of it with --no-main")
    said = read_page_metadata(source)
    head = _render_head(found, Metadata(said.author or found.author, said.date))
    page = f'<!DOCTYPE html>\n<html lang="{_find_language(source)}">\n<head>\n{head}</head>\n<body>\n<article>\n'
    heading = f"<h1>{html.escape(found.title, quote=False)}</h1>\n" if found.title else ""
    return f"{page}{heading}{body.strip()}\n</article>\n</body>\n</html>\n".encode(errors="replace")


def _find_article(source: str) -> _Found | None:
    logging.getLogger("trafilatura").setLevel(logging.CRITICAL + 1)  # what it has to say, we say in our own words
    from trafilatura import bare_extraction  # noqa: PLC0415 (heavy)
    from trafilatura.metadata import examine_meta, extract_author, extract_title  # noqa: PLC0415
    from trafilatura.settings import Document  # noqa: PLC0415
    from trafilatura.utils import load_html  # noqa: PLC0415

    # Not its `with_metadata`: that asks htmldate too, which guesses, and fails on some pages.
    document = bare_extraction(
        source,
        output_format="xml",
        include_comments=False,
        include_formatting=True,
        include_links=True,
        include_images=True,
    )
    tree = load_html(source)
    if not isinstance(document, Document) or tree is None:
        return None
    known = examine_meta(tree)
    author = (extract_author(tree) or "").replace("; ", ", ")
    title, description = known.title or extract_title(tree) or "", " ".join((known.description or "").split())
    return _Found(document.body, _fold(title), author, description)


def _fold(text: str) -> str:
    return " ".join(text.split()).strip(ANCHORS)


def _drop_heading(body: Any, title: str) -> Any:  # noqa: ANN401 (lxml has no types)
    """Return the body without a first heading that says the title: it stands above the body."""
    first = next(iter(body), None)
    if first is None or first.tag != "head" or (first.tail or "").strip():
        return body
    if _fold("".join(first.itertext())) == title:
        body.remove(first)
    return body


def _find_language(source: str) -> str:
    """Return the kind of French that a page says it is written in."""
    for token in read_tokens(source, 0, len(source)):
        if token.name == "html" and token.form is Form.OPEN:
            values = {attribute.name: attribute.value.strip() for attribute in read_attributes(source, token)}
            language = values.get("lang", "")
            return language if _FRENCH.fullmatch(language) else SOURCE
    return SOURCE


def _render_head(found: _Found, metadata: Metadata) -> str:
    lines = ['<meta charset="utf-8">']
    lines += [f"<title>{html.escape(found.title, quote=False)}</title>"] if found.title else []
    named = [("description", found.description), ("author", metadata.author)]
    lines += [f'<meta name="{name}" content="{html.escape(content)}">' for name, content in named if content]
    if metadata.date:
        lines.append(f'<meta property="article:published_time" content="{metadata.date}">')
    return "".join(f"{line}\n" for line in lines)


def _render(element: Any, *, is_verbatim: bool = False) -> Iterator[str]:  # noqa: ANN401 (lxml has no types)
    """Yield the HTML of an element of trafilatura's, and of what follows it."""
    name = _name(element)
    attributes = "".join(
        f' {"href" if key == "target" else key}="{html.escape(element.get(key))}"'
        for key in (*_ATTRIBUTES.get(str(element.tag), ()), *_KEPT)
        if element.get(key)
    )
    is_verbatim_inside = is_verbatim or name == "pre"
    inside = "".join(_render_inside(element, is_verbatim=is_verbatim_inside))
    is_anchor = name == "a" and not inside.strip(ANCHORS)
    if name in {"br", "img"}:
        yield f"<{name}{attributes}>"
    elif name and not is_anchor:
        inside = inside if is_verbatim_inside or name not in _LINES else inside.strip(" ")
        yield f"<{name}{attributes}>{inside}</{name}>"
    elif not is_anchor:
        yield inside
    if name in _LINES:
        yield "\n"
    yield _escape(element.tail, is_verbatim=is_verbatim)


def _render_inside(element: Any, *, is_verbatim: bool) -> Iterator[str]:  # noqa: ANN401 (lxml has no types)
    yield _escape(element.text, is_verbatim=is_verbatim)
    for child in element:
        yield from _render(child, is_verbatim=is_verbatim)


def _escape(text: str | None, *, is_verbatim: bool) -> str:
    shown = html.escape(text or "", quote=False)
    return shown if is_verbatim else _SPACE.sub(" ", shown)


def _name(element: Any) -> str:  # noqa: ANN401 (lxml has no types)
    """Return what an element is in HTML; "" where it is nothing."""
    tag, rend = str(element.tag), element.get("rend") or ""
    if tag == "head":
        return f"h{max(2, int(rend[1]))}" if re.fullmatch("h[1-6]", rend) else "h2"
    if tag == "list":
        return rend if rend in {"ul", "ol"} else "ul"
    if tag == "code":
        around = element.getparent()
        return "pre" if around is None or around.tag in _BLOCKS else "code"
    if tag == "cell":
        return "th" if element.get("role") == "head" else "td"
    names = {"hi": _MARKS.get(rend, ""), "ref": "a" if element.get("target") else "", "graphic": "img"}
    return names.get(tag, _PLAIN.get(tag, ""))
