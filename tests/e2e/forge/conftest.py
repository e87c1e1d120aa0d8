"""One Gitea for the contract, and one evening for the attacks, told at its end as a timeline and a table."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.forge.evening import Evening, evening
from tests.e2e.lab.gitea import GiteaServer, binary, running


@pytest.fixture(scope="session")
def program() -> Path:
    """Gitea's binary; without it the tests are skipped, and say how it is obtained."""
    found = binary()
    if found is None:
        pytest.skip("Gitea isn't on this machine: python -m engine.adapters.tools gitea obtains it")
    return found


@pytest.fixture(scope="session")
def gitea(program: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[GiteaServer]:
    """A real server for all tests of the contract."""
    with running(program, tmp_path_factory.mktemp("gitea")) as server:
        yield server


@pytest.fixture(scope="session")
def night(program: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Evening]:
    """The evening, with a server of its own."""
    with evening(program, tmp_path_factory.mktemp("evening")) as begun:
        yield begun
        told = [f"  {at}  {text}" for at, text in begun.timeline]
        table = [f"  {attack:<42}  {how}" for attack, how in begun.attacks]
        print("\n\nTimeline\n" + "\n".join(told) + "\n\nAttacks, each on the real server\n" + "\n".join(table))
