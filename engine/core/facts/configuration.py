"""What a workload's pods are configured by, and whether people approved that: a release is no safer than what it reads.

An item carries its approval itself, as an annotation, and what the protected branch says of it counts. A word that
isn't one of the two is no approval and no absence of one: nobody knows what was meant.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal

from engine.core.change.identity import Object
from engine.core.facts.cluster_view import pod_template
from engine.core.input_document import ConfigurationFacts

APPROVAL = "penstock.dev/approval"
MOST_ITEMS = 50
NO_CONFIGURATION = ConfigurationFacts(known=True, pending=[], unmarked=[])
UNKNOWN_CONFIGURATION = ConfigurationFacts(known=False, pending=[], unmarked=[])

# A Secret isn't in Git as such; what makes it there carries its approval.
MAKING = {"Secret": ("Secret", "SealedSecret", "ExternalSecret")}

Item = tuple[str, str]
Status = Literal["approved", "pending", "unmarked", "unknown"]


def configured_by(obj: Object) -> list[Item] | None:
    """Kind and name of each item that an object's pods mount or take variables from; ``None`` where that is unclear.

    These are ConfigMaps, Secrets and the SecretProviderClasses of mounted volumes.
    """
    try:
        pod = pod_template(dict(obj))
        found = sorted({*_mounted(pod.get("volumes")), *_variables(pod)})
    except (TypeError, AttributeError, KeyError, ValueError):
        return None
    named = all(isinstance(part, str) and part for item in found for part in item)
    return found if named and len(found) <= MOST_ITEMS else None


def approval_of(obj: Object) -> Status:
    """What an item says of its own approval."""
    annotations = (obj.get("metadata") or {}).get("annotations") or {}
    said = annotations.get(APPROVAL) if isinstance(annotations, Mapping) else ""
    if said is None:
        return "unmarked"
    return "approved" if said == "approved" else "pending" if said == "pending" else "unknown"


def configuration(said: Mapping[Item, Sequence[Status]]) -> ConfigurationFacts:
    """The facts of items by all that is said of each; of an item that nobody makes, nothing is."""
    pending = [f"{kind}/{name}" for (kind, name), words in said.items() if "pending" in words]
    unmarked = [f"{kind}/{name}" for (kind, name), words in said.items() if not words or "unmarked" in words]
    known = not any("unknown" in words for words in said.values())
    return ConfigurationFacts(known=known, pending=sorted(pending), unmarked=sorted(unmarked))


def _mounted(volumes: Any) -> Iterator[Item]:
    for volume in volumes or ():
        yield from _sources(volume, "secretName")
        for source in (volume.get("projected") or {}).get("sources") or ():
            yield from _sources(source, "name")
        attributes = (volume.get("csi") or {}).get("volumeAttributes") or {}
        if "secretProviderClass" in attributes:
            yield "SecretProviderClass", attributes["secretProviderClass"]


def _sources(source: Any, secret: str) -> Iterator[Item]:
    if source.get("configMap") is not None:
        yield "ConfigMap", source["configMap"]["name"]
    if source.get("secret") is not None:
        yield "Secret", source["secret"][secret]


def _variables(pod: Any) -> Iterator[Item]:
    for field in ("initContainers", "containers", "ephemeralContainers"):
        for container in pod.get(field) or ():
            given = [
                *(container.get("envFrom") or ()),
                *(one.get("valueFrom") or {} for one in container.get("env") or ()),
            ]
            for one in given:
                for key, kind in (("configMap", "ConfigMap"), ("secret", "Secret")):
                    named = one.get(f"{key}Ref", one.get(f"{key}KeyRef"))
                    if named is not None:
                        yield kind, named["name"]
