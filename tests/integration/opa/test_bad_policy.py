"""Policy that isn't fit says where and what to do, and what decides meanwhile is what decided before."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from xml.etree import ElementTree

import pytest

from engine.adapters.opa.bundle import load_bundle
from engine.adapters.opa.embedded import EmbeddedPolicyEngine
from engine.adapters.opa.policy_tree import read_policies
from engine.adapters.opa.workbench import STOPS, Workbench
from engine.core.errors import BadInput
from engine.entrypoints.cli.policy_forms import CheckForm, findings, written
from tests.conftest import ROOT

RULE = "rego/gate/rules/blast/pods/pods.rego"
DATA = "rego/gate/data/limits/data.yaml"
DOCUMENT = b'{"pods": 1}'
BROKEN = {
    "syntax": ("\ndeny contains {\n", r"pods\.rego:\d+:\d+: rego_parse_error.*Correct what stands there"),
    "conflict": ("\ndeny := 3\n", r"pods\.rego:\d+:\d+: .*conflicting rules.*Give one of them another name"),
    "circle": ("\na if b\n\nb if a\n", r"pods\.rego:\d+:\d+: .*is recursive.*Break the circle"),
    "two defaults": ("\ndefault y := 1\n\ndefault y := 2\n", r"pods\.rego:\d+:\d+: .*multiple default.*Keep one"),
    "unsafe": ("\nx if y == input.pods\n", r"pods\.rego:\d+:\d+: .*unsafe.*Give the variable a value"),
}


@pytest.mark.parametrize("kind", BROKEN)
def test_each_error_is_one_message_with_its_place_and_the_running_policy_answers_on(
    policies: Path, opa: Path, cache: Path, kind: str
) -> None:
    running = load_bundle(policies, cache=cache, opa=lambda: opa)
    text, said = BROKEN[kind]
    with EmbeddedPolicyEngine(running, cache=cache) as engine:
        before = engine.decide(DOCUMENT)
        (policies / RULE).write_text((policies / RULE).read_text() + text)
        with pytest.raises(BadInput) as refused:
            load_bundle(policies, cache=cache, opa=lambda: opa)
        assert re.search(said, str(refused.value)), str(refused.value)
        assert "\n" not in str(refused.value)
        assert engine.decide(DOCUMENT) == before
        assert engine.identity() == running.identity


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("# title:", "# titel: x\n# title:", r"pods\.rego:\d+:3: unknown annotation 'titel'; use scope, title"),
        (
            "# title:",
            "# custom:\n#   remdy: x\n# title:",
            r"pods\.rego:\d+:5: unknown annotation 'remdy'; use remedy, severity",
        ),
    ],
)
def test_an_unknown_annotation_is_found(policies: Path, opa: Path, cache: Path, old: str, new: str, said: str) -> None:
    bench = Workbench(policies, opa=opa, cache=cache)
    assert bench.annotations().passed
    text = (policies / RULE).read_text()
    assert old in text
    (policies / RULE).write_text(text.replace(old, new, 1))
    assert re.search(said, "".join(bench.annotations().problems)), bench.annotations().problems


OTHER = "rego/gate/rules/blast/others/others.rego"
CIRCLE = "package gate.lib.{name}\n\nimport rego.v2\n\nimport data.gate.lib.{other}\n\nx := {other}.x\n"
ONE_MESSAGE = {
    "syntax error": (
        {RULE: (r"\Z", "\ndeny contains {\n")},
        "strict",
        r"pods\.rego:\d+:\d+: rego_parse_error.*; correct",
    ),
    "type error": ({RULE: (r"\Z", '\nodd := 1 + "a"\n')}, "strict", r"pods\.rego:\d+:\d+: rego_type_error.*; correct"),
    "conflicting rules": (
        {RULE: (r"\Z", "\ndeny := 3\n")},
        "strict",
        r"pods\.rego:\d+:1: .*conflicting rules.*; give one",
    ),
    "missing data": ({DATA: None}, "needs", r"limits/data\.yaml:1:1: .*missing; rules need limits.pods, so restore it"),
    "wrong data type": ({DATA: ("pods: 3", "pods: three")}, "needs", r"data\.yaml:2:1: limits.pods has to be a number"),
    "broken data": ({DATA: (r"\Z", "pods: 4\n")}, "data", r"data\.yaml:3:1: duplicate key 'pods'. Keep one"),
    "unknown annotation": (
        {RULE: ("# title", "# titel: x\n# title")},
        "annotations",
        r"pods\.rego:\d+:3: unknown annotation",
    ),
    "duplicated rule id": ({OTHER: RULE}, "files", r"pods\.rego:\d+:1: gate\.rules\.blast\.pods is already.*; rename"),
    "cyclic import": (
        {
            "rego/gate/lib/a/a.rego": CIRCLE.format(name="a", other="b"),
            "rego/gate/lib/b/b.rego": CIRCLE.format(name="b", other="a"),
        },
        "strict",
        r"a\.rego:7:1: .*is recursive.*; break the circle",
    ),
}


@pytest.mark.parametrize("kind", ONE_MESSAGE)
def test_each_bad_input_is_one_message_with_file_line_and_column_in_every_form(
    policies: Path, opa: Path, cache: Path, kind: str
) -> None:
    edits, check, said = ONE_MESSAGE[kind]
    _with_needs(policies)
    for name, edit in edits.items():
        _edit(policies, name, edit)
    steps = list(Workbench(policies, opa=opa, cache=cache).check(now="2026-11-14T03:12:00Z"))
    told = [(step.name, problem) for step in steps for problem in step.problems if step.name in (*STOPS, "annotations")]
    assert [name for name, _ in told] == [check], told
    assert re.search(said, told[0][1]), told
    assert [step.problems for step in steps if not step.ran] == [[]] * sum(not step.ran for step in steps)
    (finding,) = [each for each in findings(steps, policies) if each.check == check]
    assert finding.line and finding.column and "\n" not in finding.text
    place = f"file={finding.file},line={finding.line},col={finding.column}"
    assert written(steps, CheckForm.github, policies).count(place) == 1
    sarif = json.loads(written(steps, CheckForm.sarif, policies))["runs"][0]["results"]
    (result,) = [each for each in sarif if each["ruleId"] == check]
    region = result["locations"][0]["physicalLocation"]["region"]
    assert region == {"startLine": finding.line, "startColumn": finding.column}
    suite = ElementTree.fromstring(written(steps, CheckForm.junit, policies))[0]
    (failure,) = [case[0] for case in suite if case.get("name") == check]
    assert (failure.tag, failure.text) == ("failure", told[0][1])
    assert {case.get("name") for case in suite if case[0].tag == "skipped"} == {s.name for s in steps if not s.ran}


def _with_needs(policies: Path) -> None:
    """Make the fixture's rule declare the data it needs, as each shipped one does, and give its input a schema."""
    shutil.copytree(ROOT / "policies/rego/gate/lib/needs", policies / "rego/gate/lib/needs")
    (policies / "rego/gate/schema").mkdir()
    (policies / "rego/gate/schema/input.json").write_text('{"type": "object"}')
    with (policies / RULE).open("a") as file:
        file.write('\nneeds contains {"path": ["limits", "pods"], "type": "number"}\n')


def _edit(policies: Path, name: str, edit: tuple[str, str] | str | None) -> None:
    """Replace a pattern of a file, make the file a copy of another or of a text, or take it away."""
    file = policies / name
    if edit is None:
        file.unlink()
    elif isinstance(edit, tuple):
        changed = re.sub(edit[0], lambda _: edit[1], file.read_text(), count=1)
        assert changed != file.read_text()
        file.write_text(changed)
    else:
        file.parent.mkdir(parents=True)
        file.write_text((policies / edit).read_text() if edit == RULE else edit)


@pytest.mark.parametrize(
    ("text", "place"),
    [('{"pods": }', ":1:10"), ('{"pods": 3,\n "pods": 4}', ":2:2"), ('{"pods": 3', ":1:11")],
)
def test_data_in_json_is_told_with_line_and_column_too(policies: Path, text: str, place: str) -> None:
    (policies / DATA).unlink()
    (policies / DATA).with_suffix(".json").write_text(text)
    with pytest.raises(BadInput) as refused:
        read_policies(policies).data()
    assert refused.value.where.endswith(f"data.json{place}")
