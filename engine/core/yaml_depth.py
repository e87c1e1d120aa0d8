"""How deep a YAML text may nest, checked before anything descends into it.

The C library's composer descends on the stack of the machine, and nesting without end there ends the process: no
refusal, no record. Its event parser doesn't descend, so it can be asked first.
"""

from __future__ import annotations

from typing import Any

import yaml

from engine.core.errors import BadInput

MOST = 200
# A text with fewer brackets and shorter lines than these can't nest deep enough to matter: each level of a block
# takes a byte of its line, and each other level a bracket.
_BRACKETS, _LINE = 1000, 1000

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_OPENING = (yaml.SequenceStartEvent, yaml.MappingStartEvent)
_CLOSING = (yaml.SequenceEndEvent, yaml.MappingEndEvent)


def refuse_depth(text: str, where: str) -> None:
    """Raises :class:`BadInput` for a text that nests deeper than ``MOST``. Other faults are its reader's to find."""
    if text.count("[") + text.count("{") <= _BRACKETS and max(map(len, text.split("\n"))) <= _LINE:
        return
    depth = 0
    try:
        for event in yaml.parse(text, Loader=_LOADER):
            depth += isinstance(event, _OPENING) - isinstance(event, _CLOSING)
            if depth > MOST:
                line = f":{event.start_mark.line + 1}" if event.start_mark else ""
                raise BadInput(f"nests deeper than {MOST}", where=where + line, remedy="Flatten it")
    except yaml.YAMLError:
        return
