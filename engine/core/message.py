"""What people are told, and how long the gate tries to tell it.

A message is written down together with what it tells of, so that neither can exist without the other; delivering it
is another step, which may fail and be tried again without anything being decided twice.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, replace
from typing import Any, Literal

from engine.core.decision import Decision
from engine.core.explanation import headline
from engine.core.incident import Incident
from engine.core.lifecycle import ProposalState
from engine.core.moment import shift
from engine.core.untrusted import one_line

Event = Literal[
    "approval_wanted",
    "automatic_fix",
    "break_glass",
    "closed",
    "could_not_decide",
    "demoted",
    "escalated",
    "exception_ending",
    "expired",
    "explained",
    "merged",
    "merged_outside",
    "not_resumed",
    "not_synced",
    "refused",
    "rejected",
    "resolved",
]
DeliveryStatus = Literal["waiting", "delivered", "failed"]

FIRST_WAIT_SECONDS = 5
LONGEST_WAIT_SECONDS = 900
ATTEMPTS = 12
CLAIM_SECONDS = 120


@dataclass(frozen=True, slots=True)
class Message:
    """One thing to tell.

    ``key`` makes it one message however often it is announced. ``about`` is the incident or proposal that messages
    of one trouble share. ``links`` name ids, never addresses: ``proposal``, ``incident``, ``pull_request`` (its
    number), ``commit``. ``only`` names the one channel it is for, empty for all.
    """

    key: str
    event: Event
    title: str
    text: str
    at: str
    about: str = ""
    links: dict[str, str] = field(default_factory=dict)
    only: str = ""

    def to_one(self, channel: str) -> Message:
        """The same for one channel alone."""
        return replace(self, only=channel)


@dataclass(frozen=True, slots=True)
class Attempts:
    """What came of telling one channel: how often it was tried, when it may be tried next, and what it last said."""

    status: DeliveryStatus = "waiting"
    count: int = 0
    due: str = ""
    error: str = ""

    def delivered(self) -> Attempts:
        """After the channel took it."""
        return replace(self, status="delivered", count=self.count + 1, error="")

    def failed(self, error: str, *, now: str, for_good: bool, wait_seconds: int = 0) -> Attempts:
        """After a failure: later each time, and not for ever; ``wait_seconds`` is what the channel asked for."""
        count = self.count + 1
        if for_good or count >= ATTEMPTS:
            return Attempts("failed", count, "", error)
        wait = min(LONGEST_WAIT_SECONDS, FIRST_WAIT_SECONDS * 2 ** (count - 1))
        return Attempts("waiting", count, shift(now, max(wait, min(wait_seconds, LONGEST_WAIT_SECONDS))), error)


@dataclass(frozen=True, slots=True)
class Queued:
    """A message in the outbox, with what came of each channel and until when somebody is at it."""

    message: Message
    channels: dict[str, Attempts] = field(default_factory=dict)
    claimed_until: str = ""

    def due(self, channel: str, now: str) -> bool:
        """Whether a channel is to be told now."""
        if self.message.only not in ("", channel):
            return False
        attempts = self.channels.get(channel, Attempts())
        return attempts.status == "waiting" and attempts.due <= now

    def status(self, channels: list[str]) -> DeliveryStatus:
        """``waiting`` while a channel is still to be told; ``failed`` when one was given up."""
        wanted = [name for name in channels if self.message.only in ("", name)]
        known = {self.channels.get(name, Attempts()).status for name in wanted}
        if "waiting" in known:
            return "waiting"
        return "failed" if "failed" in known else "delivered"

    def as_document(self) -> dict[str, Any]:
        """Plain fields, as the ledger stores them."""
        return asdict(self)


def read_queued(document: dict[str, Any]) -> Queued:
    """The message that :meth:`Queued.as_document` wrote."""
    channels = {name: Attempts(**attempts) for name, attempts in document["channels"].items()}
    return Queued(Message(**document["message"]), channels, document["claimed_until"])


def about_proposal(state: ProposalState, event: Event, title: str, text: str, *, at: str, once: str = "") -> Message:
    """A message about a proposal; another one with the same event and ``once`` is the same message."""
    links = {"proposal": state.id}
    if state.pull_request is not None:
        links["pull_request"] = str(state.pull_request)
    if state.merge_commit:
        links["commit"] = state.merge_commit
    key, about = f"{event}|{state.id}|{once}", state.incident_key or state.id
    return Message(key, event, title, text, at, about, links)


def handed_over(state: ProposalState, incident: Incident | None, *, at: str) -> Message:
    """A message that an incident was handed to people: by whom and why, and where its package is."""
    claims, what = state.claims, incident.key if incident else state.target
    text = f"{claims.proposer.id}: {one_line(claims.reason) or 'no reason was given'}"
    title = f"{one_line(what)} was handed to {claims.action.params.get('to', 'on-call')}"
    told = about_proposal(state, "escalated", title, text, at=at)
    return replace(told, links={**told.links, **({"incident": incident.id} if incident else {})})


def of_decision(state: ProposalState, event: Event, decision: Decision, *, at: str) -> Message:
    """A message about what was decided on a proposal; told again when the decision is another one."""
    target = state.claims.action.target
    title = f"{state.claims.action.kind} on {target.kind} {target.namespace}/{target.name}"
    return about_proposal(state, event, title, headline(decision), at=at, once=decision.decision_id)
