"""One Gitea for all tests of the session that want one."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.e2e.lab.gitea import GiteaServer, binary, running


@pytest.fixture(scope="session")
def gitea(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GiteaServer]:
    """A real server; without its binary the tests are skipped, and say how it is obtained."""
    found = binary()
    if found is None:
        pytest.skip("Gitea isn't on this machine: python -m engine.adapters.tools gitea obtains it")
    with running(found, tmp_path_factory.mktemp("gitea")) as server:
        yield server
