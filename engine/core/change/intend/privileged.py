"""Intentions about nodes, access, network and infrastructure."""

from __future__ import annotations

from typing import Any

from engine.core.change.intend.situation import Intent, Situation, refuse, section

DRAIN = {"key": "penstock.dev/drain", "effect": "NoExecute"}
_IDENTITY = {
    "aws": "eks.amazonaws.com/role-arn",
    "gcp": "iam.gke.io/gcp-service-account",
    "azure": "azure.workload.identity/client-id",
}


def cordon(situation: Situation) -> Intent:
    """Whether a node that Git holds takes new pods."""
    after = situation.copy()
    section(after, "spec")["unschedulable"] = situation.action.params.unschedulable
    return Intent(after)


def drain(situation: Situation) -> Intent:
    """No new pods, and a taint that moves those that don't tolerate it. It doesn't wait for disruption budgets."""
    after = situation.copy()
    spec = section(after, "spec")
    spec["unschedulable"] = True
    spec["taints"] = [*(t for t in spec.get("taints") or () if t.get("key") != DRAIN["key"]), dict(DRAIN)]
    return Intent(after)


def change_taint(situation: Situation) -> Intent:
    """One taint, replaced or removed by key and effect."""
    after, params = situation.copy(), situation.action.params
    spec = section(after, "spec")
    others = [t for t in spec.get("taints") or () if (t.get("key"), t.get("effect")) != (params.key, params.effect)]
    new = {"key": params.key, **({"value": params.value} if params.value else {}), "effect": params.effect}
    spec["taints"] = [*others, new] if params.operation == "add" else others
    return Intent(after)


def change_rbac(situation: Situation) -> Intent:
    """One rule of a role, or one subject of a binding."""
    after, params = situation.copy(), situation.action.params
    if params.service_account:
        namespace = params.service_account_namespace or situation.action.target.namespace
        subject = {"kind": "ServiceAccount", "name": params.service_account, "namespace": namespace}
        after["subjects"] = _with(after.get("subjects") or [], subject, params.operation)
        return Intent(after)
    rules: list[Any] = after.get("rules") or []
    key = ([params.api_group], sorted(params.resources))
    matching = [r for r in rules if (r.get("apiGroups"), sorted(r.get("resources") or ())) == key and len(r) == 3]
    if params.operation == "remove" and not matching:
        raise refuse("no rule is about exactly these resources", "Name a rule's resources as it has them")
    if not matching:
        rule = {"apiGroups": [params.api_group], "resources": list(params.resources), "verbs": list(params.verbs)}
        after["rules"] = [*rules, rule]
        return Intent(after)
    verbs = matching[0]["verbs"]
    added = [v for v in params.verbs if v not in verbs]
    matching[0]["verbs"] = (
        [*verbs, *added] if params.operation == "add" else [v for v in verbs if v not in params.verbs]
    )
    after["rules"] = [r for r in rules if r["verbs"]]
    return Intent(after)


def _with(items: list[Any], item: dict[str, Any], operation: str) -> list[Any]:
    others = [existing for existing in items if existing != item]
    return [*others, item] if operation == "add" else others


def change_network_policy(situation: Situation) -> Intent:
    """Traffic of one namespace on one TCP port."""
    after, params = situation.copy(), situation.action.params
    spec = section(after, "spec")
    peer = {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": params.from_namespace}}}
    ports = [{"protocol": "TCP", "port": params.port}]
    rules: list[Any] = spec.get("ingress") or []
    if params.operation == "add":
        spec["ingress"] = [*rules, {"from": [peer], "ports": ports}]
        return Intent(after)
    touched = [r for r in rules if peer in (r.get("from") or ()) and r.get("ports") == ports]
    if not touched:
        raise refuse("no rule is about exactly this namespace and port", "Edit the policy by hand")
    for rule in touched:
        rule["from"] = [p for p in rule["from"] if p != peer]
    # A rule whose last peer goes has to go too: without peers it would let everybody in.
    spec["ingress"] = [r for r in rules if r.get("from") or r not in touched]
    return Intent(after)


def change_iam(situation: Situation) -> Intent:
    """The annotation by which a cloud binds its identity to a service account."""
    after, params = situation.copy(), situation.action.params
    section(after, "metadata", "annotations")[_IDENTITY[params.provider]] = params.identity
    return Intent(after)


def change_terraform(situation: Situation) -> Intent:
    """One variable of a Terraform object."""
    after, params = situation.copy(), situation.action.params
    variables: list[Any] = section(after, "spec").setdefault("vars", [])
    found = [v for v in variables if v.get("name") == params.variable]
    if found:
        found[0]["value"] = params.value
    else:
        variables.append({"name": params.variable, "value": params.value})
    return Intent(after)


def edit_by_hand(_situation: Situation) -> Intent:
    """Only a pull request that somebody made says what it edits; proposed, it says nothing."""
    raise refuse("an edit by hand is made by hand", "Open a pull request, or propose an action of the catalogue")


def delete(_situation: Situation) -> Intent:
    """No target any more."""
    return Intent(None)
