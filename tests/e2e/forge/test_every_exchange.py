"""The forge contract on the loopback GitHub once more, with every request and every answer held to its description.

``make test`` holds the first exchange of each operation to it, because the validator takes most of the time.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.contract.forge import test_forge_contract, test_others_contract
from tests.contract.forge.github import GitHubApp, GitHubDeployKey, GitHubToken

for contract in (test_others_contract, test_forge_contract):
    globals().update({name: test for name, test in vars(contract).items() if name.startswith("test_")})


@pytest.fixture(params=[GitHubApp, GitHubToken, GitHubDeployKey], ids=lambda forge: forge.__name__.lower())
def under(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[GitHubApp]:
    made: GitHubApp = request.param(tmp_path, sparing=False)
    yield made
    made.close()
