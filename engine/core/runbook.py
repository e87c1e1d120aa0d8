"""The runbook: the canonical, versioned procedure of one incident class, as its file says it.

Every list a runbook may draw from is closed here (preflight, verification, stop conditions, evidence flags,
template values), so that a misspelt word is an error when the file is read and not a check that never ran.
A runbook's id is the name of its folder; nobody types it twice.
"""

import re
from functools import cached_property
from typing import Annotated, Any, Literal, get_args

from pydantic import Field, StringConstraints, field_validator, model_validator

from engine.core import canonical
from engine.core.action_option import UNCHECKED, ActionOption, Part, Sentence, Title, Word
from engine.core.evidence_query import EvidenceQuery
from engine.core.pattern import compile_pattern

Severity = Literal["info", "warning", "critical"]
Source = Literal["kubernetes", "alertmanager", "argocd", "cloudevents", "drift"]
PreflightId = Literal[
    "owner_known",
    "more_than_one_signal",
    "recent_changes_looked_at",
    "reversible",
    "no_deploy_in_progress",
    "commander_active",
    "source_in_git",
    "image_known_before",
]
VerificationId = Literal[
    "pods_ready",
    "restarts_stable",
    "no_new_events",
    "rollout_complete",
    "alert_cleared",
    "node_ready",
    "job_succeeded",
    "live_equals_git",
    "finding_gone",
]
StopConditionId = Literal["restarts_after_action", "incident_reopened", "attempts_exhausted"]
PREFLIGHT_IDS: frozenset[str] = frozenset(get_args(PreflightId))
VERIFICATION_IDS: frozenset[str] = frozenset(get_args(VerificationId))
STOP_CONDITION_IDS: frozenset[str] = frozenset(get_args(StopConditionId))

Id = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{2,40}$")]
Words = Annotated[list[Word], Field(min_length=1, max_length=30)]


class Trigger(Part):
    """What a signal looks like. Everything given must hold; ``message`` is searched, ``owners`` is the root's kind."""

    source: Source | None = None
    reasons: Words
    kinds: Words | None = None
    owners: Words | None = None
    message: Annotated[str, StringConstraints(min_length=3, max_length=200)] | None = None
    labels: Annotated[dict[Word, str], Field(min_length=1, max_length=5)] | None = None

    @field_validator("message")
    @classmethod
    def _bounded(cls, value: str | None) -> str | None:
        if value is not None:
            compile_pattern(value)
        return value

    @cached_property
    def pattern(self) -> re.Pattern[str] | None:
        """``message``, compiled."""
        return None if self.message is None else compile_pattern(self.message)

    @property
    def specificity(self) -> int:
        """How much the trigger asks for; of two that match, the one that asks for more wins."""
        fields = (self.source, self.kinds, self.owners)
        return 1 + sum(f is not None for f in fields) + 2 * (self.message is not None) + len(self.labels or ())


class VerificationCheck(Part):
    """One thing that has to be so throughout the soak; ``reason`` is for ``no_new_events``."""

    id: VerificationId
    reason: Word | None = None

    @model_validator(mode="after")
    def _reason_where_needed(self) -> "VerificationCheck":
        if (self.id == "no_new_events") != (self.reason is not None):
            raise ValueError("reason belongs to no_new_events, and no_new_events needs it")
        return self


class Verification(Part):
    """How success is told from hope: all checks hold for ``soak_seconds`` on end."""

    checks: Annotated[list[VerificationCheck], Field(min_length=1, max_length=8)]
    soak_seconds: Annotated[int, Field(ge=60, le=86_400)]


class DoNotTouch(Part):
    """What no action of this runbook may be about, whatever it would help."""

    kinds: list[Word] = Field(default_factory=list)
    names: list[Word] = Field(default_factory=list)
    namespaces: list[Word] = Field(default_factory=list)

    def covers(self, kind: str, namespace: str, name: str) -> bool:
        """Whether this object is not to be touched."""
        return kind in self.kinds or name in self.names or namespace in self.namespaces


class Escalation(Part):
    """Who is called, after how long, and what they are told."""

    role: Annotated[str, StringConstraints(pattern=r"^(role|team):[a-z][a-z0-9-]{1,40}$|^owner$")]
    after_seconds: Annotated[int, Field(ge=0, le=604_800)]
    text: Sentence


class Watch(Part):
    """The case for doing nothing for now."""

    why: Sentence
    why_not: Sentence


class Runbook(Part):
    """One incident class. ``id`` and ``digest`` come from where the file lies and what it holds.

    ``reason`` is the word an incident of this class is keyed by; ``yields_to`` names the classes this one is a
    symptom of; ``stands_alone`` keeps its signals out of other incidents of the same object;
    ``rejected_cooldown_seconds`` is how long automation leaves alone what people rejected, policy data's where unset.
    """

    id: Id
    digest: str = ""
    title: Title
    summary: Sentence
    reason: Word
    owner: Annotated[str, StringConstraints(pattern=r"^team-[a-z0-9-]{2,40}$")]
    severity: Severity
    triggers: Annotated[list[Trigger], Field(min_length=1, max_length=20)]
    excluded_by: list[Trigger] = Field(alias="not", default_factory=list, max_length=20)
    yields_to: list[Id] = Field(default_factory=list)
    stands_alone: bool = False
    evidence: Annotated[list[EvidenceQuery], Field(min_length=1, max_length=12)]
    preflight: Annotated[list[PreflightId], Field(min_length=1)]
    actions: Annotated[list[ActionOption], Field(min_length=1, max_length=8)]
    watch: Watch
    cost_of_waiting: Sentence
    verification: Verification
    stop_conditions: Annotated[list[StopConditionId], Field(min_length=1)]
    max_attempts: Annotated[int, Field(ge=1, le=5)]
    cooldown_seconds: Annotated[int, Field(ge=60, le=86_400)]
    rejected_cooldown_seconds: Annotated[int, Field(ge=60, le=2_592_000)] | None = None
    do_not_touch: DoNotTouch
    escalation: Escalation

    @field_validator("preflight", "stop_conditions", "yields_to")
    @classmethod
    def _once_each(cls, value: list[str]) -> list[str]:
        if len(set(value)) != len(value):
            raise ValueError("names one entry twice")
        return value

    @field_validator("evidence")
    @classmethod
    def _distinct_queries(cls, value: list[EvidenceQuery]) -> list[EvidenceQuery]:
        if len({query.id for query in value}) != len(value):
            raise ValueError("two queries have one id")
        return value

    @property
    def action_kinds(self) -> frozenset[str]:
        """The kinds of action this runbook lists; ``escalate`` is always among them."""
        return frozenset({option.kind for option in self.actions} | {"escalate"})

    def lists(self, kind: str) -> bool:
        """Whether this runbook lists an action kind."""
        return kind in self.action_kinds


def read_runbook(runbook_id: str, document: dict[str, Any], *, checked: bool = True) -> "Runbook":
    """The runbook of a parsed file, with its digest. Raises pydantic's ``ValidationError``.

    Without ``checked`` its options aren't held against the action catalogue: it may be matched, but not followed.
    """
    body = {key: value for key, value in document.items() if key not in ("id", "digest")}
    if len(body) != len(document):
        # The path is the identity: a second id inside the file could only disagree with it.
        body["id inside the file"] = document.get("id", document.get("digest"))
    whole = {**body, "id": runbook_id, "digest": canonical.digest(document)}
    return Runbook.model_validate(whole, context={UNCHECKED: not checked})
