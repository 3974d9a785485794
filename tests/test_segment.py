"""Sentences: golden cases, properties, and a floor under the measured F1."""

import importlib.util
import json
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.article import Article, Block, Kind
from pipeline.errors import GlossaryError
from pipeline.segment import Segment, read_no_break, segment_article, split_sentences

ROOT = Path(__file__).parents[1]
PROTOCOL = ROOT.parent / "shared" / "eval" / "score_segmentation.py"
DATA = ROOT / "pipeline" / "data"
FLOORS: dict[str, float] = json.loads((ROOT / "tests" / "floors.json").read_text(encoding="utf-8"))["segmentation"]


def read_cases() -> list[tuple[str, str, list[str]]]:
    """Read (name, text, sentences) from files of: a text, a line `---`, a sentence a line; `===` between two cases."""
    cases = []
    for path in sorted((ROOT / "tests" / "cases" / "segment").glob("*.txt")):
        for number, case in enumerate(path.read_text(encoding="utf-8").split("\n===\n"), start=1):
            text, _, sentences = case.partition("\n---\n")
            cases.append((f"{path.stem}-{number}", text, sentences.strip("\n").split("\n")))
    return cases


def article_of(*blocks: tuple[Kind, str]) -> Article:
    source, placed = "", []
    for kind, text in blocks:
        placed.append(Block(kind, text, len(source), source.count("\n") + 1))
        source += f"{text}\n\n"
    return Article("essai", source, tuple(placed))


def texts_of(text: str) -> list[str]:
    return [segment.text for segment in segment_article(article_of((Kind.PARAGRAPH, text)))]


CASES = read_cases()


@pytest.mark.parametrize(("text", "sentences"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_cases(text: str, sentences: list[str]) -> None:
    assert texts_of(text) == sentences, f"wrong sentences in: {text}"


@pytest.mark.parametrize("name", sorted(FLOORS))
def test_f1_does_not_fall(name: str) -> None:
    if not PROTOCOL.exists():
        pytest.skip(f"the evaluation sets are not beside the repository ({PROTOCOL})")
    spec = importlib.util.spec_from_file_location("score_segmentation", PROTOCOL)
    assert spec is not None
    assert spec.loader is not None
    protocol = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(protocol)
    precision, recall, f1, _ = protocol.score(split_sentences, name)
    assert f1 >= FLOORS[name], f"{name}: P {precision:.2f} R {recall:.2f} F1 {f1:.2f}, floor {FLOORS[name]}"


def test_segments_know_their_place() -> None:
    article = article_of(
        (Kind.TITLE, "Un titre"),
        (Kind.PARAGRAPH, "Avant. Le début."),
        (Kind.HEADING, "Première\n  partie"),
        (Kind.PARAGRAPH, "Une phrase qui \n continue.  \r\nUne autre.\n"),
        (Kind.HEADING, "Qui ? Moi."),
        (Kind.ITEM, "Un point"),
    )
    segments = segment_article(article)
    spans = [article.blocks[segment.block].text[segment.start : segment.end] for segment in segments]
    assert [re.sub(r"\s+", " ", span) for span in spans] == [segment.text for segment in segments]
    assert tuple(replace(segment, start=0, end=0) for segment in segments) == (
        Segment(0, Kind.TITLE, "Un titre", 1, ""),
        Segment(1, Kind.PARAGRAPH, "Avant.", 3, ""),
        Segment(1, Kind.PARAGRAPH, "Le début.", 3, ""),
        Segment(2, Kind.HEADING, "Première partie", 5, ""),
        Segment(3, Kind.PARAGRAPH, "Une phrase qui continue.", 8, "Première partie"),
        Segment(3, Kind.PARAGRAPH, "Une autre.", 10, "Première partie"),
        Segment(4, Kind.HEADING, "Qui ?", 13, ""),
        Segment(4, Kind.HEADING, "Moi.", 13, ""),
        Segment(5, Kind.ITEM, "Un point", 15, "Qui ? Moi."),
    )


def test_a_blank_block_has_no_segment() -> None:
    assert segment_article(article_of((Kind.PARAGRAPH, " \n\u00a0"))) == ()


def test_only_line_breaks_and_the_spaces_around_them_change() -> None:
    assert texts_of("  L’été\u00a0: 10\u202f000  fois \t\n\n  «\u00a0là\u00a0»\u2028.\u0301  ") == [
        "L’été\u00a0: 10\u202f000  fois «\u00a0là\u00a0» .\u0301",
    ]


@pytest.mark.parametrize(
    ("text", "expression", "sentences"),
    [
        ("Il lit Quoi ? Magazine. Fin.", "Quoi ? Magazine", ["Il lit Quoi ? Magazine.", "Fin."]),
        ("Il lit Quoi\u00a0?\nMagazine. Fin.", "Quoi ? Magazine", ["Il lit Quoi\u00a0? Magazine.", "Fin."]),
        ("Voir la réf. Kern. Fin.", "réf.", ["Voir la réf. Kern.", "Fin."]),
        ("Un tonneau. Une bière.", "eau.", ["Un tonneau.", "Une bière."]),
        ("Un (+. Une bière.", "(+.", ["Un (+. Une bière."]),
    ],
)
def test_no_sentence_ends_in_a_users_expression(text: str, expression: str, sentences: list[str]) -> None:
    pieces = split_sentences(text, ["autre chose", " ", expression])
    assert [re.sub(r"\n", " ", piece).strip() for piece in pieces] == sentences


def test_read_no_break(tmp_path: Path) -> None:
    path = tmp_path / "no-break.txt"
    assert read_no_break(path) == ()
    path.write_bytes("\ufeff# Noms\r\n\r\n Quoi ? \r\nS. Exc.\n".encode())
    assert read_no_break(path) == ("Quoi ?", "S. Exc.")
    path.write_bytes(b"Oui\nd\xe9j\xe0\n")
    with pytest.raises(GlossaryError, match=r"no-break\.txt:2: not UTF-8; save"):
        read_no_break(path)


# Characters that the rules look at, so that hypothesis finds their corners; then any character at all.
NEARBY = st.text(st.sampled_from(".!?…»«”“\"'’()[]:;,-–—•¹1aéàMLe \u00a0\u202f\n\r\t\0\u0301🙂"))


@given(NEARBY | st.text(), st.lists(st.text(max_size=4), max_size=2))
def test_pieces_concatenate_back(text: str, no_break: list[str]) -> None:
    pieces = split_sentences(text, no_break)
    assert "".join(pieces) == text
    assert all(piece.strip() for piece in pieces) or len(pieces) == 1


@given(NEARBY | st.text())
def test_segments_keep_every_visible_character(text: str) -> None:
    def visible(string: str) -> str:
        return "".join(string.split())

    assert visible("".join(texts_of(text))) == visible(text)


@given(st.lists(st.sampled_from([sentence for case in CASES for sentence in case[2]]), min_size=1))
def test_a_sentence_is_not_split_again(sentences: list[str]) -> None:
    for sentence in texts_of(" ".join(sentences)):
        if '"' not in sentence:  # a straight quotation mark is read by those around it
            assert texts_of(sentence) == [sentence]


@pytest.mark.parametrize(
    "unit", ["mot ", "Le chat dort. ", "« ", '" A. ', "(A. ", ") ", ".", "M. ", "1. ", "\u0301", "é\n"]
)
def test_time_grows_with_length_alone(unit: str, is_linear: Callable[[Callable[[int], object], int], bool]) -> None:
    assert is_linear(lambda characters: split_sentences(unit * (characters // len(unit))), 25_000)


@pytest.mark.parametrize("name", ["abbreviations.txt", "openers.txt"])
def test_a_word_stands_in_the_data_once(name: str) -> None:
    lines = (DATA / name).read_text(encoding="utf-8").splitlines()
    words = [word for line in lines if not line.startswith("[") for word in line.partition("#")[0].split()]
    assert {word for word in words if words.count(word) > 1} == set()
