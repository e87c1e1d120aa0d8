"""Edits of YAML text that touch only the lines they mean.

Each edit finds a node's place, replaces those characters, and leaves every other byte alone: comments, quotes,
anchors, order, indentation, line endings. A node that an alias shares with other fields isn't edited, since the edit
would reach fields that nobody spoke of.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any, cast

import yaml

from engine.core.change.fields import ABSENT, FieldChange, Item, Path, Step, same, show
from engine.core.change.scalar import INDENT, block, entry, inline, scalar
from engine.core.change.yaml_source import Alias, Document, compose
from engine.core.errors import SourceAmbiguous, UnintendedEdit

_PROPERTIES = re.compile(r"(?:[&!][^\s,\[\]{}]*\s+)*")


@dataclass(frozen=True)
class Place:
    """Where a path leads in a document: the nodes on the way, and how many steps of the path exist."""

    nodes: tuple[yaml.Node, ...]
    reached: int

    @property
    def node(self) -> yaml.Node:
        return self.nodes[-1]


def holds(text: str, index: int, path: Path, where: str) -> bool:
    """Whether a document itself sets this path (not by a merge key or an alias)."""
    document = compose(text, where)[index]
    try:
        return walk(document, path, where).reached == len(path)
    except SourceAmbiguous:
        return True


def edit(text: str, index: int, change: FieldChange, where: str) -> str:
    """The text with one field of one document changed. Raises :class:`SourceAmbiguous` where an alias shares it."""
    document = compose(text, where)[index]
    place = walk(document, change.path, where)
    editor = Editor(text, where)
    if place.reached == len(change.path):
        if change.after is ABSENT:
            return editor.remove(place.nodes)
        return editor.replace(place.nodes, change.path, change.after)
    if change.after is ABSENT:
        return text
    return editor.add(place, change.path[place.reached :], change.after)


def walk(document: Document, path: Path, where: str) -> Place:
    nodes = [document.root]
    for reached, step in enumerate(path):
        node = nodes[-1]
        if isinstance(node, Alias) or id(node) in document.shared:
            raise SourceAmbiguous(
                f"{show(path)} is shared by an alias",
                where=f"{where}:{node.start_mark.line + 1}",
                remedy="Write the value out where it is used, then propose again",
            )
        child = _child(node, step)
        if child is None:
            if isinstance(node, yaml.MappingNode) and any(k.value == "<<" for k, _ in node.value):
                raise SourceAmbiguous(
                    f"{show(path)} may come from a merge key",
                    where=f"{where}:{node.start_mark.line + 1}",
                    remedy="Write the value out where it is used, then propose again",
                )
            return Place(tuple(nodes), reached)
        nodes.append(child)
    last = nodes[-1]
    if isinstance(last, Alias) or id(last) in document.shared:
        raise SourceAmbiguous(
            f"{show(path)} is shared by an alias",
            where=f"{where}:{last.start_mark.line + 1}",
            remedy="Write the value out where it is used, then propose again",
        )
    return Place(tuple(nodes), len(path))


def _child(node: yaml.Node, step: Step) -> yaml.Node | None:
    if isinstance(step, str):
        pairs = node.value if isinstance(node, yaml.MappingNode) else ()
        return next((value for key, value in pairs if key.value == step), None)
    items = node.value if isinstance(node, yaml.SequenceNode) else []
    if isinstance(step, int):
        return items[step] if step < len(items) else None
    return next((i for i in items if _field(i, step.key) == step.value), None)


def _field(node: yaml.Node, key: str) -> str | None:
    if not isinstance(node, yaml.MappingNode):
        return None
    return next((v.value for k, v in node.value if k.value == key and isinstance(v, yaml.ScalarNode)), None)


class Editor:
    """One edit of one text; holds what every edit needs to know of it."""

    def __init__(self, text: str, where: str) -> None:
        self._text = text
        self._where = where
        self._newline = "\r\n" if "\r\n" in text else "\n"
        self._json = text.lstrip()[:1] in ("{", "[")

    def _splice(self, start: int, end: int, new: str) -> str:
        return self._text[:start] + new.replace("\n", self._newline) + self._text[end:]

    def replace(self, nodes: tuple[yaml.Node, ...], path: Path, value: Any) -> str:
        """Put another value where there is one."""
        node = nodes[-1]
        start, end = self.content(node)
        if isinstance(node, yaml.SequenceNode) and isinstance(value, list) and node.value:
            return self._relist(node, value) if value else self._empty(nodes, "[]")
        if isinstance(node, yaml.ScalarNode) and not isinstance(value, (dict, list)):
            if node.style in ("|", ">"):
                return self._splice(start, end, self._literal(value, self._indent(start) + INDENT))
            quote = node.style if node.style in ("'", '"') else ""
            lead = " " if start == end and self._text[start - 1 : start] in (":", "-") else ""
            return self._splice(start, end, lead + self._scalar(value, quote, nodes))
        if self._in_flow(nodes[:-1]) or not value:
            lead = "" if start and self._text[start - 1] in " \n{[," else " "
            return (
                self._splice(start, end, lead + self._inline(value))
                if self._one_line(start, end)
                else self._under(nodes, path, value)
            )
        return self._under(nodes, path, value)

    def _inline(self, value: Any) -> str:
        return json.dumps(value, ensure_ascii=False) if self._json else inline(value)

    def _scalar(self, value: Any, quote: str, nodes: tuple[yaml.Node, ...]) -> str:
        return self._inline(value) if self._json else scalar(value, quote=quote, flow=self._in_flow(nodes))

    def _one_line(self, start: int, end: int) -> bool:
        return "\n" not in self._text[start:end] or self._text[start] in "{["

    def _under(self, nodes: tuple[yaml.Node, ...], path: Path, value: Any) -> str:
        """Replace a whole value below its key or dash by one in block style."""
        parent, node = nodes[-2], nodes[-1]
        _, end = self.content(node)
        if isinstance(parent, yaml.MappingNode):
            key = next(k for k, v in parent.value if v is node)
            column = parent.value[0][0].start_mark.column
            written = entry(str(path[-1]), value, column, dash_indent=self._dash_indent())
            return self._splice(key.start_mark.index, end, written)
        start, _ = self.content(node)
        return self._splice(start, end, block(value, node.start_mark.column, dash_indent=self._dash_indent()))

    def _relist(self, node: yaml.SequenceNode, value: list[Any]) -> str:
        """Make a list another one, keeping the lines of the items that stay."""
        old = [Document(item, frozenset()).value for item in node.value]
        if len(value) > len(old) and same(value[: len(old)], old):
            return self._append(node, value[len(old) :])
        kept = [i for i, item in enumerate(old) if any(same(item, v) for v in value)]
        if same([old[i] for i in kept], value):
            gone = [i for i in range(len(old)) if i not in kept]
            if len(gone) == 1 and kept:
                return self._remove_item(node, gone[0])
        start, end = self.content(node)
        if node.flow_style:
            return self._splice(start, end, self._inline(value))
        return self._splice(start, end, block(value, node.start_mark.column, dash_indent=self._dash_indent()))

    def add(self, place: Place, path: Path, value: Any) -> str:
        """Make a field that isn't there, with the parents that are missing."""
        step, nested = path[0], _nest(path[1:], value)
        node = place.node
        if isinstance(step, Item):
            nested = nested if isinstance(nested, dict) and step.key in nested else {step.key: step.value, **nested}
        if isinstance(node, yaml.ScalarNode) and node.value in ("", "null", "~"):
            return self._fill(place.nodes, {step: nested} if isinstance(step, str) else [nested])
        if isinstance(node, yaml.SequenceNode) and not isinstance(step, str):
            return self._append(node, [nested]) if node.value else self._fill(place.nodes, [nested])
        if isinstance(node, yaml.MappingNode) and isinstance(step, str):
            return self._add_key(node, step, nested) if node.value else self._fill(place.nodes, {step: nested})
        raise UnintendedEdit(
            f"{show(path)} doesn't fit what is there",
            where=f"{self._where}:{node.start_mark.line + 1}",
            remedy="Correct the file, then propose again",
        )

    def _add_key(self, node: yaml.MappingNode, key: str, value: Any) -> str:
        last = node.value[-1][1]
        if node.flow_style:
            end = self.content(last)[1]
            return self._splice(end, end, f", {self._inline(key)}: {self._inline(value)}")
        column = node.value[0][0].start_mark.column
        return self._insert_line(last, " " * column + entry(key, value, column, dash_indent=self._dash_indent()))

    def _append(self, node: yaml.SequenceNode, values: list[Any]) -> str:
        last = node.value[-1]
        if node.flow_style:
            end = self.content(last)[1]
            return self._splice(end, end, "".join(f", {self._inline(v)}" for v in values))
        column = node.start_mark.column
        lines = block(values, column, dash_indent=self._dash_indent())
        return self._insert_line(last, " " * column + lines)

    def _insert_line(self, after: yaml.Node, lines: str) -> str:
        end = self._line_end(self.content(after)[1])
        return self._splice(end, end, "\n" + lines)

    def _fill(self, nodes: tuple[yaml.Node, ...], value: Any) -> str:
        """Give parts to a value that is empty: ``{}``, ``[]``, or nothing at all."""
        node = nodes[-1]
        start, end = self.content(node)
        if self._in_flow(nodes[:-1]) or len(nodes) == 1:
            return self._splice(start, end, self._inline(value))
        column = self._column_below(nodes)
        start = len(self._text[:start].rstrip(" "))
        comment = self._text[end : self._line_end(end)]
        written = f"{comment.rstrip()}\n{' ' * column}{block(value, column, dash_indent=self._dash_indent())}"
        return self._splice(start, self._line_end(end), written)

    def _column_below(self, nodes: tuple[yaml.Node, ...]) -> int:
        parent = nodes[-2]
        if isinstance(parent, yaml.MappingNode):
            return int(parent.value[0][0].start_mark.column) + INDENT
        return int(parent.start_mark.column) + INDENT

    def remove(self, nodes: tuple[yaml.Node, ...]) -> str:
        """Take a field or an item away, with the line it stands on."""
        parent, node = nodes[-2], nodes[-1]
        if isinstance(parent, yaml.SequenceNode):
            index = next(i for i, item in enumerate(parent.value) if item is node)
            if len(parent.value) == 1:
                return self._empty(nodes[:-1], "[]")
            return self._remove_item(parent, index)
        if len(parent.value) == 1:
            return self._empty(nodes[:-1], "{}")
        return self._remove_key(cast(yaml.MappingNode, parent), node)

    def _empty(self, nodes: tuple[yaml.Node, ...], empty: str) -> str:
        start, end = self.content(nodes[-1])
        if cast(yaml.CollectionNode, nodes[-1]).flow_style:
            return self._splice(start, end, empty)
        before = len(self._text[:start].rstrip())
        return self._splice(before, end, (" " if before else "") + empty)

    def _remove_key(self, parent: yaml.MappingNode, node: yaml.Node) -> str:
        index = next(i for i, (_, value) in enumerate(parent.value) if value is node)
        start = parent.value[index][0].start_mark.index
        end = self.content(node)[1]
        if parent.flow_style:
            return self._remove_flow([k.start_mark.index for k, _ in parent.value], index, end)
        line = self._text.rfind("\n", 0, start) + 1
        if self._text[line:start].strip():
            return self._splice(start, parent.value[index + 1][0].start_mark.index, "")
        return self._splice(line, self._next_line(end), "")

    def _remove_item(self, parent: yaml.SequenceNode, index: int) -> str:
        node = parent.value[index]
        end = self.content(node)[1]
        if parent.flow_style:
            return self._remove_flow([i.start_mark.index for i in parent.value], index, end)
        line = self._text.rfind("\n", 0, node.start_mark.index) + 1
        if not re.fullmatch(r" *- *", self._text[line : node.start_mark.index]):
            raise UnintendedEdit("a list within a list isn't edited", where=self._where)
        return self._splice(line, self._next_line(end), "")

    def _remove_flow(self, starts: list[int], index: int, end: int) -> str:
        if index + 1 < len(starts):
            return self._splice(starts[index], starts[index + 1], "")
        comma = self._text.rfind(",", 0, starts[index])
        return self._splice(comma, end, "")

    def content(self, node: yaml.Node) -> tuple[int, int]:
        """Where a node's own characters are, without its anchor, and without what the parser skips after it."""
        start = node.start_mark.index
        matched = _PROPERTIES.match(self._text, start)
        start = matched.end() if matched and not isinstance(node, Alias) else start
        return min(start, self._end(node)), self._end(node)

    def _end(self, node: yaml.Node) -> int:
        block_collection = isinstance(node, (yaml.MappingNode, yaml.SequenceNode)) and not node.flow_style
        if block_collection and node.value:
            last = node.value[-1]
            return self._end(last[1] if isinstance(last, tuple) else last)
        end = int(node.end_mark.index)
        if isinstance(node, yaml.ScalarNode) and node.style in ("|", ">"):
            return len(self._text[:end].rstrip("\r\n "))
        return end

    def _line_end(self, index: int) -> int:
        end = self._text.find("\n", index)
        if end < 0:
            return len(self._text)
        return end - 1 if self._text[end - 1] == "\r" else end

    def _next_line(self, index: int) -> int:
        end = self._text.find("\n", index)
        return len(self._text) if end < 0 else end + 1

    def _indent(self, index: int) -> int:
        line = self._text.rfind("\n", 0, index) + 1
        return len(self._text[line:]) - len(self._text[line:].lstrip(" "))

    def _literal(self, value: Any, indent: int) -> str:
        if not isinstance(value, str) or not _fits_literal(value):
            return scalar(value, quote='"' if isinstance(value, str) else "")
        body = value.rstrip("\n")
        header = "|" if value.endswith("\n") else "|-"
        return header + "".join(f"\n{' ' * indent}{line}" if line else "\n" for line in body.split("\n"))

    def _dash_indent(self) -> int:
        """How deep this file's lists stand below their key: the first one tells."""
        found = re.search(
            r"^( *)[^\s#-][^\n]*:[ \t]*(?:#[^\n]*)?\r?\n(?:[ \t]*#[^\n]*\n)*( *)- ", self._text, re.MULTILINE
        )
        return max(0, len(found.group(2)) - len(found.group(1))) if found else INDENT

    @staticmethod
    def _in_flow(nodes: tuple[yaml.Node, ...]) -> bool:
        return any(getattr(n, "flow_style", False) and not isinstance(n, yaml.ScalarNode) for n in nodes)


def _fits_literal(value: str) -> bool:
    body = value.removesuffix("\n")
    lines = body.split("\n")
    clean = all(line.isprintable() and line == line.rstrip() for line in lines)
    return clean and bool(lines[0]) and not lines[0].startswith(" ") and not body.endswith("\n")


def _nest(path: Path, value: Any) -> Any:
    for step in reversed(path):
        if isinstance(step, str):
            value = {step: value}
        elif isinstance(step, Item):
            value = [value if isinstance(value, dict) and step.key in value else {step.key: step.value, **value}]
        else:
            value = [value]
    return value
