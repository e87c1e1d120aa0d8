"""What a storm costs: 100,000 signals about one trouble, folded into one incident of bounded size.

Two storms, each through the grouping alone and through the use case with a real ledger on disk, in batches as a
source would deliver them: one pod that says the same again and again, and alerts about fifty pods of one Deployment.
Every arm is a process of its own, because a process never gives back its peak of memory. Speed is printed and judged
by nobody; run as ``python bench/storm.py`` it exits with 1 only when memory grew by 100 MiB or more, or when a storm
became more than one incident.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from engine import wiring
from engine.adapters.runbooks.folder import load_runbooks
from engine.adapters.tools.shipped import shipped
from engine.core import canonical
from engine.core.classification import RunbookIndex
from engine.core.grouping import group
from engine.core.incident import Incident, read_incident
from engine.core.moment import shift
from engine.core.signal import ObjectReference, Signal
from engine.settings import read_settings
from engine.usecases.observe import observe

SIGNALS, BATCH, OBJECTS = 100_000, 1_000, 50
GROWTH_MIB = 100
BEGIN = "2026-11-14T03:12:00Z"
RECORDING = "recordings/payments-crash-loop/during"
OWNER = ObjectReference("prod-eu", "payments", "Deployment", "payments-api")

Make = Callable[[int], Signal]
Fold = Callable[[list[Signal]], None]
Found = Callable[[], list[Incident]]


def repeated(number: int) -> Signal:
    """One pod that crashes over and over, told anew each time."""
    subject = ObjectReference("prod-eu", "payments", "Pod", "payments-api-7d4f9-x2x")
    message = "back-off 5m0s restarting failed container=api pod=payments-api-7d4f9-x2x"
    return _signal("kubernetes", "CrashLoopBackOff", subject, message, number)


def alerts(number: int) -> Signal:
    """Alerts about fifty pods of one Deployment, ten for every second."""
    subject = ObjectReference("prod-eu", "payments", "Pod", f"payments-api-7d4f9-{number % OBJECTS:05d}")
    message = f"Pod payments/{subject.name} is in waiting state (reason: CrashLoopBackOff), firing {number}"
    return _signal("alertmanager", "KubePodCrashLooping", subject, message, number)


def _signal(source: str, reason: str, subject: ObjectReference, message: str, number: int) -> Signal:
    at = shift(BEGIN, number // 10)
    raw = {"reason": reason, "object": str(subject), "message": message, "at": at, "count": number}
    return Signal(
        source=source,
        subject=subject,
        reason=reason,
        severity="warning",
        message=message,
        at=at,
        digest=canonical.digest(raw),
        labels={"severity": "warning", "namespace": subject.namespace},
        owners=(OWNER,),
        raw=raw,
    )


STORMS: dict[str, Make] = {"one pod, repeated": repeated, f"alerts, {OBJECTS} pods": alerts}


@contextmanager
def grouping(_folder: Path) -> Iterator[tuple[Fold, Found]]:
    """The pure step alone, carrying the incidents from batch to batch."""
    index, held = RunbookIndex(load_runbooks(shipped("runbooks"))), list[Incident]()

    def fold(batch: list[Signal]) -> None:
        held[:] = group(batch, index, held)

    yield fold, lambda: held


@contextmanager
def observing(folder: Path) -> Iterator[tuple[Fold, Found]]:
    """The use case of a whole gate, a transaction a batch: durable in SQLite before the next batch."""
    settings = replace(read_settings({}), state=folder, snapshot=shipped("gitops") / RECORDING)
    with wiring.gate(settings, acting=True) as gate:
        ledger = gate.ports.ledger

        def fold(batch: list[Signal]) -> None:
            observe(gate.ports, batch, now=batch[-1].at)

        yield fold, lambda: [read_incident(document) for document in ledger.run(lambda tx: tx.select("incidents"))]


STEPS = {"group": grouping, "observe": observing}


def measure(storm: str, step: str) -> dict[str, float]:
    """One arm, in this process. Memory is counted from after the first batch, when everything needed is loaded."""
    make = STORMS[storm]
    with tempfile.TemporaryDirectory() as folder, STEPS[step](Path(folder)) as (fold, found):
        fold([make(number) for number in range(BATCH)])
        peak, spent = _peak_mib(), 0.0
        for start in range(BATCH, SIGNALS, BATCH):
            batch = [make(number) for number in range(start, start + BATCH)]
            began = time.perf_counter()
            fold(batch)
            spent += time.perf_counter() - began
        incidents = found()
        return {
            "rate": (SIGNALS - BATCH) / spent,
            "peak": _peak_mib(),
            "growth": _peak_mib() - peak,
            "incidents": len(incidents),
            "occurrences": sum(incident.occurrences for incident in incidents),
            "kib": len(canonical.encode([incident.as_document() for incident in incidents])) / 1024,
        }


def _peak_mib() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _apart(storm: str, step: str) -> dict[str, float]:
    command = [sys.executable, __file__, "--storm", storm, "--step", step]
    measured: dict[str, float] = json.loads(subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout)
    return measured


def main() -> int:
    """Print the table, or one arm as JSON; 1 when memory isn't bounded or a storm is counted wrongly."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--storm", choices=list(STORMS), help="measure one storm in this process")
    options.add_argument("--step", choices=list(STEPS), default="group", help="the step to measure with --storm")
    given = options.parse_args()
    if given.storm:
        print(json.dumps(measure(given.storm, given.step)))
        return 0
    print(f"{SIGNALS} signals in batches of {BATCH}; memory may grow by less than {GROWTH_MIB} MiB")
    print(f"{'storm':<18} {'step':<8} {'signals/s':>9} {'peak MiB':>9} {'growth':>7} {'incidents':>9} {'KiB kept':>8}")
    bounded = True
    for storm in STORMS:
        for step in STEPS:
            m = _apart(storm, step)
            figures = f"{m['rate']:>9.0f} {m['peak']:>9.1f} {m['growth']:>7.1f} {m['incidents']:>9} {m['kib']:>8.1f}"
            print(f"{storm:<18} {step:<8} {figures}", flush=True)
            bounded &= m["growth"] < GROWTH_MIB and m["incidents"] == 1 and m["occurrences"] == SIGNALS
    return 0 if bounded else 1


if __name__ == "__main__":
    sys.exit(main())
