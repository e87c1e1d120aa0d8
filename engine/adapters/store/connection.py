"""How the database file is opened: as durable as SQLite can be, and every failure as one sentence with a remedy.

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

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, SQLAlchemyError

from engine.core.errors import BadInput, LedgerUnavailable

SETTING = "PENSTOCK_LEDGER"

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


def read_url(text: str) -> URL:
    """The URL of a database file. Raises :class:`BadInput` for anything but a file of SQLite."""
    try:
        url = make_url(text)
    except ArgumentError:
        raise BadInput("is not a database URL", where=SETTING, remedy="Write it like sqlite:////path/file") from None
    if url.drivername not in ("sqlite", "sqlite+pysqlite") or url.query:
        raise BadInput("only a plain SQLite URL is known", where=SETTING, remedy="Write it like sqlite:////path/file")
    if url.database in (None, "", ":memory:"):
        raise BadInput("a record in memory is none", where=SETTING, remedy="Name a file: sqlite:////path/file")
    return url


def connect(url: URL, path: Path, *, busy_seconds: float) -> Engine:
    """An engine whose connections are durable and bounded in waiting; makes the file, for its user alone."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        os.close(os.open(path, os.O_RDONLY | os.O_CREAT | os.O_CLOEXEC, 0o600))
    except OSError as error:
        raise LedgerUnavailable(
            f"it can't be opened ({error.strerror})",
            where=str(path),
            remedy=f"Give this user read and write access, or set {SETTING} or PENSTOCK_STATE to another place",
        ) from None
    with store_errors(path):
        _write_ahead(path, busy_seconds)
    engine = create_engine(url, connect_args={"timeout": busy_seconds})
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "begin", _begin)
    return engine


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


@contextmanager
def store_errors(path: Path) -> Iterator[None]:
    """Turn whatever the database says no with into :class:`LedgerUnavailable`."""
    try:
        yield
    except (SQLAlchemyError, sqlite3.Error) as error:
        raise unavailable(error, path) from error


def unavailable(error: Exception, path: Path) -> LedgerUnavailable:
    """The sentence for one failure of the database."""
    original = error.orig if isinstance(error, DBAPIError) else error
    name = getattr(original, "sqlite_errorname", "")
    for prefix, (cause, remedy) in _CAUSES.items():
        if name.startswith(prefix):
            return LedgerUnavailable(f"{cause} ({original})", where=str(path), remedy=remedy)
    return LedgerUnavailable(f"the database refused: {original}", where=str(path), remedy="See penstock doctor")
