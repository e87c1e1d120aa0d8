"""The sources that may send signals, by the name they have in ``/v1/signals/{source}``."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from engine.adapters.signals.alertmanager import read_alertmanager
from engine.adapters.signals.argocd import read_argocd
from engine.adapters.signals.cloudevents import read_cloudevents
from engine.adapters.signals.drift import read_drift
from engine.adapters.signals.kubernetes import read_kubernetes
from engine.adapters.signals.topology import Topology
from engine.core.errors import BadInput
from engine.core.signal import Signal

Reader = Callable[[Any, str, str, Topology | None], list[Signal]]

SOURCES: Mapping[str, Reader] = {
    "kubernetes": read_kubernetes,
    "alertmanager": read_alertmanager,
    "argocd": read_argocd,
    "cloudevents": read_cloudevents,
    "drift": read_drift,
}


def read_signals(
    source: str, payload: Any, *, cluster: str, now: str, topology: Topology | None = None
) -> list[Signal]:
    """All signals of one parsed payload. Raises :class:`BadInput` for an unknown source or a malformed payload."""
    reader = SOURCES.get(source)
    if reader is None:
        raise BadInput(f"{source!r} is not a source", where="source", remedy=f"Use {', '.join(sorted(SOURCES))}")
    return reader(payload, cluster, now, topology)
