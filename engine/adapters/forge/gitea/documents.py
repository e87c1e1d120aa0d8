"""Gitea's answers as far as they are read, because a field that changed its shape must not become a fact.

Unknown fields are ignored, missing ones are an answer that isn't understood.
"""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import BaseModel, ConfigDict, Field

from engine.core.pull_request import PullRequestState


class _Document(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True, populate_by_name=True)


class Account(_Document):
    """An account; the server's own (deleted people, its robots) have ids below 1."""

    id: int
    login: str = ""
    email: str = ""


class Tip(_Document):
    """One side of a pull request; ``branch`` stays when the branch is gone, unlike ``ref``."""

    branch: str = Field(alias="label")
    head: str = Field(alias="sha")
    repository: int = Field(alias="repo_id")


class Label(_Document):
    """A label by its name."""

    name: str


class Team(_Document):
    """A team of the repository's organisation."""

    id: int
    name: str


class PullDocument(_Document):
    """A pull request."""

    number: int
    user: Account | None
    title: str
    body: str
    state: str
    merged: bool
    merge_commit: str | None = Field(alias="merge_commit_sha")
    merged_at: str | None
    closed_at: str | None
    created_at: str
    url: str = Field(alias="html_url")
    head: Tip
    base: Tip
    mergeable: bool = False
    labels: Sequence[Label] | None
    people: Sequence[Account] | None = Field(default=None, alias="requested_reviewers")
    teams: Sequence[Team] | None = Field(default=None, alias="requested_reviewers_teams")

    @property
    def standing(self) -> PullRequestState:
        """Open, merged or closed."""
        return "merged" if self.merged else "open" if self.state == "open" else "closed"

    @property
    def foreign(self) -> bool:
        """Whether its branch is in another repository."""
        return self.head.repository != self.base.repository


class ReviewDocument(_Document):
    """A review as it was submitted; an edit of its text shows in the timeline only."""

    id: int
    user: Account | None
    state: str
    body: str
    commit: str = Field(alias="commit_id")
    dismissed: bool
    submitted_at: str


class Event(_Document):
    """An entry of the timeline: a comment, a review's text, a push with who pushed."""

    id: int
    type: str
    user: Account | None
    body: str
    review: int = Field(default=0, alias="review_id")
    created_at: str
    updated_at: str


class Status(_Document):
    """A commit status."""

    id: int
    state: str = Field(alias="status")
    context: str
    description: str
    target: str = Field(alias="target_url")
    creator: Account | None


class Person(_Document):
    """Who a commit says wrote it."""

    email: str = ""


class CommitText(_Document):
    """What a commit says of itself."""

    message: str
    author: Person | None
    committer: Person | None


class CommitDocument(_Document):
    """A commit of a pull request, with the accounts whose addresses it names."""

    sha: str
    commit: CommitText
    author: Account | None
    committer: Account | None
