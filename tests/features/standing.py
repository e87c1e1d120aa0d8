"""What would show that something was done, taken before and after, so that a scenario can say that nothing was."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from engine.core.budget import BudgetName
from engine.core.moment import shift

SCOPES = [f"prod-eu/{name}" for name in ("payments", "payments-staging", "checkout", "platform", "-")]
BUDGETS: tuple[BudgetName, ...] = ("automatic_fixes", "pods")
GOOD_NEWS = {"automatic_fix", "merged", "resolved"}


@dataclass(frozen=True)
class Standing:
    """What would show that something was done."""

    branches: tuple[str, ...]
    pull_requests: int
    merges: int
    main: str
    spent: int
    good_news: int


def standing_of(ports: Any, told: Sequence[dict[str, Any]], now: str) -> Standing:
    """Branches, pull requests, merges, main, allowances in use and good news at an instant."""
    since = shift(now, -3600)

    def spent(tx: Any) -> int:
        return sum(tx.used(name, scope, since=since, now=now) for name in BUDGETS for scope in SCOPES)

    opened, merged, used = ports.ledger.run(
        lambda tx: (len(tx.records(kind="pull_request")), len(tx.records(kind="merge")), spent(tx))
    )
    return Standing(
        branches=tuple(name for name in ports.repository.refs("refs/heads/") if not name.endswith("/main")),
        pull_requests=opened,
        merges=merged,
        main=ports.repository.head("main"),
        spent=used,
        good_news=sum(1 for message in told if message["event"] in GOOD_NEWS),
    )
