"""The five questions, and a candidate held against the policy in force over the space of inputs."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from engine import wiring
from engine.adapters.opa.space_files import read_space, world_of
from engine.core.errors import BadInput
from engine.core.flip import Acknowledgement
from engine.core.policy_space import KIND, Axis
from engine.entrypoints.cli.policy_ask import Question, ask
from engine.settings import read_settings
from engine.usecases.compare_policies import SpaceReport, compare
from engine.usecases.search_policy import Panel
from tests.conftest import ROOT

SHIPPED = ROOT / "policies"
FEW = 250
KINDS = ("restart_workload", "rollback_workload", "delete_resource")


@pytest.fixture
def candidate(tmp_path: Path) -> Path:
    """The shipped policies, but ten times as many automatic fixes an hour."""
    folder = Path(shutil.copytree(SHIPPED, tmp_path / "candidate"))
    file = folder / "rego" / "gate" / "data" / "rates" / "data.yaml"
    file.write_text(file.read_text().replace("automatic_fixes: {limit: 5}", "automatic_fixes: {limit: 50}"))
    return folder


def asked(question: Question, **given: Any) -> int:
    return ask(question, **{"policies": SHIPPED, "evaluations": FEW, **given})


def test_what_is_never_allowed_and_what_is(capsys: pytest.CaptureFixture[str]) -> None:
    assert asked(Question.never_allows, when=["switch.mode=frozen"]) == 0
    assert "exhausted  every value of what it speaks of (switch.mode): 1" in capsys.readouterr().out
    assert asked(Question.never_allows, when=["action.kind=delete_resource"], over=["approvals"]) == 1
    told = capsys.readouterr().out
    assert "it says allow, tier 3" in told
    assert "penstock policy simulate" in told


def test_every_input_gets_an_answer(capsys: pytest.CaptureFixture[str]) -> None:
    assert asked(Question.never_errors) == 0
    assert "sampled" in capsys.readouterr().out


@pytest.mark.exhaustive
def test_a_policy_against_a_laxer_one(candidate: Path, capsys: pytest.CaptureFixture[str]) -> None:
    spent = {"when": ["facts.budgets.automatic_fixes.used=5"]}
    assert asked(Question.equivalent, other=SHIPPED) == 0
    assert asked(Question.implies, other=candidate, **spent) == 0
    capsys.readouterr()
    assert asked(Question.implies, policies=candidate, other=SHIPPED, **spent) == 1
    assert asked(Question.equivalent, other=candidate, **spent) == 1
    assert asked(Question.disjoint, other=candidate) == 1
    assert capsys.readouterr().out.count("penstock policy simulate") == 6


@pytest.mark.parametrize(
    ("question", "given"),
    [
        (Question.implies, {}),
        (Question.never_errors, {"other": SHIPPED}),
        (Question.never_allows, {"when": ["verdict.tier=3"]}),
        (Question.never_allows, {"when": ["facts.target.uid=x"]}),
        (Question.never_allows, {"when": ["frozen"]}),
    ],
)
def test_a_question_that_cannot_be_asked_is_refused(question: Question, given: dict[str, Any]) -> None:
    with pytest.raises(BadInput):
        asked(question, **given)


def compared(candidate: Path, note: list[Acknowledgement]) -> SpaceReport:
    whole = read_space(SHIPPED)
    kinds = Axis(KIND, tuple(choice for choice in whole.named(KIND).choices if choice.label in KINDS))
    space = replace(whole, axes=tuple(kinds if axis.name == KIND else axis for axis in whole.axes))
    settings = read_settings()
    world = world_of(SHIPPED)
    with (
        wiring.policy_in_world(settings, SHIPPED, world) as engine,
        wiring.policy_in_world(settings, candidate, world) as other,
    ):
        return compare(space, Panel(space, engine, candidate=other), note, say=lambda _: None)


def test_regions_of_the_space_are_told_and_need_the_change_note(candidate: Path) -> None:
    matrix = candidate / "rego" / "gate" / "data" / "approvals" / "data.yaml"
    matrix.write_text(matrix.read_text().replace("critical: {owner: 2}", "critical: {owner: 1}", 1))
    report = compared(candidate, [])
    told = {(region.direction, region.sentence) for region in report.regions}
    assert ("new allow", "with facts.budgets.automatic_fixes.used 5: deny → allow") in told
    production = [s for d, s in told if d == "new allow" and s.startswith("production, ") and "one owner" in s]
    assert len(production) == 1
    assert production[0].endswith("require_approval → allow")
    assert not any("staging" in sentence for _, sentence in told)
    assert not any(": deny as before" in s or ": deny (advise) as before" in s for _, s in told)
    assert len(report.exhausted) == 3
    assert not report.holds


@pytest.mark.exhaustive
def test_a_line_of_the_change_note_lets_a_region_pass_and_no_other(candidate: Path) -> None:
    meant = compared(candidate, [Acknowledgement("the fleet grew", rule="rate/hourly_limit")])
    assert meant.regions
    assert meant.holds
    assert {region.acknowledged for region in meant.regions if region.direction == "new allow"} == {"the fleet grew"}
    elsewhere = Acknowledgement("the fleet grew", rule="rate/hourly_limit", place=(("environment", "staging"),))
    assert not compared(candidate, [elsewhere]).holds
