"""CloudEvents in the three modes of their HTTP binding come to the same; anything else is refused whole."""

from __future__ import annotations

import json
from typing import Any

import pytest

STRUCTURED, BATCH = "application/cloudevents+json", "application/cloudevents-batch+json"
PATH = "/v1/signals/cloudevents"
DATA = {"reason": "CanaryFailed", "message": "5 % errors", "severity": "critical"}
EVENT = {"specversion": "1.0", "id": "1", "source": "/ci", "type": "com.example.canary", "subject": "shop/Rollout/cart"}


def send(http: Any, body: Any, by: str = "alertmanager", **headers: str) -> Any:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    content = json.dumps(body) if not isinstance(body, bytes) else body
    return http.call("POST", PATH, by=by, content=content, headers=named)


def binary(**headers: str) -> dict[str, str]:
    return {f"ce_{name}": value for name, value in EVENT.items()} | {"Content_Type": "application/json", **headers}


@pytest.mark.parametrize("mode", ["structured", "batch", "binary", "plain"])
def test_each_mode_makes_the_same_incident(http: Any, mode: str) -> None:
    whole = {**EVENT, "data": DATA}
    sent = {
        "structured": lambda: send(http, whole, Content_Type=f"{STRUCTURED}; charset=utf-8"),
        "batch": lambda: send(http, [whole, whole], Content_Type=BATCH),
        "binary": lambda: send(http, DATA, **binary()),
        "plain": lambda: send(http, whole, Content_Type="application/json"),
    }
    answer = sent[mode]()
    assert answer.status_code == 202, answer.text
    body = answer.json()
    assert body["signals"] == 1
    made = {one["key"] for one in body["incidents"]}
    assert "prod-eu/shop/Rollout/cart/CanaryFailed" in made


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        ({**EVENT, "data": DATA}, {"Content_Type": "text/plain"}),
        ({**EVENT, "data": DATA}, {"Content_Type": BATCH}),
        (b"{", {"Content_Type": STRUCTURED}),
        (b"", {"Content_Type": STRUCTURED}),
        (DATA, binary(ce_specversion="0.3")),
        (DATA, binary(ce_id="")),
        (b"<a/>", binary(Content_Type="application/xml")),
    ],
)
def test_what_is_no_event_is_refused_and_nothing_is_taken(http: Any, body: Any, headers: dict[str, str]) -> None:
    before = http.call("GET", "/v1/incidents").json()
    answer = send(http, body, **headers)
    assert answer.status_code == 400, answer.text
    assert answer.json()["reason"] == "bad_input"
    assert http.call("GET", "/v1/incidents").json() == before


def test_it_takes_a_signaller(http: Any) -> None:
    assert send(http, EVENT, by="agent:triage", Content_Type=STRUCTURED).status_code == 403
    assert http.client.post(PATH, content="{}", headers={"Content-Type": STRUCTURED}).status_code == 401


def test_an_application_that_argo_cd_couldnt_sync_is_an_incident(http: Any) -> None:
    application = {"name": "payments", "namespace": "argocd", "project": "default"}
    sync = {"status": "OutOfSync", "phase": "Failed", "message": "quota exceeded", "revision": "abc"}
    body = {"version": "1", "application": application, "sync": sync, "health": {"status": "Healthy"}}
    answer = http.call("POST", "/v1/signals/argocd", by="alertmanager", json=body)
    assert answer.status_code == 202, answer.text
    assert answer.json()["signals"] == 2
    assert any(one["key"].startswith("prod-eu/argocd/Application/payments/") for one in answer.json()["incidents"])
