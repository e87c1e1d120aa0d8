"""Alertmanager's webhook (version 4): alerts as signals, placed by the labels that name an object.

Alerts carry no object, only labels, and `job` in them is the scrape job and not a Kubernetes Job. Where no label
names an object the alert is its own subject: better an incident that nobody owns than one at the wrong door.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from engine.adapters.signals.document import Document
from engine.adapters.signals.observation import Observation, Observer
from engine.adapters.signals.topology import Topology
from engine.core.signal import ObjectReference, Signal

SOURCE = "alertmanager"
MAX_ALERTS = 5000

# Labels that name an object, the most telling first.
_NAMING = (
    ("horizontalpodautoscaler", "HorizontalPodAutoscaler"),
    ("persistentvolumeclaim", "PersistentVolumeClaim"),
    ("poddisruptionbudget", "PodDisruptionBudget"),
    ("resourcequota", "ResourceQuota"),
    ("cronjob", "CronJob"),
    ("job_name", "Job"),
    ("deployment", "Deployment"),
    ("statefulset", "StatefulSet"),
    ("daemonset", "DaemonSet"),
    ("pod", "Pod"),
    ("ingress", "Ingress"),
    ("service", "Service"),
    ("node", "Node"),
)
# Exporters put their own pod and service on every series they serve; that isn't what the alert is about.
_EXPORTERS = frozenset(
    {"kube-state-metrics", "node-exporter", "kubelet", "prometheus", "cadvisor", "blackbox-exporter", "opencost"}
    | {"trivy-operator", "kafka-exporter", "kyverno-svc-metrics", "redis-exporter"}
)
_SEVERITY = {"critical": "critical", "page": "critical", "info": "info", "none": "info", "warning": "warning"}


def read_alertmanager(payload: Any, cluster: str, now: str, topology: Topology | None = None) -> list[Signal]:
    """Signals of one webhook body as of ``now``; ``topology`` places them where it knows their objects.

    Raises :class:`~engine.core.errors.BadInput` naming the field that doesn't fit; no alert is taken then.
    """
    body = Document(payload, "payload")
    if body.value.get("version") != "4":
        raise body.refuse("version", 'is not "4"')
    if not isinstance(body.value.get("alerts"), list):
        raise body.refuse("alerts", "is not a list")
    if len(body.value["alerts"]) > MAX_ALERTS:
        raise body.refuse("alerts", f"has more than {MAX_ALERTS} entries")
    truncated = body.number("truncatedAlerts")
    observer = Observer(SOURCE, topology or Topology(cluster), now)
    return [_signal(alert, observer, truncated) for alert in body.sections("alerts")]


def _signal(alert: Document, observer: Observer, truncated: int) -> Signal:
    labels, annotations = alert.texts("labels"), alert.texts("annotations")
    if not labels.get("alertname"):
        raise alert.section("labels").refuse("alertname", "is missing")
    status = alert.required("status")
    if status not in ("firing", "resolved"):
        raise alert.refuse("status", "is neither firing nor resolved")
    resolved = status == "resolved"
    started = alert.instant("startsAt")
    if not started:
        raise alert.refuse("startsAt", "is missing")
    noted = {"truncated_alerts": str(truncated)} if truncated else {}
    signal = observer.signal(
        _subject(labels, observer.topology),
        Observation(
            labels["alertname"],
            annotations.get("description") or annotations.get("message") or annotations.get("summary") or "",
            alert.value,
            severity=_SEVERITY.get(labels.get("severity", ""), "warning"),
            at=alert.instant("endsAt") if resolved else started,
            labels={**labels, **noted},
            resolved=resolved,
        ),
    )

    return signal if signal.owners else replace(signal, owners=_named_owner(labels, signal.subject))


def _named_owner(labels: dict[str, str], subject: ObjectReference) -> tuple[ObjectReference, ...]:
    """The owner that kube-state-metrics names in labels of its own."""
    kind, name = labels.get("owner_kind"), labels.get("owner_name")
    if not kind or not name or kind == "<none>":
        return ()
    return (ObjectReference(subject.cluster, subject.namespace, kind, name),)


def _subject(labels: dict[str, str], topology: Topology) -> ObjectReference:
    cluster = labels.get("cluster") or topology.cluster
    namespace = labels.get("exported_namespace") or labels.get("namespace", "")
    kind, name = _object(labels)
    placed = topology.reference(kind, namespace, name)
    return ObjectReference(cluster, placed.namespace, placed.kind, placed.name)


def _object(labels: dict[str, str]) -> tuple[str, str]:
    if "issuer_name" in labels or labels["alertname"].startswith("CertManagerCert"):
        certificate = labels.get("exported_name") or labels.get("name")
        if certificate:
            return "Certificate", certificate
    for label, kind in _NAMING:
        exported, name = labels.get(f"exported_{label}"), labels.get(label)
        if exported:
            return kind, exported
        if name and not (label in ("pod", "service") and _of_exporter(name, labels)):
            return kind, name
    namespace = labels.get("exported_namespace") or labels.get("namespace")
    if namespace:
        return "Namespace", namespace
    return "Alert", labels["alertname"]


def _of_exporter(name: str, labels: dict[str, str]) -> bool:
    """Whether a pod or service label names what was scraped and not what is told of.

    An exporter that tells of another namespace has that one in ``exported_namespace``.
    """
    exporter = any(name == one or name.endswith(f"-{one}") for one in _EXPORTERS)
    scraped = labels.get("job", "") in _EXPORTERS and name.startswith(labels["job"])
    return exporter or scraped or "exported_namespace" in labels
