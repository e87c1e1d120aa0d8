"""Resume: take up whatever a crash left between a durable decision and its pull request or merge, and let lapse
what nobody approved in time.

It runs before other work, so one proposal that can't go on must not keep the others from it, nor that work.
"""

from __future__ import annotations

from collections.abc import Callable

from engine.core.decision import Decision
from engine.core.errors import LedgerUnavailable, PenstockError
from engine.core.lifecycle import ProposalState, read_state
from engine.core.message import about_proposal
from engine.ports import Forge, Ports
from engine.usecases.announce import announce
from engine.usecases.open_change import open_change
from engine.usecases.settle import expire, expired, settle


def resume(ports: Ports, *, now: str) -> list[ProposalState]:
    """Open what was decided but not opened, finish what was merging or may go alone, and close what has lapsed.

    Each step is safe to repeat. Returns what moved; what can't go on now is told and left as it is. Raises
    :class:`LedgerUnavailable`.
    """
    if ports.forge is None:
        return []
    opening = _in_status(ports, "opening")
    merging, waiting = _in_status(ports, "merging"), _in_status(ports, "awaiting_approval")
    steps = [(state, lambda state=state: advance(ports, state, now=now)) for state in opening]
    steps += [(state, lambda state=state: settle(ports, state.id, now=now)) for state in merging]
    steps += [(state, lambda state=state: _waited(ports, state, now)) for state in _over(ports.forge, waiting, now)]
    moved = [_tried(ports, state, step, now) for state, step in steps]
    return [state for state in moved if state is not None]


def _in_status(ports: Ports, status: str) -> list[ProposalState]:
    return ports.ledger.run(lambda tx: [read_state(found) for found in tx.select("proposals", status=status)])


def _over(forge: Forge, waiting: list[ProposalState], now: str) -> list[ProposalState]:
    """What needn't wait any more: it has lapsed, may go alone, or was merged or closed on the forge."""
    standing = {pull_request.number for pull_request in forge.list_open()} if waiting else set()
    return [s for s in waiting if expired(s, now) or s.pull_request not in standing or _alone(s)]


def _alone(state: ProposalState) -> bool:
    if state.handed_over or state.decision is None:
        return False
    return Decision.model_validate(state.decision).automatic


def _waited(ports: Ports, state: ProposalState, now: str) -> ProposalState:
    return expire(ports, state, now=now) if expired(state, now) else settle(ports, state.id, now=now)


def _tried(ports: Ports, state: ProposalState, step: Callable[[], ProposalState], now: str) -> ProposalState | None:
    """What a step led to; ``None`` when nothing moved."""
    try:
        after = step()
    except LedgerUnavailable:
        raise
    except PenstockError as error:
        tell_stuck(ports, state, error, now=now)
        return None
    return after if after.status != state.status else None


def tell_stuck(ports: Ports, state: ProposalState, error: PenstockError, *, now: str) -> None:
    """Tell that a proposal can't go on, once an hour for one reason."""
    once = f"{error.reason}|{now[:13]}"
    stuck = about_proposal(state, "not_resumed", "A proposal can't go on", str(error), at=now, once=once)
    ports.ledger.run(lambda tx: announce(tx, stuck))


def advance(ports: Ports, state: ProposalState, *, now: str) -> ProposalState:
    """Open a proposal's change and, where policy lets it go alone, merge it."""
    opened = open_change(ports, state, now=now)
    decision = opened.verdict
    if opened.status == "awaiting_approval" and decision is not None and decision.automatic:
        return settle(ports, opened.id, now=now)
    return opened
