"""What following a real cluster of 5,000 pods takes, and how soon a fault in its API is an incident.

The lab's control plane is filled with pods as large as a recorded one, and the installed command watches it as the
gate's own account. Twenty of them crash, one after the other. Without the lab's tools nothing is measured, and that is
said. Exits with 1 over 200 MiB, or when a fault took longer than a second.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import httpx

sys.path.insert(0, str(Path(__file__).parents[1]))

from tests.e2e.lab.control_plane import ROOT, ControlPlane, missing, running
from tests.e2e.lab.gate import PENSTOCK

PODS, FAULTS, MIB, SECONDS = 5_000, 20, 200, 1.0
RECORDED = ROOT / "gitops" / "recordings" / "payments-crash-loop" / "before" / "pods.json"
WAITING = {"reason": "CrashLoopBackOff", "message": "back-off 40s restarting failed container"}
CRASHED = {"name": "app", "image": "app:1", "imageID": "", "ready": False, "restartCount": 4}
CALM_SECONDS = 5


def main() -> int:
    gone = missing()
    if gone:
        print(f"not measured: not built on this machine: {gone}; gitops/lab/build-tools builds them")
        return 0
    with TemporaryDirectory() as made, running(Path(made) / "plane") as plane:
        for namespace in ("penstock", "crowd"):
            plane.kubectl("create", "namespace", namespace)
        plane.kubectl("apply", "-f", str(ROOT / "gitops" / "base" / "rbac.yaml"))
        with plane.http() as client, ThreadPoolExecutor(8) as workers:
            like = recorded_pod()
            list(workers.map(lambda number: add(client, like, number), range(PODS)))
            return measure(plane, client, Path(made))


def recorded_pod() -> dict[str, Any]:
    items = json.loads(RECORDED.read_text())["items"]
    return next(pod for pod in items if pod["metadata"]["name"].startswith("payments-api"))


def add(client: httpx.Client, like: dict[str, Any], number: int) -> None:
    """A pod that runs and is ready."""
    name = f"crowd-{number:05}"
    kept = {key: like["metadata"].get(key, {}) for key in ("labels", "annotations")}
    spec = {**like["spec"], "nodeName": "prod-eu-a-1", "priority": None, "volumes": [], "serviceAccountName": ""}
    spec["containers"] = [{**one, "volumeMounts": []} for one in spec["containers"]]
    spec.pop("priorityClassName", None)
    made = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name, **kept}, "spec": spec}
    client.post("/api/v1/namespaces/crowd/pods", json=made).raise_for_status()
    report(client, name, like["status"])


def report(client: httpx.Client, name: str, status: Any) -> None:
    """As a kubelet would."""
    path, kind = f"/api/v1/namespaces/crowd/pods/{name}/status", {"Content-Type": "application/merge-patch+json"}
    client.patch(path, content=json.dumps({"status": status}), headers=kind).raise_for_status()


def measure(plane: ControlPlane, client: httpx.Client, folder: Path) -> int:
    written, log = folder / "incidents", folder / "log"
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PENSTOCK_")}
    account = str(plane.account("penstock", "penstock"))
    environment = {**kept, "PENSTOCK_STATE": str(folder / "state"), "PENSTOCK_KUBECONFIG": account}
    with written.open("wb") as out, log.open("wb") as err:
        began = time.monotonic()
        process = subprocess.Popen([str(PENSTOCK), "watch"], env=environment, stdout=out, stderr=err)
        try:
            while "watching" not in log.read_text():
                time.sleep(0.05)
            print(f"{PODS:,} pods known {time.monotonic() - began:.1f} s after the start")
            time.sleep(CALM_SECONDS)
            took = sorted(fault(client, number, written) for number in range(FAULTS))
            status = Path(f"/proc/{process.pid}/status").read_text()
        finally:
            process.terminate()
            process.wait(20)
    most, now = (int(status.split(name)[1].split()[0]) / 1024 for name in ("VmHWM:", "VmRSS:"))
    print(f"resident {now:.0f} MiB, at most {most:.0f} MiB (limit {MIB})")
    print(
        f"{FAULTS} faults: an incident after {statistics.median(took):.2f} s, worst {took[-1]:.2f} s (limit {SECONDS})"
    )
    return 0 if most <= MIB and took[-1] <= SECONDS else 1


def fault(client: httpx.Client, number: int, written: Path) -> float:
    """Seconds from the write of a crash to the line of its incident."""
    name = f"crowd-{number * 37:05}"
    report(client, name, {"phase": "Running", "containerStatuses": [{**CRASHED, "state": {"waiting": WAITING}}]})
    began = time.monotonic()
    while name not in written.read_text():
        assert time.monotonic() - began < 60, "no incident"
        time.sleep(0.005)
    return time.monotonic() - began


if __name__ == "__main__":
    sys.exit(main())
