"""From Slack one may ask why and have it looked at again, and nothing else at all."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

import pytest
from slack_sdk.signature import SignatureVerifier

from engine.core.delivery import Look
from engine.usecases.queue_looks import take_looks
from engine.usecases.settle import load
from tests.fakes.notifier import MemoryNotifier

SECRET = "slack-signing-secret"


def press(action: str, value: str, **more: Any) -> bytes:
    payload = {"type": "block_actions", "actions": [{"action_id": action, "value": value}], **more}
    return urlencode({"payload": json.dumps(payload)}).encode()


@pytest.fixture
def waiting(desk: Any) -> Any:
    return desk.propose("rollback_workload", "Deployment/payments-api", params={"to_revision": "previous"})


@pytest.fixture
def send(http: Any, desk: Any) -> Any:
    settings = replace(desk.gate.settings, slack_signing_secret=SECRET)
    http.client.app.state.desk.gate = replace(desk.gate, settings=settings)

    def sent(body: bytes, *, secret: str = SECRET, age: int = 0, **replaced: str) -> Any:
        timestamp = str(int(time.time()) - age)
        signature = SignatureVerifier(secret).generate_signature(timestamp=timestamp, body=body.decode("latin-1"))
        headers = {"X-Slack-Request-Timestamp": timestamp, "X-Slack-Signature": str(signature)}
        headers |= {"Content-Type": "application/x-www-form-urlencoded"}
        headers |= {name.replace("_", "-"): value for name, value in replaced.items()}
        return http.client.post("/webhooks/slack", content=body, headers=headers)

    return sent


def told(desk: Any) -> list[Any]:
    from engine.usecases.dispatch import dispatch

    slack = MemoryNotifier("slack")
    dispatch(desk.gate.ports.ledger, [slack], now="2030-01-01T00:00:00Z")
    return [message for message in slack.told if message.event == "explained"]


def looks(desk: Any) -> list[int]:
    return [queued.look.number for queued in take_looks(desk.gate.ports.ledger, now="2030-01-01T00:00:00Z")]


def test_why_is_answered_with_the_rules_that_spoke(send: Any, desk: Any, waiting: Any) -> None:
    assert send(press("why", waiting.id)).json() == {"status": "queued"}
    [answer] = told(desk)
    assert "2 of team:team-payments" in answer.text
    assert answer.only == "slack"


def test_re_evaluate_is_a_look_and_no_word_of_anybody(send: Any, desk: Any, waiting: Any) -> None:
    assert send(press("re_evaluate", waiting.id)).status_code == 200
    [look] = take_looks(desk.gate.ports.ledger, now="2030-01-01T00:00:00Z")
    assert look.look == Look(waiting.pull_request, again=True)
    assert load(desk.gate.ports, waiting.id).status == "awaiting_approval"
    assert desk.records("review") == []


def test_the_same_press_played_again_is_answered_once(send: Any, desk: Any, waiting: Any) -> None:
    body = press("why", waiting.id)
    now = str(int(time.time()))
    signature = str(SignatureVerifier(SECRET).generate_signature(timestamp=now, body=body))
    for _ in range(3):
        send(body, X_Slack_Request_Timestamp=now, X_Slack_Signature=signature)
    assert len(told(desk)) == 1


@pytest.mark.parametrize("action", ["approve", "merge", "reject", "why ", "Why", "", "re-evaluate", "open_10"])
def test_any_other_button_is_refused(send: Any, desk: Any, waiting: Any, action: str) -> None:
    answer = send(press(action, waiting.id))
    assert (answer.status_code, answer.json()["reason"]) == (400, "bad_input")
    assert load(desk.gate.ports, waiting.id).status == "awaiting_approval"
    assert desk.records("review") == []


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"payload=",
        b"payload=%7B",
        b"payload=%7B%7D&payload=%7B%7D",
        b"payload=%5B%5D",
        b"&" * 50,
        press("why", "../../etc/passwd"),
        press("why", "x", type="view_submission"),
        urlencode({"payload": json.dumps({"type": "block_actions", "actions": [{}, {}]})}).encode(),
        urlencode({"payload": json.dumps({"type": "block_actions", "actions": "why"})}).encode(),
        urlencode({"command": "/penstock", "text": "approve prop-1"}).encode(),
    ],
)
def test_what_is_no_press_of_one_button_is_refused(send: Any, body: bytes) -> None:
    assert send(body).status_code == 400


def test_what_nobody_proposed_is_not_found(send: Any) -> None:
    assert send(press("why", "prop-0123456789ab")).status_code == 404


def test_a_link_that_was_followed_is_taken_note_of_and_nothing_more(send: Any, desk: Any) -> None:
    assert send(press("open_0", "")).json() == {"status": "ignored"}
    assert looks(desk) == []


@pytest.mark.parametrize(
    "changed",
    [
        {"secret": "another"},
        {"age": 301},
        {"age": -900},
        {"X_Slack_Signature": "v0=00"},
        {"X_Slack_Signature": ""},
        {"X_Slack_Request_Timestamp": "now"},
        {"X_Slack_Request_Timestamp": "9" * 30},
        {"X_Slack_Request_Timestamp": ""},
    ],
)
def test_what_slack_didn_t_just_sign_is_refused(send: Any, desk: Any, waiting: Any, changed: dict[str, Any]) -> None:
    answer = send(press("re_evaluate", waiting.id), **changed)
    assert (answer.status_code, answer.json()["reason"]) == (401, "unauthenticated")
    assert looks(desk) == []


def test_bytes_that_are_no_text_are_refused(send: Any) -> None:
    assert send(b"payload=\xff\xfe").status_code == 401


def test_without_a_secret_everything_is_refused(http: Any, waiting: Any) -> None:
    assert http.client.post("/webhooks/slack", content=press("why", waiting.id)).status_code == 401
