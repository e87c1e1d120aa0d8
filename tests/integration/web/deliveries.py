"""Deliveries as a forge sends them, signed as a forge signs them."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from engine.core.signature import sign

SECRET = "a-secret-of-the-forge"
REPOSITORY = "acme/gitops"

ABOUT_12 = {
    "action": "opened",
    "number": 12,
    "pull_request": {"number": 12, "title": "@everyone", "head": {"sha": "f" * 40}, "unheard_of": None},
    "repository": {"full_name": REPOSITORY, "private": True},
    "sender": {"login": "alice", "id": 1},
}


@dataclass
class Signed:
    """One delivery; ``headers`` replaces single headers, ``None`` leaves one out."""

    payload: Any = field(default_factory=lambda: ABOUT_12)
    event: str = "pull_request"
    id: str = "72d3162e-cc78-11e3-81ab-4c9367dc0958"
    secret: str = SECRET
    forge: str = "github"

    @property
    def body(self) -> bytes:
        return self.payload if isinstance(self.payload, bytes) else json.dumps(self.payload).encode()

    def headers(self, **replaced: str | None) -> dict[str, str]:
        signature = sign(self.body, self.secret)
        given: dict[str, str | None] = {"Content-Type": "application/json"}
        if self.forge == "github":
            given |= {"X-Hub-Signature-256": f"sha256={signature}", "X-GitHub-Event": self.event}
            given |= {"X-GitHub-Delivery": self.id}
        else:
            given |= {"X-Gitea-Signature": signature, "X-Gitea-Event": self.event, "X-Gitea-Delivery": self.id}
        given |= {name.replace("_", "-"): value for name, value in replaced.items()}
        return {name: value for name, value in given.items() if value is not None}
