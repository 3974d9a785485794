"""The packages that are installed: which can be used, and what each is."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

from pipeline.errors import EngineError
from pipeline.models.locations import packages_folder
from pipeline.models.metadata import TOKENIZERS, check_parts, order_version, parse_metadata


@dataclass(frozen=True, slots=True)
class InstalledPackage:
    """A package that can be used: its folder, ISO codes, version, and the size in bytes of all its files."""

    path: Path
    source: str
    target: str
    version: str
    size: int


def list_packages(folder: Path | None = None) -> tuple[InstalledPackage, ...]:
    """List the usable packages in `folder` (default: `packages_folder()`), by pair, the newest version first.

    Nothing is created or imported; a folder that does not exist holds no packages. Broken packages are left out:
    `find_broken_packages` names them.
    """
    return _survey(folder or packages_folder())[0]


def find_broken_packages(folder: Path | None = None) -> tuple[EngineError, ...]:
    """Say of each folder that Argos Translate would take for a package, and that cannot be used, what is wrong."""
    return _survey(folder or packages_folder())[1]


def package_digest(package: InstalledPackage) -> str:
    """Return the SHA-256 (hex) of what shapes a draft: the names and contents of metadata, model and tokenizer.

    All bytes are read: 0.8 s a GB, measured. Raises EngineError when a file cannot be read.
    """
    model = (p for p in (package.path / "model").rglob("*") if p.is_file())
    others = (package.path / name for name in ("metadata.json", *TOKENIZERS))
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
    try:
        paths = _list_folders(folder)
        found = [_read_package(path) for path in paths]
        # What seems broken may have changed places with its successor while it was read.
        found = [_read_package(p) if isinstance(f, EngineError) else f for p, f in zip(paths, found, strict=True)]
        if _list_folders(folder) != paths:  # one was replaced or removed this very moment
            return _survey(folder)
    except FileNotFoundError:
        return (), ()
    except OSError as error:
        return (), (EngineError(f"{folder}: cannot be read ({error.strerror})", "check its permissions"),)
    packages = [package for package in found if isinstance(package, InstalledPackage)]
    packages.sort(key=lambda p: order_version(p.version), reverse=True)
    packages.sort(key=lambda p: (p.source, p.target))
    return tuple(packages), tuple(problem for problem in found if isinstance(problem, EngineError))


def _list_folders(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if path.is_dir())


def _read_package(path: Path) -> InstalledPackage | EngineError | None:
    try:
        metadata = parse_metadata((path / "metadata.json").read_bytes())
        if not metadata:  # sentence splitters of Argos 1 are packages too, and no business of ours
            return None
        check_parts({p.relative_to(path).as_posix() for p in path.rglob("*") if p.is_file()})
        return InstalledPackage(path, *metadata, _size(path))
    except (ValueError, OSError) as error:
        fact = error.strerror if isinstance(error, OSError) else error
        problem = "metadata.json is missing" if isinstance(error, FileNotFoundError) else fact
        return EngineError(f"{path}: {problem}", "delete the folder and install the package again")


def _size(folder: Path) -> int:
    return sum(p.stat().st_size for p in folder.rglob("*") if p.is_file())
