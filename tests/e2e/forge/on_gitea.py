"""Gitea under contract: a repository of its own on the session's real server, and people who work there."""

from __future__ import annotations

import os
from functools import partial
from itertools import count
from pathlib import Path

from engine.adapters.forge.gitea.accounts import Accounts
from engine.adapters.forge.gitea.api import GiteaApi
from engine.adapters.forge.gitea.forge import GiteaForge
from engine.adapters.git.mirror import Mirror
from engine.adapters.git.transport import Token, Transport
from engine.core.pull_request import PullRequest
from engine.ports import Forge
from tests.contract.forge.start import FILES, Said
from tests.e2e.lab.gitea import GiteaServer
from tests.e2e.lab.place import Place

EVENTS = {"approved": "APPROVED", "rejected": "REQUEST_CHANGES", "commented": "COMMENT"}
GATE = "penstock-gate"
_numbers = count(1)


class Gitea:
    """A repository of the organisation ``acme`` with the gate's account and people as its writers."""

    remote = True

    def __init__(self, folder: Path, server: GiteaServer) -> None:
        self.place = Place(server, "acme", f"contract-{next(_numbers)}")
        self.place.create(FILES)
        gate = self.place.member(GATE)
        transport = partial(
            Transport,
            f"{server.url}/{self.place.path}.git",
            credential=Token(gate.login, lambda: gate.token),
            environment=os.environ,
        )
        self.mirror = Mirror(transport, folder / "mirror.git")
        self.api = GiteaApi(server.api, self.place.path, token=lambda: gate.token)
        self.forge: Forge = GiteaForge(self.api, Accounts(self.api), self.mirror)

    def close(self) -> None:
        self.api.close()
        self.mirror.close()

    def tip(self, branch: str = "main") -> str | None:
        return self.place.tip(branch)

    def read(self, path: str, branch: str = "main") -> bytes | None:
        return self.place.read(path, branch)

    def push(self, branch: str, path: str, data: bytes) -> str:
        return self.place.push(branch, path, data, who="person")

    def offer(self, branch: str, author: str) -> PullRequest:
        asked = {"title": "By hand", "head": branch, "base": "main"}
        made = self.place.ask("POST", "/pulls", asked, who=self.place.member(author))
        return self.forge.get(made["number"])

    def says(self, number: int, who: str, state: Said = "approved", note: str = "looks right") -> None:
        asked = {"event": EVENTS[state], "body": note}
        self.place.ask("POST", f"/pulls/{number}/reviews", asked, who=self.place.member(who))

    def trailers(self) -> dict[str, str]:
        self.mirror.refresh()
        return self.mirror.describe(self.mirror.head("main")).trailers
