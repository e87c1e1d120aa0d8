"""Writes the KWOK Stages that make pods behave as a kubelet would report them.

KWOK's own stages know ready, complete and delete. Here a pod also crashes, is killed, can't pull, fails probes or is
evicted, with the statuses, back-off times and events (aggregated by count) that a kubelet writes.
All pods of the lab have one container, so templates speak of the first.
"""

import json
from dataclasses import dataclass, field
from typing import Any

Stage = dict[str, Any]

# What each template may use: $now, $pod, $c (the container's spec), $was (its last status), $rc (its restart count).
HEADER = """
{{ $now := Now }}{{ $pod := . }}{{ $c := index .spec.containers 0 }}{{ $was := dict }}{{ $rc := 0 }}
{{ range .status.containerStatuses }}{{ $was = . }}{{ $rc = .restartCount | int }}{{ end }}
{{ $again := add1 $rc }}
"""

IDENTITY = """
- name: {{ $c.name | Quote }}
  image: {{ $c.image | Quote }}
"""
PULLED = """
  imageID: {{ printf "%s@sha256:%s" (regexReplaceAll ":[^:/]*$" $c.image "") (sha256sum $c.image) | Quote }}
  containerID: {{ printf "containerd://%s" (sha256sum (printf "%s/%d" $pod.metadata.uid (int RESTARTS))) | Quote }}
"""
ADDRESSES = """
startTime: {{ $now | Quote }}
{{ with NodeIPsWith .spec.nodeName }}
hostIP: {{ index . 0 | Quote }}
hostIPs:
{{ range . }}
- ip: {{ . | Quote }}
{{ end }}
{{ end }}
"""
POD_ADDRESSES = """
{{ $host := or .spec.hostNetwork false }}
{{ with PodIPsWith .spec.nodeName $host .metadata.uid .metadata.name .metadata.namespace }}
podIP: {{ index . 0 | Quote }}
podIPs:
{{ range . }}
- ip: {{ . | Quote }}
{{ end }}
{{ end }}
"""
EVENT = """
apiVersion: v1
kind: Event
metadata:
  name: {{ printf "%s.%s" .metadata.name (trunc 16 (sha256sum (printf "%s/REASON/%s" .metadata.uid MESSAGE))) | Quote }}
  namespace: {{ .metadata.namespace | Quote }}
involvedObject:
  apiVersion: v1
  kind: Pod
  namespace: {{ .metadata.namespace | Quote }}
  name: {{ .metadata.name | Quote }}
  uid: {{ .metadata.uid | Quote }}
  FIELD_PATH
type: TYPE
reason: REASON
message: {{ MESSAGE | Quote }}
source: {component: kubelet, host: {{ .spec.nodeName | Quote }}}
reportingComponent: kubelet
reportingInstance: {{ .spec.nodeName | Quote }}
count: {{ COUNT }}
{{ if le (int (COUNT)) (int FIRST) }}
firstTimestamp: {{ SINCE | Quote }}
{{ end }}
lastTimestamp: {{ $now | Quote }}
"""


def event(
    reason: str,
    message: str,
    kind: str = "Normal",
    count: str = "1",
    container: bool = True,
    ago: int = 0,
) -> Stage:
    """A step that creates the event or raises its count; `message` and `count` are template expressions.

    `ago` is how many seconds before now the first of `count` occurrences was.
    """
    path = 'fieldPath: {{ printf "spec.containers{%s}" $c.name | Quote }}' if container else ""
    text = EVENT.replace("FIELD_PATH", path).replace("REASON", reason).replace("TYPE", kind)
    text = text.replace("MESSAGE", f"({message})").replace("COUNT", count).replace("FIRST", count if ago else "1")
    text = text.replace("SINCE", f'(now | dateModify "-{ago}s" | date "2006-01-02T15:04:05Z07:00")' if ago else "$now")
    return {"apply": {"type": "merge", "template": HEADER + text}}


def status(text: str) -> Stage:
    return {"patch": {"subresource": "status", "root": "status", "template": HEADER + text}}


def conditions(ready: bool, first: bool) -> str:
    """Conditions as the kubelet writes them; `first` adds those that are written once."""
    lines = ["conditions:"]
    if first:
        for kind in ("PodReadyToStartContainers", "Initialized"):
            lines.append(f'- {{type: {kind}, status: "True", lastTransitionTime: {{{{ $now | Quote }}}}}}')
    for kind in ("Ready", "ContainersReady"):
        lines.append(f"- type: {kind}")
        lines.append("  lastTransitionTime: {{ $now | Quote }}")
        lines.append(f'  status: "{ready}"')
        lines.append("  reason: " + ("null" if ready else "ContainersNotReady"))
        unready = '{{ printf "containers with unready status: [%s]" $c.name | Quote }}'
        lines.append("  message: " + ("null" if ready else unready))
    return "\n".join(lines) + "\n"


def container(
    state: str, last: str = "", ready: bool = False, started: bool = False, restarts: str = "$rc", pulled: bool = True
) -> str:
    text = "containerStatuses:\n" + IDENTITY.strip()
    text += PULLED.replace("RESTARTS", restarts) if pulled else '\n  imageID: ""\n'
    text += f"  ready: {str(ready).lower()}\n  started: {str(started).lower()}\n"
    text += f"  restartCount: {{{{ {restarts} }}}}\n  state: {state}\n"
    return text + (f"  lastState: {last}\n" if last else "")


RUNNING = "{running: {startedAt: {{ $now | Quote }}}}"
KEPT = "{{ toJson $was.state }}"
KEPT_LAST = "{{ toJson (or $was.lastState dict) }}"


def ended(code: int, reason: str, message: str = '""') -> str:
    """The end of the container that ran until now; `message` is a template expression."""
    since = '{{ (or $was.state.running (dict "startedAt" $now)).startedAt | Quote }}'
    ident = '{{ or $was.containerID "" | Quote }}'
    return (
        f"{{terminated: {{exitCode: {code}, reason: {reason}, message: {{{{ {message} | Quote }}}}, "
        f"startedAt: {since}, finishedAt: {{{{ $now | Quote }}}}, containerID: {ident}}}}}"
    )


def waiting(reason: str, message: str) -> str:
    return f"{{waiting: {{reason: {reason}, message: {{{{ {message} | Quote }}}}}}}}"


NAMED = "$c.name $pod.metadata.name $pod.metadata.namespace $pod.metadata.uid"
BACK_OFF_SECONDS = "(index (list 10 20 40 80 160 300) (int (min 5 (sub $rc 1))))"
BACK_OFF_TIME = '(index (list "10s" "20s" "40s" "1m20s" "2m40s" "5m0s") (int (min 5 (sub $rc 1))))'
RESTARTING = 'printf "back-off %s restarting failed container=%s pod=%s_%s(%s)" ' + BACK_OFF_TIME + " " + NAMED
BACK_OFF = 'printf "Back-off restarting failed container %s in pod %s_%s(%s)" ' + NAMED
PRESENT = 'printf "Container image %q already present on machine and can be accessed by the pod" $c.image'


def began(restarts: str) -> list[Stage]:
    """The three events of each container start."""
    count = f"(add1 (int {restarts}))"
    return [
        event("Pulled", PRESENT, count=count),
        event("Created", '"Container created"', count=count),
        event("Started", '"Container started"', count=count),
    ]


@dataclass(frozen=True)
class Pods:
    """Which pods behave so: a container image, in a namespace or in all."""

    image: str
    namespace: str = ""
    names: tuple[str, ...] = field(default=())

    def expressions(self) -> list[Stage]:
        found: list[Stage] = [
            key(".spec.containers.[].image", "In", self.image),
            key(".metadata.deletionTimestamp", "DoesNotExist"),
        ]
        if self.namespace:
            found.append(key(".metadata.namespace", "In", self.namespace))
        if self.names:
            found.append(key(".metadata.name", "In", *self.names))
        return found


def key(path: str, operator: str, *values: str) -> Stage:
    return {"key": path, "operator": operator, **({"values": list(values)} if values else {})}


def stage(name: str, selector: list[Stage], steps: list[Stage], weight: int = 1, delay: Stage | None = None) -> Stage:
    spec: Stage = {
        "resourceRef": {"apiGroup": "v1", "kind": "Pod"},
        "selector": {"matchExpressions": selector},
        "weight": weight,
        "steps": steps,
    }
    if delay:
        spec["delay"] = delay
    return {"apiVersion": "kwok.x-k8s.io/v1alpha1", "kind": "Stage", "metadata": {"name": name}, "spec": spec}


def after(low: float, high: float | None = None) -> Stage:
    return {"durationMilliseconds": int(low * 1000), "jitterDurationMilliseconds": int((high or low) * 1000)}


PENDING = key(".status.phase", "In", "Pending")
UNSTARTED = key(".status.containerStatuses.[].name", "DoesNotExist")
NOT_A_JOB = key(".metadata.ownerReferences.[].kind", "NotIn", "Job")
IS_A_JOB = key(".metadata.ownerReferences.[].kind", "In", "Job")
IS_RUNNING = key(".status.containerStatuses.[].state.running.startedAt", "Exists")
IS_BACKING_OFF = key(".status.containerStatuses.[].state.waiting.reason", "In", "CrashLoopBackOff")


def restarts_is(operator: str, *values: str) -> Stage:
    return key(".status.containerStatuses.[].restartCount | tostring", operator, *values)


def running(ready: bool) -> Stage:
    return status(
        "phase: Running\n"
        + conditions(ready, first=True)
        + container(RUNNING, ready=ready, started=True)
        + ADDRESSES
        + POD_ADDRESSES
    )


def healthy() -> list[Stage]:
    """Every pod that no other stage speaks of."""
    alive = [key(".metadata.deletionTimestamp", "DoesNotExist"), PENDING, UNSTARTED]
    done = [key(".metadata.deletionTimestamp", "DoesNotExist"), key(".status.phase", "In", "Running"), IS_A_JOB]
    finished = status("phase: Succeeded\n" + over("PodCompleted") + container(ended(0, "Completed")))
    stopping = event("Killing", 'printf "Stopping container %s" $c.name')
    gone = [key(".metadata.deletionTimestamp", "Exists")]
    return [
        stage("pod-start", alive, [running(ready=True), *began("$rc")], weight=0, delay=after(1, 4)),
        stage("pod-complete", done, [finished], weight=0, delay=after(3, 8)),
        stage("pod-delete", gone, [stopping, {"delete": True}], weight=100000, delay=after(1, 2)),
    ]


def over(reason: str) -> str:
    lines = ["conditions:"]
    for kind in ("Ready", "ContainersReady"):
        lines.append(
            f'- {{type: {kind}, status: "False", reason: {reason}, message: null, '
            "lastTransitionTime: {{ $now | Quote }}}"
        )
    return "\n".join(lines) + "\n"


@dataclass(frozen=True)
class Crash:
    """How a container ends: `log` is a template expression for the message that FallbackToLogsOnError leaves."""

    code: int = 1
    reason: str = "Error"
    log: str = '""'
    first_log: str = ""  # that of the first crash, where it differs


def crashing(name: str, pods: Pods, crash: Crash, at: tuple[str, str] | None = None, fast: bool = False) -> list[Stage]:
    """Runs, then ends again and again with the kubelet's back-off: 10 s, doubled up to five minutes.

    `at` (two instants, RFC 3339) bounds the first crash of a pod that was ready before; without it no pod gets ready.
    The first restart is at once: the kubelet backs off from the second. `fast` shortens the waits to two seconds.
    """
    on = pods.expressions()
    last = ended(crash.code, crash.reason, crash.log)
    opening = ended(crash.code, crash.reason, crash.first_log or crash.log)
    first = status(conditions(False, False) + container(RUNNING, opening, started=True, restarts="$again"))
    fallen = status(container(waiting("CrashLoopBackOff", RESTARTING), last))
    risen = status(container(RUNNING, KEPT_LAST, started=True, restarts="$again"))
    warn = event("BackOff", BACK_OFF, "Warning", count="$rc")
    jq = f'"\\({BACK_OFF_JQ})s"'
    wait: Stage = after(2) if fast else {"durationMilliseconds": 10000, "durationFrom": {"expressionFrom": jq}}
    falls: Stage = {"durationMilliseconds": 2000, "jitterDurationMilliseconds": 4000}
    if at:
        low, high = ({"expressionFrom": f'"{instant}"'} for instant in at)
        falls = {"durationMilliseconds": 2000, "durationFrom": low, "jitterDurationFrom": high}
    stages = [
        stage(f"{name}-first", [*on, IS_RUNNING, restarts_is("In", "0")], [first, *began("$again")], delay=falls),
        stage(f"{name}-fall", [*on, IS_RUNNING, restarts_is("NotIn", "0")], [fallen, warn], delay=after(4, 7)),
        stage(f"{name}-rise", [*on, IS_BACKING_OFF], [risen, *began("$again")], delay=wait),
    ]
    if not at:
        stages.insert(
            0, stage(f"{name}-start", [*on, PENDING, UNSTARTED], [running(ready=False), *began("$rc")], delay=after(1))
        )
    return stages


def waits(name: str, pods: Pods, steps: list[tuple[str, str, list[Stage]]]) -> list[Stage]:
    """Never starts: each step is a waiting reason, its message (a template expression) and its events."""
    stages = []
    before = [PENDING, UNSTARTED]
    for number, (reason, message, events) in enumerate(steps):
        text = "phase: Pending\n" + container(waiting(reason, message), pulled=False)
        text += (conditions(False, True) + ADDRESSES + POD_ADDRESSES) if number == 0 else ""
        stages.append(
            stage(f"{name}-{number}", [*pods.expressions(), *before], [*events, status(text)], delay=after(3))
        )
        before = [key(".status.containerStatuses.[].state.waiting.reason", "In", reason)]
    return stages


def unready(name: str, pods: Pods, events: list[Stage], delay: float = 20) -> list[Stage]:
    """Runs but never gets ready; after a while the events come."""
    on = pods.expressions()
    return [
        stage(f"{name}-start", [*on, PENDING, UNSTARTED], [running(ready=False), *began("$rc")], delay=after(1)),
        stage(f"{name}-probe", [*on, IS_RUNNING], events, delay=after(delay)),
    ]


def killed(name: str, pods: Pods, events: list[Stage], code: int = 137, delay: float = 15) -> list[Stage]:
    """Runs, is killed by the kubelet (which the events tell) and restarted, once."""
    on = [*pods.expressions(), IS_RUNNING, restarts_is("In", "0")]
    text = container(RUNNING, ended(code, "Error"), ready=True, started=True, restarts="$again")
    return [stage(f"{name}-kill", on, [*events, status(text), *began("$again")], delay=after(delay))]


def ends(name: str, pods: Pods, phase: str, text: str, events: list[Stage], delay: float = 3) -> list[Stage]:
    """Runs, then is over: `text` is the rest of the status."""
    on = [*pods.expressions(), key(".status.phase", "In", "Running")]
    return [stage(f"{name}-end", on, [status(f"phase: {phase}\n" + text), *events], weight=1, delay=after(delay))]


# Back-off seconds from the restart count, in jq: the delay of a stage can't be a Go template.
BACK_OFF_JQ = "([300, 10 * pow(2; (.status.containerStatuses[0].restartCount) - 1)] | min | floor)"


def as_file(stages: list[Stage]) -> str:
    """Documents that KWOK reads: JSON is YAML."""
    return "---\n".join(json.dumps(one, indent=1) + "\n" for one in stages)
