"""Exceptions as the gate sees them: how each stands, how often it was used, and a warning before it ends."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from engine.core.exception_entry import State, state_of
from engine.core.message import Message
from engine.ports import Ledger, PolicyEngine, Transaction
from engine.usecases.announce import announce


@dataclass(frozen=True, slots=True)
class Counted:
    """One exception of the policy data, and the decisions that it set a rule aside in."""

    id: str
    state: State
    entry: Mapping[str, Any]
    used: int
    last_used: str


def counted(policy: PolicyEngine, ledger: Ledger, *, now: str) -> list[Counted]:
    """Every exception there is, and every one that was ever used, by id."""
    entries = _entries(policy)
    uses: dict[str, list[str]] = {}
    for record in ledger.export():
        if record.kind == "decision":
            for used in record.body["decision"].get("exceptions", ()):
                uses.setdefault(str(used["id"]), []).append(record.at)
    return [
        Counted(
            id=name,
            state=state_of(entries.get(name, {}), now) if name in entries else "ended",
            entry=entries.get(name, {}),
            used=len(uses.get(name, ())),
            last_used=max(uses.get(name, ()), default=""),
        )
        for name in sorted({*entries, *uses})
    ]


def warn_of_exceptions(policy: PolicyEngine, ledger: Ledger, *, now: str) -> int:
    """Tell people of each exception that ends within a week, once; how many there are."""
    ending = {name: entry for name, entry in _entries(policy).items() if state_of(entry, now) == "ending"}

    def unit(tx: Transaction) -> None:
        for name, entry in ending.items():
            announce(tx, _warning(name, entry, now))

    if ending:
        ledger.run(unit)
    return len(ending)


def _warning(name: str, entry: Mapping[str, Any], now: str) -> Message:
    rules = ", ".join(str(rule) for rule in entry.get("rules") or ())
    text = (
        f"{name} ({entry.get('ticket')}) ends on {entry['expires']}. From then on {rules} refuse again. "
        f"{entry.get('owner')} answers for it"
    )
    return Message(f"exception|{name}|{entry['expires']}", "exception_ending", "An exception ends soon", text, now)


def _entries(policy: PolicyEngine) -> Mapping[str, Mapping[str, Any]]:
    entries = policy.data("exceptions").get("entries")
    found = entries if isinstance(entries, Mapping) else {}
    return {str(name): entry for name, entry in found.items() if isinstance(entry, Mapping)}
