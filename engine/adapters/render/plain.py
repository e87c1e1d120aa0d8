"""Plain manifests: a folder's files as they are, which is what Argo CD's directory source does."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.core.change.place.plain import manifest_paths
from engine.core.change.source import Source
from engine.core.change.yaml_source import objects, read


def render(source: Source, files: Mapping[str, bytes]) -> list[dict[str, Any]]:
    """The objects of each manifest of the folder, in the order of their paths."""
    found: list[dict[str, Any]] = []
    for path in manifest_paths(source, files):
        found.extend(objects(read(files[path], path), path))
    return found
