"""The kill switch: read with who moved it and why, and moved only together with a record of that.

Freezing must work when nothing else does, so a switch that stands where none can stand may still be moved.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import get_args

from engine.core.errors import BadInput, LedgerUnavailable
from engine.core.identity import refuse_reserved
from engine.core.input_document import SwitchMode
from engine.core.record import Entry, Record
from engine.core.redaction import redact_text
from engine.ports import Ledger, Transaction

REASON_LIMIT = 500
MODES: tuple[str, ...] = get_args(SwitchMode)


@dataclass(frozen=True, slots=True)
class SwitchPosition:
    """Where the switch stands, and who moved it there, when and why; empty where nobody has moved it yet."""

    mode: str
    by: str
    reason: str
    at: str


def read_switch(ledger: Ledger) -> SwitchPosition:
    """Where the switch stands. Raises :class:`~engine.core.errors.LedgerUnavailable` when nobody can tell."""

    def unit(tx: Transaction) -> SwitchPosition:
        mode, moves = tx.switch_mode(), tx.records(kind="switch")
        last = moves[-1].body if moves else {}
        return SwitchPosition(mode, str(last.get("by", "")), str(last.get("reason", "")), moves[-1].at if moves else "")

    return ledger.run(unit)


def move_switch(ledger: Ledger, mode: str, *, by: str, reason: str, at: str) -> Record:
    """Move the switch to ``normal``, ``advisory`` or ``frozen`` and return the record of it.

    Raises :class:`BadInput` without an identity or a reason of at most ``REASON_LIMIT`` characters. Moving it to
    where it stands is recorded too: a second person's reason to freeze outlives the first one's all-clear.
    """
    if not by.strip():
        raise BadInput("nobody is named as moving the switch", where="identity", remedy="Set PENSTOCK_IDENTITY")
    refuse_reserved(by, where="identity")
    if not reason.strip() or len(reason) > REASON_LIMIT:
        raise BadInput(f"needs 1 to {REASON_LIMIT} characters", where="reason", remedy="Say why in a sentence")

    def unit(tx: Transaction) -> Record:
        before = _before(tx)
        tx.set_switch(mode, by=by, reason=redact_text(reason), at=at)
        body = {"from": before, "to": mode, "by": by, "reason": redact_text(reason.strip())}
        return tx.append(Entry("switch", "switch", body), at=at)

    return ledger.run(unit)


def _before(tx: Transaction) -> str:
    try:
        return tx.switch_mode()
    except LedgerUnavailable:
        return "unknown"
