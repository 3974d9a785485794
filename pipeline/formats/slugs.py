"""The slug of a Markdown article, as its front matter says it: one for all languages, or one a language."""

import re
from collections.abc import Mapping

from pipeline.formats.frontmatter import find_front_matter, load_toml

_KEY = re.compile(r"^(?:slug|\"slug\"|'slug')[ \t]*[:=]", re.MULTILINE)
# What nearly all articles have; YAML's parser would take a millisecond for each.
_PLAIN = re.compile(r"""slug[ \t]*[:=][ \t]*(["']?)([^\s"'#{\[|>&*!%@`][^\s"'#]*)\1[ \t]*\r?$""", re.MULTILINE)
_LINES = re.compile(r"[^\n]*\n?(?:[ \t]+[^\n]*\n?)*+")  # of a key; that alone is read, which is ten times as fast


def read_slugs(source: str) -> Mapping[str, str]:
    """Return the slugs in the front matter of a text by their languages, under "" the one for all others.

    They are as they are written, and may be no slugs at all; what is neither a text nor texts by language is left out.
    """
    matter = find_front_matter(source)
    key = _KEY.search(matter.text) if matter else None
    if matter is None or key is None:
        return {}
    if plain := _PLAIN.match(matter.text, key.start()):
        return {"": plain[2]}
    known = load_toml(matter.text) if matter.is_toml else _load_yaml(_LINES.findall(matter.text, key.start())[0])
    value = known.get("slug") if isinstance(known, dict) else None
    given = value if isinstance(value, dict) else {"": value}
    return {str(language): slug for language, slug in given.items() if isinstance(slug, str)}


def _load_yaml(text: str) -> object:
    import yaml  # noqa: PLC0415 (nothing heavy at import)

    try:
        return yaml.load(text, Loader=yaml.BaseLoader)  # noqa: S506 (it makes strings, lists and dictionaries alone)
    except (yaml.YAMLError, RecursionError, ValueError):
        return None
