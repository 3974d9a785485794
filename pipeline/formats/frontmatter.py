"""The front matter of a Markdown file: the few strings in YAML or TOML that readers see."""

import json
import re
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from pipeline.article import Block, Kind, Notation
from pipeline.formats.spans import Change, has_words, make_block, strip_span

if TYPE_CHECKING:
    import yaml

KEYS = ("title", "description", "summary", "keywords", "tags")
YAML = re.compile(r"---[ \t]*(?:\r\n|\n)(.*?)^(?:---|\.\.\.)[ \t]*(?:\r\n|\n|\Z)", re.DOTALL | re.MULTILINE)
TOML = re.compile(r"\+\+\+[ \t]*(?:\r\n|\n)(.*?)^\+\+\+[ \t]*(?:\r\n|\n|\Z)", re.DOTALL | re.MULTILINE)
# Nobody writes more; PyYAML needs a second for a megabyte, and far longer for an evil one.
_LONGEST = 50_000
_STRING = r"""(?:"(?:[^"\\\r\n]|\\.)*+"(?!")|'[^'\r\n]*+'(?!'))"""
_PAIR = re.compile(rf"^[ \t]*+([\w-]+)[ \t]*+=[ \t]*+({_STRING}|\[(?:[^\]\"'\[]|{_STRING})*+\])", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class FrontMatter:
    """The blocks of a front matter that ends at `end`, and the spans that name the language; 0 where there is none."""

    end: int
    blocks: tuple[Block, ...]
    languages: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Matter:
    """The lines of a front matter: `source[start:stop]` without their fences, which end at `end`."""

    text: str
    start: int
    stop: int
    end: int
    is_toml: bool


def find_front_matter(source: str) -> Matter | None:
    """Return where the front matter of a Markdown text stands; None where there is none, or nobody could read it."""
    is_toml = TOML.match(source)
    match = is_toml or YAML.match(source)
    if match is None or len(match[1]) >= _LONGEST:
        return None
    return Matter(match[1], match.start(1), match.end(1), match.end(), bool(is_toml))


def load_toml(text: str) -> dict[str, Any] | None:
    """Return a front matter in TOML as a table; None for what is none."""
    try:
        return tomllib.loads(text.replace("\r\n", "\n"))
    except (ValueError, RecursionError):  # a ValueError that is no TOMLDecodeError: an integer of 5,000 digits
        return None


def compose_yaml(text: str) -> "yaml.Node | None":
    """Return a front matter in YAML as nodes; raises ValueError for what is none."""
    import yaml  # noqa: PLC0415 (nothing heavy at import)

    try:
        return yaml.compose(text, Loader=yaml.SafeLoader)
    except (yaml.YAMLError, RecursionError) as error:
        raise ValueError(text) from error


def read_front_matter(source: str, keys: Sequence[str] = ()) -> FrontMatter:
    """Read the front matter of a Markdown text; one that cannot be read as YAML or TOML is left as it is."""
    is_toml = TOML.match(source)
    match = is_toml or YAML.match(source)
    if match is None:
        return FrontMatter(0, ())
    if len(match[1]) >= _LONGEST:
        return FrontMatter(match.end(), ())
    return (_read_toml if is_toml else _read_yaml)(source, match, frozenset((*KEYS, *keys)))


def _read_yaml(source: str, match: re.Match[str], wanted: frozenset[str]) -> FrontMatter:
    import yaml  # noqa: PLC0415 (nothing heavy at import)

    try:
        root = compose_yaml(match[1])
    except ValueError:
        return FrontMatter(match.end(), ())
    if root is None:
        return FrontMatter(match.end(), ())
    if not isinstance(root, yaml.MappingNode):
        return FrontMatter(0, ())  # text between two rules
    blocks: list[Block] = []
    languages = []
    for key, value in root.value:
        name = str(key.value).lower()
        values = value.value if isinstance(value, yaml.SequenceNode) else [value]
        for node in values:
            if not isinstance(node, yaml.ScalarNode) or node.tag != "tag:yaml.org,2002:str":
                continue
            if name in wanted:
                kind = Kind.TITLE if name == "title" else Kind.METADATA
                blocks += (replace(b, key=name) for b in _read_scalar(source, match.start(1), node, kind))
            elif name in {"lang", "language"} and re.fullmatch(r"fr(?:[-_]\w+)?", node.value):
                begin = match.start(1) + node.start_mark.index
                at = source.index(node.value, begin)
                languages.append((at, at + len(node.value)))
    return FrontMatter(match.end(), tuple(_in_order(blocks)), tuple(languages))


def _in_order(blocks: Sequence[Block]) -> Iterator[Block]:
    """Drop what is there twice: an alias is the node of its anchor."""
    end = 0
    for block in sorted(blocks, key=lambda block: block.start):
        if block.start >= end:
            yield block
            end = block.end


def _read_scalar(source: str, base: int, node: "yaml.ScalarNode", kind: Kind) -> Iterator[Block]:
    begin, stop = base + node.start_mark.index, base + node.end_mark.index
    if node.style in {"|", ">"}:
        # Each line is a paragraph of its own, or the lines between two blank ones are.
        separator = r"[^\r\n]+" if node.style == "|" else r"[^\r\n]+(?:\r?\n[ \t]*[^\s][^\r\n]*)*"
        header = source.index("\n", begin, stop) + 1 if "\n" in source[begin:stop] else stop
        for found in re.finditer(separator, source[header:stop]):
            start, end = strip_span(source, header + found.start(), header + found.end())
            if start < end and has_words(source[start:end]):
                folds = re.finditer(r"(?<![ \t])[ \t]*+\r?\n[ \t]*+", source[start:end])
                changes = [Change(start + fold.start(), start + fold.end(), " ") for fold in folds]
                yield make_block(source, start, end, changes, kind=kind, notation=Notation.LINE)
    elif has_words(node.value):
        stop = begin + len(source[begin:stop].rstrip())
        text = " ".join(node.value.split())
        yield make_block(source, begin, stop, [Change(begin, stop, text)], kind=kind, notation=Notation.SCALAR)


def _read_toml(source: str, match: re.Match[str], wanted: frozenset[str]) -> FrontMatter:
    known = load_toml(match[1])
    if known is None:
        return FrontMatter(match.end(), ())
    blocks: list[Block] = []
    languages: list[tuple[int, int]] = []
    table = re.search(r"^[ \t]*\[", match[1], re.MULTILINE)
    end = match.start(1) + (table.start() if table else len(match[1]))
    for pair in _PAIR.finditer(source, match.start(1), end):
        strings = list(re.finditer(_STRING, pair[2]))
        values = [own["x"] for string in strings if (own := load_toml(f"x = {string[0]}"))]
        if len(values) < len(strings) or known.get(pair[1]) not in (values, *values):
            continue  # what looks like a key stands in a longer string
        for string, value in zip(strings, values, strict=True):
            begin, stop = pair.start(2) + string.start(), pair.start(2) + string.end()
            if (name := pair[1].lower()) in wanted and has_words(value):
                kind = Kind.TITLE if name == "title" else Kind.METADATA
                change = Change(begin, stop, " ".join(value.split()))
                block = make_block(source, begin, stop, [change], kind=kind, notation=Notation.STRING)
                blocks.append(replace(block, key=name))
            elif pair[1] in {"lang", "language"} and value == "fr":
                languages.append((begin + 1, stop - 1))
    return FrontMatter(match.end(), tuple(blocks), tuple(languages))


def write_scalar(old: str, text: str) -> str:
    """Return `text` as a YAML scalar in the manner of `old`, with quotation marks only where it needs them."""
    if old.startswith("'"):
        return "'" + text.replace("'", "''") + "'"
    if not old.startswith('"') and _reads_as(text):
        return text
    return write_string(text)


def _reads_as(text: str) -> bool:
    """Tell whether YAML reads a text without quotation marks as that very string, alone and in a list."""
    import yaml  # noqa: PLC0415 (nothing heavy at import)

    try:
        known = yaml.safe_load(f"a: {text}\nb: [{text}]")
    except (yaml.YAMLError, ValueError):
        return False
    return bool(known == {"a": text, "b": [text]})


def write_string(text: str) -> str:
    """Return `text` as a string in quotation marks that YAML and TOML read alike."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
