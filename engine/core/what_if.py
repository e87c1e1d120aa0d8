"""What if: an input document with some of its facts replaced, so that an author can ask without waiting for the night.

Only what policy sees is changed, and the result has to be an input document again; a simulation on a shape that the
gate never makes would answer a question that nobody has.
"""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from typing import Any

from pydantic import ValidationError

from engine.core.errors import BadInput
from engine.core.input_document import InputDocument


def changed(document: Mapping[str, Any], edits: Mapping[str, Any]) -> InputDocument:
    """The document with values set by dotted path (``facts.blast.pods``, ``approvals.0.state``).

    Raises :class:`BadInput` naming the path that isn't there, or the field whose value doesn't fit.
    """
    edited: Any = deepcopy(dict(document))
    for path, value in edits.items():
        _set(edited, path, value)
    return read_input(edited, where="the simulated input")


def read_input(document: Any, *, where: str) -> InputDocument:
    """An input document from plain JSON values. Raises :class:`BadInput` naming the first field that doesn't fit."""
    try:
        return InputDocument.model_validate(document)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        field = ".".join(str(part) for part in first["loc"]) or "document"
        remedy = "penstock audit show --kind input -o json shows whole ones"
        raise BadInput(f"{field}: {first['msg']}", where=where, remedy=remedy) from None


def _set(document: Any, path: str, value: Any) -> None:
    *way, last = path.split(".")
    node = document
    for number, part in enumerate(way):
        node = _step(node, part, ".".join(way[: number + 1]))
    if isinstance(node, list):
        _step(node, last, path)
        node[int(last)] = value
    elif isinstance(node, dict) and last in node:
        node[last] = value
    else:
        raise _unknown(path)


def _step(node: Any, part: str, path: str) -> Any:
    if isinstance(node, dict) and part in node:
        return node[part]
    if isinstance(node, list) and part.isascii() and part.isdigit() and int(part) < len(node):
        return node[int(part)]
    raise _unknown(path)


def _unknown(path: str) -> BadInput:
    return BadInput("the input document has no such field", where=path, remedy="docs/decisions.md shows its shape")
