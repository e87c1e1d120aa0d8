"""A raw command over HTTP: decided as any proposal, in the name of the token's identity, and never executed."""

from __future__ import annotations

import re
from typing import Any

import pytest


def asked(http: Any, by: str = "agent:triage", **body: Any) -> Any:
    return http.call("POST", "/v1/check", by, json=body)


def test_reading_is_a_yes(http: Any) -> None:
    answer = asked(http, command="kubectl get pods -n payments 2>&1 | tail -40").json()
    assert (answer["outcome"], len(answer["commands"]), answer["answers"]) == ("read_only", 2, [])


def test_words_are_taken_as_they_are(http: Any) -> None:
    assert asked(http, command=["kubectl", "get", "pods", "-l", "a in (b)"]).json()["outcome"] == "read_only"


def test_a_change_becomes_a_typed_action_with_a_decision(http: Any, desk: Any) -> None:
    answer = asked(http, command="kubectl scale deploy/payments-api --replicas=3 -n payments").json()
    assert answer["answers"][0]["action"]["kind"] == "scale_workload"
    assert answer["outcome"] == answer["answers"][0]["decision"]["outcome"] == "deny"
    assert desk.gate.ports.ledger.run(lambda tx: list(tx.select("proposals"))) == []


def test_one_refused_part_refuses_all_and_decides_nothing(http: Any) -> None:
    answer = asked(http, command="kubectl scale deploy/x --replicas=3 -n payments; kubectl exec x -- sh").json()
    assert (answer["outcome"], answer["answers"]) == ("refused", [])
    assert answer["commands"][1]["refusal"]["code"] == "inside_pods"


def test_a_manifest_comes_with_the_question_or_not_at_all(http: Any) -> None:
    answer = asked(http, command="kubectl apply -f /etc/passwd").json()
    assert answer["commands"][0]["refusal"]["code"] == "manifest_unreadable"


@pytest.mark.parametrize("body", [{}, {"command": 3}, {"command": []}, {"command": "x", "run": True}])
def test_another_shape_is_bad_input(http: Any, body: dict[str, Any]) -> None:
    answer = http.call("POST", "/v1/check", json=body)
    assert (answer.status_code, answer.json()["reason"]) == (400, "bad_input")


def test_only_a_proposer_may_ask(http: Any) -> None:
    assert asked(http, "dana", command="kubectl get pods").status_code == 403


def test_the_description_of_the_route_is_whole(http: Any) -> None:
    document = http.client.get("/v1/openapi.json").json()
    schema = document["paths"]["/v1/check"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    for reference in re.findall(r"#/components/schemas/(\w+)", str(schema)):
        assert reference in document["components"]["schemas"]
    assert set(schema["properties"]) == {"command", "files", "incident", "reason", "evidence"}
