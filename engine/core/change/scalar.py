"""A value as YAML text that every parser on its way reads as the same value.

Git's reviewers, kustomize, Helm and the API server don't share one YAML: ``on`` is a word to one and true to the
next, ``0644`` is 420 or 644, ``1:30`` ninety or text. What any of them could read differently is written in quotes.
"""

from __future__ import annotations

import json
import re
from typing import Any

from engine.core.change.yaml_source import plain_value

_SAFE = re.compile(r"^[A-Za-z0-9_/.][A-Za-z0-9_/.@+=,~%&*()<>;!?$^ :-]*$")
_DOUBTFUL = re.compile(
    r"^([-+]?[0-9][0-9_]*(:[0-5]?[0-9])+(\.[0-9_]*)?|\d{4}-\d\d?-\d\d?.*|[-+]?\.?(inf|nan)|=|<<|0[0-9_]+|[-+]?[0-9_.]+e?[-+]?[0-9]*)$",
    re.IGNORECASE,
)
INDENT = 2


def scalar(value: Any, *, quote: str = "", flow: bool = False) -> str:
    """One scalar on one line. ``quote`` is the style its neighbours use (``'``, ``"`` or none); text keeps it."""
    if not isinstance(value, str):
        return json.dumps(value)
    if quote == "'" and value.isprintable():
        return "'" + value.replace("'", "''") + "'"
    if quote or not _plain_is_safe(value, flow):
        return _double_quoted(value)
    return value


def _double_quoted(text: str) -> str:
    """JSON's escapes are YAML's but for characters beyond 16 bits, which YAML doesn't write as a pair."""
    quoted = json.dumps(text, ensure_ascii=False)
    return "".join(c if c.isprintable() else f"\\U{ord(c):08x}" for c in quoted)


def _plain_is_safe(text: str, flow: bool) -> bool:
    if not _SAFE.match(text) or _DOUBTFUL.match(text) or plain_value(text) != text:
        return False
    return not (": " in text or " #" in text or text.endswith((":", " ")) or (flow and "," in text))


def block(value: Any, indent: int, *, dash_indent: int = INDENT) -> str:
    """A value in block style; lines after the first start at ``indent`` columns. Ends without a newline."""
    pad = " " * indent
    if isinstance(value, dict) and value:
        return f"\n{pad}".join(_entry(key, item, indent, dash_indent) for key, item in value.items())
    if isinstance(value, list) and value:
        return f"\n{pad}".join(f"- {block(item, indent + 2, dash_indent=dash_indent)}" for item in value)
    return inline(value)


def _entry(key: str, value: Any, indent: int, dash_indent: int) -> str:
    name = scalar(key)
    if isinstance(value, dict) and value:
        deeper = indent + INDENT
        return f"{name}:\n{' ' * deeper}{block(value, deeper, dash_indent=dash_indent)}"
    if isinstance(value, list) and value:
        deeper = indent + dash_indent
        return f"{name}:\n{' ' * deeper}{block(value, deeper, dash_indent=dash_indent)}"
    return f"{name}: {inline(value)}"


def entry(key: str, value: Any, indent: int, *, dash_indent: int = INDENT) -> str:
    """One ``key: value`` of a block mapping at ``indent`` columns, without its first indentation."""
    return _entry(key, value, indent, dash_indent)


def inline(value: Any) -> str:
    """A value on one line, in flow style where it has parts."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{scalar(k, flow=True)}: {inline(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(inline(v) for v in value) + "]"
    return scalar(value, flow=True)
