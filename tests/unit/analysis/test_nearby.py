"""A release of what a workload calls may explain its trouble; it never makes an option of its own."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from engine.adapters.llm.signatures import SignatureAnalyst
from engine.core.brief import make_brief
from engine.core.facts.cluster_view import ClusterView
from engine.core.grouping import group
from engine.core.moment import shift
from engine.core.options import accept_analysis
from engine.core.recent_change import RecentChange, changes_nearby
from tests.fakes.signal import API, AT, document, index, pod, runbook, signal

BOOKS = index(runbook("crash-loop", actions=document()["actions"]))
(INCIDENT,) = group([signal("CrashLoopBackOff", pod("payments-api-7d4-1"), owners=(API,))], BOOKS)
OWN = RecentChange(
    "image", "Deployment/payments/payments-api", shift(INCIDENT.first_seen, -120), "cluster", "7",
    "rollout 7 of payments-api changed the image of api from a:1 to a:2", "a:1", "a:2",
)  # fmt: skip
OTHER = replace(OWN, subject="Deployment/payments/ledger", text="rollout 3 of ledger changed the image", nearby=True)


def said(*changes: RecentChange) -> tuple[list[str], list[str], list[str]]:
    brief = make_brief(INCIDENT, BOOKS.get("crash-loop"), changes=changes, view=None, at=AT)
    analysis = accept_analysis(SignatureAnalyst().analyse(brief.as_document()), brief)
    return [h.claim for h in analysis.hypotheses], [o.title for o in analysis.options], brief.flags


def test_where_nothing_of_its_own_changed_what_it_calls_is_named_and_no_option_moves() -> None:
    claims, options, flags = said(OTHER)
    assert any("something that it calls did: rollout 3 of ledger" in claim for claim in claims)
    assert (options, flags) == said()[1:]


def test_its_own_change_goes_first_and_a_change_long_ago_is_none() -> None:
    claims, options, flags = said(OWN, OTHER)
    assert "rollout 7 of payments-api" in claims[0]
    assert not any("something that it calls" in claim for claim in claims)
    assert (options, flags) == said(OWN)[1:]
    long_ago = replace(OTHER, at=shift(INCIDENT.first_seen, -7200))
    assert said(long_ago) == said()


def deployment(name: str, **env: str) -> dict[str, Any]:
    container = {"name": name, "image": f"{name}:2", "env": [{"name": k, "value": v} for k, v in env.items()]}
    metadata = {"name": name, "namespace": "payments", "uid": f"uid-{name}"}
    return {"kind": "Deployment", "metadata": metadata, "spec": {"template": {"spec": {"containers": [container]}}}}


def replica_set(name: str, revision: int, at: str) -> dict[str, Any]:
    owner = {"kind": "Deployment", "name": name, "uid": f"uid-{name}", "controller": True}
    metadata = {
        "name": f"{name}-{revision}", "namespace": "payments", "uid": f"uid-{name}-{revision}", "creationTimestamp": at,
        "ownerReferences": [owner], "annotations": {"deployment.kubernetes.io/revision": str(revision)},
    }  # fmt: skip
    containers = [{"name": name, "image": f"{name}:{revision}"}]
    return {"kind": "ReplicaSet", "metadata": metadata, "spec": {"template": {"spec": {"containers": containers}}}}


def test_only_what_it_calls_is_nearby() -> None:
    owner = {"kind": "ReplicaSet", "name": "ledger-2", "uid": "uid-ledger-2", "controller": True}
    labels = {"app": "ledger"}
    ledger = {"name": "ledger-2-x", "namespace": "payments", "labels": labels, "ownerReferences": [owner]}
    service = {"metadata": {"name": "ledger", "namespace": "payments"}, "spec": {"selector": labels}}
    before, after = shift(AT, -7200), shift(AT, -300)
    sets = [replica_set(name, n, at) for name in ("ledger", "search") for n, at in ((1, before), (2, after))]
    view = ClusterView(
        "prod-eu",
        {
            "Deployment": [deployment("payments-api", URL="http://ledger:80/"), *map(deployment, ("ledger", "search"))],
            "ReplicaSet": sets,
            "Pod": [{"kind": "Pod", "metadata": ledger, "spec": {}, "status": {}}],
            "Service": [service],
        },
    )  # fmt: skip
    found = changes_nearby(view, API)
    assert [(change.subject, change.after, change.nearby) for change in found] == [
        ("Deployment/payments/ledger", "ledger:2", True)
    ]
    assert changes_nearby(view, replace(API, name="search")) == []
