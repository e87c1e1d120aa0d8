"""Evidence queries: what may be asked of logs, metrics, Git and the cluster, vetted beforehand.

A query that a model wrote could read what it shouldn't or take a metrics store down. So the text is the runbook's,
only its typed parameters vary, and a value that doesn't look like its type is refused before it meets the text.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from engine.core.cluster_query import cluster_question, git_question
from engine.core.errors import BadInput

QuerySource = Literal["kubernetes", "logs", "prometheus", "traces", "git"]
ParameterType = Literal["name", "node", "duration", "path", "instant"]

_SHAPES: dict[str, re.Pattern[str]] = {
    "name": re.compile(r"[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?"),
    "node": re.compile(r"[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?"),
    "duration": re.compile(r"[1-9][0-9]{0,3}[smhd]"),
    "path": re.compile(r"(?!.*\.\.)[A-Za-z0-9][A-Za-z0-9._/-]{0,254}"),
    "instant": re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ"),
}
_UNDERSTOOD = {"kubernetes": cluster_question, "git": git_question}
_PLACE = re.compile(r"\{\{ ([a-z_]{1,40}) \}\}")


class EvidenceQuery(BaseModel):
    """One vetted query; each ``{{ name }}`` in the template is declared in ``parameters`` with its type."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, defer_build=True)

    id: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{2,40}$")]
    title: Annotated[str, StringConstraints(min_length=3, max_length=120)]
    source: QuerySource
    template: Annotated[str, StringConstraints(min_length=3, max_length=600)]
    parameters: Annotated[dict[str, ParameterType], Field(max_length=8)] = {}

    @model_validator(mode="after")
    def _declared(self) -> EvidenceQuery:
        used = set(_PLACE.findall(self.template))
        if _PLACE.sub("", self.template).count("{{"):
            raise ValueError("the template has a place that isn't written {{ name }}")
        if used != set(self.parameters):
            odd = sorted(used ^ set(self.parameters))[0]
            raise ValueError(f"{odd!r} is used but not declared, or declared but not used")
        understood = _UNDERSTOOD.get(self.source)
        if understood is not None and understood(_PLACE.sub("x", self.template)) is None:
            raise ValueError(f"the template isn't in the words that {self.source} is asked in")
        return self

    def render(self, values: Mapping[str, str]) -> str:
        """The query with its values in place. Raises :class:`BadInput` for a missing or ill-shaped value."""
        for name, kind in self.parameters.items():
            if not _SHAPES[kind].fullmatch(values.get(name, "")):
                raise BadInput(
                    f"{name} is not a {kind}",
                    where=f"evidence query {self.id}",
                    remedy="Give the value as the cluster or Git has it",
                )
        return _PLACE.sub(lambda found: values[found[1]], self.template)
