"""Intentions about configuration, scaling bounds, traffic and silences."""

from __future__ import annotations

from typing import Any

from engine.core.action.bounds import amount
from engine.core.change.fields import ABSENT, FieldChange, Item, Path, find, parse_path, put
from engine.core.change.intend.situation import Intent, Situation, container, refuse, section
from engine.core.moment import shift

SILENCE = "silence.penstock.dev/"
REVERTED = "penstock.dev/drift-reverted-at"
RETRIED = "penstock.dev/sync-retried-at"
RECONCILE = "reconcile.fluxcd.io/requestedAt"


def patch_config(situation: Situation) -> Intent:
    """One key of a ConfigMap, or one environment variable."""
    params = situation.action.params
    return _configure(situation, params.key, params.value, params.container, must_exist=False)


def set_feature_flag(situation: Situation) -> Intent:
    """A flag that is there already: a new name would switch nothing."""
    params = situation.action.params
    return _configure(situation, params.flag, params.value, params.container, must_exist=True)


def _configure(situation: Situation, key: str, value: str, name: str, *, must_exist: bool) -> Intent:
    after = situation.copy()
    if situation.action.target.kind == "ConfigMap":
        if must_exist and key not in (after.get("data") or {}):
            raise refuse(f"there is no {key}", "Name a flag that the configuration has")
        section(after, "data")[key] = value
        return Intent(after)
    one = container(after, name)
    variables = one.setdefault("env", [])
    found = [v for v in variables if v.get("name") == key]
    if found and "valueFrom" in found[0]:
        raise refuse(f"{key} comes from elsewhere", "Change the ConfigMap or Secret that it comes from")
    if not found and must_exist:
        raise refuse(f"there is no {key}", "Name a flag that the configuration has")
    if found:
        found[0]["value"] = value
    else:
        variables.append({"name": key, "value": value})
    return Intent(after)


def adjust_hpa(situation: Situation) -> Intent:
    """The bounds that were named."""
    after, params = situation.copy(), situation.action.params
    spec = section(after, "spec")
    for key, value in (("minReplicas", params.min_replicas), ("maxReplicas", params.max_replicas)):
        if value is not None:
            spec[key] = value
    if spec.get("minReplicas", 1) > spec.get("maxReplicas", 0):
        raise refuse(f"a minimum of {spec.get('minReplicas', 1)} is over the maximum of {spec.get('maxReplicas')}")
    return Intent(after)


def adjust_pdb(situation: Situation) -> Intent:
    """One figure of a budget; Kubernetes takes only one of the two."""
    after, params = situation.copy(), situation.action.params
    spec = section(after, "spec")
    minimum = params.min_available is not None
    spec.pop("maxUnavailable" if minimum else "minAvailable", None)
    spec["minAvailable" if minimum else "maxUnavailable"] = params.min_available if minimum else params.max_unavailable
    return Intent(after)


def expand_volume(situation: Situation) -> Intent:
    """A larger request of a claim."""
    after, size = situation.copy(), situation.action.params.size
    requests = section(after, "spec", "resources", "requests")
    if "storage" in requests and amount(size) <= amount(str(requests["storage"])):
        raise refuse(f"{size} isn't more than {requests['storage']}", "A claim can only grow")
    requests["storage"] = size
    return Intent(after)


def change_service(situation: Situation) -> Intent:
    """Type, selector labels, or the target of one port."""
    after, params = situation.copy(), situation.action.params
    spec = section(after, "spec")
    if params.type is not None:
        spec["type"] = params.type
    if params.selector:
        section(spec, "selector").update(params.selector)
    if params.port is not None:
        ports = [p for p in spec.get("ports") or () if p.get("port") == params.port]
        if len(ports) != 1:
            raise refuse(f"there is no port {params.port}")
        ports[0]["targetPort"] = params.target_port
    return Intent(after)


def fail_over(situation: Situation) -> Intent:
    """Selector labels that the Service has already, with the standby's values."""
    after = situation.copy()
    selector = section(after, "spec", "selector")
    strange = sorted(situation.action.params.selector.keys() - selector.keys())
    if strange:
        raise refuse(f"the Service doesn't select by {strange[0]}", "Name labels that it selects by")
    selector.update(situation.action.params.selector)
    return Intent(after)


def change_certificate(situation: Situation) -> Intent:
    """Fields of a Certificate that were named."""
    after, params = situation.copy(), situation.action.params
    spec = section(after, "spec")
    if params.issuer is not None:
        section(spec, "issuerRef")["name"] = params.issuer
    if params.duration is not None:
        spec["duration"] = params.duration
    if params.renew_before is not None:
        spec["renewBefore"] = params.renew_before
    if params.dns_names:
        spec["dnsNames"] = list(params.dns_names)
    return Intent(after)


def silence(situation: Situation) -> Intent:
    """An annotation that says until when; intake honours it, and it ends by itself."""
    params = situation.action.params
    until = shift(situation.context.now, params.minutes * 60)
    return _annotated(situation, SILENCE + params.alert, until)


def revert_drift(situation: Situation) -> Intent:
    """Git is right already; a marker makes the next commit that a controller applies, which undoes the drift."""
    return _annotated(situation, REVERTED, situation.context.now)


def retry_sync(situation: Situation) -> Intent:
    """A marker in the declaration: Argo CD tries a new commit again, Flux reads the annotation itself."""
    key = RETRIED if situation.action.target.kind == "Application" else RECONCILE
    return _annotated(situation, key, situation.context.now)


def _annotated(situation: Situation, key: str, value: str) -> Intent:
    after = situation.copy()
    section(after, "metadata", "annotations")[key] = value
    return Intent(after)


_CODIFIABLE: dict[str, tuple[tuple[str, ...], ...]] = {
    "Deployment": (("spec", "replicas"),),
    "StatefulSet": (("spec", "replicas"),),
    "CronJob": (("spec", "suspend"), ("spec", "schedule")),
    "HorizontalPodAutoscaler": (("spec", "minReplicas"), ("spec", "maxReplicas")),
    "PodDisruptionBudget": (("spec", "minAvailable"), ("spec", "maxUnavailable")),
    "ConfigMap": (("data", "*"),),
    "Node": (("spec", "unschedulable"),),
}
_CONTAINER = (("image",), ("resources", "requests", "*"), ("resources", "limits", "*"), ("env", "*", "value"))


def codify_drift(situation: Situation) -> Intent:
    """Live values of the named fields, where each is one that people set and not the cluster."""
    live, target = situation.context.live, situation.action.target
    if live is None:
        raise refuse("the live object isn't known, so there is nothing to write down", "Give the cluster's objects")
    after: Any = situation.copy()
    for text in situation.action.params.fields:
        path = parse_path(text)
        if not codifiable(target.kind, path):
            raise refuse(f"{text} isn't taken from the cluster", "Name replicas, an image, resources or data")
        value = find(live, path)
        if value is ABSENT or isinstance(value, (dict, list)):
            raise refuse(f"{text} has no single live value", "Name one field that the live object has")
        after = put(after, FieldChange(path, find(after, path), value))
    return Intent(after)


def codifiable(kind: str, path: Path) -> bool:
    """Whether a live value of this field may become the desired one."""
    prefix: Path = ("spec", "template", "spec", "containers")
    if kind == "CronJob":
        prefix = ("spec", "jobTemplate", *prefix)
    inside = path[len(prefix) + 1 :]
    in_container = path[: len(prefix)] == prefix and isinstance(path[len(prefix)] if inside else None, Item)
    if in_container and kind in ("Deployment", "StatefulSet", "DaemonSet", "CronJob"):
        return any(_matches(inside, pattern) for pattern in _CONTAINER)
    return any(_matches(path, pattern) for pattern in _CODIFIABLE.get(kind, ()))


def _matches(path: Path, pattern: tuple[str, ...]) -> bool:
    return len(path) == len(pattern) and all(want in ("*", step) for step, want in zip(path, pattern, strict=True))
