"""Onto what a review was given: whoever swaps a base and swaps it back has gathered no approvals meanwhile."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from engine.adapters.forge.github.documents import Timeline, understood
from engine.core.errors import ForgeUnreachable
from engine.core.moment import shift
from tests.contract.forge.github import GitHubApp
from tests.contract.forge.test_forge_contract import opened

BY_GITHUB = "AutomaticBaseChangeSucceededEvent"


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[GitHubApp]:
    made = GitHubApp(tmp_path)
    yield made
    made.close()


def later(hub: GitHubApp) -> None:
    hub.world.now = shift(hub.world.now, 1)


def heads(hub: GitHubApp) -> list[str]:
    """The head of each review, told alike by number and by the list."""
    reviews = hub.forge.get(1).reviews
    (listed,) = hub.forge.list_open()
    assert listed.reviews == reviews
    return [review.head for review in reviews]


@pytest.mark.parametrize("back", ["BaseRefChangedEvent", BY_GITHUB])
def test_an_approval_from_before_the_base_was_changed_is_of_no_head_even_when_it_is_changed_back(
    hub: GitHubApp, back: str
) -> None:
    pull = opened(hub)
    hub.push("other", "notes.txt", b"x\n")
    hub.says(1, "tomasz")
    later(hub)
    hub.world.rebase(hub.world.pulls[1], "other")
    later(hub)
    hub.says(1, "amara")
    assert hub.forge.get(1).base == "other"
    later(hub)
    hub.world.rebase(hub.world.pulls[1], "main", kind=back)
    later(hub)
    hub.says(1, "jun")
    assert heads(hub) == ["", "", pull.head]
    assert hub.forge.get(1).base == "main" and {each.state for each in hub.forge.get(1).reviews} == {"approved"}


def test_a_swap_through_github_s_own_interface_is_seen_as_well(hub: GitHubApp) -> None:
    opened(hub)
    hub.push("other", "notes.txt", b"x\n")
    for base in ("other", "main"):
        later(hub)
        hub.says(1, "amara")
        hub.api.send("PATCH", "/pulls/1", {"base": base})
    assert heads(hub) == ["", ""]


def test_a_review_of_the_very_second_in_which_the_base_was_changed_is_of_no_head(hub: GitHubApp) -> None:
    opened(hub)
    hub.world.rebase(hub.world.pulls[1], "main")
    hub.says(1, "amara")
    assert heads(hub) == [""]


def test_a_change_of_base_that_github_does_not_show_leaves_no_review_a_head(hub: GitHubApp) -> None:
    opened(hub)
    hub.world.pulls[1].rebased.append(None)
    later(hub)
    hub.says(1, "amara")
    assert heads(hub) == [""]


def test_without_a_change_of_base_a_review_is_of_the_head_it_was_given_on(hub: GitHubApp) -> None:
    pull = opened(hub)
    hub.says(1, "amara")
    assert heads(hub) == [pull.head]


@pytest.mark.parametrize(
    "answer",
    [None, {}, {"nodes": None}, {"nodes": [{}]}, {"nodes": [{"createdAt": "2026-11-14T03:00:00"}]}],
)
def test_a_timeline_that_is_not_understood_is_no_fact(answer: Any) -> None:
    with pytest.raises(ForgeUnreachable, match="isn't understood"):
        understood(Timeline, answer, where="pull request 1")
