"""Helm, by the program itself and without a cluster: ``helm template`` with the values that were declared."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from engine.adapters.render.process import run, workspace
from engine.core import canonical
from engine.core.change.fields import find
from engine.core.change.source import Source, ValueLayer
from engine.core.change.yaml_source import objects, read
from engine.core.errors import RenderFailed, UnsafeSource


def render(program: Path, source: Source, files: Mapping[str, bytes]) -> list[dict[str, Any]]:
    """The chart's objects, hooks and resource definitions included, as Argo CD would apply them."""
    where = source.path or "."
    _refuse_remote_schema(files)
    with workspace(files) as root:
        values = [_values_file(layer, index, files, root) for index, layer in enumerate(source.layers)]
        command = [
            str(program),
            "template",
            source.release,
            f"./{source.path}",
            f"--namespace={source.namespace or 'default'}",
            "--include-crds",
            *(f"--values={path}" for path in values),
            *source.sets,
        ]
        output = run(command, root=root, where=where)
    return objects(read(output, where), where)


def _values_file(layer: ValueLayer, index: int, files: Mapping[str, bytes], root: Path) -> str:
    if layer.path not in files:
        raise RenderFailed("the values file isn't in this repository", where=layer.path, remedy="Add it")
    if not layer.prefix:
        return str(root / "tree" / layer.path)
    documents = read(files[layer.path], layer.path)
    values = find(documents[layer.document], layer.prefix) if layer.document < len(documents) else None
    path = root / "home" / f"values-{index}.json"
    path.write_bytes(canonical.encode(values if isinstance(values, dict) else {}))
    return str(path)


def _refuse_remote_schema(files: Mapping[str, bytes]) -> None:
    for path, data in files.items():
        if path.endswith("values.schema.json") and b"://" in data.replace(b"://json-schema.org/", b""):
            raise UnsafeSource("the chart's schema refers elsewhere", where=path, remedy="Keep the schema in one file")
