"""What the API server asks is answered by the gate's own policy, over HTTP, whatever is sent."""

from __future__ import annotations

import json
from copy import deepcopy
from typing import Any

import pytest

AGENT = {"username": "system:serviceaccount:agents:triage", "groups": ["system:serviceaccounts"]}
DEPLOYMENT: dict[str, Any] = {
    "apiVersion": "apps/v1",
    "kind": "Deployment",
    "metadata": {"name": "payments-api", "namespace": "payments", "uid": "u1", "resourceVersion": "7"},
    "spec": {
        "replicas": 3,
        "template": {"spec": {"containers": [{"name": "api", "image": "registry.example.com/payments/api:1.0.0"}]}},
    },
}


def scaled(replicas: int) -> dict[str, Any]:
    made = deepcopy(DEPLOYMENT)
    made["spec"]["replicas"] = replicas
    return made


def review(**fields: Any) -> dict[str, Any]:
    request = {
        "uid": "705ab4f5",
        "kind": {"group": "apps", "version": "v1", "kind": "Deployment"},
        "resource": {"group": "apps", "version": "v1", "resource": "deployments"},
        "name": "payments-api",
        "namespace": "payments",
        "operation": "UPDATE",
        "userInfo": AGENT,
        "object": scaled(4),
        "oldObject": DEPLOYMENT,
        "dryRun": False,
    }
    return {"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "request": request | fields}


def answer(http: Any, document: Any) -> dict[str, Any]:
    """The response, which the API server would take as one: of the same version, kind and id."""
    body = document if isinstance(document, bytes) else json.dumps(document).encode()
    said = http.client.post("/admission/v1/validate", content=body, headers={"content-type": "application/json"})
    assert said.status_code == 200, said.text
    told = said.json()
    assert (told["apiVersion"], told["kind"]) == ("admission.k8s.io/v1", "AdmissionReview")
    response: dict[str, Any] = told["response"]
    return response


def recorded(desk: Any) -> int:
    found: int = len(desk.gate.ports.ledger.run(lambda tx: tx.records()))
    return found


def test_an_agents_write_is_refused_by_a_recorded_decision(http: Any, desk: Any) -> None:
    response = answer(http, review())
    assert response["allowed"] is False
    assert response["uid"] == "705ab4f5"
    assert response["status"]["code"] == 403
    assert "system:serviceaccount:agents:triage may not write to the cluster itself" in response["status"]["message"]
    decided = desk.gate.ports.ledger.run(lambda tx: tx.records(kind="decision"))[-1]
    assert decided.subject in response["status"]["message"]
    assert response["auditAnnotations"]["decision"] == decided.subject
    asked = desk.gate.ports.ledger.run(lambda tx: tx.records(kind="input", subject=decided.subject))[0].body
    assert (asked["stage"], asked["action"]["kind"]) == ("admission", "scale_workload")
    assert asked["action"]["params"] == {"replicas": 4}


def test_a_dry_run_is_refused_and_leaves_nothing(http: Any, desk: Any) -> None:
    before = recorded(desk)
    response = answer(http, review(dryRun=True))
    assert response["allowed"] is False
    assert response["warnings"]
    assert recorded(desk) == before
    assert desk.gate.ports.ledger.run(lambda tx: tx.select("questions")) == []


@pytest.mark.parametrize(
    "fields",
    [
        {"subResource": "scale", "object": {"kind": "Scale", "spec": {"replicas": 9}}},
        {"subResource": "status"},
        {"operation": "DELETE", "object": None},
        {"operation": "DELETE", "object": None, "oldObject": None, "name": ""},
        {"operation": "CREATE", "oldObject": None, "name": ""},
        {"operation": "CONNECT", "subResource": "exec", "object": {"kind": "PodExecOptions"}, "oldObject": None},
        {"operation": "CREATE", "subResource": "token", "object": {"kind": "TokenRequest"}, "oldObject": None},
        {"object": DEPLOYMENT},
        {"object": {"kind": "Deployment", "metadata": [], "spec": 7}},
        {"userInfo": {"username": "mallory", "groups": ["penstock:agents"]}},
        {"userInfo": {"username": "\u202e odd name", "groups": ["penstock:agents"]}},
    ],
    ids=[
        *("scale", "status", "delete", "deletecollection", "generateName", "exec", "token", "no change", "malformed"),
        *("by group", "odd name"),
    ],
)
def test_every_way_to_write_is_refused(http: Any, fields: dict[str, Any]) -> None:
    response = answer(http, review(**fields))
    assert response["allowed"] is False
    assert response["status"]["code"] == 403, response


def test_people_are_left_to_the_clusters_roles(http: Any, desk: Any) -> None:
    before = recorded(desk)
    assert answer(http, review(userInfo={"username": "alice", "groups": ["sre"]}))["allowed"] is True
    assert recorded(desk) == before


def test_an_agent_may_ask_about_itself(http: Any) -> None:
    about = {"group": "authorization.k8s.io", "version": "v1"}
    fields = {"kind": about | {"kind": "SelfSubjectAccessReview"}, "operation": "CREATE", "oldObject": None}
    asked = about | {"resource": "selfsubjectaccessreviews"}
    assert answer(http, review(**fields, resource=asked))["allowed"] is True
    assert answer(http, review(**fields, resource=about | {"resource": "subjectaccessreviews"}))["allowed"] is False


@pytest.mark.parametrize(
    "document",
    [
        *(b"", b"{", b"[]", b"null", b'{"request":{"uid":"a"},"request":{}}'),
        {"apiVersion": "admission.k8s.io/v1beta1", "kind": "AdmissionReview", "request": {"uid": "a"}},
        review(operation="PATCH"),
        review(userInfo=None),
        review(object="text"),
    ],
)
def test_what_cant_be_read_is_refused_as_that(http: Any, document: Any) -> None:
    response = answer(http, document)
    assert response["allowed"] is False
    assert response["status"]["code"] == 400


def test_an_agent_that_tries_too_often_is_refused_and_fills_nothing(http: Any, desk: Any) -> None:
    for _ in range(120):
        answer(http, review())
    before = recorded(desk)
    response = answer(http, review())
    assert (response["allowed"], response["status"]["code"]) == (False, 429)
    assert recorded(desk) == before
