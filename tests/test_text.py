"""Plain text into blocks: structure found, no word lost."""

import re
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.article import Kind
from pipeline.formats.text import read_blocks

ROOT = Path(__file__).parents[1]
SAMPLE = (ROOT / "translations" / "russie-chine-ia" / "fr.txt").read_text(encoding="utf-8")
# White space, rules, heading and list marks, and the dash before an attribution.
LAYOUT = re.compile(r"(?:[\W_]|\d{1,3}[.)]\s|[a-z]\)\s)*")
CASES = sorted((ROOT / "tests" / "cases" / "text").glob("*.txt"))


def described(source: str) -> str:
    lines = []
    for block in read_blocks(source):
        level = f" {block.level}" if block.level else ""
        lines.append(f"{block.line} {block.kind}{level}{' ordered' if block.ordered else ''}: {block.text!r}")
    return "\n".join(lines)


@pytest.mark.parametrize("path", CASES, ids=[path.stem for path in CASES])
def test_cases(path: Path) -> None:
    # A case file holds a source, a line "-----", and its blocks; escapes (\r, \ufeff, \xa0 …) are spelt out.
    source, _, expected = path.read_text(encoding="utf-8").partition("\n-----\n")
    source = source.replace("\\r", "\r").replace("\\xa0", "\xa0").replace("\\u202f", "\u202f")
    assert described(source) == expected.rstrip("\n")


def test_sample_structure() -> None:
    assert Counter(block.kind for block in read_blocks(SAMPLE)) == {
        Kind.TITLE: 1,
        Kind.HEADING: 4,
        Kind.PARAGRAPH: 9,
        Kind.ITEM: 5,
        Kind.QUOTATION: 1,
        Kind.ATTRIBUTION: 1,
        Kind.ASIDE: 4,
    }
    assert all(not block.text.endswith("#") for block in read_blocks(SAMPLE))


sources = st.lists(
    st.one_of(
        st.text(),
        st.sampled_from(
            ["", " ", "# Titre", "Titre #", "- un", "  • deux", "1. trois", "====", "---", "> dit-il", "À lire Ceci"]
        ),
        st.sampled_from(["« Oui. » – Anne", "Partagez votre avis", "Une phrase qui dure.", "***"]),
    )
)


@given(sources, st.sampled_from(["\n", "\r\n", "\r", "\n\n"]))
def test_blocks_are_spans_and_only_layout_stands_between(lines: list[str], newline: str) -> None:
    source = newline.join(lines)
    at = 0
    for block in read_blocks(source):
        assert source[block.start : block.end] == block.text
        assert block.text.strip()
        assert block.start >= at
        assert LAYOUT.fullmatch(source[at : block.start])
        at = block.end
    assert LAYOUT.fullmatch(source[at:])
