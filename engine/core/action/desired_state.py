"""Kinds about the desired state itself: drift, history, deletion, and people who only need to know."""

from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints

from engine.core.action.bounds import Commit, DnsLabel
from engine.core.action.kind import ANY_KIND, DECLARATIONS, ActionKind, Object, Params, Undo
from engine.core.proposal import TargetReference

FieldPath = Annotated[
    str, StringConstraints(max_length=300, pattern=r"^[A-Za-z][A-Za-z0-9]*([.\[][-A-Za-z0-9_./\[\]]*)?$")
]

_HOLDING_DATA = frozenset(
    {"PersistentVolumeClaim", "PersistentVolume", "StatefulSet", "Namespace", "Secret", "CustomResourceDefinition"}
)
_BY_GIT_ALONE = frozenset(
    {
        *("Deployment", "DaemonSet", "CronJob", "Service", "ConfigMap", "HorizontalPodAutoscaler", "Ingress"),
        *("PodDisruptionBudget", "NetworkPolicy", "ServiceAccount", "ResourceQuota", "LimitRange", "PriorityClass"),
        *("Role", "RoleBinding", "ClusterRole", "ClusterRoleBinding"),
    }
)


class CodifyDrift(Params):
    """Fields whose live value shall become the desired one, as paths: ``spec.replicas``,
    ``spec.template.spec.containers[api].image``, ``data.LOG_LEVEL``."""

    fields: list[FieldPath] = Field(min_length=1, max_length=20)


class RestoreResource(Params):
    """The commit whose version of the target comes back; its last one in history where none is named."""

    from_commit: Commit | None = None


class RevertCommit(Params):
    """The commit whose effect on the target is taken back."""

    commit: Commit


class Escalate(Params):
    """The role that takes over."""

    to: DnsLabel = "on-call"


class EditByHand(Params):
    """An edit of no other kind, as somebody's pull request makes it; ``digest`` is of all that it does."""

    operation: Literal["add", "change", "files"]
    digest: Annotated[str, StringConstraints(pattern=r"^sha256:[0-9a-f]{64}$")]


class AcknowledgeDuplicate(Params):
    """The key digest or id of the incident that this one repeats."""

    of: Annotated[str, StringConstraints(max_length=300, pattern=r"^[A-Za-z0-9][A-Za-z0-9._:@/ -]*$")] | None = None


def _deleting(_params: Any, target: TargetReference, _before: Object | None) -> Undo:
    if target.kind in _HOLDING_DATA:
        return Undo(False, True, f"what a {target.kind} held doesn't come back with its manifest")
    if target.kind in _BY_GIT_ALONE:
        return Undo(True, False, "the inverse edit makes it again, and it held nothing")
    return Undo(False, True, f"it isn't known whether a {target.kind} holds data")


def _nothing(_params: Any, _target: TargetReference, _before: Object | None) -> Undo:
    return Undo(True, False, "nothing is changed")


def _unknown(_params: Any, _target: TargetReference, _before: Object | None) -> Undo:
    return Undo(False, False, "nobody can say what an edit of no known kind does")


def _as_it_lives(_params: Any, _target: TargetReference, _before: Object | None) -> Undo:
    return Undo(True, False, "the inverse edit restores the desired state; nothing running changes")


KINDS = (
    ActionKind("revert_drift", "Return a drifted object to what Git says", ANY_KIND, disruption="rolling"),
    ActionKind("codify_drift", "Write live values into Git", ANY_KIND, CodifyDrift, undo=_as_it_lives),
    ActionKind("retry_sync", "Try a failed sync again", DECLARATIONS, undo=_as_it_lives),
    ActionKind("restore_resource", "Bring a removed object back from history", ANY_KIND, RestoreResource),
    ActionKind(
        "revert_commit", "Take back what one commit did to a target", ANY_KIND, RevertCommit, disruption="rolling"
    ),
    ActionKind("delete_resource", "Delete an object", ANY_KIND, disruption="all", undo=_deleting),
    ActionKind(
        "edit_by_hand", "Any other edit, made by hand", ANY_KIND, EditByHand, disruption="unknown", undo=_unknown
    ),
    ActionKind(
        "acknowledge_duplicate",
        "Note that an incident repeats another",
        ANY_KIND,
        AcknowledgeDuplicate,
        needs_change=False,
        undo=_nothing,
    ),
    ActionKind("escalate", "Hand an incident to people", ANY_KIND, Escalate, needs_change=False, undo=_nothing),
)
