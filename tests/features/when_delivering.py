"""When: a forge, or somebody who would like to be one, says that something happened; and the gate goes on by itself."""

from __future__ import annotations

import hashlib
import hmac
import json
from dataclasses import dataclass, field, replace
from typing import Any

from pytest_bdd import given, parsers, then, when

from engine.core.pull_request import Review
from engine.core.signature import sign
from engine.entrypoints.web.app import create_app
from engine.entrypoints.web.desk import Desk
from engine.entrypoints.web.loop import Loop
from engine.usecases.reconcile_pull_request import reconcile
from tests.features.night import Night

SECRET, OLD = "the forge's secret", "the secret before it"


class _Clock(Desk):
    night: Night

    def now(self) -> str:
        return self.night.now


@dataclass
class Door:
    """The web surface of a night's gate, and its loop."""

    night: Night
    secrets: str = SECRET
    sent: list[tuple[bytes, dict[str, str]]] = field(default_factory=list)
    answers: list[Any] = field(default_factory=list)

    def deliver(self, body: bytes, headers: Any) -> None:
        from starlette.testclient import TestClient

        settings = replace(self.night.settings, forge="github", webhook_secret=self.secrets)
        app = create_app(replace(self.night.gate, settings=settings), list)
        self.answers.append(TestClient(app).post("/webhooks/github", content=body, headers=headers))

    def go_on(self) -> None:
        clock = _Clock(self.night.gate, list)
        clock.night = self.night
        loop = Loop(clock, reconcile, 30, lambda _said: None)
        loop.round()
        self.night.pass_time(1)
        loop.round()


def door_of(night: Night) -> Door:
    door: Door = night.notes.setdefault("door", Door(night))
    return door


def delivery(night: Night, action: str, id: str, secret: str = SECRET) -> tuple[bytes, dict[str, str]]:
    """What the forge would send about the pull request, signed."""
    number = night.refresh().pull_request
    told = {"action": action, "pull_request": {"number": number, "merged": True, "state": "approved"}}
    body = json.dumps(told).encode()
    return body, {
        "Content-Type": "application/json",
        "X-GitHub-Event": "pull_request",
        "X-GitHub-Delivery": id,
        "X-Hub-Signature-256": f"sha256={sign(body, secret)}",
    }


@given(parsers.re(r"(?P<who>[a-z]+( and [a-z]+)?) approved it on the forge, and the gate doesn't know yet"))
def approved_on_forge(night: Night, who: str) -> None:
    state, forge = night.refresh(), night.ports.forge
    for reviewer in who.split(" and "):
        at, head = night.pass_time(5), forge.get(state.pull_request).head
        forge.review(state.pull_request, Review(reviewer, "person", "approved", head, state.action_digest, at))
    night.before = night.standing()


@given("the forge's secret is being replaced by another")
def two_secrets(night: Night) -> None:
    door_of(night).secrets = f"another to come\n{SECRET}"


@when("the forge says so")
def forge_says(night: Night) -> None:
    door = door_of(night)
    door.sent.append(delivery(night, "submitted", "delivery-1"))
    door.deliver(*door.sent[-1])


@when(parsers.parse("the same delivery comes {times:d} times again"))
def played_again(night: Night, times: int) -> None:
    for _ in range(times):
        night.pass_time(600)
        door_of(night).deliver(*door_of(night).sent[-1])


@when(parsers.re(r"another delivery says that it was (?P<action>\w+)"))
def other_delivery(night: Night, action: str) -> None:
    night.before = night.before or night.standing()
    door_of(night).deliver(*delivery(night, action, "delivery-2"))


def _signature(night: Night, how: str) -> list[str]:
    body, _ = delivery(night, "submitted", "delivery-1")
    good = sign(body, SECRET)
    return {
        "no signature": [],
        "the signature of another secret": [f"sha256={sign(body, OLD)}"],
        "a signature of the old, weak kind": ["sha1=" + hmac.new(SECRET.encode(), body, hashlib.sha1).hexdigest()],
        "a signature that is cut off": [f"sha256={good[:40]}"],
        "the signature of another delivery": [f"sha256={sign(body + b' ', SECRET)}"],
        "the signature given twice": [f"sha256={good}", f"sha256={good}"],
    }[how]


@when(parsers.re(r"somebody says so, with (?P<how>.+)"))
def stranger_says(night: Night, how: str) -> None:
    body, headers = delivery(night, "submitted", "delivery-1")
    del headers["X-Hub-Signature-256"]
    signatures = [("X-Hub-Signature-256", signature) for signature in _signature(night, how)]
    door_of(night).deliver(body, [*headers.items(), *signatures])


@when("the gate goes on")
@when("the gate polls")
def goes_on(night: Night) -> None:
    night.before = night.before or night.standing()
    night.pass_time(1)
    if door_of(night).answers:
        take_only_what_was_asked(night)
    else:
        door_of(night).go_on()


def take_only_what_was_asked(night: Night) -> None:
    """Without the poll, so that what happens is the delivery's doing."""
    from engine.usecases.queue_looks import take_looks
    from engine.usecases.take_look import take_look

    for taken in take_looks(night.ports.ledger, now=night.now):
        take_look(night.ports, taken, reconcile, now=night.now)


@then("the pull request is merged")
def is_merged(night: Night) -> None:
    assert night.refresh().status == "verifying"


@then("it was merged once")
def merged_once(night: Night) -> None:
    assert len(night.records("merge")) == 1


@then("the delivery was refused, as any stranger's is")
def refused(night: Night) -> None:
    door = door_of(night)
    door.deliver(b"anything", {})
    mine, stranger = door.answers[-2:]
    assert (mine.status_code, mine.content) == (401, stranger.content)
