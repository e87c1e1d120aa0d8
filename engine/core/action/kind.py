"""What a kind of action is: its title, the targets it fits, bounded parameters, and what undoing it would take.

Reversibility is where tiers are drawn, so it isn't a flag that somebody sets: each kind derives it from the very
parameters, the target's kind and, where there is one, the target as Git renders it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from engine.core.proposal import ActionRequest, TargetReference

Object = Mapping[str, Any]
Disruption = Literal["none", "rolling", "all", "node", "unknown"]

WORKLOADS = frozenset({"Deployment", "StatefulSet", "DaemonSet"})
TEMPLATED = WORKLOADS | {"CronJob"}
DECLARATIONS = frozenset({"Application", "Kustomization", "HelmRelease"})
ANY_KIND: frozenset[str] = frozenset()


class Params(BaseModel):
    """Parameters of one kind: closed, immutable, and without coercion."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, defer_build=True)


class NoParams(Params):
    """A kind that takes none."""


@dataclass(frozen=True, slots=True)
class Undo:
    """What undoing would take. ``basis`` is one plain clause; ``data_loss``: something would be gone for good."""

    reversible: bool
    data_loss: bool
    basis: str


Undoing = Callable[[Any, TargetReference, Object | None], Undo]


def by_inverse_edit(_params: Any, _target: TargetReference, _before: Object | None) -> "Undo":
    """The ordinary case: desired state in Git goes back by the inverse edit."""
    return Undo(True, False, "the inverse edit restores the desired state")


@dataclass(frozen=True, slots=True)
class ActionKind:
    """One entry of the catalogue.

    ``targets`` are the Kubernetes kinds it fits, empty for any. ``disruption`` is how many of the target's pods feel
    it. ``permission``: it touches RBAC, IAM, network or billing.
    """

    id: str
    title: str
    targets: frozenset[str]
    params: type[Params] = NoParams
    needs_change: bool = True
    disruption: Disruption = "none"
    permission: bool = False
    undo: Undoing = field(default=by_inverse_edit)


@dataclass(frozen=True, slots=True)
class CheckedAction:
    """An action whose kind is in the catalogue and whose target and parameters fit it."""

    request: ActionRequest
    kind: ActionKind
    params: Any

    @property
    def target(self) -> TargetReference:
        """The object the action is about."""
        return self.request.target

    @property
    def digest(self) -> str:
        """The digest that receipt, approvals, change and admission all carry."""
        return self.request.digest

    @property
    def disruption(self) -> Disruption:
        """How many of the target's pods feel this very action: scaling to nothing is felt by all."""
        if self.kind.id == "scale_workload" and self.params.replicas == 0:
            return "all"
        return self.kind.disruption
