"""The few fields of a delivery that are read, and nothing more.

Forges add fields and leave some out; a model of all of them refuses payloads that are perfectly good. What isn't
listed here is not looked at.
"""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from engine.core.delivery import Look
from engine.core.errors import BadInput

EVERYTHING = (Look(),)
NOTHING: tuple[Look, ...] = ()


class _Part(BaseModel):
    model_config = ConfigDict(extra="ignore", strict=True)


class Numbered(_Part):
    """Something with a number."""

    number: int = Field(gt=0, lt=2**53)


class Issue(Numbered):
    """An issue, which is a pull request when it says so."""

    pull_request: dict[str, Any] | None = None


class Checked(_Part):
    """A check run or suite, with the pull requests it is on."""

    pull_requests: list[Numbered] = Field(default_factory=list)


class MergeGroup(_Part):
    """A merge queue's commit; its branch names the pull request."""

    head_sha: str = Field(pattern=r"^[0-9a-f]{40}([0-9a-f]{24})?$")
    head_ref: str = ""


class Repository(_Part):
    """A repository by its full name."""

    full_name: str = ""


class Payload(_Part):
    """Whatever a delivery holds of these."""

    action: str | None = None
    ref: str | None = None
    repository: Repository | None = None
    pull_request: Numbered | None = None
    issue: Issue | None = None
    check_run: Checked | None = None
    check_suite: Checked | None = None
    merge_group: MergeGroup | None = None

    def elsewhere(self, repository: str) -> bool:
        """Whether it is about another repository than the gate's."""
        if not repository or self.repository is None:
            return False
        return self.repository.full_name.lower() != repository.lower()

    def pushed_to(self, branch: str) -> bool:
        """Whether it says that a branch moved."""
        return self.ref == f"refs/heads/{branch}"


def read_payload(document: Any) -> Payload:
    """The fields that are read. Raises :class:`BadInput` where one of them isn't what it should be."""
    try:
        return Payload.model_validate(document)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"]) or "body"
        raise BadInput(first["msg"], where=where, remedy="Send the event as the forge documents it") from None


def at(numbered: Numbered | None, event: str) -> tuple[Look, ...]:
    """A look at the pull request. Raises :class:`BadInput` for an event that names none."""
    if numbered is None:
        raise BadInput(
            "the event names no pull request", where=event, remedy="Send the event as the forge documents it"
        )
    return (Look(numbered.number),)


def at_issue(issue: Issue | None) -> tuple[Look, ...]:
    """A look where the issue is a pull request."""
    return (Look(issue.number),) if issue is not None and issue.pull_request is not None else NOTHING
