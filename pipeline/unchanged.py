"""Articles that a run can pass over: nothing that their files were made of has changed, nor the files themselves."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from pipeline.cache import digest_program
from pipeline.catalog import read_header
from pipeline.delivery import Delivery, digest_file
from pipeline.files import read_file
from pipeline.report import ArticleResult, LanguageCounts
from pipeline.store import Store, Table
from pipeline.workspace import ORIGIN, ArticleFolder


@dataclass(frozen=True, slots=True)
class Source:
    """An article as a run finds it: its folder with the names of the files in it, its path and its bytes."""

    folder: ArticleFolder
    path: Path
    data: bytes
    names: tuple[str, ...]

    @classmethod
    def look(cls, folder: ArticleFolder, path: Path, data: bytes) -> "Source":
        """Look into the folder of an article."""
        names = sorted(entry.name for entry in folder.path.iterdir()) if folder.path.is_dir() else []
        return cls(folder, path, data, tuple(names))


class Unchanged:
    """What earlier runs left, in the store: one record an article, which the next run replaces.

    A record holds a digest of all that went into the article's files, and of each file as it was written, not as it
    was found later: what a person saves in the meantime is never taken for ours. `run` is what all articles of this
    run depend on.
    """

    def __init__(self, store: Store, run: Iterable[object]) -> None:
        self._store = store
        self._run = _digest(digest_program(), *run)
        self._made: dict[bytes, bytes] = {}

    def find(self, source: Source) -> ArticleResult | None:
        """Return the result of an article that need not be done again, with nothing changed."""
        key = self._key(source)
        value = self._store.read(Table.ARTICLES, [key]).get(key)
        record = json.loads(value) if value else {}
        workspace = source.folder.workspace
        if record.get("inputs") != self._digest_inputs(source) or record["names"] != list(source.names):
            return None
        is_same = all(_is_held(workspace / path, digest) for path, digest in record["files"].items())
        return _read_result(record["result"], workspace) if is_same else None

    def note(self, source: Source, delivery: Delivery) -> None:
        """Note what was made of an article, unless there was something to tell of it, as there is again."""
        folder, report = source.folder, delivery.report
        origin = folder.origin(source.path)
        is_first = read_header(read_file(folder.template), ORIGIN) == origin  # or whether the first is there matters
        if report.warnings or report.errors or (origin and not is_first):
            return
        files = {path.relative_to(folder.workspace).as_posix(): digest for path, digest in delivery.digests.items()}
        names = {*source.names, *(path.name for path in delivery.digests if path.parent == folder.path)}
        (result,) = report.articles
        record = {
            "inputs": self._digest_inputs(source),
            "names": sorted(names),
            "files": files,
            "result": _write_result(result, folder.workspace),
        }
        self._made[self._key(source)] = json.dumps(record).encode()

    def save(self) -> None:
        """Put what was noted into the store."""
        self._store.write(Table.ARTICLES, self._made)
        self._made.clear()

    def _key(self, source: Source) -> bytes:
        return bytes.fromhex(_digest(source.folder.workspace.resolve(), source.folder.name))

    def _digest_inputs(self, source: Source) -> str:
        return _digest(self._run, source.path, source.folder.origin(source.path), digest_file(source.data))


def _digest(*parts: object) -> str:
    return hashlib.sha256(repr(parts).encode()).hexdigest()


def _is_held(path: Path, digest: str) -> bool:
    return digest_file(read_file(path) or b"") == digest


def _write_result(result: ArticleResult, workspace: Path) -> dict[str, Any]:
    return {
        "name": result.name,
        "languages": [asdict(counts) for counts in result.languages],
        "catalogs": [path.relative_to(workspace).as_posix() for path in result.catalogs],
        "pages": [path.relative_to(workspace).as_posix() for path in result.pages],
    }


def _read_result(record: dict[str, Any], workspace: Path) -> ArticleResult:
    return ArticleResult(
        name=record["name"],
        languages=tuple(LanguageCounts(**counts) for counts in record["languages"]),
        catalogs=tuple(workspace / path for path in record["catalogs"]),
        pages=tuple(workspace / path for path in record["pages"]),
        changed=(),
    )
