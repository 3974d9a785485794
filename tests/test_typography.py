"""Typography of drafts: golden cases per language."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.typography import set_typography

FOLDER = Path(__file__).parent / "cases" / "typography"


def read_cases(language: str) -> list[tuple[str, str, str]]:
    """Return (source, draft, expected) of a case file: three lines a case, "===" between cases, ~ for U+00A0."""
    text = (FOLDER / f"{language}.txt").read_text(encoding="utf-8").replace("~", "\u00a0")
    cases = [case.strip("\n").split("\n") for case in text.split("===\n")]
    return [(case[0], case[1], case[2]) for case in cases]


@pytest.mark.parametrize(("source", "draft", "expected"), read_cases("en"))
def test_english(source: str, draft: str, expected: str) -> None:
    assert set_typography(draft, source, "en", keep=("Yahoo!",)) == expected


@pytest.mark.parametrize(("source", "draft", "expected"), read_cases("es"))
def test_spanish(source: str, draft: str, expected: str) -> None:
    assert set_typography(draft, source, "es", keep=("Yahoo!",)) == expected


def test_unknown_language_is_left_alone() -> None:
    assert set_typography("Warum ?", "Pourquoi ?", "de") == "Warum ?"


marks = st.text(st.sampled_from("aB 1,.;:!?«»“”\"'’–—-()\u00a0\u202f%@/\U000f0000¿¡"), max_size=40)


@given(marks, marks, st.sampled_from(["en", "es"]))
def test_words_and_digits_survive(draft: str, source: str, language: str) -> None:
    def words(text: str) -> str:
        return "".join(re.findall(r"[^\W_]|[\U000f0000@/]", text))

    assert words(set_typography(draft, source, language)) == words(draft)
