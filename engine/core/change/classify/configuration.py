"""Hints in configuration, scaling bounds, volumes, traffic and certificates."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from engine.core.change.classify.hint import Hint, changed


def hints(before: Any, after: Any) -> Iterator[Hint]:
    """What differs in an object that configures others."""
    finder = _FINDERS.get(str(after.get("kind")))
    if finder is not None:
        yield from finder(before, after)


def _config_map(before: Any, after: Any) -> Iterator[Hint]:
    for key, value in changed(before.get("data"), after.get("data")).items():
        yield Hint("patch_config", {"key": key, "value": value})


def _autoscaler(before: Any, after: Any) -> Iterator[Hint]:
    names = {"minReplicas": "min_replicas", "maxReplicas": "max_replicas"}
    bounds = changed(before.get("spec"), after.get("spec"))
    if found := {names[key]: value for key, value in bounds.items() if key in names}:
        yield Hint("adjust_hpa", found)


def _budget(before: Any, after: Any) -> Iterator[Hint]:
    names = {"minAvailable": "min_available", "maxUnavailable": "max_unavailable"}
    figures = changed(before.get("spec"), after.get("spec"))
    for key in names.keys() & figures.keys():
        yield Hint("adjust_pdb", {names[key]: figures[key]})


def _claim(before: Any, after: Any) -> Iterator[Hint]:
    old, new = (((obj.get("spec") or {}).get("resources") or {}).get("requests") for obj in (before, after))
    if "storage" in (found := changed(old, new)):
        yield Hint("expand_volume", {"size": found["storage"]})


def _service(before: Any, after: Any) -> Iterator[Hint]:
    old, new = before.get("spec") or {}, after.get("spec") or {}
    params: dict[str, Any] = {}
    if old.get("type") != new.get("type"):
        params["type"] = new["type"]
    if selector := changed(old.get("selector"), new.get("selector")):
        params["selector"] = selector
    if params:
        yield Hint("change_service", params)
    targets = {port["port"]: port.get("targetPort") for port in old.get("ports") or ()}
    for port in new.get("ports") or ():
        if port["port"] in targets and targets[port["port"]] != port.get("targetPort"):
            yield Hint("change_service", {"port": port["port"], "target_port": port["targetPort"]})


def _certificate(before: Any, after: Any) -> Iterator[Hint]:
    names = {"duration": "duration", "renewBefore": "renew_before", "dnsNames": "dns_names"}
    fields = changed(before.get("spec"), after.get("spec"))
    params = {names[key]: value for key, value in fields.items() if key in names}
    if "issuerRef" in fields:
        params["issuer"] = fields["issuerRef"]["name"]
    if params:
        yield Hint("change_certificate", params)


_FINDERS: Mapping[str, Callable[[Any, Any], Iterator[Hint]]] = {
    "ConfigMap": _config_map,
    "HorizontalPodAutoscaler": _autoscaler,
    "PodDisruptionBudget": _budget,
    "PersistentVolumeClaim": _claim,
    "Service": _service,
    "Certificate": _certificate,
}
