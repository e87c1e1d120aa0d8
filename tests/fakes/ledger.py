"""A ledger in memory that keeps every promise of the real one but durability."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from threading import Lock, get_ident
from typing import Any

from engine.core import canonical
from engine.core.budget import BudgetName, Reservation
from engine.core.errors import AlreadyReserved, BadInput, LedgerUnavailable, NestedUnit
from engine.core.moment import format_instant, parse_instant
from engine.core.record import GENESIS, Entry, Record, link
from engine.ports import Result, Transaction

MODES = ("normal", "advisory", "frozen")


def _instant(text: str) -> str:
    return format_instant(parse_instant(text))


@dataclass
class _Held:
    reservation: Reservation
    state: str = "reserved"
    settled_at: str = ""


@dataclass
class _State:
    records: list[Record] = field(default_factory=list)
    held: dict[tuple[str, str], _Held] = field(default_factory=dict)
    documents: dict[tuple[str, str], tuple[str, str, str]] = field(default_factory=dict)
    mode: str = "normal"


class MemoryTransaction:
    """One unit of work on a copy of the state."""

    def __init__(self, state: _State) -> None:
        self._held_state = state
        self.ended = False

    @property
    def _state(self) -> _State:
        if self.ended:
            raise LedgerUnavailable("this unit of work has ended", remedy="Use the transaction inside its unit only")
        return self._held_state

    def append(self, entry: Entry, *, at: str) -> Record:
        body = json.loads(canonical.encode(entry.body))
        record = link(len(self._state.records) + 1, _instant(at), replace(entry, body=body), self.tip())
        self._state.records.append(record)
        return copy.deepcopy(record)

    def tip(self) -> str:
        return self._state.records[-1].digest if self._state.records else GENESIS

    def records(self, *, kind: str = "", subject: str = "") -> Sequence[Record]:
        found = [r for r in self._state.records if kind in ("", r.kind) and subject in ("", r.subject)]
        return copy.deepcopy(found)

    def used(self, budget: BudgetName, scope: str, *, since: str, now: str) -> int:
        since, now = _instant(since), _instant(now)
        return sum(
            held.reservation.amount
            for held in self._state.held.values()
            if (held.reservation.budget, held.reservation.scope) == (budget, scope)
            and (
                (held.state == "reserved" and _instant(held.reservation.expires_at) > now)
                or (held.state == "committed" and held.settled_at >= since)
            )
        )

    def reserve(self, reservation: Reservation) -> None:
        if reservation.amount < 1 or _instant(reservation.expires_at) <= _instant(reservation.at):
            raise BadInput("a reservation needs an amount and a time", where=reservation.decision_id)
        key = (reservation.budget, reservation.decision_id)
        if key in self._state.held:
            raise AlreadyReserved(f"{reservation.budget} is already reserved", where=reservation.decision_id)
        self._state.held[key] = _Held(reservation)

    def settle(self, decision_id: str, *, committed: bool, at: str) -> None:
        for (_, decision), held in self._state.held.items():
            if decision == decision_id and held.state == "reserved":
                held.state, held.settled_at = "committed" if committed else "released", _instant(at)

    def put(self, collection: str, key: str, document: dict[str, Any], *, status: str = "", at: str) -> None:
        at = _instant(at)
        try:
            text = json.dumps(document, allow_nan=False, ensure_ascii=False)
            text.encode()
        except (TypeError, ValueError) as error:
            raise BadInput(f"not JSON: {error}", where=f"{collection}/{key}") from None
        self._state.documents[(collection, key)] = (status, text, at)

    def find(self, collection: str, key: str) -> dict[str, Any] | None:
        found = self._state.documents.get((collection, key))
        return None if found is None else dict(json.loads(found[1]))

    def select(self, collection: str, *, status: str = "") -> Sequence[dict[str, Any]]:
        return [
            dict(json.loads(text))
            for (where, _), (has, text, _) in self._state.documents.items()
            if where == collection and status in ("", has)
        ]

    def count(self, collection: str, *, status: str) -> int:
        return len(self.select(collection, status=status))

    def forget(self, collection: str, *, status: str, before: str, most: int) -> int:
        oldest = [key for key, (has, _, _) in self._state.documents.items() if key[0] == collection and has == status]
        old = [key for key in oldest[:most] if self._state.documents[key][2] < _instant(before)]
        for key in old:
            del self._state.documents[key]
        return len(old)

    def switch_mode(self) -> str:
        if self._state.mode not in MODES:
            raise LedgerUnavailable(f"the kill switch stands at {self._state.mode!r}, which means nothing")
        return self._state.mode

    def set_switch(self, mode: str, *, by: str, reason: str, at: str) -> None:
        _instant(at)
        if mode not in MODES:
            raise BadInput(f"{mode!r} is not a mode", where="switch", remedy="Use " + ", ".join(MODES))
        self._state.mode = mode


class MemoryLedger:
    """Runs one unit at a time on a copy, and keeps the copy when the unit returns."""

    def __init__(self) -> None:
        self._state = _State()
        self.aside: list[tuple[Entry, str]] = []
        self._lock = Lock()
        self._running = 0
        self._closed = False

    def run(self, unit: Callable[[Transaction], Result]) -> Result:
        if self._running == get_ident():
            raise NestedUnit("a unit of work can't ask for another", remedy="Use the transaction it was given")
        with self._lock:
            if self._closed:
                raise LedgerUnavailable("it is closed", remedy="Open it again")
            self._running, copied = get_ident(), copy.deepcopy(self._state)
            transaction = MemoryTransaction(copied)
            try:
                result = unit(transaction)
            finally:
                self._running, transaction.ended = 0, True
            self._state = copied
            return result

    def export(self) -> Iterator[Record]:
        yield from copy.deepcopy(self._state.records)

    def set_aside(self, entry: Entry, *, at: str) -> None:
        with self._lock:
            self.aside.append((entry, _instant(at)))

    def close(self) -> None:
        with self._lock:
            self._closed = True

    def __enter__(self) -> MemoryLedger:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
