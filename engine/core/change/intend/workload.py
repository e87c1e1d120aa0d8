"""Intentions about a workload's pods."""

from __future__ import annotations

from typing import Any

from engine.core.change.fields import put
from engine.core.change.intend.situation import Intent, Situation, container, pod_template, refuse, section

RESTARTED = "kubectl.kubernetes.io/restartedAt"


def restart(situation: Situation) -> Intent:
    """A new time in the pod template: what ``kubectl rollout restart`` writes."""
    after = situation.copy()
    section(pod_template(after), "metadata", "annotations")[RESTARTED] = situation.context.now
    return Intent(after)


def rollback(situation: Situation) -> Intent:
    """The images of each container as an earlier state of Git, or an earlier rollout, had them."""
    wanted = situation.action.params.to_revision
    if isinstance(wanted, int):
        images = dict(situation.context.revisions.get(wanted) or {})
        if not images:
            raise refuse(f"rollout {wanted} isn't known any more", "Roll back to previous, or to a commit")
    else:
        images = images_of(situation.earlier or {})
    after = situation.copy()
    spec = pod_template(after)["spec"]
    for one in [*(spec.get("containers") or ()), *(spec.get("initContainers") or ())]:
        one["image"] = images.get(str(one.get("name")), one.get("image"))
    return Intent(after)


def images_of(obj: Any) -> dict[str, str]:
    """Image by container name in an object's pod template; empty where it has none."""
    spec = obj.get("spec") or {}
    spec = (spec.get("jobTemplate") or {}).get("spec") or spec
    spec = (spec.get("template") or {}).get("spec") or {}
    everyone = [*(spec.get("containers") or ()), *(spec.get("initContainers") or ())]
    return {str(c.get("name")): str(c.get("image", "")) for c in everyone}


def scale(situation: Situation) -> Intent:
    """The replica count."""
    after = situation.copy()
    section(after, "spec")["replicas"] = situation.action.params.replicas
    return Intent(after)


def set_image(situation: Situation) -> Intent:
    """The image of one container."""
    after, params = situation.copy(), situation.action.params
    container(after, params.container)["image"] = params.image
    return Intent(after)


def set_resources(situation: Situation) -> Intent:
    """Requests and limits that were named; the others stay."""
    after, params = situation.copy(), situation.action.params
    one = container(after, params.container)
    for name, quantities in (("requests", params.requests), ("limits", params.limits)):
        if quantities:
            section(one, "resources", name).update(quantities)
    return Intent(after)


_PROBE_FIELDS = {
    "initial_delay_seconds": "initialDelaySeconds",
    "period_seconds": "periodSeconds",
    "timeout_seconds": "timeoutSeconds",
    "failure_threshold": "failureThreshold",
    "success_threshold": "successThreshold",
}


def set_probe(situation: Situation) -> Intent:
    """Timing of a probe that is there."""
    after, params = situation.copy(), situation.action.params
    probe = container(after, params.container).get(f"{params.probe}Probe")
    if not isinstance(probe, dict):
        raise refuse(f"the container has no {params.probe} probe", "Add one by hand first")
    given = params.model_dump(exclude_none=True, exclude={"container", "probe"})
    probe.update({_PROBE_FIELDS[name]: value for name, value in given.items()})
    return Intent(after)


_SECURITY_FIELDS = {
    "run_as_non_root": "runAsNonRoot",
    "read_only_root_filesystem": "readOnlyRootFilesystem",
    "allow_privilege_escalation": "allowPrivilegeEscalation",
    "privileged": "privileged",
}


def set_security_context(situation: Situation) -> Intent:
    """Security settings of one container."""
    after, params = situation.copy(), situation.action.params
    given = params.model_dump(exclude_none=True, exclude={"container"})
    target = section(container(after, params.container), "securityContext")
    target.update({_SECURITY_FIELDS[name]: value for name, value in given.items()})
    return Intent(after)


def suspend(situation: Situation) -> Intent:
    """Whether a CronJob starts jobs."""
    after = situation.copy()
    section(after, "spec")["suspend"] = situation.action.params.suspend
    return Intent(after)


def take_back(situation: Situation) -> Intent:
    """The target without what one commit did to it."""
    after: Any = situation.copy()
    for change in situation.undone:
        after = put(after, change)
    return Intent(after)
