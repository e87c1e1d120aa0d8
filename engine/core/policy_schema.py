"""What policy may rely on of the input document, generated from its model so that the two can't drift apart.

Rego reads a misspelt or missing field as undefined and stays silent, which in a gate means "nothing against it".
Two things are made here against that. The JSON Schema lets ``opa check`` refuse a rule that names a field the
document hasn't got. The list of sections lets the ``contract/complete`` rule refuse a document that lacks a field,
or holds something else than the model says, before any other rule's silence could be taken for consent.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from engine.core.input_document import InputDocument

Schema = dict[str, Any]
Path = tuple[str, ...]

_PROSE = ("title", "description", "default")
_REGO_TYPES = {"integer": "number"}


def input_schema() -> Schema:
    """JSON Schema of the input document: references inlined, prose left out, no object open to further fields."""
    schema = InputDocument.model_json_schema()
    definitions = schema.pop("$defs", {})
    inlined: Schema = _inline(schema, definitions)
    return {"$schema": "http://json-schema.org/draft-07/schema#", **inlined}


def _inline(node: Any, definitions: Schema) -> Any:
    if isinstance(node, list):
        return [_inline(entry, definitions) for entry in node]
    if not isinstance(node, dict):
        return node
    if "$ref" in node:
        return _inline(definitions[node["$ref"].rsplit("/", 1)[-1]], definitions)
    node = _nullable(node, definitions)
    return {
        key: {name: _inline(field, definitions) for name, field in value.items()}
        if key == "properties"
        else _inline(value, definitions)
        for key, value in node.items()
        if key not in _PROSE
    }


def _nullable(node: Schema, definitions: Schema) -> Schema:
    """An object that may be ``null``, written as one schema of both types.

    ``opa check`` takes a choice that includes ``null`` for anything at all, and then lets any field of it pass.
    """
    choices = [_inline(choice, definitions) for choice in node.get("anyOf", ())]
    objects = [choice for choice in choices if "properties" in choice]
    if len(objects) == 1 and len(choices) == 2 and {"type": "null"} in choices:
        return {**objects[0], "type": ["object", "null"]}
    return node


def required_sections() -> list[dict[str, Any]]:
    """Every object of the input document and what each of its fields has to be, outermost first.

    ``{"in": [keys], "fields": {name: want}}`` is about the object at a path; ``"each"`` in place of ``"in"`` is about
    every element of the list or map there, and ``"items"`` in place of ``"fields"`` about elements that are plain
    values. ``"of"`` beside ``"each"`` names a field of every element that lists plain values, ``"values"`` says which.
    A ``want`` is ``{"types": [Rego type names]}`` with ``values``, ``minimum`` or ``maximum`` where the model has them.
    An object that may be ``null`` is only looked into when it isn't.
    """
    return list(_sections(input_schema(), (), "in"))


def _sections(schema: Schema, path: Path, key: str) -> Iterator[dict[str, Any]]:
    fields: Schema = schema["properties"]
    yield {key: list(path), "fields": {name: _want(field) for name, field in sorted(fields.items())}}
    if key == "each":
        yield from _lists(fields, path)
        return
    for name, field in sorted(fields.items()):
        for choice in _choices(field):
            yield from _below(choice, (*path, name))


def _below(schema: Schema, path: Path) -> Iterator[dict[str, Any]]:
    """The sections inside one field: of an object, or of the elements of a list or map."""
    if "properties" in schema:
        yield from _sections(schema, path, "in")
        return
    element = schema.get("items") or schema.get("additionalProperties")
    if not element:
        return
    yield {"each": list(path), "items": _want(element)}
    if "properties" in element:
        yield from _sections(element, path, "each")


def _lists(fields: Schema, path: Path) -> Iterator[dict[str, Any]]:
    """Lists of plain values in a list's elements; anything deeper would be a part that nobody checks."""
    for name, field in sorted(fields.items()):
        for choice in _choices(field):
            element: Schema = choice.get("items", {}) if choice["type"] == "array" else {}
            if element and all(inner["type"] not in ("array", "object") for inner in _choices(element)):
                yield {"each": list(path), "of": name, "values": _want(element)}
            elif choice["type"] in ("array", "object"):
                raise ValueError(f"{'.'.join((*path, '*', name))} nests deeper than contract/complete looks")


def _choices(schema: Schema) -> list[Schema]:
    """The schemas a value may follow, one type each."""
    if schema.get("type") == ["object", "null"]:
        return [{**schema, "type": "object"}, {"type": "null"}]
    choices: list[Schema] = schema.get("anyOf", [schema])
    return choices


def _want(schema: Schema) -> dict[str, Any]:
    choices = _choices(schema)
    want: dict[str, Any] = {"types": sorted({_REGO_TYPES.get(choice["type"], choice["type"]) for choice in choices})}
    for choice in choices:
        if "enum" in choice:
            want["values"] = sorted(choice["enum"])
        for bound in ("minimum", "maximum"):
            if bound in choice:
                want[bound] = choice[bound]
    return want
