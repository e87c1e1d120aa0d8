"""Nobody is asked twice for one need, and a need is new when other rules ask, or for other edits or another action."""

from __future__ import annotations

from typing import Any

import pytest

from engine.core.decision import Decision
from engine.usecases.ask_reviewers import note_needs
from tests.fakes.ledger import MemoryLedger
from tests.unit.pull_request.decided import decision

AT = "2026-11-14T03:18:00Z"
OWNER = {"role": "team:payments", "count": 2, "rule": "approval/owner"}
ADMIN = {"role": "role:admin", "count": 1, "rule": "approval/admin"}
SPEAKS = {"title": "", "message": "", "status": "asks"}


def missing(*roles: dict[str, Any], rules: tuple[str, ...] = ("approval/owner",), **changed: Any) -> Decision:
    spoke = [{"rule": rule, **SPEAKS} for rule in rules]
    approvals = {"required": list(roles), "satisfied": [], "missing": list(roles)}
    return decision(approvals=approvals, rules=spoke, **changed)


@pytest.fixture
def ledger() -> MemoryLedger:
    return MemoryLedger()


def asked(ledger: MemoryLedger, wanted: Decision, *, number: int = 7, files: str = "files") -> set[str]:
    return set(ledger.run(lambda tx: note_needs(tx, number, wanted, files, at=AT)))


def test_each_need_is_asked_for_once_however_many_are_missing_of_it(ledger: MemoryLedger) -> None:
    assert asked(ledger, missing(OWNER)) == {"team:payments"}
    assert asked(ledger, missing({**OWNER, "count": 1})) == set()
    assert asked(ledger, missing(OWNER)) == set()
    assert asked(ledger, missing(OWNER, ADMIN)) == {"role:admin"}
    assert asked(ledger, missing()) == set()


@pytest.mark.parametrize(
    ("wanted", "where"),
    [
        (missing(OWNER, rules=("approval/owner", "tier/size")), {}),
        (missing(OWNER, action_digest="sha256:other"), {}),
        (missing(OWNER), {"files": "others"}),
        (missing(OWNER), {"number": 8}),
    ],
    ids=["other rules", "another action", "other edits", "another pull request"],
)
def test_the_same_role_is_asked_again_for_something_else_and_not_when_it_comes_back(
    ledger: MemoryLedger, wanted: Decision, where: dict[str, Any]
) -> None:
    assert asked(ledger, missing(OWNER)) == {"team:payments"}
    assert asked(ledger, wanted, **where) == {"team:payments"}
    assert asked(ledger, missing(OWNER)) == set() == asked(ledger, wanted, **where)
