"""The runbook: the canonical, versioned procedure of one incident class, as its file says it.

Every list a runbook may draw from is closed here (preflight, verification, stop conditions, evidence flags,
template values), so that a misspelt word is an error when the file is read and not a check that never ran.
A runbook's id is the name of its folder; nobody types it twice.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from functools import cached_property
from typing import Annotated, Any, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, field_validator, model_validator

from engine.core import canonical
from engine.core.action.catalogue import CATALOGUE
from engine.core.evidence_query import EvidenceQuery
from engine.core.pattern import compile_pattern

Severity = Literal["info", "warning", "critical"]
Source = Literal["kubernetes", "alertmanager", "drift"]
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
FlagId = Literal[
    "recent_image_change",
    "recent_config_change",
    "recent_change",
    "out_of_memory",
    "node_unhealthy",
    "single_node",
    "some_pods_ready",
    "autoscaler_present",
    "attempted_before",
]
Role = Literal["fix", "buys_time", "gathers", "limits_damage"]

# The values an action's parameters may take from the incident, each with a sample of its type: a runbook's
# parameters are checked against the catalogue with these, long before an incident needs them.
TEMPLATE_VALUES: dict[str, str | int | list[str]] = {
    "previous_revision": "previous",
    "previous_image": "registry.example.com/team/app:1.0.0",
    "recent_commit": "0123abc",
    "container": "app",
    "replicas_raised": 3,
    "memory_limit_raised": "384Mi",
    "autoscaler_maximum_raised": 12,
    "volume_size_raised": "15Gi",
    "scratch_volume": "scratch",
    "cache_engine": "redis",
    "drifted_fields": ["spec.replicas"],
    "alert": "KubePodCrashLooping",
}

PREFLIGHT_IDS: frozenset[str] = frozenset(get_args(PreflightId))
VERIFICATION_IDS: frozenset[str] = frozenset(get_args(VerificationId))
STOP_CONDITION_IDS: frozenset[str] = frozenset(get_args(StopConditionId))

Id = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{2,40}$")]
Word = Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9._:-]{0,80}$")]
Sentence = Annotated[str, StringConstraints(min_length=10, max_length=600, strip_whitespace=True)]
Title = Annotated[str, StringConstraints(min_length=3, max_length=100, strip_whitespace=True)]
Words = Annotated[list[Word], Field(min_length=1, max_length=30)]

_TEMPLATE = re.compile(r"^\{\{ ([a-z_]+) \}\}$")


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Trigger(_Part):
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


class OptionConditions(_Part):
    """Evidence flags that have to hold, and that may not."""

    all: list[FlagId] = []
    none: list[FlagId] = []

    def hold(self, flags: Collection[str]) -> bool:
        """Whether they hold of these flags."""
        return set(self.all) <= set(flags) and not set(self.none) & set(flags)


class ActionOption(_Part):
    """One action a responder may choose, in the order in which an experienced one would think of them.

    ``target`` is the kind of the object it is about: the incident's root unless given. ``when`` says whether it is
    offered at all, ``first_when`` which evidence moves it to the front.
    """

    kind: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z_]{2,40}$")]
    title: Title
    role: Role
    params: dict[Word, str | int | bool | list[str] | dict[str, str]] = {}
    target: Word | None = None
    why: Sentence
    why_not: Sentence
    cost_if_wrong: Sentence
    cost_of_waiting: Sentence | None = None
    when: OptionConditions = OptionConditions()
    first_when: list[FlagId] = []

    @model_validator(mode="after")
    def _fits_the_catalogue(self) -> ActionOption:
        kind = CATALOGUE.get(self.kind)
        if kind is None:
            raise ValueError(f"{self.kind!r} is not an action kind of the catalogue")
        unknown = sorted(self.template_values - set(TEMPLATE_VALUES))
        if unknown:
            raise ValueError(f"params use {unknown[0]!r}, which is no template value")
        if self.target is not None and kind.targets and self.target not in kind.targets:
            raise ValueError(f"{self.kind} doesn't fit a {self.target}")
        kind.params.model_validate(self.filled(TEMPLATE_VALUES))
        return self

    def filled(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """The parameters with values in place. Raises ``KeyError`` naming the first that is missing."""
        return {key: _filled(value, values) for key, value in self.params.items()}

    @cached_property
    def template_values(self) -> frozenset[str]:
        """The template values that the parameters name."""
        return frozenset(name for value in _leaves(self.params) if (name := template_name(value)))


class VerificationCheck(_Part):
    """One thing that has to be so throughout the soak; ``reason`` is for ``no_new_events``."""

    id: VerificationId
    reason: Word | None = None

    @model_validator(mode="after")
    def _reason_where_needed(self) -> VerificationCheck:
        if (self.id == "no_new_events") != (self.reason is not None):
            raise ValueError("reason belongs to no_new_events, and no_new_events needs it")
        return self


class Verification(_Part):
    """How success is told from hope: all checks hold for ``soak_seconds`` on end."""

    checks: Annotated[list[VerificationCheck], Field(min_length=1, max_length=8)]
    soak_seconds: Annotated[int, Field(ge=60, le=86_400)]


class DoNotTouch(_Part):
    """What no action of this runbook may be about, whatever it would help."""

    kinds: list[Word] = []
    names: list[Word] = []
    namespaces: list[Word] = []

    def covers(self, kind: str, namespace: str, name: str) -> bool:
        """Whether this object is not to be touched."""
        return kind in self.kinds or name in self.names or namespace in self.namespaces


class Escalation(_Part):
    """Who is called, after how long, and what they are told."""

    role: Annotated[str, StringConstraints(pattern=r"^(role|team):[a-z][a-z0-9-]{1,40}$|^owner$")]
    after_seconds: Annotated[int, Field(ge=0, le=604_800)]
    text: Sentence


class Watch(_Part):
    """The case for doing nothing for now."""

    why: Sentence
    why_not: Sentence


class Runbook(_Part):
    """One incident class. ``id`` and ``digest`` come from where the file lies and what it holds.

    ``reason`` is the word an incident of this class is keyed by; ``yields_to`` names the classes this one is a
    symptom of; ``stands_alone`` keeps its signals out of other incidents of the same object.
    """

    id: Id
    digest: str = ""
    title: Title
    summary: Sentence
    reason: Word
    owner: Annotated[str, StringConstraints(pattern=r"^team-[a-z0-9-]{2,40}$")]
    severity: Severity
    triggers: Annotated[list[Trigger], Field(min_length=1, max_length=20)]
    excluded_by: Annotated[list[Trigger], Field(alias="not", max_length=20)] = []
    yields_to: list[Id] = []
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


def read_runbook(runbook_id: str, document: dict[str, Any]) -> Runbook:
    """The runbook of a parsed file, with its digest. Raises pydantic's ``ValidationError``."""
    body = {key: value for key, value in document.items() if key not in ("id", "digest")}
    if len(body) != len(document):
        # The path is the identity: a second id inside the file could only disagree with it.
        body["id inside the file"] = document.get("id", document.get("digest"))
    return Runbook.model_validate({**body, "id": runbook_id, "digest": canonical.digest(document)})


def template_name(value: object) -> str | None:
    """The name in ``{{ name }}``; ``None`` for anything that is no template."""
    found = _TEMPLATE.match(value) if isinstance(value, str) else None
    if found is None and isinstance(value, str) and ("{{" in value or "}}" in value):
        return value  # a malformed template is a name that doesn't exist
    return found[1] if found else None


def _filled(value: Any, values: Mapping[str, Any]) -> Any:
    if isinstance(value, dict):
        return {key: _filled(child, values) for key, child in value.items()}
    if isinstance(value, list):
        return [_filled(child, values) for child in value]
    name = template_name(value)
    return value if name is None else values[name]


def _leaves(value: object) -> list[object]:
    if isinstance(value, dict):
        return [leaf for child in value.values() for leaf in _leaves(child)]
    if isinstance(value, list):
        return [leaf for child in value for leaf in _leaves(child)]
    return [value]
