"""Who takes over is told that they do, and gets a package that says where it stands and why automation stopped."""

from __future__ import annotations

from typing import Any

import pytest

from engine.usecases.analyse import analyse
from engine.usecases.postmortem import handover
from tests.integration.gate.hostile_words import FAMILIES
from tests.integration.gate.test_non_interference import skeleton


def test_the_package_begins_with_what_is_wanted_and_says_why_it_stopped(desk: Any) -> None:
    ports = desk.gate.ports
    analyse(ports, desk.incident.id, now=desk.later(30))
    waiting = desk.propose("rollback_workload", "Deployment/payments-api", params={"to_revision": "previous"})
    refused = desk.propose("delete_resource", "Deployment/payments-api", after=90)
    desk.propose("escalate", "Deployment/payments-api", after=100, reason="Two ways are left, and both cost.")
    before = len(desk.records())
    text = handover(ports, desk.incident.id, now=desk.later(200))
    standing, rest = text.split("## Why automation stopped")
    assert "Whom to call: owner" in standing
    stopped = rest.split("## What was attempted")[0]
    assert f"rollback_workload waits for 2 of team:team-payments ({waiting.id})" in stopped
    assert f"delete_resource was refused ({refused.id})" in stopped
    assert "agent:triage handed it to people: Two ways are left" in stopped
    telemetry = text.split("## Telemetry as it was")[1].split("## Timeline")[0]
    assert "payments-api starting" in telemetry
    assert handover(ports, desk.incident.id, now=desk.later(200)) == text
    assert len(desk.records()) == before


@pytest.mark.parametrize("family", FAMILIES)
def test_hostile_words_stay_words_in_the_package(desk: Any, family: str) -> None:
    def packaged(words: str) -> list[str]:
        desk.propose("escalate", "Deployment/payments-api", reason=words[:900], key=f"k{len(words)}")
        return skeleton(handover(desk.gate.ports, desk.incident.id, now=desk.now))

    plain = packaged("words")
    assert set(packaged(FAMILIES[family])) == set(plain)


def test_handing_over_tells_people_once_and_where_to_look(desk: Any) -> None:
    desk.propose("escalate", "Deployment/payments-api", reason="It needs somebody.")
    (told,) = [one for one in desk.told() if one["event"] == "escalated"]
    assert told["links"]["incident"] == desk.incident.id
    assert "It needs somebody." in told["text"] and "on-call" in told["title"]
