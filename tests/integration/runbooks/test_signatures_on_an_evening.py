"""How the signatures fare on an evening that was recorded for this alone: the documentation's table is what came out.

The faults were played on a real control plane by gitops/lab/record_evening.py, which says what each ought to be.
"""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import pytest

from engine.core.incident import Incident
from tests.conftest import ROOT
from tests.integration.runbooks.test_signatures_on_variations import first_option, incidents
from tests.integration.runbooks.variations import Objects, recorded

EVENING = ROOT / "tests" / "integration" / "runbooks" / "evening"
ABOUT = json.loads((EVENING / "evening.json").read_bytes())
BEGIN, END = "<!-- evening -->\n", "<!-- /evening -->"


@pytest.fixture(scope="module")
def objects() -> Objects:
    return recorded(EVENING)


@pytest.fixture(scope="module")
def found(objects: Objects) -> list[Incident]:
    return incidents(objects, ABOUT["at"])


def named(incident: Incident) -> str:
    return f"{incident.root.kind}/{incident.root.name}"


def of(fault: dict[str, str], found: list[Incident]) -> tuple[Incident | None, list[Incident]]:
    """The incident at the fault's own root, and what else was made of it."""
    at_root = [one for one in found if named(one) == fault["root"] and one.root.namespace in ("", fault["namespace"])]
    beside = [one for one in found if one.root.namespace == fault["namespace"] and one not in at_root]
    return (at_root[0] if len(at_root) == 1 else None), beside + at_root[1:]


def row(fault: dict[str, str], found: list[Incident], objects: Objects) -> tuple[str, ...]:
    mine, beside = of(fault, found)
    came = "no incident of it" if mine is None else mine.incident_class or "novel"
    word = "right" if came == fault["expected"] else "novel" if came == "novel" else "wrong"
    others = ", ".join(f"{named(one)}: {one.incident_class or 'novel'}" for one in beside)
    first = "" if mine is None else first_option(mine, objects, ABOUT["at"])
    return fault["fault"], fault["expected"], came, word, others, first


def table(rows: list[tuple[str, ...]]) -> str:
    heads = ("fault", "ought to be", "came out as", "which is", "beside it", "first option")
    words = Counter(one[3] for one in rows)
    said = ", ".join(f"{words[word]} {word}" for word in ("right", "novel", "wrong"))
    lines = "\n".join(f"| {' | '.join(line)} |" for line in (heads, ("---",) * 6, *rows))
    return f"{lines}\n\nOf {len(rows)}: {said}.\n"


def test_the_documentation_says_what_came_out_of_the_evening(
    found: list[Incident], objects: Objects, capsys: pytest.CaptureFixture[str]
) -> None:
    came = table([row(fault, found, objects) for fault in ABOUT["faults"]])
    with capsys.disabled():
        print(f"\n{came}")
    assert (ROOT / "docs" / "analysis.md").read_text().split(BEGIN)[1].split(END)[0] == came


def test_of_what_is_well_no_incident_is_made(found: list[Incident], objects: Objects) -> None:
    """A release, a schedule, a job, an autoscaler in range, slow starts, and a healthy workload beside each fault."""
    well = [
        one
        for one in objects
        if one["kind"] == "Deployment" and one["metadata"]["name"] in ("front", "alerts", "radar")
    ]
    assert len(well) > len(ABOUT["faults"])
    calm = [one for one in found if one.root.namespace == ABOUT["calm"] or one.root.name == "front"]
    assert [one.key for one in calm] == []


def test_a_storm_at_one_instant_is_an_incident_a_fault(found: list[Incident]) -> None:
    """One of them has another beside it: the claim that a pod waits for is looked at for itself."""
    signals = sum(one.occurrences for one in found)
    beside: list[Any] = [key for fault in ABOUT["faults"] for key in map(named, of(fault, found)[1])]
    assert beside == ["PersistentVolumeClaim/data-store-0"]
    assert (len(found), signals > 3 * len(found)) == (len(ABOUT["faults"]) + 1, True)
