"""The webhooks that GitHub sends of what happened: its own examples, with this repository's facts in their places."""

from __future__ import annotations

import copy
import hashlib
import hmac
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from tests.fakes.github.published import examples
from tests.fakes.github.world import NAME, ORG, World


@dataclass(frozen=True)
class Delivery:
    """One delivery as it comes in: headers and raw body."""

    headers: dict[str, str]
    body: bytes


def deliveries(world: World, secret: str) -> Iterator[Delivery]:
    """A delivery for everything that was announced, in order; sending them otherwise is up to the test."""
    for number, (event, action, facts) in enumerate(world.announced, 1):
        body = json.dumps(_payload(event, action, facts)).encode()
        signature = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
        headers = {
            "Content-Type": "application/json",
            "X-GitHub-Event": event,
            "X-GitHub-Delivery": f"{number:08x}-0000-4000-8000-000000000000",
            "X-Hub-Signature-256": f"sha256={signature}",
        }
        yield Delivery(headers, body)


def _payload(event: str, action: str, facts: dict[str, Any]) -> dict[str, Any]:
    found = next(each for each in examples()[event] if each.get("action") == action)
    payload: dict[str, Any] = copy.deepcopy(found)
    payload["repository"] |= {"full_name": f"{ORG}/{NAME}", "name": NAME}
    pull = payload["pull_request"]
    pull["number"], pull["head"]["sha"], pull["base"]["ref"] = facts["number"], facts["head"], facts["base"]
    if "number" in payload:
        payload["number"] = facts["number"]
    return payload
