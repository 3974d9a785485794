"""Sentences split into entries of their own, articles renamed, translations imported."""

from collections.abc import Callable
from pathlib import Path
from shutil import copytree

import pytest
from click.testing import CliRunner, Result

from pipeline.catalog import parse_catalog
from pipeline.cli import main
from pipeline.errors import ExchangeError
from pipeline.exchange import read_units

TEXT = "Le titre\n\nOui.\n\n# Le chat\n\nLe chat dort. Oui.\n\n# Le chien\n\nLe chien mange. Oui. Non. Oui.\n"
TMX = '<!DOCTYPE tmx SYSTEM "tmx14.dtd"><tmx version="1.4"><header srclang="fr"/><body>{}</body></tmx>'
XLIFF = (
    '<xliff version="1.2" xmlns="urn:oasis:names:tc:xliff:document:1.2"><file original="x" datatype="plaintext" '
    'source-language="fr" target-language="es-ES"><body>{}</body></file></xliff>'
)


def tu(source: str, target: str) -> str:
    return f'<tu><tuv xml:lang="fr"><seg>{source}</seg></tuv><tuv xml:lang="es"><seg>{target}</seg></tuv></tu>'


def run(workspace: Path, command: str, *arguments: str) -> Result:
    return CliRunner().invoke(main, [command, "--workspace", str(workspace), *arguments], catch_exceptions=False)


def translate(workspace: Path, text: str = TEXT, name: str = "note") -> Result:
    source = workspace / "translations" / name / "fr.txt"
    source.parent.mkdir(parents=True, exist_ok=True)
    source.write_text(text, encoding="utf-8")
    return run(workspace, "translate", "--engine", "apertium", str(source))


def catalog(workspace: Path, language: str = "es") -> Path:
    return workspace / "translations" / "note" / f"{language}.po"


def texts(path: Path) -> list[tuple[str | None, str, str, bool]]:
    return [(e.msgctxt, e.msgid, e.msgstr, e.is_fuzzy) for e in parse_catalog(path.read_bytes(), path).entries[1:]]


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def take(workspace: Path, text: str, name: str = "retour.tmx") -> Result:
    (workspace / name).write_text(text, encoding="utf-8")
    return run(workspace, "import", str(workspace / name))


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    """Return a workspace with an article in which one sentence stands four times, reviewed in Spanish."""
    translate(tmp_path)
    edit(catalog(tmp_path), '#, fuzzy\nmsgid "Oui."\nmsgstr "Sí."', '# Anne: ¿seguro?\nmsgid "Oui."\nmsgstr "Que sí."')
    translate(tmp_path)
    return tmp_path


CONTEXTS = ["paragraph", "Le chat", "Le chien", "Le chien (2)"]


def test_a_split_gives_each_occurrence_its_entry_with_the_translation_they_shared(workspace: Path) -> None:
    result = run(workspace, "split", "note", "Oui.")
    assert (result.exit_code, result.stdout.splitlines()[:4]) == (0, CONTEXTS)
    assert [t for t in texts(catalog(workspace)) if t[1] == "Oui."] == [
        (context, "Oui.", "Que sí.", False) for context in CONTEXTS
    ]
    assert [t[0] for t in texts(catalog(workspace, "en")) if t[1] == "Oui."] == CONTEXTS
    assert [t[0] for t in texts(workspace / "translations" / "note" / "note.pot") if t[1] == "Oui."] == CONTEXTS
    assert catalog(workspace).read_text(encoding="utf-8").count("# Anne: ¿seguro?") == 4


def test_split_entries_survive_every_run_and_reach_the_pages(workspace: Path) -> None:
    run(workspace, "split", "note", "Oui.")
    edit(
        catalog(workspace),
        'msgctxt "Le chat"\nmsgid "Oui."\nmsgstr "Que sí."',
        'msgctxt "Le chat"\nmsgid "Oui."\nmsgstr "Miau."',
    )
    translate(workspace)
    before = catalog(workspace).read_bytes()
    assert "nothing changed" in translate(workspace).stdout
    page = (workspace / "out" / "drafts" / "note" / "es.md").read_text(encoding="utf-8")
    assert page.count("Miau.") == 1
    assert page.count("Que sí.") == 3
    # An occurrence goes, a sentence of its own again comes back.
    translate(workspace, TEXT.replace("Le chat dort. Oui.", "Le chat dort."))
    assert '#~ msgctxt "Le chat"\n#~ msgid "Oui."\n#~ msgstr "Miau."' in catalog(workspace).read_text(encoding="utf-8")
    (workspace / "translations" / "note" / "note.pot").unlink()
    translate(workspace)
    assert catalog(workspace).read_bytes() == before


def test_a_heading_that_changes_takes_its_occurrence_along_as_fuzzy(workspace: Path) -> None:
    run(workspace, "split", "note", "Oui.")
    translate(workspace, TEXT.replace("# Le chat", "# Le félin"))
    assert ("Le félin", "Oui.", "Que sí.", True) in texts(catalog(workspace))
    text = catalog(workspace).read_text(encoding="utf-8")
    assert '#| msgctxt "Le chat"\n#| msgid "Oui."\nmsgctxt "Le félin"\n' in text


def test_an_obsolete_twin_takes_no_occurrence_of_a_split(workspace: Path) -> None:
    with catalog(workspace).open("a", encoding="utf-8") as file:
        file.write('\n#~ msgctxt "Le chat"\n#~ msgid "Oui."\n#~ msgstr "Viejo."\n')
    run(workspace, "split", "note", "Oui.")
    split = [text for text in texts(catalog(workspace)) if text[1] == "Oui."]
    assert split == [
        *((context, "Oui.", "Que sí.", False) for context in CONTEXTS),
        ("Le chat", "Oui.", "Viejo.", False),
    ]
    before = catalog(workspace).read_bytes()
    translate(workspace)
    assert catalog(workspace).read_bytes() == before


@pytest.mark.parametrize("template", ["", "# Un commentaire\n"])
def test_a_template_without_entries_stops_no_split(workspace: Path, template: str) -> None:
    (workspace / "translations" / "note" / "note.pot").write_text(template)
    assert run(workspace, "split", "note", "Oui.").exit_code == 0
    assert [text[0] for text in texts(catalog(workspace)) if text[1] == "Oui."] == CONTEXTS


def test_what_cannot_be_split_is_said(workspace: Path) -> None:
    for sentence, fact in (("Peut-être.", "is no sentence of it"), ("Non.", "stands there only once")):
        result = run(workspace, "split", "note", sentence)
        assert result.exit_code == 1
        assert f"“{sentence}” {fact}; " in result.stderr
    assert "no such article" in run(workspace, "split", "absent", "Oui.").stderr
    edit(catalog(workspace, "en"), 'msgid "', '<<<<<<< HEAD\nmsgid "')
    result = run(workspace, "split", str(workspace / "translations" / "note" / "fr.txt"), "Oui.")
    assert "en.po:1: has conflict markers" in result.stderr
    assert [t[0] for t in texts(catalog(workspace)) if t[1] == "Oui."] == CONTEXTS


def test_a_renamed_article_is_the_same_one(workspace: Path) -> None:
    before = texts(catalog(workspace))
    assert run(workspace, "rename", "note", "billet").exit_code == 0
    folder = workspace / "translations" / "billet"
    assert sorted(path.name for path in folder.iterdir()) == ["billet.pot", "drafts.tsv", "en.po", "es.po", "fr.txt"]
    assert (workspace / "out" / "drafts" / "billet" / "billet.drafts.tmx").exists()
    assert '"Project-Id-Version: billet\\n"' in (folder / "es.po").read_text(encoding="utf-8")
    assert texts(folder / "es.po") == before
    result = translate(workspace, name="billet")
    assert "billet: en (10 drafts), es (4 reviewed, 6 drafts)" in result.stdout
    assert texts(folder / "es.po") == before
    assert not (workspace / "translations" / "note").exists()


def test_a_name_that_is_taken_or_none_is_refused(workspace: Path) -> None:
    translate(workspace, name="autre")
    for old, new, fact in (
        ("note", "autre", "autre: is there already"),
        ("note", "a/b", "error: “a/b” cannot name an article; choose another name\n"),
        ("note", "", "error: “” cannot name an article; choose another name\n"),
        ("absent", "x", "absent: no such article"),
        (".", "x", ".: no such article"),
        ("..", "x", "..: no such article"),
        ("", "x", ": no such article"),
    ):
        result = run(workspace, "rename", old, new)
        assert (result.exit_code, fact in result.stderr) == (1, True), result.stderr


@pytest.mark.parametrize("name", ["es", "fr", "drafts", "aligned"])
def test_a_renamed_article_loses_no_file_that_only_begins_with_its_name(tmp_path: Path, name: str) -> None:
    translate(tmp_path, name=name)
    roots = [tmp_path / "translations", tmp_path / "out" / "drafts"]
    before = [sorted(path.name for path in (root / name).iterdir()) for root in roots]
    assert run(tmp_path, "rename", name, "billet").exit_code == 0
    ours = {f"{name}{ending}": f"billet{ending}" for ending in (".pot", ".tmx", ".drafts.tmx")}
    after = [sorted(path.name for path in (root / "billet").iterdir()) for root in roots]
    assert after == [sorted(ours.get(file, file) for file in files) for files in before]


def test_a_renaming_that_was_broken_off_can_be_run_again(
    workspace: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    def all_files(root: Path) -> dict[str, bytes]:
        return {str(path.relative_to(root)): path.read_bytes() for path in root.rglob("*") if path.is_file()}

    whole = tmp_path_factory.mktemp("whole")
    copytree(workspace, whole, dirs_exist_ok=True)
    assert run(whole, "rename", "note", "billet").exit_code == 0
    rename, left, breaks = Path.rename, [0], 0

    def break_off(self: Path, target: Path) -> Path:
        left[0] -= 1
        if left[0] < 0:
            raise KeyboardInterrupt
        return rename(self, target)

    while True:
        other = tmp_path_factory.mktemp("broken")
        copytree(workspace, other, dirs_exist_ok=True)
        left[0] = breaks
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(Path, "rename", break_off)
            code = run(other, "rename", "note", "billet").exit_code
        if code == 0:
            break
        breaks += 1
        assert run(other, "rename", "note", "billet").exit_code == 0
        assert all_files(other) == all_files(whole)
    assert breaks == 5  # two exports, the template, two folders


def test_an_import_fills_drafts_and_counts_as_a_persons(workspace: Path) -> None:
    result = take(
        workspace, TMX.format(tu("Le chat dort.", "El gato ronca.") + tu("Rien.", "Nada.") + tu("Oui.", "Sí."))
    )
    assert result.exit_code == 1
    lines = result.stdout.splitlines()
    assert lines[0] == f"{catalog(workspace)}: 1 taken"
    assert lines[1].startswith(f"{catalog(workspace)}:")
    assert lines[1].endswith(": kept; the file has “Sí.” for “Oui.”")
    assert lines[2] == "no match: es: “Rien.”"
    assert (None, "Le chat dort.", "El gato ronca.", False) in texts(catalog(workspace))
    assert (None, "Oui.", "Que sí.", False) in texts(catalog(workspace))
    text = catalog(workspace).read_text(encoding="utf-8")
    assert '#. Le chat › paragraph\n#: fr.txt\nmsgid "Le chat dort."' in text
    translate(workspace)
    assert catalog(workspace).read_text(encoding="utf-8") == text
    assert "1 there already" in take(workspace, TMX.format(tu("Le chat dort.", "El gato ronca."))).stdout


@pytest.mark.parametrize(
    ("unit", "target", "is_fuzzy"),
    [
        ("<target>Sin estado.</target>", "Sin estado.", False),
        ('<target state="translated">Hecho.</target>', "Hecho.", False),
        ('<target state="needs-review-translation">Por <g id="1">ver</g>.</target>', "Por ver.", True),
        ('<target state="new">Nuevo.</target>', "Nuevo.", True),
    ],
)
def test_xliff_states(workspace: Path, *, unit: str, target: str, is_fuzzy: bool) -> None:
    source = "<source>Le chat\n   dort.</source>"
    assert take(workspace, XLIFF.format(f'<trans-unit id="1">{source}{unit}</trans-unit>')).exit_code == 0
    assert (None, "Le chat dort.", target, is_fuzzy) in texts(catalog(workspace))
    # A person's, though fuzzy: the next run leaves it alone.
    translate(workspace)
    assert (None, "Le chat dort.", target, is_fuzzy) in texts(catalog(workspace))


def test_several_translations_of_one_sentence_are_left(workspace: Path) -> None:
    before = catalog(workspace).read_bytes()
    result = take(workspace, TMX.format(tu("Non.", "No.") + tu("Non.", "Que no.")))
    assert result.exit_code == 1
    assert "left: es: “Que no.” is one of several translations of “Non.”" in result.stdout
    assert catalog(workspace).read_bytes() == before


def test_our_own_machine_drafts_come_back_as_nobodys(workspace: Path) -> None:
    before = texts(catalog(workspace))
    result = run(workspace, "import", str(workspace / "out" / "drafts" / "note" / "note.drafts.tmx"))
    assert result.exit_code == 0
    assert result.stdout.splitlines() == ["1 there already", "16 machine drafts passed over"]
    assert texts(catalog(workspace)) == before


def test_our_own_file_says_what_a_person_has_touched(tmp_path: Path) -> None:
    path = tmp_path / "a.tmx"
    states = ("reviewed", "touched", "draft")
    units = (tu("a", "b").replace("<seg>b", f'<prop type="x-state">{state}</prop><seg>b') for state in states)
    path.write_text(TMX.format("".join(units)))
    assert [(unit.is_fuzzy, unit.is_draft) for unit in read_units(path)] == [
        (False, False),
        (True, False),
        (True, True),
    ]


@pytest.mark.parametrize(("source", "target"), [("fra", "spa"), ("fre-CA", "ES_mx"), ("FR", "es-x-rio")])
def test_a_tmx_with_a_namespace_and_any_code_of_a_language(tmp_path: Path, source: str, target: str) -> None:
    path = tmp_path / "a.tmx"
    text = f'<tmx xmlns="http://www.lisa.org/tmx14" version="1.4"><header srclang="{source}"/><body>{tu("Oui.", "Sí.")}'
    text = text.replace('"fr"', f'"{source}"').replace('"es"', f'"{target}"')
    path.write_text(f"{text}</body></tmx>", encoding="utf-8")
    assert [(unit.source, unit.language, unit.target) for unit in read_units(path)] == [("Oui.", "es", "Sí.")]


def test_white_space_without_end_takes_no_time(
    tmp_path: Path, is_linear: Callable[[Callable[[int], object], int], bool]
) -> None:
    path = tmp_path / "a.tmx"

    def read(spaces: int) -> None:
        path.write_text(TMX.format(tu(f"a{' ' * spaces}b  \n \n c", "d")))
        assert [unit.source for unit in read_units(path)] == [f"a{' ' * spaces}b c"]

    assert is_linear(read, 50_000)


BOMB = '<!DOCTYPE tmx [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
FILE = '<!DOCTYPE tmx [<!ENTITY a SYSTEM "file:///etc/passwd">]>'


@pytest.mark.parametrize(
    ("text", "fact"),
    [
        (BOMB + "<tmx><body><tu><tuv><seg>&b;</seg></tuv></tu></body></tmx>", "declares entities"),
        (FILE + "<tmx><body><tu><tuv><seg>&a;</seg></tuv></tu></body></tmx>", "declares entities"),
        ("<tmx><body>", ":1: is no XML"),
        ("", "is no XML"),
        ("<tmx><body/></tmx>", "holds no translation from French"),
        ("<html/>", "is neither TMX nor XLIFF 1.2"),
        ('<xliff version="2.0"/>', "is neither TMX nor XLIFF 1.2"),
        ("<a>" * 5000 + "</a>" * 5000, "is no XML"),
    ],
)
def test_hostile_xml_is_refused(workspace: Path, text: str, fact: str) -> None:
    result = take(workspace, text)
    assert result.exit_code == 1
    assert fact in result.stderr
    assert len(result.stderr.splitlines()) == 1


def test_nothing_is_fetched_and_no_comment_taken_for_text(tmp_path: Path) -> None:
    path = tmp_path / "a.tmx"
    path.write_text(TMX.format(tu("a<!-- b --> c", "d <ph>&lt;b></ph>e")), encoding="utf-16")
    assert [(unit.source, unit.target) for unit in read_units(path)] == [("a c", "d <b>e")]
    with pytest.raises(ExchangeError, match="no such file"):
        read_units(tmp_path / "absent.tmx")
