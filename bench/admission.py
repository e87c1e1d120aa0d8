"""What admission adds to a write on a real API server: to those that match no condition, and to those it decides.

Three rounds on one API server, each without webhooks, with the gate's and with Gatekeeper's, so that the arms share
whatever else goes on. Four clients patch a ConfigMap each. Whoever matches no condition writes as before; an agent is
refused, with the whole decision and its durable record behind the gate's answer; the GitOps controller writes an
object that nothing was merged about. Gatekeeper is asked under the same conditions, by the same rule that agents write
nothing, where it is in the tool cache (gitops/lab/README.md). Without the lab's tools nothing is measured, and that is
said. Exits with 1 when an unmatched write took over 1.1 times as long as without webhooks at p95, or when the gate adds
more to a held one than Gatekeeper.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx
import yaml

sys.path.insert(0, str(Path(__file__).parents[1]))

from tests.e2e.cluster.test_admission import Lab, begun, hold
from tests.e2e.lab import gatekeeper
from tests.e2e.lab.control_plane import missing, running
from tests.e2e.lab.gate import serving, until

ROUNDS, CLIENTS, EACH, WARM_UP, LIMIT = 3, 4, 60, 10, 1.1
MERGE = {"Content-Type": "application/merge-patch+json"}
PLACE = "/api/v1/namespaces/shop/configmaps"
FEW = (1, 7)  # an agent is answered 120 times an hour, and told no more after that


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
        with serving(lab.environment, lab.folder), peer(lab) as hook:
            for _ in range(ROUNDS):
                played(lab, took)
                if hook is not None:
                    played_beside(lab, took, hook)
    return told(took)


@contextmanager
def peer(lab: Lab) -> Iterator[Path | None]:
    """The file that makes the API server ask a Gatekeeper, which runs meanwhile; none where it isn't built."""
    program, certificates = gatekeeper.binary(), lab.folder / "certificates"
    if program is None:
        yield None
        return
    with gatekeeper.running(lab.plane, program, lab.folder, certificates) as port:
        held = [one for one in yaml.safe_load_all(lab.manifests.read_text()) if one["kind"].startswith("ValidatingWeb")]
        hook = held[0]["webhooks"][0]
        expression = hook["matchConditions"][0]["expression"]
        path = lab.folder / "gatekeeper.json"
        path.write_text(json.dumps(gatekeeper.webhook(port, certificates, hook["rules"], expression)))
        yield path


def accounts_of(lab: Lab) -> dict[str, Path]:
    return {"matches nothing": lab.ordinary, "agent, refused": lab.agent, "GitOps controller": lab.delivery}


def played_beside(lab: Lab, took: dict[str, list[float]], path: Path) -> None:
    """The same round with Gatekeeper in the gate's place."""
    lab.plane.kubectl("apply", "-f", str(path))
    measured(lab, took, "Gatekeeper")
    lab.plane.kubectl("delete", "-f", str(path))
    with lab.plane.http(lab.agent) as client:
        until(lambda: patched(client, 0, 0)[1] == 200, "the API server asks no more")


def measured(lab: Lab, took: dict[str, list[float]], arm: str) -> None:
    for name, account in accounts_of(lab).items():
        wanted = 403 if account == lab.agent else 200
        with lab.plane.http(account) as client:
            until(lambda c=client, w=wanted: patched(c, 0, 0)[1] == w, "the API server asks")
        took.setdefault(f"{name}: {arm}", []).extend(written(lab, account, wanted=wanted))


def played(lab: Lab, took: dict[str, list[float]]) -> None:
    """One round; what each arm took is added, in milliseconds."""
    for name, account in accounts_of(lab).items():
        took.setdefault(f"{name}: without", []).extend(written(lab, account, wanted=200))
    hold(lab)
    measured(lab, took, "with")
    lab.plane.kubectl("delete", "-f", str(lab.manifests))
    with lab.plane.http(lab.agent) as client:
        until(lambda: patched(client, 0, 0)[1] == 200, "the API server asks no more")


def written(lab: Lab, account: Path, *, wanted: int) -> list[float]:
    """Milliseconds of each write of every client; one that ends otherwise than wanted ends the run."""

    warm, each = FEW if account == lab.agent else (WARM_UP, EACH)

    def one(number: int) -> list[float]:
        with lab.plane.http(account) as client:
            done = [patched(client, number, turn) for turn in range(warm + each)]
        assert {status for _, status in done} == {wanted}, {status for _, status in done}
        return [milliseconds for milliseconds, _ in done[warm:]]

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
    return 0 if ratio <= LIMIT and beside(at) else 1


def beside(at: dict[str, tuple[float, float]]) -> bool:
    """Whether the gate adds no more to a held write than Gatekeeper, which is said."""
    if "agent, refused: Gatekeeper" not in at:
        print("Gatekeeper isn't here, so nothing is said of it")
        return True
    kept = True
    for name in ("agent, refused", "GitOps controller"):
        ours, theirs = added(at, name, "with"), added(at, name, "Gatekeeper")
        print(f"{name}, added at p50: {ours[0]:.2f} ms, theirs {theirs[0]:.2f}; at p95: {ours[1]:.2f}, {theirs[1]:.2f}")
        kept = kept and ours[0] <= theirs[0] and ours[1] <= theirs[1]
    return kept


def added(at: dict[str, tuple[float, float]], name: str, arm: str) -> tuple[float, float]:
    """What an arm adds to the middle and to the slow writes, in milliseconds."""
    with_, without = at[f"{name}: {arm}"], at[f"{name}: without"]
    return with_[0] - without[0], with_[1] - without[1]


def quantile(found: list[float], share: float) -> float:
    return sorted(found)[min(len(found) - 1, int(len(found) * share))]


if __name__ == "__main__":
    sys.exit(main())
