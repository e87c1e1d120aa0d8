"""The loop does what was asked for and what nobody asks for, outlives what goes wrong, and says how it is."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path
from threading import Event
from typing import Any

import pytest

from engine.core.delivery import FAILURES, Delivery, Look
from engine.core.errors import ForgeRefused, ForgeUnreachable, RateLimited
from engine.entrypoints.web.desk import Desk
from engine.entrypoints.web.loop import DAY_SECONDS, Loop
from engine.usecases.queue_looks import take_looks
from engine.usecases.receive_delivery import receive_delivery
from engine.usecases.reconcile_pull_request import reconcile
from engine.usecases.settle import load
from engine.usecases.take_lead import LEAD_SECONDS

API = "Deployment/payments-api"


class Clock(Desk):
    """A desk whose clock is set by hand."""

    at: str = ""

    def now(self) -> str:
        return self.at


@pytest.fixture
def clock(desk: Any) -> Clock:
    held = Clock(desk.gate, list)
    held.at = desk.later(60)
    return held


def loop_of(clock: Clock, act: Any = reconcile, said: list[str] | None = None) -> Loop:
    return Loop(clock, act, 30, (said if said is not None else []).append)


def deliver(clock: Clock, number: int, id: str = "1") -> None:
    receive_delivery(clock.gate.ports.ledger, Delivery("github", id, "pull_request", (Look(number),)), now=clock.at)


def events(desk: Any) -> list[str]:
    import json

    journal = desk.gate.settings.state / "notifications.jsonl"
    return [json.loads(line)["event"] for line in journal.read_text().splitlines()] if journal.exists() else []


def approve(desk: Any, state: Any, who: str, at: str) -> None:
    from engine.core.pull_request import Review

    head = desk.gate.ports.forge.get(state.pull_request).head
    given = Review(who, "person", "approved", head, state.action_digest, at)
    desk.gate.ports.forge.review(state.pull_request, given)


def test_what_people_approved_is_merged_after_a_delivery(desk: Any, clock: Clock) -> None:
    state = desk.propose("rollback_workload", API, params={"to_revision": "previous"})
    loop = loop_of(clock)
    loop.round()
    loop.round()
    for who in ("alice", "bob"):
        approve(desk, state, who, desk.later(70))
    clock.at = desk.later(71)
    loop.round()
    assert load(desk.gate.ports, state.id).status == "awaiting_approval"
    deliver(clock, state.pull_request)
    loop.round()
    assert load(desk.gate.ports, state.id).status == "verifying"


def test_a_delivery_that_never_came_is_made_up_for_by_the_poll(desk: Any, clock: Clock) -> None:
    state = desk.propose("rollback_workload", API, params={"to_revision": "previous"})
    loop = loop_of(clock)
    loop.round()
    for who in ("alice", "bob"):
        approve(desk, state, who, desk.later(70))
    clock.at = desk.later(120)
    loop.round()
    loop.round()
    assert load(desk.gate.ports, state.id).status == "verifying"


def test_a_poll_looks_only_where_something_happened_or_is_due(desk: Any, clock: Clock) -> None:
    state = desk.propose("rollback_workload", API, params={"to_revision": "previous"})
    looked: list[int] = []

    def noting(ports: Any, look: Look, now: str) -> None:
        looked.append(look.number)
        reconcile(ports, look, now)

    loop = loop_of(clock, noting)

    def polled(seconds: int) -> list[int]:
        looked.clear()
        clock.at = desk.later(seconds)
        loop.round()
        loop.round()
        return list(looked)

    assert polled(60) == [state.pull_request]
    assert polled(120) == []
    approve(desk, state, "alice", desk.later(130))
    assert polled(180) == [state.pull_request]
    assert polled(240) == [] == polled(300)
    assert polled(600) == [state.pull_request]


def test_what_nobody_approves_expires_and_people_are_told(desk: Any, clock: Clock) -> None:
    state = desk.propose("rollback_workload", API, params={"to_revision": "previous"})
    loop = loop_of(clock)
    clock.at = desk.later(5 * 3600)
    loop.round()
    loop.round()
    assert load(desk.gate.ports, state.id).status == "expired"
    assert events(desk) == ["approval_wanted", "expired"]


def test_a_cluster_that_changes_is_seen_and_the_incident_resolved(
    settings: Any, open_desk: Any, tmp_path: Path
) -> None:
    from tests.conftest import RECORDING

    shutil.copytree(RECORDING / "during", tmp_path / "cluster")
    desk = open_desk(replace(settings, snapshot=tmp_path / "cluster"))
    state = desk.propose("rollback_workload", API, params={"to_revision": "previous"})
    clock = Clock(desk.gate, list)
    for who in ("alice", "bob"):
        approve(desk, state, who, desk.later(70))
    loop = loop_of(clock)
    clock.at = desk.later(80)
    loop.round()
    loop.round()
    assert load(desk.gate.ports, state.id).status == "verifying"
    shutil.copytree(RECORDING / "after", tmp_path / "cluster", dirs_exist_ok=True)
    for seconds in (200, 500, 900, 1300):
        clock.at = desk.later(seconds)
        loop.round()
        loop.round()
    assert load(desk.gate.ports, state.id).status == "succeeded"
    assert events(desk)[-1] == "resolved"


def test_trouble_of_the_forge_is_said_once_and_loses_no_look(desk: Any, clock: Clock) -> None:
    said: list[str] = []
    asked: list[int] = []

    def away(_ports: Any, look: Look, _now: str) -> None:
        asked.append(look.number)
        raise ForgeUnreachable("nobody answers", where="forge")

    loop = loop_of(clock, away, said)
    deliver(clock, 7)
    for second in range(60, 3660, 30):
        clock.at = desk.later(second)
        loop.round()
    assert said == ["looks: forge: nobody answers"]
    assert 5 < len(asked) < 40
    assert clock.pulse.troubles == {"looks": "forge: nobody answers"}
    clock.at = desk.later(8000)
    loop.reconcile = lambda _ports, look, _now: asked.append(look.number)
    loop.round()
    assert asked[-1] == 7
    assert clock.pulse.troubles == {}
    assert said[-1] == "looks: goes on again"


def test_a_forge_that_asks_to_be_left_alone_is(desk: Any, clock: Clock) -> None:
    asked: list[int] = []

    def limited(_ports: Any, look: Look, _now: str) -> None:
        asked.append(look.number)
        raise RateLimited("too many", retry_at=desk.later(1000))

    loop = loop_of(clock, limited)
    deliver(clock, 7)
    for second in range(60, 1000, 60):
        clock.at = desk.later(second)
        loop.round()
    assert len(asked) == 1


def test_one_pull_request_that_fails_keeps_no_other_waiting_and_is_given_up(desk: Any, clock: Clock) -> None:
    asked: list[int] = []

    def picky(_ports: Any, look: Look, _now: str) -> None:
        asked.append(look.number)
        if look.number == 7:
            raise ForgeRefused("a conflict")

    loop = loop_of(clock, picky)
    deliver(clock, 7)
    deliver(clock, 8, "2")
    for second in range(60, 20_000, 300):
        clock.at = desk.later(second)
        loop.round()
    assert asked.count(7) == FAILURES
    assert asked.count(8) == 1


def test_what_is_asked_for_while_it_is_looked_at_is_looked_at_again(desk: Any, clock: Clock) -> None:
    asked: list[int] = []

    def slow(_ports: Any, look: Look, _now: str) -> None:
        asked.append(look.number)
        if len(asked) == 1:
            deliver(clock, 7, "2")

    loop = loop_of(clock, slow)
    deliver(clock, 7)
    for _ in range(4):
        loop.round()
    assert asked == [7, 7]


def test_deliveries_in_any_order_and_number_lead_to_the_same_end(desk: Any, clock: Clock) -> None:
    state = desk.propose("rollback_workload", API, params={"to_revision": "previous"})
    for who in ("alice", "bob"):
        approve(desk, state, who, desk.later(61))
    clock.at = desk.later(62)
    loop = loop_of(clock)
    for id in ("3", "1", "2", "1", "3"):
        deliver(clock, state.pull_request, id)
        loop.round()
    assert load(desk.gate.ports, state.id).status == "verifying"
    assert len(desk.records("merge")) == 1


def test_a_mistake_of_ours_doesn_t_end_the_loop(desk: Any, clock: Clock) -> None:
    said: list[str] = []

    def wrong(_ports: Any, _look: Look, _now: str) -> None:
        raise KeyError("secret")

    loop = loop_of(clock, wrong, said)
    deliver(clock, 7)
    loop.round()
    assert said == ["looks: failed: KeyError"]
    loop.reconcile = lambda *_: None
    clock.at = desk.later(90)
    loop.round()
    assert take_looks(desk.gate.ports.ledger, now=desk.later(99_999)) == []


def test_it_begins_wakes_and_ends_when_it_is_told_to(desk: Any, clock: Clock) -> None:
    looked = Event()
    with loop_of(clock, lambda *_: looked.set()) as loop:
        deliver(clock, 7)
        clock.wake.set()
        assert looked.wait(60)
        thread = loop._thread
    assert thread is not None
    assert not thread.is_alive()


def test_readiness_says_when_the_loop_stands_still(http: Any, desk: Any) -> None:
    held = http.client.app.state.desk
    assert http.client.get("/readyz").json()["details"]["loop"] == "none runs here"
    held.pulse.beat = "2020-01-01T00:00:00Z"
    answer = http.client.get("/readyz")
    assert (answer.status_code, answer.json()["ready"]) == (503, False)
    assert "2020" in answer.json()["checks"]["loop"]


def test_readiness_tells_of_the_forge_and_of_messages_that_wait(http: Any, desk: Any) -> None:
    held = http.client.app.state.desk
    held.gate = replace(held.gate, settings=replace(held.gate.settings, forge="gitea"))
    held.pulse.troubles["looks"] = "forge: nobody answers"
    desk.propose("delete_resource", "PersistentVolumeClaim/payments-db-data-payments-db-0")
    answer = http.client.get("/readyz")
    assert answer.status_code == 200
    details = answer.json()["details"]
    assert details["forge"] == "hasn't answered yet"
    assert details["trouble: looks"] == "forge: nobody answers"
    assert details["notifications"].startswith("1 wait")


def test_a_person_s_wish_decides_again_where_nothing_has_happened(desk: Any, clock: Clock) -> None:
    from engine.usecases.answer_question import look_again

    state = desk.propose("rollback_workload", API, params={"to_revision": "previous"})
    loop = loop_of(clock)
    for _ in range(3):
        loop.round()
    before = len(desk.records("decision"))
    deliver(clock, state.pull_request)
    loop.round()
    assert len(desk.records("decision")) == before
    look_again(clock.gate.ports.ledger, state.id, now=clock.at)
    loop.round()
    assert len(desk.records("decision")) == before + 1


def test_what_was_kept_long_enough_is_forgotten_and_not_before(desk: Any, clock: Clock) -> None:
    desk.propose("delete_resource", "PersistentVolumeClaim/payments-db-data-payments-db-0")
    loop, ledger = loop_of(clock), clock.gate.ports.ledger
    seen = Delivery("github", "1", "pull_request", (Look(7),))
    assert receive_delivery(ledger, seen, now=clock.at)
    loop.round()

    def kept(days: int) -> tuple[int, int, bool]:
        clock.at = desk.later(days * DAY_SECONDS + 120)
        loop.round()
        told = ledger.run(lambda tx: tx.select("outbox", status="delivered"))
        heard = ledger.run(lambda tx: tx.select("deliveries"))
        return len(told), len(heard), receive_delivery(ledger, seen, now=clock.at)

    records = len(desk.records("decision"))
    assert kept(29) == (1, 1, False)
    assert kept(30) == (0, 0, True)
    assert len(desk.records("decision")) == records
    assert events(desk) == ["refused"]


def gates(clock: Clock) -> tuple[Loop, Loop, list[str]]:
    """The loops of two gates on one ledger, and whose of them looked at what it was told to."""
    looked: list[str] = []

    def acting(name: str) -> Any:
        return lambda *_, **__: looked.append(name)

    other = Clock(clock.gate, list)
    other.at = clock.at
    one, two = loop_of(clock, acting("one")), loop_of(other, acting("two"))
    one.holder, two.holder = "one", "two"
    return one, two, looked


def test_of_two_gates_one_does_what_is_to_be_done(clock: Clock) -> None:
    one, two, looked = gates(clock)
    one.round()
    two.round()
    deliver(clock, 7)
    two.round()
    one.round()
    assert set(looked) == {"one"}
    assert (one.desk.pulse.leads, two.desk.pulse.leads) == (True, False)
    assert two.desk.pulse.beat == clock.at


def test_a_gate_that_ends_lets_another_lead_at_once(clock: Clock) -> None:
    one, two, looked = gates(clock)
    with one:
        one.round()
    looked.clear()
    deliver(clock, 7)
    two.round()
    assert set(looked) == {"two"}


def test_a_gate_that_dies_leads_no_more_once_its_lead_is_over(desk: Any, clock: Clock) -> None:
    one, two, looked = gates(clock)
    one.round()
    looked.clear()
    deliver(clock, 7)
    for seconds, leads in ((LEAD_SECONDS - 1, False), (LEAD_SECONDS, True)):
        two.desk.at = desk.later(60 + seconds)  # type: ignore[attr-defined]
        two.round()
        assert two.desk.pulse.leads is leads
    clock.at = two.desk.at  # type: ignore[attr-defined]
    one.round()
    assert not one.desk.pulse.leads
    assert set(looked) == {"two"}


def test_a_gate_whose_ledger_is_away_doesn_t_lead(clock: Clock) -> None:
    one, _, looked = gates(clock)
    one.round()
    before = list(looked)
    clock.gate.ports.ledger.close()
    clock.at = "2026-12-24T00:00:00Z"
    one.round()
    assert not one.desk.pulse.leads
    assert looked == before
    assert "closed" in one.desk.pulse.troubles["lead"]
