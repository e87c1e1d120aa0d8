"""Values that a runbook's parameters may take from the cluster: the container in question, its earlier image, sizes.

A runbook can't know numbers of a workload, and a model shall not make them up. What can't be derived has no value
here, and an option that needs it isn't offered.
"""

from __future__ import annotations

import re
from typing import Any

from engine.core.facts.cluster_view import ClusterView, Object, pod_template
from engine.core.incident import Incident
from engine.core.recent_change import rollouts

Value = str | int | list[str]

_QUANTITY = re.compile(r"([1-9][0-9]{0,8})(Ki|Mi|Gi|Ti|k|M|G|T)?")
_SMALLER = {"Ti": "Gi", "Gi": "Mi", "Mi": "Ki", "T": "G", "G": "M", "M": "k"}


def option_values(view: ClusterView | None, incident: Incident) -> dict[str, Value]:
    """Template values by name, for an incident's root; absent where they can't be derived."""
    found: dict[str, Value | None] = {"alert": _alert(incident), "drifted_fields": _drifted(incident)}
    if view is not None:
        root = incident.root
        workload = view.get(root.kind, root.namespace, root.name)
        found |= _of_history(view, incident)
        if workload is not None:
            found |= _of_workload(workload, incident)
        found |= _of_members(view, incident)
    return {name: value for name, value in found.items() if value}


def half_more(quantity: str) -> str | None:
    """A quantity and a half of it, in whole units (``256Mi`` gives ``384Mi``); ``None`` for what isn't simple."""
    match = _QUANTITY.fullmatch(quantity)
    if match is None:
        return None
    number, unit = int(match[1]), match[2] or ""
    if number % 2 and unit in _SMALLER:
        number, unit = number * (1024 if unit.endswith("i") else 1000), _SMALLER[unit]
    return f"{-(-number * 3 // 2)}{unit}"


def _of_history(view: ClusterView, incident: Incident) -> dict[str, Value | None]:
    changes = rollouts(view, incident.root)
    newest = next((change for change in changes if change.kind == "image"), None)
    return {"previous_revision": "previous" if changes else None, "previous_image": newest.before if newest else None}


def _of_workload(workload: Object, incident: Incident) -> dict[str, Value | None]:
    spec = pod_template(workload)
    containers: list[Object] = list(spec.get("containers") or ())
    named = next((s.labels["container"] for s in reversed(incident.signals) if "container" in s.labels), "")
    chosen = [c for c in containers if c.get("name") == named] or (containers if len(containers) == 1 else [])
    container = chosen[0] if chosen else {}
    limits = (container.get("resources") or {}).get("limits") or {}
    scratch = [v["name"] for v in spec.get("volumes") or () if "emptyDir" in v]
    replicas = (workload.get("spec") or {}).get("replicas")
    return {
        "container": container.get("name"),
        "memory_limit_raised": half_more(str(limits.get("memory", ""))),
        "replicas_raised": replicas + max(1, replicas // 2) if isinstance(replicas, int) and replicas else None,
        "scratch_volume": scratch[0] if len(scratch) == 1 else None,
        "cache_engine": _engine(container.get("image", "")),
    }


def _of_members(view: ClusterView, incident: Incident) -> dict[str, Value | None]:
    found: dict[str, Value | None] = {}
    for member in incident.members:
        obj: dict[str, Any] = view.get(member.kind, member.namespace, member.name) or {}
        spec = obj.get("spec") or {}
        if member.kind == "HorizontalPodAutoscaler" and isinstance(spec.get("maxReplicas"), int):
            found["autoscaler_maximum_raised"] = spec["maxReplicas"] + max(1, spec["maxReplicas"] // 2)
        elif member.kind == "PersistentVolumeClaim":
            requests = (spec.get("resources") or {}).get("requests") or {}
            found["volume_size_raised"] = half_more(str(requests.get("storage", "")))
    return found


def _engine(image: str) -> str | None:
    name = image.rsplit("/", 1)[-1].partition(":")[0]
    return next((engine for engine in ("redis", "memcached") if engine in name), None)


def _alert(incident: Incident) -> str | None:
    return next((reason for source, reason in incident.kinds if source == "alertmanager"), None)


def _drifted(incident: Incident) -> list[str] | None:
    told = [s.labels.get("fields", "") for s in incident.signals if s.source == "drift"]
    return [path for path in told[-1].split(",") if path][:20] if told else None
