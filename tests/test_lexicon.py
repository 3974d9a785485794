"""The gender of Spanish forms: from Apertium's dictionaries, else from endings."""

import json
import re
from pathlib import Path

import pytest

from pipeline.engines.lexicon import guess_gender, is_acronym, look_up_grammar, open_lexicon, read_analysis
from pipeline.glossary import Gender, Grammar, Number

M, F = Gender.MASCULINE, Gender.FEMININE
SG, PL = Number.SINGULAR, Number.PLURAL
ROOT = Path(__file__).parents[1]


@pytest.mark.parametrize(
    ("form", "grammar"),
    [
        ("unidades de procesamiento gráfico", Grammar(F, PL)),
        ("semiconductores", Grammar(M, PL)),
        ("Armas autónomas", Grammar(F, PL)),
        ("primera ministra", Grammar(F, SG)),
        ("grandes modelos de lenguaje", Grammar(None, PL)),  # a model may be a woman
        ("grandes barcos", Grammar(M, PL)),
        ("crisis", Grammar(F, is_invariable=True)),
        ("Estados Unidos", Grammar(M, PL)),
        ("ciberseguridad", Grammar(F, SG)),
        ("hiperconectividad", Grammar(F)),  # no dictionary has it
        ("portavoz", Grammar(None, SG)),  # a man or a woman
        ("capital", Grammar(None, SG)),  # el capital, la capital
        ("GPU", Grammar()),
        ("IA generativa", Grammar()),
        ("Sberbank", Grammar()),
        ("$^*/<>[]{}@\\", Grammar()),
        ("", Grammar()),
    ],
)
def test_look_up_grammar(form: str, grammar: Grammar) -> None:
    assert look_up_grammar([form], "es") == (grammar,)


def test_forms_keep_their_order_in_one_call() -> None:
    forms = ["unidad", "GPU", "campo\nde batalla", "", "torre"] * 50
    assert [grammar.gender for grammar in look_up_grammar(forms, "es")] == [F, None, M, None, F] * 50


def test_other_languages_are_not_looked_up() -> None:
    assert look_up_grammar(["house"], "en") == (Grammar(),)


def test_without_apertium_endings_tell(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nonexistent")
    open_lexicon.cache_clear()
    try:
        genders = [grammar.gender for grammar in look_up_grammar(["sanciones", "torre", "datos"], "es")]
    finally:
        open_lexicon.cache_clear()
    assert genders == [F, None, M]


def test_read_analysis() -> None:
    assert read_analysis("^arma/arma<n><f><sg>/armar<vblex><pri><p3><sg>$ ", "arma") == (
        ("n", "f", "sg"), ("vblex", "pri", "p3", "sg"),
    )  # fmt: skip
    assert read_analysis("^Xyz/*Xyz$ ", "Xyz") == read_analysis("", "Xyz") == ()
    assert read_analysis("^del/de<pr>+el<det><def><m><sg>$", "del") == ()


def test_acronyms() -> None:
    assert [form for form in ("IA", "EE. UU.", "GPU libre", "Ia", "A", "ONU", "F-16", "5G") if is_acronym(form)] == [
        "IA", "EE. UU.", "GPU libre", "ONU",
    ]  # fmt: skip


def test_endings_agree_with_the_dictionary(shared: Path) -> None:
    """Guess every noun of the evaluation sets that Apertium knows in one gender only."""
    texts = [(shared / "eval" / name).read_text(encoding="utf-8") for name in ("mt/flores-dev.es", "terms/dev.es")]
    words = sorted(set(re.findall(r"[^\W\d_]{3,}", " ".join(texts).lower())))
    nouns: dict[str, Gender] = {}
    for word, readings in open_lexicon("es").look_up(words).items():
        if (genders := {reading[:2] for reading in readings}) in ({("n", "m")}, {("n", "f")}):
            nouns[word] = Gender(min(genders)[1])
    guessed = {word: gender for word in nouns if (gender := guess_gender(word, "es"))}
    right = sum(nouns[word] is gender for word, gender in guessed.items())
    floors = json.loads((ROOT / "tests" / "floors.json").read_text(encoding="utf-8"))["gender by ending"]
    assert len(nouns) > 2000
    assert 100 * right / len(guessed) >= floors["right"]
    assert 100 * len(guessed) / len(nouns) >= floors["told"]
