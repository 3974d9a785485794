"""What is kept from run to run in the user's cache folder: two tables of bytes in a file of SQLite, with WAL.

It only ever saves time: where it cannot be read or written, a run goes on without it, and a damaged file is set aside.
"""

import hashlib
import sqlite3
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from threading import Lock
from typing import TypeVar

from pipeline.errors import SettingsError

T = TypeVar("T")

FILE = "drafts.db"
LARGEST = 500_000_000  # bytes, of about 400 a draft; beyond them the oldest quarter goes
_WAIT = 10  # seconds for another process to finish writing
_AT_ONCE = 500  # keys of a question; SQLite takes 32,766
_CHECK = 8  # bytes of a checksum
_PAGE_CACHE = 256  # KiB of the file in memory; the system keeps the rest, and SQLite's 2 MiB are no faster
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


class Table(StrEnum):
    """What a value is: a draft, or what a run left of an article."""

    DRAFTS = "drafts"
    ARTICLES = "articles"


@dataclass(frozen=True, slots=True)
class StoreInfo:
    """Where a store is, how many drafts it holds and how large its files are."""

    path: Path
    drafts: int
    bytes: int


class Store:
    """Values by their keys, which two processes may share.

    `warnings` has a line for a file that cannot be used and for a damaged one, which is set aside.
    """

    def __init__(self, folder: Path) -> None:
        self.path = folder / FILE
        self.warnings: list[str] = []
        self._connection: sqlite3.Connection | None = None
        self._lock = Lock()
        self._is_off = False

    def read(self, table: Table, keys: Iterable[bytes]) -> dict[bytes, bytes]:
        """Return the values that are there."""
        wanted = list(keys)

        def select(connection: sqlite3.Connection) -> dict[bytes, bytes]:
            found: dict[bytes, bytes] = {}
            for at in range(0, len(wanted), _AT_ONCE):
                some = wanted[at : at + _AT_ONCE]
                query = f"SELECT key, value FROM {table} WHERE key IN ({','.join('?' * len(some))})"  # noqa: S608
                found |= {key: _check(key, value) for key, value in connection.execute(query, some)}
            return found

        return self._attempt(select, {})

    def write(self, table: Table, values: Mapping[bytes, bytes]) -> None:
        """Keep values, in the place of older ones."""
        rows = [(key, _digest_value(key, value) + value) for key, value in values.items()]

        def insert(connection: sqlite3.Connection) -> None:
            connection.executemany(f"INSERT OR REPLACE INTO {table} (key, value) VALUES (?, ?)", rows)  # noqa: S608
            connection.commit()
            _prune(connection)

        if rows:
            self._attempt(insert, None)

    def read_info(self) -> StoreInfo:
        """Return what the store holds; one that is not there is not made."""

        def count(connection: sqlite3.Connection) -> int:
            return int(connection.execute("SELECT count(*) FROM drafts").fetchone()[0])

        drafts = self._attempt(count, 0) if self.path.exists() else 0
        return StoreInfo(self.path, drafts, sum(path.stat().st_size for path in self._files()))

    def clear(self) -> None:
        """Empty the store, also while another process uses it, and delete what was set aside."""

        def delete(connection: sqlite3.Connection) -> None:
            for table in Table:
                connection.execute(f"DELETE FROM {table}")  # noqa: S608
            connection.commit()
            connection.execute("VACUUM")

        if self.path.exists():
            self._attempt(delete, None)
        self._aside.unlink(missing_ok=True)

    def close(self) -> None:
        """Close the file; the next use opens it again."""
        if self._connection:
            self._connection.close()
        self._connection = None

    def _attempt(self, action: Callable[[sqlite3.Connection], T], otherwise: T) -> T:
        """Do something with the open file; what goes wrong with it costs the store alone."""
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
        try:
            self.path.replace(self._aside)
            for path in self._files():
                path.unlink(missing_ok=True)
        except OSError:
            self._is_off = True
        self.warnings.append(f"{self.path}: the draft cache is damaged ({error}); set aside as {self._aside.name}")

    @property
    def _aside(self) -> Path:
        return self.path.with_name(f"{FILE}.damaged")

    def _files(self) -> list[Path]:
        return [path for end in ("", "-wal", "-shm") if (path := self.path.with_name(FILE + end)).exists()]


def find_folder() -> Path:
    """Return the user's cache folder, as the system has it (`XDG_CACHE_HOME`).

    Raises SettingsError for a user without a home.
    """
    from platformdirs import user_cache_path  # noqa: PLC0415 (nothing of the environment at import)

    try:
        return user_cache_path("passerelle", appauthor=False)
    except RuntimeError:
        raise SettingsError("a user without a home has no cache", "name a folder for it with --cache") from None


def _open(path: Path) -> sqlite3.Connection:
    """Open or make the file; only its owner may read what a newsroom has not published yet."""
    if not path.is_absolute():  # a user without a home
        raise OSError("its folder has no full path")
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not path.exists():  # in a folder that others may read; its `-wal` and `-shm` are made alike
        path.touch(mode=0o600)
    connection = sqlite3.connect(path, timeout=_WAIT, check_same_thread=False)
    try:
        _turn_log_on(connection)
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute(f"PRAGMA cache_size = -{_PAGE_CACHE}")
        for table in Table:
            columns = "id INTEGER PRIMARY KEY, key BLOB UNIQUE NOT NULL, value BLOB NOT NULL"
            connection.execute(f"CREATE TABLE IF NOT EXISTS {table} ({columns})")
        connection.commit()
    except BaseException:
        connection.close()
        raise
    return connection


def _turn_log_on(connection: sqlite3.Connection) -> None:
    """Have a file written ahead to a log; while another process does the same SQLite refuses instead of waiting."""
    end = time.monotonic() + _WAIT
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > end:
                raise
            time.sleep(0.01)
        else:
            return


def _prune(connection: sqlite3.Connection) -> None:
    pages, free, size = (
        connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("page_count", "freelist_count", "page_size")
    )
    if (pages - free) * size > LARGEST:
        for table in Table:
            limit = f"SELECT min(id) + (max(id) - min(id)) / 4 + 1 FROM {table}"  # noqa: S608
            connection.execute(f"DELETE FROM {table} WHERE id < ({limit})")  # noqa: S608
        connection.commit()


def _digest_value(key: bytes, value: bytes) -> bytes:
    """Return a checksum: SQLite does not notice a flipped bit."""
    return hashlib.sha256(key + value).digest()[:_CHECK]


def _check(key: bytes, value: bytes) -> bytes:
    if value[:_CHECK] != _digest_value(key, value[_CHECK:]):
        raise ValueError("a value is not what was written")
    return value[_CHECK:]
