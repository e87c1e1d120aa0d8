"""The ledger in a file of SQLite: as durable as that can be, and every failure as one sentence with a remedy.

A gate that loses its last record in a power cut, or waits forever behind another process, can't be relied on;
so each connection is WAL with ``synchronous=FULL``, takes the write lock at once and gives up after a bound.
"""

from __future__ import annotations

import fcntl
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, create_engine, event
from sqlalchemy.engine import URL
from sqlalchemy.exc import DataError, DBAPIError, InterfaceError, ProgrammingError

from engine.adapters.store.connection import SETTING
from engine.core.errors import BadInput, LedgerUnavailable

_CAUSES = {
    "SQLITE_BUSY": ("another process holds it", "End that process, or try again when it is done"),
    "SQLITE_LOCKED": ("another process holds it", "End that process, or try again when it is done"),
    "SQLITE_READONLY": ("it can't be written", "Give this user write access to the file and its folder"),
    "SQLITE_CANTOPEN": ("it can't be opened", "Give this user read and write access to the file and its folder"),
    "SQLITE_NOTADB": ("it is not a database", f"Move the file away, or set {SETTING} to another"),
    "SQLITE_CORRUPT": ("it is damaged", "Restore it from a backup, and verify the record against Git"),
    "SQLITE_FULL": ("the disk is full", "Make room on the disk"),
    "SQLITE_IOERR": ("the disk doesn't take or give its data", "Make room on the disk and look at its health"),
}


class SqliteFile:
    """Implements :class:`engine.adapters.store.connection.Database` by a local file, which it makes for its user."""

    def __init__(self, url: URL, *, busy_seconds: float) -> None:
        if url.query or url.database in (None, "", ":memory:"):
            raise BadInput("a record in memory is none", where=SETTING, remedy="Name a file: sqlite:////path/file")
        self.path = Path(str(url.database)).absolute()
        self.where = str(self.path)
        _make(self.path)
        try:
            _write_ahead(self.path, busy_seconds)
        except sqlite3.Error as error:
            raise self.unavailable(error) from error
        self.engine = create_engine(url, connect_args={"timeout": busy_seconds})
        event.listen(self.engine, "connect", _prepare)
        event.listen(self.engine, "begin", _begin)
        self._file = _identity(self.path)

    def spool(self) -> Path:
        """The folder ``spool`` beside the file."""
        return self.path.parent / "spool"

    def lost(self) -> str:
        """A file that was unlinked still takes writes, and loses them when the process ends."""
        return "" if _identity(self.path) == self._file else "the file was removed or replaced"

    def tables(self, connection: Connection) -> set[str]:
        """The names of the tables it has."""
        found = connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'table'")
        return {str(row[0]) for row in found}

    def refuses_input(self, error: DBAPIError) -> bool:
        """Whether a statement failed for what it was given."""
        return isinstance(error, ProgrammingError | InterfaceError | DataError)

    def unavailable(self, error: Exception) -> LedgerUnavailable:
        """The sentence for one failure of the file."""
        original = error.orig if isinstance(error, DBAPIError) else error
        name = getattr(original, "sqlite_errorname", "")
        for prefix, (cause, remedy) in _CAUSES.items():
            if name.startswith(prefix):
                return LedgerUnavailable(f"{cause} ({original})", where=self.where, remedy=remedy)
        return LedgerUnavailable(f"the database refused: {original}", where=self.where, remedy="See penstock doctor")


def _make(path: Path) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        os.close(os.open(path, os.O_RDONLY | os.O_CREAT | os.O_CLOEXEC, 0o600))
    except OSError as error:
        raise LedgerUnavailable(
            f"it can't be opened ({error.strerror})",
            where=str(path),
            remedy=f"Give this user read and write access, or set {SETTING} or PENSTOCK_STATE to another place",
        ) from None


def _identity(path: Path) -> tuple[int, int] | None:
    """Which file is at a path, by device and inode."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _write_ahead(path: Path, busy_seconds: float) -> None:
    """Make it a WAL database, which it stays. SQLite doesn't wait for others here, so the lock beside it does."""
    with closing(sqlite3.connect(path, timeout=busy_seconds)) as connection:
        mode = _journal(connection, "PRAGMA journal_mode")
        if mode != "wal":
            with _alone(path):
                mode = _journal(connection, "PRAGMA journal_mode=WAL")
    if mode != "wal":
        raise LedgerUnavailable(f"its journal is {mode}, not wal", where=str(path), remedy="Use a local disk")


def _journal(connection: sqlite3.Connection, pragma: str) -> str:
    return str(connection.execute(pragma).fetchone()[0])


def _prepare(connection: Any, _: Any) -> None:
    connection.isolation_level = None  # the driver would begin later than asked, and never with a write lock
    for pragma in ("synchronous=FULL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}").close()


def _begin(connection: Connection) -> None:
    reading = connection.get_execution_options().get("reading", False)
    connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    handle = os.open(path.with_name(path.name + ".lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)
