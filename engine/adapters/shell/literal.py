"""One word of a script as the shell would pass it on, where that can be said without knowing anything else."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from tree_sitter import Node

from engine.core.command.refusal import CommandRefused

_PATTERN = re.compile(r"[*?\[\]{}~`$!<>|&;()\"'#^]")
_PLAIN = re.compile(r"[A-Za-z0-9@%+=:,./_-]+")
_PLACED = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/-]*")

Refuse = Callable[[Node], CommandRefused]


def literal(node: Node, scope: Mapping[str, str], refuse: Refuse) -> str:
    """The word's characters. ``scope`` has the loop variables; raises what ``refuse`` makes of another kind of node."""
    text = (node.text or b"").decode("utf-8", "surrogateescape")
    kind = node.type
    if kind in ("word", "number"):
        if node.child_count and any(child.type != "word" for child in node.children):
            raise refuse(node.children[0])
        return _unquoted(text)
    if kind == "raw_string":
        return text[1:-1]
    if kind == "string":
        return "".join(_quoted(node, text, scope, refuse))
    if kind == "concatenation":
        return "".join(_joined(node, scope, refuse))
    if kind == "simple_expansion":
        return _variable(text, scope, quoted=False)
    raise refuse(node)


def _joined(node: Node, scope: Mapping[str, str], refuse: Refuse) -> list[str]:
    end, parts = node.start_byte, []
    for child in node.children:
        if child.start_byte != end:
            raise CommandRefused("not_understood", "has a gap inside a word")
        parts.append(literal(child, scope, refuse))
        end = child.end_byte
    return parts


def _unquoted(text: str) -> str:
    """Outside quotes a backslash keeps the next character as it is, and patterns mean other words."""
    if _PLAIN.fullmatch(text):
        return text
    out, rest = [], text
    while rest:
        head, rest = rest[0], rest[1:]
        if head == "\\":
            if not rest:
                raise CommandRefused("not_understood", "ends in a backslash", where=text)
            if rest[0] != "\n":
                out.append(rest[0])
            rest = rest[1:]
        elif _PATTERN.match(head) and not (head == "!" and out and rest[:1] == "="):
            raise CommandRefused("glob", "means other words, unless it is quoted", where=text)
        else:
            out.append(head)
    return "".join(out)


def _quoted(node: Node, text: str, scope: Mapping[str, str], refuse: Refuse) -> list[str]:
    """Inside double quotes only variables and a few backslashes mean something."""
    data, end, parts = text.encode("utf-8", "surrogateescape"), 1, []
    for child in node.children[1:-1]:
        start = child.start_byte - node.start_byte
        parts.append(_between(data[end:start]))
        if child.type == "string_content":
            parts.append(_between(data[start : child.end_byte - node.start_byte]))
        elif child.type == "simple_expansion":
            parts.append(_variable((child.text or b"").decode(), scope, quoted=True))
        else:
            raise refuse(child)
        end = child.end_byte - node.start_byte
    parts.append(_between(data[end:-1]))
    return parts


def _between(data: bytes) -> str:
    out, rest = [], data.decode("utf-8", "surrogateescape")
    while rest:
        head, rest = rest[0], rest[1:]
        if head == "\\" and rest[:1] in ("$", "`", '"', "\\", "\n"):
            if rest[0] != "\n":
                out.append(rest[0])
            rest = rest[1:]
        elif head in ("$", "`", '"'):
            raise CommandRefused("expansion", "has a value that isn't known")
        else:
            out.append(head)
    return "".join(out)


def _variable(text: str, scope: Mapping[str, str], *, quoted: bool) -> str:
    value = scope.get(text.removeprefix("$"))
    if value is None:
        raise CommandRefused("expansion", "has a value that isn't known", where=text)
    if not quoted and not _PLACED.fullmatch(value):
        raise CommandRefused("quoting", "would be split or matched, unless it is quoted", where=text)
    return value
