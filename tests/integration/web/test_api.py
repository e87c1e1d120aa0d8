"""The HTTP surface says what the gate says, believes only the token, and breaks on nothing."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from engine.adapters.llm.signatures import SignatureAnalyst
from engine.core.record import verify_chain
from engine.usecases.analyse import analyse

RESTART = {
    "proposer": {"id": "agent:triage", "kind": "agent"},
    "action": {
        "kind": "restart_workload",
        "target": {"cluster": "prod-eu", "namespace": "payments", "kind": "Deployment", "name": "payments-api"},
    },
}


def problem(answer: Any, status: int, reason: str) -> dict[str, Any]:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    body: dict[str, Any] = answer.json()
    assert body["reason"] == reason
    assert "Traceback" not in answer.text
    return body


def test_a_refusal_is_an_answer_with_its_rules(http: Any, desk: Any) -> None:
    answer = http.call("POST", "/v1/proposals", json=RESTART)
    assert answer.status_code == 201
    body = answer.json()
    assert body["status"] == "refused"
    assert "incident/required" in {v["rule"] for v in body["decision"]["violations"]}
    assert desk.branches() == []
    assert http.call("GET", f"/v1/proposals/{body['id']}").json() == body


def test_asking_reserves_and_proposes_nothing(http: Any) -> None:
    answer = http.call("POST", "/v1/decisions", json=RESTART)
    assert answer.json()["outcome"] == "deny"
    assert http.call("GET", "/v1/proposals").json() == []


def test_nobody_proposes_in_another_s_name(http: Any) -> None:
    forged = {**RESTART, "proposer": {"id": "alice", "kind": "person"}}
    problem(http.call("POST", "/v1/proposals", json=forged), 403, "not_permitted")
    assert http.call("GET", "/v1/proposals").json() == []


@pytest.mark.parametrize("path", ["/v1/proposals", "/v1/incidents", "/v1/records", "/v1/switch"])
def test_without_a_token_there_is_nothing_to_see(http: Any, path: str) -> None:
    answer = http.client.get(path)
    problem(answer, 401, "unauthenticated")
    assert answer.headers["www-authenticate"] == "Bearer"
    problem(http.client.get(path, headers={"Authorization": "Bearer guess"}), 401, "unauthenticated")


def test_an_expired_token_is_no_token(http: Any) -> None:
    http.identities[0] = http.identities[0].model_copy(update={"expires_at": "2020-01-01T00:00:00Z"})
    problem(http.call("GET", "/v1/proposals"), 401, "unauthenticated")


@pytest.mark.parametrize(
    ("method", "path", "by"),
    [
        ("POST", "/v1/signals/kubernetes", "agent:triage"),
        ("POST", "/v1/proposals", "alertmanager"),
        ("GET", "/v1/records", "alertmanager"),
        ("POST", "/v1/switch", "agent:triage"),
    ],
)
def test_each_role_opens_only_its_own_doors(http: Any, method: str, path: str, by: str) -> None:
    problem(http.call(method, path, by=by, json=RESTART), 403, "not_permitted")


@pytest.mark.parametrize(
    ("body", "status", "reason"),
    [
        (b'{"proposer": 1, "proposer": 2}', 400, "bad_input"),
        (b'{"confidence": NaN}', 400, "bad_input"),
        (b"", 400, "bad_input"),
        (b"[" * 5000, 400, "bad_input"),
        (json.dumps({**RESTART, "tier": 0}).encode(), 400, "bad_input"),
        (b'"' + b"x" * 1_100_000 + b'"', 413, "body_too_large"),
    ],
    ids=["duplicate key", "NaN", "nothing", "too deep", "unknown field", "too large"],
)
def test_what_can_t_be_read_strictly_is_refused(http: Any, body: bytes, status: int, reason: str) -> None:
    answer = http.call("POST", "/v1/proposals", content=body, headers={"Content-Type": "application/json"})
    problem(answer, status, reason)
    assert http.call("GET", "/v1/proposals").json() == []


def test_another_content_type_is_refused(http: Any) -> None:
    answer = http.call("POST", "/v1/proposals", content=b"{}", headers={"Content-Type": "text/plain"})
    problem(answer, 400, "bad_input")


@pytest.mark.parametrize(("method", "path", "status"), [("GET", "/v2/x", 404), ("DELETE", "/v1/proposals", 405)])
def test_what_isn_t_there_is_a_problem_too(http: Any, method: str, path: str, status: int) -> None:
    assert http.call(method, path).headers["content-type"] == "application/problem+json"
    assert http.call(method, path).status_code == status


def test_signals_become_incidents_and_a_bad_payload_is_taken_not_at_all(http: Any, desk: Any) -> None:
    from tests.conftest import RECORDING

    events = json.loads((RECORDING / "during" / "events.json").read_text())
    pods = json.loads((RECORDING / "during" / "pods.json").read_text())
    payload = {"kind": "List", "apiVersion": "v1", "items": events["items"] + pods["items"]}
    taken = http.call("POST", "/v1/signals/kubernetes", by="alertmanager", json=payload)
    assert taken.status_code == 202
    assert taken.json()["signals"] > 0
    before = len(desk.records())
    problem(http.call("POST", "/v1/signals/kubernetes", by="alertmanager", json={"kind": "Pod"}), 400, "bad_input")
    problem(http.call("POST", "/v1/signals/telepathy", by="alertmanager", json={}), 400, "bad_input")
    assert len(desk.records()) == before


def test_an_incident_is_looked_up_with_its_evidence(http: Any, desk: Any) -> None:
    listed = http.call("GET", "/v1/incidents").json()
    assert desk.incident.id in {incident["id"] for incident in listed}
    found = http.call("GET", f"/v1/incidents/{desk.incident.id}").json()
    assert found["evidence"]
    problem(http.call("GET", "/v1/incidents/inc-nothing"), 404, "not_found")


def test_only_a_person_moves_the_switch_and_it_is_recorded(http: Any, desk: Any) -> None:
    move = {"mode": "frozen", "reason": "game day"}
    problem(http.call("POST", "/v1/switch", by="agent:mover", json=move), 403, "not_permitted")
    moved = http.call("POST", "/v1/switch", by="dana", json=move)
    assert moved.json()["mode"] == "frozen"
    assert [record.body["by"] for record in desk.records("switch")] == ["dana"]
    refused = http.call("POST", "/v1/proposals", json=RESTART).json()
    assert "switch/frozen" in {v["rule"] for v in refused["decision"]["violations"]}


def test_the_record_is_read_in_order(http: Any) -> None:
    records = http.call("GET", "/v1/records").json()
    numbers = [record["sequence"] for record in records]
    assert numbers == sorted(numbers)


def test_many_at_once_lose_nothing(http: Any, desk: Any) -> None:
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: http.call("POST", "/v1/decisions", json=RESTART), range(12)))
    assert {answer.status_code for answer in answers} == {200}
    assert len(desk.records("decision")) == 12
    verify_chain(desk.gate.ports.ledger.export())


def test_readiness_names_what_is_missing(http: Any) -> None:
    assert http.client.get("/healthz").json() == {"status": "alive"}
    assert http.client.get("/readyz").json()["ready"] is True


def test_openapi_describes_every_route_with_summary_and_problems(http: Any) -> None:
    document = http.client.get("/v1/openapi.json").json()
    promised = "proposals decisions incidents signals/{source} switch records"
    assert set(document["paths"]) >= {f"/v1/{name}" for name in promised.split()} | {"/healthz", "/readyz"}
    for path, methods in document["paths"].items():
        for operation in methods.values():
            assert operation["summary"], path
            if path.startswith("/v1/"):
                assert {"401", "403", "503"} <= set(operation["responses"])
    assert "HTTPBearer" in document["components"]["securitySchemes"]


def test_every_piece_that_a_claim_cites_can_be_looked_up(http: Any, desk: Any) -> None:
    analyse(replace(desk.gate.ports, analyst=SignatureAnalyst()), desk.incident.id, now=desk.later(60))
    found = http.call("GET", f"/v1/incidents/{desk.incident.id}").json()
    cited = {cited for claim in found["analysis"]["hypotheses"] for cited in claim["evidence"]}
    assert cited and cited <= {piece["id"] for piece in found["evidence"]}
