"""The steps of the local forge, each taken from what stands in the repository, as after a restart."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

from engine.adapters.forge.local import LocalForge
from engine.adapters.git.repository import ObjectRepository
from engine.core.change.model import Change, FileEdit
from engine.core.errors import ForgeRefused
from engine.core.pull_request import PullRequest, PullRequestDraft
from tests.integration.git.processes import DIED

AT, LATER, END = "2026-11-14T03:12:00Z", "2026-11-14T03:20:00Z", "2026-11-14T03:30:00Z"
REFUSED = 3
TRAILERS = {"Penstock-Decision": "dec-1", "Penstock-Record-Tip": "12:sha256:cd"}


def draft(key: str, decision: str = "dec-1") -> PullRequestDraft:
    return PullRequestDraft(
        key=key,
        branch=f"penstock/{key}",
        title=f"Change {key}",
        body="Body\n",
        labels=("penstock",),
        reviewers=(),
        author="agent:triage",
        commit_message=f"Change {key}\n\nPenstock-Decision: {decision}\n",
        action_digest="sha256:aa",
        decision_id=decision,
    )


def change(repository: ObjectRepository, after: bytes = b"replicas: 5\n") -> Change:
    tip = repository.head("main")
    edit = FileEdit("apps/api.yaml", repository.read(tip, "apps/api.yaml"), after)
    return Change(tip, (edit,), "More replicas", verified=True)


def step(repository: ObjectRepository, name: str, key: str) -> PullRequest:
    """Take the step, and nothing else: what stands is looked up, as after a restart."""
    forge = LocalForge(repository)
    if name == "open":
        return forge.open(draft(key), change(repository), at=AT)
    if name == "update":
        again = replace(draft(key, "dec-2"), action_digest="sha256:bb")
        return forge.open(again, change(repository, b"replicas: 4\n"), at=LATER)
    pull = forge.find(key)[0]
    if name == "merge":
        return forge.merge(pull.number, expected_head=pull.head, trailers=TRAILERS, by="penstock", at=END)
    return forge.close(pull.number, note="cleared", at=END)


class Mortal(ObjectRepository):
    """A repository whose process dies at its n-th move of a ref."""

    moves_left = 0

    def move(self, name: str, old: str | None, new: str | None) -> None:
        self.moves_left -= 1
        if self.moves_left == 0:
            os._exit(DIED)
        super().move(name, old, new)


def taken(path: Path, name: str, key: str, moves: int = 0) -> int:
    """Take a step, and die before its ``moves``-th move of a ref (0: never); ``REFUSED`` when the forge refuses."""
    repository = Mortal(path, wait_seconds=60)
    repository.moves_left = moves
    try:
        step(repository, name, key)
    except ForgeRefused:
        return REFUSED
    return 0
