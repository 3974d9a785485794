"""Numbers and dates as pins, and what a second look mends in the drafts of the package that comes with Passerelle."""

import json
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.engines import Request
from pipeline.engines.argos import ArgosEngine
from pipeline.engines.figure_pins import pin_figures
from pipeline.engines.second_look import count_problems, is_suspect
from pipeline.models import install_package
from pipeline.pins import Pin

ROOT = Path(__file__).parents[1]
FLORES = ROOT.parent / "shared" / "eval" / "mt" / "flores-dev.fr"
TEXT = "Le 1er mars et le 2 août, 12,5 % de 39 768 cas, 5 pour cent en 2020 ; au XVe siècle, 1 843 le mardi."


def forms(text: str, language: str) -> dict[str, tuple[str, ...]]:
    return {text[pin.start : pin.end]: pin.forms for pin in pin_figures(Request(text), language).pins}


def test_figures_become_pins_in_the_forms_of_the_language() -> None:
    english = forms(TEXT, "en")
    assert {stretch: first for stretch, (first, *_) in english.items()} == {
        "1er": "1",
        "mars": "March",
        "2": "2",
        "août": "August",
        "12,5 %": "12.5%",
        "39 768": "39,768",
        "5 pour cent": "5%",
        "2020": "2020",
        "XVe siècle": "the 15th century",
        "1 843": "1,843",
        "mardi": "Tuesday",
    }
    assert "5 percent" in english["5 pour cent"]
    spanish = forms(TEXT, "es")
    assert [spanish[stretch][0] for stretch in ("mars", "12,5 %", "39 768", "XVe siècle", "mardi")] == [
        "marzo",
        "12,5 %",
        "39.768",
        "siglo XV",
        "martes",
    ]


@pytest.mark.parametrize("text", ["Ils sont sept.", "L’A320 et le COVID-19", "La mairie est fermée.", ""])
def test_what_is_no_figure_is_not_pinned(text: str) -> None:
    assert forms(text, "en") == {}


@given(
    st.lists(st.sampled_from(["1", "1 000", "12,5", " %", "er", " ", "mars", "XIXe siècle", "-", ".", "a", "é"])).map(
        "".join
    ),
    st.integers(0, 20),
    st.sampled_from(["en", "es"]),
)
def test_pins_of_figures_touch_no_other(text: str, at: int, language: str) -> None:
    given_pin = (Pin(at, at + 3, ("x",)),) if at + 3 <= len(text) else ()
    pins = pin_figures(Request(text, given_pin), language).pins
    assert set(given_pin) <= set(pins)
    assert all(pin.forms and 0 <= pin.start < pin.end <= len(text) for pin in pins)
    assert all(one.end <= other.start for one, other in pairwise(pins))


@pytest.mark.parametrize(
    ("source", "draft", "is_one"),
    [
        ("Il dort beaucoup trop, et depuis longtemps.", "He sleeps far too much, and has for long.", False),
        ("Il dort beaucoup trop, et depuis longtemps.", "He sleeps sleeps far too much, and has for long.", True),
        ("Il dort beaucoup trop, et depuis longtemps.", "He sleeps.", True),
        ("Il dort depuis 30 ans.", "He has slept for 3 years.", True),
        ("Il dort depuis 30 ans.", "He has slept for 30 years.", False),
    ],
)
def test_faults_that_are_quickly_found_make_a_draft_suspect(source: str, draft: str, is_one: bool) -> None:  # noqa: FBT001
    assert is_suspect(source, draft, "en", pin_figures(Request(source), "en").pins) == is_one
    assert (count_problems(source, draft, "en") > 0) == is_one


@pytest.fixture(scope="module")
def engines(tmp_path_factory: pytest.TempPathFactory) -> tuple[ArgosEngine, ArgosEngine]:
    """Our own package for English, which looks once, and which looks twice."""
    (file,) = (ROOT / "pipeline" / "models" / "shipped").glob("*fr_en*")
    package = install_package(file, tmp_path_factory.mktemp("own") / "packages")
    return ArgosEngine([package]), ArgosEngine([package], "passerelle", looks_twice=True)


def find_faulty(engine: ArgosEngine, sentences: list[str]) -> list[str]:
    """Return the sentences with drafts that a second look finds fault with."""
    drafts = engine.translate([Request(sentence) for sentence in sentences])
    pairs = zip(sentences, (draft.text for draft in drafts), strict=True)
    return [
        sentence
        for sentence, text in pairs
        if is_suspect(sentence, text, "en", pin_figures(Request(sentence), "en").pins)
        and count_problems(sentence, text, "en")
    ]


def test_of_several_drafts_the_least_faulty_is_taken(engines: tuple[ArgosEngine, ArgosEngine]) -> None:
    if not FLORES.exists():
        pytest.skip(f"{FLORES} is not there")
    floors = json.loads((ROOT / "tests" / "floors.json").read_text(encoding="utf-8"))["second look"]
    sentences = FLORES.read_text(encoding="utf-8").splitlines()[: floors["sentences"]]
    once, twice = (find_faulty(engine, sentences) for engine in engines)
    assert len(twice) <= floors["faulty"]
    assert set(twice) < set(once)


def test_what_french_does_not_spell_is_taken_over(engines: tuple[ArgosEngine, ArgosEngine]) -> None:
    names = ("Pavelić", "Kanō Eitoku", "Победник", "IFN-γ", "≥", "km²")
    texts = [f"Il a écrit {name} sur le mur de la maison." for name in names]
    for engine in engines:
        drafts = engine.translate([Request(text) for text in texts])
        assert [name for name, draft in zip(names, drafts, strict=True) if name not in draft.text] == []
        assert all(draft.confidence > 0 for draft in drafts)


def test_a_draft_with_bytes_that_make_no_letter_is_not_taken(engines: tuple[ArgosEngine, ArgosEngine]) -> None:
    texts = ["Le principal favori de ce Tour de France est Bjarne Riis.", "Le signe \ufffd reste."]
    for engine in engines:
        first, second = engine.translate([Request(text) for text in texts])
        assert "\ufffd" not in first.text
        assert second.confidence > 0
