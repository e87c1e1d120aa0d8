"""Proof of enforcement: a rule that nobody would miss is found, and the shipped corpus says what policy says today."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from engine import wiring
from engine.core.corpus import read_cases, write_cases
from engine.core.errors import BadInput
from engine.core.mutant import Proof, limits, raised
from engine.settings import read_settings
from tests.conftest import ROOT

CORPUS = ROOT / "policies" / "corpus" / "cases.jsonl"
RULES = Path("rego") / "gate" / "rules"
SILENT = """# METADATA
# title: nothing
# description: It never says anything.
# custom:
#   remedy: None
#   severity: error
#   exceptable: false
package gate.rules.rate.silent

import rego.v2

import data.gate.lib.rule

about := rule.about(rego.metadata.chain())

deny contains "never" if input.action.kind == "no such kind"
"""


@pytest.fixture
def policies(tmp_path: Path) -> Path:
    """The shipped policies, in a folder that a test may edit."""
    return Path(shutil.copytree(ROOT / "policies", tmp_path / "policies"))


def proved(policies: Path, *rules: str) -> Proof:
    """A proof by the few cases that concern the rules of these tests, and some others."""
    cases = read_cases(CORPUS.read_bytes().splitlines(), where=str(CORPUS))
    near = [case for case in cases if {"blast_radius/pods", "switch/frozen"} & {*case.spoke, case.beside}]
    corpus = policies / "corpus" / "few.jsonl"
    corpus.write_bytes(b"".join(write_cases([*near, *cases[::20]])))
    prover: Any = wiring.prover(read_settings(), policies, corpus)
    proof: Proof = prover.prove(lambda _done, _of: None, rules)
    return proof


def test_a_rule_that_bites_is_missed_in_every_part(policies: Path) -> None:
    proof = proved(policies, "blast_radius/pods")
    assert {trial.fate for trial in proof.trials} <= {"killed", "stillborn"}
    assert {trial.mutant.damage for trial in proof.trials} >= {"rule removed", "condition dropped"}
    assert all(trial.scenario for trial in proof.trials if trial.fate == "killed")
    assert proof.holds


def test_a_rule_that_no_scenario_makes_speak_fails_by_name(policies: Path) -> None:
    (policies / RULES / "rate" / "silent").mkdir()
    (policies / RULES / "rate" / "silent" / "silent.rego").write_text(SILENT)
    proof = proved(policies, "rate/silent")
    assert [mutant.rule for mutant in proof.survivors if mutant.damage == "rule removed"] == ["rate/silent"]
    assert proof.unreachable == ("rate/silent",)
    assert not proof.holds


def test_a_policy_that_answers_otherwise_makes_the_corpus_stale(policies: Path) -> None:
    shutil.rmtree(policies / RULES / "switch" / "frozen")
    with pytest.raises(BadInput, match="end otherwise than recorded"):
        proved(policies)


def test_a_rule_that_is_not_there_is_said(policies: Path) -> None:
    with pytest.raises(BadInput, match="no such rule"):
        proved(policies, "rate/nothing")


def test_cases_come_back_as_they_were_written() -> None:
    cases = read_cases(CORPUS.read_bytes().splitlines(), where=str(CORPUS))
    assert read_cases(list(write_cases(cases)), where="again") == cases


@pytest.mark.parametrize("line", [b"{}", b'{"scenario": "x"}', b"nothing"])
def test_a_line_that_is_no_case_is_named(line: bytes) -> None:
    with pytest.raises(BadInput, match="corpus:1"):
        read_cases([line], where="corpus")


def test_every_number_is_a_limit_and_is_raised_where_it_stands() -> None:
    data = {"a": {"b": 3, "on": True, "list": [1, {"c": 0.5}]}, "text": "5"}
    assert dict(limits(data)) == {("a", "b"): 3, ("a", "list", "0"): 1, ("a", "list", "1", "c"): 0.5}
    assert raised(data, ("a", "list", "1", "c")) == {"a": {"b": 3, "on": True, "list": [1, {"c": 15.0}]}, "text": "5"}
    assert raised(data, ("a", "x")) is None
    assert data["a"]["b"] == 3
