"""Killed between any two moves, a step leaves a truthful state, and the same step again finishes it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from engine.adapters.forge.local import LocalForge
from engine.adapters.git.repository import ObjectRepository
from engine.core.pull_request import PullRequest
from tests.integration.git.forge_steps import REFUSED, step, taken
from tests.integration.git.plain_git import git
from tests.integration.git.processes import DIED, ended

KEY = "api"
MOVES = {"open": 3, "update": 3, "merge": 3, "close": 2}
BEFORE = {"open": [], "update": ["open"], "merge": ["open"], "close": ["open"]}
CRASHES = [(name, move) for name, moves in MOVES.items() for move in range(1, moves + 1)]


def works(bare: Path, name: str, *keys: str, moves: int = 0) -> list[Callable[[], int]]:
    """One process for each key."""
    return [partial(taken, bare, name, key, moves) for key in keys]


def state_of(bare: Path, repository: ObjectRepository) -> tuple[str, list[PullRequest]]:
    """Branches with their commits, and all pull requests of the key."""
    branches = git(bare, "for-each-ref", "--format=%(refname) %(objectname)", "refs/heads")
    return branches, list(LocalForge(repository).find(KEY))


@pytest.mark.parametrize(("name", "move"), CRASHES)
def test_a_step_that_was_cut_off_is_finished_by_the_same_step(
    bare: Path, repository: ObjectRepository, tmp_path: Path, name: str, move: int
) -> None:
    for earlier in BEFORE[name]:
        step(repository, earlier, KEY)
    git(tmp_path, "clone", "-q", "--mirror", str(bare), "whole.git", allow=("file",))
    whole = ObjectRepository(tmp_path / "whole.git")
    step(whole, name, KEY)

    assert ended(works(bare, name, KEY, moves=move)) == [DIED]
    assert truthful(bare, repository)
    step(repository, name, KEY)

    branches, pulls = state_of(tmp_path / "whole.git", whole)
    found_branches, found_pulls = state_of(bare, repository)
    assert found_branches == branches
    assert [without_place(pull) for pull in found_pulls] == [without_place(pull) for pull in pulls]


@pytest.mark.parametrize("name", MOVES)
def test_every_move_of_a_step_is_tried_above(bare: Path, repository: ObjectRepository, name: str) -> None:
    for earlier in BEFORE[name]:
        step(repository, earlier, KEY)
    assert ended(works(bare, name, KEY, moves=MOVES[name] + 1)) == [0]


def truthful(bare: Path, repository: ObjectRepository) -> bool:
    """Whether what is shown of each pull request is what the branches hold."""
    main = git(bare, "rev-list", "main").split("\n")
    for pull in LocalForge(repository).find(KEY):
        branch = repository.ref(f"refs/heads/{pull.branch}")
        assert not pull.edited_by_person
        assert (pull.state == "merged") == (pull.head in main) == (pull.merge_commit in main)
        assert pull.state != "open" or pull.head == branch
    return True


def without_place(pull: PullRequest) -> dict[str, object]:
    return {name: getattr(pull, name) for name in pull.__slots__ if name != "url"}


def test_pull_requests_opened_at_once_get_a_number_each(bare: Path, repository: ObjectRepository) -> None:
    keys = ["a", "b", "c", "d"]
    assert ended(works(bare, "open", *keys)) == [0] * 4
    pulls = LocalForge(repository).list_open()
    assert [pull.number for pull in pulls] == [4, 3, 2, 1]
    assert sorted(pull.key for pull in pulls) == keys


def test_the_same_one_opened_by_several_at_once_is_one(bare: Path, repository: ObjectRepository) -> None:
    assert ended(works(bare, "open", *[KEY] * 4)) == [0] * 4
    assert [pull.number for pull in LocalForge(repository).find(KEY)] == [1]
    assert len(repository.refs("refs/penstock/pulls/")) == 1


def test_of_those_that_merge_at_once_one_wins(bare: Path, repository: ObjectRepository) -> None:
    step(repository, "open", KEY)
    assert sorted(ended(works(bare, "merge", *[KEY] * 4))) == [0, REFUSED, REFUSED, REFUSED]
    assert len(git(bare, "rev-list", "--merges", "main").split("\n")) == 1


def test_of_two_that_change_the_same_file_one_merges(bare: Path, repository: ObjectRepository) -> None:
    for key in ("a", "b"):
        step(repository, "open", key)
    assert sorted(ended(works(bare, "merge", "a", "b"))) == [0, REFUSED]
    assert len(git(bare, "rev-list", "--merges", "main").split("\n")) == 1
    assert len(LocalForge(repository).list_open()) == 1
