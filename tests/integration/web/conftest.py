"""The real app over the real gate, and tokens of identities with different roles."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Any

import pytest

from engine.core.identity import Identity, token_digest
from engine.entrypoints.web.app import create_app

ROLES = {
    "agent:triage": ("agent", ["reader", "proposer"]),
    "alertmanager": ("pipeline", ["signaller"]),
    "dana": ("person", ["reader", "operator"]),
    "agent:mover": ("agent", ["operator"]),
}


@dataclass
class Http:
    """A client of the app, calling as one identity after the other."""

    client: Any
    tokens: dict[str, str]
    identities: list[Identity]

    def call(self, method: str, path: str, by: str = "agent:triage", **options: Any) -> Any:
        headers = {"Authorization": f"Bearer {self.tokens[by]}", **options.pop("headers", {})}
        return self.client.request(method, path, headers=headers, **options)


@pytest.fixture
def http(desk: Any) -> Http:
    from starlette.testclient import TestClient

    tokens = {name: secrets.token_urlsafe(32) for name in ROLES}
    identities = [
        Identity(id=name, kind=kind, roles=roles, token_digest=token_digest(tokens[name]), created_at=desk.now)  # type: ignore[arg-type]
        for name, (kind, roles) in ROLES.items()
    ]
    client = TestClient(create_app(desk.gate, lambda: identities), raise_server_exceptions=False)
    return Http(client, tokens, identities)


@pytest.fixture
def door(http: Http) -> Http:
    """The app, keeping identities where it reads them from."""

    def keep(identities: Any) -> None:
        http.identities[:] = list(identities)

    http.client.app.state.desk.keep = keep
    return http
