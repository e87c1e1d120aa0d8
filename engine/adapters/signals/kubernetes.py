"""Signals from Kubernetes objects: one reader a kind, all of them over the same objects and the same instant."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from engine.adapters.signals.document import Document
from engine.adapters.signals.events import event_signals
from engine.adapters.signals.observation import Observer
from engine.adapters.signals.pods import pod_signals
from engine.adapters.signals.reports import policy_report_signals, vulnerability_signals
from engine.adapters.signals.topology import Topology
from engine.adapters.signals.workloads import (
    autoscaler_signals,
    claim_signals,
    job_signals,
    node_signals,
    workload_signals,
)
from engine.core.errors import BadInput
from engine.core.signal import Signal

SOURCE = "kubernetes"

Reader = Callable[[Document, Observer], Iterator[Signal]]

_READERS: Mapping[str, Reader] = {
    "Event": event_signals,
    "Pod": pod_signals,
    "Deployment": workload_signals,
    "StatefulSet": workload_signals,
    "DaemonSet": workload_signals,
    "Job": job_signals,
    "Node": node_signals,
    "HorizontalPodAutoscaler": autoscaler_signals,
    "PersistentVolumeClaim": claim_signals,
    "VulnerabilityReport": vulnerability_signals,
    "PolicyReport": policy_report_signals,
    "ClusterPolicyReport": policy_report_signals,
    "Report": policy_report_signals,
    "ClusterReport": policy_report_signals,
}

# What is read besides, to know whose an object is. A live reader asks for all of these.
KINDS = (*_READERS, "ReplicaSet", "CronJob", "Service")


def signals_from_objects(objects: Iterable[dict[str, Any]], cluster: str, now: str) -> list[Signal]:
    """Signals of these objects as of ``now`` (RFC 3339 in UTC), in order of time.

    Owners are resolved among the objects themselves. Raises :class:`BadInput` naming the field that doesn't fit;
    no signal is taken then. Kinds that say nothing of trouble are passed over.
    """
    documents = [Document(obj, _where(position, obj)) for position, obj in enumerate(objects)]
    observer = Observer(SOURCE, topology_of(documents, cluster), now)
    found = [signal for one in documents for signal in _READERS.get(_checked_kind(one), _nothing)(one, observer)]
    return sorted(found, key=lambda signal: (signal.at, str(signal.subject), signal.reason, signal.digest))


def topology_of(objects: Iterable[Document | dict[str, Any]], cluster: str) -> Topology:
    """Whose each object is, for placing what other sources say."""
    return Topology(cluster, (one if isinstance(one, Document) else Document(one, _where(0, one)) for one in objects))


def read_kubernetes(payload: Any, cluster: str, now: str, topology: Topology | None = None) -> list[Signal]:
    """Signals of a ``kind: List`` as ``kubectl get -o json`` writes it, or of one object."""
    del topology  # the objects themselves say whose they are
    document = Document(payload, "payload")
    if "items" not in document.value:
        return signals_from_objects([document.value], cluster, now)
    items = document.value["items"]
    if not isinstance(items, list):
        raise document.refuse("items", "is not a list")
    return signals_from_objects(items, cluster, now)


def _checked_kind(one: Document) -> str:
    one.section("metadata").required("name")
    return one.required("kind")


def _nothing(_one: Document, _observer: Observer) -> Iterator[Signal]:
    return iter(())


def _where(position: int, obj: Any) -> str:
    if not isinstance(obj, dict):
        raise BadInput("is not an object", where=f"items[{position}]", remedy="Send Kubernetes objects")
    metadata = obj.get("metadata")
    name = metadata.get("name", "") if isinstance(metadata, dict) else ""
    return f"items[{position}] ({obj.get('kind', 'no kind')} {name})".replace(" )", ")")[:200]
