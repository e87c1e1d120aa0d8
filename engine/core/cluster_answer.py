"""Answers to vetted questions from what was read of the cluster: a line an object, and no field that may hold a secret.

What the gate didn't read isn't "there is none": an answer says which kinds it knows nothing of, and of a question about
none but those there is no answer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from engine.core.cluster_query import ClusterQuestion
from engine.core.errors import EvidenceUnavailable
from engine.core.facts.cluster_view import ClusterView, Object
from engine.core.facts.recent import revision
from engine.core.untrusted import one_line

MOST = 40
RESULTS = 3
_NODE_SCOPED = ("Node",)


def answer(view: ClusterView, question: ClusterQuestion) -> str:
    """At most forty lines, the newest first, and what isn't known.

    Raises :class:`EvidenceUnavailable` where none of the kinds was read.
    """
    kinds = question.kinds or tuple(view.objects)
    unknown = [kind for kind in kinds if not view.readable(kind)]
    if len(unknown) == len(kinds):
        raise EvidenceUnavailable(f"the gate doesn't read {' or '.join(unknown)} here", where="kubernetes")
    found = [(kind, one) for kind in kinds for one in view.of(kind) if _fits(view, question, kind, one)]
    if newest := question.clauses.get("newest_of"):
        found = _of_newest(view, found, newest, question.clauses.get("inside"))
    found.sort(key=lambda one: (_at(one[1]), one[1]["metadata"]["name"]), reverse=True)
    tell = _managers if question.managers else None
    lines = [one_line((tell or _TELLING.get(kind, _plain))(view, kind, one), limit=300) for kind, one in found[:MOST]]
    left = len(found) - len(lines)
    said = lines + ([f"… and {left} more"] if left else []) or ["none"]
    return "\n".join(said + [f"of {kind} nothing is known here" for kind in unknown])


def _fits(view: ClusterView, question: ClusterQuestion, kind: str, one: Object) -> bool:
    said = question.clauses
    if "inside" in said and kind not in _NODE_SCOPED and one["metadata"].get("namespace", "") != said["inside"]:
        return False
    if question.reasons and not set(question.reasons) & _reasons(one):
        return False
    holds = (_HOLDS[name](view, kind, one, value) for name, value in said.items() if name in _HOLDS)
    return all(holds)


def _owned(view: ClusterView, kind: str, one: Object, name: str) -> bool:
    owners = {owner.get("name") for owner in one["metadata"].get("ownerReferences") or ()}
    return name in owners or (name != one["metadata"]["name"] and view.root_owner(kind, one)[2] == name)


def _about(_: ClusterView, kind: str, one: Object, name: str) -> bool:
    if kind == "Event":
        return bool(_regarding(one).get("name") == name)
    scoped = [one.get("scope") or {}, *(part for r in one.get("results") or () for part in r.get("resources") or ())]
    return bool(one["metadata"]["name"] == name) or any(part.get("name") == name for part in scoped)


def _about_pods(view: ClusterView, kind: str, one: Object, name: str) -> bool:
    regarding = _regarding(one)
    if kind != "Event" or regarding.get("kind") != "Pod":
        return False
    pod = view.get("Pod", str(regarding.get("namespace", "")), str(regarding.get("name", "")))
    if pod is None:  # gone, but its name still says whose it was
        return str(regarding.get("name", "")).startswith(f"{name}-")
    return _owned(view, "Pod", pod, name)


def _reported(view: ClusterView, kind: str, one: Object, name: str) -> bool:
    labels = one["metadata"].get("labels") or {}
    named = str(labels.get("trivy-operator.resource.name", ""))
    return _owned(view, kind, one, name) or named == name or named.startswith(f"{name}-")


def _mounts(_: ClusterView, __: str, one: Object, name: str) -> bool:
    volumes = (one.get("spec") or {}).get("volumes") or ()
    return any((volume.get("persistentVolumeClaim") or {}).get("claimName") == name for volume in volumes)


def _makes(_: ClusterView, __: str, one: Object, name: str) -> bool:
    return any(part.get("name") == name for part in (one.get("status") or {}).get("resources") or ())


_HOLDS: Mapping[str, Callable[[ClusterView, str, Object, str], bool]] = {
    "owned_by": _owned,
    "about": _about,
    "about_pods_of": _about_pods,
    "of": _reported,
    "mounting": _mounts,
    "making": _makes,
    "named": lambda _, __, one, name: bool(one["metadata"]["name"] == name),
    "on": lambda _, __, one, name: bool((one.get("spec") or {}).get("nodeName") == name),
    "created_since": lambda _, __, one, since: str(one["metadata"].get("creationTimestamp", "")) >= since,
}


def _of_newest(
    view: ClusterView, found: list[tuple[str, Object]], name: str, namespace: str | None
) -> list[tuple[str, Object]]:
    sets = [one for one in view.of("ReplicaSet", namespace) if _owned(view, "ReplicaSet", one, name)]
    newest = max(sets, key=revision, default=None)
    return [(kind, one) for kind, one in found if newest and _owned(view, kind, one, str(newest["metadata"]["name"]))]


def _regarding(event: Object) -> Mapping[str, object]:
    found: Mapping[str, object] = event.get("involvedObject") or event.get("regarding") or {}
    return found


def _reasons(one: Object) -> set[str]:
    status = one.get("status") or {}
    states = [state for said in _containers(one) for state in (said.get("state") or {}).values()]
    return {str(part.get("reason", "")) for part in (one, status, *states)}


def _containers(pod: Object) -> Iterable[Object]:
    status = pod.get("status") or {}
    return status.get("containerStatuses") or () if isinstance(status, dict) else ()


def _at(one: Object) -> str:
    return str(one.get("lastTimestamp") or one.get("eventTime") or one["metadata"].get("creationTimestamp") or "")


def _pod(view: ClusterView, kind: str, one: Object) -> str:
    status, said = one.get("status") or {}, []
    for container in _containers(one):
        name, state = next(iter((container.get("state") or {"unknown": {}}).items()))
        reason = f" ({state['reason']})" if state.get("reason") else ""
        ready = "ready" if container.get("ready") else "not ready"
        said.append(f"{container.get('name')} {name}{reason}, {ready}, {container.get('restartCount', 0)} restarts")
    owner = view.root_owner(kind, one)
    node = (one.get("spec") or {}).get("nodeName") or "no node"
    reason = f" {status['reason']}" if status.get("reason") else ""
    told = f"{_named(kind, one)} {status.get('phase', 'unknown')}{reason} on {node}, of {owner[0]} {owner[2]}"
    return f"{told}: {'; '.join(said) or 'no container has a status'}"


def _event(_: ClusterView, __: str, one: Object) -> str:
    regarding = _regarding(one)
    about = f"{regarding.get('kind', '')} {regarding.get('name', '')}"
    return f"{_at(one)} {one.get('reason', '')} x{one.get('count') or 1} about {about}: {one.get('message', '')}"


def _replica_set(_: ClusterView, kind: str, one: Object) -> str:
    spec, status = one.get("spec") or {}, one.get("status") or {}
    containers = ((spec.get("template") or {}).get("spec") or {}).get("containers") or ()
    images = ", ".join(str(container.get("image", "")) for container in containers)
    count = f"{status.get('readyReplicas', 0)} of {spec.get('replicas', 0)} ready"
    return f"{_named(kind, one)} rollout {revision(one)} made {_at(one)}: {count}, {images}"


def _conditions(_: ClusterView, kind: str, one: Object) -> str:
    status = one.get("status") or {}
    counts = [f"{name} {status[name]}" for name in ("active", "succeeded", "failed") if name in status]
    counts += [str(status[name]) for name in ("state", "reason") if status.get(name)]
    said = [
        f"{c.get('type')}={c.get('status')}" + (f" ({c['reason']})" if c.get("reason") else "")
        for c in status.get("conditions") or ()
    ]
    closed = ["unschedulable"] if (one.get("spec") or {}).get("unschedulable") else []
    return f"{_named(kind, one)}: {', '.join([*closed, *counts, *said]) or 'says nothing of itself'}"


def _application(_: ClusterView, kind: str, one: Object) -> str:
    status = one.get("status") or {}
    sync, health = status.get("sync") or {}, status.get("health") or {}
    told = f"{sync.get('status', 'unknown')} at {str(sync.get('revision', ''))[:12]}"
    return f"{_named(kind, one)}: {told}, {health.get('status', 'unknown')}"


def _vulnerabilities(_: ClusterView, kind: str, one: Object) -> str:
    report = one.get("report") or {}
    artifact, summary = report.get("artifact") or {}, report.get("summary") or {}
    counts = f"{summary.get('criticalCount', 0)} critical, {summary.get('highCount', 0)} high"
    return f"{_named(kind, one)} of {artifact.get('repository', '')}:{artifact.get('tag', '')}: {counts}"


def _policy_results(_: ClusterView, kind: str, one: Object) -> str:
    summary, results = one.get("summary") or {}, one.get("results") or ()
    counts = ", ".join(
        f"{summary[name]} {name}" for name in ("pass", "fail", "warn", "error", "skip") if summary.get(name)
    )
    failed = [result for result in results if result.get("result") in ("fail", "error")]
    said = "; ".join(f"{r.get('policy', '')}/{r.get('rule', '')}: {r.get('message', '')}" for r in failed[:RESULTS])
    scope = one.get("scope") or {}
    about = f" of {scope.get('kind', '')} {scope.get('name', '')}" if scope else ""
    return f"{_named(kind, one)}{about}: {counts or 'no summary'}{'; ' if said else ''}{said}"


def _managers(_: ClusterView, kind: str, one: Object) -> str:
    fields = one["metadata"].get("managedFields") or ()
    said = [f"{f.get('manager')} by {f.get('operation')} at {f.get('time', 'no time')}" for f in fields]
    return f"{_named(kind, one)}: {'; '.join(said) or 'who manages it was not read'}"


def _plain(_: ClusterView, kind: str, one: Object) -> str:
    return f"{_named(kind, one)} made {_at(one)}"


def _named(kind: str, one: Object) -> str:
    namespace = one["metadata"].get("namespace", "")
    return f"{kind} {namespace + '/' if namespace else ''}{one['metadata']['name']}"


_TELLING: Mapping[str, Callable[[ClusterView, str, Object], str]] = {
    "Pod": _pod,
    "Event": _event,
    "ReplicaSet": _replica_set,
    "Job": _conditions,
    "Node": _conditions,
    "Application": _application,
    "VulnerabilityReport": _vulnerabilities,
    "PolicyReport": _policy_results,
    "Report": _policy_results,
    "CertificateRequest": _conditions,
    "Order": _conditions,
    "Challenge": _conditions,
}
