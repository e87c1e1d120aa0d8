"""Following a real API server: a fault is an incident at once, and nothing is lost when the server goes away."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import monotonic
from typing import Any

import pytest

from tests.e2e.lab.control_plane import ControlPlane
from tests.e2e.lab.gate import PENSTOCK, until


class Watching:
    """A running ``penstock watch`` and the incidents it wrote."""

    def __init__(self, process: subprocess.Popen[bytes], written: Path, log: Path) -> None:
        self.process = process
        self._written = written
        self.log = log

    def incidents(self, name: str) -> list[dict[str, Any]]:
        """Every state that was written of incidents whose root has a name."""
        lines = self._written.read_text().splitlines()
        return [found for found in map(json.loads, lines) if found["root"]["name"] == name]


@contextmanager
def watching(kubeconfig: Path, folder: Path) -> Iterator[Watching]:
    """The command, as the gate's own account, until the end of the block."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PENSTOCK_")}
    cache = os.environ.get("PENSTOCK_CACHE", "")
    settings = {"PENSTOCK_STATE": str(folder / "state"), "PENSTOCK_KUBECONFIG": str(kubeconfig)}
    environment = {**kept, **({"PENSTOCK_CACHE": cache} if cache else {}), **settings}
    written, log = folder / "incidents.jsonl", folder / "watch.log"
    with written.open("wb") as out, log.open("wb") as err:
        command = [str(PENSTOCK), "watch", "-o", "json"]
        process = subprocess.Popen(command, env=environment, stdout=out, stderr=err, start_new_session=True)
    try:
        until(lambda: "watching" in log.read_text(), f"it watches; see {log}")
        yield Watching(process, written, log)
    finally:
        process.terminate()
        process.wait(20)


@pytest.fixture(scope="module")
def watch(plane: ControlPlane, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Watching]:
    plane.kubectl("create", "namespace", "market")
    with watching(plane.account("penstock", "penstock"), tmp_path_factory.mktemp("watch")) as begun:
        yield begun


def crash(plane: ControlPlane, name: str, ahead: timedelta = timedelta(0)) -> None:
    """A pod that crashes, by what a kubelet would write of it whose clock is ``ahead``."""
    pod = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name, "namespace": "market"},
        "spec": {"containers": [{"name": "app", "image": "registry.example.com/app:1"}]},
    }
    plane.kubectl("create", "-f", "-", given=json.dumps(pod))
    at = (datetime.now(UTC) + ahead).strftime("%Y-%m-%dT%H:%M:%SZ")
    container = {
        "name": "app",
        "image": "registry.example.com/app:1",
        "imageID": "",
        "ready": False,
        "restartCount": 4,
        "state": {"waiting": {"reason": "CrashLoopBackOff", "message": "back-off 40s restarting failed container"}},
        "lastState": {"terminated": {"exitCode": 1, "reason": "Error", "finishedAt": at}},
    }
    status = {"status": {"phase": "Running", "containerStatuses": [container]}}
    asked = ("patch", "pod", name, "-n", "market", "--subresource=status", "--type=merge", "-p", json.dumps(status))
    plane.kubectl(*asked)


def test_a_fault_in_the_api_is_an_incident_at_once(plane: ControlPlane, watch: Watching) -> None:
    crash(plane, "first")
    began = monotonic()
    found = until(lambda: watch.incidents("first"), "an incident", seconds=15)
    print(f"\n  incident {monotonic() - began:.2f} s after the fault was written")
    assert found[0]["incident_class"] == "crash-loop" and found[0]["severity"] == "critical"


def test_a_pod_that_is_well_is_no_incident(plane: ControlPlane, watch: Watching) -> None:
    plane.kubectl("create", "configmap", "harmless", "-n", "market", "--from-literal=reason=CrashLoopBackOff")
    crash(plane, "second")
    until(lambda: watch.incidents("second"), "the one that crashes is noticed", seconds=15)
    assert watch.incidents("harmless") == []


def test_what_goes_on_is_told_once(plane: ControlPlane, watch: Watching) -> None:
    for label in ("one", "two", "three"):
        plane.kubectl("label", "pod", "first", "-n", "market", f"seen={label}", "--overwrite")
    crash(plane, "third")
    until(lambda: watch.incidents("third"), "a later fault is noticed", seconds=15)
    assert watch.incidents("first")[-1]["occurrences"] == watch.incidents("first")[0]["occurrences"]


@pytest.mark.parametrize("hours", [2, -2])
def test_a_node_whose_clock_is_wrong_hides_nothing_and_dates_nothing_ahead(
    plane: ControlPlane, watch: Watching, hours: int
) -> None:
    name = f"skewed{'-early' if hours < 0 else '-late'}"
    crash(plane, name, timedelta(hours=hours))
    found = until(lambda: watch.incidents(name), "it is an incident all the same", seconds=15)
    assert found[-1]["incident_class"] == "crash-loop"
    assert found[-1]["last_seen"] <= (datetime.now(UTC) + timedelta(seconds=2)).strftime("%Y-%m-%dT%H:%M:%SZ")


def test_a_fault_while_nobody_could_hear_is_an_incident_afterwards(plane: ControlPlane, watch: Watching) -> None:
    with plane.api_server_stopped():
        until(lambda: watch.process.poll() is None, "it outlives the API server")
    crash(plane, "fourth")
    until(lambda: watch.incidents("fourth"), "the fault is noticed once the server is back", seconds=60)
    assert "Traceback" not in watch.log.read_text()


def test_a_role_that_is_taken_away_is_said_and_what_it_hid_is_found_when_it_is_back(
    plane: ControlPlane, tmp_path: Path
) -> None:
    plane.kubectl("create", "serviceaccount", "briefly", "-n", "penstock")
    account = plane.account("penstock", "briefly")
    with watching(account, tmp_path) as briefly:
        until(lambda: "Forbidden" in briefly.log.read_text().title(), "what it may not see is said")
        assert briefly.incidents("first") == []
        role = ("--clusterrole=penstock-reader", "--serviceaccount=penstock:briefly")
        plane.kubectl("create", "clusterrolebinding", "briefly", *role)
        until(lambda: briefly.incidents("first"), "what the API still has is found", seconds=90)
