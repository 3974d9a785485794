"""The sample's catalogs through the tools that translators use: what they save is taken as it is."""

import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from html import escape
from pathlib import Path
from shutil import copytree

import pytest
from click.testing import CliRunner, Result
from lxml import etree

from pipeline.catalog import parse_catalog
from pipeline.cli import main
from pipeline.exchange import read_units

ROOT = Path(__file__).parents[1]
SAMPLE = "russie-chine-ia"
SENTENCE = "Partagez votre avis"


def call(*command: str | Path, cwd: Path | None = None) -> str:
    done = subprocess.run([str(part) for part in command], cwd=cwd, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def translate(workspace: Path) -> Result:
    source = workspace / "translations" / SAMPLE / "fr.txt"
    command = ["translate", "--workspace", str(workspace), "--to", "es", "--engine", "apertium", str(source)]
    return CliRunner().invoke(main, command, catch_exceptions=False)


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a workspace with the sample in Spanish, every third entry reviewed; to be read only."""
    workspace = tmp_path_factory.mktemp("sample")
    for folder in ("glossary", "translations"):
        copytree(ROOT / folder, workspace / folder)
    path = workspace / "translations" / SAMPLE / "es.po"
    parts = path.read_text(encoding="utf-8").split("#, fuzzy\n")
    path.write_text("".join(f"{part}#, fuzzy\n" if n % 3 else part for n, part in enumerate(parts[:-1])) + parts[-1])
    translate(workspace)
    return workspace


@pytest.fixture
def workspace(sample: Path, tmp_path: Path) -> Path:
    return copytree(sample, tmp_path / "workspace")


@pytest.fixture
def catalog(workspace: Path) -> Path:
    return workspace / "translations" / SAMPLE / "es.po"


def texts(data: bytes) -> list[tuple[str, str, bool]]:
    return [(e.msgid, e.msgstr, e.is_fuzzy) for e in parse_catalog(data, Path("es.po")).entries[1:]]


def lines(data: bytes) -> list[bytes]:
    """Return the lines that are no comments of ours."""
    return [line for line in data.split(b"\n") if not line.startswith((b"#.", b"#:"))]


TOOLS = {
    "msgcat": ["msgcat", "--width=79", "-o", "{out}", "{in}"],
    "msgcat --no-wrap": ["msgcat", "--no-wrap", "-o", "{out}", "{in}"],
    "msgcat, narrow, no places": ["msgcat", "--width=50", "--no-location", "-o", "{out}", "{in}"],
    "msgmerge": ["msgmerge", "--quiet", "-o", "{out}", "{in}", "{pot}"],
    "msgattrib": ["msgattrib", "--no-obsolete", "-o", "{out}", "{in}"],
    "po4a": [
        *("perl", "-MLocale::Po4a::Po", "-e"),
        "my $po = Locale::Po4a::Po->new(); $po->read($ARGV[0]); $po->write($ARGV[1])",
        *("{in}", "{out}"),
    ],
    "polib": [sys.executable, "-c", "import polib, sys; polib.pofile(sys.argv[1]).save(sys.argv[2])", "{in}", "{out}"],
    "Translate Toolkit": [
        *(sys.executable, "-c"),
        "import sys; from translate.storage.po import pofile; pofile.parsefile(sys.argv[1]).savefile(sys.argv[2])",
        *("{in}", "{out}"),
    ],
}


@pytest.mark.parametrize("tool", TOOLS)
def test_what_a_tool_saves_is_taken_as_it_is(workspace: Path, catalog: Path, tmp_path: Path, tool: str) -> None:
    if tool == "po4a" and not shutil.which("po4a"):
        pytest.skip("po4a is not installed (apt-get install po4a)")
    before, out = texts(catalog.read_bytes()), tmp_path / "out.po"
    places = {"in": catalog, "out": out, "pot": catalog.with_name(f"{SAMPLE}.pot")}
    call(*(part.format(**places) if part.startswith("{") else part for part in TOOLS[tool]))
    saved = out.read_bytes()
    assert texts(saved) == before
    catalog.write_bytes(saved)
    assert translate(workspace).exit_code == 0
    after = catalog.read_bytes()
    assert lines(after) == lines(saved)
    assert texts(after) == before
    call("msgfmt", "--check", "-o", "/dev/null", catalog)


def run_omegat(project: Path, source: Path, memory: str = "") -> Path:
    """Have OmegaT make the target files of a project that holds a file and a translator's work so far (TMX)."""
    if not shutil.which("omegat"):
        pytest.skip("OmegaT is not installed (apt-get install omegat: 127 MB and a Java machine)")
    for folder in ("source", "target", "tm", "glossary", "dictionary", "omegat"):
        (project / folder).mkdir(parents=True)
    fields = [f"<{name}_dir>__DEFAULT__</{name}_dir>" for name in ("source", "target", "tm", "glossary", "dictionary")]
    fields += ["<source_lang>FR</source_lang><target_lang>ES</target_lang><sentence_seg>false</sentence_seg>"]
    (project / "omegat.project").write_text(f'<omegat><project version="1.0">{"".join(fields)}</project></omegat>')
    if memory:
        (project / "omegat" / "project_save.tmx").write_text(memory, encoding="utf-8")
    shutil.copy(source, project / "source")
    call("omegat", project, "--mode=console-translate", f"--config-dir={project / 'settings'}")
    return project


def test_omegat_takes_reviewed_entries_and_empties_fuzzy_ones(workspace: Path, catalog: Path, tmp_path: Path) -> None:
    before = {msgid: (text, is_fuzzy) for msgid, text, is_fuzzy in texts(catalog.read_bytes())}
    project = run_omegat(tmp_path / "project", catalog)
    shutil.copy(project / "target" / "es.po", catalog)
    saved = {msgid: (text, is_fuzzy) for msgid, text, is_fuzzy in texts(catalog.read_bytes())}
    # A translation that is the source's own words it takes for none, too.
    emptied = {msgid for msgid, (text, is_fuzzy) in before.items() if is_fuzzy or text == msgid}
    assert saved == {msgid: ("" if msgid in emptied else text, False) for msgid, (text, _) in before.items()}
    # What it emptied is drafted again, and what a person reviewed is as it was.
    assert translate(workspace).exit_code == 0
    after = {msgid: (text, is_fuzzy) for msgid, text, is_fuzzy in texts(catalog.read_bytes())}
    assert after == {msgid: (text, msgid in emptied) for msgid, (text, _) in before.items()}


def read_xliff(path: Path) -> dict[str, tuple[str, dict[str, str], str | None]]:
    """Return target, its states and the approval of each source."""
    units = etree.parse(path).iterfind(".//{*}trans-unit")
    targets = ((unit, unit.find("{*}target")) for unit in units)
    return {unit.findtext("{*}source"): (t.text or "", dict(t.attrib), unit.get("approved")) for unit, t in targets}


def test_omegat_keeps_the_states_of_our_xliff(workspace: Path, catalog: Path, tmp_path: Path) -> None:
    """OmegaT's own filter offers what stands in the targets, which is meant to be the French; an Okapi plugin does not.

    So a translator who has a choice takes the catalog or the memory. But no state is lost where they take the XLIFF.
    """
    CliRunner().invoke(main, ["publish", "--exports", "--workspace", str(workspace)], catch_exceptions=False)
    exported = workspace / "out" / "exports" / SAMPLE / f"{SAMPLE}.es.xlf"
    before = read_xliff(exported)
    assert {approved for _, _, approved in before.values()} == {"yes", None}
    assert len({states["state"] for _, states, _ in before.values()}) > 1
    source, (draft, states, _) = next(pair for pair in before.items() if pair[1][2] is None)
    assert states == {"state": "needs-review-translation", "state-qualifier": "mt-suggestion"}
    pair = f'<tuv lang="FR"><seg>{escape(draft)}</seg></tuv><tuv lang="ES"><seg>Otro texto.</seg></tuv>'
    head = '<header segtype="sentence" adminlang="EN" srclang="FR" datatype="plaintext"/>'
    memory = f'<?xml version="1.0"?><tmx version="1.1">{head}<body><tu>{pair}</tu></body></tmx>'
    project = run_omegat(tmp_path / "project", exported, memory)
    target = project / "target" / exported.name
    assert read_xliff(target) == before | {source: ("Otro texto.", states, None)}
    notes = [[note.text for note in etree.parse(path).iterfind(".//{*}note")] for path in (exported, target)]
    assert notes[0] == notes[1] != []
    statistics = (project / "omegat" / "project_stats.txt").read_text(encoding="utf-8")
    assert re.search(rf"^Unique:\s+{len(before)}\s", statistics, re.MULTILINE)
    # It comes back as the translator's text, to be reviewed.
    assert CliRunner().invoke(main, ["import", "--workspace", str(workspace), str(target)]).exit_code == 0
    assert (source, "Otro texto.", True) in texts(catalog.read_bytes())


def test_translate_toolkit_filters_the_catalog_and_makes_a_memory_of_it(catalog: Path, tmp_path: Path) -> None:
    tools = Path(sys.executable).parent
    call(tools / "pofilter", "--progress=none", "--test=numbers", catalog, tmp_path / "found.po")
    call(tools / "po2tmx", "--progress=none", "-l", "es", "--source-language=fr", catalog, tmp_path / "es.tmx")
    reviewed = {(msgid, text) for msgid, text, is_fuzzy in texts(catalog.read_bytes()) if not is_fuzzy}
    assert {(unit.source, unit.target) for unit in read_units(tmp_path / "es.tmx")} == reviewed


def save_as_poedit(text: str) -> str:
    """Do as Poedit does: its own header fields, the revision's date, the usual width."""
    text = re.sub(r'"PO-Revision-Date: .*?"', '"PO-Revision-Date: 2026-11-23 09:12+0100\\\\n"', text)
    text = text.replace('"Last-Translator: Passerelle\\n"', '"Last-Translator: Ana <ana@example.org>\\n"')
    return text.replace('"X-Source-Language: fr\\n"\n', '"X-Source-Language: fr\\n"\n"X-Generator: Poedit 3.2.2\\n"\n')


def save_as_lokalize(text: str) -> str:
    """Do as Lokalize does: other fields first, `X-Generator` before the plural's, lines wrapped without a limit."""
    text = subprocess.run(["msgcat", "--no-wrap", "-"], input=text, capture_output=True, text=True, check=True).stdout
    text = text.replace('"Language: es\\n"\n', "").replace(
        '"Plural-Forms', '"X-Generator: Lokalize 22.12.3\\n"\n"Plural-Forms'
    )
    return text.replace('"Language-Team', '"Language: es\\n"\n"Language-Team')


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("save", [save_as_poedit, save_as_lokalize])
def test_diffs_stay_small(workspace: Path, catalog: Path, save: Callable[[str], str], newline: str) -> None:
    text = save(catalog.read_text(encoding="utf-8"))
    old = f'#, fuzzy\nmsgid "{SENTENCE}"\nmsgstr "'
    assert old in text
    head, tail = text.split(old)
    saved = f'{head}msgid "{SENTENCE}"\nmsgstr "¿Qué opina?"{tail.partition(chr(34))[2]}'.replace(
        "\n", newline
    ).encode()
    catalog.write_bytes(saved)
    translate(workspace)
    blank = 2 * newline.encode()
    blocks, again = saved.split(blank), catalog.read_bytes().split(blank)
    changed = [block for block in again if block not in blocks]
    assert len(blocks) == len(again)
    assert len(changed) == 1  # its machine's comment went
    assert b"\xc2\xbfQu\xc3\xa9 opina?" in changed[0]
    # The article changes in one sentence: the entry follows, and the old pair stays at the end.
    source = catalog.with_name("fr.txt")
    source.write_text(source.read_text(encoding="utf-8").replace(SENTENCE, f"{SENTENCE} !"), encoding="utf-8")
    translate(workspace)
    last = catalog.read_bytes()
    changed = [block for block in last.split(blank) if block.rstrip() not in [block.rstrip() for block in again]]
    assert len(changed) == 2
    assert (newline == "\r\n") == (last.count(b"\r\n") == last.count(b"\n"))
    expected = ["#, fuzzy", f'#| msgid "{SENTENCE}"', f'msgid "{SENTENCE} !"', 'msgstr "¿Qué opina?"']
    assert newline.join(expected).encode() in last


def test_what_editors_leave_is_named_and_left_alone(workspace: Path, catalog: Path) -> None:
    names = ["en.po.orig", "es.mo", "es.po.bak", "es.po~"]
    for name in names:
        catalog.with_name(name).write_bytes(b"anything")
    result = translate(workspace)
    assert result.exit_code == 0
    assert f"{catalog.parent}: {', '.join(names)}: no catalogs of the article; left alone" in result.stderr
    assert all(catalog.with_name(name).read_bytes() == b"anything" for name in names)
