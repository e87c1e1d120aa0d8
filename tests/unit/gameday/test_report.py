"""The report of a game day says what was reached and leaves open what wasn't, in both its forms."""

from __future__ import annotations

import json

from tests.e2e.gameday.day import Played
from tests.e2e.gameday.faults import faults
from tests.e2e.gameday.report import as_document, as_json, as_markdown

VERSIONS = {"KUBERNETES": "1.36.3", "ARGOCD": "3.2.6", "KWOK": "0.8.0"}
STEPS = {"incident": 1.04, "decision": 2.0, "pull request": 3.0, "merge": 4.0, "sync": 5.0, "recovery": 6.0}


def test_a_step_that_wasn_t_reached_is_a_dash_and_no_number() -> None:
    whole, short = (Played(fault) for fault in faults()[:2])
    whole.seconds, whole.decision, whole.ended = {**STEPS, "verified": 70.0}, "require_approval", "succeeded"
    short.seconds, short.decision, short.said = {"incident": 9.0, "decision": 9.5}, "deny", "nobody knows its source"
    document = as_document([whole, short], "2026-11-21T10:00:00Z", VERSIONS)
    rows = [line for line in as_markdown(document).splitlines() if line.startswith("| ")][1:]
    assert rows[0].endswith("| 1.0 | 2.0 | 3.0 | 4.0 | 5.0 | 6.0 | 70.0 | succeeded |")
    assert rows[1].endswith("| deny | 9.0 | 9.5 | - | - | - | - | - |  |")
    assert "nobody knows its source" in as_markdown(document)
    assert "merge" not in json.loads(as_json(document))["faults"][1]["seconds"]


def test_at_least_eight_classes_are_played_each_at_a_place_of_its_own() -> None:
    played = faults()
    assert len({fault.incident_class for fault in played}) >= 8
    assert len({(fault.incident_class, fault.target) for fault in played}) == len(played)
