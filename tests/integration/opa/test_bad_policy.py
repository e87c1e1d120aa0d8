"""Policy that isn't fit says where and what to do, and what decides meanwhile is what decided before."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from engine.adapters.opa.bundle import load_bundle
from engine.adapters.opa.embedded import EmbeddedPolicyEngine
from engine.adapters.opa.workbench import Workbench
from engine.core.errors import BadInput

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


def test_two_files_of_one_rule_are_found(policies: Path, opa: Path, cache: Path) -> None:
    other = policies / "rego/gate/rules/blast/others/others.rego"
    other.parent.mkdir()
    other.write_text((policies / RULE).read_text())
    (problem,) = Workbench(policies, opa=opa, cache=cache).annotations().problems
    assert re.search(r"pods\.rego:\d+:1: gate\.rules\.blast\.pods is already the rule in .*others\.rego", problem)
