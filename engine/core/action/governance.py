"""Giving automation more room: what people decide about the gate itself, as an action that the gate decides too."""

from typing import Literal

from engine.core.action.kind import ActionKind, Params
from engine.core.proposal import ActionRequest, TargetReference

PROMOTE, AUTONOMY = "promote_autonomy", "Autonomy"


class PromoteAutonomy(Params):
    """The phase that a namespace and a class of incident, which the target names, would be in."""

    phase: Literal["shadow", "approve_all", "safe_alone"]


def promote(cluster: str, namespace: str, incident_class: str, phase: str) -> ActionRequest:
    """The action that promoting a namespace and a class of incident is."""
    target = TargetReference(cluster=cluster, namespace=namespace, kind=AUTONOMY, name=incident_class)
    return ActionRequest(kind=PROMOTE, target=target, params={"phase": phase})


KINDS = (
    ActionKind(
        PROMOTE,
        "Let automation do more by itself in a namespace",
        frozenset({AUTONOMY}),
        PromoteAutonomy,
        permission=True,
    ),
)
