"""A folder of runbooks: ``<class>/runbook.yaml``, read strictly, every complaint with its file, line and field.

A runbook decides what may be offered at 3 a.m.; a key that is written twice or misspelt must not quietly mean
something else than its author thinks.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from engine.core.errors import BadInput
from engine.core.runbook import Runbook, read_runbook

FILE = "runbook.yaml"
LIMIT = 65_536

# libyaml's parser where PyYAML was built with it: a command that only decides reads all runbooks first.
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def load_runbooks(folder: Path) -> list[Runbook]:
    """All runbooks below a folder, by id. Raises :class:`BadInput` naming file, line and field."""
    if not folder.is_dir():
        raise BadInput("no such folder", where=str(folder), remedy="Give the folder that holds <class>/runbook.yaml")
    files = sorted(folder.glob(f"*/{FILE}"))
    if not files:
        raise BadInput("holds no runbooks", where=str(folder), remedy=f"Each is a folder with a {FILE}")
    for child in sorted(folder.iterdir()):
        if child.is_dir() and not (child / FILE).is_file() and any(child.iterdir()):
            raise BadInput(f"has no {FILE}", where=str(child), remedy="Write it, or take the folder away")
    return [load_runbook(file) for file in files]


def load_runbook(file: Path) -> Runbook:
    """One runbook. Its id is the name of its folder. Raises :class:`BadInput`."""
    data = file.read_bytes()
    if len(data) > LIMIT:
        raise BadInput(f"{len(data)} bytes is over the limit of {LIMIT}", where=str(file), remedy="Shorten it")
    node = _compose(data, file)
    document = _plain(node, file)
    if not isinstance(document, dict):
        raise BadInput("is not a map of fields", where=f"{file}:1", remedy="See runbooks/README.md for the fields")
    try:
        return read_runbook(file.parent.name, document)
    except ValidationError as error:
        found = error.errors(include_url=False, include_input=False)
        first = next((one for one in found if one["type"] == "extra_forbidden"), found[0])
        field = ".".join(str(part) for part in first["loc"]) or "runbook"
        problem = str(first["msg"]).removeprefix("Value error, ")
        if first["type"] == "extra_forbidden":
            problem = "is not a field of a runbook"
        raise BadInput(
            f"{field}: {problem}",
            where=f"{file}:{_line(node, first['loc'])}",
            remedy="See runbooks/README.md for the fields",
        ) from None


def _compose(data: bytes, file: Path) -> Any:
    try:
        node = yaml.compose(data.decode("utf-8"), Loader=_Loader)
    except UnicodeDecodeError:
        raise BadInput("is not UTF-8", where=str(file), remedy="Save it as UTF-8") from None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark else 1
        problem = getattr(error, "problem", None) or "can't be read"
        raise BadInput(f"not valid YAML: {problem}", where=f"{file}:{line}", remedy="Correct the file") from None
    if node is None:
        raise BadInput("is empty", where=str(file), remedy="Write the runbook, or take the folder away")
    return node


def _plain(node: Any, file: Path) -> Any:
    """The node's value. Aliases and tags are refused: a runbook is read by people in a hurry."""
    _check(node, file, set())
    loader = _Loader("")
    try:
        return loader.construct_document(node)
    finally:
        loader.dispose()


def _check(node: Any, file: Path, seen: set[int]) -> None:
    where = f"{file}:{node.start_mark.line + 1}"
    if id(node) in seen:
        raise BadInput("is used again by an alias", where=where, remedy="Write it out where it is used")
    seen.add(id(node))
    standard = ("map", "seq", "str", "int", "bool", "null", "float")
    if node.tag not in {f"tag:yaml.org,2002:{name}" for name in standard}:
        raise BadInput(f"has the type {node.tag}", where=where, remedy="Quote it if it is text")
    if isinstance(node, yaml.MappingNode):
        keys: set[str] = set()
        for key, value in node.value:
            if key.value in keys:
                line = key.start_mark.line + 1
                raise BadInput(f"{key.value}: is written twice", where=f"{file}:{line}", remedy="Keep one of them")
            keys.add(key.value)
            _check(key, file, seen)
            _check(value, file, seen)
    elif isinstance(node, yaml.SequenceNode):
        for value in node.value:
            _check(value, file, seen)


def _line(node: Any, location: tuple[int | str, ...]) -> int:
    """The line of the deepest part of a location that the file has."""
    line = int(node.start_mark.line) + 1
    for part in location:
        if isinstance(node, yaml.MappingNode):
            found = next(((k, v) for k, v in node.value if k.value == str(part)), None)
            if found is None:
                return line
            line, node = int(found[0].start_mark.line) + 1, found[1]
        elif isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
            node = node.value[part]
            line = int(node.start_mark.line) + 1
        else:
            return line
    return line
