"""Reconcile everything that is open, or one of it: what a person asks for by hand, and the loop does by itself.

One pull request that can't be looked at keeps no other from it, but trouble of the forge itself ends the round.
"""

from __future__ import annotations

from dataclasses import dataclass

from engine.core.errors import ForgeRefused, ForgeTrouble, LedgerUnavailable, PenstockError
from engine.core.lifecycle import ProposalState, read_state
from engine.core.untrusted import one_line
from engine.ports import Ports
from engine.usecases.reconcile_pull_request import WAITING, reconcile_pull_request
from engine.usecases.replay_pull_request import replay_wanted


@dataclass(frozen=True, slots=True)
class Reconciled:
    """One pull request after a look: proposal, status and note, each empty where no proposal stands behind it."""

    number: int
    said: tuple[str, str, str]
    failed: bool = False


def reconcile_open(ports: Ports, number: int, *, now: str) -> list[Reconciled]:
    """Look at pull request ``number``, or at every one that is open or believed to be for 0, deciding each again.

    What they want replayed is replayed here, and they are looked at once more.

    Raises :class:`ForgeTrouble`, :class:`LedgerUnavailable`, and :class:`ForgeRefused` where there is no forge.
    """
    looked = [_looked(ports, one, now) for one in ([number] if number else _numbers(ports))]
    replayed = replay_wanted(ports, lambda: now)
    return [_looked(ports, one.number, now) if one.number in replayed else one for one in looked]


def _numbers(ports: Ports) -> list[int]:
    if ports.forge is None:
        raise ForgeRefused("there is no forge here, so there is no pull request to look at")
    found = {pull_request.number for pull_request in ports.forge.list_open()}
    if ports.gate_all_pull_requests:
        found |= {pull_request.number for pull_request in ports.forge.list_others()}
    states = ports.ledger.run(lambda tx: [read_state(d) for s in WAITING for d in tx.select("proposals", status=s)])
    return sorted(found | {state.pull_request for state in states if state.pull_request is not None})


def _looked(ports: Ports, number: int, now: str) -> Reconciled:
    try:
        state: ProposalState | None = reconcile_pull_request(ports, number, now=now, again=True)
    except (ForgeTrouble, LedgerUnavailable):
        raise
    except PenstockError as error:
        return Reconciled(number, ("", "", one_line(str(error))), failed=True)
    return Reconciled(number, ("", "", "") if state is None else (state.id, state.status, state.note))
