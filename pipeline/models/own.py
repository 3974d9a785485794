"""The packages that come with Passerelle: unpacked when one is first needed, by the code that installs all others."""

import hashlib
from dataclasses import replace
from pathlib import Path

from pipeline.errors import EngineError, PipelineError
from pipeline.models.installation import DIGITS, hold_folder, install_package
from pipeline.models.locations import find_shipped, own_folder, temporary_folder
from pipeline.models.lock import Finding, read_lock, verify_packages
from pipeline.models.packages import InstalledPackage, list_packages

_WITHOUT = "or do without it: --engine apertium"


def provide_package(source: str, target: str) -> InstalledPackage:
    """Return the package that comes with Passerelle for a pair, unpacked into `own_folder()` if it is not there.

    It takes the place of what another Passerelle has unpacked there. Where that folder cannot be written, as in a
    container, the package goes into a temporary folder until this process ends: the drafts are the same.
    Raises EngineError when none comes for the pair, its file is damaged, or there is no room for it anywhere.
    """
    file = find_shipped(source, target)
    if not file:
        raise EngineError(f"no package {source}→{target} comes with Passerelle", "choose another --engine")
    try:
        with file.open("rb") as stream:
            sha256 = hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError as error:
        hint = f"check its permissions, {_WITHOUT}"
        raise EngineError(f"{file}: cannot be read ({error.strerror})", hint) from None
    folder = own_folder()
    if folder:
        try:
            return _unpack(file, sha256, (source, target), folder)
        except PipelineError:
            pass  # what is wrong with the file shows again
    try:
        return _unpack(file, sha256, (source, target), temporary_folder() / "packages")
    except PipelineError as error:
        hint = f"free some space, or install Passerelle again if that file is damaged, {_WITHOUT}"
        raise EngineError(error.message, hint) from None


def verify_own() -> tuple[Finding, ...]:
    """Compare what was unpacked with what it was then; raises EngineError when it cannot be read."""
    folder = own_folder()
    hint = f"delete {folder}; what it held is unpacked again when it is needed"
    return tuple(replace(finding, hint=hint) for finding in verify_packages(folder)) if folder else ()


def _unpack(file: Path, sha256: str, pair: tuple[str, str], folder: Path) -> InstalledPackage:
    """Return the package of a file in `folder`, where it is unpacked once, however many processes want it."""
    if package := _find(sha256, pair, folder):
        return package
    with hold_folder(folder):
        return _find(sha256, pair, folder) or install_package(file, folder, pair=pair, is_digested=True)


def _find(sha256: str, pair: tuple[str, str], folder: Path) -> InstalledPackage | None:
    """Return the package of the file with a digest, unless it is broken, or its installation never came to its end."""
    locked = read_lock(folder).get(pair)
    if not locked or locked.sha256 != sha256:
        return None
    return next((p for p in list_packages(folder) if p.path.name.endswith(sha256[:DIGITS])), None)
