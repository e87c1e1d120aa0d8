"""Kustomize, by the program itself: no reading of our own would agree with it in every case."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from engine.adapters.render.process import run, workspace
from engine.core.change.source import Source
from engine.core.change.yaml_source import objects, read


def render(program: Path, source: Source, files: Mapping[str, bytes]) -> list[dict[str, Any]]:
    """What ``kustomize build`` makes of the folder. Plugins stay off, and files are read below each base only."""
    where = source.path or "."
    with workspace(files) as root:
        command = [str(program), "build", "--load-restrictor=LoadRestrictionsRootOnly", f"./{source.path}"]
        output = run(command, root=root, where=where)
    return objects(read(output, where), where)
