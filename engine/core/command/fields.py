"""Changed fields of an object become typed actions; a field that no action is about is a refusal that names it.

A patch and a manifest end here alike: both are a set of fields with the values that they would get.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from engine.core.command.meaning import action
from engine.core.command.refusal import CommandRefused
from engine.core.proposal import ActionRequest, TargetReference

Path = tuple[str, ...]
_CONTAINER = re.compile(r"\[([^\]]*)\]")
_TEMPLATES = (("spec", "template", "spec"), ("spec", "jobTemplate", "spec", "template", "spec"))
_RESTARTED = ("spec", "template", "metadata", "annotations", "kubectl.kubernetes.io/restartedAt")
_SNAKE = re.compile(r"(?<=[a-z])(?=[A-Z])")
_TIMINGS = {"initialDelaySeconds", "periodSeconds", "timeoutSeconds", "failureThreshold", "successThreshold"}
_SECURITY = {"runAsNonRoot", "readOnlyRootFilesystem", "allowPrivilegeEscalation", "privileged"}
_PROBES = {"livenessProbe": "liveness", "readinessProbe": "readiness", "startupProbe": "startup"}
_SIMPLE: Mapping[tuple[str, Path], tuple[str, str]] = {
    ("Deployment", ("spec", "replicas")): ("scale_workload", "replicas"),
    ("StatefulSet", ("spec", "replicas")): ("scale_workload", "replicas"),
    ("CronJob", ("spec", "suspend")): ("suspend_cronjob", "suspend"),
    ("HorizontalPodAutoscaler", ("spec", "minReplicas")): ("adjust_hpa", "min_replicas"),
    ("HorizontalPodAutoscaler", ("spec", "maxReplicas")): ("adjust_hpa", "max_replicas"),
    ("PodDisruptionBudget", ("spec", "minAvailable")): ("adjust_pdb", "min_available"),
    ("PodDisruptionBudget", ("spec", "maxUnavailable")): ("adjust_pdb", "max_unavailable"),
    ("PersistentVolumeClaim", ("spec", "resources", "requests", "storage")): ("expand_volume", "size"),
    ("Node", ("spec", "unschedulable")): ("cordon_node", "unschedulable"),
    ("Service", ("spec", "type")): ("change_service", "type"),
    ("Certificate", ("spec", "issuerRef", "name")): ("change_certificate", "issuer"),
    ("Certificate", ("spec", "duration")): ("change_certificate", "duration"),
    ("Certificate", ("spec", "renewBefore")): ("change_certificate", "renew_before"),
    ("Certificate", ("spec", "dnsNames")): ("change_certificate", "dns_names"),
}
_BOOKKEEPING: tuple[Path, ...] = (
    ("status",),
    ("apiVersion",),
    ("kind",),
    *(("metadata", name) for name in ("name", "namespace", "uid", "resourceVersion", "creationTimestamp")),
    *(("metadata", name) for name in ("generation", "managedFields", "selfLink")),
    ("metadata", "annotations", "kubectl.kubernetes.io/last-applied-configuration"),
    ("metadata", "annotations", "deployment.kubernetes.io/revision"),
)


def flatten(value: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    """Leaves by path. A list whose items all have names of their own is keyed by them, as ``[name]``."""
    if isinstance(value, Mapping) and value:
        for key, child in value.items():
            yield from flatten(child, (*path, str(key)))
    elif isinstance(value, list) and _all_named(value):
        for item in value:
            rest = {key: child for key, child in item.items() if key != "name"}
            yield from flatten(rest, (*path, f"[{item['name']}]"))
    else:
        yield path, value


def _all_named(items: list[Any]) -> bool:
    names = [item.get("name") for item in items if isinstance(item, Mapping)]
    whole = len(names) == len(items) > 0 and all(isinstance(name, str) for name in names)
    return whole and len(set(names)) == len(names)


def difference(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[Path, Any]:
    """The fields in which a manifest differs from what Git renders; ``None`` for one that it takes away."""
    old, new = dict(flatten(before)), dict(flatten(after))
    absent = object()
    changed = {path: value for path, value in new.items() if old.get(path, None if value is None else absent) != value}
    gone: dict[Path, Any] = {path: None for path in old if path not in new}
    return {path: value for path, value in {**gone, **changed}.items() if not _bookkeeping(path)}


def _bookkeeping(path: Path) -> bool:
    return any(path[: len(prefix)] == prefix for prefix in _BOOKKEEPING)


def actions_of(about: TargetReference, changes: Mapping[Path, Any]) -> tuple[ActionRequest, ...]:
    """The actions that together make these changes. Raises :class:`CommandRefused` naming a field that none makes."""
    wishes: dict[tuple[str, ...], dict[str, Any]] = {}
    for path, value in changes.items():
        shown = ".".join(path)
        if value is None:
            raise CommandRefused("no_action_kind", "no action takes a field away", where=shown)
        wish = _wish(about.kind, path, value)
        if wish is None:
            raise CommandRefused("no_action_kind", f"no action changes this of a {about.kind}", where=shown)
        key, params = wish
        _merge(wishes.setdefault(key, {}), params)
    if not wishes:
        raise CommandRefused("nothing_changes", "changes nothing", where=about.name)
    return tuple(action(key[0], about, params) for key, params in wishes.items())


def _wish(kind: str, path: Path, value: Any) -> tuple[tuple[str, ...], dict[str, Any]] | None:
    simple = _SIMPLE.get((kind, path))
    if simple:
        return (simple[0],), {simple[1]: value}
    if path == _RESTARTED:
        return ("restart_workload",), {}
    if kind == "ConfigMap" and len(path) == 2 and path[0] == "data":
        return ("patch_config", path[1]), {"key": path[1], "value": value}
    if kind == "Service" and len(path) == 3 and path[:2] == ("spec", "selector"):
        return ("change_service",), {"selector": {path[2]: value}}
    variable = _CONTAINER.fullmatch(path[2]) if len(path) == 4 and path[:2] == ("spec", "vars") else None
    if kind == "Terraform" and variable and path[3] == "value":
        return ("terraform_change", variable[1]), {"variable": variable[1], "value": value}
    return _container_wish(path, value)


def _container_wish(path: Path, value: Any) -> tuple[tuple[str, ...], dict[str, Any]] | None:
    found = _container(path)
    if found is None:
        return None
    container, field = found
    about = {"container": container}
    wish: tuple[tuple[str, ...], dict[str, Any]] | None = None
    match field:
        case ("image",):
            wish = ("set_image", container), {"image": value}
        case ("resources", ("requests" | "limits") as which, resource):
            wish = ("set_resources", container), {which: {resource: value}}
        case ("env", variable, "value") if variable.startswith("["):
            wish = ("patch_config", container, variable), {"key": variable[1:-1], "value": value}
        case (probe, timing) if probe in _PROBES and timing in _TIMINGS:
            wish = ("set_probe", container, probe), {"probe": _PROBES[probe], _snake(timing): value}
        case ("securityContext", setting) if setting in _SECURITY:
            wish = ("set_security_context", container), {_snake(setting): value}
    return wish and (wish[0], about | wish[1])


def _container(path: Path) -> tuple[str, Path] | None:
    """The container that a field of a pod template is of, and the field's path inside it."""
    template = next((t for t in _TEMPLATES if path[: len(t)] == t), ())
    rest = path[len(template) :]
    named = _CONTAINER.fullmatch(rest[1]) if template and len(rest) > 2 and rest[0] == "containers" else None
    return (named[1], rest[2:]) if named else None


def _snake(name: str) -> str:
    return _SNAKE.sub("_", name).lower()


def _merge(into: dict[str, Any], params: dict[str, Any]) -> None:
    for name, value in params.items():
        if isinstance(value, dict):
            into.setdefault(name, {}).update(value)
        else:
            into[name] = value
