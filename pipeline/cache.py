"""The draft cache: what engines made of passages, kept from run to run in the user's cache folder.

It only ever saves time: where it cannot be read or written, a run goes on without it, and its content is the same.
"""

import hashlib
import json
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path
from threading import Lock
from typing import TypeVar

from pipeline.draft import Draft, Passage, draft_passages
from pipeline.engines import Engine
from pipeline.pins import Pin, pins_for

T = TypeVar("T")

FILE = "drafts.db"
LARGEST = 500_000_000  # bytes, of about 400 a draft; beyond them the oldest quarter goes
_WAIT = 10  # seconds for another process to finish writing
_AT_ONCE = 500  # keys of a question; SQLite takes 32,766
_SCHEMA = "CREATE TABLE IF NOT EXISTS drafts (id INTEGER PRIMARY KEY, key BLOB UNIQUE NOT NULL, value BLOB NOT NULL)"
# The disk or another process is in the way; whatever else SQLite complains of, the file is damaged.
_IN_THE_WAY = {
    sqlite3.SQLITE_PERM,
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_CANTOPEN,
}


@dataclass(frozen=True, slots=True)
class CacheInfo:
    """Where a cache is, how many drafts it holds and how large its files are."""

    path: Path
    drafts: int
    bytes: int


class DraftCache:
    """Drafts by everything that they depend on; two processes may share one.

    `warnings` has a line for a cache that cannot be used and for a damaged one, which is set aside.
    """

    def __init__(self, folder: Path) -> None:
        self.path = folder / FILE
        self.warnings: list[str] = []
        self._connection: sqlite3.Connection | None = None
        self._lock = Lock()
        self._is_off = False

    def draft(self, passages: Sequence[Passage], engine: Engine, language: str) -> list[Draft]:
        """Do as `draft_passages` does, with only those passages going to the engine that are not known yet."""
        pins = [pins_for(passage.matches, language, engine.pivots) for passage in passages]
        keys = [_digest_request(*one, engine, language) for one in zip(passages, pins, strict=True)]
        known = self._read(dict(zip(keys, pins, strict=True)))
        missing = {key: n for n, key in enumerate(keys) if key not in known}
        made = draft_passages([passages[n] for n in missing.values()], engine, language) if missing else []
        known |= zip(missing, made, strict=True)
        self._write({key: known[key] for key, n in missing.items() if known[key].pins == pins[n]})
        return [known[key] for key in keys]

    def read_info(self) -> CacheInfo:
        """Return what the cache holds."""

        def count(connection: sqlite3.Connection) -> int:
            return int(connection.execute("SELECT count(*) FROM drafts").fetchone()[0])

        drafts = self._attempt(count, 0) if self.path.exists() else 0
        return CacheInfo(self.path, drafts, sum(path.stat().st_size for path in self._files()))

    def clear(self) -> None:
        """Empty the cache, also while another process uses it, and delete what was set aside."""

        def delete(connection: sqlite3.Connection) -> None:
            connection.execute("DELETE FROM drafts")
            connection.commit()
            connection.execute("VACUUM")

        if self.path.exists():
            self._attempt(delete, None)
        _set_aside(self.path).unlink(missing_ok=True)

    def close(self) -> None:
        """Close the file; the next use opens it again."""
        if self._connection:
            self._connection.close()
        self._connection = None

    def _read(self, wanted: Mapping[bytes, tuple[Pin, ...]]) -> dict[bytes, Draft]:
        keys = list(wanted)

        def read(connection: sqlite3.Connection) -> dict[bytes, Draft]:
            known = {}
            for at in range(0, len(keys), _AT_ONCE):
                some = keys[at : at + _AT_ONCE]
                places = ",".join("?" * len(some))
                for key, value in connection.execute(f"SELECT key, value FROM drafts WHERE key IN ({places})", some):  # noqa: S608
                    known[key] = _unpack_draft(key, value, wanted[key])
            return known

        return self._attempt(read, {})

    def _write(self, drafts: Mapping[bytes, Draft]) -> None:
        rows = [(key, _pack_draft(key, draft)) for key, draft in drafts.items()]

        def write(connection: sqlite3.Connection) -> None:
            connection.executemany("INSERT OR REPLACE INTO drafts (key, value) VALUES (?, ?)", rows)
            connection.commit()
            _prune(connection)

        if rows:
            self._attempt(write, None)

    def _attempt(self, action: Callable[[sqlite3.Connection], T], otherwise: T) -> T:
        """Do something with the open file; what goes wrong with it costs the cache alone."""
        if self._is_off:
            return otherwise
        with self._lock:
            try:
                self._connection = self._connection or _open(self.path)
                return action(self._connection)
            except (sqlite3.Error, OSError, ValueError) as error:
                self._give_up(error)
        return otherwise

    def _give_up(self, error: Exception) -> None:
        code = getattr(error, "sqlite_errorcode", None)
        with suppress(sqlite3.Error):
            self.close()
        if isinstance(error, OSError) or (code is not None and code & 0xFF in _IN_THE_WAY):
            self.warnings.append(f"{self.path}: the draft cache cannot be used ({error}); going on without it")
            self._is_off = True
            return
        aside = _set_aside(self.path)
        try:
            self.path.replace(aside)
            for path in self._files():
                path.unlink(missing_ok=True)
        except OSError:
            self._is_off = True
        self.warnings.append(f"{self.path}: the draft cache is damaged ({error}); set aside as {aside.name}")

    def _files(self) -> list[Path]:
        return [path for end in ("", "-wal", "-shm") if (path := self.path.with_name(self.path.name + end)).exists()]


def find_folder() -> Path:
    """Return the user's cache folder, as the system has it (`XDG_CACHE_HOME`)."""
    from platformdirs import user_cache_path  # noqa: PLC0415 (nothing of the environment at import)

    return user_cache_path("passerelle", appauthor=False)


@cache
def digest_program() -> str:
    """Digest all files of this program: whatever of its rules has changed, older drafts serve no more."""
    digest = hashlib.sha256()
    folder = Path(__file__).parent
    for path in sorted(folder.rglob("*")):
        if path.is_file() and "__pycache__" not in path.parts:
            digest.update(f"{path.relative_to(folder).as_posix()}\0".encode() + path.read_bytes())
    return digest.hexdigest()


def _digest_request(passage: Passage, pins: tuple[Pin, ...], engine: Engine, language: str) -> bytes:
    """Digest all that a draft depends on."""
    segment = passage.segment
    parts = (digest_program(), engine.signature, language, segment.text, segment.kind, segment.markup, passage.text)
    return hashlib.sha256(repr((*parts, pins)).encode()).digest()


def _pack_draft(key: bytes, draft: Draft) -> bytes:
    """Write a draft, without its pins, as JSON behind a checksum: SQLite does not notice a flipped bit."""
    plain = {field.name: getattr(draft, field.name) for field in fields(Draft) if field.name not in {"pins", "missed"}}
    data = json.dumps([plain, [draft.pins.index(pin) for pin in draft.missed]]).encode()
    return _digest_value(key, data) + data


def _unpack_draft(key: bytes, value: bytes, pins: tuple[Pin, ...]) -> Draft:
    """Read a draft; raises ValueError where it is not what was written."""
    check, data = value[:8], value[8:]
    if check != _digest_value(key, data):
        raise ValueError("a draft is not what was written")
    plain, missed = json.loads(data)
    plain = {name: tuple(item) if isinstance(item, list) else item for name, item in plain.items()}
    return Draft(**plain, pins=pins, missed=tuple(pins[number] for number in missed))


def _digest_value(key: bytes, data: bytes) -> bytes:
    return hashlib.sha256(key + data).digest()[:8]


def _open(path: Path) -> sqlite3.Connection:
    """Open or make the file; only its owner may read what a newsroom has not published yet."""
    if not path.is_absolute():  # a user without a home
        raise OSError("its folder has no full path")
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    connection = sqlite3.connect(path, timeout=_WAIT, check_same_thread=False)
    try:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute(_SCHEMA)
        connection.commit()
    except BaseException:
        connection.close()
        raise
    return connection


def _prune(connection: sqlite3.Connection) -> None:
    pages, free, size = (
        connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("page_count", "freelist_count", "page_size")
    )
    if (pages - free) * size > LARGEST:
        connection.execute("DELETE FROM drafts WHERE id < (SELECT min(id) + (max(id) - min(id)) / 4 + 1 FROM drafts)")
        connection.commit()


def _set_aside(path: Path) -> Path:
    return path.with_name(f"{path.name}.damaged")
