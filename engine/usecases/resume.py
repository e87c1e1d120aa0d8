"""Resume: take up whatever a crash left between a durable decision and its pull request or merge, and let lapse
what nobody approved in time.

It runs before other work, so one proposal that can't go on must not keep the others from it, nor that work.
"""

from __future__ import annotations

from collections.abc import Callable

from engine.core.decision import Decision
from engine.core.errors import LedgerUnavailable, PenstockError
from engine.core.explanation import headline
from engine.core.lifecycle import ProposalState, read_state
from engine.ports import Forge, Ports
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
    return state.decision is not None and Decision.model_validate(state.decision).automatic


def _waited(ports: Ports, state: ProposalState, now: str) -> ProposalState:
    return expire(ports, state, now=now) if expired(state, now) else settle(ports, state.id, now=now)


def _tried(ports: Ports, state: ProposalState, step: Callable[[], ProposalState], now: str) -> ProposalState | None:
    """What a step led to; ``None`` when nothing moved."""
    try:
        after = step()
    except LedgerUnavailable:
        raise
    except PenstockError as error:
        ports.notifier.tell("not_resumed", "A proposal can't go on", str(error), links={"proposal": state.id}, at=now)
        return None
    return after if after.status != state.status else None


def advance(ports: Ports, state: ProposalState, *, now: str) -> ProposalState:
    """Open a proposal's change and, where policy lets it go alone, merge it; tell people of anything else."""
    before, opened = state.status, open_change(ports, state, now=now)
    decision = opened.verdict
    if opened.status == "awaiting_approval" and decision is not None and decision.automatic:
        return settle(ports, opened.id, now=now)
    if opened.status == "refused":
        _tell(ports, opened, "refused", now)
    elif opened.status == "awaiting_approval" and before == "opening":
        _tell(ports, opened, "approval_wanted", now)
    return opened


def _tell(ports: Ports, state: ProposalState, event: str, now: str) -> None:
    decision, target = state.verdict, state.claims.action.target
    title = f"{state.claims.action.kind} on {target.kind} {target.namespace}/{target.name}"
    links = {"proposal": state.id}
    if state.pull_request is not None:
        links["pull_request"] = str(state.pull_request)
    ports.notifier.tell(event, title, headline(decision) if decision else state.note, links=links, at=now)
