"""The decision: what policy answered, in the one shape every surface renders.

A policy result is checked against this shape before anyone acts on it; what doesn't fit is not a decision.
"""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

Outcome = Literal["allow", "require_approval", "deny"]
Risk = Literal["none", "safe", "moderate", "advanced"]
Mode = Literal["enforce", "advise", "shadow"]
Severity = Literal["warning", "error", "critical"]
Tier = Annotated[int, Field(ge=0, le=3)]


class _Answer(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)


class Violation(_Answer):
    """One rule that refused, with what it saw and what to do about it."""

    rule: str
    message: str
    remedy: str
    severity: Severity


class Quote(_Answer):
    """What somebody else said of what a rule refused: cleaned, shown beside it, and judged by nobody."""

    rule: str
    by: str
    text: str


class ApprovalWanted(_Answer):
    """``count`` distinct people who hold ``role`` (``team:x`` or ``role:x``), and the rule that asks."""

    role: str
    count: Annotated[int, Field(ge=1)]
    rule: str


class ApprovalGiven(_Answer):
    """A role and the people whose valid approvals count towards it."""

    role: str
    count: Annotated[int, Field(ge=1)]
    rule: str
    by: list[str]


class Approvals(_Answer):
    """What is required, what of it is satisfied, and what is missing (``count`` is how many more)."""

    required: list[ApprovalWanted]
    satisfied: list[ApprovalGiven]
    missing: list[ApprovalWanted]


class RuleResult(_Answer):
    """A node of the tree that every surface shows; ``asks`` is for approvals, ``raised`` for the tier."""

    rule: str
    title: str
    status: Literal["passed", "refused", "asks", "raised", "excepted"]
    message: str


class ReviewWeighed(_Answer):
    """Whether somebody's word counted, and why or why not, in a sentence."""

    approver: str
    counts: bool
    because: str


class UsedException(_Answer):
    """A violation set aside by an exception, and the exception's identity."""

    id: str
    rule: str
    ticket: str
    expires: str


class _Said(_Answer):
    """What policy says, whether it is bound yet or not."""

    outcome: Outcome
    tier: Tier
    risk: Risk
    mode: Mode
    violations: list[Violation]
    approvals: Approvals
    obligations: list[str]
    path_to_allow: list[str]
    rules: list[RuleResult]
    exceptions: list[UsedException]
    reviews: list[ReviewWeighed] = []


class Verdict(_Said):
    """What the ``gate/decision`` entrypoint answers, before the engine binds it to digests and a lifetime."""

    ttl_seconds: Annotated[int, Field(ge=1)]


class PolicyIdentity(_Answer):
    """Which policy answered: the revision its authors gave it, and the digest of its content."""

    revision: str
    digest: str


class Decision(_Said):
    """A verdict bound to its input, its action, its policy and its expiry."""

    decision_id: str
    expires_at: str
    policy: PolicyIdentity
    input_digest: str
    action_digest: str
    quotes: list[Quote] = []

    @property
    def automatic(self) -> bool:
        """Whether it may merge with nobody's approval."""
        return self.outcome == "allow" and not self.approvals.required and self.mode == "enforce"
