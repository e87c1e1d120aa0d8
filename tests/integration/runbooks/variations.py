"""Incidents of other classes, made of the recorded one: the same cluster and release, another fault in its pods.

The words are those of kubelet, scheduler and controllers. They, and the class that each ought to get, were written down
before any of them was tried, by somebody who had read the triggers of one class (crash-loop) and of no other; nothing
was changed afterwards to make one fit.
"""

# ruff: noqa: E501 - the words of others are kept whole, so that they can be searched for

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.conftest import RECORDING

NOW = "2026-11-14T03:17:00Z"
SEEN = "2026-11-14T03:15:08Z"
NOVEL = ""
Objects = list[dict[str, Any]]


@dataclass(frozen=True)
class Variation:
    """A fault, the class that it ought to get (empty: novel), and the object it ought to be an incident of."""

    name: str
    expected: str
    make: Callable[[Objects], None]
    root: str = "Deployment/payments-api"


def recorded(recording: Path = RECORDING) -> Objects:
    """Every object of a recording while its incident goes on."""
    found: Objects = []
    for file in sorted(Path(recording / "during").glob("*.json")):
        listed = json.loads(file.read_bytes())
        kind = str(listed.get("kind", "")).removesuffix("List")
        found += [{"kind": kind, "apiVersion": listed.get("apiVersion", "v1"), **one} for one in listed["items"]]
    return found


def varied(variation: Variation) -> Objects:
    """The recording with its own fault taken out and another one in."""
    objects = [one for one in copy.deepcopy(recorded()) if not _of_the_fault(one)]
    for pod in pods(objects):
        state = pod["status"]["containerStatuses"][0]
        state |= {"state": {"running": {"startedAt": "2026-11-14T02:58:06Z"}}, "lastState": {}, "restartCount": 0}
    variation.make(objects)
    return objects


def _of_the_fault(one: dict[str, Any]) -> bool:
    return one["kind"] == "Event" and one["reason"] == "BackOff"


def pods(objects: Objects) -> Iterator[dict[str, Any]]:
    """The pods of the release."""
    return (one for one in objects if one["kind"] == "Pod" and one["metadata"]["name"].startswith("payments-api-7dc7"))


def happened(objects: Objects, about: dict[str, Any], reason: str, message: str, count: int = 6) -> None:
    """A Warning event about an object, as the component that saw it writes one."""
    metadata = about["metadata"]
    regarding = {"kind": about["kind"], "name": metadata["name"], "uid": metadata["uid"]}
    regarding |= {"namespace": metadata["namespace"]} if "namespace" in metadata else {}
    objects.append(
        {
            "kind": "Event", "apiVersion": "v1", "type": "Warning", "reason": reason, "message": message,
            "count": count, "firstTimestamp": "2026-11-14T03:10:08Z", "lastTimestamp": SEEN, "source": {"component": "kubelet"},
            "involvedObject": regarding,
            "metadata": {"name": f"{metadata['name']}.{len(objects)}", "namespace": metadata.get("namespace", "default"), "uid": f"u-{len(objects)}", "creationTimestamp": SEEN},
        }
    )  # fmt: skip


def waits(
    objects: Objects, reason: str, message: str, ended: dict[str, Any] | None = None, *, init: bool = False
) -> None:
    """Each pod's container waits; ``ended`` is how it ended before."""
    for pod in pods(objects):
        state = pod["status"]["containerStatuses"][0]
        fault = {"waiting": {"reason": reason, "message": message}}
        last = {"terminated": {"finishedAt": SEEN, "startedAt": "2026-11-14T03:15:03Z", **ended}} if ended else {}
        told = {"state": fault, "lastState": last, "restartCount": 5 if ended else 0, "ready": False}
        if init:
            pod["status"]["initContainerStatuses"] = [{**copy.deepcopy(state), **told, "name": "migrate"}]
            state["state"] = {"waiting": {"reason": "PodInitializing"}}
            pod["status"]["phase"] = "Pending"
        else:
            state |= told


def every(objects: Objects, reason: str, message: str) -> None:
    for pod in list(pods(objects)):
        happened(objects, pod, reason, message)


def pending(objects: Objects, message: str) -> None:
    for pod in list(pods(objects)):
        condition = {"type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": message}
        pod["status"] = {"phase": "Pending", "conditions": [{**condition, "lastTransitionTime": SEEN}]}
        pod["spec"].pop("nodeName", None)
        happened(objects, pod, "FailedScheduling", message)


def failed(objects: Objects, reason: str, message: str) -> None:
    for pod in list(pods(objects)):
        pod["status"] = {"phase": "Failed", "reason": reason, "message": message, "conditions": []}
        happened(objects, pod, reason, message, 1)


def out_of_memory(objects: Objects) -> None:
    waits(
        objects,
        "CrashLoopBackOff",
        "back-off 2m40s restarting failed container",
        {"exitCode": 137, "reason": "OOMKilled"},
    )
    every(objects, "BackOff", "Back-off restarting failed container payments-api in pod payments-api")


def no_such_digest(objects: Objects) -> None:
    text = 'failed to pull and unpack image "registry.example.com/payments/payments-api:2.9.0": failed to resolve reference: unexpected status from HEAD request: 429 Too Many Requests'
    waits(objects, "ErrImagePull", text)
    every(objects, "Failed", f"Failed to pull image: {text}")


def platform_mismatch(objects: Objects) -> None:
    text = "no match for platform in manifest: not found"
    waits(objects, "ImagePullBackOff", f'Back-off pulling image "payments-api:2.9.0": ErrImagePull: {text}')
    every(objects, "Failed", "Error: ImagePullBackOff")


def secret_key(objects: Objects) -> None:
    text = "couldn't find key LEDGER_DSN in Secret payments/payments-api"
    waits(objects, "CreateContainerConfigError", text)
    every(objects, "Failed", f"Error: {text}")


def not_executable(objects: Objects) -> None:
    text = 'failed to create containerd task: OCI runtime create failed: exec: "/app/server": permission denied'
    ended = {"exitCode": 128, "reason": "StartError", "message": text}
    waits(objects, "CrashLoopBackOff", "back-off 2m40s restarting failed container", ended)
    every(objects, "Failed", f"Error: {text}")
    every(objects, "BackOff", "Back-off restarting failed container payments-api in pod payments-api")


def init_crashes(objects: Objects) -> None:
    ended = {"exitCode": 1, "reason": "Error", "message": "migration 43 failed: lock timeout"}
    waits(objects, "CrashLoopBackOff", "back-off 1m20s restarting failed container=migrate", ended, init=True)
    every(objects, "BackOff", "Back-off restarting failed container migrate in pod payments-api")


def too_big(objects: Objects) -> None:
    pending(
        objects,
        "0/4 nodes are available: 4 Insufficient memory. preemption: 0/4 nodes are available: 4 No preemption victims found for incoming pod.",
    )


def tainted(objects: Objects) -> None:
    pending(
        objects, "0/4 nodes are available: 4 node(s) had untolerated taint {dedicated: batch}. preemption: not helpful."
    )


def unbound(objects: Objects) -> None:
    pending(objects, "0/4 nodes are available: pod has unbound immediate PersistentVolumeClaims.")


def grpc_probe(objects: Objects) -> None:
    every(
        objects,
        "Unhealthy",
        'Readiness probe failed: timeout: failed to connect service "10.244.0.23:8080" within 1s: context deadline exceeded',
    )
    for pod in pods(objects):
        pod["status"]["containerStatuses"][0]["ready"] = False


def exec_probe(objects: Objects) -> None:
    every(objects, "Unhealthy", "Liveness probe errored and resulted in unknown state: rpc error: command timed out")
    every(objects, "Killing", "Container payments-api failed liveness probe, will be restarted")


def startup_probe(objects: Objects) -> None:
    every(objects, "Unhealthy", "Startup probe failed: HTTP probe failed with statuscode: 503")
    every(objects, "Killing", "Container payments-api failed startup probe, will be restarted")


def quota(objects: Objects) -> None:
    (made,) = [o for o in objects if o["kind"] == "ReplicaSet" and o["metadata"]["name"] == "payments-api-7dc7fffb8f"]
    text = 'Error creating: pods "payments-api-7dc7fffb8f-2xk4q" is forbidden: exceeded quota: payments, requested: limits.cpu=2, used: limits.cpu=31, limited: limits.cpu=32'
    happened(objects, made, "FailedCreate", text, 14)
    for pod in list(pods(objects)):
        objects.remove(pod)


def webhook(objects: Objects) -> None:
    (made,) = [o for o in objects if o["kind"] == "ReplicaSet" and o["metadata"]["name"] == "payments-api-7dc7fffb8f"]
    text = 'Error creating: Internal error occurred: failed calling webhook "mutate.mesh.example": failed to call webhook: Post "https://mesh.mesh.svc:443/inject": no endpoints available for service "mesh"'
    happened(objects, made, "FailedCreate", text, 14)
    for pod in list(pods(objects)):
        objects.remove(pod)


def no_network(objects: Objects) -> None:
    every(
        objects,
        "FailedCreatePodSandBox",
        'Failed to create pod sandbox: rpc error: code = Unknown desc = failed to setup network for sandbox: plugin type="calico" failed (add): no IP addresses available in range set',
    )
    for pod in pods(objects):
        pod["status"]["phase"] = "Pending"
        pod["status"]["containerStatuses"][0] |= {"state": {"waiting": {"reason": "ContainerCreating"}}, "ready": False}


def attached_elsewhere(objects: Objects) -> None:
    every(
        objects,
        "FailedAttachVolume",
        'Multi-Attach error for volume "pvc-0b2" Volume is already exclusively attached to one node and can\'t be attached to another',
    )


def preempted(objects: Objects) -> None:
    failed(objects, "Preempting", "Preempted in order to admit critical pod")


def evicted_for_disk(objects: Objects) -> None:
    failed(
        objects,
        "Evicted",
        "The node was low on resource: ephemeral-storage. Threshold quantity: 10Gi, available: 8123Mi. Container payments-api was using 21Gi, request is 0, has larger consumption of ephemeral-storage.",
    )


def evicted_for_memory(objects: Objects) -> None:
    failed(objects, "Evicted", "The node was low on resource: memory. Threshold quantity: 100Mi, available: 61Mi.")


def node_gone(objects: Objects) -> None:
    (node,) = [o for o in objects if o["kind"] == "Node" and o["metadata"]["name"] == "prod-eu-c-1"]
    for condition in node["status"]["conditions"]:
        if condition["type"] == "Ready":
            condition |= {
                "status": "Unknown",
                "reason": "NodeStatusUnknown",
                "message": "Kubelet stopped posting node status.",
                "lastTransitionTime": SEEN,
            }
    happened(objects, node, "NodeNotReady", "Node prod-eu-c-1 status is now: NodeNotReady", 1)


def job_deadline(objects: Objects) -> None:
    job = next(o for o in objects if o["kind"] == "Job" and o["metadata"]["namespace"] == "payments")
    job["status"] = {
        "failed": 7,
        "conditions": [
            {
                "type": "Failed",
                "status": "True",
                "reason": "BackoffLimitExceeded",
                "message": "Job has reached the specified backoff limit",
                "lastTransitionTime": SEEN,
            }
        ],
    }
    happened(objects, job, "BackoffLimitExceeded", "Job has reached the specified backoff limit", 1)


def claim_pending(objects: Objects) -> None:
    claim = next(
        o for o in objects if o["kind"] == "PersistentVolumeClaim" and o["metadata"]["namespace"] == "payments"
    )
    claim["status"] = {"phase": "Pending"}
    happened(
        objects,
        claim,
        "ProvisioningFailed",
        'failed to provision volume with StorageClass "fast": rpc error: code = ResourceExhausted desc = quota of disks is used up',
    )


VARIATIONS = (
    Variation("killed for memory, in a crash loop", "oom-kill", out_of_memory),
    Variation("registry answers 429", "image-pull-failure", no_such_digest),
    Variation("image of another platform", "image-pull-failure", platform_mismatch),
    Variation("key missing in a Secret", "config-missing", secret_key),
    Variation("entrypoint not executable", "crash-loop", not_executable),
    Variation("init container crashes", "crash-loop", init_crashes),
    Variation("asks for more memory than any node has", "unschedulable", too_big),
    Variation("no node without a taint", "unschedulable", tainted),
    Variation("claim isn't bound", "unschedulable", unbound),
    Variation("readiness by gRPC times out", "failing-readiness", grpc_probe),
    Variation("liveness command errs", "failing-liveness", exec_probe),
    Variation("startup probe fails", "failing-liveness", startup_probe),
    Variation("CPU quota used up", "quota-exceeded", quota),
    Variation("admission webhook is gone", NOVEL, webhook),
    Variation("no address left for a pod", NOVEL, no_network),
    Variation("volume attached elsewhere", NOVEL, attached_elsewhere),
    Variation("preempted by a critical pod", NOVEL, preempted),
    Variation("evicted for disk", "evicted-disk-pressure", evicted_for_disk),
    Variation("evicted for memory", NOVEL, evicted_for_memory),
    Variation("node stops answering", "node-not-ready", node_gone, "Node/prod-eu-c-1"),
    Variation("settlement's job gives up", "cronjob-failing", job_deadline, "CronJob/settlement"),
    Variation("no disk to be had", NOVEL, claim_pending, "PersistentVolumeClaim"),
)  # fmt: skip
