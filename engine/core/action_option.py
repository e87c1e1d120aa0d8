"""An action option of a runbook: a kind of the catalogue, what speaks for and against it, where its values come from.

Parameters are checked against the catalogue when the runbook is read, with samples in place of what only an incident
can tell; so no option turns out at 3 a.m. to be one that the gate doesn't know.
"""

import re
from collections.abc import Collection, Mapping
from functools import cached_property
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, StringConstraints, ValidationInfo, model_validator

from engine.core.action.catalogue import CATALOGUE

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


# In a validation's context: the options are held against the catalogue later, when their runbook is asked for.
UNCHECKED = "options_unchecked"

Word = Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9._:-]{0,80}$")]
Sentence = Annotated[str, StringConstraints(min_length=10, max_length=600, strip_whitespace=True)]
Title = Annotated[str, StringConstraints(min_length=3, max_length=100, strip_whitespace=True)]

_TEMPLATE = re.compile(r"^\{\{ ([a-z_]+) \}\}$")


class Part(BaseModel):
    """A closed, immutable part of a runbook, without coercion."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, defer_build=True)


class OptionConditions(Part):
    """Evidence flags that have to hold, and that may not."""

    all: list[FlagId] = []
    none: list[FlagId] = []

    def hold(self, flags: Collection[str]) -> bool:
        """Whether they hold of these flags."""
        return set(self.all) <= set(flags) and not set(self.none) & set(flags)


class ActionOption(Part):
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
    def _fits_the_catalogue(self, info: ValidationInfo) -> "ActionOption":
        if (info.context or {}).get(UNCHECKED):
            return self
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
