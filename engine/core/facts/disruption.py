"""What an action does to disruption budgets and autoscalers.

Kubernetes enforces a PodDisruptionBudget only on evictions. A rolling update, a scale-down or a deletion goes
straight past it, so the gate asks for itself whether the action would leave fewer pods than the budget wants.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from engine.core.facts.cluster_view import ClusterView, Object, labels, selects, spec_of
from engine.core.input_document import ScaleFacts
from engine.core.proposal import ActionRequest

BudgetEffect = Literal["none", "respected", "violated", "unknown"]
AutoscalerEffect = Literal["none", "unaffected", "conflict", "unknown"]


def budget_effect(view: ClusterView, disruption: str, pods: Sequence[Object], scale: ScaleFacts) -> BudgetEffect:
    """``violated`` only when the action itself would leave fewer pods than a matching budget wants."""
    if not view.readable("PodDisruptionBudget"):
        return "unknown"
    reducing = scale.after is not None and scale.before is not None and scale.after < scale.before
    if disruption == "none" and not reducing:
        return "none"
    effects = {
        _one_budget(view, disruption, budget, covered, scale)
        for budget in view.of("PodDisruptionBudget")
        if (covered := [pod for pod in pods if _covers(budget, pod)])
    }
    ranked: tuple[BudgetEffect, ...] = ("unknown", "violated", "respected")
    return next((effect for effect in ranked if effect in effects), "none")


def _covers(budget: Object, pod: Object) -> bool:
    same = budget["metadata"].get("namespace") == pod["metadata"].get("namespace")
    return same and selects(spec_of(budget).get("selector"), labels(pod))


def _one_budget(
    view: ClusterView, disruption: str, budget: Object, covered: Sequence[Object], scale: ScaleFacts
) -> BudgetEffect:
    status = budget.get("status") or {}
    wanted = status.get("desiredHealthy")
    if wanted is None:
        return "unknown"
    if scale.after is not None:
        return "violated" if scale.after < wanted else "respected"
    if disruption == "rolling":
        rolled = {view.root_owner("Pod", pod) for pod in covered}
        kept = [_kept_while_rolling(view.get(*workload) or {}) for workload in rolled]
        remaining = [count for count in kept if count is not None]
        return "unknown" if len(remaining) < len(kept) else "violated" if sum(remaining) < wanted else "respected"
    return "violated" if (status.get("disruptionsAllowed") or 0) < len(covered) or disruption == "all" else "respected"


def _kept_while_rolling(workload: Object) -> int | None:
    """Pods a rolling update keeps by its own strategy; ``None`` for a kind without replicas or strategy."""
    spec = spec_of(workload)
    replicas = spec.get("replicas")
    if not isinstance(replicas, int):
        return None
    if workload.get("kind") == "StatefulSet":
        return replicas - 1
    strategy = spec.get("strategy") or {}
    if strategy.get("type") == "Recreate":
        return 0
    allowed = _of(replicas, (strategy.get("rollingUpdate") or {}).get("maxUnavailable", "25%"))
    return None if allowed is None else max(0, replicas - allowed)


def _of(replicas: int, amount: object) -> int | None:
    """A number of pods or a percentage of them, rounded down as Kubernetes does; ``None`` for anything else."""
    if isinstance(amount, int):
        return amount
    digits = amount[:-1] if isinstance(amount, str) and amount.endswith("%") else ""
    return replicas * int(digits) // 100 if digits.isascii() and digits.isdecimal() else None


def autoscaler_effect(view: ClusterView, action: ActionRequest, scale: ScaleFacts) -> AutoscalerEffect:
    """``conflict`` where an autoscaler owns the replica count that the action would set."""
    if not view.readable("HorizontalPodAutoscaler"):
        return "unknown"
    target = action.target
    owning = [
        hpa
        for hpa in view.of("HorizontalPodAutoscaler", target.namespace)
        if (ref := spec_of(hpa).get("scaleTargetRef") or {}).get("kind") == target.kind
        and ref.get("name") == target.name
    ]
    if not owning:
        return "none"
    return "conflict" if scale.after is not None else "unaffected"
