"""People say over HTTP that they run an incident; nobody who isn't one can, since policy asks for a commander."""

from __future__ import annotations

from typing import Any

import pytest

PLACE = "payments/Deployment/payments-api"
SAID = {"place": PLACE, "commander": "olga", "channel": "#inc-7", "ticket": "OPS-12"}


def test_the_gate_works_under_an_incident_that_people_run(http: Any, desk: Any) -> None:
    answer = http.call("POST", "/v1/incidents/lead", by="dana", json=SAID)
    assert (answer.status_code, answer.json()["id"]) == (200, desk.incident.id)
    shown = http.call("GET", f"/v1/incidents/{desk.incident.id}").json()
    assert shown["timeline"][-1]["text"] == "olga run it in #inc-7, ticket OPS-12"
    assert [record.body["by"] for record in desk.records("command")] == ["dana"]
    gone = http.call("POST", "/v1/incidents/lead", by="dana", json={"place": PLACE})
    assert gone.status_code == 200
    assert http.call("POST", "/v1/incidents/lead", by="dana", json={"place": PLACE}).status_code == 400


@pytest.mark.parametrize("by", ["agent:triage", "agent:mover", "alertmanager"])
def test_no_agent_names_a_commander(http: Any, desk: Any, by: str) -> None:
    answer = http.call("POST", "/v1/incidents/lead", by=by, json=SAID)
    assert (answer.status_code, answer.json()["reason"]) == (403, "not_permitted")
    assert desk.records("command") == []
