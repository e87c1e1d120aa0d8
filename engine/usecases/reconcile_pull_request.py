"""Reconcile one pull request: read it from the forge, follow what became of it, decide again, and show how it stands.

Nothing that a delivery said is believed, so it doesn't matter how often, how late or in what order it is called.

1. A pull request is the gate's where the record says so, whatever its text claims. Any other is left alone, or decided
   by what it changes where that is switched on.
2. What a person did to it is followed: merged, closed, or its branch edited, which makes it their change.
3. One whose incident is over is closed. One that nothing has happened to is left until it is due again.
4. Policy decides again; check and comment say what it said, and a counted no closes the proposal.
5. What the gate can't do now is a note on the proposal and, where the forge lets it, a failure in the check.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from engine.core import canonical
from engine.core.delivery import Look
from engine.core.errors import ForgeRefused, ForgeTrouble, LedgerUnavailable, PenstockError
from engine.core.lifecycle import ProposalState, read_change, read_state
from engine.core.moment import shift
from engine.core.pull_request import PullRequest
from engine.core.pull_request_check import check_of, trouble
from engine.core.record import Entry
from engine.core.reevaluate_box import asked_again
from engine.core.sticky_comment import comment_of
from engine.core.untrusted import one_line
from engine.ports import Forge, Ports, Transaction
from engine.usecases.ask_reviewers import ask_reviewers
from engine.usecases.gate_pull_request import gate_pull_request
from engine.usecases.settle import close, expired, load_in, settle, store
from engine.usecases.show_standing import show_check, show_comment
from engine.usecases.situation import find_incident

TOLD = "told"
DUE_SECONDS, SPREAD_SECONDS = 300, 4
WAITING = ("awaiting_approval", "merging")
TAKEN_OVER = "A person changed its branch. What it holds now is decided as their change."


def reconcile(ports: Ports, look: Look, now: str) -> None:
    """As :func:`reconcile_pull_request`, for a look that was queued; a merge queue's commit gets the head's answer."""
    reconcile_pull_request(ports, look.number, now=now, again=look.again or look.head != "")
    if look.head:
        forge = _forge(ports)
        pull_request = forge.get(look.number)
        if pull_request.check is not None and pull_request.head != look.head:
            forge.report(look.number, look.head, pull_request.check, at=now)


def reconcile_pull_request(ports: Ports, number: int, *, now: str, again: bool = False) -> ProposalState | None:
    """Bring the gate's side of a pull request into line; ``None`` where no proposal of the gate stands behind it.

    ``again`` decides even if nothing has happened. Raises :class:`ForgeTrouble` after noting it,
    :class:`LedgerUnavailable`, and :class:`NotFound` for a number that the forge doesn't know.
    """
    forge = _forge(ports)
    standing = ports.ledger.run(lambda tx: _standing(tx, number))
    try:
        pull_request = forge.get(number)
        if standing is not None and pull_request.edited_by_person and pull_request.state == "open":
            proposal = standing.id
            ports.ledger.run(lambda tx: _hand_over(tx, proposal, now))
            standing = None
        if standing is None:
            gate_pull_request(ports, pull_request, now=now, again=again)
            return None
        return _bring_up(ports, standing, pull_request, now, again=again)
    except ForgeTrouble as error:
        if standing is not None:
            _note(ports, standing, error, now)
        raise


def _forge(ports: Ports) -> Forge:
    if ports.forge is None:
        raise ForgeRefused("there is no forge here, so there is no pull request to look at")
    return ports.forge


def _standing(tx: Transaction, number: int) -> ProposalState | None:
    """The proposal that waits on a pull request, as the record has it."""
    waiting = (read_state(found) for status in WAITING for found in tx.select("proposals", status=status))
    return next((state for state in waiting if state.pull_request == number), None)


def _bring_up(ports: Ports, state: ProposalState, pull_request: PullRequest, now: str, *, again: bool) -> ProposalState:
    over = ports.ledger.run(lambda tx: why_over(tx, state))
    if over and pull_request.state == "open" and state.status == "awaiting_approval":
        return _shown(ports, close(ports, state.id, status="closed", note=over, now=now), now)
    asked = again or asked_again(pull_request)
    if not asked and not expired(state, now) and not _moved(ports, pull_request, now):
        return state
    try:
        settled = _rejected(ports, settle(ports, state.id, now=now), now)
    except (ForgeTrouble, LedgerUnavailable):
        raise
    except PenstockError as error:
        return _stuck(ports, state, error, now)
    return _shown(ports, settled, now)


def why_over(tx: Transaction, state: ProposalState) -> str:
    """Why nobody needs it any more; empty while somebody may."""
    incident = find_incident(tx, state.claims, state.claims.action.target.cluster)
    if incident is None or incident.status != "resolved":
        return ""
    return one_line(f"The incident is over: {incident.timeline[-1].text if incident.timeline else 'it cleared'}")


def _rejected(ports: Ports, state: ProposalState, now: str) -> ProposalState:
    """Close what policy counts a no of; whose it was is what policy says of it."""
    decision = state.verdict
    if state.status != "awaiting_approval" or decision is None:
        return state
    said = [v.message for v in decision.violations if v.rule == "approval/rejected"]
    if not said:
        return state
    return close(ports, state.id, status="rejected", note=one_line("; ".join(said), limit=400), now=now)


def _shown(ports: Ports, state: ProposalState, now: str) -> ProposalState:
    """Show a proposal as it stands now on the pull request as it is now, and remember what was seen."""
    forge = _forge(ports)
    pull_request = forge.get(state.pull_request or 0)
    decision = state.verdict
    report = None
    if pull_request.state == "open" and decision is not None:
        edits = read_change(state.change).edits if state.change else ()
        report = check_of(decision, edits, head=pull_request.head)
        show_check(forge, pull_request, report, at=now)
        ask_reviewers(ports, forge, state, pull_request, now)
    show_comment(forge, pull_request, comment_of(state))
    _remember(ports, replace(pull_request, check=report), now)
    return state


def _stuck(ports: Ports, state: ProposalState, error: PenstockError, now: str) -> ProposalState:
    """What can't go on says why on the proposal, in the check and in the comment; nothing is merged."""
    noted, forge = _note(ports, state, error, now), _forge(ports)
    pull_request = forge.get(state.pull_request or 0)
    if pull_request.state == "open":
        report = trouble(error.message, error.remedy, head=pull_request.head)
        show_check(forge, pull_request, report, at=now)
        show_comment(forge, pull_request, comment_of(noted))
        _remember(ports, replace(pull_request, check=report), now)
    return noted


def _note(ports: Ports, state: ProposalState, error: PenstockError, now: str) -> ProposalState:
    note = one_line(str(error), limit=500)

    def unit(tx: Transaction) -> ProposalState:
        current = load_in(tx, state.id)
        if current.note == note or current.status not in WAITING:
            return current
        tx.append(Entry("stuck", state.id, {"reason": error.reason, "note": note}), at=now)
        return store(tx, replace(current, note=note), now)

    return ports.ledger.run(unit)


def _hand_over(tx: Transaction, proposal_id: str, now: str) -> ProposalState:
    """End a proposal whose branch is somebody's work now: its budget goes back, its pull request stays."""
    current = load_in(tx, proposal_id)
    if current.status != "awaiting_approval":
        return current
    ended = current.to("closed", note=TAKEN_OVER)
    for decision in (current.decision, current.latest):
        if decision is not None:
            tx.settle(str(decision["decision_id"]), committed=False, at=now)
    tx.append(Entry("closed", proposal_id, {"note": TAKEN_OVER, "number": current.pull_request}), at=now)
    return store(tx, ended, now)


def _moved(ports: Ports, pull_request: PullRequest, now: str) -> bool:
    told = ports.ledger.run(lambda tx: tx.find(TOLD, str(pull_request.number)))
    return moved(ports, told, pull_request, now)


def moved(ports: Ports, told: dict[str, Any] | None, pull_request: PullRequest, now: str) -> bool:
    """Whether anything is otherwise than when it was last shown, or that is long enough ago to ask again."""
    return told is None or now >= told["due"] or told["seen"] != _seen(ports, pull_request)


def _remember(ports: Ports, pull_request: PullRequest, now: str) -> None:
    seen = _seen(ports, pull_request)

    def unit(tx: Transaction) -> None:
        waiting = tx.count("proposals", status="awaiting_approval")
        due = shift(now, max(DUE_SECONDS, SPREAD_SECONDS * waiting))
        tx.put(TOLD, str(pull_request.number), {"seen": seen, "due": due}, at=now)

    ports.ledger.run(unit)


def _seen(ports: Ports, pull_request: PullRequest) -> str:
    said = pull_request.check
    reviews = [[r.reviewer, r.state, r.head, r.at, r.edited] for r in pull_request.reviews]
    parts = [pull_request.head, pull_request.base, pull_request.state, reviews, ports.policy.identity().digest]
    return canonical.digest([*parts, [said.state, said.title] if said else []])
