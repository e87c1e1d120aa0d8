"""A pull request as every forge can tell it, and the reviews on it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from engine.core.check_report import CheckReport

PullRequestState = Literal["open", "merged", "closed"]
ReviewState = Literal["approved", "rejected", "commented", "dismissed"]


@dataclass(frozen=True, slots=True)
class Review:
    """One account's word on one head commit.

    ``reviewer`` is the forge's lasting id of the account (``github:583231``), or the name where a forge has no ids;
    ``login`` is what it is called today, ``teams`` the forge's own groups it belongs to (``github:acme/payments``).
    ``action_digest`` is what the reviewer was shown, empty where the forge can't hold it. ``edited`` says that the
    text was changed after it was given.
    """

    reviewer: str
    kind: Literal["person", "agent", "bot"]
    state: ReviewState
    head: str
    action_digest: str
    at: str
    note: str = ""
    login: str = ""
    teams: tuple[str, ...] = ()
    edited: bool = False


@dataclass(frozen=True, slots=True)
class PullRequestDraft:
    """What the gate wants opened. ``key`` identifies incident and target: one open pull request has one key."""

    key: str
    branch: str
    title: str
    body: str
    labels: tuple[str, ...]
    reviewers: tuple[str, ...]
    author: str
    commit_message: str
    action_digest: str
    decision_id: str


@dataclass(frozen=True, slots=True)
class PullRequest:
    """A pull request as it stands.

    ``edited_by_person``: the branch holds a commit that the gate didn't make. ``writers``: every account, or e-mail
    address without one, that is author, committer or co-author of a commit on the branch, beside the gate itself.
    ``check`` is what the gate itself last said on the head; what somebody else wrote under its name isn't.
    ``comments`` are the gate's own: its one comment as it stands, box included, and the note it was closed with.
    """

    number: int
    key: str
    branch: str
    base: str
    head: str
    title: str
    body: str
    state: PullRequestState
    author: str
    action_digest: str
    decision_id: str
    opened_at: str
    closed_at: str = ""
    merge_commit: str = ""
    edited_by_person: bool = False
    labels: tuple[str, ...] = ()
    reviewers: tuple[str, ...] = ()
    reviews: tuple[Review, ...] = ()
    comments: tuple[str, ...] = field(default=())
    url: str = ""
    writers: tuple[str, ...] = ()
    check: CheckReport | None = None
