"""A process that ends between a commit and its telling has told nobody; the next one does, once."""

from __future__ import annotations

from typing import Any

from tests.fakes.notifier import MemoryNotifier, silent

API = "Deployment/payments-api"


def test_what_a_dead_process_committed_is_told_once_by_the_next(settings: Any, open_desk: Any) -> None:
    first = open_desk(settings)
    first.propose("restart_workload", API)
    journal = settings.state / "notifications.jsonl"
    assert not journal.exists()
    first.gate.ports.ledger.close()
    second = open_desk(settings)
    assert [message["event"] for message in second.told()] == ["automatic_fix"]
    assert [message["event"] for message in second.told()] == ["automatic_fix"]


def test_a_channel_that_doesn_t_answer_holds_up_no_decision(desk: Any) -> None:
    from dataclasses import replace

    from engine.usecases.dispatch import dispatch

    broken = MemoryNotifier("broken", silent(100))
    desk.gate = replace(desk.gate, ports=replace(desk.gate.ports, notifiers=(broken,)))
    state = desk.propose("restart_workload", API)
    assert (state.status, broken.asked) == ("verifying", 0)
    dispatch(desk.gate.ports.ledger, desk.gate.ports.notifiers, now=desk.later(90))
    assert broken.asked == 1
