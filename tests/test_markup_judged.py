"""Whether markup stands around the right words in drafts of real sentences, as a person judged it by reading."""

import json
from pathlib import Path

import pytest

from pipeline.article import Kind, Markup
from pipeline.draft import draft_passages, prepare_passages
from pipeline.engines import Engine
from pipeline.engines.apertium import open_apertium
from pipeline.engines.argos import open_argos
from pipeline.markup import strip_markup
from pipeline.models import install_package
from pipeline.segment import Segment
from pipeline.termbase import read_glossary

ROOT = Path(__file__).parents[1]
CASES = ROOT / "tests" / "cases" / "markup"
WRONG = "✗"


def read_cases(name: str, markup: Markup) -> list[tuple[str, str]]:
    text = (CASES / f"{name}-{markup.value}.txt").read_text(encoding="utf-8").removesuffix("\n")
    return [(source, draft) for source, draft in (case.split("\n---\n") for case in text.split("\n===\n"))]


@pytest.mark.parametrize("name", ["apertium-en", "apertium-es", "argos-en", "argos-es"])
def test_markup_stands_around_the_right_words(name: str, tmp_path: Path) -> None:
    """A few drafts may come out otherwise with other versions of an engine's data, or on another processor."""
    engine = open_named(name, tmp_path)
    right = same = total = 0
    for markup in (Markup.MARKDOWN, Markup.HTML):
        cases = read_cases(name, markup)
        segments = [Segment(n, Kind.PARAGRAPH, source, 0, "", markup=markup) for n, (source, _) in enumerate(cases)]
        passages = prepare_passages(segments, read_glossary(ROOT / "glossary"))
        total += len(cases)
        for draft, (_, judged) in zip(draft_passages(passages, engine, name[-2:]), cases, strict=True):
            expected = judged.removeprefix(WRONG)
            if words(draft.text, markup) == words(expected, markup):
                same += 1
                right += draft.text == judged
    floors = json.loads((ROOT / "tests" / "floors.json").read_text(encoding="utf-8"))["markup"]
    assert total == 60
    assert same >= 0.9 * total
    assert 100 * right / same >= floors[name]


def words(text: str, markup: Markup) -> list[str]:
    return strip_markup(text, markup).text.split()


def open_named(name: str, folder: Path) -> Engine:
    engine, language = name.split("-")
    if engine == "apertium":
        return open_apertium("fr", language)
    for file in sorted((ROOT / "tests" / "models").glob("*.argosmodel")):
        install_package(file, folder)
    return open_argos("fr", language, folder)
