"""Which schema the database has, found with one query; migrations are loaded only when it isn't the current one.

Loading the migration tool takes longer than a decision, and in all but the first start there is nothing to do.
"""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection, Engine

from engine.adapters.store.connection import store_errors
from engine.core.errors import LedgerUnavailable

REVISIONS = ("0001",)
HEAD = REVISIONS[-1]


def bring_up_to_date(engine: Engine, path: Path) -> None:
    """Migrate the database when it isn't at ``HEAD``; one process does it, others wait for that.

    Raises :class:`LedgerUnavailable` for a schema that isn't ours, is newer than this program, or can't be written.
    """
    with store_errors(path):
        with engine.connect().execution_options(reading=True) as connection, connection.begin():
            current = _revision(connection, path)
        if current != HEAD:
            _migrate(engine)
        with engine.connect() as connection, connection.begin():
            connection.exec_driver_sql("DELETE FROM spooled WHERE 1 = 0")  # takes nothing, but a read-only file refuses


def _migrate(engine: Engine) -> None:
    """All of it in one transaction that holds the write lock: killed half way, nothing has happened.

    Where another process was first, the migrations find that out themselves inside the transaction.
    """
    with engine.connect() as connection, connection.begin():
        upgrade(connection)


def _revision(connection: Connection, path: Path) -> str | None:
    tables = _texts(connection, "SELECT name FROM sqlite_master WHERE type = 'table'")
    if not tables:
        return None
    if "alembic_version" not in tables:
        raise LedgerUnavailable(
            "it is a database of something else", where=str(path), remedy="Set PENSTOCK_LEDGER to another file"
        )
    found = _texts(connection, "SELECT version_num FROM alembic_version")
    if len(found) != 1 or found[0] not in REVISIONS:
        raise LedgerUnavailable(
            f"its schema is {', '.join(found) or 'unknown'}, and this program knows {HEAD}",
            where=str(path),
            remedy="Use the newer penstock that made it",
        )
    return found[0]


def _texts(connection: Connection, query: str) -> list[str]:
    return [str(row[0]) for row in connection.exec_driver_sql(query)]


def upgrade(connection: Connection) -> None:
    """Run the missing migrations in the connection's transaction."""
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, HEAD)
