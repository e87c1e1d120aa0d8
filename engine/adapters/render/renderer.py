"""The renderer that a source needs; its program is looked for only when the first such source comes.

The same files give the same objects, and one proposal renders the same overlay several times (to find the target, to
look back, for the next proposal of the incident), so what was rendered last is kept.
"""

from __future__ import annotations

import copy
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from threading import Lock
from typing import Any

from engine.adapters.render import helm, kustomize, plain
from engine.core import canonical
from engine.core.change.source import Source

Obtaining = Callable[[str], Path]
KEPT = 64


class SourceRenderer:
    """Implements :class:`engine.ports.Renderer`; safe between threads.

    ``obtain`` gives the path of ``kustomize`` or ``helm`` by name, or raises
    :class:`~engine.core.errors.ToolUnavailable`; it is asked at most once for each.
    """

    def __init__(self, obtain: Obtaining) -> None:
        self._obtain = obtain
        self._programs: dict[str, Path] = {}
        self._kept: OrderedDict[str, list[dict[str, Any]]] = OrderedDict()
        self._lock = Lock()

    def render(self, source: Source, files: Mapping[str, bytes]) -> Sequence[dict[str, Any]]:
        """All objects that a source makes of its files; the caller's own to change."""
        if source.renderer == "plain":
            return plain.render(source, files)
        key = canonical.digest([repr(source), {path: canonical.digest_bytes(data) for path, data in files.items()}])
        with self._lock:
            kept = self._kept.get(key)
        if kept is None:
            kept = self._render(source, files)
            self._keep(key, kept)
        return copy.deepcopy(kept)

    def _render(self, source: Source, files: Mapping[str, bytes]) -> list[dict[str, Any]]:
        if source.renderer not in self._programs:
            self._programs[source.renderer] = self._obtain(source.renderer)
        render = kustomize.render if source.renderer == "kustomize" else helm.render
        return render(self._programs[source.renderer], source, files)

    def _keep(self, key: str, rendered: list[dict[str, Any]]) -> None:
        with self._lock:
            self._kept[key] = rendered
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)
