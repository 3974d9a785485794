"""The glossary folder: our tables, those of DeepL and Google, everything that is wrong in them, rows put together."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from pipeline.exports.termlist import render_pairs, render_table
from pipeline.glossary import Form, Gender, Grammar, Number, Term, TermKind
from pipeline.language import normalize_tag
from pipeline.severity import Severity
from pipeline.termbase import Termbase, read_glossary, read_termbase
from pipeline.termbase.entry import fold_term, read_cell, write_cell

ROOT = Path(__file__).parents[1]


def term(text: str, kind: str = "term", note: str = "", **forms: str) -> Term:
    return Term(
        text, TermKind(kind), tuple((language, tuple(read_cell(cell))) for language, cell in forms.items()), note
    )


def read(folder: Path, **files: str) -> Termbase:
    for name, text in files.items():
        (folder / name.replace("__", "-").replace("_", ".")).write_bytes(text.encode())
    return read_termbase(folder)


def codes(termbase: Termbase) -> list[tuple[int, str, str]]:
    return [(finding.place.line, finding.severity.value, finding.code) for finding in termbase.findings]


def test_normalize_tag() -> None:
    assert [normalize_tag(tag) for tag in ("fr", "fr-FR", "FR_ca", "fra", "es-419", "zh-Hans-CN")] == [
        "fr", "fr", "fr", "fr", "es", "zh",
    ]  # fmt: skip
    assert [normalize_tag(tag) for tag in ("", "note", "français", "f", "fr FR")] == [None] * 5


def test_cells_round_trip() -> None:
    cell = "GPU [f,inv]|datos [m,pl]|chip"
    forms = tuple(read_cell(cell))
    assert forms == (
        Form("GPU", Grammar(Gender.FEMININE, is_invariable=True)),
        Form("datos", Grammar(Gender.MASCULINE, Number.PLURAL)),
        Form("chip"),
    )
    assert write_cell(forms) == cell


def test_a_cell_of_spaces_is_read_in_no_time(is_linear: Callable[[Callable[[int], object], int], bool]) -> None:
    assert tuple(read_cell("a" + " " * 40_000 + "b")) == (Form("a b"),)
    assert is_linear(lambda spaces: tuple(read_cell("a" + " " * spaces + "b")), 20_000)


def test_fold_term() -> None:
    assert fold_term("l’aujourd‑hui\u00a0\u202f e\u0301té") == "l'aujourd-hui été"


@pytest.mark.parametrize("first", ["sep=;\r\n", ""])
def test_excel_names_its_separator(tmp_path: Path, first: str) -> None:
    termbase = read(tmp_path, a_csv=first + "fr;es;kind\r\nIA;IA [f];name\r\nb|;;\r\n")
    assert [entry.term for entry in termbase.entries] == [term("IA", "name", es="IA [f]")]
    assert [finding.place.line for finding in termbase.findings] == [4 if first else 3]


def test_google_names_columns_by_tags_and_has_descriptions(tmp_path: Path) -> None:
    text = "en-US,fr-FR,es-419,pos,description\nParis,Paris,París,Proper noun,city\nchip,puce,,noun,\n"
    termbase = read(tmp_path, a_csv=text)
    assert [entry.term for entry in termbase.entries] == [
        term("Paris", "name", "city", en="Paris", es="París"),
        Term("puce", TermKind.TERM, (("en", (Form("chip"),)), ("es", ()))),
    ]
    assert termbase.findings == ()


@pytest.mark.parametrize("name", ["terms.fr-en.tsv", "FR_EN.tsv", "my glossary fr-en.csv"])
def test_two_columns_have_their_languages_in_the_name(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("puce\tchip\nune maison, la\t house, the\n", encoding="utf-8")
    assert read_glossary(tmp_path).terms == (term("puce", en="chip"), term("une maison, la", en="house, the"))


def test_two_columns_in_the_other_direction(tmp_path: Path) -> None:
    assert read(tmp_path, en__fr_csv="chip,puce\n").glossary.terms == (term("puce", en="chip"),)


def test_deepl_gives_languages_in_columns_three_and_four(tmp_path: Path) -> None:
    text = '"puce","chip","FR","EN"\nhermosa,belle,es,fr,0.9\nen,in,fr,en\n'
    assert read(tmp_path, deepl_csv=text).glossary.terms == (
        term("puce", en="chip"),
        term("belle", es="hermosa"),
        term("en", en="in"),
    )


def test_two_columns_of_unknown_languages_are_refused_with_the_next_step(tmp_path: Path) -> None:
    (finding,) = read(tmp_path, deepl_tsv="puce\tchip\n").findings
    assert str(finding) == (
        f"{tmp_path}/deepl.tsv:1: error no-source: has no column “fr”; begin the file with fr,en,es,kind,note, or name "
        "a table of two languages as in terms.fr-en.csv"
    )


def test_all_faults_of_a_file_are_found(tmp_path: Path) -> None:
    rows = {
        ",AI": "empty-term",
        "IA|I.A.,AI": "bar",
        "IA [f],AI": "brackets",
        "a,AI||A.I.": "empty-form",
        "b,|AI": "empty-form",
        "c,AI|": "empty-form",
        "d,[f]": "empty-form",
        "e,AI [f": "brackets",
        "f,AI f]": "brackets",
        "g,[f] AI": "brackets",
        "h,AI [f] [pl]": "brackets",
        "i,AI []": "grammar",
        "j,AI [fem]": "grammar",
        "k,AI [sg;pl]": "grammar",
        "l,AI|AI": "repeated-form",
        "m,AI,noun": "kind",
        "n,AI,,,more": "too-many-cells",
        "o,A\x07I": "unseen-character",
        "p,A\u200bI": "unseen-character",
        '"q\nr",AI': "line-break",
        's,"A" I': "no-csv",
    }
    termbase = read(tmp_path, a_csv="\n".join(["fr,en,kind,note", *rows, "fine,fine"]))
    assert [code for _, _, code in codes(termbase)] == list(rows.values())
    lines = list(range(2, 22))
    assert [line for line, _, _ in codes(termbase)] == [*lines, 23]  # the cell with a line break takes two lines
    assert [entry.term.text for entry in termbase.entries] == ["l", "fine"]


def test_a_quotation_mark_that_is_not_closed_is_named_where_it_opens(tmp_path: Path) -> None:
    assert codes(read(tmp_path, a_csv='fr,en\na,b\nIA,"AI\nc,d\n')) == [(3, "error", "no-csv")]


def test_columns(tmp_path: Path) -> None:
    termbase = read(tmp_path, a_csv="FR,en-GB,en-US,domain,de\nIA,AI,AI,tech,KI\n")
    assert codes(termbase) == [(1, "error", "duplicate-column"), (1, "warning", "unknown-column")]
    assert termbase.glossary.terms == (term("IA", en="AI", de="KI"),)


def test_a_cell_under_no_heading_is_named(tmp_path: Path) -> None:
    assert codes(read(tmp_path, a_csv="fr,en,,\nIA,AI,,\nb,c,d,\n")) == [(3, "error", "too-many-cells")]


def test_lines_that_are_not_utf8(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(b"fr,en\r\n\xe9l,a\r\nb,b\r\n\xe9,c\r\n")
    (tmp_path / "b.csv").write_bytes("fr,en\n".encode("utf-16"))
    assert codes(read_termbase(tmp_path)) == [
        (2, "error", "encoding"),
        (4, "error", "encoding"),
        (1, "error", "encoding"),
    ]


def test_notes_keep_their_lines(tmp_path: Path) -> None:
    (entry,) = read(tmp_path, a_csv='fr,en,es,note\r\nIA,,," one\r\ntwo\rthree "\r\n').entries
    assert entry.term.note == "one\ntwo\nthree"
    table = render_table((entry.term,), ",")
    assert read(tmp_path, a_csv=table).glossary.terms == (entry.term,)


def test_an_unreadable_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.csv").mkdir()
    (tmp_path / "b.csv").symlink_to("absent")
    os.mkfifo(tmp_path / "c.csv")
    assert codes(read_termbase(tmp_path)) == [(1, "error", "unreadable")] * 3


def test_a_finding_is_one_short_line_that_moves_no_cursor(tmp_path: Path) -> None:
    table = f'fr,en,kind,do\x1bm\nIA,AI [\x1b[31m],\x1b\nb,c,"no\nun"\nd,e [{"x" * 1000}],\n'
    shown = [str(finding) for finding in read(tmp_path, a_csv=table).findings]
    assert [finding.partition(": ")[2].partition(";")[0] for finding in shown] == [
        "warning unknown-column: the column “do?m” is not read",
        "error unseen-character: holds the control character 0x1b",
        "error unseen-character: holds the control character 0x1b",
        "error kind: unknown kind “no un”",
        f"error grammar: “[{'x' * 59}…” is no grammar",
    ]


def test_a_file_that_is_too_large_is_not_read(tmp_path: Path) -> None:
    with (tmp_path / "a.csv").open("wb") as file:
        file.truncate(50_000_001)
    assert codes(read_termbase(tmp_path)) == [(1, "error", "too-large")]


@pytest.mark.parametrize(
    ("first", "second", "code"),
    [
        ("puce,chip,,", "Puce,microchip,,", "conflict"),
        ("l'été,summer,,", "l’ÉTÉ,summertime,,", "conflict"),
        ("sous-marin,submarine,,", "sous\u2011marin,sub,,", "conflict"),
        ("puce,chip,,term", "puce,chip,,name", "conflict"),
        ("puce,chip|microchip,,", "puce,microchip|chip,,", "conflict"),
        ("puce,chip,,", "PUCE,chip,,", "duplicate-row"),
        ("Orange,Orange,,name", "orange,orange,,term", ""),
        ("puce,chip,,", "puce,,microchip,", ""),
    ],
)
def test_the_same_term_twice(tmp_path: Path, first: str, second: str, code: str) -> None:
    termbase = read(tmp_path, a_csv=f"fr,en,es,kind\n{first}\n{second}\n")
    severity = "warning" if code == "duplicate-row" else "error"
    assert codes(termbase) == ([(3, severity, code)] if code else [])


def test_files_of_two_languages_are_put_together(tmp_path: Path) -> None:
    termbase = read(
        tmp_path, a_fr__en_tsv="puce\tchip\nParis\tParis\n", b_fr__es_csv="puce,chip\n", c_csv="fr,kind\nParis,name\n"
    )
    assert termbase.findings == ()
    assert termbase.glossary.terms == (term("puce", en="chip", es="chip"), term("Paris", "name", en="Paris"))


def test_the_sample_glossary_is_exported_as_it_is() -> None:
    termbase = read_termbase(ROOT / "glossary")
    assert not [finding for finding in termbase.findings if finding.severity is Severity.ERROR]
    written = (ROOT / "glossary" / "terms.csv").read_text(encoding="utf-8")
    assert render_table(termbase.glossary.terms, ",") == written


def test_pairs_hold_preferred_forms_without_grammar() -> None:
    terms = (term("GPU", es="GPU [f,inv]|unidad gráfica"), term("Paris", "name"))
    assert render_pairs(terms, "es") == "GPU\tGPU\nParis\tParis\n"


def test_pairs_leave_out_what_the_glossary_says_nothing_of() -> None:
    assert render_pairs((term("puce", en="chip"), term("IA", en="AI", es="IA")), "es") == "IA\tIA\n"


@pytest.mark.parametrize("header", ["es,kind,fr,de,en", "kind,note,fr,en", "note,es,en,fr-FR,kind", "pos,kind,en,fr,,"])
def test_columns_stand_in_any_order(tmp_path: Path, header: str) -> None:
    row = {"fr": "puce", "fr-FR": "puce", "en": "chip", "kind": "name"}
    cells = ",".join(row.get(name, "") for name in header.split(","))
    (entry,) = read(tmp_path, a_csv=f"{header}\n{cells}\n").entries
    assert (entry.term.text, dict(entry.term.forms)["en"], entry.term.kind) == ("puce", (Form("chip"),), TermKind.NAME)


def test_a_cell_with_a_separator_that_is_not_quoted(tmp_path: Path) -> None:
    for table in ("fr,en,kind\nlogiciel,software [sg,inv]\n", "fr,en,es\nlogiciel,software [sg,inv]\n"):
        findings = read(tmp_path, a_csv=table).findings
        assert findings
        assert all(finding.hint.endswith("quote a cell that holds the separator") for finding in findings)


def test_conflict_markers_are_named(tmp_path: Path) -> None:
    table = "fr,en\nIA,AI\n<<<<<<< HEAD\npuce,chip\n=======\npuce,microchip\n>>>>>>> theirs\n"
    assert codes(read(tmp_path, a_csv=table)) == [(3, "error", "conflict-marker")]
