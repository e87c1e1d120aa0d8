"""One unit of work as statements: the chain, budgets, documents and the switch under one savepoint.

Everything is read inside the transaction that will write, because several processes may share the database;
what a process remembers of it is already old.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Executable, Row, bindparam, delete, func, insert, or_, select, text, update
from sqlalchemy.engine import CursorResult
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from engine.adapters.store.connection import Database
from engine.adapters.store.tables import DOCUMENTS, RECORDS, RESERVATIONS, SPOOLED, SWITCH
from engine.core import canonical
from engine.core.budget import BudgetName, Reservation
from engine.core.errors import AlreadyReserved, BadInput, LedgerUnavailable, TamperedRecord
from engine.core.moment import format_instant, parse_instant
from engine.core.record import GENESIS, Entry, Record, chain_digest

MODES = ("normal", "advisory", "frozen")

_APPEND = insert(RECORDS)
_TIP = select(RECORDS.c.sequence, RECORDS.c.digest).order_by(RECORDS.c.sequence.desc()).limit(1)
_HELD = select(func.coalesce(func.sum(RESERVATIONS.c.amount), 0)).where(
    RESERVATIONS.c.budget == bindparam("of"),
    RESERVATIONS.c.scope == bindparam("within"),
    or_(
        (RESERVATIONS.c.state == "reserved") & (RESERVATIONS.c.expires_at > bindparam("now")),
        (RESERVATIONS.c.state == "committed") & (RESERVATIONS.c.settled_at >= bindparam("since")),
    ),
)
_FIND = select(DOCUMENTS.c.body).where(DOCUMENTS.c.collection == bindparam("of"), DOCUMENTS.c.key == bindparam("named"))
_ALL = select(DOCUMENTS.c.body).where(DOCUMENTS.c.collection == bindparam("of")).order_by(DOCUMENTS.c.position)
_WITH_STATUS = _ALL.where(DOCUMENTS.c.status == bindparam("standing"))
_PUT = text(
    "INSERT INTO documents (collection, key, status, at, updated_at, body) "
    "VALUES (:collection, :key, :status, :at, :at, :body) ON CONFLICT (collection, key) "
    "DO UPDATE SET status = excluded.status, updated_at = excluded.updated_at, body = excluded.body"
)


@dataclass(frozen=True, slots=True)
class Tip:
    """Where the chain ends."""

    sequence: int = 0
    digest: str = GENESIS


class SqlTransaction:
    """What a unit may do; of no use once its unit has returned.

    ``failure`` is set when the database itself failed, after which nothing of this commit may be kept.
    """

    def __init__(self, connection: Connection, database: Database, tip: Tip) -> None:
        self._connection = connection
        self._database = database
        self.chain = tip
        self.failure: LedgerUnavailable | None = None
        self.ended = False

    def append(self, entry: Entry, *, at: str) -> Record:
        """Add to the record's chain. Raises :class:`BadInput` for a body that JSON can't carry exactly."""
        body, at = canonical.encode(entry.body), _instant(at)
        sequence, previous = self.chain.sequence + 1, self.chain.digest
        digest = chain_digest(sequence, at, entry, body, previous)
        record = Record(sequence, at, entry.kind, entry.subject, json.loads(body), previous, digest)
        self._execute(
            _APPEND,
            {
                "sequence": sequence,
                "at": at,
                "kind": entry.kind,
                "subject": entry.subject,
                "body": body.decode(),
                "previous": previous,
                "digest": digest,
            },
        )
        self.chain = Tip(sequence, digest)
        return record

    def tip(self) -> str:
        """The digest of the last record."""
        return self.chain.digest

    def records(self, *, kind: str = "", subject: str = "") -> Sequence[Record]:
        """Records in order, filtered. Raises :class:`TamperedRecord` for a body that isn't JSON any more."""
        wanted = select(RECORDS).order_by(RECORDS.c.sequence)
        for column, value in ((RECORDS.c.kind, kind), (RECORDS.c.subject, subject)):
            wanted = wanted.where(column == value) if value else wanted
        return [as_record(row) for row in self._execute(wanted)]

    def used(self, budget: BudgetName, scope: str, *, since: str, now: str) -> int:
        """What is reserved and hasn't lapsed at ``now``, and what was committed at ``since`` or later."""
        asked = {"of": budget, "within": scope, "since": _instant(since), "now": _instant(now)}
        return int(self._execute(_HELD, asked).scalar_one())

    def reserve(self, reservation: Reservation) -> None:
        """Hold an amount. Raises :class:`AlreadyReserved`, and :class:`BadInput` for one that would hold nothing."""
        at, expires = _instant(reservation.at), _instant(reservation.expires_at)
        if reservation.amount < 1 or expires <= at:
            raise BadInput("a reservation needs an amount and a time", where=reservation.decision_id)
        mine = (RESERVATIONS.c.budget == reservation.budget) & (RESERVATIONS.c.decision_id == reservation.decision_id)
        if self._execute(select(RESERVATIONS.c.amount).where(mine)).first() is not None:
            raise AlreadyReserved(f"{reservation.budget} is already reserved", where=reservation.decision_id)
        self._execute(
            insert(RESERVATIONS),
            {
                "budget": reservation.budget,
                "decision_id": reservation.decision_id,
                "scope": reservation.scope,
                "amount": reservation.amount,
                "at": at,
                "expires_at": expires,
                "state": "reserved",
                "settled_at": "",
            },
        )

    def settle(self, decision_id: str, *, committed: bool, at: str) -> None:
        """Commit or release what a decision holds; what is settled already stays as it was."""
        held = (RESERVATIONS.c.decision_id == decision_id) & (RESERVATIONS.c.state == "reserved")
        state = "committed" if committed else "released"
        self._execute(update(RESERVATIONS).where(held).values(state=state, settled_at=_instant(at)))

    def put(self, collection: str, key: str, document: dict[str, Any], *, status: str = "", at: str) -> None:
        """Insert or replace one document. Raises :class:`BadInput` for what JSON can't carry."""
        body, at = _text(document, f"{collection}/{key}"), _instant(at)
        self._execute(_PUT, {"collection": collection, "key": key, "status": status, "at": at, "body": body})

    def find(self, collection: str, key: str) -> dict[str, Any] | None:
        """One document, or ``None``."""
        body = self._execute(_FIND, {"of": collection, "named": key}).scalar_one_or_none()
        return None if body is None else self._document(body, f"{collection}/{key}")

    def select(self, collection: str, *, status: str = "") -> Sequence[dict[str, Any]]:
        """Documents of a collection in order of insertion, filtered by status."""
        wanted, asked = (_WITH_STATUS, {"of": collection, "standing": status}) if status else (_ALL, {"of": collection})
        return [self._document(body, collection) for body in self._execute(wanted, asked).scalars()]

    def count(self, collection: str, *, status: str) -> int:
        """How many documents of a collection have this very status; none of them is read."""
        mine = (DOCUMENTS.c.collection == collection) & (DOCUMENTS.c.status == status)
        return int(self._execute(select(func.count()).where(mine)).scalar_one())

    def forget(self, collection: str, *, status: str, before: str, most: int) -> int:
        """Take away what was last written before an instant among the ``most`` oldest with this status; how many."""
        mine = (DOCUMENTS.c.collection == collection) & (DOCUMENTS.c.status == status)
        oldest = select(DOCUMENTS.c.position).where(mine).order_by(DOCUMENTS.c.position).limit(most)
        old = DOCUMENTS.c.position.in_(oldest.scalar_subquery()) & (DOCUMENTS.c.updated_at < _instant(before))
        return int(self._execute(delete(DOCUMENTS).where(old)).rowcount)

    def switch_mode(self) -> str:
        """The kill switch. Raises :class:`LedgerUnavailable` when it stands where no switch can stand."""
        mode = self._execute(select(SWITCH.c.mode).where(SWITCH.c.id == 1)).scalar_one_or_none()
        if mode not in MODES:
            raise LedgerUnavailable(
                f"the kill switch stands at {mode!r}, which means nothing",
                where=self._database.where,
                remedy="Move it: penstock switch freeze --reason …",
            )
        return str(mode)

    def set_switch(self, mode: str, *, by: str, reason: str, at: str) -> None:
        """Move the kill switch, also away from a mode that means nothing. Raises :class:`BadInput`."""
        if mode not in MODES:
            raise BadInput(f"{mode!r} is not a mode", where="switch", remedy="Use " + ", ".join(MODES))
        values = {"mode": mode, "by": by, "reason": reason, "at": _instant(at)}
        if self._execute(update(SWITCH).where(SWITCH.c.id == 1).values(**values)).rowcount == 0:
            self._execute(insert(SWITCH), {"id": 1, **values})

    def absorb(self, entry_id: str, entry: Entry, *, at: str) -> bool:
        """Append an entry that was spooled, unless it has been before; says whether it was appended."""
        if self._execute(select(SPOOLED.c.sequence).where(SPOOLED.c.entry_id == entry_id)).first() is not None:
            return False
        sequence = self.append(entry, at=at).sequence
        self._execute(insert(SPOOLED), {"entry_id": entry_id, "sequence": sequence})
        return True

    def _execute(self, statement: Executable, values: dict[str, Any] | None = None) -> CursorResult[Any]:
        if self.ended:
            raise LedgerUnavailable("this unit of work has ended", remedy="Use the transaction inside its unit only")
        try:
            return self._connection.execute(statement, values)
        except SQLAlchemyError as error:
            if isinstance(error, DBAPIError) and self._database.refuses_input(error):
                raise BadInput(f"can't be stored: {error.orig}", where="ledger") from None
            self.failure = self._database.unavailable(error)
            raise self.failure from error

    def _document(self, body: str, where: str) -> dict[str, Any]:
        try:
            return dict(json.loads(body))
        except ValueError:
            raise LedgerUnavailable(
                f"{where} is no document any more", where=self._database.where, remedy="Restore it from a backup"
            ) from None


def read_tip(connection: Connection) -> Tip:
    """Where the chain ends in this transaction."""
    row = connection.execute(_TIP).first()
    return Tip() if row is None else Tip(row.sequence, row.digest)


def as_record(row: Row[Any]) -> Record:
    """One row of the chain. Raises :class:`TamperedRecord` for a body that isn't JSON any more."""
    try:
        body = json.loads(row.body)
    except ValueError:
        raise TamperedRecord("its body is not JSON any more", where=f"record {row.sequence}") from None
    return Record(row.sequence, row.at, row.kind, row.subject, body, row.previous, row.digest)


def _instant(text: str) -> str:
    """The one form of an instant in which text order is time order."""
    return format_instant(parse_instant(text))


def _text(document: dict[str, Any], where: str) -> str:
    try:
        text = json.dumps(document, allow_nan=False, ensure_ascii=False, separators=(",", ":"))
        text.encode()
    except (TypeError, ValueError, RecursionError) as error:
        raise BadInput(f"not JSON: {error}", where=where) from None
    return text
