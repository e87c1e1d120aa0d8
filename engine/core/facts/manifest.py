"""What a rule may look at of a rendered object: settings that decide what a pod can reach, and nothing else of it.

An object may be large and hold a secret, so only named settings are taken, each bounded. Whatever isn't of the type
that its kind has, or is more than is taken, makes the manifest incomplete; a rule treats that as not knowing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from engine.core.facts.cluster_view import pod_template
from engine.core.input_document import Container, Manifest

MOST_CONTAINERS = 20
MOST_VALUES = 20
LONGEST = 200


def manifest(obj: Mapping[str, Any] | None) -> Manifest | None:
    """The manifest of an object as it is rendered; ``None`` where there is none."""
    if not obj:
        return None
    read = _Reading()
    try:
        pod = pod_template(dict(obj))
    except (TypeError, AttributeError, KeyError, ValueError):
        pod, read.complete = {}, False
    ours = read.flag(read.map(pod.get("securityContext")).get("runAsNonRoot"))
    containers = [
        _container(read, entry, init=init, non_root=ours)
        for field, init in (("initContainers", True), ("containers", False), ("ephemeralContainers", False))
        for entry in read.maps(pod.get(field), MOST_CONTAINERS)
    ]
    paths = [read.map(volume.get("hostPath")).get("path") for volume in read.maps(pod.get("volumes"), 100)]
    return Manifest(
        kind=read.text(obj.get("kind")),
        name=read.text(read.map(obj.get("metadata")).get("name")),
        host_network=read.flag(pod.get("hostNetwork")) is True,
        host_pid=read.flag(pod.get("hostPID")) is True,
        host_ipc=read.flag(pod.get("hostIPC")) is True,
        host_paths=[read.text(path) for path in read.few(paths) if path is not None],
        service_account=read.text(pod.get("serviceAccountName")),
        containers=containers[:MOST_CONTAINERS],
        complete=read.complete and len(containers) <= MOST_CONTAINERS,
    )


def _container(read: _Reading, entry: Mapping[str, Any], *, init: bool, non_root: bool | None) -> Container:
    security = read.map(entry.get("securityContext"))
    own = read.flag(security.get("runAsNonRoot"))
    added = read.map(security.get("capabilities")).get("add")
    ports = [port.get("hostPort") for port in read.maps(entry.get("ports"), MOST_VALUES)]
    return Container(
        name=read.text(entry.get("name")),
        image=read.text(entry.get("image")),
        init=init,
        privileged=read.flag(security.get("privileged")),
        escalates=read.flag(security.get("allowPrivilegeEscalation")),
        non_root=non_root if own is None else own,
        read_only=read.flag(security.get("readOnlyRootFilesystem")),
        capabilities=[read.text(name) for name in read.few(read.list(added))],
        host_ports=[number for port in ports if (number := read.count(port))],
        limits=[read.text(name) for name in read.few(sorted(map(str, _limits(read, entry))))],
    )


def _limits(read: _Reading, entry: Mapping[str, Any]) -> Mapping[str, Any]:
    return read.map(read.map(entry.get("resources")).get("limits"))


class _Reading:
    """Takes values by the type they should have, and remembers when one had another."""

    def __init__(self) -> None:
        self.complete = True

    def text(self, value: Any) -> str:
        if value is None:
            return ""
        if not isinstance(value, str) or len(value) > LONGEST or not value.isprintable():
            self.complete = False
            return ""
        return value

    def flag(self, value: Any) -> bool | None:
        if value is None or isinstance(value, bool):
            return value
        self.complete = False
        return None

    def count(self, value: Any) -> int:
        if value is None or (type(value) is int and value >= 0):
            return value or 0
        self.complete = False
        return 0

    def map(self, value: Any) -> Mapping[str, Any]:
        if value is None or isinstance(value, Mapping):
            return value or {}
        self.complete = False
        return {}

    def list(self, value: Any) -> Sequence[Any]:
        if value is None or isinstance(value, list):
            return value or []
        self.complete = False
        return []

    def maps(self, value: Any, most: int) -> Sequence[Mapping[str, Any]]:
        entries = self.few(self.list(value), most)
        return [self.map(entry) for entry in entries]

    def few(self, values: Sequence[Any], most: int = MOST_VALUES) -> Sequence[Any]:
        if len(values) > most:
            self.complete = False
        return values[:most]
