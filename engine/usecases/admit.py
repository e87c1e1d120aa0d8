"""Admit: what the API server asks before it writes, answered by the same policy that decides the pull requests.

1. Who writes is looked up in policy data. Whoever is neither agent nor delivery is held by the cluster's own roles.
2. An agent's write is compiled to the typed actions that it comes to, and policy is asked of each at stage
   ``admission``, where nothing stands without the receipt of a merged decision.
3. What applies Git is held against what was merged about that very object, in the fields that the action touched. It
   passes when they are as decided, or when the protected branch says so now: somebody's later merge is their word.
4. Otherwise policy is asked again what it was asked at the merge, with a receipt that no longer matches.

A refusal is durable before it is answered. A dry run leaves nothing behind, neither record nor question spent.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from typing import Any

from engine.core.admission.intended import Departure, departures, says
from engine.core.admission.meaning import actions_of, bare
from engine.core.admission.review import AdmissionRequest, Admitted
from engine.core.admission.writer import Roster, read_roster
from engine.core.decision import Decision
from engine.core.errors import BadInput, ChangeRefused, CouldNotDecide, NotFound, PenstockError, TooManyQuestions
from engine.core.input_document import InputDocument, Receipt
from engine.core.lifecycle import ProposalState
from engine.core.proposal import ClaimedProposer, Proposal, TargetReference
from engine.core.record import Entry
from engine.ports import Ports, Transaction
from engine.usecases.admission_facts import facts_of_write
from engine.usecases.admit_question import count_question
from engine.usecases.compile_input import compile_input
from engine.usecases.decide import decide
from engine.usecases.declared import git_context
from engine.usecases.find_source import find_source
from engine.usecases.keep_intended import merged_intentions
from engine.usecases.situation import Question, read_situation

WARNED = "This write is only rehearsed; in earnest it would be refused too, and recorded"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:@/-]{0,252}")


def admit(
    ports: Ports, request: AdmissionRequest, *, now: str, alone: AbstractContextManager[Any] | None = None
) -> Admitted:
    """The answer to one write. Whatever keeps the gate from knowing is a refusal with its own reason.

    ``alone`` is entered while the repository is read, which one question does at a time.
    """
    try:
        roster = read_roster(ports.policy.data("admission"))
        entry = roster.agent(request.userInfo)
        if entry:
            return _of_agent(ports, request, roster, entry, now)
        if request.userInfo.username in roster.delivery and request.resource.group in roster.held_groups:
            return _of_delivery(ports, request, alone or nullcontext(), now)
        return Admitted(allowed=True, notes={"held": "no: neither an agent nor what applies Git"})
    except PenstockError as error:
        return not_known(error)


def not_known(error: PenstockError) -> Admitted:
    """The refusal of a write that the gate can't judge."""
    code = 400 if isinstance(error, BadInput) else 429 if isinstance(error, TooManyQuestions) else 500
    text = f"penstock: {error.message}. {error.remedy}".strip()
    return Admitted(allowed=False, code=code, message=text, notes={"reason": error.reason})


def _of_agent(ports: Ports, request: AdmissionRequest, roster: Roster, entry: str, now: str) -> Admitted:
    asked = f"{request.resource.group}/{request.resource.resource}"
    if request.operation == "CREATE" and not request.subResource and asked in roster.harmless:
        return Admitted(allowed=True, notes={"held": "no: it asks about itself"})
    actions = actions_of(request, ports.cluster.name)
    name = request.userInfo.username
    proposer = ClaimedProposer(id=name if _NAME.fullmatch(name) else "unknown", kind="agent")
    questions = [facts_of_write(request, Proposal(proposer=proposer, action=action), now) for action in actions]

    def unit(tx: Transaction) -> list[Decision]:
        if not request.dryRun:
            count_question(tx, f"admission:{entry}", now=now)
        return [_asked(ports, tx, request, question) for question in questions]

    return _said(request, ports.ledger.run(unit))


def _asked(ports: Ports, tx: Transaction, request: AdmissionRequest, question: Question) -> Decision:
    now, derived = question.now, question.derived
    situation = replace(read_situation(ports, tx, question), stage="admission")
    document = compile_input(ports.policy, question.proposal, derived, situation, authenticated=True, now=now)
    return _decided(ports, tx, document, request, now)


def _decided(ports: Ports, tx: Transaction, document: InputDocument, request: AdmissionRequest, now: str) -> Decision:
    decision = decide(ports.policy, document, nonce=tx.tip())
    if not request.dryRun:
        tx.append(Entry("input", decision.decision_id, document.model_dump(mode="json")), at=now)
        body = {"proposal": "admission", "stage": "admission", "decision": decision.model_dump(mode="json")}
        tx.append(Entry("decision", decision.decision_id, body | {"write": request.place}), at=now)
    return decision


def _said(request: AdmissionRequest, decisions: Sequence[Decision]) -> Admitted:
    refused = [decision for decision in decisions if decision.outcome != "allow"]
    notes = {"decision": " ".join(d.decision_id for d in decisions), "policy": decisions[0].policy.revision}
    if not refused:
        return Admitted(allowed=True, notes=notes)
    first = refused[0]
    found = sorted(first.violations, key=lambda v: not v.rule.startswith(("admission/", "receipt/")))
    rules = [violation.rule for violation in found]
    message = found[0].message if found else "an approval is missing"
    remedy = found[0].remedy if found else "Propose it"
    more = f" ({len(found) - 1} more reasons on record)" if len(found) > 1 and not request.dryRun else ""
    text = f"penstock: {message}: {request.place}. {remedy}. {first.decision_id}{more}"
    warnings = (WARNED,) if request.dryRun else ()
    return Admitted(allowed=False, message=text, warnings=warnings, notes=notes | {"rules": " ".join(rules)})


@dataclass(frozen=True, slots=True)
class _Held:
    """What a write by the delivery is held against, and where it departs."""

    target: TargetReference
    found: list[Departure]
    states: dict[str, ProposalState]


def _of_delivery(ports: Ports, request: AdmissionRequest, alone: AbstractContextManager[Any], now: str) -> Admitted:
    if request.operation not in ("CREATE", "UPDATE") or request.subResource not in ("", "scale") or not request.name:
        return Admitted(allowed=True, notes={"held": "no: not a write of an object as a whole"})
    target = actions_of(request, ports.cluster.name)[0].target
    before, after = bare(request.oldObject), bare(request.object)

    def unit(tx: Transaction) -> _Held:
        merged = merged_intentions(tx, target)
        found = departures([one for _, one in merged], before, after)
        return _Held(target, found, {state.id: state for state, _ in merged})

    held = ports.ledger.run(unit)
    if not held.states:
        return Admitted(allowed=True, notes={"held": "no: nothing was merged about it through the gate"})
    left = held.found
    if left:
        with alone:
            left = _not_in_git(ports, held, after, now)
    if not left:
        said = "the protected branch says so now" if held.found else "as it was decided"
        return Admitted(allowed=True, notes={"held": said, "proposals": " ".join(held.states)})
    return _departing(ports, request, held.states[left[0].proposal], left, now)


def _not_in_git(ports: Ports, held: _Held, after: Any, now: str) -> list[Departure]:
    """The departures that the protected branch doesn't say either; all of them where that can't be told."""
    if ports.repository is None or ports.renderer is None:
        return held.found
    context = git_context(ports, now=now)
    try:
        head = ports.repository.head(ports.branch)
        rendered = find_source(ports.repository, ports.renderer, head, held.target, context).target
    except (ChangeRefused, NotFound):
        return held.found
    return [departure for departure in held.found if not says(rendered, after, departure.path)]


def _departing(
    ports: Ports, request: AdmissionRequest, state: ProposalState, left: list[Departure], now: str
) -> Admitted:
    """Ask what was asked at the merge, with a receipt whose change is another now."""

    def unit(tx: Transaction) -> Decision:
        last = str((state.latest or state.decision or {}).get("decision_id", ""))
        asked = tx.records(kind="input", subject=last)
        if not asked:
            raise CouldNotDecide(f"what was decided of {state.id} isn't on record", where=request.place)
        document = InputDocument.model_validate(asked[0].body)
        receipt = _changed(document.receipt)
        document = document.model_copy(update={"stage": "admission", "receipt": receipt})
        return _decided(ports, tx, document, request, now)

    fields = ", ".join(str(departure) for departure in left[:3])
    said = _said(request, [ports.ledger.run(unit)])
    return said.model_copy(update={"message": f"{said.message} Departing from {state.id}: {fields}"})


def _changed(merged: Receipt | None) -> Receipt:
    """The receipt as it held at the merge, but for the change; one that wasn't there holds in nothing."""
    if merged is not None:
        return merged.model_copy(update={"change_matches": False})
    fields = ("head_matches", "base_matches", "action_matches", "change_matches", "target_matches")
    return Receipt.model_validate({**dict.fromkeys(fields, False), "expired": False})
