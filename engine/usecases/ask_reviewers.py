"""Ask reviewers: whoever can fill what is missing is asked once for it, and again only when something else is wanted.

A need is a role that is missing for an action, its edits and the rules that ask now. Fewer people missing is no new
need, nor is one who takes an approval back. It is written down before anybody is asked, so that a crash asks nobody
twice: asking is a courtesy, and permits nothing.
"""

from __future__ import annotations

from collections.abc import Collection

from engine.core import canonical
from engine.core.change.model import Change
from engine.core.codeowners import PLACES, owners_of, read_owners
from engine.core.decision import Decision
from engine.core.lifecycle import ProposalState, read_change
from engine.core.pull_request import PullRequest
from engine.core.reviewers import reviewers_of
from engine.core.showing import speaking
from engine.ports import Forge, Ports, Transaction

ASKED = "asked"
KEPT = 200


def ask_reviewers(ports: Ports, forge: Forge, state: ProposalState, pull_request: PullRequest, now: str) -> None:
    """Ask for what is missing on an open pull request and wasn't asked for before; also who approved something else."""
    decision = state.verdict
    if decision is None or state.change is None or state.status != "awaiting_approval":
        return
    change, number = read_change(state.change), pull_request.number
    roles = ports.ledger.run(lambda tx: note_needs(tx, number, decision, change.digest, at=now))
    if roles:
        forge.ask(number, (*whom_to_ask(ports, roles, change), *_whose_word_is_lost(ports, state, pull_request)))


def new_needs(tx: Transaction, number: int, decision: Decision, change_digest: str) -> dict[str, str]:
    """What nobody was asked for yet on a pull request: the need of each role."""
    return _new(_known(tx, number), decision, change_digest)


def _new(known: Collection[str], decision: Decision, change_digest: str) -> dict[str, str]:
    about = [decision.action_digest, change_digest, list(speaking(decision))]
    wanted = {missing.role: canonical.digest([*about, missing.role]) for missing in decision.approvals.missing}
    return {role: need for role, need in wanted.items() if need not in known}


def note_needs(tx: Transaction, number: int, decision: Decision, change_digest: str, *, at: str) -> Collection[str]:
    """The roles of :func:`new_needs`, which count as asked for from now on."""
    known = _known(tx, number)
    new = _new(known, decision, change_digest)
    if new:
        tx.put(ASKED, str(number), {"needs": [*known, *new.values()][-KEPT:]}, at=at)
    return new


def _known(tx: Transaction, number: int) -> list[str]:
    """The needs that somebody was asked for on a pull request."""
    needs: list[str] = (tx.find(ASKED, str(number)) or {"needs": []})["needs"]
    return needs


def whom_to_ask(ports: Ports, roles: Collection[str], change: Change) -> tuple[str, ...]:
    """Whoever stands for the roles, and CODEOWNERS as the protected branch has it; nobody where no role is missing."""
    repository, owners = ports.repository, b""
    if repository is not None:
        found = (repository.read(change.base_commit, place) for place in PLACES)
        owners = next((data for data in found if data is not None), b"")
    named = owners_of(read_owners(owners), [edit.path for edit in change.edits]) if roles else ()
    return reviewers_of(roles, ports.policy.data("forge_teams"), named)


def _whose_word_is_lost(ports: Ports, state: ProposalState, pull_request: PullRequest) -> list[str]:
    """People whom policy knows and whose approval doesn't count as things are now, by what the forge calls them."""
    weighed = state.verdict.reviews if state.verdict is not None else []
    counted = {review.approver for review in weighed if review.counts}
    out = counted | {pull_request.author, state.claims.proposer.id}
    people = ports.policy.data("people")
    approved = [each for each in pull_request.reviews if each.state == "approved" and each.kind == "person"]
    return [each.login or each.reviewer for each in approved if each.reviewer in people and each.reviewer not in out]
