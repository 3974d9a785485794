"""Pins with the Argos engine on the two small packages of tests/models, which know everyday sentences."""

import csv
import json
import re
from pathlib import Path

import pytest

from pipeline.engines import Request, Translation
from pipeline.engines.argos import ArgosEngine, open_argos
from pipeline.engines.argos_hop import MAX_SOURCE_TOKENS
from pipeline.engines.tokens import align_tokens
from pipeline.engines.wording import is_plural, order_forms
from pipeline.glossary import Form, Glossary, Term, TermKind
from pipeline.models import install_package
from pipeline.pins import Pin, missed_pins, pins_for
from pipeline.termbase import read_glossary

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("argos") / "packages"
    for file in sorted((ROOT / "tests" / "models").glob("*.argosmodel")):
        install_package(file, folder)
    return folder


@pytest.fixture(scope="module")
def english(folder: Path) -> ArgosEngine:
    return open_argos("fr", "en", folder)


@pytest.fixture(scope="module")
def spanish(folder: Path) -> ArgosEngine:
    return open_argos("fr", "es", folder)


def pin(text: str, *terms: tuple[str, str]) -> Request:
    """Pin every occurrence of each term; forms are separated by `|`."""
    pins = [
        Pin(match.start(), match.end(), tuple(forms.split("|")))
        for term, forms in terms
        for match in re.finditer(re.escape(term), text)
    ]
    return Request(text, tuple(sorted(pins, key=lambda pin: pin.start)))


def draft(engine: ArgosEngine, text: str, *terms: tuple[str, str]) -> str:
    """Translate and check that every pin is honoured."""
    request = pin(text, *terms)
    (translation,) = engine.translate([request])
    assert missed_pins(translation.text, request.pins) == ()
    return translation.text


def test_a_term_stands_where_the_draft_had_another_word(english: ArgosEngine) -> None:
    assert draft(english, "Je ne comprends pas l’OTAN.", ("OTAN", "NATO")) == "I don't understand NATO."


def test_a_term_at_the_start_takes_the_capital_of_the_sentence(english: ArgosEngine) -> None:
    assert draft(english, "L’ordinateur est cher.", ("ordinateur", "mainframe")).startswith(("The mainframe", "Mainfr"))
    assert draft(english, "Ordinateur cher !", ("Ordinateur", "mainframe"))[0].isupper()
    assert draft(english, "iPad est cher.", ("iPad", "iPad")).count("iPad") == 1


def test_a_term_at_the_end(english: ArgosEngine) -> None:
    assert draft(english, "Nous avons mangé avec Liu Pengyu", ("Liu Pengyu", "Liu Pengyu")).endswith("Liu Pengyu")


@pytest.mark.parametrize("name", ["OTAN", "漢字", "Żółć", "SARS-CoV-2", "AT&T", "l’Oréal"])
def test_a_whole_segment_that_is_a_term(name: str, english: ArgosEngine) -> None:
    assert draft(english, name, (name, name)) == name


def test_several_pins_and_the_same_term_twice(english: ArgosEngine) -> None:
    text = draft(english, "L’OTAN parle avec Huawei, mais Huawei ne parle pas.", ("OTAN", "NATO"), ("Huawei", "Huawei"))
    assert (text.count("NATO"), text.count("Huawei")) == (1, 2)


def test_nested_and_adjacent_terms(english: ArgosEngine) -> None:
    terms = (("intelligence artificielle", "machine wits"), ("intelligence", "acumen"), ("Sberbank", "Sberbank"))
    text = draft(english, "Il aime l’intelligence artificielle Sberbank.", *terms)
    assert [text.lower().count(form) for form in ("machine wits", "acumen", "sberbank")] == [1, 1, 1]


def test_a_plural_source_gets_a_plural_form(english: ArgosEngine) -> None:
    assert "mainframes" in draft(english, "Il veut acheter des ordinateurs.", ("ordinateurs", "mainframe"))
    assert "mainframes" not in draft(english, "Il veut acheter un ordinateur.", ("ordinateur", "mainframe"))


@pytest.mark.parametrize(
    ("text", "term", "forms", "language", "first"),
    [
        ("les GPU", "GPU", "GPU", "en", "GPUs"),
        ("les GPU", "GPU", "GPU", "es", "GPU"),
        ("le GPU", "GPU", "GPU", "en", "GPU"),
        ("les virus", "virus", "virus|viruses", "en", "virus"),
        ("le virus", "virus", "virus", "en", "virus"),
        ("les unités de traitement", "unités de traitement", "unit|units", "en", "units"),
        ("des malades", "malades", "sickened", "en", "sickened"),
        ("aux masques", "masques", "mascarilla", "es", "mascarillas"),
        ("les infections", "infections", "infección", "es", "infección"),
        ("les États-Unis", "États-Unis", "US", "en", "US"),
    ],
)
def test_the_number_of_a_form(text: str, term: str, forms: str, language: str, first: str) -> None:
    (made,) = pin(text, (term, forms)).pins
    assert order_forms(made, made.forms, language, is_plural=is_plural(text, made))[0] == first


def test_pieces_outside_the_vocabulary_keep_their_surface(english: ArgosEngine) -> None:
    for name in ("漢字", "Żółć", "Łódź", "R&D", "O’Brien"):
        text = draft(english, f"Je ne comprends pas {name}.", (name, name))
        assert name in text
        assert "<unk>" not in text


def test_a_pin_in_a_long_segment_is_in_its_part_and_is_not_cut(english: ArgosEngine) -> None:
    name = " ".join(["Forza Horizon"] * 12)
    text = "Le chat dort et " * 12 + f"il aime {name} et Huawei; " + "le chien mange et " * 12 + "Nvidia dort."
    assert len(text) > MAX_SOURCE_TOKENS * 4
    made = draft(english, text, (name, name), ("Huawei", "Huawei"), ("Nvidia", "Nvidia"))
    assert name in made


def test_through_a_pivot_the_forms_of_each_language_are_pinned(spanish: ArgosEngine) -> None:
    assert spanish.pivots == ("en",)
    terms = (
        Term("ordinateur", TermKind.TERM, (("en", (Form("mainframe"),)), ("es", (Form("macrocomputadora"),)))),
        Term("gare", TermKind.TERM, (("es", (Form("apeadero"),)),)),
        Term("Sberbank", TermKind.NAME, ()),
    )
    text = "Il a acheté un ordinateur à la gare avec Sberbank."
    pins = pins_for(Glossary(terms).find_terms(text), "es", spanish.pivots)
    there = [[(language, pin.forms) for language, pin in made.pivots] for made in pins]
    assert there == [[("en", ("mainframe",))], [], [("en", ("Sberbank",))]]
    (made,) = spanish.translate([Request(text, pins)])
    assert missed_pins(made.text, pins) == ()


def test_sentences_that_need_no_help_are_as_without_pins(english: ArgosEngine, spanish: ArgosEngine) -> None:
    texts = ["Je ne comprends pas.", "Le chat dort.", "Il fait froid aujourd’hui.", "Merci."]
    for engine, cat in ((english, "cat"), (spanish, "gato")):
        plain = engine.translate([Request(text) for text in texts])
        helped = pin("Je ne comprends pas Huawei.", ("Huawei", "Huawei"))
        pinned = engine.translate([helped, *(pin(text, ("chat", cat)) for text in texts)])
        assert pinned[1:] == plain


def test_the_confidence_of_a_redecoded_draft_is_that_of_its_whole_text(english: ArgosEngine) -> None:
    plain, pinned = english.translate([Request("Je ne comprends pas."), pin("Je ne sais pas.", ("pas", "zblorg"))])
    assert 0 < pinned.confidence < plain.confidence


def test_a_pin_that_nothing_brings_in_is_reported_and_leaves_nothing_behind(english: ArgosEngine) -> None:
    """A form is never written that is longer than what a model may write."""
    request = pin("Le chat dort.", ("chat", "zblorg " * 300 + "frouche"))
    (made,) = english.translate([request])
    assert made == Translation("The cat sleeps.", made.confidence)
    assert missed_pins(made.text, request.pins) == request.pins


def test_tokens_are_found_in_the_text() -> None:
    assert align_tokens(["▁Je", "▁l", "'", "ai", "."], "Je l'ai.") == [(0, 2), (3, 4), (4, 5), (5, 7), (7, 8)]
    assert align_tokens(["▁", "<0xE6>", "<0xBC>", "<0xA2>", "▁x"], "漢 x") == [(0, 0), (0, 1), (0, 1), (0, 1), (2, 3)]
    assert align_tokens(["l", "&apos;", "or@@", "di"], "l’ordi") == [(0, 1), (1, 2), (2, 4), (4, 6)]
    assert [n for n, _ in align_tokens(["▁a", "...", "▁b"], "a… b")] == [0, 1, 3]


def test_a_name_is_not_said_once_too_often(english: ArgosEngine) -> None:
    """Without pins these are “We talk about Moscou and Moscou and Moscou.” and a draft of names cut into bytes."""
    assert draft(english, "Nous parlons de Moscou et de Moscou.", ("Moscou", "Moscou")).count("Moscou") == 2
    assert draft(english, "Sans Łódź ni Łódź, rien ne va.", ("Łódź", "Łódź")).count("Łódź") == 2


NAMES = ["OTAN", "Sberbank", "iPhone", "TSMC", "GPU", "Liu Pengyu", "H1N1", "AT&T", "Łódź", "São Paulo"]
CARRIERS = ["Je ne comprends pas {}.", "{} est une grande ville.", "Le chat ({}) dort.", "Merci, {} !", "Voici {}."]


def test_names_come_out_to_the_letter_and_once(english: ArgosEngine, spanish: ArgosEngine) -> None:
    glossary = Glossary(tuple(Term(name, TermKind.NAME, ()) for name in NAMES))
    texts = [carrier.format(name) for name in NAMES for carrier in CARRIERS]
    for language, engine in (("en", english), ("es", spanish)):
        requests = [Request(t, pins_for(glossary.find_terms(t), language, engine.pivots)) for t in texts]
        drafts = engine.translate(requests)
        names = [name for name in NAMES for _ in CARRIERS]
        wrong = [d.text for d, name in zip(drafts, names, strict=True) if d.text.count(name) != 1]
        assert wrong == []


@pytest.mark.parametrize("language", ["en", "es"])
def test_pin_rate_does_not_fall(language: str, folder: Path, shared: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every thirtieth sentence of ../shared/eval/terms, scored by ../shared/eval/score_pins.py."""
    monkeypatch.syspath_prepend(str(shared / "eval"))
    terms = shared / "eval" / "terms"
    if not (terms / "dev.fr").exists():
        pytest.skip(f"needs the sentences in {terms}")
    from score_pins import score  # type: ignore[import-not-found]  # noqa: PLC0415

    sentences = (terms / "dev.fr").read_text(encoding="utf-8").splitlines()[::30]
    with (terms / "glossary.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    glossary, engine = read_glossary(terms), open_argos("fr", language, folder)
    requests = [Request(s, pins_for(glossary.find_terms(s), language, engine.pivots)) for s in sentences]
    asked, honoured, _ = score(sentences, [made.text for made in engine.translate(requests)], rows, language)
    floors = json.loads((ROOT / "tests" / "floors.json").read_text(encoding="utf-8"))
    assert 100 * honoured / asked >= floors["argos pins"][language]
