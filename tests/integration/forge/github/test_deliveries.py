"""What GitHub tells leads the gate to look where something happened, and at nothing else."""

from __future__ import annotations

import json
from pathlib import Path

from engine.adapters.forge.deliveries.github import looks_of
from tests.contract.forge.github import GitHubApp
from tests.contract.forge.test_forge_contract import END, LATER, NEXT, TRAILERS, change, opened
from tests.fakes.github.hooks import deliveries
from tests.fakes.github.world import NAME, ORG


def test_every_step_of_a_pull_request_asks_for_a_look_at_it(tmp_path: Path) -> None:
    hub = GitHubApp(tmp_path)
    opened(hub)
    hub.says(1, "amara")
    pull = hub.forge.open(NEXT, change(hub, b"replicas: 4\n"), at=LATER)
    hub.forge.merge(1, expected_head=pull.head, trailers=TRAILERS, by="penstock", at=END)
    told = [(each.headers["X-GitHub-Event"], json.loads(each.body)) for each in deliveries(hub.world, "secret")]
    assert [(event, payload["action"]) for event, payload in told] == [
        ("pull_request", "opened"),
        ("pull_request_review", "submitted"),
        ("pull_request", "synchronize"),
        ("pull_request", "closed"),
    ]
    for event, payload in told:
        here = looks_of(event, payload, repository=f"{ORG}/{NAME}", branch="main")
        assert [look.number for look in here] == [1]
        assert not looks_of(event, payload, repository="other/repository", branch="main")
    hub.close()
