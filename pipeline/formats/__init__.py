"""Readers of the source formats: bytes on disk become an `Article`."""

import codecs
import re
import stat
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from pipeline.article import Article, Markup, Metadata
from pipeline.errors import SourceError
from pipeline.formats.text import read_blocks

# A whole novel is about 1 MB of text; a file ten times as large is no article but a mistake.
MAX_BYTES = 10_000_000

TEXT_SUFFIXES = (".txt", ".text", "")
MARKDOWN_SUFFIXES = (".md", ".markdown", ".mkd", ".mdown")
HTML_SUFFIXES = (".html", ".htm", ".xhtml")
SUFFIXES = (*TEXT_SUFFIXES, *MARKDOWN_SUFFIXES, *HTML_SUFFIXES)

_BOM = b"\xef\xbb\xbf"
# How a page names its encoding; browsers look no further either (HTML standard, section 13.2.3.2).
_CHARSET = re.compile(rb"""<(?:meta|\?xml)\b[^>]*?(?:charset|encoding)\s*=\s*["']?\s*([\w.:-]+)""", re.IGNORECASE)
_CHARSET_REACH = 1024
_POST = re.compile(r"\d{4}-\d{2}-\d{2}(?=-.)")  # how Jekyll has posts begin their names
_CONTROL = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")

# Not the line between the two sides, which also underlines headings.
_CONFLICT = re.compile(r"^(?:<{7}|>{7})(?:[ \r\n]|\Z)", re.MULTILINE)


def read_article(path: Path, name: str, keys: Sequence[str] = ()) -> Article:
    """Read the article at `path` and call it `name`; `keys` as in `parse_article`.

    Raises SourceError for what is not an article: no file, no text, not UTF-8, not plain text, too large.
    """
    return parse_article(read_source(path), path, name, keys)


def read_source(path: Path) -> bytes:
    """Return the bytes of an article file; raises SourceError when there is no such file or it is no text."""
    try:
        status = path.stat()
        if stat.S_ISDIR(status.st_mode):
            raise SourceError(f"{path}: is a folder", "name the article's file in it")
        if not stat.S_ISREG(status.st_mode):
            raise SourceError(f"{path}: is no plain file", "save the article as a file (.txt, .md, .html)")
        if path.suffix.lower() not in SUFFIXES:
            raise SourceError(
                f"{path}: {path.suffix} files are not read", "save the article as plain text, Markdown or HTML"
            )
        if status.st_size > MAX_BYTES:
            size, limit = status.st_size / 1e6, MAX_BYTES / 1e6
            raise SourceError(f"{path}: {size:.0f} MB is more than an article ({limit:.0f} MB)", "split it")
        return path.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        raise SourceError(f"{path}: no such file", "check the path") from None
    except OSError as error:
        raise SourceError(f"{path}: cannot be read ({error.strerror})", "check its permissions") from None


def parse_article(data: bytes, path: Path, name: str, keys: Sequence[str] = ()) -> Article:
    """Decode and parse the bytes of an article; `path` says by its ending what it is, and serves the messages.

    `keys` are front-matter keys of Markdown to be translated beside `frontmatter.KEYS`.
    """
    suffix = path.suffix.lower()
    source, encoding = decode_source(data, path)
    if conflict := _CONFLICT.search(source):
        line = source.count("\n", 0, conflict.start()) + 1
        raise SourceError(f"{path}:{line}: has conflict markers", "resolve the merge, then run again")
    languages: tuple[tuple[int, int], ...] = ()
    metadata = Metadata()
    markup = Markup.NONE
    if suffix in MARKDOWN_SUFFIXES:
        from pipeline.formats import markdown  # noqa: PLC0415 (plain text needs no parser)
        from pipeline.formats.metadata import read_date, read_front_matter_metadata  # noqa: PLC0415

        blocks, languages = markdown.read_blocks(source, keys)
        metadata = read_front_matter_metadata(source)
        if not metadata.date and (day := _POST.match(name)):
            metadata = replace(metadata, date=read_date(day[0]))
        markup = Markup.MARKDOWN
    elif suffix in HTML_SUFFIXES:
        from pipeline.formats import html  # noqa: PLC0415
        from pipeline.formats.metadata import read_page_metadata  # noqa: PLC0415

        blocks, languages = html.read_blocks(source)
        metadata = read_page_metadata(source)
        markup = Markup.HTML
    else:
        blocks = read_blocks(source)
    if not blocks:
        raise SourceError(f"{path}: holds no text", "write the article first")
    return Article(name, source, blocks, encoding, languages, metadata, markup)


def decode_source(data: bytes, path: Path) -> tuple[str, str]:
    """Return the text of an article's bytes, without BOM, and the encoding that takes it back to them.

    Raises SourceError for what is no text, or not in the encoding that it should be in.
    """
    encoding = _find_encoding(data) if path.suffix.lower() in HTML_SUFFIXES else "utf-8"
    return _decode(data, path, encoding), "utf-8-sig" if data.startswith(_BOM) else encoding


def _find_encoding(data: bytes) -> str:
    """Return the encoding of a page as a browser finds it; without a word about it, UTF-8 or else Windows-1252."""
    if data.startswith(_BOM):
        return "utf-8"
    if match := _CHARSET.search(data[:_CHARSET_REACH]):
        try:
            name = codecs.lookup(match[1].decode("ascii")).name
        except LookupError:
            name = "utf-8"
        if name in {"iso8859-1", "ascii"}:
            return "cp1252"
        return "utf-8" if name.startswith("utf") else name
    try:
        data.decode()
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8"


def _decode(data: bytes, path: Path, encoding: str) -> str:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise SourceError(f"{path}: is UTF-16", "save it as UTF-8")
    if b"\0" in data or len(_CONTROL.findall(data)) * 100 > len(data):
        raise SourceError(f"{path}: is a binary file", "save the article as text in UTF-8")
    try:
        return data.removeprefix(_BOM).decode(encoding)
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        column = error.start - data.rfind(b"\n", 0, error.start)
        is_named = "UTF-8" if encoding == "utf-8" else f"the {encoding} that it says"
        raise SourceError(
            f"{path}:{line}: is not {is_named} (byte 0x{data[error.start]:02x} at column {column})",
            "save it as UTF-8, for instance with iconv -f WINDOWS-1252 -t UTF-8",
        ) from None
