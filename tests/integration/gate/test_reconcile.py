"""Reconciling: whatever was delivered, or wasn't, the gate's side ends up as the forge is, and says so once."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from engine.core.change.model import FileEdit
from engine.core.check_report import CheckReport
from engine.core.delivery import Look
from engine.core.errors import EvaluatorUnavailable, ForgeUnreachable, MergeConflict, NotFound, RevokedToken
from engine.core.lifecycle import ProposalState
from engine.core.pull_request import PullRequest
from engine.core.reevaluate_box import BOX
from engine.usecases.reconcile_pull_request import DUE_SECONDS, reconcile, reconcile_pull_request
from engine.usecases.settle import load
from tests.conftest import Desk


class Watched:
    """The real forge, with what was written to it counted, and one step made to fail."""

    def __init__(self, real: Any) -> None:
        self._real = real
        self.wrote: list[str] = []
        self.fails: dict[str, Exception] = {}

    def __getattr__(self, name: str) -> Any:
        if name in self.fails:
            raise self.fails[name]
        if name in ("comment", "report", "merge", "close", "open", "rewrite", "ask"):
            self.wrote.append(name)
        return getattr(self._real, name)


@pytest.fixture
def forge(desk: Desk) -> Watched:
    watched = Watched(desk.gate.ports.forge)
    desk.gate = replace(desk.gate, ports=replace(desk.gate.ports, forge=watched))
    return watched


@pytest.fixture
def waiting(desk: Desk, forge: Watched) -> ProposalState:
    made = desk.propose("rollback_workload", "Deployment/payments-api")
    assert made.status == "awaiting_approval"
    forge.wrote.clear()
    return made


def look(desk: Desk, state: ProposalState, after: int = 120, *, again: bool = False) -> ProposalState:
    assert state.pull_request is not None
    reconcile_pull_request(desk.gate.ports, state.pull_request, now=desk.later(after), again=again)
    return load(desk.gate.ports, state.id)


def shown(desk: Desk, state: ProposalState) -> PullRequest:
    found: PullRequest = desk.gate.ports.forge.get(state.pull_request)  # type: ignore[union-attr, arg-type]
    return found


def test_check_and_comment_say_what_is_missing_and_from_whom(desk: Desk, waiting: ProposalState) -> None:
    look(desk, waiting)
    pull = shown(desk, waiting)
    assert pull.check is not None
    assert (pull.check.state, "team:team-payments" in pull.check.title) == ("pending", True)
    assert pull.check.annotations and pull.check.annotations[0].path.endswith("kustomization.yaml")
    assert "2 more of team:team-payments" in pull.comments[0] and BOX in pull.comments[0]


def test_what_nobody_touched_costs_no_write_and_no_decision(desk: Desk, waiting: ProposalState, forge: Watched) -> None:
    look(desk, waiting)
    forge.wrote.clear()
    before = len(desk.records())
    for again in range(5):
        look(desk, waiting, 130 + again)
    assert (forge.wrote, len(desk.records())) == ([], before)


def test_it_is_decided_again_when_it_is_due_and_written_only_if_it_says_otherwise(
    desk: Desk, waiting: ProposalState, forge: Watched
) -> None:
    look(desk, waiting)
    forge.wrote.clear()
    before = len(desk.records("decision"))
    look(desk, waiting, 120 + DUE_SECONDS)
    assert len(desk.records("decision")) == before + 1
    assert forge.wrote == []


def test_a_forged_check_is_replaced(desk: Desk, waiting: ProposalState, forge: Watched) -> None:
    look(desk, waiting)
    pull = shown(desk, waiting)
    forge.report(pull.number, pull.head, CheckReport("success", "Allowed"), at=desk.later(121))
    look(desk, waiting, 122)
    found = shown(desk, waiting).check
    assert found is not None and found.state == "pending"


def test_a_ticked_box_decides_again_and_is_cleared(desk: Desk, waiting: ProposalState, forge: Watched) -> None:
    look(desk, waiting)
    pull, before = shown(desk, waiting), len(desk.records("decision"))
    forge.comment(pull.number, pull.comments[0].replace("- [ ]", "- [x]"))
    look(desk, waiting, 122)
    assert len(desk.records("decision")) == before + 1
    assert shown(desk, waiting).comments == pull.comments


def test_the_end_of_the_incident_closes_it(desk: Desk, waiting: ProposalState) -> None:
    from engine.core.incident import resolve

    done = resolve(desk.incident, at=desk.later(90), because="the pods are ready again")
    desk.gate.ports.ledger.run(
        lambda tx: tx.put("incidents", done.id, done.as_document(), status=done.status, at=desk.later(90))
    )
    ended = look(desk, waiting)
    assert (ended.status, shown(desk, waiting).state) == ("closed", "closed")
    assert "the pods are ready again" in ended.note
    assert desk.branches() == []


def test_a_branch_that_a_person_edits_becomes_their_change_and_stays(desk: Desk, waiting: ProposalState) -> None:
    ports: Any = desk.gate.ports
    pull = shown(desk, waiting)
    path = (waiting.change or {})["edits"][0]["path"]
    before = ports.repository.read(pull.head, path)
    edit = FileEdit(path, before, before + b"# by hand\n")
    commit = ports.repository.commit(
        pull.head, [edit], message="By hand", author="m <m@example.com>", at=desk.later(70)
    )
    ports.repository.move(f"refs/heads/{pull.branch}", pull.head, commit)
    ended = look(desk, waiting)
    now = shown(desk, waiting)
    assert (ended.status, now.state, now.head) == ("closed", "open", commit)
    assert now.check is not None and now.check.state != "success"
    look(desk, waiting, 130)
    assert shown(desk, waiting).state == "open"


@pytest.mark.parametrize(
    "error", [ForgeUnreachable("no answer", where="forge"), RevokedToken("unknown", where="forge")]
)
def test_trouble_of_the_forge_is_a_note_and_ends_the_round(
    desk: Desk, waiting: ProposalState, forge: Watched, error: Exception
) -> None:
    forge.fails["get"] = error
    for _ in range(2):
        with pytest.raises(type(error)):
            look(desk, waiting)
    noted = load(desk.gate.ports, waiting.id)
    assert noted.status == "awaiting_approval" and noted.note == str(error)
    assert len(desk.records("stuck")) == 1
    assert forge.wrote == []


def test_no_answer_of_policy_is_a_failure_in_the_check_and_merges_nothing(
    desk: Desk, waiting: ProposalState, forge: Watched
) -> None:
    real = desk.gate.ports.policy

    class Silent:
        def decide(self, _document: bytes) -> Any:
            raise EvaluatorUnavailable("nobody answered")

        identity, data = staticmethod(real.identity), staticmethod(real.data)

    desk.gate = replace(desk.gate, ports=replace(desk.gate.ports, policy=Silent()))
    noted = look(desk, waiting)
    found = shown(desk, waiting).check
    assert found is not None and (found.state, found.title) == ("failure", "nobody answered")
    assert (noted.status, noted.note) == ("awaiting_approval", "nobody answered")
    assert "merge" not in forge.wrote


def test_a_merge_conflict_is_a_failure_in_the_check(desk: Desk, forge: Watched) -> None:
    forge.fails["merge"] = MergeConflict("the base has changed there", remedy="Propose it again")
    with pytest.raises(MergeConflict):
        desk.propose("restart_workload", "Deployment/payments-api")
    (state,) = desk.gate.ports.ledger.run(lambda tx: tx.select("proposals", status="awaiting_approval"))
    noted = look(desk, load(desk.gate.ports, state["id"]))
    found = shown(desk, noted).check
    assert found is not None and (found.state, found.title) == ("failure", "the base has changed there")
    assert noted.note.startswith("the base has changed there")


def test_a_number_that_the_forge_doesn_t_know_is_said_to_be_unknown(desk: Desk) -> None:
    with pytest.raises(NotFound):
        reconcile_pull_request(desk.gate.ports, 99, now=desk.later(1))


def test_a_merge_queue_s_commit_gets_the_answer_of_the_head(desk: Desk, waiting: ProposalState, forge: Watched) -> None:
    queued, said = "e" * 40, []
    real = forge.report

    def report(number: int, head: str, check: CheckReport, *, at: str) -> None:
        said.append((head, check.state))
        if head != queued:
            real(number, head, check, at=at)

    forge.report = report  # type: ignore[attr-defined]
    reconcile(desk.gate.ports, Look(waiting.pull_request or 0, queued), desk.later(120))
    assert said == [(shown(desk, waiting).head, "pending"), (queued, "pending")]
