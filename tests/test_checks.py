"""The checks of translations: cases that people can read, properties, and floors under what they find."""

import importlib.util
import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pipeline.checks import CHECKS, Check, Pair, check_text
from pipeline.checks.lexicon import describe_codes
from pipeline.glossary import Form, Glossary, Term, TermKind
from pipeline.pins import pins_for
from pipeline.severity import Severity

ROOT = Path(__file__).parents[1]
FLOORS: dict[str, dict[str, Any]] = json.loads((ROOT / "tests" / "floors.json").read_text(encoding="utf-8"))["checks"]
KINDS_WANTED = 15


def read_cases() -> Iterator[tuple[str, str, str, str, set[str]]]:
    """Read (name, language, source, target, codes) from files of: source, target, `---`, codes; `===` between two."""
    for path in sorted((ROOT / "tests" / "cases" / "checks").glob("*.txt")):
        for number, case in enumerate(path.read_text(encoding="utf-8").split("\n===\n"), start=1):
            texts, _, codes = f"{case}\n".partition("\n---\n")
            source, _, target = texts.partition("\n")
            yield f"{path.stem}-{number}", path.stem, source, target, set(codes.split())


def serious(source: str, target: str, language: str) -> set[str]:
    problems = check_text(source, target, language)
    return {problem.code for problem in problems if problem.severity is not Severity.NOTE}


CASES = list(read_cases())


@pytest.mark.parametrize(
    ("language", "source", "target", "codes"), [case[1:] for case in CASES], ids=[case[0] for case in CASES]
)
def test_cases(language: str, source: str, target: str, codes: set[str]) -> None:
    assert serious(source, target, language) == codes, f"{source}\n{target}"


def test_a_missed_pin_is_an_error() -> None:
    glossary = Glossary((Term("puce", TermKind.TERM, (("en", (Form("chip"),)),)),))
    source = "La puce est là."
    pins = pins_for(glossary.find_terms(source), "en")
    assert check_text(source, "The chip is here.", "en", pins) == ()
    (problem,) = check_text(source, "The flea is here.", "en", pins)
    assert (problem.severity, problem.code, problem.message) == (Severity.ERROR, "pin", "“puce” asks for “chip”")


@pytest.mark.parametrize(
    ("source", "target", "message"),
    [
        ("Il y a 3 rats et 40 chats.", "There are rats and cats.", "“3”, “40” are missing"),
        ("Il coûte 3,5 millions.", "It costs 3.5 billion.", "“3,5 millions” became “3.5 billion”"),
        ("Il part bientôt.", "He leaves in July.", "“July” is not in the source"),
        ("Il part en juillet.", "He leaves soon.", "“juillet” is missing"),
    ],
)
def test_messages(source: str, target: str, message: str) -> None:
    assert message in [problem.message for problem in check_text(source, target, "en")]


def test_a_language_that_we_know_nothing_of_is_checked_all_the_same() -> None:
    assert serious("Il y a 3 chats.", "Es gibt 4 Katzen.", "de") == {"number"}
    assert serious("Il y a 3 chats.", "Es gibt 3 Katzen.", "de") == set()


def test_every_code_is_described_and_none_in_vain() -> None:
    modules = (ROOT / "pipeline" / "checks").glob("*.py")
    code = "".join(path.read_text(encoding="utf-8") for path in modules)
    used = set(re.findall(r"(?:error|warning|note|severity|grade)\)?\(\s*\"(\w+)\"", code))
    used |= {"code", "link", "bracket", "quote"}  # given by a table
    assert used == set(describe_codes())


NEARBY = st.text(st.sampled_from("«»“”\"'’()[]{}<>*_`~%$#@1,5. \u00a0\naéneàIVX¿?¡!:;ꀀ"))


@example("Ⓐ", "A", "en")
@given(NEARBY | st.text(), NEARBY | st.text(), st.sampled_from(["en", "es", "de"]))
def test_no_text_breaks_a_check(source: str, target: str, language: str) -> None:
    check_text(source, target, language)


# A text of `n` characters or so: patterns that search from many places, or in many ways, take long over one of them.
HOSTILE: dict[str, Callable[[int], str]] = {
    "one word": lambda n: "a" * n,
    "opened quotation": lambda n: '"' + "a" * n,
    "opened quotations": lambda n: "«" * n,
    "spaces inside": lambda n: "a" + " " * n + "b",
    "closing marks inside": lambda n: ")" * n + "b",
    "tags": lambda n: "<b>" * (n // 3),
    "a tag with spaces": lambda n: "<a" + " " * n + "b>",
    "opened tags": lambda n: "<" * n,
    "opened link": lambda n: "](" + "a" * n,
    "a word beside an address": lambda n: "@ " + "a" * n,
    "capitals": lambda n: "A" * n + "_",
    "forgotten": lambda n: "oubli" * (n // 5),
    "numbers": lambda n: " ".join(map(str, range(n // 5))),
    "numbers in words": lambda n: "two thousand, " * (n // 14),
    "a long name": lambda n: "Le Z" + "azerty" * (n // 6),
} | {
    unit: lambda n, unit=unit: unit * (n // len(unit))
    for unit in ("mot ", "Paris ", "3,5 % ", "$1 ", "**a ", "`", "[a](", "« ", "n’a ", "<b ", "¿", "1 000 ")
}


@pytest.mark.parametrize("name", HOSTILE)
def test_time_grows_with_length_alone(name: str, is_linear: Callable[[Callable[[int], object], int], bool]) -> None:
    def run_check(check: Check, characters: int) -> None:
        text = HOSTILE[name](characters)
        for target in (text, text.upper()):
            list(check(Pair(text, target, "en")))
            list(check(Pair(text, target, "es")))

    for check in CHECKS:
        assert is_linear(partial(run_check, check), 2_000), check.__name__


def load_planted() -> ModuleType:
    spec = importlib.util.spec_from_file_location("planted", ROOT / "tests" / "planted.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["planted"] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("language", sorted(FLOORS))
def test_faults_are_found_and_good_translations_pass(language: str, shared: Path) -> None:
    planted, floors = load_planted(), FLOORS[language]
    pairs = planted.read_pairs(shared / "eval" / "mt" / "flores-dev", language)
    assert 100 * planted.count_flagged(pairs, language) / len(pairs) <= floors["flagged"]
    found = {s.kind: 100 * s.found / s.planted for s in planted.score_kinds(pairs, language) if s.planted}
    assert len(found) >= KINDS_WANTED
    assert sum(found.values()) / len(found) >= floors["mean"], found
    worst = min(found, key=lambda kind: found[kind])
    assert found[worst] >= floors["worst"], f"{worst}: {found[worst]:.1f} %"


def test_the_same_faults_are_planted_every_time() -> None:
    planted = load_planted()
    pairs = [(f"La ville {n} est à {n} km de la mer.", f"Town {n} is {n} km from the sea.") for n in range(10, 30)]
    assert planted.score_kinds(pairs, "en") == planted.score_kinds(pairs, "en")


def test_checks_are_imported_without_translate_toolkit() -> None:
    program = "import sys, pipeline.checks; assert 'translate' not in sys.modules"
    subprocess.run([sys.executable, "-c", program], check=True)
