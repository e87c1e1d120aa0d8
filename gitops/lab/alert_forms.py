"""The labels that the usual rule sets (kubernetes-mixin and its relatives) give an alert, by where it comes from."""

from typing import Any

Alert = dict[str, dict[str, str]]
CLUSTER = {"cluster": "prod-eu", "prometheus": "monitoring/k8s"}
STATE = {
    "job": "kube-state-metrics",
    "instance": "10.244.3.7:8443",
    "container": "kube-state-metrics",
    "endpoint": "https-main",
    "service": "kube-state-metrics",
}
KUBELET = {"job": "kubelet", "metrics_path": "/metrics", "endpoint": "https-metrics", "service": "kubelet"}


def alert(name: str, severity: str, summary: str, description: str, /, **labels: str) -> Alert:
    return {
        "labels": {"alertname": name, "severity": severity, **CLUSTER, **labels},
        "annotations": {
            "summary": summary,
            "description": description,
            "runbook_url": f"https://runbooks.example.com/{name.lower()}",
        },
    }


def state(name: str, severity: str, summary: str, description: str, /, **labels: str) -> Alert:
    """From kube-state-metrics, which is also what the labels of the scrape say."""
    return alert(name, severity, summary, description, **{**STATE, **labels})


def disk(name: str, severity: str, left: str, claim: str, namespace: str, **labels: str) -> Alert:
    text = f"The PersistentVolume claimed by {claim} in Namespace {namespace} on Cluster prod-eu {left}"
    more = {
        "namespace": namespace,
        "persistentvolumeclaim": claim,
        "node": "prod-eu-b-1",
        "instance": "10.20.0.12:10250",
        **KUBELET,
        **labels,
    }
    return alert(name, severity, "PersistentVolume is filling up.", text, **more)


def service(
    name: str, severity: str, summary: str, description: str, namespace: str, of: str, /, **labels: str
) -> Alert:
    """From a rule over the service's own metrics."""
    return alert(name, severity, summary, description, namespace=namespace, service=of, job=of, **labels)


def posted(alerts: list[Alert], starts: str) -> list[dict[str, Any]]:
    """The body of Alertmanager's POST /api/v2/alerts; `starts` is RFC 3339."""
    link = "http://prometheus.example.com/graph?g0.expr=ALERTS&g0.tab=1"
    return [{**one, "startsAt": starts, "generatorURL": link} for one in alerts]
