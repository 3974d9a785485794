"""Who wrote an article and when, as its front matter or its page says."""

import datetime as dt
import html
import json
import re
from collections.abc import Iterable, Iterator
from email.utils import parsedate_to_datetime
from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple

from pipeline.article import Metadata
from pipeline.formats.frontmatter import compose_yaml, find_front_matter, load_toml
from pipeline.formats.tags import Form, Token, read_attributes, read_tokens

if TYPE_CHECKING:
    import yaml

# Hugo's own order (its documentation, "Configure dates"); Jekyll knows the first alone.
_DATES = ("date", "publishdate", "pubdate")
_AUTHORS = ("author", "authors")
_PAGE_AUTHORS = ("author", "ld:author", "article:author", "dc.creator", "dcterms.creator", "parsely-author")
_PAGE_DATES = (
    *("article:published_time", "ld:datepublished", "datepublished", "og:published_time", "date", "dc.date"),
    *("dc.date.issued", "dcterms.issued", "dcterms.created", "dcterms.date", "pubdate", "parsely-pub-date", "time"),
)
_LONGEST, _MOST = 200, 50  # characters of a name; names, or keys that are looked at
_LONGEST_SCRIPT = 200_000
_DATE = re.compile(
    r"(\d{4})-(\d{1,2})-(\d{1,2})"
    r"(?:[Tt\s]+(\d{1,2})(:\d{2}(?::\d{2}(?:\.\d+)?)?)\s*(?:([+-]\d{2}(?::?\d{2})?)|(Z|z|UTC|GMT))?)?"
)
_MAIL_DATE = re.compile(r"[A-Z][a-z]{2}, \d")


class Value(NamedTuple):
    """What a key says, and the line where it does, from 1; 0 where nobody knows."""

    content: Any
    line: int


def read_front_matter_metadata(source: str) -> Metadata:
    """Return what the front matter of a Markdown text says in the keys of Hugo and Jekyll."""
    matter = find_front_matter(source)
    if matter is None:
        return Metadata()
    known = _read_toml(matter.text) if matter.is_toml else _read_yaml(matter.text)
    more = known.get("params")  # where Hugo keeps what is not its own
    if more and isinstance(more.content, dict):
        known = {key: Value(value, more.line) for key, value in more.content.items()} | known
    return _choose(known, _AUTHORS, _DATES)


def _read_yaml(text: str) -> dict[str, Value]:
    import yaml  # noqa: PLC0415 (nothing heavy at import)

    try:
        root = compose_yaml(text)
    except ValueError:
        return {}
    if not isinstance(root, yaml.MappingNode):
        return {}
    pairs = ((str(key.value).lower(), value) for key, value in root.value)
    wanted = {*_AUTHORS, *_DATES, "params"}
    return {name: Value(_unwrap(node), node.start_mark.line + 2) for name, node in pairs if name in wanted}


def _unwrap(node: "yaml.Node", depth: int = 2) -> Any:  # noqa: ANN401 (what a file says)
    """Return the beginning of a YAML value as strings; dates stay as they are written, aliases cost no more."""
    import yaml  # noqa: PLC0415 (nothing heavy at import)

    if isinstance(node, yaml.ScalarNode):
        is_text = node.tag in {"tag:yaml.org,2002:str", "tag:yaml.org,2002:timestamp"}
        return node.value if is_text else None
    if depth and isinstance(node, yaml.SequenceNode):
        return [_unwrap(item, depth - 1) for item in node.value[:_MOST]]
    if depth and isinstance(node, yaml.MappingNode):
        return {str(key.value).lower(): _unwrap(value, depth - 1) for key, value in node.value[:_MOST]}
    return None


def _read_toml(text: str) -> dict[str, Value]:
    known = load_toml(text) or {}
    lines = {
        m[1].lower(): text.count("\n", 0, m.start()) + 2 for m in re.finditer(r"^[ \t]*([\w-]+)", text, re.MULTILINE)
    }
    return {name.lower(): Value(value, lines.get(name.lower(), 0)) for name, value in known.items()}


def read_page_metadata(source: str) -> Metadata:
    """Return what a page says in its `<meta>`, its JSON-LD and its `<time>`."""
    known: dict[str, tuple[Any, int]] = {}
    for name, content, at in _read_page(source):
        known.setdefault(name, (content, at))
    wanted = {*_PAGE_AUTHORS, *_PAGE_DATES} & known.keys()
    values = {name: Value(known[name][0], source.count("\n", 0, known[name][1]) + 1) for name in wanted}
    return _choose(values, _PAGE_AUTHORS, _PAGE_DATES)


def _read_page(source: str) -> Iterator[tuple[str, Any, int]]:
    """Yield name, content and offset of all that a page says of itself."""
    is_data, depth = False, 0
    for token in read_tokens(source, 0, len(source)):
        if token.form is Form.RAW:
            if is_data and token.end - token.start < _LONGEST_SCRIPT:
                yield from ((name, value, token.start) for name, value in _read_data(source[token.start : token.end]))
        elif token.name in {"article", "main"}:
            depth += {Form.OPEN: 1, Form.CLOSE: -1}.get(token.form, 0)
        elif token.form in {Form.OPEN, Form.VOID} and token.name in {"meta", "time", "script"}:
            values = {a.name: html.unescape(a.value).strip() for a in read_attributes(source, token)}
            is_data = values.get("type", "").lower() == "application/ld+json"
            yield from _read_tag(token, values, is_inside=depth > 0)


def _read_tag(token: Token, values: dict[str, str], *, is_inside: bool) -> Iterator[tuple[str, str, int]]:
    if token.name == "meta" and values.get("content"):
        names = (values.get(key, "").lower() for key in ("name", "property", "itemprop"))
        yield from ((name, values["content"], token.start) for name in names if name)
    elif token.name == "time" and values.get("datetime"):
        is_meant = values.get("itemprop", "").lower() == "datepublished" or "pubdate" in values
        if is_meant or is_inside:
            yield "datepublished" if is_meant else "time", values["datetime"], token.start


def _read_data(text: str) -> Iterator[tuple[str, Any]]:
    """Yield author and date of the articles in JSON-LD (schema.org)."""
    try:
        data = json.loads(text)
    except (ValueError, RecursionError):
        return
    nodes = data if isinstance(data, list) else [data]
    graphs = [node["@graph"] for node in nodes if isinstance(node, dict) and isinstance(node.get("@graph"), list)]
    for node in islice([*nodes, *(node for graph in graphs for node in graph)], _MOST):
        kinds = node.get("@type") if isinstance(node, dict) else None
        if any(
            str(kind).endswith(("Article", "BlogPosting")) for kind in (kinds if isinstance(kinds, list) else [kinds])
        ):
            for key in ("author", "datePublished"):
                if node.get(key):
                    yield f"ld:{key.lower()}", node[key]


def _choose(known: dict[str, Value], authors: Iterable[str], dates: Iterable[str]) -> Metadata:
    """Return the first author and the first date that make sense; a date that makes none is named."""
    found = (", ".join(_read_names(known[name].content)) for name in authors if name in known)
    said = [known[name] for name in dates if name in known and known[name].content]
    written = [(value, _write(value.content)) for value in said]
    date = next((date for _, text in written if (date := read_date(text))), "")
    faults = () if date else tuple(f":{value.line}: “{_clean(text)}” is no date" for value, text in written[:1])
    return Metadata(next((names for names in found if names), ""), date, faults)


def _write(content: object) -> str:
    return content.isoformat() if isinstance(content, dt.date | dt.time) else str(content)


def _read_names(content: object) -> Iterator[str]:
    """Yield the names in what stands for an author: a name, a table with one, or a list of either."""
    for item in islice(content if isinstance(content, list) else [content], _MOST):
        name = item.get("name") if isinstance(item, dict) else item
        # Open Graph wants an address there.
        if isinstance(name, str) and (text := _clean(name)) and not re.match(r"https?:|/|www\.", text):
            yield text


def _clean(text: str) -> str:
    words = " ".join(text.split())
    return "".join(character for character in words if character.isprintable())[:_LONGEST]


def read_date(text: str) -> str:
    """Return a date as ISO 8601, with its time where it has one; "" for what is none.

    It may be written as YAML, TOML, Jekyll (`2026-01-31 10:00:00 +0100`), HTML or mail (RFC 5322) have it.
    """
    text = text.strip()
    try:
        date = parsedate_to_datetime(text) if _MAIL_DATE.match(text) else _read_iso(text)
    except (ValueError, TypeError, OverflowError, IndexError):
        return ""
    # Beyond these a year has no four digits, or loses them in another zone.
    return date.isoformat() if date and 1000 <= date.year <= 9998 else ""  # noqa: PLR2004


def _read_iso(text: str) -> dt.date | None:
    match = _DATE.fullmatch(text)
    if match is None:
        return None
    year, month, day, hour, minutes, offset, is_utc = match.groups()
    if hour is None:
        return dt.date(int(year), int(month), int(day))
    zone = "+00:00" if is_utc else offset or ""
    return dt.datetime.fromisoformat(f"{year}-{month:0>2}-{day:0>2}T{hour:0>2}{minutes}{zone}")
