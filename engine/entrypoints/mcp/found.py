"""Find a decision by its id: among proposals first, and else in the record, which has those of dry runs too."""

from __future__ import annotations

from pydantic import ValidationError

from engine.core.decision import Decision
from engine.ports import Ledger


def find_decision(ledger: Ledger, decision_id: str) -> Decision | None:
    """The decision, or ``None`` where the record has none of this id."""
    for document in ledger.run(lambda tx: tx.select("proposals")):
        if (document.get("decision") or {}).get("decision_id") == decision_id:
            return _read(document["decision"])
    decided = ledger.run(lambda tx: tx.records(kind="decision", subject=decision_id))
    return _read(decided[-1].body.get("decision")) if decided else None


def namespace_of(ledger: Ledger, decision_id: str) -> str:
    """The namespace that a decision was about; empty for none, or where the record doesn't say."""
    asked = ledger.run(lambda tx: tx.records(kind="input", subject=decision_id))
    action = asked[-1].body.get("action") if asked else None
    target = action.get("target") if isinstance(action, dict) else None
    return str(target.get("namespace", "")) if isinstance(target, dict) else ""


def _read(document: object) -> Decision | None:
    try:
        return Decision.model_validate(document)
    except ValidationError:
        return None
