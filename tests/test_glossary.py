"""The glossary file, its terms in French text, and pins in drafts."""

from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.errors import GlossaryError
from pipeline.glossary import Form, Gender, Glossary, Grammar, Number, Term, TermKind
from pipeline.pins import Pin, digest_pins, missed_pins, pins_for
from pipeline.termbase import read_glossary

ROOT = Path(__file__).parents[1]


def write(folder: Path, text: str, name: str = "terms.csv") -> Path:
    path = folder / name
    path.write_bytes(text.encode())
    return path


def term(text: str, kind: str = "term", **forms: str) -> Term:
    pairs = tuple((language, tuple(map(Form, cell.split("|")))) for language, cell in forms.items())
    return Term(text, TermKind(kind), pairs)


def test_no_folder_is_an_empty_glossary(tmp_path: Path) -> None:
    assert read_glossary(tmp_path / "glossary") == Glossary()


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_spreadsheet_reality(tmp_path: Path, separator: str) -> None:
    rows = ["\ufeffkind,FR,es,en,de,note", 'name,IA,"IA",AI,KI,', ",,,,,", "term, puce ,,chip|chips", ""]
    write(tmp_path, "\r\n".join(rows).replace(",", separator))
    terms = read_glossary(tmp_path).terms
    chip = Term("puce", TermKind.TERM, (("es", ()), ("en", (Form("chip"), Form("chips"))), ("de", ())))
    assert terms == (term("IA", "name", es="IA", en="AI", de="KI"), chip)


def test_an_empty_cell_keeps_french_and_no_column_says_nothing(tmp_path: Path) -> None:
    write(tmp_path, "fr,en,kind\npuce,,\nSberbank,,name\n")
    puce, bank = read_glossary(tmp_path).terms
    assert puce.accepted("en") == (Form("puce"),)
    assert puce.accepted("es") == ()
    assert bank.accepted("es") == (Form("Sberbank"),)
    glossary = Glossary((puce, bank))
    assert [pin.forms for pin in pins_for(glossary.find_terms("Sberbank vend une puce."), "es")] == [("Sberbank",)]


def test_a_form_carries_its_grammar(tmp_path: Path) -> None:
    write(tmp_path, 'fr,es\nGPU,"GPU [f,inv]|unidad gráfica"\ndonnées,"datos [ pl , M ]"\n')
    gpu, data = read_glossary(tmp_path).terms
    assert gpu.accepted("es") == (Form("GPU", Grammar(Gender.FEMININE, is_invariable=True)), Form("unidad gráfica"))
    assert data.accepted("es") == (Form("datos", Grammar(Gender.MASCULINE, Number.PLURAL)),)
    (pin,) = pins_for(Glossary((gpu,)).find_terms("les GPU"), "es")
    assert pin.forms == ("GPU", "unidad gráfica")
    assert dict(pin.grammar) == {"GPU": Grammar(Gender.FEMININE, is_invariable=True)}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("en,es\na,b\n", r"terms\.csv:1: has no column “fr”"),
        ("fr,en\n,AI\n", r"terms\.csv:2: the cell “fr” is empty"),
        ("fr,en\nIA,AI\nIA,A.I.\n", r"terms\.csv:3: “IA” has other forms at .*terms\.csv:2"),
        ("fr,en,kind\nIA,AI,nom\n", r"terms\.csv:2: unknown kind “nom”; write name or term"),
        ("fr,en\nIA,AI||\n", r"terms\.csv:2: an accepted form is empty"),
        ('fr,es\nIA,"IA [f,fem]"\n', r"terms\.csv:2: “\[f,fem\]” is no grammar"),
        ('fr,es\nIA,"IA [m,f]"\n', r"terms\.csv:2: “\[m,f\]” is no grammar"),
        ("fr,en\nIA,A\0I\n", r"terms\.csv:2: holds the control character 0x00"),
        ('fr,en\n"IA,AI\nGPU,GPU\n', r"terms\.csv:2: the row that begins here is no CSV"),
    ],
)
def test_errors_name_file_and_line(tmp_path: Path, text: str, message: str) -> None:
    write(tmp_path, text)
    with pytest.raises(GlossaryError, match=message):
        read_glossary(tmp_path)


def test_invalid_utf8_names_the_line(tmp_path: Path) -> None:
    (tmp_path / "terms.csv").write_bytes(b"fr,en\nIA,AI\n\xe9l\xe9ment,item\n")
    with pytest.raises(GlossaryError, match=r"terms\.csv:3: is not UTF-8"):
        read_glossary(tmp_path)


def test_hidden_files_are_not_read(tmp_path: Path) -> None:
    (tmp_path / "._terms.csv").write_bytes(b"\0\5\x16\7\xb0")
    assert read_glossary(tmp_path).terms == ()


def test_files_of_a_folder_are_one_glossary(tmp_path: Path) -> None:
    write(tmp_path, "fr,en\nIA,AI\n", "a.csv")
    write(tmp_path, "fr,en\nIA,AI\nGPU,GPU\n", "b.csv")
    assert [t.text for t in read_glossary(tmp_path).terms] == ["IA", "GPU"]


def test_a_unicode_line_separator_ends_no_row(tmp_path: Path) -> None:
    write(tmp_path, "fr,en,note\nIA,AI,un\u2028deux\n")
    assert [t.text for t in read_glossary(tmp_path).terms] == ["IA"]


def test_missed_pins_counts_every_occurrence_once() -> None:
    gpu, unit = Pin(0, 3, ("GPU",)), Pin(4, 9, ("graphics processing unit", "GPU"))
    assert missed_pins("Two GPUs", (gpu,)) == ()
    assert missed_pins("Two GPUs", (gpu, gpu)) == (gpu,)
    assert missed_pins("A GPU and a GPU", (gpu, unit)) == ()
    assert missed_pins("A graphics processing unit", (gpu,)) == (gpu,)
    assert missed_pins("The AI’s cost", (Pin(0, 2, ("AI",)),)) == ()
    assert missed_pins("The AIM", (Pin(0, 2, ("AI",)),)) == (Pin(0, 2, ("AI",)),)
    assert missed_pins("A GPU and a graphics processing unit", (gpu, unit)) == ()
    name = replace(gpu, kind=TermKind.NAME)
    assert missed_pins("Two GPUs", (name,)) == (name,)
    assert missed_pins("A GPU and two GPUs", (name, gpu)) == ()
    assert missed_pins("The GPU’s cost", (name,)) == ()
    assert missed_pins("Both viruses", (Pin(0, 5, ("virus",)),)) == ()


@pytest.mark.parametrize("draft", ["They told us that.", "It uses chips."])
def test_a_form_in_capitals_is_no_common_word(draft: str) -> None:
    states = Pin(0, 10, ("United States", "US", "U.S."))
    assert missed_pins(draft, (states,)) == (states,)


def test_digest_changes_with_the_pins() -> None:
    pins = pins_for(Glossary((term("IA", "name", en="AI"),)).find_terms("l’IA"), "en")
    assert digest_pins(pins) != digest_pins((Pin(2, 4, ("A.I.",)),))


def test_glossary_of_the_sample_covers_its_names() -> None:
    glossary = read_glossary(ROOT / "glossary")
    text = (ROOT / "translations" / "russie-chine-ia" / "fr.txt").read_text(encoding="utf-8")
    known = {match.term.text for match in glossary.find_terms(text)}
    # Every term of the file stands in the article, but for GPU, which the article spells out.
    assert {t.text for t in glossary.terms} - known == {"GPU"}


@pytest.mark.parametrize(
    ("source", "draft"),
    [
        ("le sous-marin", "El submarino es ruso."),
        ("les champs de bataille", "Los campos de batalla están vacíos."),
        ("la directrice générale", "La directora general ha venido."),
        ("les porte-parole", "Los portavoces han venido."),
    ],
)
def test_a_form_may_be_inflected_to_agree(source: str, draft: str) -> None:
    terms = (
        term("sous-marins", es="submarinos"),
        term("champ de bataille", es="campo de batalla"),
        term("directeur général", es="director general"),
        term("porte-parole", es="portavoz"),
    )
    (pin,) = pins_for(Glossary(terms).find_terms(source), "es")
    assert missed_pins(draft, (pin,)) == ()
