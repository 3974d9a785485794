"""The Argos packages of this machine: list, install, remove.

A package is a folder (`metadata.json`, `model/`, a tokenizer) inside the packages folder; an `.argosmodel` file is
the same folder zipped. Argos Translate's own functions are not used here: its installer unpacks whatever the zip
says, one broken folder makes its listing fail, and importing it creates folders in the user's home.
"""

import errno
import hashlib
import json
import os
import re
import stat
import tempfile
import unicodedata
import zipfile
import zlib
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from pipeline.errors import EngineError

MAX_UNPACKED = 4 * 1024**3  # bytes
MAX_ENTRIES = 10_000
MAX_RATIO = 100  # unpacked to packed; the packages in tests/models have 1.1
MAX_METADATA = 1024**2  # bytes

_CODE = re.compile(r"[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{2,8})*")
_VERSION = re.compile(r"[A-Za-z0-9][A-Za-z0-9.+-]{0,31}")
_TOKENIZERS = ("sentencepiece.model", "bpe.model")  # in argostranslate's order of preference
_VOCABULARIES = ("shared_vocabulary", "target_vocabulary")
# RuntimeError: encrypted, or (NotImplementedError) an unknown compression; ValueError: a name that does not decode.
_ZIP_ERRORS = (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, ValueError)


@dataclass(frozen=True, slots=True)
class InstalledPackage:
    """A package that can be used: its folder, ISO codes, version, and the size in bytes of all its files."""

    path: Path
    source: str
    target: str
    version: str
    size: int


def packages_folder() -> Path:
    """Return the folder where Argos Translate 1.11 keeps packages; it may not exist.

    As in `argostranslate.settings`: the environment's ARGOS_PACKAGES_DIR, else the same key of Argos' own
    `settings.json`, else `argos-translate/packages` under XDG_DATA_HOME. (ARGOS_TRANSLATE_PACKAGE_DIR has had no
    effect there since 1.2; Snap's own folders are left out.)
    """
    home = Path(os.path.expanduser("~"))  # noqa: PTH111 - Path.home() fails where a user has none, as in containers
    chosen: object = os.environ.get("ARGOS_PACKAGES_DIR")
    if chosen is None:
        config = Path(os.environ.get("XDG_CONFIG_HOME", home / ".config")) / "argos-translate" / "settings.json"
        try:
            settings = json.loads(config.read_bytes())
        except (OSError, ValueError, RecursionError):
            settings = None
        chosen = settings.get("ARGOS_PACKAGES_DIR") if isinstance(settings, dict) else None
    if isinstance(chosen, str) and chosen:
        return Path(chosen)
    return Path(os.environ.get("XDG_DATA_HOME", home / ".local" / "share")) / "argos-translate" / "packages"


def list_packages(folder: Path | None = None) -> tuple[InstalledPackage, ...]:
    """List the usable packages in `folder` (default: `packages_folder()`), by pair, the newest version first.

    Nothing is created or imported; a folder that does not exist holds no packages. Broken packages are left out:
    `find_broken_packages` names them.
    """
    return _survey(folder or packages_folder())[0]


def find_broken_packages(folder: Path | None = None) -> tuple[EngineError, ...]:
    """Say of each folder that Argos Translate would take for a package, and that cannot be used, what is wrong."""
    return _survey(folder or packages_folder())[1]


def install_package(file: Path, folder: Path | None = None) -> InstalledPackage:
    """Install an `.argosmodel` file into `folder` (default: `packages_folder()`), and return what was installed.

    The file is checked before anything is written, unpacked beside `folder`, and renamed into it at the end. There
    is one package a pair: what is installed last replaces every other version of it, older or newer.
    Raises EngineError, and changes nothing, when the file is no sound package or cannot be unpacked.
    """
    folder = folder or packages_folder()
    try:
        with zipfile.ZipFile(file) as archive:
            top = _check_archive(archive, file)
            source, target, version = _check_contents(archive, top, file)
            installed = folder / f"translate-{source}_{target}-{re.sub('[^A-Za-z0-9]', '_', version)}"
            with _workshop(folder) as workshop:
                archive.extractall(workshop)
                old = [p.path for p in list_packages(folder) if (p.source, p.target) == (source, target)]
                _exchange(workshop, workshop / top, installed, old)
    except _ZIP_ERRORS as error:
        if isinstance(error, OSError) and error.errno and error.filename != str(file):
            raise _unwritable(folder, error) from None
        raise _refuse(file, f"is not a readable package ({_first_line(error)})") from None
    return InstalledPackage(installed, source, target, version, _size(installed))


def remove_package(source: str, target: str, folder: Path | None = None) -> tuple[InstalledPackage, ...]:
    """Remove every version of a pair's package from `folder` (default: `packages_folder()`), and return them.

    Raises EngineError when there is none, or when the folder cannot be changed.
    """
    folder = folder or packages_folder()
    packages = list_packages(folder)
    removed = tuple(p for p in packages if (p.source, p.target) == (source, target))
    if not removed:
        there = ", ".join(f"{p.source}→{p.target}" for p in packages) or "none"
        raise EngineError(f"{folder}: no Argos package {source}→{target} is installed", f"installed: {there}")
    try:
        with _workshop(folder) as workshop:
            _exchange(workshop, None, folder, [p.path for p in removed])
    except OSError as error:
        raise _unwritable(folder, error) from None
    return removed


def package_digest(package: InstalledPackage) -> str:
    """Return the SHA-256 (hex) of what shapes a draft: the names and contents of metadata, model and tokenizer.

    All bytes are read: 0.8 s a GB, measured. Raises EngineError when a file cannot be read.
    """
    model = (p for p in (package.path / "model").rglob("*") if p.is_file())
    others = (package.path / name for name in ("metadata.json", *_TOKENIZERS))
    digest = hashlib.sha256()
    try:
        for file in sorted([*model, *(p for p in others if p.is_file())]):
            with file.open("rb") as stream:
                content = hashlib.file_digest(stream, "sha256").hexdigest()
            digest.update(f"{file.relative_to(package.path).as_posix()}\0{content}\n".encode())
    except OSError as error:
        raise EngineError(f"{package.path}: cannot be read ({error.strerror})", "check its permissions") from None
    return digest.hexdigest()


def _survey(folder: Path) -> tuple[tuple[InstalledPackage, ...], tuple[EngineError, ...]]:
    """Read every package folder on its own, so that a broken one hides no other."""
    packages: list[InstalledPackage] = []
    problems: list[EngineError] = []
    try:
        entries = sorted(p for p in folder.iterdir() if p.is_dir())
    except FileNotFoundError:
        return (), ()
    except OSError as error:
        return (), (EngineError(f"{folder}: cannot be read ({error.strerror})", "check its permissions"),)
    for path in entries:
        try:
            metadata = _parse_metadata((path / "metadata.json").read_bytes())
            if metadata:  # sentence splitters of Argos 1 are packages too, and no business of ours
                _check_parts({p.relative_to(path).as_posix() for p in path.rglob("*") if p.is_file()})
                packages.append(InstalledPackage(path, *metadata, _size(path)))
        except (ValueError, OSError) as error:
            fact = error.strerror if isinstance(error, OSError) else error
            problem = "metadata.json is missing" if isinstance(error, FileNotFoundError) else fact
            problems.append(EngineError(f"{path}: {problem}", "delete the folder and install the package again"))
    newest_first = sorted(packages, key=lambda p: [int(n) for n in re.findall(r"[0-9]+", p.version)], reverse=True)
    return tuple(sorted(newest_first, key=lambda p: (p.source, p.target))), tuple(problems)


def _size(folder: Path) -> int:
    return sum(p.stat().st_size for p in folder.rglob("*") if p.is_file())


def _parse_metadata(content: bytes) -> tuple[str, str, str] | None:
    """Return a `metadata.json`'s source, target and version, or None for a package that does not translate.

    ValueError says in a few words what is wrong with it.
    """
    try:
        fields = json.loads(content)
    except (ValueError, RecursionError):
        raise ValueError("metadata.json is not JSON") from None
    if not isinstance(fields, dict):
        raise ValueError("metadata.json is not a JSON object")  # noqa: TRY004 (one error for all that is wrong)
    if fields.get("type", "translate") != "translate":
        return None
    source, target = fields.get("from_code"), fields.get("to_code")
    version, prefix = fields.get("package_version", "0"), fields.get("target_prefix", "")
    for name, code in (("from_code", source), ("to_code", target)):
        if not isinstance(code, str) or not _CODE.fullmatch(code):
            raise ValueError(f"metadata.json has {name} {code!r:.40}, not a language code")
    if source == target:
        raise ValueError(f"metadata.json translates {source!r} to itself")
    if not isinstance(version, str) or not _VERSION.fullmatch(version):
        raise ValueError(f"metadata.json has package_version {version!r:.40}, not a version")
    if not isinstance(prefix, str):
        raise ValueError(f"metadata.json has target_prefix {prefix!r:.40}, not text")  # noqa: TRY004
    return str(source), str(target), version


def _check_parts(names: Collection[str]) -> None:
    """Raise ValueError unless the files of a package (relative names) hold a model, its vocabulary and a tokenizer."""
    if "model/model.bin" not in names:
        raise ValueError("model/model.bin is missing")
    if not any(name.startswith(f"model/{stem}.") for name in names for stem in _VOCABULARIES):
        raise ValueError("the model's vocabulary is missing")
    if not any(name in names for name in _TOKENIZERS):
        raise ValueError(f"the tokenizer ({' or '.join(_TOKENIZERS)}) is missing")


def _check_archive(archive: zipfile.ZipFile, file: Path) -> str:
    """Return the one top folder of a package file; raise EngineError for a file that must not be unpacked."""
    entries = archive.infolist()
    unpacked, packed = sum(e.file_size for e in entries), file.stat().st_size
    # zipfile never yields more than the size that an entry declares, so that the declared sizes bound the real ones.
    if len(entries) > MAX_ENTRIES or unpacked > MAX_UNPACKED or unpacked > MAX_RATIO * packed:
        raise _refuse(file, f"would unpack to {len(entries)} entries and {unpacked} bytes")
    seen: set[str] = set()
    for entry in entries:
        name = entry.orig_filename
        parts = name.removesuffix("/").split("/")
        kind = stat.S_IFMT(entry.external_attr >> 16)
        if re.search(r'[\\:*?"<>|\x00-\x1f\x7f]', name) or any(part.strip(". ") == "" for part in parts):
            raise _refuse(file, f"has an entry with an unsafe name, {name!r:.80}")
        if kind not in {0, stat.S_IFREG, stat.S_IFDIR}:
            raise _refuse(file, f"has an entry that is no plain file, {name!r:.80}")
        # On macOS and Windows names that differ by case or composition are one file.
        key = unicodedata.normalize("NFC", name.removesuffix("/")).casefold()
        if key in seen:
            raise _refuse(file, f"has the entry {name!r:.80} twice")
        seen.add(key)
    files = {e.filename for e in entries if not e.is_dir()}
    if any("/".join(name.split("/")[:end]) in files for name in files for end in range(1, name.count("/") + 1)):
        raise _refuse(file, "has an entry that is a file and a folder")
    tops = {e.filename.split("/")[0] for e in entries}
    if len(tops) != 1 or tops & files:
        raise _refuse(file, "does not hold one folder with everything in it")
    return tops.pop()


def _check_contents(archive: zipfile.ZipFile, top: str, file: Path) -> tuple[str, str, str]:
    """Check that all parts of a package are in its file; return source, target and version."""
    sizes = {e.filename.removeprefix(f"{top}/"): e.file_size for e in archive.infolist() if not e.is_dir()}
    if not 0 < sizes.get("metadata.json", 0) <= MAX_METADATA:
        raise _refuse(file, "has no metadata.json")
    content = archive.read(f"{top}/metadata.json")
    try:
        metadata = _parse_metadata(content)
        _check_parts({name for name, size in sizes.items() if size})
    except ValueError as error:
        raise _refuse(file, f"is no package that translates: {error}") from None
    if not metadata:
        raise _refuse(file, "is no package that translates, by the type in its metadata.json")
    return metadata


@contextmanager
def _workshop(folder: Path) -> Iterator[Path]:
    """Give a temporary folder beside the packages folder: in it, Argos Translate would fail over a broken package."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(
        prefix=".passerelle-", dir=folder.resolve().parent, ignore_cleanup_errors=True
    ) as name:
        yield Path(name)


def _exchange(workshop: Path, new: Path | None, destination: Path, old: list[Path]) -> None:
    """Rename the old packages into the workshop and the new one to its destination, or put all back."""
    moved: list[tuple[Path, Path]] = []
    replaced = dict.fromkeys((*old, *([destination] if new and destination.exists() else ())))
    try:
        for number, path in enumerate(replaced):
            path.rename(workshop / f"old-{number}")
            moved.append((workshop / f"old-{number}", path))
        if new:
            new.rename(destination)
    except OSError:
        for kept, path in moved:
            kept.rename(path)
        raise


def _first_line(error: BaseException) -> str:
    """Word a library's error in one line, without the path that we name ourselves."""
    text = (error.strerror if isinstance(error, OSError) else None) or str(error) or type(error).__name__
    return text.splitlines()[0]


def _refuse(file: Path, fact: str) -> EngineError:
    return EngineError(f"{file}: {fact}", "nothing was installed; get the .argosmodel file again from its source")


def _unwritable(folder: Path, error: OSError) -> EngineError:
    hint = (
        "free some space"
        if error.errno == errno.ENOSPC
        else "check its permissions and its parent's, or set ARGOS_PACKAGES_DIR"
    )
    return EngineError(f"{folder}: cannot be changed ({_first_line(error)})", hint)
