"""The faults of a game day: how each is brought about, what an agent proposes against it, and when it is over.

What a kubelet would report is played by KWOK, and depends on the pod's own spec: a mend that changes the spec mends.
The rest are writes that somebody makes, to the API or to the branch; the scheduler and the controllers are real.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.e2e.cluster.story import BAD
from tests.e2e.gameday.ground import API, PRODUCTION, REGISTRY, STAGING, Ground
from tests.e2e.lab.gate import until

DRIFT_SECONDS = 240.0


@dataclass(frozen=True)
class Fault:
    """One of them. ``target`` is namespace, kind and name; without an ``action`` the gate proposes by itself.

    ``play`` may give parameters of the action that are known only then.
    """

    incident_class: str
    target: tuple[str, str, str]
    what: str
    play: Callable[[Ground], dict[str, Any] | None]
    action: str = ""
    params: dict[str, Any] = field(default_factory=dict)
    seconds: float = 150.0


def _deployment(namespace: str, name: str) -> tuple[str, str, str]:
    return namespace, "Deployment", name


def _crash_loop(ground: Ground) -> None:
    ground.behave(*ground.stages.crashing("crash", ground.stages.Pods(BAD, "payments"), ground.stages.Crash()))
    ground.retag(PRODUCTION, API, BAD.rpartition(":")[2])


def _oom_kill(ground: Ground) -> None:
    stages, pods = ground.stages, ground.stages.Pods(ground.image("checkout", "cart"), "checkout")
    small = stages.key(".spec.containers.[].resources.limits.memory", "In", "256Mi")
    made = stages.crashing("oom", pods, stages.Crash(137, "OOMKilled"), fast=True)
    ground.behave(*(_only(one, small) for one in made if not one["metadata"]["name"].endswith("-start")))


def _failing_readiness(ground: Ground) -> None:
    stages, pods = ground.stages, ground.stages.Pods(ground.image("checkout", "storefront"), "checkout")
    told = '"Readiness probe failed: HTTP probe failed with statuscode: 503"'
    text = stages.conditions(False, False) + stages.container(stages.KEPT, started=True)
    steps = [stages.event("Unhealthy", told, "Warning", count="6", ago=60), stages.status(text)]
    ready = stages.key('.status.conditions.[] | select( .type == "Ready" ) | .status', "In", "True")
    ground.behave(_only(stages.stage("unready", [*pods.expressions(), ready], steps), _strict(ground, "readiness")))


def _failing_liveness(ground: Ground) -> None:
    stages, pods = ground.stages, ground.stages.Pods(ground.image("payments", "ledger-worker"), "payments")
    told = '"Liveness probe failed: command timed out"'
    killing = stages.event("Killing", 'printf "Container %s failed liveness probe, will be restarted" $c.name')
    events = [stages.event("Unhealthy", told, "Warning", count="3", ago=60), killing]
    made = stages.killed("liveness", pods, events, delay=2)
    ground.behave(*(_only(one, _strict(ground, "liveness")) for one in made))


def _strict(ground: Ground, probe: str) -> Any:
    """The pods whose probe doesn't wait for six failures."""
    return ground.stages.key(f".spec.containers.[].{probe}Probe.failureThreshold | tostring", "NotIn", "6")


def _only(stage: Any, where: Any) -> Any:
    stage["spec"]["selector"]["matchExpressions"].append(where)
    return stage


def _image_pull_failure(ground: Ground) -> None:
    stages, of = ground.stages, f"{REGISTRY}/payments/ledger-worker:1.15.0"
    gone = 'printf "failed to resolve image: %s: not found" $c.image'
    backing = f'printf "Back-off pulling image %q: ErrImagePull: %s" $c.image ({gone})'
    failed = stages.event("Failed", f'printf "Failed to pull image %q: %s" $c.image ({gone})', "Warning")
    ground.behave(
        *stages.waits("pull", stages.Pods(of), [("ErrImagePull", gone, [failed]), ("ImagePullBackOff", backing, [])])
    )
    ground.retag(STAGING, f"{REGISTRY}/payments/ledger-worker", "1.15.0")


def _config_missing(ground: Ground) -> None:
    stages, of = ground.stages, f"{API}:2.10.0"
    text = '"configmap \\"payments-flags\\" not found"'
    error = stages.event("Failed", '"Error: configmap \\"payments-flags\\" not found"', "Warning", count="4", ago=38)
    ground.behave(*stages.waits("config", stages.Pods(of), [("CreateContainerConfigError", text, [error])]))
    ground.retag(STAGING, API, "2.10.0")


def _unschedulable(ground: Ground) -> dict[str, Any]:
    """No image changed, so it is the commit that has to go."""
    return {"commit": ground.release("apps/platform/image-mirror.yaml", "cpu: 100m", "cpu: 900")}


def _drift(ground: Ground) -> None:
    """Somebody scales it, and the drift watch makes its pass at once instead of waiting for its interval.

    What a controller is only about to apply is no drift, so it looks again until Argo CD is where Git is.
    """
    ground.plane.kubectl("scale", "deployment/ledger-worker", "-n", "payments-staging", "--replicas=3")

    unseen: dict[str, str] = {"said": ""}

    def seen() -> bool:
        done = ground.story.gate.run("drift", "--propose", "-o", "json")
        assert done.returncode in (0, 1), done.stderr
        told = json.loads(done.stdout)
        unseen.update(said=str(told["unknown"])[:200])
        return any("payments-staging/Deployment/ledger-worker" in one["object"] for one in told["drifts"])

    try:
        until(seen, "the drift watch sees it", seconds=DRIFT_SECONDS)
    except AssertionError as error:
        raise AssertionError(f"{error}; it couldn't look at {unseen['said']}") from None


def faults() -> list[Fault]:
    """In the order in which they are played."""
    back = {"to_revision": "previous"}
    probe = {"timeout_seconds": 5, "failure_threshold": 6}
    return [
        Fault(
            "crash-loop",
            _deployment("payments", "payments-api"),
            "a release panics as it starts",
            _crash_loop,
            "rollback_workload",
            back,
        ),
        Fault(
            "oom-kill",
            _deployment("checkout", "cart"),
            "its memory isn't enough any more",
            _oom_kill,
            "set_resources",
            {"container": "cart", "limits": {"memory": "512Mi"}},
        ),
        Fault(
            "image-pull-failure",
            _deployment("payments-staging", "ledger-worker"),
            "a release names an image that isn't there",
            _image_pull_failure,
            "rollback_workload",
            back,
        ),
        Fault(
            "failing-readiness",
            _deployment("checkout", "storefront"),
            "it answers its readiness probe too late",
            _failing_readiness,
            "set_probe",
            {"container": "storefront", "probe": "readiness", **probe},
        ),
        Fault(
            "failing-liveness",
            _deployment("payments", "ledger-worker"),
            "it answers its liveness probe too late",
            _failing_liveness,
            "set_probe",
            {"container": "ledger-worker", "probe": "liveness", **probe},
        ),
        Fault(
            "config-missing",
            _deployment("payments-staging", "payments-api"),
            "a release wants a ConfigMap that isn't there",
            _config_missing,
            "rollback_workload",
            back,
        ),
        Fault(
            "unschedulable",
            _deployment("platform", "image-mirror"),
            "a release asks for more than any node has",
            _unschedulable,
            "revert_commit",
        ),
        Fault("drift", _deployment("payments-staging", "ledger-worker"), "somebody scales it by hand", _drift),
    ]
