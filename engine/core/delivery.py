"""What a forge's webhook comes down to: look at this pull request, or at all of them.

Nothing else of a delivery is believed. What there is to see is read from the forge, so that deliveries which come
twice, too late, in another order or not at all lead to the same end.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import Any

from engine.core.moment import shift

FIRST_WAIT_SECONDS = 5
LONGEST_WAIT_SECONDS = 900
FAILURES = 8


@dataclass(frozen=True, slots=True)
class Look:
    """A pull request by its number, or all open ones for 0.

    ``head`` is a merge queue's commit that wants the check; ``again`` says that a person wants it decided again, even
    where nothing has happened.
    """

    number: int = 0
    head: str = ""
    again: bool = False

    @property
    def key(self) -> str:
        """Looks with one key are one look."""
        return f"{self.number}@{self.head}"


@dataclass(frozen=True, slots=True)
class Delivery:
    """One delivery: ``id`` is the forge's own, the same when it delivers again."""

    forge: str
    id: str
    event: str
    looks: tuple[Look, ...] = ()


@dataclass(frozen=True, slots=True)
class QueuedLook:
    """A look that was asked for: ``asked`` counts how often, so that one asked for meanwhile isn't forgotten."""

    look: Look
    asked: int = 0
    failures: int = 0
    due: str = ""
    error: str = ""

    def asked_for(self, look: Look) -> QueuedLook:
        """Asked for once more; one that fails just now isn't hurried."""
        return replace(self, look=replace(look, again=look.again or self.look.again), asked=self.asked + 1)

    def failed(self, error: str, *, now: str, until: str = "") -> QueuedLook:
        """After a failure: later each time, and not before ``until``."""
        failures = self.failures + 1
        wait = min(LONGEST_WAIT_SECONDS, FIRST_WAIT_SECONDS * 2 ** (failures - 1))
        return replace(self, failures=failures, due=max(shift(now, wait), until), error=error)

    @property
    def given_up(self) -> bool:
        """Whether it failed too often; the next poll looks again, and so does the next delivery."""
        return self.failures >= FAILURES

    def as_document(self) -> dict[str, Any]:
        """Plain fields, as the ledger stores them."""
        return asdict(self)


def read_queued_look(document: dict[str, Any]) -> QueuedLook:
    """The look that :meth:`QueuedLook.as_document` wrote."""
    return QueuedLook(**{**document, "look": Look(**document["look"])})
