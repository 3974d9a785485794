"""Readers of the source formats: bytes on disk become an `Article`."""

import re
import stat
from pathlib import Path

from pipeline.article import Article
from pipeline.errors import SourceError
from pipeline.formats.text import read_blocks

# A whole novel is about 1 MB of text; a file ten times as large is no article but a mistake.
MAX_BYTES = 10_000_000

SUFFIXES = (".txt", ".text", "")

_CONTROL = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")

# Not the line between the two sides, which also underlines headings.
_CONFLICT = re.compile(r"^(?:<{7}|>{7})(?:[ \r\n]|\Z)", re.MULTILINE)


def read_article(path: Path, name: str) -> Article:
    """Read the article at `path` and call it `name`.

    Raises SourceError for what is not an article: no file, no text, not UTF-8, not plain text, too large.
    """
    return parse_article(read_source(path), path, name)


def read_source(path: Path) -> bytes:
    """Return the bytes of an article file; raises SourceError when there is no such file or it is no text."""
    try:
        status = path.stat()
        if stat.S_ISDIR(status.st_mode):
            raise SourceError(f"{path}: is a folder", "name the article's file in it")
        if not stat.S_ISREG(status.st_mode):
            raise SourceError(f"{path}: is no plain file", "save the article as plain text (.txt)")
        if path.suffix.lower() not in SUFFIXES:
            raise SourceError(f"{path}: {path.suffix} files are not read", "save the article as plain text (.txt)")
        if status.st_size > MAX_BYTES:
            size, limit = status.st_size / 1e6, MAX_BYTES / 1e6
            raise SourceError(f"{path}: {size:.0f} MB is more than an article ({limit:.0f} MB)", "split it")
        return path.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        raise SourceError(f"{path}: no such file", "check the path") from None
    except OSError as error:
        raise SourceError(f"{path}: cannot be read ({error.strerror})", "check its permissions") from None


def parse_article(data: bytes, path: Path, name: str) -> Article:
    """Decode and parse the bytes of an article; `path` serves the messages."""
    source = _decode(data, path)
    if conflict := _CONFLICT.search(source):
        line = source.count("\n", 0, conflict.start()) + 1
        raise SourceError(f"{path}:{line}: has conflict markers", "resolve the merge, then run again")
    blocks = read_blocks(source)
    if not blocks:
        raise SourceError(f"{path}: holds no text", "write the article first")
    return Article(name=name, source=source, blocks=blocks)


def _decode(data: bytes, path: Path) -> str:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise SourceError(f"{path}: is UTF-16", "save it as UTF-8")
    if b"\0" in data or len(_CONTROL.findall(data)) * 100 > len(data):
        raise SourceError(f"{path}: is a binary file", "save the article as plain text in UTF-8")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        column = error.start - data.rfind(b"\n", 0, error.start)
        raise SourceError(
            f"{path}:{line}: is not UTF-8 (byte 0x{data[error.start]:02x} at column {column})",
            "save it as UTF-8, for instance with iconv -f WINDOWS-1252 -t UTF-8",
        ) from None
