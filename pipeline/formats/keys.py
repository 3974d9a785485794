"""Keys that are set in the front matter of a Markdown text; what it says besides stays as it is written."""

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from pipeline.formats.frontmatter import TOML, YAML, compose_yaml, find_front_matter, load_toml, write_string

if TYPE_CHECKING:
    import yaml


def set_keys(source: str, keys: Mapping[str, str | bool], title: str) -> tuple[str, int] | None:
    """Return a Markdown text whose front matter has these keys, and where its first line begins.

    A text without front matter gets one, with its title. None where its front matter takes no keys: it is too long, no
    valid YAML or TOML, or not written one key a line.
    """
    matter = find_front_matter(source)
    if matter is None and (YAML.match(source) or TOML.match(source)):
        return None
    newline = "\r\n" if re.match(r"[^\n]*\r\n", source) else "\n"
    values = {
        name: str(value).lower() if isinstance(value, bool) else write_string(value) for name, value in keys.items()
    }
    if matter is None or (not matter.is_toml and _is_prose(matter.text)):
        values = ({"title": write_string(title)} if title else {}) | values
        lines = ["---", *(f"{name}: {value}" for name, value in values.items()), "---", "", ""]
        return newline.join(lines) + source, 3 + len(newline)
    text = matter.text
    for name, value in values.items():
        set_key = _set_toml_key if matter.is_toml else _set_yaml_key
        text = set_key(text, name, value, newline)
    known = _read_keys(text, is_toml=matter.is_toml)
    if known is None or any(known.get(name) != value for name, value in keys.items()):
        return None
    return source[: matter.start] + text + source[matter.stop :], matter.start


def _read_pairs(root: "yaml.Node | None") -> "Sequence[tuple[yaml.Node, yaml.Node]]":
    import yaml  # noqa: PLC0415 (nothing heavy at import)

    return root.value if isinstance(root, yaml.MappingNode) else ()


def _is_prose(text: str) -> bool:
    """Tell whether what stands between two rules is no front matter but text."""
    import yaml  # noqa: PLC0415 (nothing heavy at import)

    try:
        root = compose_yaml(text)
    except ValueError:
        return False
    return root is not None and not isinstance(root, yaml.MappingNode)


def _read_keys(text: str, *, is_toml: bool) -> dict[str, object] | None:
    if is_toml:
        return load_toml(text)
    words: dict[str, object] = {"true": True, "false": False}
    try:
        return {str(key.value): words.get(str(node.value), node.value) for key, node in _read_pairs(compose_yaml(text))}
    except (ValueError, RecursionError):
        return None


def _set_yaml_key(text: str, name: str, value: str, newline: str) -> str:
    try:
        root = compose_yaml(text)
    except ValueError:
        return text
    for key, node in _read_pairs(root):
        if key.value == name:
            begin, stop = node.start_mark.index, node.end_mark.index
            if node.value == value.strip('"'):
                return text
            space = " " if text[begin - 1] == ":" else ""
            end = newline if text[begin:stop].endswith("\n") else ""
            return f"{text[:begin]}{space}{value}{end}{text[stop:]}"
    indent = " " * root.start_mark.column if root is not None else ""
    return f"{indent}{name}: {value}{newline}{text}"


def _set_toml_key(text: str, name: str, value: str, newline: str) -> str:
    table = re.search(r"^[ \t]*\[", text, re.MULTILINE)
    top = table.start() if table else len(text)
    pair = re.compile(rf"^([ \t]*{name}[ \t]*=[ \t]*)[^\r\n]*", re.MULTILINE).search(text, 0, top)
    return f"{text[: pair.end(1)]}{value}{text[pair.end() :]}" if pair else f"{name} = {value}{newline}{text}"
