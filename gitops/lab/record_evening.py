# ruff: noqa: E501 - a message stays on one line, as it is delivered
"""Plays an evening on which much goes wrong at once, and dumps the cluster: incidents that no signature was written from.

    control-plane start STATE && python record_evening.py STATE

Everything runs well at first; then each team's release, or none, brings a fault of its own, with healthy workloads
beside it. What each ought to be taken for stands here and was written down before any of it was looked at.
The dump is what `kubectl get … -A -o json` gives, on one line an object.
"""

import copy
import json
import os
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import stages
from example_nodes import FAKE, node
from examples import Object, autoscaler, cron_job, deployment, image, job, quoted
from lab import HERE, Lab, now, say
from record_incident import KINDS, ONLY
from stages import Pods, Stage, event

EVENING = Path(os.environ.get("EVENING", HERE.parents[1] / "tests/integration/runbooks/evening"))
MANAGER = "argocd-controller"
SILENT = "prod-eu-b-9"
NOVEL = "novel"


@dataclass(frozen=True)
class Fault:
    """A team's namespace: what runs there, what its release makes of it, and what that ought to be taken for.

    ``root`` is the object that it is an incident of, ``seen`` what the dump has to hold before it is taken.
    """

    namespace: str
    name: str
    expected: str
    root: str
    seen: str
    before: list[Object]
    after: list[Object] = field(default_factory=list)
    stages: list[Stage] = field(default_factory=list)
    labels: Object = field(default_factory=dict)


def release(of: str, namespace: str, replicas: int = 2, **changed: Any) -> tuple[list[Object], list[Object], str]:
    """A Deployment as it ran and as its release has it: another tag, and whatever is ``changed``."""
    fresh = image(of, "2.0.0")
    old = deployment(image(of, "1.9.4"), namespace, replicas)
    return [old], [deployment(fresh, namespace, replicas, **changed)], fresh


def pulls() -> Fault:
    before, after, bad = release("loyalty/points", "loyalty", 3)
    cause = f'(printf "failed to pull and unpack image %s: failed to resolve reference %s: failed to do request: Head https://registry.example.com/v2/{bad.split(":")[0].split("/", 1)[1]}/manifests/2.0.0: tls: failed to verify certificate: x509: certificate has expired or is not yet valid" $c.image $c.image)'
    failed = event("Failed", f'printf "Failed to pull image %q: %s" $c.image {cause}', "Warning")
    off = event("BackOff", 'printf "Back-off pulling image %q" $c.image')
    played = stages.waits("points", Pods(bad), [("ErrImagePull", cause, [failed, event("Failed", '"Error: ErrImagePull"', "Warning")]), ("ImagePullBackOff", f'printf "Back-off pulling image %q: ErrImagePull: %s" $c.image {cause}', [off])])  # fmt: skip
    return Fault("loyalty", "the registry's certificate has expired", "image-pull-failure", "Deployment/points", "ImagePullBackOff", before, after, played)  # fmt: skip


def unplaceable() -> Fault:
    zone = {"matchExpressions": [{"key": "topology.kubernetes.io/zone", "operator": "In", "values": ["eu-south-a"]}]}
    spec = {
        "affinity": {"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": [zone]}}}
    }
    before, after, _ = release("checkin/boarding", "checkin", spec=spec)
    return Fault("checkin", "affinity for a zone without nodes", "unschedulable", "Deployment/boarding", "Unschedulable", before, after)  # fmt: skip


def failed(code: int, said: str) -> str:
    """The status of a pod that is over, with what it said last."""
    return "reason: null\n" + stages.over("PodFailed") + stages.container(stages.ended(code, "Error", quoted(said)))


def job_gives_up() -> Fault:
    of = image("ledger/reconcile", "3.1.0")
    failing = failed(3, "reconcile: 118 entries without counterpart\n")
    return Fault("ledger", "a job that nobody scheduled gives up", "job-backoff", "Job/reconcile", "BackoffLimitExceeded", [], [job(of, "ledger")], stages.ends("reconcile", Pods(of), "Failed", failing, []))  # fmt: skip


def quota() -> Fault:
    before, after, _ = release("billing/invoicer", "billing")
    after[0]["spec"]["replicas"] = 7
    bound = {
        "apiVersion": "v1",
        "kind": "ResourceQuota",
        "metadata": {"name": "billing", "namespace": "billing"},
        "spec": {"hard": {"limits.memory": "1Gi"}},
    }
    return Fault("billing", "scaled over the memory limits of its quota", "quota-exceeded", "Deployment/invoicer", "exceeded quota", [bound, *before], after)  # fmt: skip


def out_of_memory() -> Fault:
    of, name = image("vision/detector", "5.2.0"), "detector"
    made = deployment(image("vision/detector", "5.1.0"), "vision", 2)
    made |= {"kind": "StatefulSet"}
    made["spec"]["serviceName"] = name
    after = copy.deepcopy(made)
    after["spec"]["template"]["spec"]["containers"][0]["image"] = of
    return Fault("vision", "a StatefulSet's pod killed for memory again and again", "oom-kill", "StatefulSet/detector", "OOMKilled", [made], [after], stages.crashing(name, Pods(of), stages.Crash(137, "OOMKilled"), fast=True))  # fmt: skip


def no_routes() -> Fault:
    mount = {"volumeMounts": [{"name": "routes", "mountPath": "/routes"}]}
    volumes = {"volumes": [{"name": "routes", "configMap": {"name": "relay-routes"}}]}
    before, after, bad = release("mail/relay", "mail", more=mount, spec=volumes)
    told = event(
        "FailedMount",
        quoted('MountVolume.SetUp failed for volume "routes" : configmap "relay-routes" not found'),
        "Warning",
        count="6",
        container=False,
        ago=60,
    )
    return Fault("mail", "a ConfigMap to mount that isn't there", "config-missing", "Deployment/relay", "FailedMount", before, after, stages.waits("relay", Pods(bad), [("ContainerCreating", '""', [told])]))  # fmt: skip


def at_maximum() -> Fault:
    before, _, _ = release("quotes/pricing", "quotes")
    return Fault("quotes", "load over what the autoscaler may add", "hpa-at-maximum", "Deployment/pricing", "TooManyReplicas", [*before, autoscaler("pricing", "quotes", 2, 4)], labels={"lab/cpu-percent": "240"})  # fmt: skip


def not_ready() -> Fault:
    probe = {"readinessProbe": {"exec": {"command": ["cat", "/tmp/ready"]}, "periodSeconds": 5}}
    before, after, bad = release("fraud/scoring", "fraud", more=probe)
    told = event(
        "Unhealthy",
        quoted("Readiness probe failed: cat: can't open '/tmp/ready': No such file or directory"),
        "Warning",
        count="12",
        ago=60,
    )
    return Fault("fraud", "readiness by a file that is never written", "failing-readiness", "Deployment/scoring", "Unhealthy", before, after, stages.unready("scoring", Pods(bad), [told], 5))  # fmt: skip


def crashes() -> Fault:
    before, after, bad = release("maps/tiles", "maps", 3)
    text = quoted(
        'level=info msg="tiles 2.0.0"\nlevel=fatal msg="can\'t listen" err="listen tcp :8443: bind: permission denied"\n'
    )
    return Fault("maps", "may not listen on its port", "crash-loop", "Deployment/tiles", "CrashLoopBackOff", before, after, stages.crashing("tiles", Pods(bad), stages.Crash(1, "Error", text), fast=True))  # fmt: skip


def runs_fail() -> Fault:
    of = image("payroll/run", "1.0.3")
    failing = failed(1, "payroll: bank holidays of 2027 are not known\n")
    return Fault("payroll", "each run of a schedule fails", "cronjob-failing", "CronJob/run", "BackoffLimitExceeded", [cron_job(of, "payroll")], [], stages.ends("run", Pods(of), "Failed", failing, []))  # fmt: skip


def unbound() -> Fault:
    made = deployment(image("archive/store", "0.8.0"), "archive", 1) | {"kind": "StatefulSet"}
    claim = {
        "metadata": {"name": "data"},
        "spec": {
            "accessModes": ["ReadWriteOnce"],
            "storageClassName": "nvme",
            "resources": {"requests": {"storage": "5Gi"}},
        },
    }
    made["spec"] |= {"serviceName": "store", "volumeClaimTemplates": [claim]}
    return Fault("archive", "a claim of a storage class that isn't there", "unschedulable", "StatefulSet/store", "unbound", [], [made])  # fmt: skip


def refused_by_security() -> Fault:
    _, after, _ = release("kiosk/screen", "kiosk")
    return Fault("kiosk", "pods that the namespace's security level refuses", NOVEL, "Deployment/screen", "violates PodSecurity", [], after, labels={"pod-security.kubernetes.io/enforce": "restricted"})  # fmt: skip


def stuck() -> Fault:
    before, after, bad = release("reviews/stars", "reviews", progressDeadlineSeconds=45)
    return Fault("reviews", "a release that gets no further and says nothing", "stuck-rollout", "Deployment/stars", "ProgressDeadlineExceeded", before, after, stages.unready("stars", Pods(bad), [], 5)[:1])  # fmt: skip


def blind_autoscaler() -> Fault:
    before, after, _ = release("trips/planner", "trips")
    for one in (*before, *after):
        one["spec"]["template"]["spec"]["containers"][0]["resources"] = {}
    return Fault("trips", "an autoscaler that has nothing to go by", NOVEL, "Deployment/planner", "FailedGetResourceMetric", [*before, autoscaler("planner", "trips", 2, 6)], after)  # fmt: skip


def not_alive() -> Fault:
    before, after, bad = release("chat/presence", "chat")
    told = event(
        "Unhealthy",
        quoted("Liveness probe failed: dial tcp 10.244.0.58:9000: i/o timeout"),
        "Warning",
        count="9",
        ago=90,
    )
    killing = event(
        "Killing", 'printf "Container %s failed liveness probe, will be restarted" $c.name', count="3", ago=60
    )
    return Fault("chat", "liveness by a port that doesn't answer", "failing-liveness", "Deployment/presence", "failed liveness probe", before, after, stages.killed("presence", Pods(bad), [told, killing], delay=5))  # fmt: skip


def scratch_full() -> Fault:
    before, after, bad = release("print/layout", "print", 1)
    text = 'Usage of EmptyDir volume "scratch" exceeds the limit "1Gi". '
    over = f"reason: Evicted\nmessage: {{{{ {quoted(text)} | Quote }}}}\n" + stages.over("PodFailed")
    over += stages.container(stages.ended(137, "ContainerStatusUnknown"))
    gone = [event("Evicted", quoted(text), "Warning", container=False), event("Killing", '"Stopping container layout"')]
    return Fault("print", "its own scratch volume is over its limit", "evicted-disk-pressure", "Deployment/layout", '"reason":"Evicted"', before, after, stages.ends("layout", Pods(bad), "Failed", over, gone, 20))  # fmt: skip


def silent_node() -> Fault:
    pinned = {
        "nodeSelector": {"kubernetes.io/hostname": SILENT},
        "tolerations": [{"key": "dedicated", "operator": "Exists"}],
    }
    made = deployment(image("sensors/gateway", "4.4.0"), "sensors", 2, spec=pinned)
    return Fault(
        "sensors", "a node says nothing any more", "node-not-ready", f"Node/{SILENT}", "NodeStatusUnknown", [made]
    )


FAULTS = (
    pulls, unplaceable, job_gives_up, quota, out_of_memory, no_routes, at_maximum, not_ready, crashes, runs_fail,
    unbound, refused_by_security, stuck, blind_autoscaler, not_alive, scratch_full, silent_node,
)  # fmt: skip


def beside(namespace: str) -> Object:
    """A workload of the same team that nothing is wrong with."""
    return deployment(image(f"{namespace}/front", "1.0.0"), namespace, 2)


def calm() -> tuple[list[Object], list[Stage]]:
    """A team with a quiet evening: a good release, a job and a schedule that do, a probe that failed once at the start."""
    releasing, slow = image("weather/radar", "6.1.0"), image("weather/alerts", "2.2.0")
    objects = [
        {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "weather", "labels": {"lab/cpu-percent": "61"}}},
        deployment(image("weather/radar", "6.0.0"), "weather", 3), deployment(slow, "weather", 2),
        autoscaler("radar", "weather", 2, 8), job(image("weather/backfill", "1.0.0"), "weather"), cron_job(image("weather/digest", "1.0.0"), "weather"),
        deployment(releasing, "weather", 3),
    ]  # fmt: skip
    once = event("Unhealthy", quoted("Readiness probe failed: HTTP probe failed with statuscode: 503"), "Warning")
    played = stages.stage(
        "alerts-slow",
        [*Pods(slow).expressions(), stages.PENDING, stages.UNSTARTED],
        [once, stages.running(ready=True), *stages.began("$rc")],
        weight=1,
        delay=stages.after(5),
    )
    return objects, [played]


def lean(one: Object) -> Object:
    """Without what kubectl's last apply left behind, which repeats the object."""
    notes = one["metadata"].get("annotations", {})
    notes.pop("kubectl.kubernetes.io/last-applied-configuration", None)
    return one


def dump(lab: Lab) -> str:
    """The cluster by kind, an object a line."""
    (EVENING / "during").mkdir(parents=True, exist_ok=True)
    at = now()
    for kind in KINDS:
        if "." in kind:
            continue
        listed = json.loads(lab.kubectl("get", kind, "-A", "-o", "json", *ONLY.get(kind, [])))
        if kind == "events":  # of the kinds that somebody reads: each start of each container says nothing more
            listed["items"] = [one for one in listed["items"] if one["type"] == "Warning" or one["reason"] == "Killing"]
        lines = ",\n".join(json.dumps(lean(one), separators=(",", ":")) for one in listed["items"])
        head = json.dumps({"apiVersion": listed["apiVersion"], "kind": listed["kind"]})[:-1]
        (EVENING / "during" / f"{kind}.json").write_text(f'{head}, "items": [\n{lines}\n]}}\n')
    return at


def bring(lab: Lab, objects: list[Object]) -> None:
    """What a team's repository has, as the GitOps controller applies it."""
    if objects:
        lab.apply_text(json.dumps({"apiVersion": "v1", "kind": "List", "items": objects}), MANAGER)


def silence(lab: Lab, played: Path) -> None:
    """The node's kubelet stops; KWOK keeps renewing a lease that it holds, until it starts anew."""
    lab.kubectl("annotate", "node", SILENT, f"{FAKE}-")
    lab.play(played)


def main() -> None:
    lab = Lab(Path(sys.argv[1]).resolve())
    faults, (quiet, quiet_stages) = [make() for make in FAULTS], calm()
    played = lab.state / "evening.yaml"
    played.write_text(stages.as_file([*stages.healthy(), *quiet_stages, *(s for one in faults for s in one.stages)]))
    lab.play(played)
    spaces = [
        {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": one.namespace, "labels": one.labels}}
        for one in faults
    ]
    lab.apply(node(SILENT, "b"), *spaces, *quiet[:-1])
    for one in faults:
        extra = [] if "pod-security.kubernetes.io/enforce" in one.labels else [beside(one.namespace)]
        bring(lab, [*one.before, *extra])

    def well() -> bool:
        return all(one.get("status", {}).get("readyReplicas", 0) >= 2 for one in lab.get("deployments", "-A")["items"] if one["spec"]["replicas"] > 1)  # fmt: skip

    lab.until("all is well", well, 180)
    lab.apply(quiet[-1])
    for one in faults:
        bring(lab, one.after)
    say("released")
    silence(lab, played)

    def gone_wrong() -> bool:
        text = "".join(
            lab.kubectl("get", kind, "-A", "-o", "json")
            for kind in ("pods", "events", "deployments", "horizontalpodautoscalers", "jobs", "nodes")
        )
        left = [one.namespace for one in faults if one.seen not in text.replace('": "', '":"')]
        say(f"waits for {', '.join(left) or 'nothing'}")
        return not left

    lab.until("all went wrong", gone_wrong, 420)
    at = dump(lab)
    told = [{"namespace": f.namespace, "fault": f.name, "expected": f.expected, "root": f.root} for f in faults]
    about = {"cluster": "prod-eu", "at": at, "calm": "weather", "faults": told}
    (EVENING / "evening.json").write_text(json.dumps(about, indent=1) + "\n")
    say(f"dumped at {at}")


if __name__ == "__main__":
    main()
