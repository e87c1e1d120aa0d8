"""The ledger in PostgreSQL, where several gates share it: one writer at a time, and every failure as one sentence.

Each transaction that may write begins by taking one advisory lock, so the chain and the budgets are as alone as in a
file. The lock ends with the transaction, however that ends. Waits are bounded, and a commit is on the server's disk
before it is answered.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, create_engine, event
from sqlalchemy.engine import URL
from sqlalchemy.exc import DataError, DBAPIError, ProgrammingError

from engine.adapters.store.connection import FORMS, SETTING
from engine.core.errors import BadInput, LedgerUnavailable
from engine.core.untrusted import one_line

LOCK = 0x70656E73746F636B  # "penstock", so that nobody else's lock is taken by chance
STATEMENT_SECONDS = 30
CONNECT_SECONDS = 5
TEXT = 200

_KNOWN = {"host", "port", "sslmode", "sslrootcert", "sslcert", "sslkey"}
_PROVEN = ("verify-ca", "verify-full")
_LOOPBACK = ("localhost", "127.0.0.1", "::1")
_REFUSED = ("it doesn't let this user in", f"See user and password in {SETTING}, and the server's pg_hba.conf")
_NO_RIGHT = ("this user may not write there", "Make the user the owner of the database that is named")
_BUSY = ("another gate holds it", "Try again; where it lasts, see what the server's pg_stat_activity says")
_FULL = ("the server has no room or no connection left", "See the server's disk and its max_connections")
_AWAY = ("the server doesn't answer", "See that it runs and can be reached from here")
_CAUSES: Mapping[str, tuple[str, str]] = {
    "08": _AWAY,
    "57P": _AWAY,
    "28": _REFUSED,
    "3D": ("there is no such database", "Make it: createdb"),
    "42501": _NO_RIGHT,
    "25006": ("it can't be written", "Name the primary, not a standby"),
    "55P03": _BUSY,
    "57014": _BUSY,
    "40": _BUSY,
    "53": _FULL,
}

_UNKNOWN = ("the database refused", "See penstock doctor")
# Whoever isn't let in is told in words alone.
_AT_THE_DOOR = {"authentication failed": "28", "no pg_hba.conf entry": "28", 'role "': "28", 'database "': "3D"}


class PostgresServer:
    """Implements :class:`engine.adapters.store.connection.Database` by a server of PostgreSQL, 13 or later."""

    def __init__(self, url: URL, *, busy_seconds: float) -> None:
        _require_private(url)
        self.where = url.set(password=None).render_as_string()
        options = f"-c lock_timeout={round(busy_seconds * 1000)} -c statement_timeout={STATEMENT_SECONDS * 1000}"
        options += f" -c idle_in_transaction_session_timeout={STATEMENT_SECONDS * 1000} -c synchronous_commit=on"
        given = {"connect_timeout": CONNECT_SECONDS, "options": options, "application_name": "penstock"}
        try:
            self.engine = create_engine(url.set(drivername="postgresql+psycopg"), connect_args=given)
        except ImportError:
            remedy = "Install it: pip install 'penstock[postgres]'"
            raise BadInput("the client of PostgreSQL isn't installed", where=SETTING, remedy=remedy) from None
        event.listen(self.engine, "begin", _begin)

    def spool(self) -> Path:
        """Raises :class:`BadInput`: a server has no folder on this machine."""
        raise BadInput("a server has no folder to spool in", where=SETTING, remedy="Name one")

    def lost(self) -> str:
        """A server that went away says so when it is asked."""
        return ""

    def tables(self, connection: Connection) -> set[str]:
        """The names of the tables in the schema that comes first for this user."""
        found = connection.exec_driver_sql("SELECT tablename FROM pg_tables WHERE schemaname = current_schema()")
        return {str(row[0]) for row in found}

    def refuses_input(self, error: DBAPIError) -> bool:
        """Whether a statement failed for a value: the server said so, or the client couldn't even send it."""
        return isinstance(error, DataError) or (isinstance(error, ProgrammingError) and not _state(error.orig))

    def unavailable(self, error: Exception) -> LedgerUnavailable:
        """The sentence for one failure of the server, or of reaching it."""
        original = error.orig if isinstance(error, DBAPIError) else error
        said = one_line(str(original), limit=TEXT)
        state = _state(original) or next((_AT_THE_DOOR[each] for each in _AT_THE_DOOR if each in said), "08")
        cause, remedy = next((_CAUSES[each] for each in _CAUSES if state.startswith(each)), _UNKNOWN)
        return LedgerUnavailable(f"{cause} ({said})", where=self.where, remedy=remedy)


def _begin(connection: Connection) -> None:
    if not connection.get_execution_options().get("reading", False):
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({LOCK})")


def _state(original: Any) -> str:
    """The five letters that PostgreSQL gives each kind of failure; empty where the server said nothing."""
    return str(getattr(original, "sqlstate", None) or "")


def _require_private(url: URL) -> None:
    """Raises :class:`BadInput` where anybody between here and the server could read or answer."""
    if not url.database or set(url.query) - _KNOWN:
        raise BadInput("names no database, or an option that isn't known", where=SETTING, remedy=FORMS)
    hosts = [str(host) for host in (url.host, url.query.get("host")) if host]
    if len(hosts) != 1:
        raise BadInput("has to name one host, or the folder of a socket", where=SETTING, remedy=FORMS)
    if hosts[0].startswith("/") or hosts[0] in _LOOPBACK:
        return
    if url.query.get("sslmode") not in _PROVEN:
        remedy = "Add ?sslmode=verify-full&sslrootcert=/path/ca.crt"
        problem = "anybody could answer for the server: its certificate isn't checked"
        raise BadInput(problem, where=SETTING, remedy=remedy)
