"""Terms of the glossary in French text: what is found, what is not, how exactly, and how it is cut."""

import csv
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.glossary import Glossary, Number, Term, TermKind
from pipeline.termbase import read_glossary

ROOT = Path(__file__).parents[1]
GOLD = ROOT / "tests" / "cases" / "matching"
SOURCES = {
    "gsd-dev": "segmentation/gsd-dev.txt",
    "sequoia-dev": "segmentation/sequoia-dev.txt",
    "flores-dev": "mt/flores-dev.fr",
    "terms": "terms/dev.fr",
}


def term(text: str, kind: str = "term") -> Term:
    return Term(text, TermKind(kind), ())


def found(text: str, *terms: Term | str) -> list[str]:
    glossary = Glossary(tuple(term(t) if isinstance(t, str) else t for t in terms))
    return [text[match.start : match.end] for match in glossary.find_terms(text)]


def test_names_are_matched_to_the_letter_and_terms_in_any_case_and_plural() -> None:
    assert found("L’IA, l'IA, d’ia et anti-IA", term("IA", "name")) == ["IA", "IA"]
    assert found("Pékinois et Pékins", term("Pékin", "name")) == []
    assert found("L'ami de l’Élysée", term("l’Élysée", "name")) == ["l’Élysée"]
    assert found("L’IA, d’ia et qu’Ia", "IA") == ["IA", "ia", "Ia"]
    assert found("R&D, AT&T et C++ (non : R & D, C++11)", term("R&D", "name"), "C++") == ["R&D", "C++"]


@pytest.mark.parametrize(
    ("row", "text", "expected"),
    [
        ("semi-conducteur", "Semi-conducteurs, semi‑conducteur", ["Semi-conducteurs", "semi‑conducteur"]),
        (
            "unité de traitement graphique",
            "des unités de\u00a0traitement graphique",
            ["unités de\u00a0traitement graphique"],
        ),
        ("unités de traitement", "une unité\u202fde\ntraitement", ["unité\u202fde\ntraitement"]),
        ("hôpital", "l’hôpital et les hôpitaux", ["hôpital", "hôpitaux"]),
        ("réseaux", "un réseau, des réseaux", ["réseau", "réseaux"]),
        ("directeur", "directrice, directrices, directeurs", ["directrice", "directrices", "directeurs"]),
        ("directrice", "la directrice, les directrices, le directeur", ["directrice", "directrices"]),
        ("données", "une donnée, des données, elle a donné, donner", ["donnée", "données"]),
        ("chercheur", "chercheuse, chercheurs, chercher, cherchait", ["chercheuse", "chercheurs"]),
        ("cyberattaque", "des cyberattaques", ["cyberattaques"]),
        ("GPU", "GPUs, gpu", ["GPUs", "gpu"]),
        ("vœu", "vœux et voeux", ["vœux", "voeux"]),
        ("état", "L’Etat, l’État, les états, Etats", ["Etat", "État", "états", "Etats"]),
        ("virus", "un virus, des virus", ["virus", "virus"]),
        ("laver", "se laver, il lave", ["laver"]),
        ("employé", "une employée, des employés, employer", ["employée", "employés"]),
        ("cybercriminel", "un cybercriminel, des cybercriminels", ["cybercriminel", "cybercriminels"]),
        ("ouvrier qualifié", "deux ouvrières qualifiées", ["ouvrières qualifiées"]),
        ("SI", "le SI, les SI, LE SI", ["SI", "SI", "SI"]),
    ],
)
def test_a_term_is_met_inflected_and_as_typed(row: str, text: str, expected: list[str]) -> None:
    assert found(text, row) == expected


@pytest.mark.parametrize(
    ("row", "text"),
    [
        ("IA", "anti-IA, IA-même, l’IAG, IA_2, GIA, anti‑IA"),
        ("test", "têtes, teste, testé, tests-unitaires"),
        ("fil", "ses fils"),
        ("part", "le parti, une partie, partir"),
        ("marche", "il marche, qui marche, on n’y marche pas, marcher, marchent, marché"),
        ("avion", "nous avions, vous aviez"),
        ("demande", "Le duc demande le silence et lui demande son nom"),
        ("sortie", "elle est enfin sortie"),
        ("produit", "Taïwan a produit ces masques, qui se sont mal produits"),
        ("SI", "si cela"),
        ("AI", "j’ai"),
        ("Brien", "O’Brien"),
        ("huit", "aujourd’huit"),
        ("unité de traitement", "unité des traitements"),
        ("mètre", "20 m"),
        ("nouvelle", "un nouveau, de nouveaux"),
    ],
)
def test_another_word_is_no_term(row: str, text: str) -> None:
    assert found(text, row) == []


def test_what_stands_inverted_or_beside_a_pronoun_may_be_a_noun() -> None:
    assert found(
        "A-t-il accès ? Elle a accès au marché. Chez nous, demande et offre.", "accès", "marché", "demande"
    ) == [
        "accès",
        "accès",
        "marché",
        "demande",
    ]


def test_a_letter_is_no_pronoun_and_a_noun_may_follow_an_auxiliary() -> None:
    assert found("cellules T mémoire, elle a affaire à lui", "mémoire", "affaire") == ["mémoire", "affaire"]


def test_the_longest_term_wins() -> None:
    rows = ("intelligence", "intelligence artificielle", "artificielle générale forte")
    assert found("l’intelligence artificielle", *rows) == ["intelligence artificielle"]
    assert found("l’intelligence artificielle générale forte", *rows) == ["intelligence", "artificielle générale forte"]


def test_of_two_rows_the_one_written_so_wins() -> None:
    rows = (term("symptôme"), term("symptômes"), term("IA"), term("IA", "name"))
    matches = Glossary(rows).find_terms("Un symptôme, des symptômes, l’IA, l’ia.")
    assert [match.term for match in matches] == [rows[0], rows[1], rows[3], rows[2]]


@pytest.mark.parametrize(
    ("text", "row", "number"),
    [
        ("Les puces", "puce", Number.PLURAL),
        ("La puce", "puces", Number.SINGULAR),
        ("les virus", "virus", Number.PLURAL),
        ("le virus", "virus", Number.SINGULAR),
        ("virus", "virus", None),
        ("les nouveaux GPU", "GPU", Number.PLURAL),
        ("l’IA", "IA", Number.SINGULAR),
        ("12 GPU", "GPU", Number.PLURAL),
        ("Les Russes, GPU", "GPU", None),
        ("Unités de traitement", "unité de traitement", Number.PLURAL),
    ],
)
def test_a_match_tells_its_number(text: str, row: str, number: Number | None) -> None:
    (match,) = Glossary((term(row),)).find_terms(text)
    assert match.number == number


def read_gold(name: str) -> Iterator[tuple[str, list[tuple[str, int, bool]]]]:
    """Yield each noun with its occurrences: line, place in it, and whether they count; see the folder's README."""
    for row in (GOLD / f"{name}.tsv").read_text(encoding="utf-8").splitlines():
        noun, _, places = row.partition("\t")
        cut = [place.rstrip("?").rpartition(":") for place in places.split()]
        yield noun, [(p[0], int(p[2]), not at.endswith("?")) for p, at in zip(cut, places.split(), strict=True)]


def score(lines: dict[str, str], name: str) -> tuple[float, float, list[str]]:
    """Return precision and recall, in per cent, over lines by their names in the gold, and what differs."""
    gold = dict(read_gold(name))
    glossary = Glossary(tuple(map(term, gold)))
    right = {(noun, line, start) for noun, places in gold.items() for line, start, counts in places if counts}
    free = {(noun, line, start) for noun, places in gold.items() for line, start, counts in places if not counts}
    hits = {(m.term.text, key, m.start) for key, line in lines.items() for m in glossary.find_terms(line)} - free
    differences = [f"{noun}: {lines[key][max(0, at - 30) : at + 30]}" for noun, key, at in sorted(hits ^ right)]
    return 100 * len(hits & right) / len(hits), 100 * len(hits & right) / len(right), differences


def check_floor(name: str, lines: dict[str, str]) -> None:
    precision, recall, differences = score(lines, name)
    sys.stdout.write(f"{name}: precision {precision:.2f}, recall {recall:.2f}\n" + "\n".join(differences))
    floors = json.loads((ROOT / "tests" / "floors.json").read_text(encoding="utf-8"))["matching"][name]
    assert precision >= floors["precision"]
    assert recall >= floors["recall"]


def test_nouns_in_free_manuals_do_not_fall() -> None:
    lines = (GOLD / "debian.txt").read_text(encoding="utf-8").splitlines()
    check_floor("debian", {str(number): line for number, line in enumerate(lines, 1)})


def test_nouns_in_the_evaluation_sentences_do_not_fall(shared: Path) -> None:
    lines: dict[str, str] = {}
    for name, path in SOURCES.items():
        text = (shared / "eval" / path).read_text(encoding="utf-8")
        lines |= {f"{name}:{number}": line for number, line in enumerate(text.splitlines(), 1)}
    check_floor("general", lines)


def test_what_the_measure_of_pins_asks_for_is_found(shared: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing that ../shared/eval/score_pins.py counts is left beside what is found."""
    monkeypatch.syspath_prepend(str(shared / "eval"))
    from score_pins import score as score_pins  # type: ignore[import-not-found]  # noqa: PLC0415

    terms = shared / "eval" / "terms"
    with (terms / "glossary.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    glossary = read_glossary(terms)
    missed: list[str] = []
    for sentence in (terms / "dev.fr").read_text(encoding="utf-8").splitlines():
        text = re.sub(r"https?://\S+", "", sentence)  # no term stands in an address
        rest = text
        for match in glossary.find_terms(text):
            rest = rest[: match.start] + "\0" * (match.end - match.start) + rest[match.end :]
        missed += [f"{row}: {text}" for _, row, text, _ in score_pins([rest], [""], rows, "en")[2]]
    assert missed == []


def test_a_glossary_of_names_loads_no_dictionary() -> None:
    code = (
        "import sys; from pipeline.glossary import *; "
        "Glossary((Term('IA', TermKind.NAME, ()),)).find_terms('L’IA'); "
        "print([name for name in sys.modules if 'simplemma' in name])"
    )
    made = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert made.stdout.strip() == "[]"


GLOSSARY = Glossary((
    term("unité de traitement graphique"), term("semi-conducteur"), term("l’état"), term("IA"), term("puce"),
    term("traitement"), term("R&D", "name"), term("Élysée", "name"), term("C++"), term("-"), term("’"),
))  # fmt: skip
PHRASE = Glossary((term("porte-parole de l’état"),))
WORDS = st.sampled_from(
    ["unité", "unités", "de", "traitement", "graphique", "semi", "conducteurs", "l", "état", "IA", "puce", "R", "C"]
)
SIGNS = st.sampled_from([" ", "\u00a0", "\u202f", "-", "\u2010", "\u2011", "'", "’", ".", "\n", "", "&D", "++"])


@given(st.lists(st.tuples(WORDS, SIGNS), max_size=30).map(lambda pairs: "".join(map("".join, pairs))) | st.text())
def test_matches_are_apart_in_the_text_and_bounded(text: str) -> None:
    end = 0
    for match in GLOSSARY.find_terms(text):
        assert end <= match.start < match.end <= len(text)
        end = match.end
        around = text[match.start - 1 : match.start] + text[match.end : match.end + 1]
        assert not any(sign.isalnum() or sign in "-_\u2010\u2011" for sign in around)


@given(
    st.sampled_from([" ", "\u00a0", "\u202f", "\u2009", "\n", "  "]),
    st.sampled_from("'’"),
    st.sampled_from("-\u2010\u2011"),
    st.sampled_from([str.upper, str.lower, str.capitalize, str]),
)
def test_a_term_is_found_as_typed(space: str, apostrophe: str, hyphen: str, case: type[str]) -> None:
    typed = case(f"porte{hyphen}parole{space}de{space}l{apostrophe}état")
    (match,) = PHRASE.find_terms(f"Le {typed}, dit-on")
    assert (match.start, match.end) == (3, 3 + len(typed))


def test_a_conjunction_is_no_noun_of_the_same_letters() -> None:
    terms = Glossary((Term("car", TermKind.TERM, ()), Term("or", TermKind.TERM, ())))
    assert terms.find_terms("Il pleut, car le temps est mauvais. Or, il pleut.") == ()
    assert len(terms.find_terms("Le car est là. Il vend de l’or.")) == 2


def test_no_term_stands_in_an_address_or_code() -> None:
    terms = Glossary((Term("IA", TermKind.NAME, ()),))
    text = "Voir https://example.org/IA/GPU, www.IA.org, @IA, {IA}, `IA`, a@IA.org et l’IA."
    assert [match.start for match in terms.find_terms(text)] == [text.rindex("IA")]
