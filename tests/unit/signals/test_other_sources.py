"""Alertmanager and drift payloads are placed by what they name, and a malformed one is refused whole."""

from __future__ import annotations

import copy

import pytest

from engine.adapters.signals.kubernetes import topology_of
from engine.adapters.signals.registry import read_signals
from engine.core.errors import BadInput

NOW = "2026-11-14T03:20:00Z"


def webhook(*labels, **fields):
    alerts = [
        {
            "status": "firing",
            "labels": {"alertname": "KubePodCrashLooping", "namespace": "payments", **one},
            "annotations": {"description": "It crashes."},
            "startsAt": "2026-11-14T03:12:00.123Z",
            "endsAt": "0001-01-01T00:00:00Z",
            "fingerprint": "f1",
        }
        for one in labels
    ]
    return {"version": "4", "status": "firing", "truncatedAlerts": 0, "alerts": alerts, **fields}


def read(payload, **fields):
    return read_signals("alertmanager", payload, cluster="prod-eu", now=NOW, **fields)


@pytest.mark.parametrize(
    ("labels", "subject"),
    [
        ({"pod": "api-1"}, "prod-eu/payments/Pod/api-1"),
        ({"deployment": "api", "pod": "kube-state-metrics-1"}, "prod-eu/payments/Deployment/api"),
        ({"job": "kube-state-metrics", "service": "kube-state-metrics"}, "prod-eu/Namespace/payments"),
        ({"job_name": "close", "job": "kube-state-metrics"}, "prod-eu/payments/Job/close"),
        ({"service": "api", "job": "api"}, "prod-eu/payments/Service/api"),
        ({"node": "n1", "namespace": ""}, "prod-eu/Node/n1"),
        ({"namespace": ""}, "prod-eu/Alert/KubePodCrashLooping"),
        ({"cluster": "prod-us", "pod": "api-1"}, "prod-us/payments/Pod/api-1"),
        ({"exported_namespace": "shop", "exported_pod": "cart-1", "pod": "exporter-1"}, "prod-eu/shop/Pod/cart-1"),
        ({"exported_namespace": "shop", "pod": "exporter-1"}, "prod-eu/Namespace/shop"),
        ({"issuer_name": "acme", "name": "shop-tls"}, "prod-eu/payments/Certificate/shop-tls"),
    ],
)
def test_an_alert_is_about_the_object_its_labels_name(labels, subject):
    assert str(read(webhook(labels))[0].subject) == subject


def test_an_alert_keeps_its_own_words_time_and_labels():
    signal = read(webhook({"pod": "api-1", "severity": "page"}))[0]
    assert (signal.reason, signal.message, signal.severity) == ("KubePodCrashLooping", "It crashes.", "critical")
    assert (signal.at, signal.resolved) == ("2026-11-14T03:12:00Z", False)
    assert signal.labels["alertname"] == "KubePodCrashLooping"


def test_alerts_that_were_left_out_are_said_in_each_that_came():
    found = read(webhook({"pod": "a"}, {"pod": "b"}, truncatedAlerts=7))
    assert [s.labels["truncated_alerts"] for s in found] == ["7", "7"]
    assert "truncated_alerts" not in read(webhook({"pod": "a"}))[0].labels


def test_a_resolved_alert_is_the_end_of_its_signal():
    payload = webhook({"pod": "a"})
    payload["alerts"][0].update(status="resolved", endsAt="2026-11-14T03:18:00Z")
    signal = read(payload)[0]
    assert (signal.resolved, signal.at) == (True, "2026-11-14T03:18:00Z")


def test_a_notification_repeated_is_the_same_signal():
    assert read(webhook({"pod": "a"})) == read(webhook({"pod": "a"}))


def test_an_alert_is_placed_by_what_is_known_of_its_pod():
    owner = {"kind": "StatefulSet", "name": "db", "controller": True}
    known = topology_of(
        [{"kind": "Pod", "metadata": {"name": "db-0", "namespace": "payments", "ownerReferences": [owner]}}], "prod-eu"
    )
    assert str(read(webhook({"pod": "db-0"}), topology=known)[0].owners[-1]) == "prod-eu/payments/StatefulSet/db"


def test_a_service_belongs_to_the_one_workload_that_it_selects():
    service = {
        "kind": "Service", "metadata": {"name": "api", "namespace": "payments"}, "spec": {"selector": {"app": "api"}},
    }  # fmt: skip

    def workload(name):
        template = {"metadata": {"labels": {"app": "api"}}}
        metadata = {"name": name, "namespace": "payments"}
        return {"kind": "Deployment", "metadata": metadata, "spec": {"template": template}}

    one = topology_of([service, workload("api")], "prod-eu")
    two = topology_of([service, workload("api"), workload("api-canary")], "prod-eu")
    assert read(webhook({"service": "api"}), topology=one)[0].owners[-1].kind == "Deployment"
    assert read(webhook({"service": "api"}), topology=two)[0].owners == ()


def test_the_owner_that_an_alert_names_is_believed_where_nothing_else_is_known():
    labels = {"job_name": "close-1", "owner_kind": "CronJob", "owner_name": "close"}
    assert str(read(webhook(labels))[0].owners[-1]) == "prod-eu/payments/CronJob/close"


@pytest.mark.parametrize(
    ("spoil", "field"),
    [
        (lambda p: p.update(version="3"), "payload.version"),
        (lambda p: p.update(version=4), "payload.version"),
        (lambda p: p.update(alerts={}), "payload.alerts"),
        (lambda p: p.pop("alerts"), "payload.alerts"),
        (lambda p: p.update(truncatedAlerts="many"), "payload.truncatedAlerts"),
        (lambda p: p["alerts"][1]["labels"].pop("alertname"), "alerts[1].labels.alertname"),
        (lambda p: p["alerts"][1]["labels"].update(pod=7), "alerts[1].labels.pod"),
        (lambda p: p["alerts"][1].update(status="silenced"), "alerts[1].status"),
        (lambda p: p["alerts"][1].update(startsAt="soon"), "alerts[1].startsAt"),
        (lambda p: p["alerts"][1].pop("startsAt"), "alerts[1].startsAt"),
        (lambda p: p["alerts"].append("x"), "alerts[2]"),
        (lambda p: p["alerts"].extend([p["alerts"][0]] * 5000), "payload.alerts"),
    ],
)
def test_a_malformed_webhook_is_refused_by_field(spoil, field):
    payload = copy.deepcopy(webhook({"pod": "a"}, {"pod": "b"}))
    spoil(payload)
    with pytest.raises(BadInput) as caught:
        read(payload)
    assert field in caught.value.where


def drift(**fields):
    return {
        "cluster": "prod-eu",
        "object": {"kind": "HorizontalPodAutoscaler", "namespace": "payments", "name": "payments-api"},
        "fields": [{"path": "spec.maxReplicas", "live": 12, "git": 8}],
        "manager": "kubectl-patch",
        **fields,
    }


def read_drift(payload):
    return read_signals("drift", payload, cluster="prod-eu", now=NOW)


def test_drift_is_one_signal_that_tells_both_sides_and_who_did_it():
    (signal,) = read_drift(drift())
    assert signal.message == "spec.maxReplicas is 12 in the cluster and 8 in Git; last changed by kubectl-patch"
    assert (signal.reason, signal.at, signal.labels["fields"]) == ("Drift", NOW, "spec.maxReplicas")


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"fields": []}, "payload.fields"),
        ({"fields": [{"path": "spec.replicas", "live": 1}]}, "fields[0].git"),
        ({"fields": [{"live": 1, "git": 2}]}, "fields[0].path"),
        ({"object": {"kind": "Deployment"}}, "payload.object.name"),
        ({"cluster": ""}, "payload.cluster"),
        ({"severity": "critical"}, "payload.severity"),
        ({"manager": ["x"]}, "payload.manager"),
    ],
)
def test_a_malformed_drift_report_is_refused_by_field(fields, named):
    with pytest.raises(BadInput) as caught:
        read_drift(drift(**fields))
    assert named in caught.value.where


def test_an_unknown_source_is_refused_and_the_known_ones_are_named():
    with pytest.raises(BadInput, match="alertmanager, argocd, cloudevents, drift, kubernetes"):
        read_signals("nagios", {}, cluster="prod-eu", now=NOW)
