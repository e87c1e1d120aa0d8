"""An author's day: a rule begun, saved, checked and read by other tools, and data that soon won't hold any more."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import pytest

from engine.adapters.opa.data_checks import exceptions, laid, needs
from engine.adapters.opa.policy_tree import read_policies
from engine.adapters.opa.rule_draft import Draft, write_draft
from engine.adapters.opa.step import Step
from engine.adapters.opa.watching import Watching
from engine.adapters.opa.workbench import Workbench
from engine.core.errors import BadInput
from engine.entrypoints.cli.main import main
from engine.entrypoints.cli.policy_forms import CheckForm, written

ROOT = Path(__file__).parents[3]
NOW = "2026-11-14T03:12:00Z"
MIGRATING = "rego/gate/rules/target/migrating/migrating.rego"
EXCEPTION = """exceptions:
  entries:
    big-diff:
      owner: team-payments
      reason: the migration rewrites every manifest
      ticket: OPS-411
      rules: [change/size]
      scope: {{namespace: payments}}
      granted: "2026-11-01T00:00:00Z"
      expires: "{expires}"
"""


@pytest.fixture
def shipped(tmp_path: Path) -> Path:
    """A copy of the shipped policies that a test may change."""
    folder = tmp_path / "policies"
    shutil.copytree(ROOT / "policies", folder)
    return folder


@pytest.fixture
def judged(shipped: Path, opa: Path, cache: Path, tmp_path: Path) -> Callable[[str, str], Step]:
    """Runs a check of the data with an overlay of this text."""
    bench = Workbench(shipped, opa=opa, cache=cache)

    def judge(name: str, text: str) -> Step:
        overlay = tmp_path / "ours.yaml"
        overlay.write_text(text)
        every = list(laid(shipped, read_policies(shipped).data()["gate"]["data"], [overlay]))
        return needs(every, bench._ask) if name == "needs" else exceptions(every, bench._ask, NOW)

    return judge


@pytest.mark.exhaustive
def test_a_new_rule_passes_every_check_at_once(shipped: Path, opa: Path, cache: Path) -> None:
    write_draft(shipped, Draft("target/migrating", title='the target is being "migrated": twice'))
    steps = list(Workbench(shipped, opa=opa, cache=cache).check(now=NOW))
    assert [problem for step in steps for problem in step.problems] == []
    rules = {rule.rule: rule for rule in Workbench(shipped, opa=opa, cache=cache).rules()}
    assert rules["target/migrating"].title == 'the target is being "migrated": twice'
    assert "migrating" not in str(sorted((ROOT / "policies/rego/gate/rules/target").iterdir()))


@pytest.mark.parametrize(
    "name",
    ["migrating", "target/", "/migrating", "target/a/b", "Target/x", "../x/y", "target/with", "target/x_test", "a/é"],
)
def test_a_bad_name_is_refused_and_nothing_is_written(shipped: Path, name: str) -> None:
    before = sorted(shipped.rglob("*"))
    with pytest.raises(BadInput, match=r"name|word|taken"):
        write_draft(shipped, Draft(name))
    assert sorted(shipped.rglob("*")) == before


@pytest.mark.parametrize(
    "words", [{"title": "two\nlines"}, {"why": "x" * 301}, {"remedy": "\x1b[2J"}, {"severity": "bad"}]
)
def test_words_that_are_no_line_are_refused_and_nothing_is_written(shipped: Path, words: dict[str, str]) -> None:
    with pytest.raises(BadInput):
        write_draft(shipped, Draft("target/migrating", **words))
    assert not (shipped / MIGRATING).parent.exists()


def test_a_taken_name_is_refused_and_the_rule_that_has_it_is_left_alone(shipped: Path) -> None:
    taken = shipped / "rego/gate/rules/target/exists/exists.rego"
    before = taken.read_bytes()
    with pytest.raises(BadInput, match="is taken"):
        write_draft(shipped, Draft("target/exists"))
    assert taken.read_bytes() == before


def test_the_command_names_the_files_and_what_is_still_to_be_said(
    shipped: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["policy", "new", "target/migrating", "--policies", str(shipped), "--title", "it migrates"]) == 0
    told = capsys.readouterr()
    assert [Path(line).is_file() for line in told.out.splitlines()] == [True, True]
    assert "still have to say its why, remedy" in told.err
    assert main(["policy", "new", "target/migrating", "--policies", str(shipped)]) == 2


def test_an_exception_that_has_ended_fails_with_its_line(judged: Callable[[str, str], Step]) -> None:
    step = judged("exceptions", EXCEPTION.format(expires="2026-11-14T03:12:00Z"))
    assert not step.passed
    assert "ours.yaml:3:5: exception big-diff ended on 2026-11-14T03:12:00Z and does nothing" in step.problems[0]


def test_one_that_ends_within_a_week_is_warned_of_and_fails_nothing(judged: Callable[[str, str], Step]) -> None:
    step = judged("exceptions", EXCEPTION.format(expires="2026-11-21T03:12:00Z"))
    assert (step.passed, step.problems, step.covered) == (True, [], "1 exceptions")
    assert "team-payments answers for it" in step.warnings[0]
    assert judged("exceptions", EXCEPTION.format(expires="2026-11-21T03:12:01Z")).warnings == []


def test_one_that_cannot_be_honoured_fails_by_the_words_of_the_policy(judged: Callable[[str, str], Step]) -> None:
    step = judged("exceptions", EXCEPTION.format(expires="2027-11-21T00:00:00Z").replace("      ticket: OPS-411\n", ""))
    assert len(step.problems) == 2
    assert "no ticket" in "".join(step.problems)
    assert "a longer life than data permits" in "".join(step.problems)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "rates:\n  cooldown_seconds: soon\n",
            "ours.yaml:2:3: rates.cooldown_seconds has to be a number of at least 1",
        ),
        ("rates:\n  cooldown_seconds: 0\n", "ours.yaml:2:3: rates.cooldown_seconds has to be a number of at least 1"),
        ("autonomy:\n  excluded:\n    actions: none\n", "ours.yaml:3:5: autonomy.excluded.actions has to be a list"),
    ],
)
def test_data_of_another_shape_than_rules_need_is_found_with_its_line(
    judged: Callable[[str, str], Step], text: str, said: str
) -> None:
    step = judged("needs", text)
    assert not step.passed
    assert said in "".join(step.problems)


def test_what_was_saved_is_checked_again_alone(shipped: Path, opa: Path) -> None:
    rule, _ = write_draft(shipped, Draft("target/migrating"))
    watching = Watching(shipped, opa=opa)
    assert list(watching.look()) == []
    rule.write_text(rule.read_text().replace('!= ""', '== ""'))
    steps = {step.name: step for step in watching.look()}
    assert [name for name, step in steps.items() if not step.passed] == ["tests of target/migrating"]
    assert steps["tests of target/migrating"].covered == "3 tests"
    assert str(rule.with_name("migrating_test.rego")) in steps["tests of target/migrating"].problems[0]
    assert list(watching.look()) == []


def test_a_field_that_isnt_there_is_found_without_the_other_rules(shipped: Path, opa: Path) -> None:
    watching = Watching(shipped, opa=opa)
    rule = shipped / "rego/gate/rules/change/host_access/host_access.rego"
    rule.write_text(rule.read_text().replace("manifests.after.complete", "manifests.after.complett"))
    steps = {step.name: step for step in watching.look()}
    assert "undefined ref: input.manifests.after.complett" in steps["strict change/host_access"].problems[0]


@pytest.mark.parametrize("rule", ["rate/cooldown", "approval/owner", "exception/well_formed", "autonomy/phase"])
def test_a_rule_that_asks_what_others_say_passes_alone_as_it_does_among_them(
    shipped: Path, opa: Path, rule: str
) -> None:
    area, name = rule.split("/")
    watching = Watching(shipped, opa=opa)
    os.utime(shipped / f"rego/gate/rules/{area}/{name}/{name}.rego", ns=(1, 1))
    assert {step.name: step.problems for step in watching.look()}[f"tests of {rule}"] == []


def test_a_saved_library_runs_every_test(shipped: Path, opa: Path) -> None:
    watching = Watching(shipped, opa=opa)
    library = shipped / "rego/gate/lib/tier/tier.rego"
    os.utime(library, ns=(1, 1))
    steps = {step.name: step for step in watching.look()}
    assert int(steps["tests of rego"].covered.split()[0]) > 500


FOUND = [
    Step("strict", False, "", ["/w/policies/a.rego:3:7: x is unsafe: 50%, say", "nothing names this"]),
    Step("exceptions", True, "1 exceptions", [], ["/w/data.yaml:2: it ends\n::error::soon"]),
]


def test_annotations_of_a_workflow_are_one_line_each_and_cannot_begin_another() -> None:
    lines = written(FOUND, CheckForm.github, Path("/w")).splitlines()
    assert lines[0] == "::error file=policies/a.rego,line=3,col=7,title=policy check%3A strict::x is unsafe: 50%25, say"
    assert lines[1] == "::error title=policy check%3A strict::nothing names this"
    assert lines[2].startswith("::warning file=data.yaml,line=2,")
    assert len(lines) == 3


def test_sarif_names_rule_level_and_place() -> None:
    log = json.loads(written(FOUND, CheckForm.sarif, Path("/w")))
    assert log["version"] == "2.1.0"
    (run,) = log["runs"]
    rules = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    assert [rules[each["ruleIndex"]] for each in run["results"]] == [each["ruleId"] for each in run["results"]]
    assert [each["level"] for each in run["results"]] == ["error", "error", "warning"]
    place = run["results"][0]["locations"][0]["physicalLocation"]
    assert place == {"artifactLocation": {"uri": "policies/a.rego"}, "region": {"startLine": 3, "startColumn": 7}}
    assert "locations" not in run["results"][1]


def test_junit_counts_what_failed() -> None:
    suite = ElementTree.fromstring(written(FOUND, CheckForm.junit, Path("/w"))).find("testsuite")
    assert suite is not None
    assert (suite.get("tests"), suite.get("failures")) == ("2", "1")
    assert [case.find("failure") is not None for case in suite.findall("testcase")] == [True, False]
