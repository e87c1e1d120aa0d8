"""A renderer without programs: plain manifests as they are; anything else has no program."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from engine.core.change.place.plain import manifest_paths
from engine.core.change.source import Source
from engine.core.change.yaml_source import objects, read
from engine.core.errors import ToolUnavailable


class PlainRenderer:
    """Implements ``engine.ports.Renderer`` for repositories of plain manifests; counts what it was asked."""

    def __init__(self) -> None:
        self.rendered: list[Source] = []

    def render(self, source: Source, files: Mapping[str, bytes]) -> Sequence[dict[str, Any]]:
        self.rendered.append(source)
        if source.renderer != "plain":
            raise ToolUnavailable(f"{source.renderer} can't be had here", where=source.path)
        paths = manifest_paths(source, files)
        return [obj for path in paths for obj in objects(read(files[path], path), path)]
