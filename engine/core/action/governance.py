"""What people decide about the gate itself, as actions that the gate decides too: giving automation more room, and
teaching a runbook what an incident showed.
"""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from engine.core.action.kind import ActionKind, Params
from engine.core.proposal import ActionRequest, TargetReference

PROMOTE, AUTONOMY = "promote_autonomy", "Autonomy"
LEARN, RUNBOOK = "learn_incident", "Runbook"
GOVERNING = (PROMOTE, LEARN)

SignalName = Annotated[str, StringConstraints(pattern=r"^[a-z]{2,20}/[A-Za-z0-9_.-]{1,120}$")]


class PromoteAutonomy(Params):
    """The phase that a namespace and a class of incident, which the target names, would be in."""

    phase: Literal["shadow", "approve_all", "safe_alone"]


def promote(cluster: str, namespace: str, incident_class: str, phase: str) -> ActionRequest:
    """The action that promoting a namespace and a class of incident is."""
    target = TargetReference(cluster=cluster, namespace=namespace, kind=AUTONOMY, name=incident_class)
    return ActionRequest(kind=PROMOTE, target=target, params={"phase": phase})


class LearnIncident(Params):
    """The incident that the runbook, which the target names, is taught; ``signals`` (``source/Reason``) it is then
    recognised by.
    """

    incident: Annotated[str, StringConstraints(pattern=r"^inc-[0-9a-f]{12}$")]
    signals: list[SignalName] = Field(default=[], max_length=5)


def learn(cluster: str, namespace: str, incident_class: str, incident: str, signals: list[str]) -> ActionRequest:
    """The action that teaching the runbook of a class is; ``namespace`` is the incident's."""
    target = TargetReference(cluster=cluster, namespace=namespace, kind=RUNBOOK, name=incident_class)
    return ActionRequest(kind=LEARN, target=target, params={"incident": incident, "signals": signals})


KINDS = (
    ActionKind(LEARN, "Teach a runbook what an incident showed", frozenset({RUNBOOK}), LearnIncident),
    ActionKind(
        PROMOTE,
        "Let automation do more by itself in a namespace",
        frozenset({AUTONOMY}),
        PromoteAutonomy,
        permission=True,
    ),
)
