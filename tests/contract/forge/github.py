"""GitHub under contract: the adapter against the loopback GitHub, as an App and by token, on the test's own clock."""

from __future__ import annotations

from contextlib import ExitStack
from functools import cache
from pathlib import Path
from typing import Any

from engine.adapters.forge.github.accounts import Accounts
from engine.adapters.forge.github.api import GitHubApi
from engine.adapters.forge.github.commits import Commits, PushedCommits, SignedCommits
from engine.adapters.forge.github.credential import App, Credential, Token
from engine.adapters.forge.github.forge import GitHubForge
from engine.adapters.git.repository import ObjectRepository
from engine.core.moment import parse_instant
from engine.core.pull_request import PullRequest
from tests.contract.forge.start import FILES, Said
from tests.fakes.github.server import GitHubServer, serving
from tests.fakes.github.world import APP, NAME, ORG, World

_STATES = {"approved": "APPROVED", "rejected": "CHANGES_REQUESTED", "commented": "COMMENTED"}


class SharedMirror(ObjectRepository):
    """The loopback GitHub's own objects: what is there is here at once."""

    def __init__(self, world: World, folder: Path) -> None:
        super().__init__(folder, wait_seconds=30)
        self._world = world

    def refresh(self) -> None:
        """Nothing to fetch."""

    def bring(self, commit: str, number: int) -> None:
        """Nothing to bring."""

    def push(self, commit: str | None, ref: str, expected_old: str | None) -> None:
        """What the deploy key does."""
        self._world.move(ref.removeprefix("refs/heads/"), expected_old, commit, self._world.bot)


class OnItsClock:
    """A forge whose GitHub has the time that each step is given."""

    def __init__(self, forge: GitHubForge, world: World) -> None:
        self._forge = forge
        self._world = world

    def __getattr__(self, name: str) -> Any:
        step = getattr(self._forge, name)

        def timed(*given: Any, **named: Any) -> Any:
            self._world.now = named.get("at", self._world.now)
            return step(*given, **named)

        return timed


class GitHubApp:
    """GitHub as an App: commits that it signs, check runs."""

    remote = True

    def __init__(self, folder: Path, *, sparing: bool = True) -> None:
        self._held = ExitStack()
        self.world = World(folder, FILES)
        self.server: GitHubServer = self._held.enter_context(serving(self.world, sparing=sparing))
        self.mirror = SharedMirror(self.world, folder / "github.git")
        self.api = GitHubApi(
            self.server.address,
            f"{ORG}/{NAME}",
            self.credential(),
            clock=lambda: parse_instant(self.world.now).timestamp(),
            wait=lambda _: None,
        )
        self._held.callback(self.api.close)
        accounts = Accounts(self.api)
        made = GitHubForge(self.api, accounts, self.commits(accounts), self.mirror)
        self.forge: Any = OnItsClock(made, self.world)

    def credential(self) -> Credential:
        """What proves who the gate is."""
        self.server.app_key, private = keys()
        return App(str(APP), private)

    def commits(self, accounts: Accounts) -> Commits:
        """How the gate's commits come to be."""
        return SignedCommits(self.api, accounts)

    def close(self) -> None:
        self._held.close()

    def says(self, number: int, who: str, state: Said = "approved", note: str = "looks right") -> None:
        self.world.approve(number, who, state=_STATES[state], body=note)

    def tip(self, branch: str = "main") -> str | None:
        return self.world.tip(branch)

    def read(self, path: str, branch: str = "main") -> bytes | None:
        return self.world.git.read(self.world.git.head(branch), path)

    def push(self, branch: str, path: str, data: bytes) -> str:
        return self.world.push(branch, path, data)

    def offer(self, branch: str, author: str) -> PullRequest:
        shown: PullRequest = self.forge.get(self.world.offer(branch, author).number)
        return shown

    def trailers(self) -> dict[str, str]:
        return self.world.git.describe(self.world.git.head("main")).trailers


class GitHubToken(GitHubApp):
    """GitHub by the token of a machine account: commit statuses."""

    def credential(self) -> Credential:
        self.world.bot = self.world.account("penstock-machine")
        return Token(self.server.token_of(self.world.bot))


class GitHubDeployKey(GitHubApp):
    """GitHub as an App whose commits are pushed with a deploy key."""

    def commits(self, accounts: Accounts) -> Commits:
        return PushedCommits(self.mirror)


@cache
def keys() -> tuple[str, str]:
    """A public and a private key of an App, as PEM: short, because checking a long one takes most of a test's time."""
    from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

    key = generate_private_key(65537, 1024)
    public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    return public.decode(), key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
