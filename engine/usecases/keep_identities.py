"""Keep identities: what became of one is written down together with who did it, before it is in force.

The record holds neither tokens nor what is kept of them. Where it can't be written, an identity may still be disabled:
stopping an agent must work when nothing else does.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Literal

from engine.core.errors import LedgerUnavailable
from engine.core.identity import Identity
from engine.core.identity_steps import one_of
from engine.core.record import Entry
from engine.ports import Ledger

Step = Literal["made", "rotated", "disabled", "enabled"]
Keep = Callable[[Sequence[Identity]], None]


@dataclass(frozen=True, slots=True)
class Stepped:
    """What became of the identity ``name``, by whose hand and when."""

    name: str
    step: Step
    by: str
    at: str


SECRET_FIELDS = {"token_digest", "previous_digest"}


def keep_identities(ledger: Ledger, identities: Sequence[Identity], keep: Keep, done: Stepped) -> Identity:
    """Record what became of one identity and keep them all. Raises :class:`LedgerUnavailable`, but not to disable."""
    identity = one_of(identities, done.name)
    entry = Entry("identity", done.name, {"step": done.step, "by": done.by, "identity": told(identity)})
    with suppress(*([LedgerUnavailable] if done.step == "disabled" else [])):
        ledger.run(lambda tx: tx.append(entry, at=done.at))
    keep(identities)
    return identity


def told(identity: Identity) -> dict[str, Any]:
    """An identity as it may be shown: without anything of its tokens."""
    return identity.model_dump(mode="json", exclude=SECRET_FIELDS)
