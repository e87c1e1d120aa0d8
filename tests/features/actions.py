"""An operator's words for an action, and what they mean in the catalogue."""

from __future__ import annotations

import re
from typing import Any

from engine.core.proposal import Proposal, check_proposal

PAYMENTS, CHECKOUT, PLATFORM = "payments", "checkout", "platform"

THINGS: dict[str, tuple[str, str, str]] = {
    "payments-api": ("Deployment", PAYMENTS, "payments-api"),
    "ledger-worker": ("Deployment", PAYMENTS, "ledger-worker"),
    "payments-db": ("StatefulSet", PAYMENTS, "payments-db"),
    "settlement": ("CronJob", PAYMENTS, "settlement"),
    "storefront": ("Deployment", CHECKOUT, "storefront"),
    "cart": ("Deployment", CHECKOUT, "cart"),
    "cart-cache": ("StatefulSet", CHECKOUT, "cart-cache"),
    "image-mirror": ("Deployment", PLATFORM, "image-mirror"),
    "the configuration of payments": ("ConfigMap", PAYMENTS, "payments-config"),
    "the volume of payments-db": ("PersistentVolumeClaim", PAYMENTS, "payments-db-data-payments-db-0"),
    "the autoscaler of payments-api": ("HorizontalPodAutoscaler", PAYMENTS, "payments-api"),
    "the network policy of payments-db": ("NetworkPolicy", PAYMENTS, "payments-db"),
    "the quota of payments": ("ResourceQuota", PAYMENTS, "payments"),
    "the service of payments-api": ("Service", PAYMENTS, "payments-api"),
    "the node prod-eu-a-1": ("Node", "", "prod-eu-a-1"),
    "the cluster's name service": ("Deployment", "kube-system", "coredns"),
    "payments-ghost": ("Deployment", PAYMENTS, "payments-ghost"),
    "the hotfix job": ("Deployment", PAYMENTS, "hotfix"),
}  # fmt: skip

_WORDS: tuple[tuple[str, str, dict[str, Any]], ...] = (
    (r"restart (?P<thing>.+)", "restart_workload", {}),
    (r"roll back (?P<thing>.+)", "rollback_workload", {"to_revision": "previous"}),
    (r"scale (?P<thing>.+) to (?P<replicas>\d+)", "scale_workload", {}),
    (r"run (?P<thing>.+) on image (?P<image>\S+)", "set_image", {}),
    (r"delete (?P<thing>.+)", "delete_resource", {}),
    (r"enlarge (?P<thing>.+) to (?P<size>\S+)", "expand_volume", {}),
    (r"set (?P<key>[A-Z_]+) of (?P<thing>.+) to (?P<value>\S+)", "patch_config", {}),
    (r"give (?P<thing>.+) (?P<memory>\S+) of memory", "set_resources", {}),
    (r"drain (?P<thing>.+)", "drain_node", {}),
    (r"cordon (?P<thing>.+)", "cordon_node", {}),
    (r"fail over (?P<thing>.+) to (?P<standby>\S+)", "fail_over", {}),
    (r"undo the drift of (?P<thing>.+)", "revert_drift", {}),
    (r"write down the count of (?P<thing>.+)", "codify_drift", {"fields": ["spec.replicas"]}),
    (r"let (?P<from_namespace>\S+) reach port (?P<port>\d+) through (?P<thing>.+)", "change_network_policy", {}),
    (r"escalate (?P<thing>.+)", "escalate", {}),
    (r"reboot the universe of (?P<thing>.+)", "reboot_universe", {}),
)
_PEOPLE = {"alice", "bob", "carol", "dana", "erin", "frank", "grace", "heidi"}
_AUTOMATION = {
    "the agent": ("agent:triage", "agent"),
    "another agent": ("agent:second", "agent"),
    "the analyst": ("analyst:model", "analyst"),
    "the drift watch": ("drift:loop", "drift"),
    "the pipeline": ("pipeline:release", "pipeline"),
}


def identity(who: str) -> tuple[str, str]:
    """Id and kind of who proposes."""
    return (who, "person") if who in _PEOPLE else _AUTOMATION[who]


def action(words: str) -> dict[str, Any]:
    """The action that an operator's sentence means."""
    where, _, name = words.rpartition(" in ")
    staging = name == "staging"
    for pattern, kind, fixed in _WORDS:
        found = re.fullmatch(pattern, where if staging else words)
        if found is not None:
            given = found.groupdict()
            return {"kind": kind, "target": _target(given.pop("thing"), staging), "params": _params(given) | fixed}
    raise AssertionError(f"no action is called {words!r}")


def _target(thing: str, staging: bool) -> dict[str, str]:
    kind, namespace, name = THINGS[thing]
    place = f"{namespace}-staging" if staging else namespace
    return {"cluster": "prod-eu", "namespace": place, "kind": kind, "name": name}


def _params(given: dict[str, str]) -> dict[str, Any]:
    params: dict[str, Any] = {key: int(value) if value.isdigit() else value for key, value in given.items()}
    if "standby" in params:
        params = {"selector": {"app.kubernetes.io/name": params["standby"]}}
    if "from_namespace" in params:
        params["operation"] = "add"
    if "memory" in params:
        params = {"limits": {"memory": params["memory"]}}
    if "key" in params:
        params["value"] = str(given["value"])
    return params


def proposal(night: Any, who: str, words: str, **claims: Any) -> Proposal:
    """A proposal as that party would write it: automation answers the incident at the target, or the one there is.

    It cites what was seen of that incident. ``about`` names another workload whose incident is cited.
    """
    by, kind = identity(who)
    wanted = action(words)
    answers = claims.get("answers", kind in ("agent", "analyst"))
    incident = night.incident_at(claims.get("about", wanted["target"]["name"])) if answers else None
    root = incident and incident.root
    named = root and {
        "namespace": root.namespace, "kind": root.kind, "name": root.name, "reason": incident.reason,
    }  # fmt: skip
    document = {
        "proposer": {"id": by, "kind": kind},
        "action": wanted,
        "incident": named,
        "reason": claims.get("reason", ""),
        "evidence": claims.get("evidence", night.evidence_of(incident) if answers else []),
        "confidence": claims.get("confidence"),
        "stated_risk": claims.get("stated_risk"),
        "idempotency_key": claims.get("key", ""),
    }
    return check_proposal(document, where="the scenario")
