"""Drift that goes on after its incident ended, because Git moved and not the cluster, is told anew and not lost."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from engine.core.classification import RunbookIndex
from engine.core.signal import ObjectReference, Signal
from engine.usecases.end_drift import end_drift, seen_again
from engine.usecases.observe import observe
from tests.fakes.ledger import MemoryLedger

ABOUT = ObjectReference("prod-eu", "payments", "Deployment", "payments-api")
SET, SEEN, ENDED, AGAIN = (f"2026-11-14T0{hour}:00:00Z" for hour in (1, 2, 3, 4))


def held() -> Any:
    return SimpleNamespace(ledger=MemoryLedger(), runbooks=RunbookIndex([]))


def drifted() -> list[Signal]:
    """What the cluster says: the field was set once, long before."""
    return [Signal("drift", ABOUT, "Drift", "warning", "replicas is 5", SET, "sha256:" + "a" * 64)]


def statuses(ports: Any) -> list[str]:
    return [document["status"] for document in ports.ledger.run(lambda tx: tx.select("incidents"))]


def test_git_that_moves_back_makes_it_drift_again_though_nobody_touched_the_cluster() -> None:
    ports = held()
    observe(ports, drifted(), now=SEEN)
    assert [one.status for one in end_drift(ports, [ABOUT], now=ENDED)] == ["resolved"]
    observe(ports, drifted(), now=AGAIN)
    assert statuses(ports) == ["resolved"]
    observe(ports, seen_again(ports, drifted(), now=AGAIN), now=AGAIN)
    assert statuses(ports)[-1] == "open"


def test_what_never_ended_keeps_its_time() -> None:
    ports = held()
    observe(ports, drifted(), now=SEEN)
    assert seen_again(ports, drifted(), now=AGAIN) == drifted()


def test_nothing_is_ended_twice_nor_anything_else() -> None:
    ports = held()
    observe(ports, drifted(), now=SEEN)
    other = ObjectReference("prod-eu", "payments", "Deployment", "ledger-worker")
    assert end_drift(ports, [other], now=ENDED) == []
    assert len(end_drift(ports, [ABOUT], now=ENDED)) == 1
    assert end_drift(ports, [ABOUT], now=AGAIN) == []
