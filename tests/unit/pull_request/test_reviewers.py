"""Who is asked is whom policy data and the repository name, and nobody else."""

from __future__ import annotations

from typing import Any

import pytest

from engine.core.reviewers import MOST, reviewers_of

TEAMS: dict[str, Any] = {
    "github:acme/payments": {"teams": ["team-payments"], "roles": []},
    "github:acme/seniors": {"teams": [], "roles": ["senior"]},
}


@pytest.mark.parametrize(
    ("roles", "asked"),
    [
        (["team:team-payments"], ["github:acme/payments"]),
        (["role:senior", "team:team-payments"], ["github:acme/payments", "github:acme/seniors"]),
        (["team:senior"], []),
        ([], []),
    ],
)
def test_a_role_is_asked_for_by_the_team_that_stands_for_it(roles: list[str], asked: list[str]) -> None:
    assert list(reviewers_of(roles, TEAMS, [])) == asked


def test_owners_of_the_files_are_asked_too_and_each_once() -> None:
    assert reviewers_of(["team:team-payments"], TEAMS, ["amara", "acme/payments", "amara"]) == (
        "github:acme/payments",
        "amara",
        "acme/payments",
    )


@pytest.mark.parametrize("about", [None, [], {"teams": None}, {"teams": "team-payments"}, {"roles": 3}])
def test_a_mapping_that_can_t_be_read_asks_nobody(about: Any) -> None:
    assert reviewers_of(["team:team-payments"], {"github:acme/payments": about}, []) == ()


def test_nobody_asks_a_crowd() -> None:
    assert len(reviewers_of([], {}, [f"person-{number}" for number in range(100)])) == MOST
