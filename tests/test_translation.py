"""The whole path with real engines: articles in, catalogs and pages out, whatever is in the way."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path
from shutil import copytree, rmtree

import pytest
from click.testing import CliRunner, Result

from pipeline.catalog import parse_catalog
from pipeline.cli import main

ROOT = Path(__file__).parents[1]
SAMPLE = "russie-chine-ia"
SHORT = "Le titre\n\nLe chat dort. La maison est grande.\n\n- Le chien mange.\n"


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments], catch_exceptions=False)


def translate(workspace: Path, *arguments: str | Path) -> Result:
    return run("translate", "--workspace", workspace, "--engine", "apertium", *arguments)


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def contents(workspace: Path) -> dict[str, bytes]:
    return {str(p.relative_to(workspace)): p.read_bytes() for p in sorted(workspace.rglob("*")) if p.is_file()}


def fresh_sample(workspace: Path) -> Path:
    """Put the sample article and its glossary into a workspace; return the source."""
    copytree(ROOT / "glossary", workspace / "glossary")
    source = workspace / "translations" / SAMPLE / "fr.txt"
    source.parent.mkdir(parents=True)
    source.write_bytes((ROOT / "translations" / SAMPLE / "fr.txt").read_bytes())
    return source


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a workspace where the sample article was translated; to be read only."""
    workspace = tmp_path_factory.mktemp("sample")
    source = fresh_sample(workspace)
    result = translate(workspace, source)
    assert (result.exit_code, result.stderr) == (0, "")
    return workspace


@pytest.fixture
def workspace(sample: Path, tmp_path: Path) -> Path:
    """Return a copy of the translated sample, to be changed."""
    return copytree(sample, tmp_path / "workspace")


def test_the_sample_has_all_its_files(sample: Path) -> None:
    catalogs = {p.name for p in (sample / "translations" / SAMPLE).iterdir()}
    assert catalogs == {"fr.txt", f"{SAMPLE}.pot", "en.po", "es.po", "drafts.tsv"}
    pages = {p.name for p in (sample / "out" / "drafts" / SAMPLE).iterdir()}
    assert pages == {
        *("fr.html", "en.html", "es.html", "aligned.html", "en.md", "es.md", "aligned.tsv"),
        *(f"{SAMPLE}.tmx", f"{SAMPLE}.drafts.tmx"),
    }


def test_articles_with_markup_are_written_in_their_own_format(tmp_path: Path) -> None:
    markdown = "---\nlang: fr\n---\n\n# Le titre\n\nLe chat dort.\n\n```\nun chat\n```\n"
    page = (
        '<!doctype html>\n<html lang="fr"><title>Site</title><h1>Le titre</h1><p class="a">Le chat dort.</p></html>\n'
    )
    sources = [write(tmp_path / "src" / "billet.markdown", markdown), write(tmp_path / "src" / "page.htm", page)]
    assert translate(tmp_path, "--to", "es", *sources).exit_code == 0
    folders = {name: tmp_path / "translations" / name for name in ("billet", "page")}
    assert (folders["billet"] / "fr.md").read_text(encoding="utf-8") == markdown
    assert (folders["page"] / "fr.html").read_text(encoding="utf-8") == page
    assert "#: fr.md\n" in (folders["billet"] / "es.po").read_text(encoding="utf-8")
    drafts = tmp_path / "out" / "drafts"
    written = markdown.replace("lang: fr", "lang: es").replace("Le titre", "El título")
    assert (drafts / "billet" / "es.md").read_text(encoding="utf-8") == written.replace(
        "Le chat dort", "El gato duerme"
    )
    written = page.replace('lang="fr"', 'lang="es"').replace("Le titre", "El título").replace("Site", "Website")
    assert (drafts / "page" / "es.page.html").read_text(encoding="utf-8") == written.replace(
        "Le chat dort", "El gato duerme"
    )
    assert "es.md" not in {path.name for path in (drafts / "page").iterdir()}
    # Called by name, nothing changes; what reads sources finds them.
    assert "nothing changed" in translate(tmp_path, "--to", "es", "billet", "page").stdout
    for command in (("status",), ("check",), ("rename", "billet", "note"), ("publish", "--draft")):
        result = run(*command, "--workspace", tmp_path)
        assert (result.exit_code, result.stderr.replace("passerelle: warning: no base_url", "")[:1]) in {
            (0, ""),
            (0, " "),
        }
    assert "El gato duerme" in (tmp_path / "out" / "site" / "note" / "es.html").read_text(encoding="utf-8")


def test_what_is_left_of_another_format_is_named_and_stays(tmp_path: Path) -> None:
    source = write(tmp_path / "translations" / "note" / "fr.txt", "Le chat dort.\n")
    assert translate(tmp_path, "--to", "es", source).exit_code == 0
    old = tmp_path / "out" / "drafts" / "note" / "es.md"
    before = old.read_bytes()
    source.unlink()
    source = write(source.with_suffix(".html"), "<p>Le chat dort.</p>\n")
    for _ in range(2):
        result = translate(tmp_path, "--to", "es", source)
        assert result.exit_code == 0
        assert f"warning: {old}: is left from another format of the article; delete it\n" in result.stderr
    assert old.read_bytes() == before
    old.unlink()
    assert translate(tmp_path, "--to", "es", source).stderr == ""


@pytest.mark.parametrize("name", ["en.po", "es.po"])
def test_gettext_accepts_the_catalogs(sample: Path, name: str) -> None:
    path = sample / "translations" / SAMPLE / name
    check = subprocess.run(["msgfmt", "--check", "-o", "/dev/null", path], capture_output=True, text=True, check=False)
    assert (check.returncode, check.stderr) == (0, "")


def test_every_word_of_the_source_is_in_the_catalogs(sample: Path) -> None:
    folder = sample / "translations" / SAMPLE
    source = (folder / "fr.txt").read_text(encoding="utf-8")
    msgids = [entry.msgid for entry in parse_catalog((folder / "es.po").read_bytes(), folder).entries[1:]]
    words = " ".join(source.replace("•", " ").replace(" – ", " ").replace(" #\n", " ").split())
    assert " ".join(msgids).split() == words.split()


def test_entries_follow_the_conventions(sample: Path) -> None:
    text = (sample / "translations" / SAMPLE / "es.po").read_text(encoding="utf-8")
    assert "#. Un contexte de sanctions et de défis économiques › paragraph\n" in text
    assert "#. term: unités de traitement graphique = unidades de procesamiento gráfico | GPU\n" in text
    assert "#. draft: apertium fr→es " in text
    assert "#: fr.txt\n#, fuzzy\nmsgid" in text


def test_the_second_run_changes_no_byte(workspace: Path) -> None:
    before = contents(workspace)
    result = translate(workspace, workspace / "translations" / SAMPLE / "fr.txt", "--json")
    assert json.loads(result.stdout)["articles"][0]["changed"] == []
    assert contents(workspace) == before


def test_another_place_gives_the_same_bytes(sample: Path, tmp_path: Path) -> None:
    source = fresh_sample(tmp_path)
    translate(tmp_path, source)
    assert contents(tmp_path) == contents(sample)


def test_without_any_network_the_bytes_are_the_same(sample: Path, tmp_path: Path) -> None:
    isolated = ["unshare", "--map-root-user", "--net"]
    if subprocess.run([*isolated, "true"], capture_output=True, check=False).returncode:
        pytest.skip("this machine allows no network namespaces (unshare --net)")
    source = fresh_sample(tmp_path)
    command = [*isolated, sys.executable, "-m", "pipeline", "translate", "--engine", "apertium", str(source)]
    subprocess.run(command, cwd=tmp_path, check=True, stdout=subprocess.DEVNULL)
    assert contents(tmp_path) == contents(sample)


def test_no_text_of_a_person_is_touched(workspace: Path) -> None:
    source = workspace / "translations" / SAMPLE / "fr.txt"
    path = source.with_name("es.po")
    lines = path.read_text(encoding="utf-8").split("\n")
    at = lines.index('msgid "Utilisation de l’IA dans le domaine militaire"')
    lines[at - 1 : at + 2] = [lines[at], 'msgstr "La IA en lo militar"']  # reviewed
    at = lines.index('msgid "Partagez votre avis"')
    lines[at + 1] = 'msgstr "Opine"'  # touched, still fuzzy
    path.write_text("\n".join(lines), encoding="utf-8")
    write(workspace / "glossary" / "more.csv", "fr,en,es,kind\navis,opinion,parecer,term\n")
    counts = json.loads(translate(workspace, source, "--json").stdout)["articles"][0]["languages"][1]
    assert (counts["reviewed"], counts["touched"]) == (1, 1)
    entries = {entry.msgid: entry for entry in parse_catalog(path.read_bytes(), path).entries}
    assert entries["Utilisation de l’IA dans le domaine militaire"].msgstr == "La IA en lo militar"
    assert entries["Partagez votre avis"].msgstr == "Opine"
    assert "Opine" in (workspace / "out" / "drafts" / SAMPLE / "es.html").read_text(encoding="utf-8")


def test_a_sentence_that_goes_and_comes_back(tmp_path: Path) -> None:
    source = write(tmp_path / "note.txt", SHORT)
    translate(tmp_path, source, "--to", "es")
    path = tmp_path / "translations" / "note" / "es.po"
    reviewed = path.read_text(encoding="utf-8").replace('#, fuzzy\nmsgid "La maison', 'msgid "La maison')
    path.write_text(reviewed, encoding="utf-8")
    translate(tmp_path, source, "--to", "es")
    before = path.read_bytes()
    translate(tmp_path, write(source, SHORT.replace(" La maison est grande.", "")), "--to", "es")
    assert '#~ msgid "La maison est grande."' in path.read_text(encoding="utf-8")
    translate(tmp_path, write(source, SHORT), "--to", "es")
    assert path.read_bytes() == before


def test_bad_articles_stop_no_other(tmp_path: Path) -> None:
    good = [write(tmp_path / name / f"{name}.txt", SHORT) for name in ("un", "deux")]
    bad = [write(tmp_path / "vide.txt", ""), tmp_path / "absent.txt", tmp_path / "un"]
    result = translate(tmp_path, good[0], *bad, good[1])
    assert result.exit_code == 1
    assert [line.split(": ")[2] for line in result.stderr.splitlines()] == [str(path) for path in bad]
    for name in ("un", "deux"):
        assert (tmp_path / "out" / "drafts" / name / "aligned.html").exists()


def test_a_broken_catalog_is_named_and_left_alone(workspace: Path) -> None:
    source = workspace / "translations" / SAMPLE / "fr.txt"
    broken = source.with_name("es.po")
    text = broken.read_text(encoding="utf-8").replace('msgid "Partagez', '<<<<<<< HEAD\nmsgid "Partagez')
    broken.write_text(text, encoding="utf-8")
    source.with_name("en.po").unlink()
    result = translate(workspace, source)
    assert result.exit_code == 1
    assert "es.po:" in result.stderr
    assert "has conflict markers; resolve the merge, then run again" in result.stderr
    assert broken.read_text(encoding="utf-8") == text
    assert source.with_name("en.po").exists()


@pytest.mark.parametrize(("garbage", "fault"), [(b"\xff\xfeq\n", "is not UTF-8"), (b"x\n", "is no record of a draft")])
def test_a_ledger_that_cannot_be_read_costs_nothing(workspace: Path, garbage: bytes, fault: str) -> None:
    source = workspace / "translations" / SAMPLE / "fr.txt"
    ledger = source.with_name("drafts.tsv")
    before, whole = contents(workspace), ledger.read_bytes()
    ledger.write_bytes(garbage + whole)
    text = source.read_text(encoding="utf-8")
    source.write_text(text + "\n\nLe chat dort.\n", encoding="utf-8")
    result = translate(workspace, source)
    (warning,) = result.stderr.splitlines()
    assert warning.startswith(f"passerelle: warning: {ledger}:1: {fault}; restore it; until then nothing is drafted")
    assert "41 touched, 1 empty" in result.stdout
    assert ledger.read_bytes() == garbage + whole
    ledger.write_bytes(whole)
    source.write_text(text, encoding="utf-8")
    assert translate(workspace, source).stderr == ""
    assert contents(workspace) == before


def test_a_language_that_is_not_drafted_stays_on_the_pages(workspace: Path) -> None:
    source, pages = workspace / "translations" / SAMPLE / "fr.txt", workspace / "out" / "drafts" / SAMPLE
    before = contents(workspace)
    assert translate(workspace, source, "--to", "es").exit_code == 0
    assert contents(workspace) == before
    broken = source.with_name("en.po")
    broken.write_text("<<<<<<< HEAD\n" + broken.read_text(encoding="utf-8"), encoding="utf-8")
    write(workspace / "glossary" / "more.csv", "fr,en,es,kind\navis,opinion,opinión,term\n")
    result = translate(workspace, source, "--to", "es")
    assert result.exit_code == 1
    assert "en.po:1: has conflict markers" in result.stderr
    assert "opinión" in source.with_name("es.po").read_text(encoding="utf-8")
    assert (pages / "aligned.html").read_bytes() == before[f"out/drafts/{SAMPLE}/aligned.html"]


def test_an_empty_catalog_in_the_way_gets_a_header(tmp_path: Path) -> None:
    path = write(tmp_path / "translations" / "note" / "es.po", "")
    translate(tmp_path, write(tmp_path / "note.txt", SHORT), "--to", "es")
    subprocess.run(["msgfmt", "--check", "-o", "/dev/null", path], check=True)


def test_a_folder_name_that_is_no_text_and_the_same_file_twice(tmp_path: Path) -> None:
    folder = tmp_path / os.fsdecode(b"caf\xe9")
    source = write(folder / "note.txt", SHORT)
    result = translate(tmp_path, source, folder / ".." / folder.name / "note.txt", "--to", "es")
    assert (result.exit_code, result.stderr) == (0, "")


def test_odd_paths_stop_no_other(tmp_path: Path) -> None:
    (tmp_path / "translations" / "un" / "fr.txt").mkdir(parents=True)
    bad = [write(tmp_path / "un.txt", SHORT), tmp_path / ("x" * 300), Path("/dev/null")]
    result = translate(tmp_path, *bad, write(tmp_path / "deux.txt", SHORT), "--to", "es")
    assert result.exit_code == 1
    assert len(result.stderr.splitlines()) == 3
    assert (tmp_path / "translations" / "deux" / "es.po").exists()


def test_a_pair_without_an_engine_stops_no_other(tmp_path: Path) -> None:
    result = translate(tmp_path, write(tmp_path / "note.txt", SHORT), "--to", "de", "--to", "es")
    assert result.exit_code == 1
    assert len(result.stderr.splitlines()) == 1
    assert (tmp_path / "translations" / "note" / "es.po").exists()


def test_a_name_taken_from_elsewhere_is_refused(tmp_path: Path) -> None:
    translate(tmp_path, write(tmp_path / "a" / "note.txt", SHORT), "--to", "es")
    other = write(tmp_path / "b" / "note.txt", "Autre chose.\n")
    result = translate(tmp_path, other, "--to", "es")
    assert result.exit_code == 1
    assert "is another article of this name; choose another name with --name" in result.stderr
    assert translate(tmp_path, other, "--to", "es", "--name", "autre").exit_code == 0
    # The same file is the same article, whatever it says now.
    assert translate(tmp_path, write(tmp_path / "a" / "note.txt", "Du neuf.\n"), "--to", "es").exit_code == 0
    assert (tmp_path / "translations" / "note" / "fr.txt").read_text(encoding="utf-8") == "Du neuf.\n"


def test_a_copy_elsewhere_does_not_take_the_name(tmp_path: Path) -> None:
    source, copy = write(tmp_path / "x.txt", SHORT), write(tmp_path / "autre" / "x.txt", SHORT)
    assert translate(tmp_path, source).exit_code == 0
    before = contents(tmp_path)
    assert "nothing changed" in translate(tmp_path, copy).stdout
    assert contents(tmp_path) == before
    write(copy, SHORT + "\nUn autre texte.\n")
    result = translate(tmp_path, copy)
    assert "is another article of this name" in result.stderr
    write(source, SHORT + "\nUne suite.\n")
    assert translate(tmp_path, source).exit_code == 0
    # A file that was moved is the same article.
    source.rename(copy)
    assert translate(tmp_path, copy).exit_code == 0
    write(copy, SHORT)
    assert translate(tmp_path, copy).exit_code == 0


def test_two_articles_of_one_run_with_one_name(tmp_path: Path) -> None:
    paths = [write(tmp_path / folder / "note.txt", f"La note {folder}.\n") for folder in "ab"]
    result = translate(tmp_path, *paths, "--to", "es")
    assert "another article of this run is called note" in result.stderr
    assert (tmp_path / "translations" / "note" / "fr.txt").read_text(encoding="utf-8") == "La note a.\n"


def test_a_spanish_article_warns_and_goes_on(tmp_path: Path) -> None:
    text = "Esta es la historia de una casa en la que no vive nadie y de la gente que pasa por ella todos los días, "
    result = translate(tmp_path, write(tmp_path / "nota.txt", text + "pero sin entrar en la casa.\n"), "--to", "es")
    assert result.exit_code == 0
    assert "nota.txt: looks like “es”, not French; translated all the same" in result.stderr


def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    write(tmp_path / "out", "in the way")
    result = translate(tmp_path, write(tmp_path / "note.txt", SHORT), "--to", "es")
    assert result.exit_code == 1
    assert "not a directory" in result.stderr
    assert (tmp_path / "translations" / "note" / "es.po").exists()


def test_a_line_of_a_megabyte(tmp_path: Path) -> None:
    sentences = [f"La phrase numéro {number} est courte." for number in range(30_000)]
    result = translate(tmp_path, write(tmp_path / "long.txt", " ".join(sentences)), "--to", "es", "--json")
    assert json.loads(result.stdout)["articles"][0]["languages"][0]["drafts"] == len(sentences)


def test_kill_9_while_files_are_written_leaves_them_whole(tmp_path: Path, sample: Path) -> None:
    chance = random.Random(20261123)  # noqa: S311
    source = fresh_sample(tmp_path)
    folder, pages = source.parent, tmp_path / "out" / "drafts" / SAMPLE
    command = [sys.executable, "-m", "pipeline", "translate", "--engine", "apertium", str(source)]
    landed = 0
    for _ in range(8):
        process = subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        while not any(folder.glob("*.pot")) and process.poll() is None:
            time.sleep(0.001)
        time.sleep(chance.uniform(0, 0.06))
        process.send_signal(signal.SIGKILL)
        process.wait()
        landed += len([*folder.glob("*"), *pages.glob("*")]) < len(contents(sample)) - 1
        for path in [*folder.glob("[!.]*.po"), *folder.glob("[!.]*.pot")]:
            assert len(parse_catalog(path.read_bytes(), path).entries) == 42
            path.unlink()
    assert landed > 0
    assert translate(tmp_path, source).exit_code == 0
    assert {name: data for name, data in contents(tmp_path).items() if not name.endswith(".tmp")} == contents(sample)


def test_no_heavy_import_and_no_network(tmp_path: Path) -> None:
    source = write(tmp_path / "note.txt", SHORT)
    program = f"""
import socket, sys
def blocked(*_): raise AssertionError("network")
socket.socket.connect = socket.getaddrinfo = blocked
from pipeline.cli import main
try:
    main(["translate", "--workspace", {str(tmp_path)!r}, {str(source)!r}])
except SystemExit as end:
    assert not end.code, end.code
heavy = {{"torch", "stanza", "spacy", "argostranslate.translate", "minisbd"}} & set(sys.modules)
assert not heavy, heavy
"""
    subprocess.run([sys.executable, "-c", program], check=True, stdout=subprocess.DEVNULL)


@pytest.fixture
def packages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Install both test packages through the command, in a folder of the test's own."""
    folder = tmp_path / "packages"
    monkeypatch.setenv("ARGOS_PACKAGES_DIR", str(folder))
    result = run("models", "install", *sorted((ROOT / "tests" / "models").glob("*.argosmodel")))
    assert result.exit_code == 0
    return folder


def test_models_are_installed_listed_and_removed(packages: Path) -> None:
    listed = json.loads(run("models", "list", "--json").stdout)
    assert [(row["from"], row["to"], row["version"]) for row in listed["packages"]] == [
        ("en", "es", "0.1"),
        ("fr", "en", "0.1"),
    ]
    assert run("models", "remove", "fr", "en").exit_code == 0
    assert "en → es" in run("models", "list").stdout
    assert run("models", "remove", "fr", "en").exit_code == 1
    assert [path.name for path in packages.iterdir() if path.is_dir()] == ["translate-en_es-0_1"]


@pytest.mark.usefixtures("packages")
def test_argos_is_taken_where_it_is_installed_and_honours_its_pins(tmp_path: Path) -> None:
    write(tmp_path / "glossary" / "terms.csv", "fr,en,es,kind\nordinateur,mainframe,macrocomputadora,term\n")
    source = write(tmp_path / "note.txt", "Une note\n\nJe ne comprends pas. Il a acheté un ordinateur.\n")
    result = run("translate", "--workspace", tmp_path, source, "--json")
    english, spanish = json.loads(result.stdout)["articles"][0]["languages"]
    assert english["engine"].startswith("argos fr→en 0.1 ")
    assert spanish["engine"].startswith("argos fr→en 0.1 ")
    assert ", en→es 0.1 " in spanish["engine"]
    assert english["pins"] == spanish["pins"] == {"asked": 1, "honoured": 1}
    text = (tmp_path / "translations" / "note" / "en.po").read_text(encoding="utf-8")
    assert 'msgid "Je ne comprends pas."\nmsgstr "I don\'t understand."' in text
    assert "mainframe" in text.partition('msgid "Il a acheté un ordinateur."')[2]
    assert "missing term" not in text


@pytest.mark.usefixtures("packages")
def test_another_engine_replaces_untouched_drafts_alone(tmp_path: Path) -> None:
    source = write(tmp_path / "note.txt", "Une note\n\nJe ne comprends pas. Le chat dort.\n")
    run("translate", "--workspace", tmp_path, "--to", "en", "--engine", "apertium", source)
    path = tmp_path / "translations" / "note" / "en.po"
    path.write_text(path.read_text(encoding="utf-8").replace('msgstr "The cat sleeps."', 'msgstr "Puss sleeps."'))
    run("translate", "--workspace", tmp_path, "--to", "en", "--engine", "argos", source)
    drafts = {entry.msgid: entry.msgstr for entry in parse_catalog(path.read_bytes(), path).entries}
    assert drafts["Je ne comprends pas."] == "I don't understand."
    assert drafts["Le chat dort."] == "Puss sleeps."


def test_a_better_engines_drafts_stay_where_it_is_not_installed_until_redraft(tmp_path: Path, packages: Path) -> None:
    source = write(tmp_path / "note.txt", "Une note\n\nJe ne comprends pas. Le chat dort. La rue est ici.\n")
    options = ("translate", "--workspace", tmp_path, "--to", "en", source)
    run(*options)
    path = tmp_path / "translations" / "note" / "en.po"
    drafts = path.read_bytes()
    assert b"draft: argos" in drafts
    path.write_bytes(drafts.replace(b'msgstr "I don\'t understand."', b'msgstr "Pardon?"'))
    touched = path.read_bytes()
    for package in packages.glob("translate-*"):
        rmtree(package)
    assert "note: en (1 touched, 3 drafts)" in run(*options).stdout
    assert [e.msgstr for e in parse_catalog(path.read_bytes(), path).entries] == [
        e.msgstr for e in parse_catalog(touched, path).entries
    ]
    # A term that the glossary pins by now is a reason to draft again; the rest stays.
    write(tmp_path / "glossary" / "terms.csv", "fr,en,es,kind\nrue,alley,calle,term\n")
    run(*options)
    kept = {entry.msgid: entry for entry in parse_catalog(path.read_bytes(), path).entries}
    assert "alley" in kept["La rue est ici."].msgstr
    assert kept["Le chat dort."].comments[-1].startswith("draft: argos")
    run(*options, "--redraft")
    redrafted = {entry.msgid: entry for entry in parse_catalog(path.read_bytes(), path).entries}
    assert redrafted["Je ne comprends pas."].msgstr == "Pardon?"
    assert redrafted["Le chat dort."].comments[-1].startswith("draft: apertium")


@pytest.mark.usefixtures("packages")
def test_a_damaged_model_is_named_and_the_other_engine_still_works(tmp_path: Path, packages: Path) -> None:
    model = packages / "translate-fr_en-0_1" / "model" / "model.bin"
    model.write_bytes(model.read_bytes()[:1000])
    source = write(tmp_path / "note.txt", SHORT)
    result = run("translate", "--workspace", tmp_path, "--to", "en", source)
    assert result.exit_code == 1
    assert "translate-fr_en-0_1: the package cannot be used" in result.stderr
    assert "run: passerelle models remove fr en, then install it again" in result.stderr
    assert translate(tmp_path, source, "--to", "en").exit_code == 0
