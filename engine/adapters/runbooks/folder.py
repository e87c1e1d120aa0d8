"""A folder of runbooks: ``<class>/runbook.yaml``, read strictly, every complaint with its file, line and field.

A runbook decides what may be offered at 3 a.m.; a key that is written twice or misspelt must not quietly mean
something else than its author thinks.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from engine.core.errors import BadInput
from engine.core.runbook import Runbook, read_runbook

FILE = "runbook.yaml"
LIMIT = 65_536
MAX_BRACKETS = 1_000
MAX_LINE = 2_000
MAX_DEPTH = 32

# libyaml's parser where PyYAML was built with it: a command that only decides reads all runbooks first.
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

_TEXT = "tag:yaml.org,2002:str"
_TAGS: dict[type, frozenset[str]] = {
    yaml.MappingNode: frozenset({"tag:yaml.org,2002:map"}),
    yaml.SequenceNode: frozenset({"tag:yaml.org,2002:seq"}),
    yaml.ScalarNode: frozenset({_TEXT, *(f"tag:yaml.org,2002:{name}" for name in ("int", "bool", "null", "float"))}),
}


def load_runbooks(folder: Path, *, checked: bool = True) -> list[Runbook]:
    """All runbooks below a folder, by id. Raises :class:`BadInput` naming file, line and field.

    Without ``checked`` their options aren't held against the catalogue; load each again before it is followed.
    """
    if not folder.is_dir():
        raise BadInput("no such folder", where=str(folder), remedy="Give the folder that holds <class>/runbook.yaml")
    files = sorted(folder.glob(f"*/{FILE}"))
    if not files:
        raise BadInput("holds no runbooks", where=str(folder), remedy=f"Each is a folder with a {FILE}")
    for child in sorted(folder.iterdir()):
        if child.is_dir() and not (child / FILE).is_file() and any(child.iterdir()):
            raise BadInput(f"has no {FILE}", where=str(child), remedy="Write it, or take the folder away")
    return [load_runbook(file, checked=checked) for file in files]


def load_runbook(file: Path, *, checked: bool = True) -> Runbook:
    """One runbook. Its id is the name of its folder. Raises :class:`BadInput`."""
    data = file.read_bytes()
    if len(data) > LIMIT:
        raise BadInput(f"{len(data)} bytes is over the limit of {LIMIT}", where=str(file), remedy="Shorten it")
    return _read(file, data, checked)


@lru_cache(maxsize=256)
def _read(file: Path, data: bytes, checked: bool) -> Runbook:
    """The runbook of these bytes. It can't be changed, so whoever reads the same again gets the same."""
    node = _compose(data, file)
    document = _Values(file).of(node)
    if not isinstance(document, dict):
        raise BadInput("is not a map of fields", where=f"{file}:1", remedy="See runbooks/README.md for the fields")
    try:
        return read_runbook(file.parent.name, document, checked=checked)
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
    # libyaml's parser descends on the stack of the machine: what could exhaust that never reaches it.
    if data.count(b"[") + data.count(b"{") > MAX_BRACKETS or max(map(len, data.split(b"\n"))) > MAX_LINE:
        remedy = f"Keep to {MAX_BRACKETS} brackets and {MAX_LINE} bytes in a line"
        raise BadInput("has too many brackets, or too long a line", where=str(file), remedy=remedy)
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


class _Values:
    """The plain values of nodes. Aliases and tags are refused: a runbook is read by people in a hurry."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._seen: set[int] = set()
        self._loader = _Loader("")

    def of(self, node: Any, depth: int = 1) -> Any:
        """What a node says: text, a whole number, a truth value, nothing, or a list or map of such."""
        if id(node) in self._seen:
            raise self._bad(node, "is used again by an alias", "Write it out where it is used")
        self._seen.add(id(node))
        if depth > MAX_DEPTH:
            raise self._bad(node, f"is nested deeper than {MAX_DEPTH}", "Flatten it")
        if node.tag not in _TAGS[type(node)]:
            raise self._bad(node, f"has the type {node.tag}", "Quote it if it is text")
        if isinstance(node, yaml.MappingNode):
            return self._map(node, depth)
        if isinstance(node, yaml.SequenceNode):
            return [self.of(child, depth + 1) for child in node.value]
        return node.value if node.tag == _TEXT else self._scalar(node)

    def _map(self, node: Any, depth: int) -> dict[Any, Any]:
        found: dict[Any, Any] = {}
        written: set[str] = set()
        for key, value in node.value:
            if not isinstance(key, yaml.ScalarNode):
                raise self._bad(key, "is no name of a field", "Write one word before the colon")
            if key.value in written:
                raise self._bad(key, f"{key.value}: is written twice", "Keep one of them")
            written.add(key.value)
            found[self.of(key, depth)] = self.of(value, depth + 1)
        return found

    def _scalar(self, node: Any) -> Any:
        try:
            return self._loader.construct_object(node)
        except (ValueError, KeyError):
            raise self._bad(node, f"{node.value!r} is not of the type {node.tag}", "Correct it") from None

    def _bad(self, node: Any, problem: str, remedy: str) -> BadInput:
        return BadInput(problem, where=f"{self._file}:{node.start_mark.line + 1}", remedy=remedy)


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
