"""What only Gitea's timeline tells: who pushed, what was edited, and onto what a review was given."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.contract.forge.test_forge_contract import BRANCH, opened
from tests.e2e.forge.on_gitea import Gitea
from tests.e2e.lab.gitea import GiteaServer


@pytest.fixture
def under(gitea: GiteaServer, tmp_path: Path) -> Iterator[Gitea]:
    made = Gitea(tmp_path, gitea)
    yield made
    made.close()


def test_an_approval_from_before_the_base_was_changed_is_of_no_head_even_when_it_is_changed_back(under: Gitea) -> None:
    pull = opened(under)
    under.says(1, "tomasz")
    under.place.ask("POST", "/branches", {"new_branch_name": "other", "old_branch_name": "main"})
    who = under.place.member("mallory")
    under.place.ask("PATCH", "/pulls/1", {"base": "other"}, who=who)
    under.says(1, "amara")
    assert under.forge.get(1).base == "other"
    under.place.ask("PATCH", "/pulls/1", {"base": "main"}, who=who)
    under.says(1, "ines")
    assert [review.head for review in under.forge.get(1).reviews] == ["", "", pull.head]


def test_whoever_pushed_is_a_writer_whatever_the_commit_says(under: Gitea) -> None:
    opened(under)
    mallory, ines = under.place.member("mallory"), under.place.member("ines")
    under.place.push(BRANCH, "notes.txt", b"x\n", who="mallory", email="ines@example.com")
    under.says(1, "mallory")
    shown = under.forge.get(1)
    assert shown.edited_by_person
    assert {f"gitea:{mallory.id}", f"gitea:{ines.id}"} <= set(shown.writers)


def test_a_status_that_somebody_else_wrote_under_its_name_is_not_the_gate_s(under: Gitea) -> None:
    pull = opened(under)
    forged = {"context": "penstock/gate", "state": "success", "description": "Allowed"}
    under.place.ask("POST", f"/statuses/{pull.head}", forged, who=under.place.member("mallory"))
    assert under.forge.get(1).check is None


def test_who_approved_is_asked_again_once(under: Gitea) -> None:
    opened(under)
    under.says(1, "tomasz")

    def asked() -> list[str]:
        events = under.place.ask("GET", "/issues/1/timeline")
        return [each["assignee"]["login"] for each in events if each["type"] == "review_request"]

    assert asked() == []
    for _ in range(2):
        under.forge.ask(1, ("tomasz",))
    assert asked() == ["tomasz"]
