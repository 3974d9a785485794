"""`passerelle glossary check`, `suggest` and `export`."""

import csv
import io
import json
import os
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from pipeline.article import Kind
from pipeline.cli import main
from pipeline.glossary import Form, Glossary, Term, TermKind
from pipeline.segment import Segment
from pipeline.termbase import read_glossary
from pipeline.termbase.suggest import Sort, suggest_terms

ROOT = Path(__file__).parents[1]
SAMPLE = ROOT / "translations" / "russie-chine-ia" / "fr.txt"


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    (tmp_path / "glossary").mkdir()
    (tmp_path / "translations" / "note").mkdir(parents=True)
    (tmp_path / "translations" / "note" / "fr.txt").write_text("La puce est chère.\n", encoding="utf-8")
    return tmp_path


def run(workspace: Path, *arguments: str) -> Result:
    return CliRunner().invoke(main, ["glossary", *arguments, "--workspace", str(workspace)])


def check(workspace: Path, table: str, *arguments: str) -> list[tuple[int, str, str]]:
    (workspace / "glossary" / "a.csv").write_text(table, encoding="utf-8")
    result = run(workspace, "check", "--json", *arguments)
    findings = json.loads(result.stdout)["findings"]
    assert result.exit_code == int(any(finding["severity"] != "note" for finding in findings))
    return [(finding["line"], finding["severity"], finding["code"]) for finding in findings]


def test_a_sound_glossary_has_no_findings(workspace: Path) -> None:
    (workspace / "glossary" / "a.csv").write_text("fr,en,es\nPuce,chip,chip [m]\n", encoding="utf-8")
    result = run(workspace, "check")
    assert (result.exit_code, result.stdout) == (0, "1 term: 0 errors, 0 warnings, 0 notes\n")
    assert run(workspace / "translations", "check").stdout == "0 terms: 0 errors, 0 warnings, 0 notes\n"


def test_check_prints_one_line_a_finding(workspace: Path) -> None:
    path = workspace / "glossary" / "a.csv"
    path.write_text("fr,en,es,kind\npuce,chip,chip,\nIA,AI,IA,name\n,x,,\n", encoding="utf-8")
    result = run(workspace, "check")
    assert result.exit_code == 1
    assert result.stdout.splitlines() == [
        f"{path}:3: warning no-gender: the gender of “IA” is not known; write it in brackets, as in IA [f]",
        f"{path}:3: note unused: no article uses “IA”; check its spelling, or keep it for others",
        f"{path}:4: error empty-term: the cell “fr” is empty; write the French term or delete the row",
        "2 terms: 1 error, 1 warning, 1 note",
    ]


def test_a_file_with_an_odd_name_is_named_in_one_line(workspace: Path) -> None:
    path = os.fsencode(workspace / "glossary") + b"/\xff\n.csv"
    Path(os.fsdecode(path)).write_text("fr,en,es\n,x,y\n", encoding="utf-8")
    assert run(workspace, "check").stdout.splitlines()[0].partition(": ")[0].endswith("/glossary/\\udcff .csv:2")
    (finding,) = json.loads(run(workspace, "check", "--json").stdout_bytes)["findings"]
    assert finding["file"].endswith("/glossary/\\udcff .csv")


def test_check_looks_for_forms(workspace: Path) -> None:
    assert check(workspace, "fr,en,es\npuce,,chip\nchère,Chère,cara\n") == [
        (2, "note", "no-form"),
        (3, "note", "same-form"),
    ]


def test_a_file_without_a_language_is_named_once(workspace: Path) -> None:
    assert check(workspace, "fr,en\npuce,chip\nchère,expensive\n") == [(1, "warning", "no-language")]
    assert check(workspace, "fr,en\npuce,chip\nchère,expensive\n", "--to", "en") == []


def test_genders_that_nobody_can_tell(workspace: Path) -> None:
    rows = ["IA,AI,IA,name", "a,a,portavoz,term", "b,b,Sberbank,name", "c,c,torre|GPU,term", "d,d,GPU [f],name"]
    found = check(workspace, "\n".join(["fr,en,es,kind", *rows]))
    assert [finding for finding in found if finding[2] == "no-gender"] == [
        (2, "warning", "no-gender"),
        (3, "warning", "no-gender"),
        (5, "warning", "no-gender"),
    ]
    found = check(workspace, "\n".join(["fr,en,es,kind", *rows]), "--to", "en")
    assert not [finding for finding in found if finding[2] == "no-gender"]


def test_a_term_within_a_term(workspace: Path) -> None:
    rows = ["IA,AI,IA [f]", "l’IA générative,generative models,IA generativa [f]", "IA forte,strong AI,IA fuerte [f]"]
    found = check(workspace, "\n".join(["fr,en,es", *rows]))
    assert [finding for finding in found if finding[2] == "inner-term"] == [(3, "note", "inner-term")]


def test_an_article_that_cannot_be_read_is_a_finding(workspace: Path) -> None:
    (workspace / "translations" / "note" / "fr.txt").write_bytes(b"\xff\xfe")
    found = check(workspace, "fr,en,es\npuce,chip,chip\n")
    assert found == [(2, "note", "unused"), (1, "warning", "article")]


def test_the_sample_glossary_has_no_errors() -> None:
    result = CliRunner().invoke(main, ["glossary", "check", "--json", "--workspace", str(ROOT)])
    findings = json.loads(result.stdout)["findings"]
    assert [finding["message"] for finding in findings if finding["severity"] == "error"] == []
    assert [finding["message"] for finding in findings if finding["code"] == "unused"] == ["no article uses “GPU”"]


@pytest.mark.parametrize("shape", ["csv", "tsv", "tbx"])
def test_an_export_is_read_as_the_same_glossary(workspace: Path, shape: str) -> None:
    path = workspace / "glossary" / f"copy.{shape}"
    result = CliRunner().invoke(
        main, ["glossary", "export", "--format", shape, "-o", str(path), "--workspace", str(ROOT)]
    )
    assert (result.exit_code, result.output) == (0, "")
    assert read_glossary(workspace / "glossary") == read_glossary(ROOT / "glossary")
    printed = CliRunner().invoke(main, ["glossary", "export", "--format", shape, "--workspace", str(ROOT)])
    assert printed.stdout_bytes == path.read_bytes()


def test_further_languages_are_exported(workspace: Path) -> None:
    (workspace / "glossary" / "a.csv").write_text("note;de;FR\nx;KI;IA\n", encoding="utf-8")
    assert run(workspace, "export").stdout == "fr,de,kind,note\nIA,KI,term,x\n"


def test_a_table_tells_of_terms_that_it_says_more_of(workspace: Path) -> None:
    (workspace / "glossary" / "a.csv").write_text("fr,en\nIA,AI\npuce,chip\n", encoding="utf-8")
    (workspace / "glossary" / "b.csv").write_text("fr,es\nIA,IA\n", encoding="utf-8")
    result = run(workspace, "export")
    assert result.stdout == "fr,en,es,kind,note\nIA,AI,IA,term,\npuce,chip,,term,\n"
    assert result.stderr.startswith("passerelle: warning: “puce” (1 in all) keeps its French form")
    assert run(workspace, "export", "--format", "tbx").stderr == ""


def test_export_for_deepl_names_its_language(workspace: Path) -> None:
    (workspace / "glossary" / "a.csv").write_text('fr,es\nIA,"IA [f]|I. A."\n', encoding="utf-8")
    assert run(workspace, "export", "--format", "deepl", "--to", "es").stdout == "IA\tIA\n"
    assert run(workspace, "export", "--format", "deepl").exit_code == 2
    assert run(workspace, "export", "--to", "es").exit_code == 2
    assert run(workspace, "export", "--format", "deepl", "--to", "fr").exit_code == 1


def test_a_glossary_with_errors_is_not_exported(workspace: Path) -> None:
    (workspace / "glossary" / "a.csv").write_text("fr,es\n,IA\n", encoding="utf-8")
    result = run(workspace, "export", "-o", str(workspace / "out.csv"))
    assert (result.exit_code, result.stdout) == (1, "")
    assert not (workspace / "out.csv").exists()


def test_an_export_makes_no_folder(workspace: Path) -> None:
    result = run(workspace, "export", "-o", str(workspace / "absent" / "x.csv"))
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.endswith("absent: no such folder; create it, or name another file\n")
    assert not (workspace / "absent").exists()
    assert run(workspace, "export", "-o", "-").stdout == run(workspace, "export").stdout


def suggest(*texts: str, glossary: Glossary | None = None) -> list[tuple[str, Sort, int]]:
    segments = [Segment(0, Kind.PARAGRAPH, text, 1, "") for text in texts]
    return [(s.text, s.sort, s.count) for s in suggest_terms(segments, glossary or Glossary())]


def test_names_and_acronyms() -> None:
    assert suggest(
        "Malgré la crise, Vladimir Poutine et le PDG d’Airbus visitent la Côte d’Ivoire au XXI siècle.",
        "Étonnant : l’OTAN et l'OTAN.",
        "Poutine signe avec le Conseil de l’Europe.",
        "James Lewis parle de Poutine ; Lundi aussi.",
    ) == [
        ("Poutine", Sort.NAME, 2),
        ("Airbus", Sort.NAME, 1),
        ("Conseil de l’Europe", Sort.NAME, 1),
        ("Côte d’Ivoire", Sort.NAME, 1),
        ("James Lewis", Sort.NAME, 1),
        ("Vladimir Poutine", Sort.NAME, 1),
        ("OTAN", Sort.ACRONYM, 2),
        ("PDG", Sort.ACRONYM, 1),
    ]


def test_phrases_recur_and_parts_of_one_longer_phrase_are_none() -> None:
    assert suggest(
        "Les unités de traitement graphique coûtent cher.",
        "Une unité de traitement graphique est une unité rare.",
        "Le traitement graphique avance et la puce avance.",
    ) == [("traitement graphique", Sort.PHRASE, 3), ("unités de traitement graphique", Sort.PHRASE, 2)]


def test_phrases_hold_no_conjugated_verb() -> None:
    assert suggest(
        "Les sous-marins chinois avancent, et les prix élevés permettent peu.",
        "Les sous-marins chinois avancent encore ; des prix élevés permettent tout.",
    ) == [("prix élevés", Sort.PHRASE, 2), ("sous-marins chinois", Sort.PHRASE, 2)]


def test_what_has_a_row_is_no_suggestion() -> None:
    glossary = Glossary((Term("Côte d’Ivoire", TermKind.NAME, (("en", (Form("Ivory Coast"),)),)),))
    assert suggest("Il va en Côte d’Ivoire et au Mali.", glossary=glossary) == [("Mali", Sort.NAME, 1)]


def test_suggestions_of_the_sample(tmp_path: Path) -> None:
    result = CliRunner().invoke(main, ["glossary", "suggest", str(SAMPLE), "--workspace", str(tmp_path)])
    header, *rows = csv.reader(io.StringIO(result.stdout))
    assert header == ["fr", "en", "es", "kind", "note"]
    assert rows[0] == [
        "Russie", "", "", "name", "12 ×: La Russie, sous l’impulsion de Vladimir Poutine,…",
    ]  # fmt: skip
    names = {row[0] for row in rows if row[3] == "name"}
    known = {term.text for term in read_glossary(ROOT / "glossary").terms if term.kind is TermKind.NAME}
    # The article spells GPU out, and names the game with its series.
    assert known - names == {"GPU", "Forza Horizon 5"}
    assert names - known == {"Forza Horizon 5 Série 40", "État"}
    (tmp_path / "glossary").mkdir()
    (tmp_path / "glossary" / "pasted.csv").write_text(result.stdout, encoding="utf-8")
    again = CliRunner().invoke(main, ["glossary", "suggest", str(SAMPLE), "--workspace", str(tmp_path)])
    assert again.stdout == "fr,en,es,kind,note\n"


def test_an_article_is_named_by_its_folder_too(workspace: Path) -> None:
    (workspace / "translations" / "note" / "fr.txt").write_text("Le Mali et le Mali.\n", encoding="utf-8")
    (row,) = json.loads(run(workspace, "suggest", "note", "--json").stdout)
    assert row == {"text": "Mali", "sort": "name", "kind": "name", "count": 2, "context": "Le Mali et le Mali."}
    result = run(workspace, "suggest", "absent")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.startswith("passerelle: error: absent: no such file")
