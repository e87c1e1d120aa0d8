"""Act on what a pass over drift found, as the command and the loop of a serving gate both do."""

from __future__ import annotations

from engine.adapters.signals.drift import SOURCE
from engine.adapters.signals.registry import read_signals
from engine.core.lifecycle import ProposalState
from engine.ports import Ports
from engine.usecases.end_drift import end_drift, seen_again
from engine.usecases.look_for_drift import Look
from engine.usecases.reconcile_drift import reconcile_drift, reports_of


def act_on(ports: Ports, looked: Look, *, now: str) -> list[ProposalState]:
    """Observe what drifted and what no longer does, and propose what policy's data says of it."""
    cluster = ports.cluster.name
    reports = reports_of(looked.drifts)
    signals = [one for report in reports for one in read_signals(SOURCE, report, cluster=cluster, now=now)]
    end_drift(ports, looked.as_declared, now=now)
    return reconcile_drift(ports, looked.drifts, seen_again(ports, signals, now=now), now=now)
