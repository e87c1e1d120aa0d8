"""Everything that the ledger holds of one incident, and what people are given to read of it. It changes nothing."""

from __future__ import annotations

from collections.abc import Sequence

from engine.core.chat import Said
from engine.core.handover import handover as package
from engine.core.lifecycle import read_state
from engine.core.postmortem import Known, draft
from engine.ports import Ports, Transaction
from engine.usecases.analyse import find
from engine.usecases.situation import known_evidence


def know(ports: Ports, incident_id: str) -> Known:
    """One incident with its evidence, its runbook and what was proposed because of it. Raises ``NotFound``."""

    def unit(tx: Transaction) -> Known:
        incident = find(tx, incident_id)
        states = [read_state(document) for document in tx.select("proposals")]
        about = [state for state in states if state.incident_key == incident.key]
        about = [state for state in about if state.created_at >= incident.first_seen]
        book = ports.runbooks.get(incident.incident_class)
        return Known(incident, known_evidence(tx, incident), sorted(about, key=lambda s: s.created_at), book)

    return ports.ledger.run(unit)


def postmortem(ports: Ports, incident_id: str, chat: Sequence[Said] = ()) -> str:
    """The draft in Markdown, with what people said of it meanwhile. Raises :class:`~engine.core.errors.NotFound`."""
    return draft(know(ports, incident_id), chat)


def handover(ports: Ports, incident_id: str, *, now: str) -> str:
    """The package for who takes over, in Markdown. Raises :class:`~engine.core.errors.NotFound`."""
    return package(know(ports, incident_id), now=now)
