"""Memory: what people reviewed in one article serves the others, and is never taken for more than it is."""

from pathlib import Path
from shutil import rmtree

import pytest
from click.testing import CliRunner, Result

from pipeline.catalog import Entry, parse_catalog
from pipeline.cli import main
from pipeline.memory import Memory, Unit, read_memory
from pipeline.workspace import ArticleFolder

ROOT = Path(__file__).parents[1]
SAMPLE = "russie-chine-ia"
TEXT = "Le titre\n\nLe chat dort. La maison est grande. Le chien mange.\n"


def translate(workspace: Path, *names: str, text: str = TEXT, options: tuple[str, ...] = ()) -> Result:
    for name in names:
        source = workspace / "translations" / name / "fr.txt"
        source.parent.mkdir(parents=True, exist_ok=True)
        if not source.exists():
            source.write_text(text, encoding="utf-8")
    sources = [str(workspace / "translations" / name / "fr.txt") for name in names]
    command = ["translate", "--workspace", str(workspace), "--to", "es", "--engine", "apertium", *options, *sources]
    return CliRunner().invoke(main, command, catch_exceptions=False)


def review(workspace: Path, name: str, msgid: str, text: str) -> None:
    path = workspace / "translations" / name / "es.po"
    catalog = path.read_text(encoding="utf-8")
    head, _, tail = catalog.partition(f'#, fuzzy\nmsgid "{msgid}"\nmsgstr "')
    assert tail, msgid
    path.write_text(f'{head}msgid "{msgid}"\nmsgstr "{text}"{tail.partition(chr(34))[2]}', encoding="utf-8")


def entries(workspace: Path, name: str) -> dict[str, Entry]:
    path = workspace / "translations" / name / "es.po"
    return {entry.msgid: entry for entry in parse_catalog(path.read_bytes(), path).entries}


@pytest.fixture
def reviewed(tmp_path: Path) -> Path:
    """Return a workspace with an article of which one sentence is reviewed."""
    translate(tmp_path, "un")
    review(tmp_path, "un", "La maison est grande.", "¡Qué casa!")
    return tmp_path


def test_an_exact_match_in_its_place_is_reviewed_and_says_where_it_is_from(reviewed: Path) -> None:
    result = translate(reviewed, "deux")
    assert "deux: es (1 reviewed, 3 drafts; 1 from memory)" in result.stdout
    entry = entries(reviewed, "deux")["La maison est grande."]
    assert (entry.msgstr, entry.is_fuzzy) == ("¡Qué casa!", False)
    assert entry.comments == ("paragraph", "memory: un")
    before = (reviewed / "translations" / "deux" / "es.po").read_bytes()
    assert "1 from memory" in translate(reviewed, "deux").stdout
    assert (reviewed / "translations" / "deux" / "es.po").read_bytes() == before


def test_a_copy_that_a_person_changes_is_theirs_and_no_longer_says_so(reviewed: Path) -> None:
    translate(reviewed, "deux")
    path = reviewed / "translations" / "deux" / "es.po"
    path.write_text(path.read_text(encoding="utf-8").replace("¡Qué casa!", "¡Menuda casa!"), encoding="utf-8")
    translate(reviewed, "deux")
    assert entries(reviewed, "deux")["La maison est grande."].comments == ("paragraph",)
    assert entries(reviewed, "deux")["La maison est grande."].msgstr == "¡Menuda casa!"


def test_an_exact_match_elsewhere_is_fuzzy_and_follows_its_origin(reviewed: Path) -> None:
    translate(reviewed, "deux", text="Le titre\n\nIl pleut. La maison est grande. Le chien mange.\n")
    entry = entries(reviewed, "deux")["La maison est grande."]
    assert (entry.msgstr, entry.is_fuzzy) == ("¡Qué casa!", True)
    assert entry.comments == ("paragraph", "memory: ¡Qué casa! (un)")
    path = reviewed / "translations" / "un" / "es.po"
    path.write_text(path.read_text(encoding="utf-8").replace("¡Qué casa!", "¡Menuda casa!"), encoding="utf-8")
    translate(reviewed, "deux")
    assert entries(reviewed, "deux")["La maison est grande."].msgstr == "¡Menuda casa!"


def test_conflicting_translations_are_fuzzy_with_all_candidates(reviewed: Path) -> None:
    translate(reviewed, "deux", text="Le chien mange. La maison est grande. Le chat dort.\n")
    path = reviewed / "translations" / "deux" / "es.po"
    text = path.read_text(encoding="utf-8").replace('#, fuzzy\nmsgid "La maison', 'msgid "La maison')
    path.write_text(text.replace("¡Qué casa!", "La casa es grande."), encoding="utf-8")
    translate(reviewed, "trois")
    entry = entries(reviewed, "trois")["La maison est grande."]
    assert entry.is_fuzzy
    assert entry.comments == ("paragraph", "memory: La casa es grande. (deux)", "memory: ¡Qué casa! (un)")
    assert entry.msgstr == "¡Qué casa!"  # of the same place


def test_a_copy_is_no_memory_even_when_its_comment_is_lost(reviewed: Path) -> None:
    translate(reviewed, "deux")
    path = reviewed / "translations" / "deux" / "es.po"
    path.write_text(path.read_text(encoding="utf-8").replace("#. memory: un\n", ""), encoding="utf-8")
    rmtree(reviewed / "translations" / "un")
    translate(reviewed, "trois")
    assert entries(reviewed, "trois")["La maison est grande."].msgstr != "¡Qué casa!"


def test_a_similar_sentence_is_offered_beside_the_draft(reviewed: Path) -> None:
    translate(reviewed, "deux", text="Le titre\n\nLa maison est très grande.\n")
    entry = entries(reviewed, "deux")["La maison est très grande."]
    assert entry.comments[-1] == "match 89 %: La maison est grande. = ¡Qué casa! (un)"
    assert entry.comments[-2].startswith("draft: apertium")
    assert entry.is_fuzzy


def test_what_leaves_an_article_and_comes_back_serves_all_the_time(tmp_path: Path) -> None:
    text = "Le titre\n\nLa maison est grande. Le chat dort.\n\nLa maison est très grande.\n"
    translate(tmp_path, "un", text=text)
    review(tmp_path, "un", "La maison est grande.", "¡Qué casa!")
    translate(tmp_path, "un")
    path = tmp_path / "translations" / "un" / "es.po"
    before = path.read_bytes()
    assert b"= \xc2\xa1Qu\xc3\xa9 casa! (un)" in before
    source = path.with_name("fr.txt")
    source.write_text(text.replace("La maison est grande. ", ""), encoding="utf-8")
    translate(tmp_path, "un")
    assert "¡Qué casa! (un)" in path.read_text(encoding="utf-8")
    source.write_text(text, encoding="utf-8")
    translate(tmp_path, "un")
    assert path.read_bytes() == before


def test_what_is_silent_or_unreviewed_is_no_memory(tmp_path: Path) -> None:
    translate(tmp_path, "un")
    review(tmp_path, "un", "La maison est grande.", "<empty>")
    assert "memory" not in translate(tmp_path, "deux").stdout


def test_tmx_files_are_memory_without_a_place(tmp_path: Path) -> None:
    folder = tmp_path / "translations" / "memory"
    folder.mkdir(parents=True)
    unit = '<tu><tuv xml:lang="FR-fr"><seg>{}</seg></tuv><tuv xml:lang="es-MX"><seg>{}</seg></tuv></tu>'
    body = unit.format("Le chat dort.", "El minino duerme.") + unit.format("Oui &amp; non.", "")
    head = '<!DOCTYPE tmx SYSTEM "tmx14.dtd"><tmx version="1.4"><header srclang="fr"/><body>'
    (folder / "vieux.tmx").write_text(f"{head}{body}</body></tmx>", encoding="utf-8")
    (folder / "zut.tmx").write_text("<tmx>", encoding="utf-8")
    result = translate(tmp_path, "un")
    entry = entries(tmp_path, "un")["Le chat dort."]
    assert (entry.msgstr, entry.is_fuzzy) == ("El minino duerme.", True)
    assert entry.comments == ("paragraph", "memory: El minino duerme. (vieux.tmx)")
    assert result.exit_code == 1
    assert "zut.tmx:1: is no XML" in result.stderr


@pytest.mark.parametrize("text", ["a\u2028b", "a\x85b", "a\vb\fc", "~ # #~ msgid"])
def test_a_text_is_served_to_the_letter(reviewed: Path, text: str) -> None:
    path = reviewed / "translations" / "un" / "es.po"
    path.write_bytes(path.read_bytes().replace("¡Qué casa!".encode(), text.encode()))
    translate(reviewed, "deux")
    entry = entries(reviewed, "deux")["La maison est grande."]
    assert (entry.msgstr, entry.is_fuzzy) == (text, False)


def test_entries_without_a_blank_line_between_are_two(reviewed: Path) -> None:
    path = reviewed / "translations" / "un" / "es.po"
    path.write_text(path.read_text(encoding="utf-8").replace('¡Qué casa!"\n\n', '¡Qué casa!"\n'), encoding="utf-8")
    translate(reviewed, "deux")
    assert entries(reviewed, "deux")["La maison est grande."].msgstr == "¡Qué casa!"
    assert entries(reviewed, "deux")["Le chien mange."].is_fuzzy


def test_a_catalog_in_conflict_is_no_memory(reviewed: Path) -> None:
    path = reviewed / "translations" / "un" / "es.po"
    path.write_text(path.read_text(encoding="utf-8") + "<<<<<<< ours\n=======\n>>>>>>> theirs\n", encoding="utf-8")
    translate(reviewed, "deux")
    assert entries(reviewed, "deux")["La maison est grande."].msgstr != "¡Qué casa!"


def test_a_name_with_line_breaks_breaks_no_comment_and_no_ledger(tmp_path: Path) -> None:
    path = tmp_path / "translations" / "memory" / b"a\nmsgid\tb\xe2\x80\xa8\xff.tmx".decode(errors="surrogateescape")
    path.parent.mkdir(parents=True)
    unit = '<tu><tuv xml:lang="fr"><seg>Le chat dort.</seg></tuv><tuv xml:lang="es"><seg>Ronca.</seg></tuv></tu>'
    path.write_text(f"<tmx><body>{unit}</body></tmx>")
    assert translate(tmp_path, "un").exit_code == 0
    assert entries(tmp_path, "un")["Le chat dort."].comments == ("paragraph", "memory: Ronca. (a msgid b  .tmx)")
    ledger = (tmp_path / "translations" / "un" / "drafts.tsv").read_text(encoding="utf-8")
    assert "\tmemory a msgid b  .tmx\t1.00\n" in ledger


def test_machine_drafts_of_our_own_exports_are_no_memory(reviewed: Path) -> None:
    folder = reviewed / "translations" / "memory"
    folder.mkdir()
    (reviewed / "out" / "drafts" / "un" / "un.drafts.tmx").rename(folder / "un.drafts.tmx")
    memory, errors = read_memory(reviewed, "es")
    assert errors == []
    assert memory.fill("x", "Le chat dort.", "paragraph", None, None) is None


def test_memory_reads_what_the_parser_reads(tmp_path: Path) -> None:
    path = tmp_path / "translations" / SAMPLE / "es.po"
    path.parent.mkdir(parents=True)
    text = (ROOT / "translations" / SAMPLE / "es.po").read_text(encoding="utf-8").replace("#, fuzzy\n", "")
    extra = '\nmsgid "a \\"b\\"\\n"\n"c\\\\n"\nmsgstr ""\n"d"\n"e"\n\n#~ msgid "f"\n#~ msgstr "g"\n'
    extra += '\n#, fuzzy\nmsgid "h"\nmsgstr "i"\n'
    for newline in ("\n", "\r\n"):
        path.write_bytes((text + extra).replace("\n", newline).encode())
        parsed = [e for e in parse_catalog(path.read_bytes(), path).entries[1:] if not e.is_obsolete]
        memory, _ = read_memory(tmp_path, "es")
        places = {e.msgid: c.rpartition(" › ")[2] for e in parsed for c in e.comments[:1]}
        texts = [None, *(e.msgid for e in parsed), None]
        for number, entry in enumerate(parsed[:-1]):
            fill = memory.fill("x", entry.msgid, places.get(entry.msgid, ""), texts[number], texts[number + 2])
            assert fill is not None
            assert (fill.text, fill.is_reviewed) == (entry.msgstr, entry.msgid in places)
        assert memory.fill("x", "h", "", None, None) is None
        gone = memory.fill("x", "f", "", None, None)
        assert gone is not None
        assert (gone.text, gone.is_reviewed) == ("g", False)
        assert ArticleFolder(tmp_path, SAMPLE).catalog("es") == path


def test_matches_elsewhere_take_no_part_of_the_same_article() -> None:
    memory = Memory([Unit("Oui.", "Sí.", "un")])
    assert memory.fill("un", "Oui.", "paragraph", None, None) is None
    assert memory.fill("deux", "Oui.", "paragraph", None, None) is not None
