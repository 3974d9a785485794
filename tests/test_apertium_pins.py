"""Pins in Apertium's drafts: they stand there to the letter, and what stands around them agrees with them."""

import csv
import importlib.util
import json
import random
import re
from pathlib import Path
from types import ModuleType

import pytest
from sacrebleu import corpus_chrf

from pipeline.article import Article, Block, Kind
from pipeline.draft import draft_passages, prepare_passages
from pipeline.engines import Request
from pipeline.engines.apertium import ApertiumEngine, open_apertium
from pipeline.engines.apertium_stream import Apertium, Mode
from pipeline.engines.euphony import suit_english, suit_spanish
from pipeline.glossary import Form, Glossary, Term, TermKind
from pipeline.pins import missed_pins, pins_for
from pipeline.segment import segment_article
from pipeline.termbase import read_glossary

ROOT = Path(__file__).parents[1]
CASES = ROOT / "tests" / "cases" / "pins"
FLOORS = json.loads((ROOT / "tests" / "floors.json").read_text(encoding="utf-8"))["apertium pins"]
LANGUAGES = ("es", "en")


@pytest.fixture(scope="module", params=LANGUAGES)
def engine(request: pytest.FixtureRequest) -> ApertiumEngine:
    return open_apertium("fr", request.param)


def language(engine: ApertiumEngine) -> str:
    return engine.signature.split("→")[-1][:2]


def read_cases() -> list[tuple[str, str, str]]:
    parts = (CASES / "agreement.txt").read_text(encoding="utf-8").split("===\n")
    cases = [part.replace("---\n", "").splitlines() for part in parts if part]
    return [(source, spanish, english) for source, spanish, english in cases]


def test_what_stands_around_a_pin_agrees_with_it(engine: ApertiumEngine) -> None:
    """The sentences of tests/cases/pins/agreement.txt, each with its Spanish and English draft, all of them right."""
    cases = read_cases()
    text = ""
    blocks: list[Block] = []
    for source, _, _ in cases:
        blocks.append(Block(Kind.PARAGRAPH, source, len(text), len(blocks) + 1))
        text += f"{source}\n"
    passages = prepare_passages(segment_article(Article("cases", text, tuple(blocks))), read_glossary(CASES))
    drafts = draft_passages(passages, engine, language(engine))
    wanted = [case[1 + LANGUAGES.index(language(engine))] for case in cases]
    assert [draft.text for draft in drafts] == wanted
    assert all(passage.matches for passage in passages)
    assert len(cases) >= 40


def test_both_languages_ask_the_first_mode_once(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    run = Apertium._run  # noqa: SLF001 - what goes to the program, which runs all the same

    def note(self: Apertium, mode: Mode, question: str, end: str) -> str:
        asked.extend(question.split("\0")[:-2] if mode.name == "fr-es" else ())
        return run(self, mode, question, end)

    monkeypatch.setattr(Apertium, "_run", note)
    term = Term("écoradar", TermKind.TERM, (("en", (Form("green radar"),)), ("es", (Form("alerta ecológica"),))))
    texts = [f"Le nouvel écoradar numéro {n} est allumé." for n in range(3)]
    matches = [Glossary((term,)).find_terms(text) for text in texts]
    drafts = {}
    for target in ("en", "es"):
        engine = open_apertium("fr", target)
        pins = [pins_for(mine, target, engine.pivots) for mine in matches]
        drafts[target] = engine.translate([Request(*one) for one in zip(texts, pins, strict=True)])
    assert all("green radar" in draft.text for draft in drafts["en"])
    assert all("La nueva alerta ecológica" in draft.text for draft in drafts["es"])
    questions = [question.rpartition("[-")[0] for question in asked]
    assert len(questions) == len(set(questions)) == len(texts) + 1  # and the term alone


def test_names_are_sacred(engine: ApertiumEngine) -> None:
    """50 names and acronyms in 1,000 sentences come out exactly, in the same number, and leave no stand-in behind."""
    chance = random.Random(7)  # noqa: S311 - a fixed choice of sentences
    known, carriers = (
        (CASES / file).read_text(encoding="utf-8").splitlines() for file in ("names.txt", "carriers.txt")
    )
    texts = [re.sub("{}", lambda _: chance.choice(known), carriers[n % len(carriers)]) for n in range(1000)]
    glossary = Glossary(tuple(Term(name, TermKind.NAME, ()) for name in known))
    assert len(known) == 50
    matches = [glossary.find_terms(text) for text in texts]
    requests = [Request(t, pins_for(m, language(engine))) for t, m in zip(texts, matches, strict=True)]
    for request, draft in zip(requests, engine.translate(requests), strict=True):
        names = [pin.forms[0] for pin in request.pins]
        for name in names:
            assert len(re.findall(rf"(?<!\w){re.escape(name)}(?!\w)", draft.text)) == names.count(name), draft.text
        assert not re.search("[\ua000-\ua48c]", draft.text)


def test_pins_on_the_development_set(engine: ApertiumEngine, shared: Path) -> None:
    """All pins hold, and against the references the drafts lose next to nothing, or gain where they have the form."""
    folder, to = shared / "eval" / "terms", language(engine)
    sources, references = (
        (folder / f"dev.{code}").read_text(encoding="utf-8").removesuffix("\n").split("\n") for code in ("fr", to)
    )
    rows = list(csv.DictReader((folder / "glossary.csv").read_text(encoding="utf-8").splitlines()))
    glossary = read_glossary(folder)
    plain = [draft.text for draft in engine.translate([Request(text) for text in sources])]
    requests = [Request(text, pins_for(glossary.find_terms(text), to)) for text in sources]
    pinned = [draft.text for draft in engine.translate(requests)]
    assert [missed_pins(t, r.pins) for t, r in zip(pinned, requests, strict=True)] == [()] * len(sources)
    score = load_score(shared)
    asked, honoured, _ = score.score(sources, pinned, rows, to)
    assert 100 * honoured / asked >= FLOORS[to]["score_pins"]
    assert chrf(pinned, references) >= chrf(plain, references) - 0.5
    held = [n for n, pair in enumerate(zip(sources, references, strict=True)) if has_form(score, *pair, rows, to)]
    gain = chrf([pinned[n] for n in held], [references[n] for n in held])
    gain -= chrf([plain[n] for n in held], [references[n] for n in held])
    assert gain >= FLOORS[to]["gain_where_the_reference_has_the_form"] > 0


def load_score(shared: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location("score_pins", shared / "eval" / "score_pins.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def has_form(score: ModuleType, source: str, reference: str, rows: list[dict[str, str]], to: str) -> bool:
    return bool(score.score([source], [reference], rows, to)[1])


def chrf(drafts: list[str], references: list[str]) -> float:
    return float(corpus_chrf(drafts, [references]).score)


@pytest.mark.parametrize(
    ("article", "forms"),
    [
        ("an", "OPEC|ASEAN|AIDS|ICANN|unidentified object|8|11|18|AI|MRI|SMS|X-ray|FBI|HIV|H1N1"),
        ("an", "hour|honest man|umbrella|unimportant|Internet user|oil"),
        (
            "a",
            "GPU|US citizen|NATO summit|EU law|UN report|unit|user|European|Ukrainian|hospital|one-way|SARS",
        ),
    ],
)
def test_the_english_article_follows_the_sound(article: str, forms: str) -> None:
    assert {suit_english("a", form) for form in forms.split("|")} == {article}


@pytest.mark.parametrize(
    ("word", "forms"),
    [
        ("del", "agua pesada|arma|área|hambre|alma|aula|habla|águila"),
        ("de la", "alta tecnología|amplia gama|amiga|armadura|alarma|API|actriz|autora|IA|energía"),
    ],
)
def test_the_spanish_article_follows_the_stress(word: str, forms: str) -> None:
    assert {suit_spanish("de la", form, is_feminine=True) for form in forms.split("|")} == {word}


def test_spanish_conjunctions_follow_the_sound() -> None:
    conjunctions = [suit_spanish("y", form, is_feminine=True) for form in ("IA", "hijos", "hielo", "yate", "INSEE")]
    assert conjunctions == ["e", "e", "y", "y", "e"]
    assert [suit_spanish("o", form, is_feminine=True) for form in ("ONU", "hora", "agua")] == ["u", "u", "o"]
