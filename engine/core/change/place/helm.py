"""Helm values: which value drives a field is found by trying, since a template can do anything with it.

A candidate is a value that could account for what the field reads now. Each is tried by the caller: rendered with the
new value, exactly the intended field has to change. One that does is the place; two are ambiguous.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from typing import Any

from engine.core.change.fields import ABSENT, FieldChange, Path, find
from engine.core.change.place.plain import Edits
from engine.core.change.source import Source, ValueLayer
from engine.core.change.splice import edit, holds
from engine.core.change.yaml_source import read, text_of
from engine.core.errors import FieldNotFound, SourceAmbiguous

MAX_CANDIDATES = 24


def all_layers(source: Source, files: Mapping[str, bytes]) -> list[ValueLayer]:
    """The chart's own values first, then the declared layers; later ones win."""
    own = f"{source.path}/values.yaml" if source.path else "values.yaml"
    declared = [layer for layer in source.layers if layer.path in files]
    return [*([ValueLayer(own)] if own in files and ValueLayer(own) not in declared else []), *declared]


def effective_values(layers: list[ValueLayer], files: Mapping[str, bytes]) -> dict[str, Any]:
    """The values as Helm coalesces them."""
    result: dict[str, Any] = {}
    for layer in layers:
        values = _values(layer, files)
        if isinstance(values, dict):
            result = _coalesce(result, values)
    return result


def _values(layer: ValueLayer, files: Mapping[str, bytes]) -> Any:
    documents = read(files[layer.path], layer.path)
    return find(documents[layer.document], layer.prefix) if layer.document < len(documents) else ABSENT


def _coalesce(below: dict[str, Any], above: dict[str, Any]) -> dict[str, Any]:
    merged = copy.deepcopy(below)
    for key, value in above.items():
        both = isinstance(merged.get(key), dict) and isinstance(value, dict)
        merged[key] = _coalesce(merged[key], value) if both else copy.deepcopy(value)
    return merged


def candidates(values: Mapping[str, Any], change: FieldChange, rendered: Mapping[str, Any]) -> list[FieldChange]:
    """Values that may drive the field, the most telling first. Raises :class:`SourceAmbiguous` for too many."""
    found = [*_same_leaf(values, change), *_within_mapping(values, change, rendered), *_empty_mapping(values, change)]
    unique = list({candidate.path: candidate for candidate in found}.values())
    if len(unique) > MAX_CANDIDATES:
        raise SourceAmbiguous(f"{len(unique)} values could drive {change}", remedy="Edit the values by hand")
    return unique


def _same_leaf(values: Mapping[str, Any], change: FieldChange) -> Iterator[FieldChange]:
    """A value equal to the field, or a part of its text whose neighbours stay (the tag of an image)."""
    if change.before is ABSENT or change.after is ABSENT:
        return
    for path, value in _leaves(values, ()):
        if value == change.before and isinstance(value, bool) == isinstance(change.before, bool):
            yield FieldChange(path, value, change.after)
        elif (
            isinstance(change.after, str)
            and isinstance(change.before, str)
            and str(value)
            and not isinstance(value, bool)
        ):
            part = _part(change.before, change.after, str(value))
            if part is not None:
                yield FieldChange(path, value, part)
        elif str(value) == str(change.before):
            yield FieldChange(path, value, change.after)


def _part(before: str, after: str, value: str) -> str | None:
    at = before.rfind(value)
    if at < 0 or len(value) < 2:
        return None
    head, tail = before[:at], before[at + len(value) :]
    fits = after.startswith(head) and after.endswith(tail) and len(after) > len(head) + len(tail)
    return after[len(head) : len(after) - len(tail)] if fits else None


def _leaves(value: Any, path: Path) -> Iterator[tuple[Path, Any]]:
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _leaves(item, (*path, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _leaves(item, (*path, index))
    elif value is not None:
        yield path, value


def _mappings(value: Any, path: Path) -> Iterator[tuple[Path, dict[str, Any]]]:
    if isinstance(value, dict):
        if path:
            yield path, value
        for key, item in value.items():
            yield from _mappings(item, (*path, key))


def _within_mapping(
    values: Mapping[str, Any], change: FieldChange, rendered: Mapping[str, Any]
) -> Iterator[FieldChange]:
    """A mapping that the object holds as it is (``resources``): the field belongs at the same place within it."""
    if change.before is not ABSENT and change.after is not ABSENT and not isinstance(change.after, (dict, list)):
        return
    for depth in range(len(change.path) - 1, 0, -1):
        around = find(rendered, change.path[:depth])
        if isinstance(around, dict) and around:
            for path, value in _mappings(values, ()):
                if value == around:
                    yield FieldChange((*path, *change.path[depth:]), change.before, change.after)


def _empty_mapping(values: Mapping[str, Any], change: FieldChange) -> Iterator[FieldChange]:
    """A mapping that is empty so far (``podAnnotations``), for a field that isn't there yet."""
    if change.before is not ABSENT or change.after is ABSENT:
        return
    value = change.after if isinstance(change.after, dict) else {change.path[-1]: change.after}
    for path, existing in _mappings(values, ()):
        if not existing and isinstance(value, dict):
            yield FieldChange(path, existing, value)


def place(layers: list[ValueLayer], files: Mapping[str, bytes], change: FieldChange) -> Edits:
    """The file with a value changed: in the last layer that sets it, else added to the last layer of all.

    The chart's own values serve every release of it, so they are edited only where no other layer is declared.
    """
    if not layers:
        raise FieldNotFound("the chart has no values", remedy="Give it a values file")
    setting = [layer for layer in layers if _holds(layer, files, change.path)]
    layer = setting[-1] if setting else layers[-1]
    if layer == layers[0] and len(layers) > 1:
        layer = layers[-1]
    document = read(files[layer.path], layer.path)
    there = find(document[layer.document], (*layer.prefix, *change.path)) if layer.document < len(document) else ABSENT
    text = text_of(files[layer.path], layer.path)
    within = FieldChange((*layer.prefix, *change.path), there, change.after)
    return {layer.path: edit(text, layer.document, within, layer.path).encode()}


def _holds(layer: ValueLayer, files: Mapping[str, bytes], path: Path) -> bool:
    return holds(text_of(files[layer.path], layer.path), layer.document, (*layer.prefix, *path), layer.path)
