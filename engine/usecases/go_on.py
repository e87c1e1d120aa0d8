"""Go on: what was merged is looked at until it has helped or failed, without anybody asking for it."""

from __future__ import annotations

from engine.core.errors import LedgerUnavailable, PenstockError
from engine.core.lifecycle import FOLLOWED, ProposalState, read_state
from engine.ports import Ports
from engine.usecases.resume import tell_stuck
from engine.usecases.verify import verify


def verifying(ports: Ports) -> list[ProposalState]:
    """The proposals that are merged and not yet known to have helped."""
    found = ports.ledger.run(lambda tx: [each for status in FOLLOWED for each in tx.select("proposals", status=status)])
    return [read_state(each) for each in found]


def verify_next(ports: Ports, state: ProposalState, *, now: str) -> str:
    """Look whether one of them helped, and say what went wrong, empty where nothing did.

    What can't be verified now is told and looked at again later. Raises :class:`LedgerUnavailable`.
    """
    try:
        verify(ports, state.id, now=now)
    except LedgerUnavailable:
        raise
    except PenstockError as error:
        tell_stuck(ports, state, error, now=now)
        return str(error)
    return ""
