"""A ledger for questions where none has been made yet: it knows nothing, and what it is told goes to the spool.

``penstock decide`` must answer at once, and making a database to ask a question would take longer than the answer.
There are no budgets, incidents or switch positions before the first proposal; the record of the question is durable
all the same, and the ledger takes it in when it is made.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, NoReturn, cast

from engine.adapters.store.spool import Spool
from engine.core.budget import BudgetName, Reservation
from engine.core.errors import NotPermitted
from engine.core.record import GENESIS, Entry, Record, link
from engine.ports import Result, Transaction


class PassingTransaction:
    """One unit of work on documents of its own; entries are kept until the unit has succeeded."""

    def __init__(self) -> None:
        self.entries: list[tuple[Entry, str]] = []
        self._documents: dict[str, dict[str, dict[str, Any]]] = {}

    def append(self, entry: Entry, *, at: str) -> Record:
        """Keep an entry for the spool; its place in the chain is given when the ledger takes it in."""
        self.entries.append((entry, at))
        return link(len(self.entries), at, entry, GENESIS)

    def tip(self) -> str:
        """There is no chain yet."""
        return GENESIS

    def records(self, *, kind: str = "", subject: str = "") -> Sequence[Record]:
        """None yet."""
        del kind, subject
        return []

    def used(self, budget: BudgetName, scope: str, *, since: str, now: str) -> int:
        """Nothing yet."""
        del budget, scope, since, now
        return 0

    def reserve(self, reservation: Reservation) -> NoReturn:
        """Raises :class:`NotPermitted`."""
        raise _only_asking(reservation.budget)

    def settle(self, decision_id: str, *, committed: bool, at: str) -> NoReturn:
        """Raises :class:`NotPermitted`."""
        del committed, at
        raise _only_asking(decision_id)

    def put(self, collection: str, key: str, document: dict[str, Any], *, status: str = "", at: str) -> None:
        """Keep a document for the rest of this unit."""
        del at
        self._documents.setdefault(collection, {})[key] = {"status": status, "document": document}

    def find(self, collection: str, key: str) -> dict[str, Any] | None:
        """One document of this unit, or ``None``."""
        found = self._documents.get(collection, {}).get(key)
        return None if found is None else cast(dict[str, Any], found["document"])

    def select(self, collection: str, *, status: str = "") -> Sequence[dict[str, Any]]:
        """Documents of this unit."""
        held = self._documents.get(collection, {}).values()
        return [one["document"] for one in held if not status or one["status"] == status]

    def count(self, collection: str, *, status: str) -> int:
        """How many documents of this unit have this status."""
        return len(self.select(collection, status=status))

    def forget(self, collection: str, *, status: str, before: str, most: int) -> int:
        """Nothing here is old."""
        del collection, status, before, most
        return 0

    def switch_mode(self) -> str:
        """Nobody has moved it yet."""
        return "normal"

    def set_switch(self, mode: str, *, by: str, reason: str, at: str) -> NoReturn:
        """Raises :class:`NotPermitted`."""
        del by, reason, at
        raise _only_asking(mode)


def _only_asking(what: str) -> NotPermitted:
    return NotPermitted("a question changes nothing", where=what, remedy="Propose it instead")


class PassingLedger:
    """Answers from nothing, and spools what is recorded."""

    def __init__(self, spool: Path) -> None:
        self._spool = Spool(spool)

    def run(self, unit: Callable[[Transaction], Result]) -> Result:
        """Run a unit; its entries are on disk when this returns."""
        tx = PassingTransaction()
        result = unit(tx)
        for entry, at in tx.entries:
            self._spool.append(entry, at=at)
        return result

    def export(self) -> Iterator[Record]:
        """There is no chain yet."""
        return iter(())

    def set_aside(self, entry: Entry, *, at: str) -> None:
        """Spool it, as everything here."""
        self._spool.append(entry, at=at)

    def close(self) -> None:
        """Let go of the spool's file."""
        self._spool.close()

    def __enter__(self) -> PassingLedger:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
