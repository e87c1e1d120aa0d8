"""One evening for all tests of this folder, told at its end as a timeline and a table of attacks."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.e2e.forge.evening import Evening, evening
from tests.e2e.lab.gitea import binary


@pytest.fixture(scope="session")
def night(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Evening]:
    """The evening; without Gitea's binary its tests are skipped, and say how it is obtained."""
    found = binary()
    if found is None:
        pytest.skip("Gitea isn't on this machine: python -m engine.adapters.tools gitea obtains it")
    with evening(found, tmp_path_factory.mktemp("evening")) as begun:
        yield begun
        told = [f"  {at}  {text}" for at, text in begun.timeline]
        table = [f"  {attack:<42}  {how}" for attack, how in begun.attacks]
        print("\n\nTimeline\n" + "\n".join(told) + "\n\nAttacks, each on the real server\n" + "\n".join(table))
