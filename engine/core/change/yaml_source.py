"""YAML as its author wrote it: every node with its place in the text, and its value as Kubernetes will read it.

An edit that re-dumps a file moves comments and quotes that a reviewer then has to read past. So files are composed
into nodes with positions, and edits are made on the text itself (:mod:`engine.core.change.splice`). Values follow the
parser that Kubernetes tools share: YAML 1.1 booleans (``on``, ``no``), octal ``0644``, but ``1:30`` and dates stay
text. Two parsers that disagree on a scalar are how a reviewed edit becomes another one when it is applied.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import yaml

from engine.core.errors import BadInput
from engine.core.yaml_depth import refuse_depth

MAX_BYTES = 8 * 1_048_576
MAX_NODES = 400_000
MAX_DEPTH = 100

_PLAIN = "tag:penstock.dev,plain"
_PREFIX = "tag:yaml.org,2002:"
_WORDS: dict[str, bool | None] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("y", "Y", "yes", "Yes", "YES", "on", "On", "ON", "true", "True", "TRUE"), True),
    **dict.fromkeys(("n", "N", "no", "No", "NO", "off", "Off", "OFF", "false", "False", "FALSE"), False),
}
_INTEGER = re.compile(r"^[-+]?(0[xX][0-9a-fA-F]+|0[bB][01]+|0[oO][0-7]+|0[0-7]*|[1-9][0-9]*)$")
_FLOAT = re.compile(r"^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$")


class Alias(yaml.Node):
    """A reference to an anchored node, kept apart from it so that its own place in the text is known."""

    id = "alias"

    def __init__(self, target: yaml.Node, start: Any, end: Any) -> None:
        super().__init__("alias", target, start, end)


def _resolve(kind: type[yaml.Node], _value: str | None, implicit: tuple[bool, bool] | bool) -> str:
    if kind is yaml.ScalarNode:
        return _PLAIN if isinstance(implicit, tuple) and implicit[0] else f"{_PREFIX}str"
    return f"{_PREFIX}seq" if kind is yaml.SequenceNode else f"{_PREFIX}map"


class _WithPlaces:
    """Composes with places; an alias becomes a node of its own and marks its target as shared."""

    parser: Any

    def __init__(self, text: str) -> None:
        self.parser.__init__(self, text)
        self.anchors: dict[str, yaml.Node] = {}
        self.shared: set[int] = set()

    def resolve(self, kind: Any, value: Any, implicit: Any) -> str:
        return _resolve(kind, value, implicit)

    def compose_node(self: Any, parent: Any, index: Any) -> Any:
        if self.check_event(yaml.AliasEvent):
            event: Any = self.get_event()
            if event.anchor not in self.anchors:
                raise yaml.composer.ComposerError(None, None, f"undefined alias {event.anchor!r}", event.start_mark)
            target = self.anchors[event.anchor]
            self.shared.add(id(target))
            return Alias(target, event.start_mark, event.end_mark)
        return yaml.composer.Composer.compose_node(self, parent, index)


def _placing(parser: Any) -> Any:
    composer = () if issubclass(parser, yaml.composer.Composer) else (yaml.composer.Composer,)
    return type("_Placing", (_WithPlaces, *composer, parser), {"parser": parser})


_PARSER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_PLACING, _PLACING_BEHIND_A_MARK = _placing(_PARSER), _placing(yaml.SafeLoader)  # C counts no byte order mark


class _Reading(_PARSER):  # type: ignore[misc]
    """Composes for values alone."""

    def resolve(self, kind: Any, value: Any, implicit: Any) -> str:
        return _resolve(kind, value, implicit)


@dataclass(frozen=True)
class Document:
    """One document of a file: its root node, and which nodes are shared by aliases."""

    root: yaml.Node
    shared: frozenset[int]

    @property
    def value(self) -> Any:
        """The document as plain values."""
        return _Values().of(self.root)


def text_of(data: bytes, where: str) -> str:
    """A file's text. Raises :class:`BadInput` for what isn't UTF-8, or is over ``MAX_BYTES``."""
    if len(data) > MAX_BYTES:
        raise BadInput(f"{len(data)} bytes is over the limit of {MAX_BYTES}", where=where, remedy="Split the file")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise BadInput(f"not UTF-8 at byte {error.start}", where=where, remedy="Save it as UTF-8") from None


def compose(text: str, where: str) -> list[Document]:
    """The documents of a file with places; empty ones are left out. Raises :class:`BadInput` naming file and line."""
    refuse_depth(text, where)
    loader = (_PLACING_BEHIND_A_MARK if text.startswith("\ufeff") else _PLACING)(text)
    try:
        documents = []
        while loader.check_node():
            root = loader.get_node()
            if root is not None:
                documents.append(Document(root, frozenset(loader.shared)))
        return [document for document in documents if document.value is not None]
    except (yaml.YAMLError, RecursionError) as error:
        raise _bad(error, where) from None
    finally:
        loader.dispose()


def read(data: bytes, where: str) -> list[Any]:
    """The values of all documents that aren't empty. Raises :class:`BadInput` naming file and line."""
    text = text_of(data, where)
    refuse_depth(text, where)
    loader = _Reading(text)
    try:
        values = []
        while loader.check_node():
            values.append(_Values().of(loader.get_node()))
        return [value for value in values if value is not None]
    except (yaml.YAMLError, RecursionError) as error:
        raise _bad(error, where) from None
    finally:
        loader.dispose()


def objects(values: Iterable[Any], where: str) -> list[dict[str, Any]]:
    """Kubernetes objects among documents, Lists unfolded. Raises :class:`BadInput` for what is none."""
    found: list[dict[str, Any]] = []
    for value in values:
        if (
            isinstance(value, dict)
            and isinstance(value.get("items"), list)
            and str(value.get("kind", "")).endswith("List")
        ):
            found.extend(objects(value["items"], where))
        elif isinstance(value, dict) and value.get("kind") and isinstance(value.get("metadata"), dict):
            found.append(value)
        else:
            raise BadInput("not a Kubernetes object with kind and metadata", where=where, remedy="Move it elsewhere")
    return found


def _bad(error: Exception, where: str) -> BadInput:
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    place = f"{where}:{mark.line + 1}" if mark is not None else where
    problem = getattr(error, "problem", None) or str(error)
    return BadInput(f"not valid YAML: {problem}", where=place, remedy="Correct the file")


def plain_value(text: str) -> Any:
    """What a plain scalar means to the parser that Kubernetes tools share."""
    if text in _WORDS:
        return _WORDS[text]
    bare = text.replace("_", "")
    if _INTEGER.match(bare):
        digits = bare.lstrip("+-").lower()
        base = {"0x": 16, "0b": 2, "0o": 8}.get(digits[:2], 8 if len(digits) > 1 and digits[0] == "0" else 10)
        number = int(digits[2:] if base != 10 and not digits[1:2].isdigit() else digits, base)
        return -number if bare.startswith("-") else number
    if _FLOAT.match(bare):
        return float(bare)
    return text


class _Values:
    """Values of nodes, bounded, so that aliases of aliases can't grow without end."""

    def __init__(self) -> None:
        self._left = MAX_NODES

    def of(self, node: yaml.Node, depth: int = 0) -> Any:
        self._left -= 1
        if self._left < 0 or depth > MAX_DEPTH:
            raise yaml.constructor.ConstructorError(None, None, "too large or too deep", node.start_mark)
        if isinstance(node, Alias):
            return self.of(node.value, depth + 1)
        if isinstance(node, yaml.SequenceNode):
            return [self.of(item, depth + 1) for item in node.value]
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, depth)
        return self._scalar(node)

    def _mapping(self, node: yaml.MappingNode, depth: int) -> dict[str, Any]:
        own: dict[str, Any] = {}
        merged: dict[str, Any] = {}
        for key_node, value_node in node.value:
            if not isinstance(key_node, yaml.ScalarNode):
                raise yaml.constructor.ConstructorError(None, None, "a key that isn't a scalar", key_node.start_mark)
            if key_node.value == "<<" and key_node.tag == _PLAIN:
                sources = self.of(value_node, depth + 1)
                for source in reversed(sources if isinstance(sources, list) else [sources]):
                    merged.update(source if isinstance(source, dict) else {})
                continue
            if key_node.value in own:
                problem = f"duplicate key {key_node.value!r}"
                raise yaml.constructor.ConstructorError(None, None, problem, key_node.start_mark)
            own[key_node.value] = self.of(value_node, depth + 1)
        return {**{key: value for key, value in merged.items() if key not in own}, **own} if merged else own

    def _scalar(self, node: yaml.Node) -> Any:
        if node.tag == _PLAIN:
            return plain_value(node.value)
        short = node.tag.removeprefix(_PREFIX)
        if short == "str":
            return node.value
        if short in ("int", "float", "bool", "null"):
            return plain_value(node.value)
        raise yaml.constructor.ConstructorError(None, None, f"the tag {node.tag!r} isn't taken", node.start_mark)
