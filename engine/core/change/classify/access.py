"""Hints in what widens or narrows somebody's reach: roles, bindings, network, cloud identities, nodes, Terraform."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from engine.core.change.classify.hint import Hint, changed

_IDENTITIES = {
    "eks.amazonaws.com/role-arn": "aws",
    "iam.gke.io/gcp-service-account": "gcp",
    "azure.workload.identity/client-id": "azure",
}


def hints(before: Any, after: Any) -> Iterator[Hint]:
    """What differs in an object that grants something."""
    finder = _FINDERS.get(str(after.get("kind")))
    if finder is not None:
        yield from finder(before, after)


def _role(before: Any, after: Any) -> Iterator[Hint]:
    old, new = (_verbs(obj.get("rules") or ()) for obj in (before, after))
    for about in [*old, *(key for key in new if key not in old)]:
        group, resources = about
        for operation, one, other in (("remove", old, new), ("add", new, old)):
            verbs = [verb for verb in one.get(about, ()) if verb not in other.get(about, ())]
            if verbs:
                params = {"operation": operation, "api_group": group, "resources": list(resources), "verbs": verbs}
                yield Hint("change_rbac", params)


def _verbs(rules: Any) -> dict[tuple[str, tuple[str, ...]], list[str]]:
    """Verbs by API group and resources, of rules that are about nothing else."""
    return {
        (rule["apiGroups"][0], tuple(rule["resources"])): rule["verbs"]
        for rule in rules
        if len(rule) == 3 and len(rule.get("apiGroups", ())) == 1 and "resources" in rule
    }


def _binding(before: Any, after: Any) -> Iterator[Hint]:
    old, new = (obj.get("subjects") or [] for obj in (before, after))
    for operation, one, other in (("remove", old, new), ("add", new, old)):
        for subject in one:
            if subject not in other:
                named = {"service_account": subject["name"], "service_account_namespace": subject["namespace"]}
                yield Hint("change_rbac", {"operation": operation, **named})


def _network(before: Any, after: Any) -> Iterator[Hint]:
    old, new = ((obj.get("spec") or {}).get("ingress") or [] for obj in (before, after))
    for operation, one, other in (("remove", old, new), ("add", new, old)):
        for rule in one:
            if rule not in other:
                labels = rule["from"][0]["namespaceSelector"]["matchLabels"]
                params = {"from_namespace": labels["kubernetes.io/metadata.name"], "port": rule["ports"][0]["port"]}
                yield Hint("change_network_policy", {"operation": operation, **params})


def _service_account(before: Any, after: Any) -> Iterator[Hint]:
    notes = changed(*((obj.get("metadata") or {}).get("annotations") for obj in (before, after)))
    for key in _IDENTITIES.keys() & notes.keys():
        yield Hint("change_iam", {"provider": _IDENTITIES[key], "identity": notes[key]})


def _node(before: Any, after: Any) -> Iterator[Hint]:
    old, new = before.get("spec") or {}, after.get("spec") or {}
    if "unschedulable" in changed(old, new):
        yield Hint("cordon_node", {"unschedulable": new["unschedulable"]})
    for operation, one, other in (("remove", old, new), ("add", new, old)):
        for taint in one.get("taints") or ():
            if taint not in (other.get("taints") or ()):
                yield Hint("change_taint", {**taint, "operation": operation})


def _terraform(before: Any, after: Any) -> Iterator[Hint]:
    old, new = ((obj.get("spec") or {}).get("vars") or [] for obj in (before, after))
    for variable in new:
        if variable not in old:
            yield Hint("terraform_change", {"variable": variable["name"], "value": variable["value"]})


_FINDERS: Mapping[str, Callable[[Any, Any], Iterator[Hint]]] = {
    "Role": _role,
    "ClusterRole": _role,
    "RoleBinding": _binding,
    "ClusterRoleBinding": _binding,
    "NetworkPolicy": _network,
    "ServiceAccount": _service_account,
    "Node": _node,
    "Terraform": _terraform,
}
