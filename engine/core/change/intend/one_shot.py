"""Intentions without a field to set: a Job beside the target that runs once and cleans up after itself.

The Job runs the target's own image, so no image enters a namespace that wasn't there before. Its name comes from the
action and the proposal: the same proposal twice makes one Job. A scratch volume that lives and dies with its pods
can't be reached from a Job; there the pods are replaced, which empties it.
"""

from __future__ import annotations

import copy
from typing import Any

from engine.core import canonical
from engine.core.change.intend.situation import OWNER, Intent, Situation, container, pod_template, refuse
from engine.core.change.intend.workload import restart

_PORTS = {"redis": 6379, "memcached": 11211}
_DEADLINE_SECONDS = 900
_OF_THE_FIRST_RUN = ("selector", "manualSelector", "ttlSecondsAfterFinished", "suspend")
_OF_THE_CONTAINER = ("image", "imagePullPolicy", "resources", "securityContext")


def rerun(situation: Situation) -> Intent:
    """The target's own job once more, under a new name."""
    obj = situation.copy()
    spec = obj.get("spec") or {}
    spec = (spec.get("jobTemplate") or {}).get("spec") or {} if obj.get("kind") == "CronJob" else spec
    if not isinstance(spec.get("template"), dict):
        raise refuse("it has no job to run again in Git")
    kept = {k: v for k, v in spec.items() if k not in _OF_THE_FIRST_RUN}
    return Intent(situation.rendered, _job(situation, "rerun", kept))


def clear_storage(situation: Situation) -> Intent:
    """An empty scratch volume: by new pods where it goes with them, by a Job where it is a claim."""
    return _on_volume(situation, "clear", ["find", "{path}", "-mindepth", "1", "-delete"])


def rotate_logs(situation: Situation) -> Intent:
    """No log files past their keep time on a volume."""
    days = str(situation.action.params.keep_days)
    return _on_volume(situation, "rotate", ["find", "{path}", "-type", "f", "-mtime", f"+{days}", "-delete"])


def _on_volume(situation: Situation, verb: str, command: list[str]) -> Intent:
    params, obj = situation.action.params, situation.copy()
    spec = pod_template(obj)["spec"]
    claims = (obj.get("spec") or {}).get("volumeClaimTemplates") or ()
    if any((c.get("metadata") or {}).get("name") == params.volume for c in claims):
        raise refuse("each pod has a claim of its own there", "Clear it pod by pod, by hand")
    volumes = [v for v in spec.get("volumes") or () if v.get("name") == params.volume]
    if len(volumes) != 1:
        raise refuse(f"there is no volume {params.volume!r}", "Name one of the pod template's volumes")
    if "emptyDir" in volumes[0] or "ephemeral" in volumes[0]:
        return restart(situation)
    if "persistentVolumeClaim" not in volumes[0]:
        raise refuse(f"the volume {params.volume!r} holds nothing to clear", "Name a scratch volume or a claim")
    root = "/penstock"
    arguments = [word.replace("{path}", f"{root}/{params.path}".rstrip("/")) for word in command]
    one = _container(situation, arguments)
    one["volumeMounts"] = [{"name": params.volume, "mountPath": root}]
    return Intent(situation.rendered, _job(situation, verb, _pod(spec, one, volumes)))


def clear_cache(situation: Situation) -> Intent:
    """A flush through the cache's own protocol."""
    params, obj = situation.action.params, situation.copy()
    host, port = params.service or situation.action.target.name, str(params.port or _PORTS[params.engine])
    if params.engine == "redis":
        arguments = ["redis-cli", "-h", host, "-p", port, "FLUSHDB", "ASYNC"]
    else:
        arguments = ["sh", "-c", 'printf "flush_all\\r\\nquit\\r\\n" | nc "$0" "$1"', host, port]
    spec = pod_template(obj)["spec"]
    return Intent(situation.rendered, _job(situation, "flush", _pod(spec, _container(situation, arguments), [])))


def _container(situation: Situation, arguments: list[str]) -> dict[str, Any]:
    spec = pod_template(situation.rendered)["spec"]
    first = (spec.get("containers") or [{}])[0]
    own = container(situation.rendered, str(first.get("name", "")))
    kept = {
        key: copy.deepcopy(own[key])
        for key in ("image", "imagePullPolicy", "resources", "securityContext")
        if key in own
    }
    return {"name": "once", **kept, "command": arguments, "terminationMessagePolicy": "FallbackToLogsOnError"}


def _pod(spec: Any, one: dict[str, Any], volumes: list[Any]) -> dict[str, Any]:
    inherited = ("imagePullSecrets", "securityContext", "nodeSelector", "tolerations", "serviceAccountName")
    pod = {key: copy.deepcopy(spec[key]) for key in inherited if key in spec}
    pod.update(automountServiceAccountToken=False, restartPolicy="Never", containers=[one])
    if volumes:
        pod["volumes"] = copy.deepcopy(volumes)
    return {"backoffLimit": 0, "activeDeadlineSeconds": _DEADLINE_SECONDS, "template": {"spec": pod}}


def _job(situation: Situation, verb: str, spec: dict[str, Any]) -> dict[str, Any]:
    target, action = situation.rendered.get("metadata") or {}, situation.action
    key = canonical.digest([action.digest, situation.context.proposal]).removeprefix("sha256:")[:8]
    labels = {"app.kubernetes.io/managed-by": "penstock"}
    if OWNER in (target.get("labels") or {}):
        labels[OWNER] = target["labels"][OWNER]
    metadata = {"name": f"{action.target.name[:40].rstrip('-.')}-{verb}-{key}"}
    if target.get("namespace"):
        metadata["namespace"] = target["namespace"]
    marks = {"penstock.dev/action": action.digest, "penstock.dev/proposal": situation.context.proposal}
    lasting = {"ttlSecondsAfterFinished": situation.context.job_ttl_seconds, **spec}
    return {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {**metadata, "labels": labels, "annotations": marks},
        "spec": lasting,
    }
