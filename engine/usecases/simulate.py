"""Simulate: what would policy say of this input, or of a recorded one with some facts replaced. Nothing is recorded.

People who may approve are asked for by name: each is taken to have seen exactly what the rules say now, so that the
answer is whether their word would be enough, not whether they happened to look too early.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from engine.core import canonical
from engine.core.decision import Decision
from engine.core.errors import BadInput, NotFound
from engine.core.input_document import Approval, InputDocument
from engine.core.moment import parse_instant, time_facts
from engine.core.what_if import changed
from engine.ports import PolicyEngine, Transaction
from engine.usecases.decide import decide

SIMULATED = "simulated"


@dataclass(frozen=True, slots=True)
class WhatIf:
    """What to replace: people who approve, an instant, the switch, the environment, and values by dotted path."""

    approved_by: Sequence[str] = ()
    at: str = ""
    switch: str = ""
    environment: str = ""
    values: Mapping[str, Any] | None = None

    @property
    def edits(self) -> dict[str, Any]:
        """As values by dotted path, those given by path last."""
        named = {"switch.mode": self.switch, "facts.target.environment": self.environment}
        return {**{path: value for path, value in named.items() if value}, **(self.values or {})}


def simulate(engine: PolicyEngine, document: Mapping[str, Any], what_if: WhatIf) -> tuple[InputDocument, Decision]:
    """The input as simulated and the decision on it. Raises :class:`BadInput` for an edit that doesn't fit."""
    edits = what_if.edits
    if what_if.at:
        zones = list((document.get("time") or {}).get("zones") or {})
        edits = {"time": time_facts(parse_instant(what_if.at, where="--at"), zones), **edits}
    asked = changed(document, edits)
    decision = decide(engine, asked, nonce=SIMULATED)
    if what_if.approved_by:
        given = [_approval(person, decision) for person in what_if.approved_by]
        asked = changed(asked.model_dump(mode="json"), {"approvals": [*_plain(asked.approvals), *given]})
        decision = decide(engine, asked, nonce=SIMULATED)
    return asked, decision


def recorded_input(tx: Transaction, decision_id: str) -> tuple[dict[str, Any], Decision]:
    """The input of a recorded decision and that decision. Raises :class:`NotFound`."""
    inputs, decisions = tx.records(kind="input", subject=decision_id), tx.records(kind="decision", subject=decision_id)
    if not inputs or not decisions:
        remedy = "penstock audit show --kind decision lists them"
        raise NotFound("no such decision in the record", where=decision_id, remedy=remedy)
    return inputs[0].body, Decision.model_validate(decisions[0].body["decision"])


def read_edit(text: str) -> tuple[str, Any]:
    """``path=value`` with the value as JSON, or as a word where it isn't JSON. Raises :class:`BadInput`."""
    path, equals, value = text.partition("=")
    if not equals or not path:
        raise BadInput("is not path=value", where=f"--set {text}", remedy="For example --set facts.blast.pods=12")
    try:
        return path, canonical.parse(value.encode(), where=f"--set {path}")
    except BadInput:
        return path, value


def _approval(person: str, decision: Decision) -> dict[str, Any]:
    """A review that saw what is decided now and has nothing else against it."""
    speaking = sorted(result.rule for result in decision.rules if result.status in ("asks", "raised"))
    told: dict[str, Any] = {
        "approver": person,
        "kind": "person",
        "state": "approved",
        "rules": speaking,
        "wrote": False,
    }
    told["policy_revision"] = decision.policy.revision or decision.policy.digest
    for name, field in Approval.model_fields.items():
        if name not in told:
            told[name] = _harmless(name, field.annotation)
    return {name: value for name, value in told.items() if name in Approval.model_fields}


def _harmless(name: str, annotation: Any) -> Any:
    if annotation is bool:
        return name.endswith("_matches")
    return [] if str(annotation).startswith("list") else "" if annotation is str else 0


def _plain(approvals: Sequence[Approval]) -> list[dict[str, Any]]:
    return [approval.model_dump(mode="json") for approval in approvals]
