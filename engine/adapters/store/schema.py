"""Which schema the database has, found with one query; migrations are loaded only when it isn't the current one.

Loading the migration tool takes longer than a decision, and in all but the first start there is nothing to do.
"""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection

from engine.adapters.store.connection import Database, store_errors
from engine.core.errors import LedgerUnavailable

REVISIONS = ("0001",)
HEAD = REVISIONS[-1]


def bring_up_to_date(database: Database) -> None:
    """Migrate the database when it isn't at ``HEAD``; one process does it, others wait for that.

    Raises :class:`LedgerUnavailable` for a schema that isn't ours, is newer than this program, or can't be written.
    """
    engine = database.engine
    with store_errors(database):
        with engine.connect().execution_options(reading=True) as connection, connection.begin():
            current = _revision(connection, database)
        with engine.connect() as connection, connection.begin():
            if current != HEAD:
                upgrade(connection)
            connection.exec_driver_sql("DELETE FROM spooled WHERE 1 = 0")  # takes nothing, but a read-only one refuses


def _revision(connection: Connection, database: Database) -> str | None:
    tables = database.tables(connection)
    if not tables:
        return None
    if "alembic_version" not in tables:
        raise LedgerUnavailable(
            "it is a database of something else", where=database.where, remedy="Set PENSTOCK_LEDGER to another one"
        )
    found = [str(row[0]) for row in connection.exec_driver_sql("SELECT version_num FROM alembic_version")]
    if len(found) != 1 or found[0] not in REVISIONS:
        raise LedgerUnavailable(
            f"its schema is {', '.join(found) or 'unknown'}, and this program knows {HEAD}",
            where=database.where,
            remedy="Use the newer penstock that made it",
        )
    return found[0]


def upgrade(connection: Connection) -> None:
    """Run the missing migrations in the connection's transaction: killed half way, nothing has happened.

    Where another process was first, the migrations find that out themselves inside the transaction.
    """
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, HEAD)
