"""Resume: take up whatever a crash left between a durable decision and its pull request or merge."""

from __future__ import annotations

from engine.core.explanation import headline
from engine.core.lifecycle import ProposalState, read_state
from engine.ports import Ports
from engine.usecases.open_change import open_change
from engine.usecases.settle import settle


def resume(ports: Ports, *, now: str) -> list[ProposalState]:
    """Open what was decided but not opened, and finish what was merging; each step is safe to repeat."""
    if ports.forge is None:
        return []
    opening = ports.ledger.run(lambda tx: [read_state(d) for d in tx.select("proposals", status="opening")])
    merging = ports.ledger.run(lambda tx: [read_state(d) for d in tx.select("proposals", status="merging")])
    opened = [advance(ports, state, now=now) for state in opening]
    return opened + [settle(ports, state.id, now=now) for state in merging]


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
