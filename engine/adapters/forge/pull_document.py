"""A pull request as it is kept in the repository: a commit that holds four files, on a ref of its own.

It outlives every database, travels with a mirror of the repository, and each change of it is a commit that can be
read with ``git log``. Whoever can write to the repository can write here too; that person could also push to the
branch itself, so the repository's own access control is what protects both.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from engine.core import canonical
from engine.core.change.model import Change
from engine.core.check_report import CheckReport
from engine.core.errors import BadInput, ForgeRefused
from engine.core.pull_request import PullRequest, PullRequestDraft, Review

DETAILS, BODY, REVIEWS, COMMENT = FILES = ("pull.json", "body.md", "reviews.json", "comment.md")
SIZE_LIMIT = 1_000_000

CommitId = Annotated[str, Field(pattern=r"^[0-9a-f]{40}$")]
_REVIEWS = TypeAdapter(tuple[Review, ...])


class Details(BaseModel):
    """What ``pull.json`` says. ``commits`` are all heads the gate made for it; ``note`` is why it was closed.

    ``check`` is what was last said of ``checked_head``.

    ``opening`` is a pull request whose branch isn't known to be there yet: nobody is shown it.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    version: Literal[1] = 1
    number: Annotated[int, Field(ge=1)]
    state: Literal["opening", "open", "merged", "closed"]
    key: str
    branch: str
    base: str
    base_commit: CommitId
    head: CommitId
    commits: tuple[CommitId, ...]
    title: str
    author: str
    action_digest: str
    decision_id: str
    labels: tuple[str, ...] = ()
    reviewers: tuple[str, ...] = ()
    opened_at: str
    closed_at: str = ""
    merge_commit: str = ""
    note: str = ""
    check: CheckReport | None = None
    checked_head: str = ""


class Pull(BaseModel):
    """The four files together, as they stand at one commit of the pull request's ref."""

    model_config = ConfigDict(frozen=True)

    details: Details
    body: str = ""
    reviews: tuple[Review, ...] = ()
    comment: str = ""

    def with_details(self, **changed: object) -> Pull:
        """The same with some fields of ``pull.json`` replaced."""
        return self.model_copy(update={"details": self.details.model_copy(update=changed)})

    def knowing(self, head: str) -> Pull:
        """The same with ``head`` among the commits the gate made."""
        known = self.details.commits
        return self if head in known else self.with_details(commits=(*known, head))

    def drafted(self, draft: PullRequestDraft, change: Change, head: str) -> Pull:
        """The same saying what ``draft`` says, with ``head`` as its head commit."""
        return (
            self.model_copy(update={"body": draft.body})
            .with_details(
                base_commit=change.base_commit,
                head=head,
                title=draft.title,
                author=draft.author,
                action_digest=draft.action_digest,
                decision_id=draft.decision_id,
                labels=draft.labels,
            )
            .asking(draft.reviewers)
        )

    def asking(self, reviewers: Sequence[str]) -> Pull:
        """The same with these among those who are asked."""
        return self.with_details(reviewers=tuple(dict.fromkeys((*self.details.reviewers, *reviewers))))

    def files(self) -> dict[str, bytes]:
        """The bytes of each file. Raises :class:`ForgeRefused` when one grew beyond what would be read again."""
        texts = {BODY: self.body, COMMENT: self.comment}
        contents = {name: text.encode("utf-8", "replace") for name, text in texts.items()}
        contents[DETAILS] = canonical.encode(self.details.model_dump(mode="json"))
        contents[REVIEWS] = canonical.encode([asdict(review) for review in self.reviews])
        for name, data in contents.items():
            if len(data) > SIZE_LIMIT:
                raise ForgeRefused(f"{name} would have {len(data)} bytes, over {SIZE_LIMIT}", where=self.details.key)
        return contents

    def shown(self, *, url: str) -> PullRequest:
        """As every forge tells it, going by the files alone."""
        d = self.details
        return PullRequest(
            number=d.number,
            key=d.key,
            branch=d.branch,
            base=d.base,
            head=d.head,
            title=d.title,
            body=self.body,
            state="open" if d.state == "opening" else d.state,
            author=d.author,
            action_digest=d.action_digest,
            decision_id=d.decision_id,
            opened_at=d.opened_at,
            closed_at=d.closed_at,
            merge_commit=d.merge_commit,
            labels=d.labels,
            reviewers=d.reviewers,
            reviews=self.reviews,
            comments=tuple(text for text in (self.comment, d.note) if text),
            url=url,
            check=d.check if d.checked_head == d.head else None,
        )


def first(draft: PullRequestDraft, change: Change, *, number: int, base: str, head: str, at: str) -> Pull:
    """A pull request that is ``opening``."""
    details = Details(
        number=number,
        state="opening",
        key=draft.key,
        branch=draft.branch,
        base=base,
        base_commit=change.base_commit,
        head=head,
        commits=(head,),
        title="",
        author="",
        action_digest="",
        decision_id="",
        opened_at=at,
    )
    return Pull(details=details).drafted(draft, change, head)


def offered(branch: str, author: str, title: str, *, change: Change, base: str, at: str) -> Pull:
    """What a person offers: ``opening``, with no key and no commit of the gate; of ``change`` only its base counts."""
    draft = PullRequestDraft("", branch, title, "", (), (), author, "", "", "")
    return first(draft, change, number=1, base=base, head=change.base_commit, at=at).with_details(commits=())


def read_pull(files: Mapping[str, bytes | None], *, where: str) -> Pull:
    """Read the four files. Raises :class:`BadInput` naming the ref and the file that isn't what it should be."""
    contents = {name: data for name, data in files.items() if data is not None}
    missing = [name for name in FILES if name not in contents]
    if missing:
        raise BadInput("the file is missing", where=f"{where} {missing[0]}", remedy="Restore the ref")
    details, reviews = (canonical.parse(contents[name], where=f"{where} {name}") for name in (DETAILS, REVIEWS))
    try:
        return Pull(
            details=Details.model_validate(details),
            body=contents[BODY].decode("utf-8", "replace"),
            reviews=_REVIEWS.validate_python(reviews),
            comment=contents[COMMENT].decode("utf-8", "replace"),
        )
    except ValidationError as error:
        first_error = error.errors(include_url=False)[0]
        field = ".".join(str(part) for part in first_error["loc"]) or "document"
        raise BadInput(f"{field}: {first_error['msg']}", where=where, remedy="Restore the ref") from None
