"""An article in another language, in the format of its source: Markdown with all that was around its words, or HTML."""

import json
import re
from collections.abc import Iterator, Sequence

from pipeline.article import Kind, Notation
from pipeline.article import Markup as Written
from pipeline.exports.markdown import render_markdown
from pipeline.formats.frontmatter import read_front_matter
from pipeline.formats.keys import set_keys
from pipeline.formats.rebuild import rebuild
from pipeline.formats.slugs import read_slugs
from pipeline.nodes import Piece
from pipeline.outline import outline_article
from pipeline.publication import OutputFile, Publication
from pipeline.richtext.sanitize import disarm_calls, keep_known
from pipeline.segment import Segment

# What a publishing system is told of an article: names and values of front matter, those without a value left out.
Fields = Sequence[tuple[str, str | bool]]

# A title that goes into the front matter, where it stood in the text: its line, and the line under it.
_TITLE = "\U0010fffd"
_TITLE_LINES = re.compile(rf"^[^\n]*{_TITLE}[^\n]*(?:\n(?:=+|-+)[ \t]*\r?$)?\s*", re.MULTILINE)
_YAML_KEY = re.compile(r"^([\w-]+)[ \t]*:", re.MULTILINE)
_TOML_KEY = re.compile(r"^[ \t]*([\w-]+)[ \t]*=", re.MULTILINE)
_TABLE = re.compile(r"^[ \t]*\[", re.MULTILINE)


def render_source(publication: Publication, language: str) -> OutputFile:
    """Render the article in `language`: `<language>.md` for text and Markdown, `<language>.page.html` for HTML.

    Of Markdown and HTML all but the words is as in the source. A segment without translation keeps its words, a silent
    one leaves nothing.
    """
    article = publication.article
    if article.markup is Written.NONE:
        return render_markdown(publication, language)
    data = rebuild(article, read_texts(publication, language), "" if language == publication.source else language)
    markdown, page = name_sources(language)
    name = markdown if article.markup is Written.MARKDOWN else page
    encoding = article.encoding if article.markup is Written.HTML else "utf-8"
    return OutputFile(name, data.decode(encoding), encoding)


def name_sources(language: str) -> tuple[str, str]:
    """Return what `render_source` calls an article in a language: of text and Markdown, and of HTML."""
    return f"{language}.md", f"{language}.page.html"


def render_content(publication: Publication, language: str, fields: Fields) -> OutputFile:
    """Render the article as content for Hugo and Jekyll: `<language>.md`, or `<language>.html` for HTML.

    Front matter that it has stays, with those of the `fields` that it lacks. A title in the text goes into it. Of a
    page it is the harmless body, as our own pages have it.
    """
    matter = write_front_matter("", fields)
    match publication.article.markup:
        case Written.NONE:
            return render_markdown(publication, language, matter)
        case Written.HTML:
            return OutputFile(f"{language}.html", f"{matter}\n\n{_render_body(publication, language)}\n")
        case _:
            return OutputFile(f"{language}.md", _render_markdown(publication, language, fields))


def write_front_matter(own: str, fields: Fields) -> str:
    """Return front matter with the fields that it lacks; without any, YAML that Hugo and Jekyll read.

    JSON's strings are YAML's and TOML's too.
    """
    given = [(name, json.dumps(value, ensure_ascii=False)) for name, value in fields if value != ""]
    if not own:
        return "\n".join(["---", *(f"{name}: {value}" for name, value in given), "---"])
    is_toml = own.startswith("+++")
    opening, rest = own.split("\n", 1)
    table = _TABLE.search(rest) if is_toml else None
    top = rest[: table.start()] if table else rest
    known = {key.lower() for key in (_TOML_KEY if is_toml else _YAML_KEY).findall(top)}
    newline = "\r\n" if opening.endswith("\r") else "\n"
    separator = " = " if is_toml else ": "
    lines = [f"{name}{separator}{value}{newline}" for name, value in given if name.lower() not in known]
    return f"{opening}\n{''.join(lines)}{rest}"


def read_texts(publication: Publication, language: str) -> Iterator[tuple[Segment, str]]:
    """Yield what is translated, as it may stand in a file that others will render; a silent segment reads ""."""
    for row in publication.rows:
        text, spoken, _ = publication.read(row, language)
        if spoken != publication.source:
            yield row.segment, keep_known(text, row.segment.text, row.segment.markup)


def _render_markdown(publication: Publication, language: str, fields: Fields) -> str:
    article = publication.article
    titles = [n for n, block in enumerate(article.blocks) if block.kind is Kind.TITLE]
    texts = dict(read_texts(publication, language))
    if titles and article.blocks[titles[0]].notation in {Notation.MARKDOWN, Notation.HEADING}:
        segments = (row.segment for row in publication.rows if row.segment.block == titles[0])
        texts |= {segment: _TITLE if n == 0 else "" for n, segment in enumerate(segments)}
    data = rebuild(article, texts.items(), "" if language == publication.source else language)
    text = data.decode().removeprefix("\ufeff")
    text = _TITLE_LINES.sub("", text, count=1)
    if (slug := read_slugs(text).get(language)) and (changed := set_keys(text, {"slug": slug}, "")):
        text = changed[0]  # Hugo and Jekyll know no slugs by language
    end = read_front_matter(text).end
    body = text[end:].lstrip("\r\n")
    return f"{write_front_matter(text[:end], fields).rstrip()}\n\n{body}"


def _render_body(publication: Publication, language: str) -> str:
    parts = outline_article(publication, language).flow
    body = "".join(_render_piece(part, language) if isinstance(part, Piece) else part for part in parts).strip()
    return disarm_calls(body, Written.HTML)  # nothing in a page was ever meant for Hugo or Jekyll


def _render_piece(piece: Piece, language: str) -> str:
    return piece.html if piece.language == language else f'<span lang="{piece.language}">{piece.html}</span>'
