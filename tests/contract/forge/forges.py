"""The forges under contract, each with the hands of a person who works on its repository past the gate."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from engine.adapters.forge.local import LocalForge
from engine.adapters.git.opening import create_bare
from engine.adapters.git.repository import ObjectRepository
from engine.core.change.model import FileEdit
from engine.core.pull_request import PullRequest, Review
from engine.ports import Forge
from tests.contract.forge.github import GitHubApp, GitHubDeployKey, GitHubToken
from tests.contract.forge.start import FILES, Said
from tests.fakes.forge import MemoryForge

PERSON, AT = "Person <person@example.com>", "2026-11-14T03:13:00Z"


class ForgeUnderTest(Protocol):
    """A forge with ``FILES`` on its branch ``main``.

    ``remote``: it is a server's, with its own clock and accounts, and reviews are given there and not through the gate.
    """

    forge: Forge
    remote: bool

    def close(self) -> None:
        """Stop what was started for it."""
        ...

    def tip(self, branch: str = "main") -> str | None:
        """The commit of a branch, or ``None`` when there is no such branch."""
        ...

    def read(self, path: str, branch: str = "main") -> bytes | None:
        """A file on a branch."""
        ...

    def push(self, branch: str, path: str, data: bytes) -> str:
        """What a person does: a commit on a branch, with one file written."""
        ...

    def offer(self, branch: str, author: str) -> PullRequest:
        """What a person does: a pull request of a branch that they pushed."""
        ...

    def says(self, number: int, who: str, state: Said = "approved", note: str = "looks right") -> None:
        """What a person does: a review of the present head, as an account of their own."""
        ...

    def trailers(self) -> dict[str, str]:
        """The trailers of the last commit on ``main``."""
        ...


def say_through(forge: Forge, number: int, who: str, state: Said, note: str) -> None:
    """A review where the gate itself takes them."""
    pull = forge.get(number)
    forge.review(number, Review(who, "person", state, pull.head, pull.action_digest, "2026-11-14T03:20:00Z", note))


class Local:
    """The forge inside a bare repository."""

    remote = False

    def __init__(self, folder: Path) -> None:
        create_bare(folder / "gitops.git")
        self.repository = ObjectRepository(folder / "gitops.git", wait_seconds=30)
        first = self.repository.snapshot(FILES, (), message="Import", author=PERSON, at="2026-11-01T00:00:00Z")
        self.repository.move("refs/heads/main", None, first)
        self.forge: Forge = LocalForge(self.repository)

    def tip(self, branch: str = "main") -> str | None:
        return self.repository.ref(f"refs/heads/{branch}")

    def close(self) -> None:
        """Nothing was started."""

    def read(self, path: str, branch: str = "main") -> bytes | None:
        return self.repository.read(self.repository.head(branch), path)

    def push(self, branch: str, path: str, data: bytes) -> str:
        tip = self.tip(branch)
        base = tip or self.repository.head("main")
        edit = FileEdit(path, self.repository.read(base, path), data)
        made = self.repository.commit(base, [edit], message=f"Write {path}", author=PERSON, at=AT)
        self.repository.move(f"refs/heads/{branch}", tip, made)
        return made

    def offer(self, branch: str, author: str) -> PullRequest:
        return LocalForge(self.repository).offer(branch, author=author, title="By hand", at=AT)

    def says(self, number: int, who: str, state: Said = "approved", note: str = "looks right") -> None:
        say_through(self.forge, number, who, state, note)

    def trailers(self) -> dict[str, str]:
        return self.repository.describe(self.repository.head("main")).trailers


class Memory:
    """The fake that other tests use."""

    remote = False

    def __init__(self, _: Path) -> None:
        self._forge = MemoryForge(FILES)
        self.forge: Forge = self._forge

    def tip(self, branch: str = "main") -> str | None:
        return self._forge.branches.get(branch)

    def close(self) -> None:
        """Nothing was started."""

    def read(self, path: str, branch: str = "main") -> bytes | None:
        return self._forge.commits[self._forge.branches[branch]].get(path)

    def push(self, branch: str, path: str, data: bytes) -> str:
        base = self._forge.branches.get(branch, self._forge.branches["main"])
        made = self._forge.store({**self._forge.commits[base], path: data}, base, "by hand")
        self._forge.branches[branch] = made
        return made

    def offer(self, branch: str, author: str) -> PullRequest:
        return self._forge.offer(branch, author=author, title="By hand", at=AT)

    def says(self, number: int, who: str, state: Said = "approved", note: str = "looks right") -> None:
        say_through(self.forge, number, who, state, note)

    def trailers(self) -> dict[str, str]:
        return self._forge.trailers[self._forge.branches["main"]]


FORGES = [Local, Memory, GitHubApp, GitHubToken, GitHubDeployKey]
