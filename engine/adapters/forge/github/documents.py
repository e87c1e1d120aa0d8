"""GitHub's answers as far as they are read, because a field that changed its shape must not become a fact.

Unknown fields are ignored, missing ones are an answer that isn't understood.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Generic, Literal, TypeVar

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from engine.core.errors import ForgeUnreachable

Node = TypeVar("Node")
Read = TypeVar("Read", bound=BaseModel)


class _Document(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True, populate_by_name=True)


class Nodes(_Document, Generic[Node]):
    """A connection; GitHub leaves a place empty for what it won't show."""

    nodes: Sequence[Node | None] = ()
    total: int = Field(default=0, alias="totalCount")

    def __iter__(self) -> Any:
        return (node for node in self.nodes if node is not None)


class Actor(_Document):
    """An account; without an id for one that is neither a person's nor a bot's."""

    kind: str = Field(alias="__typename")
    login: str = ""
    id: int | None = Field(default=None, alias="databaseId")


class Numbered(_Document):
    """An account of which only the lasting id counts."""

    id: int | None = Field(default=None, alias="databaseId")


class Person(_Document):
    """Who a commit names: an e-mail address, and the account it belongs to."""

    email: str | None = None
    user: Numbered | None = None


class Signature(_Document):
    """Whether a commit's signature holds, and whether it is GitHub's own."""

    valid: bool = Field(alias="isValid")
    by_github: bool = Field(alias="wasSignedByGitHub")


class Oid(_Document):
    """A commit by its id."""

    oid: str


class CommitDocument(Oid):
    """A commit and everybody it names."""

    signature: Signature | None
    author: Person | None
    committer: Person | None
    authors: Nodes[Person]


class Committed(_Document):
    """A commit of a pull request."""

    commit: CommitDocument


class ReviewDocument(_Document):
    """A review as it was submitted."""

    state: str
    body: str
    submitted: str | None = Field(alias="submittedAt")
    edited_at: str | None = Field(alias="lastEditedAt")
    edited_at_once: bool = Field(alias="includesCreatedEdit")
    commit: Oid | None
    author: Actor | None


class Rebased(_Document):
    """That the base was changed: by somebody, or by GitHub when the base's branch went."""

    at: AwareDatetime = Field(alias="createdAt")


class Timeline(_Document):
    """The last change of base. Its places have to be there, since none at all means that there never was one."""

    nodes: Sequence[Rebased | None]


class Comment(_Document):
    """A comment, and whether the gate's own account wrote it."""

    id: int | None = Field(alias="databaseId")
    body: str
    own: bool = Field(alias="viewerDidAuthor")


class StatusDocument(_Document):
    """The newest status under the check's name."""

    state: str
    description: str | None
    url: str | None = Field(alias="targetUrl")
    at: str = Field(alias="createdAt")
    creator: Actor | None


class StatusOfCommit(_Document):
    """Where a commit's statuses hang."""

    context: StatusDocument | None


class CheckRun(_Document):
    """A check run under the check's name."""

    status: str
    conclusion: str | None
    title: str | None
    text: str | None
    marker: str | None = Field(alias="externalId")
    at: str | None = Field(alias="startedAt")


class CheckSuite(_Document):
    """The check runs of one App."""

    app: Numbered | None
    runs: Nodes[CheckRun] | None = Field(alias="checkRuns")


class Checked(Oid):
    """A head commit with what was said of it."""

    status: StatusOfCommit | None
    suites: Nodes[CheckSuite] | None = Field(alias="checkSuites")


class Head(_Document):
    """The last commit of a pull request."""

    commit: Checked


class Name(_Document):
    """Something with a name."""

    name: str


class Reviewer(_Document):
    """A person or a team that is asked."""

    kind: str = Field(alias="__typename")
    id: int | None = Field(default=None, alias="databaseId")
    team: str = Field(default="", alias="combinedSlug")


class Requested(_Document):
    """A review that is asked for."""

    reviewer: Reviewer | None = Field(alias="requestedReviewer")


class PullDocument(_Document):
    """All of a pull request that a decision needs."""

    node: str = Field(alias="id")
    number: int
    title: str
    body: str
    url: str
    state: Literal["OPEN", "MERGED", "CLOSED"]
    created: str = Field(alias="createdAt")
    closed: str | None = Field(alias="closedAt")
    merged: str | None = Field(alias="mergedAt")
    base: str = Field(alias="baseRefName")
    branch: str = Field(alias="headRefName")
    head: str = Field(alias="headRefOid")
    foreign: bool = Field(alias="isCrossRepository")
    author: Actor | None
    merge: Oid | None = Field(alias="mergeCommit")
    labels: Nodes[Name] | None
    requests: Nodes[Requested] | None = Field(alias="reviewRequests")
    reviews: Nodes[ReviewDocument] | None
    rebased: Timeline
    comments: Nodes[Comment]
    commits: Nodes[Committed]
    last: Nodes[Head]


def understood(model: type[Read], document: Any, *, where: str) -> Read:
    """The document as ``model``. Raises :class:`ForgeUnreachable` naming the field that isn't what it should be."""
    try:
        return model.model_validate(document)
    except ValidationError as error:
        field = ".".join(str(part) for part in error.errors(include_url=False)[0]["loc"]) or "document"
        remedy = "It is tried again; tell the gate's maintainers if it stays"
        raise ForgeUnreachable(f"GitHub's answer isn't understood at {field}", where=where, remedy=remedy) from None
