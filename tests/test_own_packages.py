"""Packages that come with Passerelle: unpacked once, when they are needed, and after official ones in the order."""

import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner, Result

from pipeline.cache import digest_program
from pipeline.cli import main
from pipeline.cluster import Recipe, find_fault
from pipeline.engines import Request, open_engine
from pipeline.engines.argos import LOOK_REVISION
from pipeline.errors import EngineError
from pipeline.models import install_package, list_packages, locations, remove_package
from pipeline.models.archive import open_archive
from pipeline.models.own import verify_own

if TYPE_CHECKING:
    from conftest import Newsroom

ROOT = Path(__file__).parents[1]
FR_EN, EN_ES = (ROOT / "tests" / "models" / f"translate-{pair}-0_1.argosmodel" for pair in ("fr_en", "en_es"))
OURS = f"translate-fr_en-0_1-{sha256(FR_EN.read_bytes()).hexdigest()[:16]}"


@pytest.fixture
def shipped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Let a real package fr→en come with Passerelle, and have nothing unpacked yet."""
    folder = tmp_path / "shipped"
    folder.mkdir()
    shutil.copy(FR_EN, folder)
    monkeypatch.setattr(locations, "SHIPPED", folder)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    return folder


@pytest.fixture
def own(shipped: Path) -> Path:
    return shipped.parent / "data" / "passerelle" / "packages"


def relabel(file: Path, target: str, version: str, note: str = "") -> Path:
    """Make a package of the same model that says to be another one."""
    with zipfile.ZipFile(FR_EN) as old, zipfile.ZipFile(file, "w") as new:
        for entry in old.infolist():
            data = old.read(entry)
            if entry.filename.endswith("metadata.json"):
                data = json.dumps(
                    {**json.loads(data), "to_code": target, "package_version": version, "x": note}
                ).encode()
            new.writestr(entry.filename, data)
    return file


def run(*words: str | Path) -> Result:
    return CliRunner().invoke(main, [*map(str, words)], catch_exceptions=False)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if path.is_dir())


def read_engines(newsroom: "Newsroom", name: str = "a", language: str = "en") -> set[str]:
    """Return the engines that the drafts of a catalog are by."""
    catalog = (newsroom.path / "translations" / name / f"{language}.po").read_text(encoding="utf-8")
    return set(re.findall(r"^#\. draft: (\w+)", catalog, re.MULTILINE))


def test_what_is_shipped_is_sound() -> None:
    files = sorted((ROOT / "pipeline" / "models" / "shipped").glob("*"))
    if not files:
        pytest.skip("no package comes with Passerelle yet")
    pairs = []
    for file in files:
        with open_archive(file) as archive:
            pairs.append((archive.source, archive.target))
            assert (
                file.name
                == f"translate-{archive.source}_{archive.target}-{archive.version.replace('.', '_')}.argosmodel"
            )
            assert archive.size <= 35_000_000
            assert json.loads(archive.read_file("metadata.json")).get("license")
            assert archive.read_file("README.md")
    assert len(pairs) == len(set(pairs))


def test_it_drafts_from_the_first_run_and_is_unpacked_once(own: Path, newsroom: "Newsroom", tmp_path: Path) -> None:
    newsroom.add_article("a", "Je ne comprends pas.\n")
    article = newsroom.path / "translations" / "a" / "fr.txt"
    options = ("--workspace", newsroom.path, "--to", "en", "--no-cache")
    assert run("translate", article, *options).exit_code == 0
    assert read_engines(newsroom) == {"passerelle"}
    assert names(own) == [OURS]
    model = (own / OURS / "model" / "model.bin").stat()
    assert run("translate", article, *options, "--engine", "argos").exit_code == 0
    assert (own / OURS / "model" / "model.bin").stat() == model
    assert list_packages() == ()
    package = install_package(FR_EN, tmp_path / "elsewhere")
    evaluated = [
        json.loads(run("evaluate", article, article, "--to", "en", "--engine", engine, "--json").stdout)[0]
        for engine in ("auto", package.path)
    ]
    look = f" r{LOOK_REVISION}"
    assert evaluated[0]["engine"] == evaluated[1]["engine"].replace("argos", "passerelle") + look
    assert evaluated[0]["scores"] == evaluated[1]["scores"]


@pytest.mark.parametrize(
    ("engine", "target", "installed", "expected"),
    [
        ("auto", "en", (), "passerelle fr→en 0.1"),
        ("argos", "en", (), "passerelle fr→en 0.1"),
        ("auto", "en", ("en",), "argos fr→en 1.9"),
        ("argos", "en", ("en",), "argos fr→en 1.9"),
        ("passerelle", "en", ("en",), "passerelle fr→en 0.1"),
        ("apertium", "en", ("en",), "apertium"),
        ("apertium", "en", (), "apertium"),
        ("auto", "es", (), "apertium"),
    ],
)
def test_official_packages_come_first_then_ours_then_apertium(
    *, engine: str, target: str, installed: tuple[str, ...], expected: str, own: Path, tmp_path: Path
) -> None:
    for language in installed:
        install_package(relabel(tmp_path / "official.argosmodel", language, "1.9"))
    opened = open_engine(engine, "fr", target)
    assert opened.signature.startswith(expected)
    assert opened.name == expected.partition(" ")[0]
    assert own.exists() == (opened.name == "passerelle")


def test_an_official_pivot_comes_before_ours(shipped: Path, own: Path) -> None:
    relabel(shipped / "translate-fr_es-0_1.argosmodel", "es", "0.1")
    assert open_engine("auto", "fr", "es").signature.startswith("passerelle fr→es 0.1")
    assert names(own)[0].startswith("translate-fr_es-0_1-")
    install_package(FR_EN)
    install_package(EN_ES)
    assert open_engine("auto", "fr", "es").signature.startswith("argos fr→en 0.1 ")


@pytest.mark.usefixtures("shipped")
def test_no_engine_at_all_is_worded_as_before(monkeypatch: pytest.MonkeyPatch) -> None:
    for engine, message in {
        "auto": "no engine translates fr→de; apt-get install apertium",
        "argos": "no Argos packages lead from fr to de; install one",
        "passerelle": "no package fr→de comes with Passerelle; choose another --engine",
    }.items():
        with pytest.raises(EngineError, match=message):
            open_engine(engine, "fr", "de")
    monkeypatch.setenv("PATH", "")
    assert open_engine("auto", "fr", "en").name == "passerelle"


def test_another_passerelle_brings_its_own_and_the_old_one_goes(shipped: Path, own: Path) -> None:
    """Also where both say to be the same version."""
    before = open_engine("auto", "fr", "en").signature
    relabel(shipped / "translate-fr_en-0_1.argosmodel", "en", "0.1", "newer")
    after = open_engine("auto", "fr", "en").signature
    assert before != after
    (name,) = names(own)
    assert name != OURS
    assert verify_own() == ()
    shutil.copy(FR_EN, shipped)
    assert open_engine("auto", "fr", "en").signature == before
    assert names(own) == [OURS]


@pytest.mark.parametrize("fault", ["not locked", "not whole"])
def test_what_was_interrupted_is_done_again(fault: str, own: Path) -> None:
    whole = open_engine("auto", "fr", "en").signature
    (own / ("models.lock" if fault == "not locked" else f"{OURS}/model/model.bin")).unlink()
    assert open_engine("auto", "fr", "en").signature == whole
    assert verify_own() == ()
    assert names(own.parent) == ["packages"]


def start(shipped: Path, *lines: str, **environment: str) -> str:
    """Run Python in a process of its own, with what is shipped here; return what it prints."""
    head = (
        "import sys, pathlib; from pipeline.models import locations; from pipeline.engines import Request, open_engine"
    )
    code = "\n".join([head, "locations.SHIPPED = pathlib.Path(sys.argv[1])", *lines])
    command = [sys.executable, "-W", "error", "-c", code, str(shipped)]
    return subprocess.check_output(command, env=os.environ | environment, text=True, cwd=ROOT)


def test_several_processes_that_need_it_at_once_get_one_whole_package(shipped: Path, own: Path) -> None:
    opening = "print(open_engine('auto', 'fr', 'en').translate([Request('Merci.')])[0].text)"
    with ThreadPoolExecutor(3) as pool:
        drafts = list(pool.map(lambda _: start(shipped, opening), range(3)))
    assert len(set(drafts)) == 1
    assert names(own.parent) == ["packages"]
    assert names(own) == [OURS]
    assert verify_own() == ()


@pytest.mark.parametrize("has_home", [True, False])
def test_where_the_home_cannot_be_written_it_drafts_all_the_same(
    *, has_home: bool, shipped: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    texts = [open_engine("auto", "fr", "en").translate([Request("Je ne comprends pas.")])[0].text]
    texts.append(open_engine("auto", "fr", "en").signature)
    (tmp_path / "file").touch()
    (tmp_path / "tmp").mkdir()
    folders = dict.fromkeys(("HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME"), str(tmp_path / "file" / "home"))
    lines = [
        "engine = open_engine('auto', 'fr', 'en')",
        "print(engine.translate([Request('Je ne comprends pas.')])[0].text, engine.signature, sep='\\n')",
        "open_engine('auto', 'fr', 'en')",
        "from pathlib import Path; from tempfile import gettempdir; print(len(list(Path(gettempdir()).iterdir())))",
    ]
    if not has_home:
        lines = ["import pwd; pwd.getpwuid = {}.__getitem__", *lines]
        for name in (*folders, "XDG_CONFIG_HOME"):
            monkeypatch.delenv(name)
        folders = {}
    output = start(shipped, *lines, TMPDIR=str(tmp_path / "tmp"), **folders)
    assert output.splitlines() == [*texts, "1"]
    assert list((tmp_path / "tmp").iterdir()) == []


@pytest.mark.usefixtures("own")
def test_where_nothing_can_be_written_one_line_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.rmtree(tmp_path / "data", ignore_errors=True)
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_DATA_HOME", "/dev/null")
    monkeypatch.setattr("pipeline.models.own.temporary_folder", lambda: tmp_path / "file")
    (tmp_path / "a.txt").write_text("Merci.\n")
    result = run("translate", tmp_path / "a.txt", "--workspace", tmp_path, "--to", "en", "--no-cache")
    assert result.exit_code == 1
    assert result.stderr == (
        f"passerelle: error: {tmp_path}/file/packages/models.lock: not a directory; free some space, or "
        "install Passerelle again if that file is damaged, or do without it: --engine apertium\n"
    )


def test_a_damaged_file_is_named(shipped: Path, own: Path) -> None:
    file = shipped / FR_EN.name
    file.write_bytes(FR_EN.read_bytes()[:-1000])
    with pytest.raises(EngineError, match=f"{file}: is not a readable package .*; .* install Passerelle again"):
        open_engine("auto", "fr", "en")
    assert names(own) == []
    result = run("models", "list")
    assert (result.exit_code, f"{file}: is not a readable package" in result.stderr) == (1, True)


def test_drafts_of_a_better_engine_stay_and_those_of_a_lesser_one_go(
    own: Path, newsroom: "Newsroom", monkeypatch: pytest.MonkeyPatch
) -> None:
    newsroom.add_article("a", "Je ne comprends pas.\n")
    article = newsroom.path / "translations" / "a" / "fr.txt"

    def draft(*words: str) -> set[str]:
        assert run("translate", article, "--workspace", newsroom.path, "--to", "en", *words).exit_code == 0
        return read_engines(newsroom)

    assert draft("--engine", "apertium") == {"apertium"}
    assert draft() == {"passerelle"}
    install_package(EN_ES)  # no help for this pair
    install_package(FR_EN)
    assert draft() == {"argos"}
    remove_package("fr", "en")
    assert draft() == {"argos"}
    assert draft("--redraft") == {"passerelle"}
    monkeypatch.setattr(locations, "SHIPPED", own)  # a Passerelle with nothing of its own
    assert draft() == {"passerelle"}
    assert draft("--redraft") == {"apertium"}


@pytest.mark.usefixtures("shipped")
def test_the_sample_is_drafted_again_where_it_is_ours_to_draft(newsroom: "Newsroom") -> None:
    folder = newsroom.add_sample(en=2)
    command = ("translate", folder / "fr.txt", "--workspace", newsroom.path, "--no-cache")
    assert run(*command, "--engine", "apertium").exit_code == 0
    assert read_engines(newsroom, folder.name) == {"apertium"}
    assert run(*command).exit_code == 0
    drafts = (folder / "en.po").read_text(encoding="utf-8")
    fuzzy = [entry for entry in drafts.split("\n\n") if "#, fuzzy" in entry and "#. draft" in entry]
    assert len(fuzzy) > 20
    assert all("#. draft: passerelle fr→en 0.1" in entry for entry in fuzzy)
    assert read_engines(newsroom, folder.name, "es") == {"apertium"}


@pytest.mark.usefixtures("shipped")
def test_workers_of_a_cluster_must_have_the_same() -> None:
    signature = open_engine("auto", "fr", "en").signature
    assert find_fault(Recipe("passerelle", "fr", "en", signature, digest_program())) == ""
    assert "this machine has “passerelle x”" in find_fault(
        Recipe("passerelle", "fr", "en", "passerelle x", digest_program())
    )


def test_it_is_listed_as_what_it_is(shipped: Path, own: Path) -> None:
    digest = sha256(FR_EN.read_bytes()).hexdigest()
    line = f"fr → en  0.1          4.6 MB  {digest[:16]}    -  comes with Passerelle"
    assert run("models", "list").stdout.splitlines() == [line]
    assert not own.exists()
    install_package(EN_ES)
    listed = json.loads(run("models", "list", "--json").stdout)
    assert [row["comes_with_passerelle"] for row in listed["packages"]] == [False, True]
    assert listed["packages"][1] == {
        "from": "fr",
        "to": "en",
        "version": "0.1",
        "bytes": 4_630_652,
        "sha256": digest,
        "licence": None,
        "path": (shipped / FR_EN.name).as_posix(),
        "comes_with_passerelle": True,
    }
    assert listed["pivots"] == []


def test_what_was_unpacked_is_verified(own: Path) -> None:
    assert run("models", "verify").exit_code == 0
    whole = open_engine("auto", "fr", "en").signature
    assert run("models", "verify").exit_code == 0
    with (own / OURS / "model" / "model.bin").open("r+b") as stream:
        stream.write(b"x")
    result = run("models", "verify")
    assert result.exit_code == 1
    fact = f"{OURS}/model/model.bin: is not what it was when it came"
    assert result.stdout == f"{fact}; delete {own}; what it held is unpacked again when it is needed\n"
    shutil.rmtree(own)
    assert open_engine("auto", "fr", "en").signature == whole


@pytest.mark.usefixtures("shipped")
def test_it_cannot_be_removed_and_takes_over_from_an_official_one() -> None:
    result = run("models", "remove", "fr", "en")
    assert result.exit_code == 1
    fact = "the package fr→en comes with Passerelle and cannot be removed"
    assert result.stderr == f"passerelle: error: {fact}; to do without it, say --engine apertium\n"
    install_package(FR_EN)
    result = run("models", "remove", "fr", "en")
    assert result.exit_code == 0
    assert result.stdout.endswith("\nthe package fr → en that comes with Passerelle is used from now on\n")
    assert list_packages() == ()
    assert "no Argos package fr→e* is installed" in run("models", "remove", "fr", "e*").stderr


def test_a_wheel_carries_it_and_drafts_with_it(tmp_path: Path) -> None:
    tree, site = tmp_path / "tree", tmp_path / "site"
    ignored = shutil.ignore_patterns("__pycache__", "shipped")
    shutil.copytree(ROOT / "pipeline", tree / "pipeline", ignore=ignored)
    for name in ("pyproject.toml", "README.md", "LICENSE", ".gitignore"):
        shutil.copy(ROOT / name, tree)
    digest = [sys.executable, "-c", "from pipeline.cache import digest_program; print(digest_program())"]
    before = subprocess.check_output(digest, cwd=tree, env=os.environ | {"PYTHONPATH": str(tree)})
    (tree / "pipeline" / "models" / "shipped").mkdir()
    shutil.copy(FR_EN, tree / "pipeline" / "models" / "shipped")
    assert subprocess.check_output(digest, cwd=tree, env=os.environ | {"PYTHONPATH": str(tree)}) == before

    build = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(tmp_path / "dist")]
    subprocess.run(build, cwd=tree, check=True, capture_output=True)
    (wheel,) = (tmp_path / "dist").iterdir()
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(site)
    (tmp_path / "a.txt").write_text("Merci.\n")
    environment = os.environ | {"PYTHONPATH": str(site), "XDG_DATA_HOME": str(tmp_path / "data")}
    translate = [sys.executable, "-m", "pipeline", "translate", "a.txt", "--to", "en"]
    subprocess.run(translate, cwd=tmp_path, env=environment, check=True, capture_output=True)
    assert names(tmp_path / "data" / "passerelle" / "packages") == [OURS]
    assert "#. draft: passerelle fr→en 0.1" in (tmp_path / "translations" / "a" / "en.po").read_text(encoding="utf-8")
