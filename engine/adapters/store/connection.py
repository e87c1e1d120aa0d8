"""Which database the ledger is in, and the little that differs between them: everything else is written once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from sqlalchemy import Connection, Engine
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, SQLAlchemyError

from engine.core.errors import BadInput, LedgerUnavailable

SETTING = "PENSTOCK_LEDGER"
FORMS = "Write it like sqlite:////path/file or postgresql://user@host/name"


class Database(Protocol):
    """A place for the ledger. ``where`` says which one to a person, without any password.

    A transaction of ``engine`` is alone from its beginning to its end, unless its connection says ``reading``.
    """

    where: str
    engine: Engine

    def spool(self) -> Path:
        """The folder beside it in which entries wait. Raises :class:`BadInput` where there is no beside."""
        ...

    def lost(self) -> str:
        """Why it isn't the one that was opened any more; empty while it is."""
        ...

    def tables(self, connection: Connection) -> set[str]:
        """The names of the tables it has."""
        ...

    def refuses_input(self, error: DBAPIError) -> bool:
        """Whether a statement failed for what it was given, and not for how the database is."""
        ...

    def unavailable(self, error: Exception) -> LedgerUnavailable:
        """The sentence for one failure of the database."""
        ...


def open_database(text: str, *, busy_seconds: float) -> Database:
    """The database at a URL; one that is a file is made. ``busy_seconds`` bounds the wait for another process.

    Raises :class:`BadInput` for the URL, whose password is never shown, and :class:`LedgerUnavailable`.
    """
    from engine.adapters.store.postgres import PostgresServer
    from engine.adapters.store.sqlite_file import SqliteFile

    url = _read(text)
    kinds: dict[str, Callable[..., Database]] = {"sqlite": SqliteFile, "postgresql": PostgresServer}
    if url.drivername not in kinds:
        raise BadInput("only SQLite and PostgreSQL are known", where=SETTING, remedy=FORMS)
    return kinds[url.drivername](url, busy_seconds=busy_seconds)


def _read(text: str) -> URL:
    try:
        return make_url(text)
    except (ArgumentError, ValueError):
        raise BadInput("is not a database URL", where=SETTING, remedy=FORMS) from None


@contextmanager
def store_errors(database: Database) -> Iterator[None]:
    """Turn whatever the database says no with into :class:`LedgerUnavailable`."""
    try:
        yield
    except SQLAlchemyError as error:
        raise database.unavailable(error) from error
