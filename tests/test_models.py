"""Argos packages on disk: what is listed, what is refused, and that nothing is ever half installed."""

import contextlib
import hashlib
import json
import os
import shutil
import stat
import subprocess
import sys
import tempfile
import time
import warnings
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline.cli import main
from pipeline.errors import EngineError
from pipeline.models import (
    find_broken_packages,
    install_package,
    list_packages,
    package_digest,
    packages_folder,
    remove_package,
)
from pipeline.models.lock import verify_packages

MODELS = Path(__file__).parent / "models"
FR_EN, EN_ES = MODELS / "translate-fr_en-0_1.argosmodel", MODELS / "translate-en_es-0_1.argosmodel"
METADATA = {"package_version": "1.0", "from_code": "fr", "to_code": "en"}
PARTS = {
    "p/metadata.json": json.dumps(METADATA),
    "p/model/model.bin": "weights",
    "p/model/shared_vocabulary.json": "[]",
    "p/sentencepiece.model": "pieces",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "data" / "packages"


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if path.is_dir())


def pack(file: Path, parts: dict[str, str] | None = None, *extra: tuple[str | zipfile.ZipInfo, str]) -> Path:
    with zipfile.ZipFile(file, "w") as archive, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # zipfile warns of duplicate names, which we write on purpose
        for name, content in [*(PARTS if parts is None else parts).items(), *extra]:
            archive.writestr(name, content)
    return file


def test_real_packages_are_installed_listed_and_removed(folder: Path) -> None:
    installed = [install_package(file, folder) for file in (FR_EN, EN_ES)]
    assert list_packages(folder) == (installed[1], installed[0])
    assert installed[0].path == folder / "translate-fr_en-0_1"
    assert (installed[0].source, installed[0].target, installed[0].version) == ("fr", "en", "0.1")
    assert installed[0].size == 4_630_652
    assert remove_package("fr", "en", folder) == (installed[0],)
    assert list_packages(folder) == (installed[1],)
    assert names(folder.parent) == ["packages"]


def test_installing_again_changes_nothing(folder: Path) -> None:
    first = install_package(FR_EN, folder)
    digest = package_digest(first)
    assert install_package(FR_EN, folder) == first
    assert package_digest(first) == digest
    assert names(folder) == ["translate-fr_en-0_1"]


def test_another_version_replaces_the_pair_under_whatever_name_it_stands(folder: Path, tmp_path: Path) -> None:
    install_package(EN_ES, folder)
    install_package(FR_EN, folder).path.rename(folder / "fr_en")
    installed = install_package(pack(tmp_path / "new.argosmodel"), folder)
    assert [p.version for p in list_packages(folder)] == ["0.1", "1.0"]
    assert names(folder) == ["translate-en_es-0_1", "translate-fr_en-1_0"]
    assert installed.path.name == "translate-fr_en-1_0"


def test_an_installed_package_can_be_read_by_others_as_any_new_folder(folder: Path) -> None:
    folder.mkdir(parents=True)
    assert stat.S_IMODE(install_package(FR_EN, folder).path.stat().st_mode) == stat.S_IMODE(folder.stat().st_mode)


def test_versions_of_a_pair_are_listed_newest_first(folder: Path) -> None:
    for version in ("1.9", "1.10", "1.2"):
        package = folder / version
        shutil.copytree(install_package(FR_EN, folder.parent / "other").path, package)
        package.joinpath("metadata.json").write_text(json.dumps({**METADATA, "package_version": version}))
    assert [p.version for p in list_packages(folder)] == ["1.10", "1.9", "1.2"]


def test_a_broken_folder_hides_no_other(folder: Path) -> None:
    good = install_package(FR_EN, folder)
    (folder / "a-empty").mkdir()
    (folder / "b-garbled").mkdir()
    (folder / "b-garbled" / "metadata.json").write_text("{")
    shutil.copytree(good.path, folder / "c-headless")
    (folder / "c-headless" / "model" / "model.bin").unlink()
    (folder / "d-splitter").mkdir()
    (folder / "d-splitter" / "metadata.json").write_text('{"type": "sbd", "from_codes": ["fr"]}')
    (folder / "e-file.txt").write_text("")
    assert list_packages(folder) == (good,)
    assert [str(problem).removeprefix(f"{folder}{os.sep}") for problem in find_broken_packages(folder)] == [
        "a-empty: metadata.json is missing; delete the folder and install the package again",
        "b-garbled: metadata.json is not JSON; delete the folder and install the package again",
        "c-headless: model/model.bin is missing; delete the folder and install the package again",
    ]


def test_listing_creates_and_imports_nothing(tmp_path: Path) -> None:
    code = "import sys; from pipeline.engines.argos import is_available; print(is_available('fr', 'es'))"
    check = "; print([m for m in ('argostranslate', 'ctranslate2', 'sentencepiece') if m in sys.modules])"
    environment = {**os.environ, "HOME": str(tmp_path), "XDG_DATA_HOME": str(tmp_path / "data")}
    output = subprocess.check_output([sys.executable, "-c", code + check], env=environment, text=True)
    assert output == "False\n[]\n"
    assert list(tmp_path.iterdir()) == []


def test_the_folder_is_the_one_of_argos_translate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    assert packages_folder() == tmp_path / "data" / "argos-translate" / "packages"
    file = tmp_path / "config" / "argos-translate" / "settings.json"
    file.parent.mkdir(parents=True)
    file.write_text('{"ARGOS_PACKAGES_DIR": "/from/settings"}')
    assert packages_folder() == Path("/from/settings")
    code = "from argostranslate import settings; print(settings.package_data_dir)"
    file.write_text(json.dumps({"ARGOS_PACKAGES_DIR": str(tmp_path / "chosen")}))
    theirs = subprocess.check_output([sys.executable, "-c", code], text=True).strip()
    assert packages_folder() == Path(theirs) == tmp_path / "chosen"
    monkeypatch.setenv("ARGOS_PACKAGES_DIR", "/from/environment")
    assert packages_folder() == Path("/from/environment")


def test_removing_what_is_not_there_names_what_is(folder: Path) -> None:
    install_package(FR_EN, folder)
    with pytest.raises(EngineError, match="no Argos package en→fr is installed; installed: fr→en"):
        remove_package("en", "fr", folder)


def test_the_digest_covers_what_shapes_a_draft(folder: Path) -> None:
    package = install_package(FR_EN, folder)
    digest = package_digest(package)
    (package.path / "README.md").write_text("another")
    assert package_digest(package) == digest
    for name in ("metadata.json", "sentencepiece.model", "model/config.json", "model/model.bin"):
        with (package.path / name).open("ab") as stream:
            stream.write(b" ")
        changed, digest = digest, package_digest(package)
        assert digest != changed, name


def link(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name)
    entry.create_system, entry.external_attr = 3, (stat.S_IFLNK | 0o777) << 16
    return entry


def without(name: str) -> dict[str, str]:
    return {key: value for key, value in PARTS.items() if key != name}


def with_metadata(**fields: object) -> dict[str, str]:
    return {**PARTS, "p/metadata.json": json.dumps({**METADATA, **fields})}


def make_truncated(file: Path) -> None:
    file.write_bytes(FR_EN.read_bytes()[:2_000_000])


def make_flipped(file: Path) -> None:
    content = bytearray(FR_EN.read_bytes())
    content[2_000_000] ^= 0xFF
    file.write_bytes(content)


def make_bomb(file: Path) -> None:
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in {**PARTS, "p/model/model.bin": "\0" * 5_000_000}.items():
            archive.writestr(name, content)


def make_unusual(file: Path, method: int) -> None:
    with zipfile.ZipFile(file, "w", method) as archive:
        for name, content in PARTS.items():
            archive.writestr(name, content)


def make_encrypted(file: Path) -> None:
    """Set the flag; the library would then ask for a password."""
    pack(file)
    content = bytearray(file.read_bytes())
    at = content.index(b"PK\x01\x02")
    content[at + 8] |= 1
    file.write_bytes(content)


def make_short(file: Path) -> None:
    """Let the directory claim more bytes for an entry, not compressed, than there are."""
    pack(file)
    content = bytearray(file.read_bytes())
    content[content.index(b"PK\x01\x02") + 24] += 1
    file.write_bytes(content)


def make_zeros(file: Path) -> None:
    """Pack 10 GB of zeros in 10 MB: the same 10 MB over and over."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    block = packer.compress(bytes(10 * 1024**2)) + packer.flush(zlib.Z_FULL_FLUSH)
    packed = block * 1024 + packer.flush(zlib.Z_FINISH)
    pack(file, without("p/model/model.bin"))
    with zipfile.ZipFile(file, "a") as archive:
        entry = zipfile.ZipInfo("p/model/model.bin")
        entry.compress_type, entry.file_size = zipfile.ZIP_DEFLATED, 10 * 1024**3
        entry.compress_size, entry.CRC = len(packed), 0
        assert archive.fp
        entry.header_offset = archive.fp.seek(archive.start_dir)
        archive.fp.write(entry.FileHeader(zip64=True) + packed)
        archive.start_dir = archive.fp.tell()
        archive.filelist.append(entry)
        archive._didModify = True  # type: ignore[attr-defined]  # noqa: SLF001


def make_claim(file: Path, size: int) -> None:
    """Let the directory claim another size for a megabyte of zeros."""
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in {**PARTS, "p/model/model.bin": "\0" * 1_000_000}.items():
            archive.writestr(name, content)
        archive.getinfo("p/model/model.bin").file_size = size
        archive.writestr("p/model/noise", os.urandom(20_000))


def make_crowd(file: Path) -> None:
    with zipfile.ZipFile(file, "w") as archive:
        for number in range(10_001):
            archive.writestr(f"p/{number}", "")


BAD_FILES: dict[str, tuple[Callable[[Path], object], str]] = {
    "absent": (lambda file: file, "No such file"),
    "folder": (lambda file: file.mkdir(), "Is a directory"),
    "empty": (lambda file: file.write_bytes(b""), "not a zip file"),
    "text": (lambda file: file.write_text("<html>404</html>"), "not a zip file"),
    "truncated": (make_truncated, "not a zip file"),
    "flipped": (make_flipped, "Bad CRC-32|invalid|error"),
    "bomb": (make_bomb, "would unpack to 4 entries and 5000"),
    "no-entries": (lambda file: pack(file, {}), "does not hold one folder"),
    "traversal": (lambda file: pack(file, None, ("p/../../evil", "")), "unsafe name"),
    "absolute": (lambda file: pack(file, None, ("/etc/evil", "")), "unsafe name"),
    "drive": (lambda file: pack(file, None, ("C:/evil", "")), "unsafe name"),
    "backslash": (lambda file: pack(file, None, ("p\\..\\evil", "")), "unsafe name"),
    "empty-name": (lambda file: pack(file, None, ("p//evil", "")), "unsafe name"),
    "control": (lambda file: pack(file, None, ("p/e\nvil", "")), "unsafe name"),
    "lzma": (lambda file: make_unusual(file, zipfile.ZIP_LZMA), "packed in an unusual way"),
    "encrypted": (make_encrypted, "encrypted"),
    "zeros": (make_zeros, "would unpack to 4 entries and 10737418[0-9]+ bytes"),
    "claim": (lambda file: make_claim(file, 10 * 1024**3), "would unpack to 5 entries and 10737438310 bytes"),
    "short": (make_short, "has [0-9]+ of [0-9]+ bytes"),
    "lie": (lambda file: make_claim(file, 1000), "Bad CRC-32"),
    "crowd": (make_crowd, "is too large: over [0-9]+ bytes, 1[0-9]+ entries"),
    "link": (lambda file: pack(file, None, (link("p/evil"), "/etc/passwd")), "no plain file"),
    "twice": (lambda file: pack(file, None, ("p/metadata.json", "{}")), "twice"),
    "twice-by-case": (lambda file: pack(file, None, ("p/Metadata.JSON", "{}")), "twice"),
    "file-and-folder": (lambda file: pack(file, None, ("p/metadata.json/x", "")), "a file and a folder"),
    "two-tops": (lambda file: pack(file, None, ("q/README.md", "")), "does not hold one folder"),
    "no-top": (lambda file: pack(file, None, ("README.md", "")), "does not hold one folder"),
    "no-metadata": (lambda file: pack(file, without("p/metadata.json")), "has no metadata.json"),
    "not-json": (lambda file: pack(file, {**PARTS, "p/metadata.json": "{"}), "metadata.json is not JSON"),
    "deep-json": (lambda file: pack(file, {**PARTS, "p/metadata.json": "[" * 100_000}), "metadata.json is not JSON"),
    "no-object": (lambda file: pack(file, {**PARTS, "p/metadata.json": "[]"}), "not a JSON object"),
    "no-code": (lambda file: pack(file, with_metadata(from_code=None)), "from_code None"),
    "odd-code": (lambda file: pack(file, with_metadata(to_code="../en")), "to_code '../en'"),
    "same-code": (lambda file: pack(file, with_metadata(to_code="fr")), "'fr' to itself"),
    "odd-version": (lambda file: pack(file, with_metadata(package_version="1/0")), "package_version '1/0'"),
    "odd-prefix": (lambda file: pack(file, with_metadata(target_prefix=[1])), "target_prefix"),
    "splitter": (lambda file: pack(file, with_metadata(type="sbd")), "by the type in its metadata"),
    "no-model": (lambda file: pack(file, without("p/model/model.bin")), "model/model.bin is missing"),
    "empty-model": (lambda file: pack(file, {**PARTS, "p/model/model.bin": ""}), "model/model.bin is missing"),
    "no-vocabulary": (lambda file: pack(file, without("p/model/shared_vocabulary.json")), "vocabulary is missing"),
    "no-tokenizer": (lambda file: pack(file, without("p/sentencepiece.model")), "the tokenizer"),
}


@pytest.mark.parametrize("name", BAD_FILES)
def test_a_bad_file_is_refused_in_one_line_and_changes_nothing(name: str, folder: Path, tmp_path: Path) -> None:
    make, fact = BAD_FILES[name]
    file = tmp_path / f"{name}.argosmodel"
    make(file)
    good = install_package(FR_EN, folder)
    before = package_digest(good)
    with pytest.raises(EngineError, match=fact) as caught:
        install_package(file, folder)
    assert str(caught.value).startswith(f"{file}: ")
    assert "\n" not in str(caught.value)
    assert "nothing was installed" in caught.value.hint
    assert list_packages(folder) == (good,)
    assert package_digest(good) == before
    assert names(folder.parent) == ["packages"]
    assert not (tmp_path / "evil").exists()


def test_a_file_is_checked_before_any_folder_is_made(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(EngineError):
        install_package(pack(tmp_path / "x.argosmodel", without("p/model/model.bin")), folder)
    assert not folder.parent.exists()


def test_a_package_comes_back_when_its_successor_cannot_be_put_in_place(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    good = install_package(FR_EN, folder)
    rename = Path.rename

    def fail_for_the_new_one(self: Path, target: Path) -> Path:
        if target.name == "translate-fr_en-1_0":
            raise OSError(28, "No space left on device", str(target))
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", fail_for_the_new_one)
    with pytest.raises(EngineError, match="cannot be changed \\(No space left on device\\); free some space"):
        install_package(pack(tmp_path / "new.argosmodel"), folder)
    assert list_packages(folder) == (good,)
    assert names(folder.parent) == ["packages"]


def run(*arguments: object) -> Result:
    return CliRunner().invoke(main, ["models", *map(str, arguments)], catch_exceptions=False)


@pytest.fixture
def current(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("ARGOS_PACKAGES_DIR", str(folder))
    return folder


def test_packages_of_a_folder_are_installed_by_name(current: Path) -> None:
    result = run("install", "fr", "es", "--from", MODELS)
    assert result.stdout.splitlines() == [
        f"installed fr → en 0.1 in {current / 'translate-fr_en-0_1'}",
        f"installed en → es 0.1 in {current / 'translate-en_es-0_1'}",
    ]
    assert run("install", "--from", MODELS).stdout.count("already there:") == 2
    assert "no package leads from fr to pt" in run("install", "fr", "pt", "--from", MODELS).stderr
    assert run("install", "en", "es", "--from", EN_ES).exit_code == 0
    assert "translates en→es, not fr→en" in run("install", "fr", "en", "--from", EN_ES).stderr


def test_a_bad_file_of_a_folder_stops_no_other(current: Path, tmp_path: Path) -> None:
    shutil.copy(FR_EN, tmp_path)
    (tmp_path / "bad.argosmodel").write_text("<html>")
    result = run("install", "--from", tmp_path)
    assert (result.exit_code, result.stdout.count("installed")) == (0, 1)
    assert "bad.argosmodel: is not a readable package" in result.stderr
    assert [p.source for p in list_packages(current)] == ["fr"]
    (tmp_path / "empty").mkdir()
    result = run("install", "fr", "en", "--from", tmp_path / "empty")
    assert (result.exit_code, "holds no package" in result.stderr) == (1, True)


@pytest.mark.usefixtures("current")
def test_install_says_what_it_takes() -> None:
    assert run("install").exit_code == 2
    assert run("install", FR_EN, "--from", MODELS).exit_code == 2
    assert "fr: is not a readable package (No such file" in run("install", "fr").stderr


def test_the_list_shows_digests_licences_and_pivots(current: Path, tmp_path: Path) -> None:
    run("install", FR_EN, EN_ES)
    digests = [hashlib.sha256(file.read_bytes()).hexdigest()[:16] for file in (EN_ES, FR_EN)]
    assert run("list").stdout.splitlines() == [
        f"en → es  0.1          4.6 MB  {digests[0]}    -  {current / 'translate-en_es-0_1'}",
        f"fr → en  0.1          4.6 MB  {digests[1]}    -  {current / 'translate-fr_en-0_1'}",
        "fr → en → es  by pivot",
    ]
    licensed = {
        "metadata": with_metadata(license="CC BY 4.0\x1b[2J\nmore"),
        "file": {**PARTS, "p/LICENSE": "\n# MIT License\n\nCopyright", "p/README.md": "It is licensed under CC0."},
        "readme": {**PARTS, "p/README.md": "The model that this is derived from is licensed CC-BY 4.0"},
        "link": {**PARTS, "p/README.md": "Includes [Stanza](https://stanza.example/blob/master/LICENSE)."},
        "wrong": {**with_metadata(license=["MIT"]), "p/README.md": "licensed under the terms of the GPL-3.0-or-later."},
    }
    found = []
    for name, parts in licensed.items():
        run("install", pack(tmp_path / f"{name}.argosmodel", parts))
        found.append(json.loads(run("list", "--json").stdout)["packages"][1]["licence"])
    assert found == ["CC BY 4.0\x1b[2J".replace("\x1b", " "), "MIT License", "CC-BY 4.0", None, "GPL-3.0-or-later"]


def test_what_argos_installed_itself_is_listed_and_not_vouched_for(current: Path) -> None:
    with zipfile.ZipFile(FR_EN) as archive:
        archive.extractall(current)
    assert "not in models.lock" in run("list").stdout
    assert json.loads(run("list", "--json").stdout)["packages"][0]["sha256"] is None
    result = run("verify")
    assert result.exit_code == 1
    assert result.stdout == (
        "translate-fr_en-0_1: is not in models.lock, so that nobody knows what it was when it came; "
        "install it again: passerelle models install fr en\n"
    )


def test_verify_names_what_is_not_what_came(current: Path) -> None:
    run("install", FR_EN, EN_ES)
    assert run("verify").stdout == "all packages are what they were when they came\n"
    package = current / "translate-fr_en-0_1"
    with (package / "model" / "model.bin").open("r+b") as model:
        model.write(b"harm")
    (package / "README.md").unlink()
    (package / "README.md").symlink_to("/etc/hostname")
    (package / "sentencepiece.model").rename(package / "bpe.model")
    shutil.rmtree(current / "translate-en_es-0_1")
    result = run("verify", "--json")
    assert result.exit_code == 1
    assert [(f["place"], f["fact"]) for f in json.loads(result.stdout)] == [
        ("translate-fr_en-0_1/README.md", "is not what it was when it came"),
        ("translate-fr_en-0_1/bpe.model", "did not come with the package"),
        ("translate-fr_en-0_1/model/model.bin", "is not what it was when it came"),
        ("translate-fr_en-0_1/sentencepiece.model", "is missing"),
        ("models.lock", "en→es 0.1 is not installed"),
    ]
    assert run("remove", "en", "es").stdout == "removed en → es from models.lock; it was not installed\n"
    (package / "model" / "model.bin").unlink()
    assert run("verify").stdout.splitlines()[0].startswith("translate-fr_en-0_1: model/model.bin is missing; delete")


@pytest.mark.parametrize("content", ["", "{", "[]", '{"packages": 7}', '{"packages": [{"from": 1}]}', "[" * 100_000])
def test_a_damaged_lock_file_is_named_and_left_alone(content: str, current: Path) -> None:
    run("install", FR_EN)
    lock = current / "models.lock"
    lock.write_text(content)
    for command in (["verify"], ["list"], ["remove", "fr", "en"], ["install", EN_ES]):
        result = run(*command)
        assert (result.exit_code, f"{lock}: is damaged; get it back" in result.stderr) == (1, True), command
    assert lock.read_text() == content
    assert names(current) == ["translate-fr_en-0_1"]


def test_whoever_looks_finds_one_whole_package_or_two(folder: Path, tmp_path: Path) -> None:
    """While another process installs two versions in turn, and the same one again."""
    install_package(FR_EN, folder)
    files = [str(FR_EN), str(FR_EN), str(pack(tmp_path / "x.argosmodel"))] * 8
    code = "import sys, pathlib; from pipeline.models import install_package\nfor f in sys.argv[2:]: install_package("
    command = [sys.executable, "-c", code + "pathlib.Path(f), pathlib.Path(sys.argv[1]))", str(folder), *files]
    seen = set()
    with subprocess.Popen(command) as process:
        while process.poll() is None:
            seen.add((tuple(p.version for p in list_packages(folder)), find_broken_packages(folder)))
    assert process.returncode == 0
    assert {("0.1",), ("1.0",)} <= {versions for versions, _ in seen} <= {("0.1",), ("1.0",), ("1.0", "0.1")}
    assert {broken for _, broken in seen} == {()}
    assert verify_packages(folder) == ()


def test_an_installation_that_is_killed_leaves_the_old_package_or_the_new(folder: Path, tmp_path: Path) -> None:
    """At 12 moments, from the first import to the end."""
    old = install_package(pack(tmp_path / "x.argosmodel"), folder)
    command = [sys.executable, "-m", "pipeline", "models", "install", str(FR_EN)]
    environment = {**os.environ, "ARGOS_PACKAGES_DIR": str(folder)}
    started = time.monotonic()
    subprocess.run(command, env=environment, check=True, capture_output=True)
    took = time.monotonic() - started
    for step in range(12):
        install_package(tmp_path / "x.argosmodel", folder)
        with subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL) as process:
            time.sleep(took * (step + 1) / 12)
            process.kill()
        assert 1 <= len(list_packages(folder)) <= 2
        assert find_broken_packages(folder) == ()
    assert install_package(tmp_path / "x.argosmodel", folder) == old
    assert list_packages(folder) == (old,)
    assert names(folder.parent) == ["packages"]
    assert verify_packages(folder) == ()


def test_a_full_disk_changes_nothing(tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(disk)]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("needs the right to mount a small disk")
    try:
        small = install_package(pack(tmp_path / "x.argosmodel"), disk / "packages")
        with pytest.raises(EngineError, match=r"cannot be changed \(No space left on device\); free some space"):
            install_package(FR_EN, disk / "packages")
        assert list_packages(disk / "packages") == (small,)
        assert verify_packages(disk / "packages") == ()
        assert names(disk) == ["packages"]
    finally:
        subprocess.run(["umount", str(disk)], check=True)


def test_what_a_killed_run_left_is_swept_out(folder: Path) -> None:
    install_package(FR_EN, folder)
    left = folder.parent / ".packages-passerelle-x"
    left.mkdir()
    (left / "model.bin").write_text("half")
    (folder.parent / ".others-passerelle-x").mkdir()
    install_package(EN_ES, folder)
    assert names(folder.parent) == [".others-passerelle-x", "packages"]


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(changes=st.lists(st.tuples(st.integers(0, 700), st.integers(0, 255)), min_size=1, max_size=4))
def test_a_file_with_any_bytes_changed_is_sound_or_refused(changes: list[tuple[int, int]], tmp_path: Path) -> None:
    place = Path(tempfile.mkdtemp(dir=tmp_path))  # each example has its own, or one would answer for another
    file, folder = place / "x.argosmodel", place / "a" / "packages"
    content = bytearray(pack(file).read_bytes())
    for at, value in changes:
        content[at % len(content)] = value
    file.write_bytes(content)
    with contextlib.suppress(EngineError):
        install_package(file, folder)
    assert {path.name for path in place.iterdir()} <= {"a", "x.argosmodel"}
    assert not folder.exists() or (find_broken_packages(folder), verify_packages(folder)) == ((), ())
