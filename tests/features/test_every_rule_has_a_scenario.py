"""Every rule is spoken for by a scenario, every class by a recorded incident; neither list is kept by hand.

That the tagged rule really speaks in its scenario is asserted when the scenario has run.
"""

from __future__ import annotations

import re

from tests.conftest import ROOT

RULES = ROOT / "policies" / "rego" / "gate" / "rules"
FEATURES = sorted((ROOT / "features").rglob("*.feature"))
MOST_LINES = 60
WITHOUT_SCENARIO: dict[str, str] = {}
FOREIGN = re.compile(r"\b(HTTP|JSON|YAML|SHA|digest|stdout|null|true|false|dataclass)\b|--[a-z]|sha256|ev-[0-9a-f]{6}")


def _rules() -> set[str]:
    return {f"{folder.parent.name}/{folder.name}" for folder in RULES.glob("*/*") if folder.is_dir()}


def _tags() -> set[str]:
    return {tag for feature in FEATURES for tag in re.findall(r"@rule:(\S+)", feature.read_text())}


def test_every_rule_speaks_in_a_scenario() -> None:
    assert _rules() - _tags() == set(WITHOUT_SCENARIO)


def test_every_tag_names_a_rule() -> None:
    assert _tags() - _rules() == set()


def test_every_class_of_incident_has_its_scenarios() -> None:
    classes = {folder.parent.name for folder in (ROOT / "runbooks").glob("*/runbook.yaml")}
    for name in ("recorded", "near_misses"):
        lines = (ROOT / "features" / "incident_classes" / f"{name}.feature").read_text().splitlines()
        rows = {line.strip(" |") for line in lines if line.strip().startswith("|")} - {"class"}
        assert rows == classes


def test_every_feature_is_short_and_in_the_operator_s_language() -> None:
    for feature in FEATURES:
        text = feature.read_text()
        assert len(text.splitlines()) <= MOST_LINES, feature
        assert FOREIGN.search(re.sub(r"@rule:\S+", "", text)) is None, feature


def test_every_refusal_says_what_did_not_happen() -> None:
    for feature in FEATURES:
        for scenario in re.split(r"\n\s*(?:Scenario|Example|Scenario Outline):", feature.read_text())[1:]:
            if re.search(r"it is refused:|the answer is no:|could not decide, because", scenario):
                assert "nothing was opened, merged or spent" in scenario, f"{feature}: {scenario}"
