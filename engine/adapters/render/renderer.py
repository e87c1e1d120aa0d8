"""The renderer that a source needs; its program is looked for only when the first such source comes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from engine.adapters.render import helm, kustomize, plain
from engine.core.change.source import Source

Obtaining = Callable[[str], Path]


class SourceRenderer:
    """Implements :class:`engine.ports.Renderer`.

    ``obtain`` gives the path of ``kustomize`` or ``helm`` by name, or raises
    :class:`~engine.core.errors.ToolUnavailable`; it is asked at most once for each.
    """

    def __init__(self, obtain: Obtaining) -> None:
        self._obtain = obtain
        self._programs: dict[str, Path] = {}

    def render(self, source: Source, files: Mapping[str, bytes]) -> Sequence[dict[str, Any]]:
        """All objects that a source makes of its files."""
        if source.renderer == "plain":
            return plain.render(source, files)
        if source.renderer not in self._programs:
            self._programs[source.renderer] = self._obtain(source.renderer)
        render = kustomize.render if source.renderer == "kustomize" else helm.render
        return render(self._programs[source.renderer], source, files)
