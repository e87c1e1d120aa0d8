"""What automation did is counted and held against it, and a gate in shadow has nothing to act with."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from engine.core.change.model import FileEdit
from engine.core.errors import BadInput, ForgeRefused
from engine.core.lifecycle import read_change
from engine.settings import Settings, read_settings
from engine.usecases.autonomy import demote, judge, report
from engine.usecases.settle import settle
from engine.wiring import autonomy_data

API = "Deployment/payments-api"


def row(desk: Any, seconds: int = 3600) -> Any:
    (found,) = report(desk.gate.ports, now=desk.later(seconds))
    return found


def shadowed(settings: Settings, open_desk: Any) -> Any:
    return open_desk(replace(settings, shadow=True))


def test_a_gate_in_shadow_has_no_forge_so_it_opens_and_merges_nothing(settings: Settings, open_desk: Any) -> None:
    desk = shadowed(settings, open_desk)
    assert desk.gate.ports.forge is None
    state = desk.propose("restart_workload", API)
    assert (state.status, state.verdict.outcome, desk.branches()) == ("recorded", "allow", [])
    with pytest.raises(ForgeRefused):
        settle(replace(desk.gate.ports), state.id, now=desk.later(60))


def landed(desk: Any, content: bytes | None) -> None:
    """Somebody commits to main what the shadowed gate would have opened, or something else."""
    repository, head = desk.gate.ports.repository, desk.gate.ports.repository.head("main")
    (edit,) = read_change(desk.gate.ports.ledger.run(lambda tx: tx.select("proposals"))[0]["change"]).edits
    made = FileEdit(edit.path, repository.read(head, edit.path), edit.after if content is None else content)
    commit = repository.commit(head, [made], message="By hand", author="a <a@example.com>", at=desk.later(600))
    repository.move("refs/heads/main", head, commit)


@pytest.mark.parametrize(("content", "agreed"), [(None, 1), (b"# nothing of the kind\n", 0)])
def test_shadow_is_held_against_what_people_did_by_hand(
    settings: Settings, open_desk: Any, content: bytes | None, agreed: int
) -> None:
    desk = shadowed(settings, open_desk)
    desk.propose("restart_workload", API)
    assert (row(desk).figures.decisions, row(desk).figures.judged) == (1, 0)
    landed(desk, content)
    assert (row(desk).figures.judged, row(desk).figures.agreed) == (1, agreed)


def test_what_people_did_a_week_later_says_nothing(settings: Settings, open_desk: Any) -> None:
    desk = shadowed(settings, open_desk)
    desk.propose("restart_workload", API)
    desk.now = desk.later(7 * 86_400)
    landed(desk, None)
    assert row(desk).figures.judged == 0


def test_a_demotion_is_one_however_often_it_is_met_and_starts_the_count_anew(desk: Any) -> None:
    state = desk.propose("restart_workload", API)
    for second in (60, 120):
        desk.gate.ports.ledger.run(lambda tx, at=second: demote(tx, state, "it failed", now=desk.later(at)))
    assert len(desk.records("demotion")) == 1
    assert [message["event"] for message in desk.told()].count("demoted") == 1
    later = replace(state, id="prop-later", created_at=desk.later(300), status="succeeded").as_document()
    desk.gate.ports.ledger.run(lambda tx: tx.put("proposals", "prop-later", later, status="succeeded", at=desk.now))
    found = row(desk)
    assert found.demotion is not None
    assert (found.figures.judged, found.figures.agreed) == (1, 1)
    assert (found.place.namespace, found.place.incident_class) == ("payments", "crash-loop")


def test_a_refusal_that_was_wrong_is_disagreed_with_and_demotes_nothing(desk: Any) -> None:
    state = desk.propose("delete_resource", "PersistentVolumeClaim/payments-db-data-payments-db-0")
    assert state.status == "refused"
    judge(desk.gate.ports, state.id, right=False, by="alice", reason="", now=desk.later(60))
    assert (row(desk).figures.judged, row(desk).figures.agreed, row(desk).demotion) == (1, 0, None)
    assert desk.records("demotion") == []


def test_a_proposal_that_isnt_there_is_judged_by_nobody(desk: Any) -> None:
    with pytest.raises(BadInput, match="no such proposal"):
        judge(desk.gate.ports, "prop-nothing", right=True, by="alice", reason="", now=desk.now)
    assert desk.records("judgement") == []


@pytest.mark.parametrize(
    ("policies", "data", "file"),
    [
        (None, None, ""),
        ("policies", None, ""),
        ("repo:policies", None, "policies/rego/gate/data/autonomy/data.yaml"),
        ("repo:policies", "repo:ours/data.yaml", "ours/data.yaml"),
    ],
)
def test_the_phases_are_edited_where_they_have_the_last_word(policies: str | None, data: str | None, file: str) -> None:
    places = {name: Path(place) if place else None for name, place in (("policies", policies), ("data", data))}
    assert autonomy_data(replace(read_settings(), **places)) == file
