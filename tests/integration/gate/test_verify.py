"""Verification ends an incident or undoes an action, whole and once, whatever crashes in between."""

from __future__ import annotations

from typing import Any

import pytest

from engine import wiring
from engine.usecases import verify as verification
from engine.usecases.verify import verify

API = "Deployment/payments-api"


def merged(desk: Any) -> Any:
    from engine.usecases.review import review

    state = desk.propose("rollback_workload", API, params={"to_revision": "previous"})
    for reviewer, second in (("alice", 90), ("bob", 100)):
        state = review(
            desk.gate.ports, state.id, reviewer=reviewer, verdict="approved", note="", now=desk.later(second)
        )
    assert state.status == "verifying"
    return state


def proposals(desk: Any) -> list[Any]:
    return list(desk.gate.ports.ledger.run(lambda tx: tx.select("proposals")))


def test_an_inverse_that_a_crash_prevented_is_made_up_for_once(desk: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    state = merged(desk)

    def cut(*_args: Any, **_kwargs: Any) -> None:
        raise RuntimeError("cut")

    with monkeypatch.context() as patched:
        patched.setattr(verification, "_undo", cut)
        with pytest.raises(RuntimeError):
            verify(desk.gate.ports, state.id, now=desk.later(6 * 3600))
    assert [p["status"] for p in proposals(desk)] == ["failed"]
    for second in (6 * 3600 + 10, 6 * 3600 + 20):
        verify(desk.gate.ports, state.id, now=desk.later(second))
    assert [p["proposal"]["action"]["kind"] for p in proposals(desk)] == ["rollback_workload", "revert_commit"]
    assert proposals(desk)[1]["proposal"]["proposer"]["id"] == verification.VERIFIER.id


def test_success_and_the_end_of_the_incident_are_one_step(desk: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    state = merged(desk)
    after = desk.gate.settings.snapshot.parent / "after"
    ports = wiring.looking_at(desk.gate, after).ports
    begun = "2026-11-14T03:40:00Z"
    assert verify(ports, state.id, now=begun)[0].status == "verifying"

    def cut(*_args: Any, **_kwargs: Any) -> None:
        raise RuntimeError("cut")

    with monkeypatch.context() as patched:
        patched.setattr(verification, "resolve", cut)
        with pytest.raises(RuntimeError):
            verify(ports, state.id, now="2026-11-14T05:40:00Z")
    assert [p["status"] for p in proposals(desk)] == ["verifying"]
    assert verify(ports, state.id, now="2026-11-14T05:40:10Z")[0].status == "succeeded"
    assert len(desk.records("status_change")) == 1
