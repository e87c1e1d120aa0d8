"""A pull request as GitHub shows it, in the gate's words.

What can't be read whole is never read as good: with more reviews than one answer holds no approval is taken over,
and with more commits than that everybody who reviewed counts as a writer. A review from before the base was last
changed was of another merge, even when the base was changed back: it is told of no head.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Literal

from engine.adapters.forge.github.accounts import Accounts, account, account_of
from engine.adapters.forge.github.checks import check_of
from engine.adapters.forge.github.documents import PullDocument, Requested, ReviewDocument, Timeline
from engine.adapters.forge.marker import CLOSING, COMMENT, Hidden, split_state, unmarked
from engine.core.moment import format_instant, parse_instant
from engine.core.pull_request import PullRequest, PullRequestState, Review, ReviewState
from engine.core.untrusted import clean

_STATES: dict[str, ReviewState] = {
    "APPROVED": "approved",
    "CHANGES_REQUESTED": "rejected",
    "COMMENTED": "commented",
    "DISMISSED": "dismissed",
}
STATES: dict[str, PullRequestState] = {"OPEN": "open", "MERGED": "merged", "CLOSED": "closed"}
NO_KEY = Hidden("", "", "")
OWN_BRANCHES = "penstock/"


def is_own(document: PullDocument, own: str) -> bool:
    """Whether the gate made it: its account, on a branch of its own in the repository itself."""
    return account_of(document.author) == own and not document.foreign and document.branch.startswith(OWN_BRANCHES)


def _hidden(document: PullDocument, own: str) -> Hidden:
    """What the gate hid in a pull request of its own; ``NO_KEY`` for everybody else's and for one without it."""
    return split_state(document.body)[1] or NO_KEY if is_own(document, own) else NO_KEY


def pull_request(document: PullDocument, accounts: Accounts, *, app: int | None, made: frozenset[str]) -> PullRequest:
    """The pull request. ``made``: commits that the gate is known to have pushed."""
    commits = [each.commit for each in document.commits]
    foreign = [commit for commit in commits if commit.oid not in made and not accounts.made(commit)]
    writers = {writer for commit in foreign for writer in accounts.writers(commit)}
    if foreign and not document.foreign and document.state == "OPEN":
        writers |= accounts.pushers(document.branch)
    reviews, whole = tuple(_reviews(document, accounts)), document.commits.total <= len(commits)
    if not whole:
        writers |= {review.reviewer for review in reviews}
    return replace(
        _as_written(document, _hidden(document, accounts.own())),
        edited_by_person=bool(foreign) or not whole,
        reviews=reviews,
        writers=tuple(sorted(writers)),
        check=next((check_of(last.commit, own=accounts.own(), app=app) for last in document.last), None),
    )


def _as_written(document: PullDocument, hidden: Hidden) -> PullRequest:
    """What the pull request says of itself, whoever said it."""
    return PullRequest(
        number=document.number,
        key=hidden.key,
        branch=document.branch,
        base=document.base,
        head=document.head,
        title=document.title,
        body=document.body.replace("\r\n", "\n") if hidden is NO_KEY else split_state(document.body)[0],
        state=STATES[document.state],
        author=account_of(document.author),
        action_digest=hidden.action_digest,
        decision_id=hidden.decision_id,
        opened_at=_instant(document.created),
        closed_at=_instant(document.merged or document.closed),
        merge_commit=document.merge.oid if document.merge and document.state == "MERGED" else "",
        labels=tuple(label.name for label in document.labels or ()),
        reviewers=tuple(_requested(document.requests or ())),
        comments=_comments(document),
        url=document.url,
    )


def _reviews(document: PullDocument, accounts: Accounts) -> Iterable[Review]:
    found = document.reviews
    if found is None:
        return
    whole = found.total <= len(found.nodes)
    for each in found:
        state = _STATES.get(each.state)
        if state is not None and (whole or state != "approved"):
            told = _review(each, state, accounts)
            yield told if _is_of_this_base(told, document.rebased) else replace(told, head="")


def _is_of_this_base(review: Review, timeline: Timeline) -> bool:
    """Whether it was given after every change of base. A change that GitHub doesn't show may have been after it."""
    return all(change is not None and format_instant(change.at) < review.at for change in timeline.nodes)


def _review(document: ReviewDocument, state: ReviewState, accounts: Accounts) -> Review:
    actor = document.author
    person = actor is not None and actor.kind == "User" and actor.id is not None
    kind: Literal["person", "bot"] = "person" if person else "bot"
    return Review(
        reviewer=account_of(actor),
        kind=kind,
        state=state,
        head=document.commit.oid if document.commit is not None else "",
        action_digest="",
        at=_instant(document.submitted),
        note=clean(document.body.replace("\r\n", "\n")),
        login=actor.login if actor is not None else "",
        teams=accounts.teams(actor.login) if actor is not None and kind == "person" else (),
        edited=document.edited_at_once or document.edited_at is not None,
    )


def _requested(requests: Iterable[Requested | None]) -> Iterable[str]:
    for each in requests:
        reviewer = each.reviewer if each is not None else None
        if reviewer is not None and reviewer.team:
            yield f"github:{reviewer.team}"
        elif reviewer is not None and reviewer.id is not None:
            yield account(reviewer.id)


def _comments(document: PullDocument) -> tuple[str, ...]:
    own = [comment.body for comment in document.comments if comment.own]
    found = [[text for body in own if (text := unmarked(body, mark)) is not None] for mark in (COMMENT, CLOSING)]
    return tuple(text for texts in found for text in texts[:1])


def _instant(text: str | None) -> str:
    return format_instant(parse_instant(text, where="GitHub's answer")) if text else ""
