"""Over HTTP an operator sees who may speak to the gate and stops one of them; no answer holds a token's digest."""

from __future__ import annotations

from typing import Any

from tests.integration.web.conftest import Http


def bound(door: Http, name: str, **fields: Any) -> None:
    door.identities[:] = [one.model_copy(update=fields) if one.id == name else one for one in door.identities]


def test_an_operator_stops_one_identity_and_no_other(door: Http, desk: Any) -> None:
    assert door.call("GET", "/v1/incidents").status_code == 200
    stopped = door.call("POST", "/v1/identities/agent:triage/disable", by="dana")
    assert (stopped.status_code, stopped.json()["disabled_at"] != "") == (200, True)
    refused = door.call("GET", "/v1/incidents")
    assert (refused.status_code, refused.json()["reason"]) == (401, "unauthenticated")
    assert "agent:triage was disabled" in refused.json()["detail"]
    assert door.call("GET", "/v1/incidents", by="dana").status_code == 200
    assert door.call("POST", "/v1/identities/agent:triage/enable", by="dana").json()["disabled_at"] == ""
    assert door.call("GET", "/v1/incidents").status_code == 200
    assert [record.body["by"] for record in desk.records("identity")] == ["dana", "dana"]


def test_only_a_person_who_is_an_operator_stops_one(door: Http) -> None:
    for by in ("agent:triage", "agent:mover"):
        assert door.call("POST", "/v1/identities/dana/disable", by=by).status_code == 403
    assert door.call("POST", "/v1/identities/agent:nobody/disable", by="dana").status_code == 404
    assert all(not one.disabled_at for one in door.identities)


def test_the_list_is_the_operators_and_shows_nothing_of_a_token(door: Http) -> None:
    assert door.call("GET", "/v1/identities").status_code == 403
    listed = door.call("GET", "/v1/identities", by="dana")
    assert [one["id"] for one in listed.json()] == [one.id for one in door.identities]
    assert all(one.token_digest not in listed.text for one in door.identities)


def test_what_is_kept_nowhere_cannot_be_changed(http: Http) -> None:
    refused = http.call("POST", "/v1/identities/agent:triage/disable", by="dana")
    assert (refused.status_code, refused.json()["remedy"]) == (400, "Use penstock identities")


def test_a_reader_of_one_namespace_sees_nothing_of_another(door: Http, desk: Any) -> None:
    everything = door.call("GET", "/v1/incidents").json()
    bound(door, "agent:triage", namespaces=["checkout"])
    here = door.call("GET", "/v1/incidents").json()
    assert {one["key"].split("/")[1] for one in here} <= {"checkout"}
    assert len(here) < len(everything)
    assert door.call("GET", f"/v1/incidents/{desk.incident.id}").status_code == 403
    assert door.call("GET", "/v1/records").status_code == 403
    assert door.call("GET", "/v1/records", by="dana").status_code == 200


def test_a_proposal_outside_its_bounds_is_refused_and_not_recorded(door: Http, desk: Any) -> None:
    proposal = desk.proposal("rollback_workload", "Deployment/payments-api", params={"to_revision": "previous"})
    body = proposal.model_dump(mode="json")
    bound(door, "agent:triage", kinds=["restart_workload"])
    before = len(desk.records())
    for path in ("/v1/proposals", "/v1/decisions"):
        refused = door.call("POST", path, json=body)
        assert (refused.status_code, refused.json()["reason"]) == (403, "not_permitted")
        assert "isn't there for rollback_workload" in refused.json()["detail"]
    command = {"command": "kubectl rollout undo deployment/payments-api -n payments"}
    assert door.call("POST", "/v1/check", json=command).status_code == 403
    assert len(desk.records()) == before
