"""What admission adds to a write on a real API server: to those that match no condition, and to those it decides.

Three rounds on one API server, each without and with the webhooks, so that the arms share whatever else goes on. Four
clients patch a ConfigMap each. Whoever matches no condition writes as before; an agent is refused, with the whole
decision and its durable record behind the answer; the GitOps controller writes an object that nothing was merged about.
Gatekeeper isn't measured beside it, because the lab doesn't build it. Without the lab's tools nothing is measured, and
that is said. Exits with 1 when an unmatched write took over 1.1 times as long as without webhooks at p95.
"""

from __future__ import annotations

import json
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx

sys.path.insert(0, str(Path(__file__).parents[1]))

from tests.e2e.cluster.test_admission import Lab, begun, hold
from tests.e2e.lab.control_plane import missing, running
from tests.e2e.lab.gate import serving, until

ROUNDS, CLIENTS, EACH, WARM_UP, LIMIT = 3, 4, 100, 20, 1.1
MERGE = {"Content-Type": "application/merge-patch+json"}
PLACE = "/api/v1/namespaces/shop/configmaps"


def main() -> int:
    gone = missing()
    if gone:
        print(f"not measured: not built on this machine: {gone}; gitops/lab/build-tools builds them")
        return 0
    took: dict[str, list[float]] = {}
    with TemporaryDirectory() as made, running(Path(made) / "plane") as plane:
        lab = begun(plane, Path(made))
        with plane.http() as admin:
            for number in range(CLIENTS):
                admin.post(PLACE, json={"metadata": {"name": f"timed-{number}"}}).raise_for_status()
        with serving(lab.environment, lab.folder):
            for _ in range(ROUNDS):
                played(lab, took)
    return told(took)


def played(lab: Lab, took: dict[str, list[float]]) -> None:
    """One round; what each arm took is added, in milliseconds."""
    accounts = {"matches nothing": lab.ordinary, "agent, refused": lab.agent, "GitOps controller": lab.delivery}
    for name, account in accounts.items():
        took.setdefault(f"{name}: without", []).extend(written(lab, account, wanted=200))
    hold(lab)
    for name, account in accounts.items():
        wanted = 403 if account == lab.agent else 200
        with lab.plane.http(account) as client:
            until(lambda c=client, w=wanted: patched(c, 0, 0)[1] == w, "the API server asks")
        took.setdefault(f"{name}: with", []).extend(written(lab, account, wanted=wanted))
    lab.plane.kubectl("delete", "-f", str(lab.manifests))
    with lab.plane.http(lab.agent) as client:
        until(lambda: patched(client, 0, 0)[1] == 200, "the API server asks no more")


def written(lab: Lab, account: Path, *, wanted: int) -> list[float]:
    """Milliseconds of each write of every client; one that ends otherwise than wanted ends the run."""

    def one(number: int) -> list[float]:
        with lab.plane.http(account) as client:
            done = [patched(client, number, turn) for turn in range(WARM_UP + EACH)]
        assert {status for _, status in done} == {wanted}, {status for _, status in done}
        return [milliseconds for milliseconds, _ in done[WARM_UP:]]

    with ThreadPoolExecutor(CLIENTS) as clients:
        return [each for found in clients.map(one, range(CLIENTS)) for each in found]


def patched(client: httpx.Client, number: int, turn: int) -> tuple[float, int]:
    body = json.dumps({"data": {"turn": f"{turn}-{time.monotonic_ns()}"}})
    began = time.perf_counter()
    status = client.patch(f"{PLACE}/timed-{number}", content=body, headers=MERGE).status_code
    return (time.perf_counter() - began) * 1000, status


def told(took: dict[str, list[float]]) -> int:
    print(f"{'arm':30} {'writes':>6} {'p50 ms':>8} {'p95 ms':>8}")
    at = {name: (quantile(found, 0.5), quantile(found, 0.95)) for name, found in took.items()}
    for name, (middle, high) in sorted(at.items()):
        print(f"{name:30} {len(took[name]):6} {middle:8.2f} {high:8.2f}")
    ratio = at["matches nothing: with"][1] / at["matches nothing: without"][1]
    print(f"a write that matches nothing takes {ratio:.2f} times as long at p95 (limit {LIMIT})")
    print("Gatekeeper isn't here, so nothing is said of it")
    return 0 if ratio <= LIMIT else 1


def quantile(found: list[float], share: float) -> float:
    return sorted(found)[min(len(found) - 1, int(len(found) * share))]


if __name__ == "__main__":
    sys.exit(main())
