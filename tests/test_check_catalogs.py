"""`passerelle check`: where a problem is, whose text it is in, what silences it, and the three forms of output."""

import json
import os
import time
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from click.testing import CliRunner, Result

from pipeline.checks import check_text
from pipeline.cli import main
from pipeline.ledger import DraftRecord, Ledger, digest_draft

HEADER = 'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=UTF-8\\n"\n\n'
WRONG = 'msgid "Il y a 3 chats."\nmsgstr "There are 4 cats."\n'
OTHER = WRONG.replace("chats", "rats")
RIGHT = 'msgid "Il y a 3 chats."\nmsgstr "There are 3 cats."\n'


def write_catalog(workspace: Path, article: str, text: str, language: str = "en") -> Path:
    path = workspace / "translations" / article / f"{language}.po"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(HEADER + text, encoding="utf-8")
    return path


def check(workspace: Path, *arguments: str) -> Result:
    return CliRunner().invoke(main, ["check", "--workspace", str(workspace), *arguments])


def findings(workspace: Path, *arguments: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(check(workspace, "--json", *arguments).stdout)["findings"]
    return found


def test_a_problem_is_a_line_with_its_place(tmp_path: Path) -> None:
    path = write_catalog(tmp_path, "a", f"# Un commentaire.\n#. title\n{WRONG}")
    result = check(tmp_path)
    assert result.stdout == f"{path}:8: error number: “3” became “4”\n"
    assert result.exit_code == 1
    assert path.read_text(encoding="utf-8").split("\n")[7].startswith("msgstr")


def test_good_catalogs_and_notes_exit_0(tmp_path: Path) -> None:
    write_catalog(tmp_path, "a", RIGHT)
    assert (check(tmp_path).stdout, check(tmp_path).exit_code) == ("", 0)
    write_catalog(tmp_path, "b", 'msgid "Fini !"\nmsgstr "Finished."\n')
    result = check(tmp_path)
    assert "note ending" in result.stdout
    assert result.exit_code == 0


def test_articles_and_languages_are_chosen(tmp_path: Path) -> None:
    write_catalog(tmp_path, "a", WRONG)
    write_catalog(tmp_path, "b", WRONG)
    write_catalog(tmp_path, "b", WRONG, "es")
    assert {(f["article"], f["language"]) for f in findings(tmp_path)} == {("a", "en"), ("b", "en"), ("b", "es")}
    assert {(f["article"], f["language"]) for f in findings(tmp_path, "b", "--to", "en")} == {("b", "en")}
    folder = tmp_path / "translations" / "a"
    assert {f["article"] for f in findings(tmp_path, str(folder))} == {"a"}
    assert {f["article"] for f in findings(tmp_path, str(folder / "fr.txt"))} == {"a"}


def test_an_article_or_language_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    write_catalog(tmp_path, "a", RIGHT)
    for arguments, words in ((["c"], "c: has no catalog"), (["--to", "it"], "no catalog in “it”")):
        result = check(tmp_path, *arguments)
        assert result.exit_code == 1
        assert words in result.stderr


def test_a_comment_silences_a_code_of_its_entry_alone(tmp_path: Path) -> None:
    path = write_catalog(
        tmp_path, "a", f"# passerelle: ignore ending, number\n{WRONG}\n{WRONG.replace('chats', 'rats')}"
    )
    assert [f["line"] for f in findings(tmp_path)] == [10]
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    assert [f["line"] for f in findings(tmp_path)] == [10]


def test_a_comment_is_read_as_people_write_it_and_a_code_that_is_none_is_told(tmp_path: Path) -> None:
    write_catalog(tmp_path, "a", f"# Passerelle : ignore Number\n{WRONG}")
    assert findings(tmp_path) == []
    write_catalog(tmp_path, "a", f"# passerelle: ignore nmber\n{WRONG}")
    assert [(f["severity"], f["code"]) for f in findings(tmp_path)] == [("error", "number"), ("note", "ignore")]
    assert findings(tmp_path)[1]["message"] == "“nmber”: no such code"


def test_drafts_are_told_from_a_persons_texts(tmp_path: Path) -> None:
    entries = [WRONG, WRONG.replace("chats", "rats"), 'msgid "Rien."\nmsgstr ""\n']
    path = write_catalog(tmp_path, "a", "#, fuzzy\n" + "\n#, fuzzy\n".join(entries[:2]) + "\n" + entries[2])
    record = DraftRecord(digest_draft("en", "Il y a 3 chats.", "There are 4 cats."), "apertium", 1.0)
    (path.parent / "drafts.tsv").write_bytes(Ledger((record,)).render())
    assert [(f["code"], f["author"]) for f in findings(tmp_path)] == [
        ("number", "draft"),
        ("number", "person"),
        ("empty", "nobody"),
    ]


def test_what_publishes_nothing_or_is_obsolete_is_passed_over(tmp_path: Path) -> None:
    obsolete = "".join(f"#~ {line}\n" for line in WRONG.splitlines())
    write_catalog(tmp_path, "a", f'msgid "Un chat."\nmsgstr "<empty>"\n\n{obsolete}')
    assert check(tmp_path).stdout == ""


def test_a_pin_of_the_glossary_is_checked(tmp_path: Path) -> None:
    (tmp_path / "glossary").mkdir()
    (tmp_path / "glossary" / "terms.csv").write_text("fr,en,kind\nchat,tomcat,term\n", encoding="utf-8")
    write_catalog(tmp_path, "a", RIGHT)
    assert [(f["severity"], f["code"]) for f in findings(tmp_path)] == [("error", "pin")]


def test_one_source_reviewed_in_two_ways_is_found_across_articles(tmp_path: Path) -> None:
    write_catalog(tmp_path, "a", RIGHT)
    write_catalog(tmp_path, "b", RIGHT.replace("There are", "You see"))
    write_catalog(tmp_path, "c", "#, fuzzy\n" + RIGHT.replace("There are", "We have"))
    found = findings(tmp_path)
    assert [(f["article"], f["severity"], f["code"]) for f in found] == [
        ("a", "warning", "inconsistent"),
        ("b", "warning", "inconsistent"),
    ]
    assert found[0]["message"] == "translations/b/en.po:6 translates the same source in another way"
    assert [f["article"] for f in findings(tmp_path, "a")] == ["a"]
    # A person who gave it a context of its own may have meant it.
    write_catalog(tmp_path, "b", 'msgctxt "Titre"\n' + RIGHT.replace("There are", "You see"))
    assert {f["severity"] for f in findings(tmp_path)} == {"note"}


def test_a_broken_catalog_names_itself_and_stops_nothing(tmp_path: Path) -> None:
    broken = write_catalog(tmp_path, "a", "<<<<<<< HEAD\n")
    write_catalog(tmp_path, "b", WRONG)
    result = check(tmp_path)
    assert f"{broken}:5: has conflict markers" in result.stderr
    assert "error number" in result.stdout
    write_catalog(tmp_path, "b", RIGHT)
    assert check(tmp_path).exit_code == 1
    assert [e["message"] for e in json.loads(check(tmp_path, "--json").stdout)["errors"]] == [
        f"{broken}:5: has conflict markers"
    ]


def test_sarif_has_what_its_standard_requires(tmp_path: Path) -> None:
    path = write_catalog(tmp_path, "été chaud", WRONG)
    broken = write_catalog(tmp_path, "b", "<<<<<<< HEAD\n")
    first, second = tmp_path / "one.sarif", tmp_path / "two.sarif"
    for file in (first, second):
        assert check(tmp_path, "--sarif", str(file)).exit_code == 1
    assert first.read_bytes() == second.read_bytes()
    assert str(tmp_path) not in first.read_text(encoding="utf-8")
    log = json.loads(first.read_text(encoding="utf-8"))
    # What the schema requires, and what GitHub and GitLab read.
    assert log["version"] == "2.1.0"
    assert log["$schema"].endswith("sarif-schema-2.1.0.json")
    (run,) = log["runs"]
    driver = run["tool"]["driver"]
    assert driver["name"] == "passerelle"
    assert all(rule["id"] and rule["shortDescription"]["text"] for rule in driver["rules"])
    assert len({rule["id"] for rule in driver["rules"]}) == len(driver["rules"])
    (invocation,) = run["invocations"]
    assert invocation["executionSuccessful"] is False
    (notification,) = invocation["toolExecutionNotifications"]
    assert notification["level"] == "error"
    assert notification["message"]["text"].startswith(f"{broken.relative_to(tmp_path)}:5: has conflict markers")
    (result,) = run["results"]
    assert result["level"] in {"none", "note", "warning", "error"}
    assert driver["rules"][result["ruleIndex"]]["id"] == result["ruleId"] == "number"
    assert result["message"]["text"] == "“3” became “4”"
    (location,) = result["locations"]
    artifact = location["physicalLocation"]["artifactLocation"]
    assert unquote(artifact["uri"]) == path.relative_to(tmp_path).as_posix()
    assert " " not in artifact["uri"]
    assert artifact["uri"].isascii()
    assert artifact["uriBaseId"] == "%SRCROOT%"
    assert location["physicalLocation"]["region"] == {"startLine": 6}


def test_a_message_stays_on_its_line(tmp_path: Path) -> None:
    write_catalog(tmp_path, "a", 'msgid "Voir `a\\nb`."\nmsgstr "See it."\n')
    assert all(line.startswith(str(tmp_path)) for line in check(tmp_path).stdout.splitlines())


def test_a_hundred_articles_take_seconds(tmp_path: Path) -> None:
    sample = (Path(__file__).parents[1] / "translations" / "russie-chine-ia" / "en.po").read_bytes()
    for number in range(100):
        path = write_catalog(tmp_path, f"article-{number}", "")
        path.write_bytes(sample)
    check_text("Un chat.", "A cat.", "en")
    begun = time.process_time()
    check(tmp_path)
    assert time.process_time() - begun < 30


def test_an_article_may_have_a_dot_in_its_name_and_some_folders_are_none(tmp_path: Path) -> None:
    for name in ("v1.2", "memory", ".hidden"):
        write_catalog(tmp_path, name, WRONG)
    folder = tmp_path / "translations" / "v1.2"
    for arguments in ([], ["v1.2"], [str(folder)], [f"{folder}/"], [str(folder / "fr.txt")]):
        assert [f["article"] for f in findings(tmp_path, *arguments)] == ["v1.2"]
    assert "memory: has no catalog" in check(tmp_path, "memory").stderr


def test_a_folder_whose_name_is_no_text(tmp_path: Path) -> None:
    name = os.fsdecode(b"caf\xe9\n")
    write_catalog(tmp_path, name, WRONG)
    write_catalog(tmp_path, name, "<<<<<<< HEAD\n", "es")
    (line,) = check(tmp_path).stdout.splitlines()
    assert line.endswith("caf\\udce9 /en.po:6: error number: “3” became “4”")
    assert [f["article"] for f in findings(tmp_path)] == ["caf\\udce9 "]
    (run,) = json.loads(check(tmp_path, "--sarif", "-").stdout)["runs"]
    (location,) = run["results"][0]["locations"]
    assert location["physicalLocation"]["artifactLocation"]["uri"] == "translations/caf%E9%0A/en.po"


def test_where_sarif_goes(tmp_path: Path) -> None:
    write_catalog(tmp_path, "a", WRONG)
    assert json.loads(check(tmp_path, "--sarif", "-").stdout)["version"] == "2.1.0"
    assert check(tmp_path, "--sarif", "-", "--json").exit_code == 2
    result = check(tmp_path, "--sarif", str(tmp_path / "absent" / "x.sarif"))
    assert result.exit_code == 1
    assert result.stderr == f"passerelle: error: {tmp_path}/absent: no such folder; create it, or name another file\n"
    assert not (tmp_path / "absent").exists()
