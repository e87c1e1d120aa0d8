"""Which state a plan was made against: its lineage and serial, so that a plan isn't applied to a later state.

Terraform refuses a stale plan itself, but only when it is applied and approvals were already spent on it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from engine.core import canonical
from engine.core.errors import BadInput

LIMIT = 64 * 1_048_576
_REMEDY = "Write it with: terraform state pull"


@dataclass(frozen=True, slots=True)
class StateMark:
    """One state in the line of a workspace's states. Before the first apply the lineage is empty and the serial 0."""

    lineage: str
    serial: int


NO_STATE = StateMark("", 0)


def read_state_mark(text: bytes, *, where: str) -> StateMark:
    """Lineage and serial of a state's JSON bytes; no bytes at all are a workspace that nothing was applied to.

    Raises :class:`BadInput` for anything else.
    """
    if not text.strip():
        return NO_STATE
    document = canonical.parse(text, where=where, limit=LIMIT)
    found = document if isinstance(document, dict) else {}
    lineage, serial = found.get("lineage"), found.get("serial")
    if not isinstance(lineage, str) or not re.fullmatch(r"[A-Za-z0-9-]{1,100}", lineage):
        raise BadInput("a state without a lineage", where=f"{where}: lineage", remedy=_REMEDY)
    if type(serial) is not int or serial < 0:
        raise BadInput("a state without a serial", where=f"{where}: serial", remedy=_REMEDY)
    return StateMark(lineage, serial)
