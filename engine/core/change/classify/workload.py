"""Hints in how a workload's pods run."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from engine.core.change.classify.hint import Hint, changed
from engine.core.change.intend.workload import RESTARTED

_KINDS = ("Deployment", "StatefulSet", "DaemonSet", "CronJob")
_TIMINGS = {
    "initialDelaySeconds": "initial_delay_seconds",
    "periodSeconds": "period_seconds",
    "timeoutSeconds": "timeout_seconds",
    "failureThreshold": "failure_threshold",
    "successThreshold": "success_threshold",
}
_SECURITY = {
    "runAsNonRoot": "run_as_non_root",
    "readOnlyRootFilesystem": "read_only_root_filesystem",
    "allowPrivilegeEscalation": "allow_privilege_escalation",
    "privileged": "privileged",
}


def hints(before: Any, after: Any) -> Iterator[Hint]:
    """What differs in replicas, suspension, a restart, and each container."""
    if after.get("kind") not in _KINDS:
        return
    spec = changed(before.get("spec"), after.get("spec"))
    if "replicas" in spec:
        yield Hint("scale_workload", {"replicas": spec["replicas"]})
    if "suspend" in spec:
        yield Hint("suspend_cronjob", {"suspend": spec["suspend"]})
    old, new = _template(before), _template(after)
    metadata = ((template.get("metadata") or {}).get("annotations") for template in (old, new))
    if RESTARTED in changed(*metadata):
        yield Hint("restart_workload")
    earlier = _containers(old)
    for name, container in _containers(new).items():
        if name in earlier:
            yield from _of_container(name, earlier[name], container)


def _template(obj: Any) -> dict[str, Any]:
    spec = obj.get("spec") or {}
    if obj.get("kind") == "CronJob":
        spec = (spec.get("jobTemplate") or {}).get("spec") or {}
    template: dict[str, Any] = spec.get("template") or {}
    return template


def _containers(template: dict[str, Any]) -> dict[str, Any]:
    spec = template.get("spec") or {}
    everyone = [*(spec.get("containers") or ()), *(spec.get("initContainers") or ())]
    return {str(one["name"]): one for one in everyone}


def _of_container(name: str, before: Any, after: Any) -> Iterator[Hint]:
    own = {"container": name}
    if before.get("image") != after.get("image"):
        yield Hint("set_image", {**own, "image": after["image"]})
    quantities = {
        part: found
        for part in ("requests", "limits")
        if (found := changed((before.get("resources") or {}).get(part), (after.get("resources") or {}).get(part)))
    }
    if quantities:
        yield Hint("set_resources", {**own, **quantities})
    for variable in _variables(before, after):
        yield Hint("patch_config", {**own, **variable})
    for probe in ("liveness", "readiness", "startup"):
        timings = changed(before.get(f"{probe}Probe"), after.get(f"{probe}Probe"))
        if timings:
            yield Hint("set_probe", {**own, "probe": probe, **{_TIMINGS[key]: timings[key] for key in timings}})
    security = changed(before.get("securityContext"), after.get("securityContext"))
    if security:
        yield Hint("set_security_context", {**own, **{_SECURITY[key]: security[key] for key in security}})


def _variables(before: Any, after: Any) -> Iterator[dict[str, Any]]:
    old = {str(one["name"]): one.get("value") for one in before.get("env") or ()}
    for one in after.get("env") or ():
        if one["name"] not in old or old[one["name"]] != one.get("value"):
            yield {"key": one["name"], "value": one["value"]}
