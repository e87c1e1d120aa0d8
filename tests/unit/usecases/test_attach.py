"""People who already run an incident keep it: the gate joins theirs and opens no other beside it."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from engine.adapters.runbooks.folder import load_runbooks
from engine.core.classification import RunbookIndex
from engine.core.errors import BadInput, NotPermitted
from engine.core.moment import shift
from engine.core.signal import ObjectReference, Signal
from engine.usecases.attach import Lead, attach, detach
from engine.usecases.observe import observe
from tests.conftest import ROOT
from tests.fakes.ledger import MemoryLedger

API = ObjectReference("prod-eu", "payments", "Deployment", "payments-api")
PLACE = "payments/Deployment/payments-api"
AT = "2026-11-14T03:00:00Z"
OLGA = Lead("olga", "#inc-7", "OPS-12")
INDEX = RunbookIndex(load_runbooks(ROOT / "runbooks"))


@pytest.fixture
def ports() -> Any:
    return SimpleNamespace(
        ledger=MemoryLedger(), runbooks=INDEX, cluster=SimpleNamespace(name="prod-eu", all=lambda *_: [])
    )


def crash(at: str) -> Signal:
    pod, digest = ObjectReference("prod-eu", "payments", "Pod", "payments-api-1"), f"sha256:{at}"
    return Signal("kubernetes", pod, "CrashLoopBackOff", "critical", "back-off", at, digest, owners=(API,))


def incidents(ports: Any) -> list[Any]:
    return list(ports.ledger.run(lambda tx: tx.select("incidents")))


def test_what_was_seen_is_run_by_people_from_now_on_and_the_record_says_who_said_so(ports: Any) -> None:
    observe(ports, [crash(AT)], now=AT)
    attach(ports, PLACE, OLGA, by="dana", now=AT)
    [found] = incidents(ports)
    assert (found["commander"], found["channel"], found["ticket"]) == ("olga", "#inc-7", "OPS-12")
    assert found["timeline"][-1]["text"] == "olga run it in #inc-7, ticket OPS-12"
    [record] = ports.ledger.run(lambda tx: tx.records(kind="command"))
    assert record.subject == found["id"]
    assert record.body == {"commander": "olga", "channel": "#inc-7", "ticket": "OPS-12", "by": "dana"}


def test_what_shows_hours_later_under_another_name_joins_theirs_and_gives_it_its_class(ports: Any) -> None:
    theirs = attach(ports, PLACE, OLGA, by="dana", now=AT)
    observe(ports, [crash(shift(AT, 4 * 3600))], now=shift(AT, 4 * 3600))
    [found] = incidents(ports)
    assert found["id"] == theirs.id
    assert found["incident_class"] == "crash-loop"
    assert found["commander"] == "olga"


def test_once_they_have_gone_what_shows_hours_later_is_another_matter(ports: Any) -> None:
    attach(ports, PLACE, OLGA, by="dana", now=AT)
    left = detach(ports, PLACE, by="dana", now=AT)
    assert left.timeline[-1].text == "nobody is in command any more"
    observe(ports, [crash(shift(AT, 4 * 3600))], now=shift(AT, 4 * 3600))
    assert len(incidents(ports)) == 2


def test_the_same_object_named_twice_is_one_incident(ports: Any) -> None:
    one = attach(ports, PLACE, OLGA, by="dana", now=AT)
    two = attach(ports, one.id, Lead("bo"), by="dana", now=AT)
    assert two.id == one.id
    assert [found["commander"] for found in incidents(ports)] == ["bo"]


@pytest.mark.parametrize("place", ["inc-000000000000", "payments", "a/b/c/d", "payments//x", "payments/Deployment/"])
def test_a_place_that_is_none_is_refused_and_opens_nothing(ports: Any, place: str) -> None:
    with pytest.raises(BadInput):
        attach(ports, place, OLGA, by="dana", now=AT)
    assert incidents(ports) == []


@pytest.mark.parametrize("lead", [Lead(), Lead(" "), Lead("x" * 201)])
def test_a_lead_that_says_nothing_or_too_much_is_refused(ports: Any, lead: Lead) -> None:
    with pytest.raises(BadInput):
        attach(ports, PLACE, lead, by="dana", now=AT)
    assert incidents(ports) == []


def test_who_has_no_say_in_the_namespace_opens_and_changes_nothing(ports: Any) -> None:
    def permit(namespace: str) -> None:
        raise NotPermitted(f"no business in {namespace}")

    with pytest.raises(NotPermitted):
        attach(ports, PLACE, OLGA, by="eve", now=AT, permit=permit)
    assert incidents(ports) == []
    attach(ports, PLACE, OLGA, by="dana", now=AT)
    with pytest.raises(NotPermitted):
        detach(ports, PLACE, by="eve", now=AT, permit=permit)
    assert incidents(ports)[0]["commander"] == "olga"


def test_nobody_can_leave_what_nobody_runs(ports: Any) -> None:
    observe(ports, [crash(AT)], now=AT)
    with pytest.raises(BadInput, match="no open incident that people run"):
        detach(ports, PLACE, by="dana", now=AT)
