"""Policy data as people write it, read in the one way that every YAML reader agrees on.

``no`` is false to one reader and a word to the next, ``010`` is eight or ten, and of two equal keys the last one
silently wins. Limits, windows and opt-ins stand in these files, so what could be read two ways is refused, with the
line it stands on.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from engine.core import canonical
from engine.core.errors import BadInput
from engine.core.yaml_depth import refuse_depth

MOST_BYTES = 1_048_576
MOST_NODES = 200_000
MOST_DEPTH = 64
_NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?")
_RADIX = re.compile(r"[-+]?0[obxOBX][0-9a-fA-F_]+")
_WORDS: dict[str, Any] = {"true": True, "false": False, "null": None, "~": None, "": None}
_TEXT = "tag:yaml.org,2002:str"

Path_ = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DataFile:
    """A mapping read from one file, and the line and column, from 1, of each mapping key in it."""

    name: str
    value: dict[str, Any]
    places: Mapping[Path_, tuple[int, int]] = field(default_factory=dict)

    def where(self, path: Path_) -> str:
        """The file, with the line and column of a key in it when they are known."""
        line, column = self.places.get(path, (0, 0))
        return f"{self.name}:{line}:{column}" if line else self.name


def read_data_file(file: Path, *, name: str = "") -> DataFile:
    """Policy data in a ``.yaml``, ``.yml`` or ``.json`` file; ``name`` is what errors call it.

    Raises :class:`BadInput` naming file, line and column for what isn't one mapping or could be read two ways.
    """
    name = name or str(file)
    try:
        text = file.read_bytes()
    except OSError as error:
        raise BadInput(f"can't be read ({error.strerror})", where=name, remedy="Give a readable YAML file") from None
    return read_data(text, name=name)


def read_data(text: bytes, *, name: str) -> DataFile:
    """As :func:`read_data_file`, from bytes; JSON when ``name`` ends so."""
    if len(text) > MOST_BYTES:
        raise BadInput(f"{len(text)} bytes is over the limit of {MOST_BYTES}", where=name, remedy="Split the data")
    read = _read_json(text, name) if name.endswith(".json") else _Reader(name).read(text)
    if read is None:
        raise BadInput("is not a mapping", where=name, remedy="Write names and what belongs to them")
    return read


def _read_json(text: bytes, name: str) -> DataFile | None:
    try:
        value = canonical.parse(text, where=name, limit=MOST_BYTES)
    except BadInput as error:
        raise BadInput(error.message, where=_stumbled(text, name), remedy=error.remedy) from None
    return DataFile(name, value) if isinstance(value, dict) else None


def _stumbled(text: bytes, name: str) -> str:
    """The file with the place where JSON ends to be JSON, or where the stricter reader of YAML, its superset, stops."""
    try:
        json.loads(text)
        _Reader(name).read(text)
    except json.JSONDecodeError as error:
        return f"{name}:{error.lineno}:{error.colno}"
    except BadInput as error:
        return error.where
    except (ValueError, RecursionError):
        return name
    return name


def lay_over(data: Mapping[str, Any], overlay: DataFile) -> dict[str, Any]:
    """A copy of the topics in ``data`` with the overlay's mappings merged in; lists and single values are replaced.

    Raises :class:`BadInput` naming the line for a topic that isn't there, and where a mapping and a value meet.
    """
    unknown = sorted(set(overlay.value) - set(data))
    if unknown:
        raise BadInput(
            f"{unknown[0]!r} is not a topic of the policy data",
            where=overlay.where((unknown[0],)),
            remedy="There are " + ", ".join(sorted(data)),
        )
    merged = deepcopy(dict(data))
    _merge(merged, overlay.value, overlay, ())
    return merged


def _merge(target: dict[str, Any], source: Mapping[str, Any], overlay: DataFile, path: Path_) -> None:
    for key, value in source.items():
        here, old = (*path, key), target.get(key)
        if isinstance(old, dict) and isinstance(value, dict):
            _merge(old, value, overlay, here)
            continue
        if old is not None and isinstance(old, dict) != isinstance(value, dict):
            held, given = ("a mapping", "a single value") if isinstance(old, dict) else ("a single value", "a mapping")
            raise BadInput(
                f"{'.'.join(here)} is {held} and would become {given}",
                where=overlay.where(here),
                remedy="Keep the shape that the policy reads",
            )
        target[key] = deepcopy(value)


class _Reader:
    def __init__(self, name: str) -> None:
        self.name = name
        self.places: dict[Path_, tuple[int, int]] = {}
        self.nodes = 0

    def read(self, text: bytes) -> DataFile | None:
        import yaml

        try:
            loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
            refuse_depth(text.decode(), self.name)
            node = yaml.compose(text.decode(), Loader=loader)
        except yaml.MarkedYAMLError as error:
            problem = f"is not YAML ({error.problem or error})"
            raise BadInput(problem, where=self._at(error.problem_mark), remedy="Correct the file") from None
        except (yaml.YAMLError, UnicodeDecodeError, RecursionError) as error:
            raise BadInput(f"is not YAML ({error})", where=self.name, remedy="Correct the file") from None
        value = {} if node is None else self._value(node, ())
        return DataFile(self.name, value, self.places) if isinstance(value, dict) else None

    def _value(self, node: Any, path: Path_) -> Any:
        self.nodes += 1
        if self.nodes > MOST_NODES or len(path) > MOST_DEPTH:
            raise self._refusal(node, "this is too much or too deep", "Split the data, and write it without aliases")
        if node.id == "mapping":
            return self._mapping(node, path)
        if node.id == "sequence":
            return [self._value(child, (*path, str(number))) for number, child in enumerate(node.value)]
        return self._scalar(node)

    def _mapping(self, node: Any, path: Path_) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key_node, child in node.value:
            key = self._scalar(key_node) if key_node.id == "scalar" else None
            if not isinstance(key, str):
                raise self._refusal(key_node, "a key is not text", "Put the key in quotes")
            if key_node.tag.endswith(":merge"):
                raise self._refusal(key_node, "merge keys are not read", "Write the keys out")
            if key in found:
                raise self._refusal(key_node, f"duplicate key {key!r}", "Keep one of them")
            self.places[(*path, key)] = _counted(key_node.start_mark)
            found[key] = self._value(child, (*path, key))
        return found

    def _scalar(self, node: Any) -> Any:
        text: str = node.value
        if node.style or node.tag.endswith(":merge"):
            return self._tagged(node, text)
        looks_like_text = text not in _WORDS and not _NUMBER.fullmatch(text) and not _RADIX.fullmatch(text)
        if looks_like_text != (node.tag == _TEXT) or _RADIX.fullmatch(text):
            raise self._refusal(node, f"{text!r} means different things to different readers", "Put it in quotes")
        if looks_like_text:
            return text
        return _WORDS[text] if text in _WORDS else float(text) if set(text) & set(".eE") else int(text)

    def _tagged(self, node: Any, text: str) -> str:
        if node.tag != _TEXT and not node.tag.endswith(":merge"):
            raise self._refusal(node, f"the tag {node.tag} is not read", "Write a plain or quoted value")
        return text

    def _refusal(self, node: Any, problem: str, remedy: str) -> BadInput:
        return BadInput(problem, where=self._at(node.start_mark), remedy=remedy)

    def _at(self, mark: Any) -> str:
        return ":".join(map(str, (self.name, *(_counted(mark) if mark else ()))))


def _counted(mark: Any) -> tuple[int, int]:
    """Line and column as people count them, from 1."""
    return mark.line + 1, mark.column + 1
