"""Gate a pull request that somebody else made: decide each action that it comes to, and say the worst of it.

Its author is the proposer, an account that policy knows as a person or else automation. Nothing is opened, reserved,
merged or closed: the check is all that the gate has to say, and a branch's protection makes it hold.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from engine.core import canonical
from engine.core.change.model import FileEdit
from engine.core.check_report import CheckReport
from engine.core.decision import Decision
from engine.core.errors import ForgeTrouble, LedgerUnavailable, PenstockError
from engine.core.facts.cluster_view import ClusterView
from engine.core.input_document import Approval
from engine.core.moment import shift
from engine.core.proposal import ActionRequest, ClaimedProposer, Proposal
from engine.core.pull_request import PullRequest
from engine.core.pull_request_actions import check_of_all, comment_of_all, worst
from engine.core.pull_request_check import held_back, trouble
from engine.core.record import Entry
from engine.core.reevaluate_box import asked_again
from engine.core.showing import Bound
from engine.core.sticky_comment import waiting
from engine.core.untrusted import fence, inert, one_line
from engine.ports import Forge, Ports, Transaction
from engine.usecases.compile_input import compile_input
from engine.usecases.compile_pull_request import Compiled, compile_pull_request
from engine.usecases.decide import decide
from engine.usecases.declared import git_context
from engine.usecases.facts_of_edit import facts_of_edit
from engine.usecases.observe_cluster import look
from engine.usecases.replay_pull_request import Found, found_or_asked
from engine.usecases.show_standing import show_check, show_comment
from engine.usecases.situation import Question, read_situation
from engine.usecases.weigh_reviews import remember_showing, weigh_reviews

GATED = "gated"
DUE_SECONDS = 3600
REPLAY_LIMIT = 10_000
REPLAYED = "It changes policy. Every recorded decision was decided again by it:"
REPLAYING = "It changes policy. Every recorded decision is being decided again by it"

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:@/-]{0,252}")


@dataclass(frozen=True, slots=True)
class Gated:
    """One action of a pull request and what was decided of it."""

    action: ActionRequest
    decision: Decision


def gate_pull_request(ports: Ports, pull_request: PullRequest, *, now: str, again: bool = False) -> bool:
    """Decide an open pull request of somebody else's and show it; false where that isn't wanted, or nothing is new.

    One that the gate opened and a person has edited is theirs now, and always decided.
    """
    taken_over = pull_request.edited_by_person and pull_request.key != ""
    onto_base = pull_request.state == "open" and pull_request.base == ports.branch
    if ports.forge is None or not onto_base or not (ports.gate_all_pull_requests or taken_over):
        return False
    if not again and not asked_again(pull_request) and not _moved(ports, pull_request, now):
        return False
    try:
        _decided(ports, ports.forge, pull_request, now)
    except (ForgeTrouble, LedgerUnavailable):
        raise
    except PenstockError as error:
        _untold(ports.forge, pull_request, error, now)
    shown = ports.forge.get(pull_request.number)
    seen = {"seen": _seen(ports, shown), "due": shift(now, DUE_SECONDS)}
    ports.ledger.run(lambda tx: tx.put(GATED, str(pull_request.number), seen, at=now))
    return True


def _decided(ports: Ports, forge: Forge, pull_request: PullRequest, now: str) -> None:
    view = look(ports.cluster)
    context = git_context(ports, now=now)
    compiled = compile_pull_request(ports, pull_request, context)
    questions = [_question(ports, pull_request, one, view, now) for one in compiled]
    gated = ports.ledger.run(lambda tx: _ask(ports, tx, pull_request, questions, now))
    edits = _edits(compiled)
    decisions = [(one.action, one.decision) for one in gated]
    check, further = check_of_all(decisions, edits, head=pull_request.head), list[str]()
    if ports.replay_head is not None and any(edit.path.startswith(f"{ports.policy_place}/") for edit in edits):
        check, further = _with_replay(check, found_or_asked(ports, pull_request.number, pull_request.head, now))
    show_check(forge, pull_request, check, at=now)
    show_comment(forge, pull_request, comment_of_all(decisions, further))


def _with_replay(check: CheckReport, found: Found | None) -> tuple[CheckReport, list[str]]:
    """The check with what a replay has against it, pending until that is known, and what the comment says of it."""
    if found is None:
        return (check if check.state == "failure" else held_back(check, REPLAYING, "pending")), [f"{REPLAYING}."]
    told = f"{REPLAYED}\n\n{fence(chr(10).join(found.lines), limit=REPLAY_LIMIT)}"
    return (held_back(check, found.because, "failure") if found.because else check), [told]


def _untold(forge: Forge, pull_request: PullRequest, error: PenstockError, now: str) -> None:
    """What can't be told is a failure with its reason."""
    message = f"{error.where}: {error.message}" if error.where else error.message
    show_check(forge, pull_request, trouble(message, error.remedy, head=pull_request.head), at=now)
    said = inert(one_line(f"{message}. {error.remedy}", limit=600))
    show_comment(forge, pull_request, waiting(None, said))


def _edits(compiled: Sequence[Compiled]) -> tuple[FileEdit, ...]:
    change = compiled[0].built.change if compiled else None
    return change.edits if change is not None else ()


def _question(ports: Ports, pull_request: PullRequest, compiled: Compiled, view: ClusterView, now: str) -> Question:
    proposal = Proposal(proposer=_proposer(ports, pull_request), action=compiled.request)
    return Question(proposal, facts_of_edit(ports, compiled, view, now), view, now)


def _proposer(ports: Ports, pull_request: PullRequest) -> ClaimedProposer:
    """Whose change it is: the author's, or of a branch that was taken over, of whoever wrote to it."""
    whose = (pull_request.writers or ("",))[0] if pull_request.key else pull_request.author
    name = whose if _NAME.fullmatch(whose) else "unknown"
    known = isinstance(ports.policy.data("people").get(name), dict)
    return ClaimedProposer(id=name, kind="person" if known else "pipeline")


def _ask(
    ports: Ports, tx: Transaction, pull_request: PullRequest, questions: Sequence[Question], now: str
) -> list[Gated]:
    """Ask of each action with the reviews that are there, record it, and remember what people are shown."""
    whole = canonical.digest([question.proposal.action.digest for question in questions])
    files = questions[0].derived.change.digest if questions else ""
    gated = []
    for question in questions:
        bound = Bound(whole, files, question.proposal.proposer.id, ports.branch)
        weighed = weigh_reviews(ports, tx, pull_request, bound, now=now)
        approvals = [_for_action(one, question.proposal.action) for one in weighed]
        situation = replace(read_situation(ports, tx, question), approvals=approvals)
        document = compile_input(
            ports.policy, question.proposal, question.derived, situation, authenticated=True, now=now
        )
        decision = decide(ports.policy, document, nonce=tx.tip())
        tx.append(Entry("input", decision.decision_id, document.model_dump(mode="json")), at=now)
        body = {"proposal": f"pull-{pull_request.number}", "decision": decision.model_dump(mode="json")}
        tx.append(Entry("decision", decision.decision_id, body), at=now)
        gated.append(Gated(question.proposal.action, decision))
    if gated:
        said = _as_one(gated, whole)
        remember_showing(tx, pull_request, files, said, at=now)
    return gated


def _as_one(gated: Sequence[Gated], action_digest: str) -> Decision:
    """What people are shown of all actions together: the worst answer, and of each action the rules that spoke."""
    spoke = [
        result.model_copy(update={"rule": f"{one.action.digest} {result.rule}"})
        for one in gated
        for result in one.decision.rules
        if result.status != "passed"
    ]
    gravest = worst(one.decision for one in gated)
    return gravest.model_copy(update={"action_digest": action_digest, "rules": spoke})


def _for_action(approval: Approval, action: ActionRequest) -> Approval:
    """An approval with the rules that spoke of one action when all of them were shown."""
    own = f"{action.digest} "
    return approval.model_copy(update={"rules": [r.removeprefix(own) for r in approval.rules if r.startswith(own)]})


def _moved(ports: Ports, pull_request: PullRequest, now: str) -> bool:
    told = ports.ledger.run(lambda tx: tx.find(GATED, str(pull_request.number)))
    return moved(ports, told, pull_request, now)


def moved(ports: Ports, told: dict[str, Any] | None, pull_request: PullRequest, now: str) -> bool:
    """Whether anything is otherwise than when it was last gated, or that is long enough ago to ask again."""
    return told is None or now >= told["due"] or told["seen"] != _seen(ports, pull_request)


def _seen(ports: Ports, pull_request: PullRequest) -> str:
    said = pull_request.check
    base = ports.repository.head(ports.branch) if ports.repository is not None else ""
    reviews = [[r.reviewer, r.state, r.head, r.at, r.edited] for r in pull_request.reviews]
    parts = [pull_request.head, base, pull_request.author, reviews, ports.policy.identity().digest]
    return canonical.digest([*parts, [said.state, said.title] if said else []])
