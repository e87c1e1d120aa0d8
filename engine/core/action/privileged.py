"""Kinds about nodes, access, network and infrastructure: what reaches beyond one workload."""

from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints, model_validator

from engine.core.action.bounds import DnsLabel, LabelKey, LabelValue, OptionalDnsLabel, Port
from engine.core.action.kind import ActionKind, Object, Params, Undo
from engine.core.proposal import TargetReference

Verb = Literal["get", "list", "watch", "create", "update", "patch", "delete", "deletecollection"]
ResourceWord = Annotated[str, StringConstraints(max_length=100, pattern=r"^[a-z][a-z0-9.-]*(/[a-z]+)?$")]
ROLES = frozenset({"Role", "ClusterRole"})
BINDINGS = frozenset({"RoleBinding", "ClusterRoleBinding"})


class CordonNode(Params):
    """``unschedulable`` false lets pods onto the node again."""

    unschedulable: bool = True


class ChangeTaint(Params):
    """One taint, by key and effect."""

    key: LabelKey
    value: LabelValue = ""
    effect: Literal["NoSchedule", "PreferNoSchedule", "NoExecute"]
    operation: Literal["add", "remove"] = "add"


class ChangeRbac(Params):
    """Verbs on resources of a role, or one service account of a binding; no wildcards, no escalation verbs."""

    operation: Literal["add", "remove"]
    api_group: Annotated[str, StringConstraints(max_length=253, pattern=r"^[a-z0-9.-]*$")] = ""
    resources: list[ResourceWord] = Field(default_factory=list, max_length=20)
    verbs: list[Verb] = Field(default_factory=list, max_length=8)
    service_account: OptionalDnsLabel = ""
    service_account_namespace: OptionalDnsLabel = ""

    @model_validator(mode="after")
    def _whole(self) -> "ChangeRbac":
        rule, subject = bool(self.resources and self.verbs), bool(self.service_account)
        if rule == subject:
            raise ValueError("name either resources and verbs, or a service_account")
        return self


class ChangeNetworkPolicy(Params):
    """Traffic of one namespace on one TCP port, let in or no longer let in."""

    operation: Literal["add", "remove"]
    from_namespace: DnsLabel
    port: Port


class ChangeIam(Params):
    """The cloud identity that a service account acts as."""

    provider: Literal["aws", "gcp", "azure"]
    identity: Annotated[
        str, StringConstraints(min_length=1, max_length=253, pattern=r"^[A-Za-z0-9][A-Za-z0-9:/@._+=,-]*$")
    ]


class TerraformChange(Params):
    """One variable of a Terraform object that a controller in the cluster applies after its own plan."""

    variable: Annotated[str, StringConstraints(pattern=r"^[a-zA-Z_][a-zA-Z0-9_-]{0,99}$")]
    value: Annotated[str, StringConstraints(max_length=1000, pattern=r"^[ -~]*$")]


def fits_role(target: TargetReference, params: ChangeRbac) -> bool:
    """Whether the parameters speak of what this kind of object holds."""
    return (target.kind in ROLES) == bool(params.resources)


def _draining(_params: Any, _target: TargetReference, _before: Object | None) -> Undo:
    return Undo(True, False, "the node takes pods again; those that moved stay where they are")


def _granting(_params: Any, _target: TargetReference, _before: Object | None) -> Undo:
    return Undo(False, False, "what was done with an access while it was there stays done")


def _terraforming(_params: Any, _target: TargetReference, _before: Object | None) -> Undo:
    return Undo(False, True, "a plan may replace what it can't update, and what it held is gone")


_NODE, _POLICY = frozenset({"Node"}), frozenset({"NetworkPolicy"})

KINDS = (
    ActionKind("cordon_node", "Keep new pods off a node, or let them on again", _NODE, CordonNode),
    ActionKind("drain_node", "Move all pods off a node", _NODE, disruption="node", undo=_draining),
    ActionKind("change_taint", "Add or remove a taint of a node", _NODE, ChangeTaint, disruption="node"),
    ActionKind(
        "change_rbac",
        "Change what a role may do, or who has it",
        ROLES | BINDINGS,
        ChangeRbac,
        disruption="unknown",
        permission=True,
        undo=_granting,
    ),
    ActionKind(
        "change_network_policy",
        "Let traffic in, or no longer",
        _POLICY,
        ChangeNetworkPolicy,
        disruption="all",
        permission=True,
    ),
    ActionKind(
        "change_iam",
        "Change a service account's cloud identity",
        frozenset({"ServiceAccount"}),
        ChangeIam,
        disruption="unknown",
        permission=True,
        undo=_granting,
    ),
    ActionKind(
        "terraform_change",
        "Change a variable of infrastructure",
        frozenset({"Terraform"}),
        TerraformChange,
        disruption="unknown",
        permission=True,
        undo=_terraforming,
    ),
)
