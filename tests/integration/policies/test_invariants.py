"""Every invariant holds of the shipped policy, and each of them is broken by a policy that breaks it."""

from __future__ import annotations

import json
import shlex
import shutil
from fnmatch import fnmatchcase
from pathlib import Path

import pytest

from engine import wiring
from engine.adapters.opa.policy_data import read_data_file
from engine.adapters.opa.space_files import read_sentences, read_space, world_of
from engine.core.errors import BadInput
from engine.entrypoints.cli.main import main
from engine.entrypoints.cli.policy_search import commands
from engine.settings import read_settings
from engine.usecases.search_policy import Finding, Panel, search
from tests.conftest import ROOT

SHIPPED = ROOT / "policies"
PER_SENTENCE = 1500

REFUSES_NOTHING = {"decision/decision.rego": [('default outcome := "deny"', 'default outcome := "allow"')]}
COUNTS_ANYBODY = {
    "lib/review/review.rego": [
        ('\treview.state == "approved"\n\treview.kind == "person"\n', '\treview.state == "approved"\n'),
        ("\tnot proposed(review)\n\ttold_apart", "\ttold_apart"),
        ("review.age_seconds <= data.gate", "review.age_seconds > data.gate"),
    ]
}
TAKES_YES_FOR_NO = {
    "lib/approval/approval.rego": [
        ('\tgiven.state == "rejected"\n\tgiven.kind', '\tgiven.state == "approved"\n\tgiven.kind'),
        ('\tgiven.state == "approved"\n\treview.counts(given)\n}', "\tfalse\n}"),
    ]
}
PLAYS_FAVOURITES = {
    "data/autonomy/data.yaml": [("proposers: []", "proposers: [olga, agent:other]")],
    "rules/switch/frozen/frozen.rego": [("exceptable: false", "exceptable: true")],
    "rules/autonomy/phase/phase.rego": [('mode contains "advise" if', 'mode contains "enforce" if')],
}
FALLS_SILENT = {
    "decision/decision.rego": [("default ttl_seconds := 1\n", "")],
    "data/approvals/data.yaml": [("  none: 86400", "  none: 0")],
}
BROKEN = {
    "refuses nothing": (
        REFUSES_NOTHING,
        [
            "frozen-allows-nothing",
            "advisory-opens-nothing",
            "unauthenticated-never",
            "unknown-kind-never",
            "irreversible-takes-two",
            "tier-three-never-alone",
            "tier-three-never-in-a-freeze",
            "protected-never-touched",
            "unverified-never-opened",
            "outside-the-tree-never",
            "no-merge-without-a-receipt",
            "another-head-never",
            "expired-never",
            "invented-evidence-never",
            "automation-never-loses-data",
            "governing-is-for-people",
            "governing-never-alone",
            "over-budget-stops-automation",
            "incomplete-never",
            "larger-radius-never-laxer",
            "unknown-radius-never-laxer",
            "unknown-environment-as-production",
            "more-used-never-laxer",
            "rejection-never-laxer",
        ],
    ),
    "counts anybody": (
        COUNTS_ANYBODY,
        ["older-approval-never-laxer", "agents-never-approve", "nobody-approves-their-own"],
    ),
    "takes yes for no": (TAKES_YES_FOR_NO, ["approval-never-stricter"]),
    "plays favourites": (
        PLAYS_FAVOURITES,
        ["name-decides-nothing", "exceptions-have-an-end", "advised-never-acts"],
    ),
    "falls silent": (FALLS_SILENT, ["always-answers"]),
}


def damaged(tmp_path: Path, damage: dict[str, list[tuple[str, str]]]) -> Path:
    """A copy of the shipped policies with texts replaced."""
    folder = Path(shutil.copytree(SHIPPED, tmp_path / "policies"))
    for name, edits in damage.items():
        file = folder / "rego" / "gate" / name
        text = file.read_text()
        for before, after in edits:
            assert before in text, (name, before)
            text = text.replace(before, after)
        file.write_text(text)
    return folder


def found(folder: Path, names: list[str] | None = None, *, evaluations: int = PER_SENTENCE) -> dict[str, Finding]:
    """What comes of the sentences in a damaged policy, within so many evaluations each."""
    space = read_space(SHIPPED)
    wanted = [each for each in read_sentences(SHIPPED) if names is None or each.name in names]
    with wiring.policy_in_world(read_settings(), folder, world_of(SHIPPED)) as engine:
        panel = Panel(space, engine)
        told = search(space, wanted, panel, evaluations=evaluations * len(wanted), say=lambda _: None)
        return {finding.invariant.name: finding for finding in told}


@pytest.mark.exhaustive
def test_every_sentence_holds_of_the_shipped_policy_and_is_broken_by_one_here() -> None:
    names = {each.name for each in read_sentences(SHIPPED)} - {"no-word-of-a-proposer"}
    assert names == {name for _, broken in BROKEN.values() for name in broken}
    assert len(names) >= 12
    findings = found(SHIPPED, evaluations=60)
    assert [name for name, finding in findings.items() if not finding.holds] == []
    assert all(finding.exhausted or finding.sampled for finding in findings.values())


@pytest.mark.exhaustive
@pytest.mark.parametrize("damage", BROKEN, ids=lambda name: name.replace(" ", "-"))
def test_each_sentence_can_be_broken(tmp_path: Path, damage: str) -> None:
    edits, names = BROKEN[damage]
    findings = found(damaged(tmp_path, edits), names)
    assert [name for name, finding in findings.items() if finding.holds or not finding.broken] == []


def test_an_exception_is_tried_for_every_rule_that_none_may_set_aside() -> None:
    (sentence,) = [each for each in read_sentences(SHIPPED) if each.name == "exceptions-have-an-end"]
    patterns = dict(sentence.then)["verdict.excepted"]["none_of"]
    folders = (SHIPPED / "rego" / "gate" / "rules").glob("*/*")
    rules = {f"{folder.parent.name}/{folder.name}" for folder in folders}
    listed = read_data_file(world_of(SHIPPED)).value["exceptions"]["entries"]["from-nearly-everything"]["rules"]
    kept = {rule for rule in rules if any(fnmatchcase(rule, pattern) for pattern in patterns)}
    assert kept <= set(listed), "add them to policies/invariants/world.yaml"
    assert all(any(fnmatchcase(rule, pattern) for rule in rules) for pattern in patterns)


def test_a_counterexample_is_a_command_that_gives_it_again(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = damaged(tmp_path, REFUSES_NOTHING)
    names = ["frozen-allows-nothing", "larger-radius-never-laxer", "rejection-never-laxer"]
    for finding in found(folder, names).values():
        assert finding.broken is not None
        told = commands(read_space(SHIPPED), finding, [folder])
        assert len(told) == len(finding.broken.answers)
        for command, answer in zip(told, finding.broken.answers, strict=True):
            assert command.count("--set") + command.count("--at") <= 3, command
            main([*shlex.split(command)[1:], "-o", "json"])
            decision = json.loads(capsys.readouterr().out)
            assert (decision["outcome"], decision["tier"]) == (answer.said.outcome, answer.said.tier)


def test_a_sentence_that_never_applies_is_no_proof(tmp_path: Path) -> None:
    folder = Path(shutil.copytree(SHIPPED, tmp_path / "policies"))
    file = folder / "invariants" / "sentences.yaml"
    file.write_text("never-met:\n  says: Nothing\n  when: {verdict.outcome: other}\n  then: {outcome: deny}\n")
    space = read_space(folder)
    with wiring.policy_in_world(read_settings(), SHIPPED) as engine:
        told = list(search(space, read_sentences(folder), Panel(space, engine), evaluations=3, say=lambda _: None))
    assert [(finding.met, finding.broken, finding.holds) for finding in told] == [(0, None, False)]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "holds no sentence"),
        ("a: {then: {outcome: deny}}\n", "doesn't say anything"),
        ("a: {says: x}\n", "says nothing that could be broken"),
        ("a: {says: x, then: {outcom: deny}}\n", "verdict.outcom is neither"),
        ("a: {says: x, when: {facts.podz: 1}, then: {outcome: deny}}\n", "facts.podz is neither"),
        ("a: {says: x, then: {tier: {over: 2}}}\n", "over is neither"),
        ("a: {says: x, compare: {bigger: [facts.blast.pods]}, never: laxer}\n", "compares in no known way"),
        ("a: {says: x, compare: {larger: [facts.blast.pods]}}\n", "what never happens"),
        ("a: {says: x, then: {outcome: deny}, because: y}\n", "unknown word 'because'"),
    ],
)
def test_a_sentence_that_cannot_be_read_is_refused_with_its_line(tmp_path: Path, text: str, problem: str) -> None:
    (tmp_path / "invariants").mkdir()
    (tmp_path / "invariants" / "sentences.yaml").write_text(text)
    with pytest.raises(BadInput, match=problem.replace("'", ".")) as refused:
        read_sentences(tmp_path)
    assert "sentences.yaml" in refused.value.where
