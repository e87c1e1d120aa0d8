"""What people were shown of a pull request, and what a review of theirs is therefore worth as a fact.

A forge knows which commit a review was given for, not which decision stood beside it. So the gate remembers what it
said of each head and from when, and holds a review against what stood there when it was given. Whether the review
counts is for policy to say.

A head that the gate itself made for the same action and the same files is a harmless push: what was said of the earlier
one holds for it too. A head that anybody else made never is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from engine.core.decision import Decision
from engine.core.input_document import Approval
from engine.core.moment import seconds_between
from engine.core.pull_request import PullRequest, Review

KEPT = 200
SPOKE = ("asks", "raised")


@dataclass(frozen=True, slots=True)
class Showing:
    """What stood beside one head from ``at`` on: RFC 3339 in UTC. ``made``: the gate made the head to show this."""

    at: str
    head: str
    base: str
    made: bool
    action_digest: str
    change_digest: str
    rules: tuple[str, ...]
    policy_revision: str
    decision_id: str


@dataclass(frozen=True, slots=True)
class Bound:
    """What a review has to be for: this action, by this proposer, with these files, onto this branch.

    ``earlier``: who else proposed the same on this pull request before, and as what (``person``, ``agent`` …).
    """

    action_digest: str
    change_digest: str
    proposer: str
    branch: str
    earlier: Mapping[str, str] = field(default_factory=dict)


def showing(pull_request: PullRequest, change_digest: str, decision: Decision, *, made: bool, at: str) -> Showing:
    """What a decision shows on a pull request's present head."""
    return Showing(
        at=at,
        head=pull_request.head,
        base=pull_request.base,
        made=made,
        action_digest=decision.action_digest,
        change_digest=change_digest,
        rules=speaking(decision),
        policy_revision=decision.policy.revision or decision.policy.digest,
        decision_id=decision.decision_id,
    )


def speaking(decision: Decision) -> tuple[str, ...]:
    """The rules that asked for somebody or raised the tier, in order."""
    return tuple(sorted(result.rule for result in decision.rules if result.status in SPOKE))


def adding(document: Mapping[str, Any] | None, latest: Showing) -> dict[str, Any]:
    """The kept document with one more showing; one that shows nothing new adds nothing, the oldest make room."""
    known = read_showings(document)
    if known and replace(latest, at=known[-1].at, decision_id=known[-1].decision_id, made=known[-1].made) == known[-1]:
        return {"showings": [asdict(one) for one in known]}
    return {"showings": [asdict(one) for one in (*known, latest)[-KEPT:]]}


def read_showings(document: Mapping[str, Any] | None) -> tuple[Showing, ...]:
    """What :func:`adding` kept, oldest first; nothing where nothing was ever shown."""
    found = (document or {"showings": []})["showings"]
    return tuple(Showing(**{**one, "rules": tuple(one["rules"])}) for one in found)


def seen(showings: Sequence[Showing], review: Review) -> Showing | None:
    """What a reviewer saw: the last that stood beside the head before the review.

    A head that the gate made can't have been looked at before it was shown, however far the forge's clock is behind.
    """
    there = [one for one in showings if one.head == review.head]
    before = [one for one in there if one.at < review.at]
    if before:
        return before[-1]
    return there[0] if there and there[0].made else None


def approvals(
    pull_request: PullRequest, bound: Bound, showings: Sequence[Showing], people: Mapping[str, Any], *, now: str
) -> list[Approval]:
    """The reviews of a pull request, in their order, as policy sees them; ``people`` is the policy's topic."""
    return [_approval(review, pull_request, bound, showings, people, now) for review in pull_request.reviews]


def _approval(
    review: Review,
    pull_request: PullRequest,
    bound: Bound,
    showings: Sequence[Showing],
    people: Mapping[str, Any],
    now: str,
) -> Approval:
    was = seen(showings, review)
    here = was is not None and was.base == pull_request.base == bound.branch
    told = {was.action_digest, review.action_digest or was.action_digest} if was is not None else set()
    change = was is not None and bound.change_digest != "" and was.change_digest == bound.change_digest
    return Approval(
        approver=review.reviewer,
        kind=review.kind,
        state=review.state,
        author=review.reviewer in (pull_request.author, bound.proposer) or proposed(review.reviewer, bound, people),
        wrote=wrote(review.reviewer, pull_request.writers, people),
        edited=review.edited,
        head_matches=was is not None and _same_head(showings, review.head, pull_request.head, bound),
        base_matches=here,
        action_matches=told == {bound.action_digest},
        change_matches=change,
        rules=list(was.rules) if was is not None else [],
        teams=sorted(set(review.teams)),
        policy_revision=was.policy_revision if was is not None else "",
        age_seconds=max(0, seconds_between(review.at, now)),
    )


def _same_head(showings: Sequence[Showing], reviewed: str, present: str, bound: Bound) -> bool:
    """Whether a review of one head is one of the other: the same commit, or both the gate's, for the same files."""
    if reviewed == present:
        return True
    own = {
        one.head
        for one in showings
        if one.made and (one.action_digest, one.change_digest) == (bound.action_digest, bound.change_digest)
    }
    return {reviewed, present} <= own


def proposed(reviewer: str, bound: Bound, people: Mapping[str, Any]) -> bool:
    """Whether an account proposed the same before; any may have, while policy knows no account of a person who did."""
    names = _names(people.get(reviewer))
    unknown = (
        who for who, kind in bound.earlier.items() if kind == "person" and not _told_apart(who, reviewer, people)
    )
    return any(who == reviewer or who in names for who in bound.earlier) or any(unknown)


def _told_apart(proposer: str, reviewer: str, people: Mapping[str, Any]) -> bool:
    same_realm = proposer.rpartition(":")[0] == reviewer.rpartition(":")[0]
    return same_realm or any(proposer in _names(about) for about in people.values())


def _names(about: Any) -> Sequence[str]:
    names = about.get("names") if isinstance(about, dict) else None
    return names if isinstance(names, list) else ()


def wrote(reviewer: str, writers: Sequence[str], people: Mapping[str, Any]) -> bool | None:
    """Whether a commit names this account; ``None`` where one names an address that policy knows nobody by."""
    whose = [_people_of(writer, people) for writer in writers]
    if any(reviewer in known for known in whose):
        return True
    return False if all(whose) else None


def _people_of(writer: str, people: Mapping[str, Any]) -> set[str]:
    if "@" not in writer:
        return {writer}
    found = ((name, about.get("emails")) for name, about in people.items() if isinstance(about, dict))
    return {name for name, emails in found if isinstance(emails, list) and _holds(emails, writer)}


def _holds(emails: list[Any], address: str) -> bool:
    return any(isinstance(email, str) and email.casefold() == address.casefold() for email in emails)
