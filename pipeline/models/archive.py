"""Package files (`.argosmodel`, zip), which may come from anybody: checked whole before a byte is unpacked."""

import hashlib
import os
import re
import stat
import unicodedata
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from pipeline.errors import EngineError
from pipeline.models.lock import LockedFile
from pipeline.models.metadata import check_parts, parse_metadata

MAX_PACKED = MAX_UNPACKED = 4 * 1024**3  # bytes
MAX_ENTRIES = 10_000
MAX_RATIO = 100  # unpacked to packed; the packages in tests/models have 1.1
MAX_METADATA = 1024**2  # bytes

_CHUNK = 1024**2  # bytes
_ENTRY = b"PK\x01\x02"  # what each entry of the directory begins with; others are as likely as 1 in 4 GB
# RuntimeError: encrypted; ValueError: a name that does not decode; OverflowError: an offset beyond all files.
_ZIP_ERRORS = (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, ValueError, OverflowError)


@dataclass(frozen=True, slots=True)
class Archive:
    """A sound package file: its name in messages, what it translates, and its size (bytes) and SHA-256."""

    name: str
    source: str
    target: str
    version: str
    size: int
    sha256: str
    top: str
    zip: zipfile.ZipFile

    def unpack(self, folder: Path) -> tuple[LockedFile, ...]:
        """Write all files into `folder`, synced, and return them; raises EngineError for damage, OSError for the disk.

        zipfile never yields more than the size that an entry declares, and refuses other contents by their CRC; that
        there is less, as in an entry not compressed whose directory is damaged, it lets pass.
        """
        files: list[LockedFile] = []
        for entry in self.zip.infolist():
            path = folder.joinpath(*entry.filename.split("/"))
            if entry.is_dir():
                path.mkdir(parents=True, exist_ok=True)
                continue
            path.parent.mkdir(parents=True, exist_ok=True)
            digest, size = hashlib.sha256(), 0
            with path.open("xb") as sink:
                for chunk in self._read(entry):
                    digest.update(chunk)
                    size += sink.write(chunk)
                sink.flush()
                os.fsync(sink.fileno())
            name = entry.filename.removeprefix(f"{self.top}/")
            if size != entry.file_size:
                fact = f"is not a readable package ({name!r:.80} has {size} of {entry.file_size} bytes)"
                raise refuse(self.name, fact)
            files.append(LockedFile(name, size, digest.hexdigest()))
        return tuple(sorted(files, key=lambda file: file.name))

    def read_file(self, name: str) -> bytes:
        """Return a file of the package, b"" where it has none of this name; raises EngineError for damage."""
        try:
            entry = self.zip.getinfo(f"{self.top}/{name}")
        except KeyError:
            return b""
        return b"".join(self._read(entry))

    def _read(self, entry: zipfile.ZipInfo) -> Iterator[bytes]:
        with _explain_damage(self.name), self.zip.open(entry) as source:
            while chunk := source.read(_CHUNK):
                yield chunk


@contextmanager
def open_archive(file: Path, name: str = "") -> Iterator[Archive]:
    """Open a package file, checked; `name` stands for it in messages. Raises EngineError for what is no package."""
    name = name or str(file)
    with _explain_damage(name):
        stream = file.open("rb")
    with stream:
        with _explain_damage(name):
            size, sha256 = _digest(stream, name)
            archive = zipfile.ZipFile(stream)
        with archive:
            top = _check_entries(archive, size, name)
            with _explain_damage(name):
                source, target, version = _check_contents(archive, top, name)
            yield Archive(name, source, target, version, size, sha256, top, archive)


def refuse(name: str, fact: str) -> EngineError:
    """Word why a package file is not installed."""
    return EngineError(f"{name}: {fact}", "nothing was installed; get the .argosmodel file again from its source")


@contextmanager
def _explain_damage(name: str) -> Iterator[None]:
    try:
        yield
    except _ZIP_ERRORS as error:
        text = (error.strerror if isinstance(error, OSError) else None) or str(error) or type(error).__name__
        raise refuse(name, f"is not a readable package ({text.splitlines()[0]})") from None


def _digest(stream: BinaryIO, name: str) -> tuple[int, str]:
    """Return a file's size and SHA-256; the zip library would hold every entry of an endless directory in memory."""
    digest, size, entries = hashlib.sha256(), 0, 0
    while chunk := stream.read(_CHUNK):
        digest.update(chunk)
        size += len(chunk)
        entries += chunk.count(_ENTRY)
        if size > MAX_PACKED or entries > MAX_ENTRIES:
            raise refuse(name, f"is too large: over {size} bytes, {entries} entries")
    return size, digest.hexdigest()


def _check_entries(archive: zipfile.ZipFile, packed: int, archive_name: str) -> str:
    """Return the one top folder of a package file; raise EngineError for a file that must not be unpacked."""
    entries = archive.infolist()
    unpacked = sum(e.file_size for e in entries)
    if len(entries) > MAX_ENTRIES or unpacked > MAX_UNPACKED or unpacked > MAX_RATIO * packed:
        raise refuse(archive_name, f"would unpack to {len(entries)} entries and {unpacked} bytes")
    seen: set[str] = set()
    for entry in entries:
        if fault := _find_fault(entry):
            raise refuse(archive_name, f"has an entry {fault}, {entry.orig_filename!r:.80}")
        # On macOS and Windows names that differ by case or composition are one file.
        key = unicodedata.normalize("NFC", entry.orig_filename.removesuffix("/")).casefold()
        if key in seen:
            raise refuse(archive_name, f"has the entry {entry.orig_filename!r:.80} twice")
        seen.add(key)
    files = {e.filename for e in entries if not e.is_dir()}
    if any("/".join(name.split("/")[:end]) in files for name in files for end in range(1, name.count("/") + 1)):
        raise refuse(archive_name, "has an entry that is a file and a folder")
    tops = {e.filename.split("/")[0] for e in entries}
    if len(tops) != 1 or tops & files:
        raise refuse(archive_name, "does not hold one folder with everything in it")
    return tops.pop()


def _find_fault(entry: zipfile.ZipInfo) -> str:
    name = entry.orig_filename
    if re.search(r'[\\:*?"<>|\x00-\x1f\x7f]', name) or any(
        p.strip(". ") == "" for p in name.removesuffix("/").split("/")
    ):
        return "with an unsafe name"
    if stat.S_IFMT(entry.external_attr >> 16) not in {0, stat.S_IFREG, stat.S_IFDIR}:
        return "that is no plain file"
    # Others may ask for gigabytes of memory to unpack; packages have these two.
    if entry.flag_bits & 1 or entry.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
        return "that is encrypted or packed in an unusual way"
    return ""


def _check_contents(archive: zipfile.ZipFile, top: str, name: str) -> tuple[str, str, str]:
    """Check that all parts of a package are in its file; return source, target and version."""
    sizes = {e.filename.removeprefix(f"{top}/"): e.file_size for e in archive.infolist() if not e.is_dir()}
    if not 0 < sizes.get("metadata.json", 0) <= MAX_METADATA:
        raise refuse(name, "has no metadata.json")
    content = archive.read(f"{top}/metadata.json")
    try:
        metadata = parse_metadata(content)
        check_parts({part for part, size in sizes.items() if size})
    except ValueError as error:
        raise refuse(name, f"is no package that translates: {error}") from None
    if not metadata:
        raise refuse(name, "is no package that translates, by the type in its metadata.json")
    return metadata
