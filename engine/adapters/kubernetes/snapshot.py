"""A folder of ``kubectl get … -o json`` dumps standing in for a cluster.

A demonstration, a post-mortem and a policy author's what-if need the same facts as a live gate, with no cluster
to reach. A dump that isn't there is a kind that couldn't be read, not a kind with no objects.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from engine.core import canonical
from engine.core.errors import BadInput, NotFound

LIMIT = 64 * 1_048_576

_IRREGULAR = {
    "GitRepository": "gitrepositories",
    "NetworkPolicy": "networkpolicies",
    "Report": "reports.openreports.io",
    "VulnerabilityReport": "vulnerabilityreports.aquasecurity.github.io",
}


def file_name(kind: str) -> str:
    """The dump's name: the plural resource name that ``kubectl get`` takes."""
    plural = _IRREGULAR.get(kind, kind.lower() + "s")
    return f"{plural}.json"


class SnapshotCluster:
    """One recorded cluster; reads each dump once, when it is first asked for."""

    def __init__(self, folder: Path, name: str) -> None:
        if not folder.is_dir():
            raise BadInput("no such folder", where=str(folder), remedy="Give a folder of kubectl get … -o json dumps")
        self._folder = folder
        self.name = name
        self._kinds: dict[str, list[dict[str, Any]]] = {}

    def get(self, kind: str, namespace: str, name: str) -> dict[str, Any] | None:
        """One object, or ``None``."""
        for obj in self.all(kind):
            if obj["metadata"]["name"] == name and obj["metadata"].get("namespace", "") == namespace:
                return obj
        return None

    def all(self, kind: str, namespace: str | None = None) -> Sequence[dict[str, Any]]:
        """All objects of a kind. Raises :class:`NotFound` when the recording has no dump of it."""
        if kind not in self._kinds:
            self._kinds[kind] = self._read(kind)
        found = self._kinds[kind]
        return found if namespace is None else [o for o in found if o["metadata"].get("namespace", "") == namespace]

    def _read(self, kind: str) -> list[dict[str, Any]]:
        path = self._folder / file_name(kind)
        if not path.is_file():
            raise NotFound(f"the recording has no {path.name}", where=str(self._folder))
        document = canonical.parse(path.read_bytes(), where=str(path), limit=LIMIT)
        items = document.get("items") if isinstance(document, dict) else None
        if not isinstance(items, list):
            raise BadInput("not a List of objects", where=str(path), remedy="Record it with kubectl get … -o json")
        for index, item in enumerate(items):
            if not isinstance(item, dict) or "name" not in (item.get("metadata") or {}):
                raise BadInput("an item has no metadata.name", where=f"{path}: items[{index}]")
            item.setdefault("kind", kind)
        return items
