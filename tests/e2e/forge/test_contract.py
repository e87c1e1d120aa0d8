"""The forge contract where it takes longer than ``make test`` may: on a real Gitea, and with every exchange checked.

``make test`` holds the first exchange of each operation with the loopback GitHub to its description; here all are.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.contract.forge import test_forge_contract, test_others_contract
from tests.contract.forge.forges import ForgeUnderTest
from tests.contract.forge.github import GitHubApp, GitHubDeployKey, GitHubToken
from tests.e2e.forge.on_gitea import Gitea

for contract in (test_others_contract, test_forge_contract):
    globals().update({name: test for name, test in vars(contract).items() if name.startswith("test_")})


@pytest.fixture(params=[Gitea, GitHubApp, GitHubToken, GitHubDeployKey], ids=lambda forge: forge.__name__.lower())
def under(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[ForgeUnderTest]:
    made: ForgeUnderTest
    if request.param is Gitea:
        made = Gitea(tmp_path, request.getfixturevalue("gitea"))
    else:
        made = request.param(tmp_path, sparing=False)
    yield made
    made.close()
