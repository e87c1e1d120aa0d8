"""Budgets: allowances that are reserved with a decision, committed at merge and released on close or expiry."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

BudgetName = Literal["automatic_fixes", "pods"]


@dataclass(frozen=True, slots=True)
class Reservation:
    """An amount of one allowance held by one decision. An unsettled one lapses at ``expires_at``."""

    budget: BudgetName
    scope: str
    amount: int
    decision_id: str
    at: str
    expires_at: str
