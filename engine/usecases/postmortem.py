"""Draft a post-mortem from what the ledger holds of one incident. It decides nothing and changes nothing."""

from __future__ import annotations

from engine.core.lifecycle import read_state
from engine.core.postmortem import Known, draft
from engine.ports import Ports, Transaction
from engine.usecases.analyse import find
from engine.usecases.situation import known_evidence


def postmortem(ports: Ports, incident_id: str) -> str:
    """The draft in Markdown. Raises :class:`~engine.core.errors.NotFound`."""

    def unit(tx: Transaction) -> Known:
        incident = find(tx, incident_id)
        states = [read_state(document) for document in tx.select("proposals")]
        about = [state for state in states if state.incident_key == incident.key]
        about = [state for state in about if state.created_at >= incident.first_seen]
        book = ports.runbooks.get(incident.incident_class)
        return Known(incident, known_evidence(tx, incident), sorted(about, key=lambda s: s.created_at), book)

    return draft(ports.ledger.run(unit))
