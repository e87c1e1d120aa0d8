"""Only what a write changes itself, in the fields that were decided, is held against the decision."""

from __future__ import annotations

import json
from typing import Any

import pytest

from engine.core.admission.intended import departures, intended_of, read_intended


def workload(image: str = "app:1", **spec: Any) -> dict[str, Any]:
    container = {"name": "app.main", "image": image, "resources": {"limits": {"memory": spec.pop("memory", "1Gi")}}}
    return {"kind": "Deployment", "spec": {"template": {"spec": {"containers": [container]}}, **spec}}


def held(before: Any, after: Any) -> Any:
    """What is kept of a change, after it was stored and read again."""
    return read_intended(json.loads(json.dumps(intended_of("prop-1", before, after).as_document())))


ROLLED_BACK = held(workload("app:2"), workload("app:1"))


@pytest.mark.parametrize(
    ("before", "after", "departs"),
    [
        (workload("app:2"), workload("app:1"), False),
        (workload("app:2"), workload("app:3"), True),
        (workload("app:1"), workload("app:2"), True),
        (workload("app:3"), workload("app:3", replicas=4), False),
        (workload("app:3"), workload("app:1"), False),
        (None, workload("app:1"), False),
        (None, workload("app:2"), True),
        (workload("app:1"), {"kind": "Deployment", "spec": {}}, True),
        (workload("app:1"), {"kind": "Deployment", "spec": []}, True),
    ],
    ids=[
        *("as decided", "another", "back again", "not its doing", "undoing a hand", "made", "made otherwise"),
        *("taken out", "malformed"),
    ],
)
def test_the_field_that_was_decided(before: Any, after: Any, departs: bool) -> None:
    found = departures([ROLLED_BACK], before, after)
    assert bool(found) is departs
    assert all(str(one) == "spec.template.spec.containers[app.main].image" for one in found)


def test_the_later_decision_about_a_field_is_the_one_that_holds() -> None:
    later = held(workload("app:1"), workload("app:4"))
    assert departures([ROLLED_BACK, later], workload("app:1"), workload("app:4")) == []
    assert departures([ROLLED_BACK, later], workload("app:4"), workload("app:1")) != []


def test_the_api_servers_spelling_of_a_quantity_is_no_departure() -> None:
    raised = held(workload(memory="1Gi"), workload(memory="1536Mi"))
    assert departures([raised], workload(memory="1Gi"), workload(memory="1.5Gi")) == []
    assert departures([raised], workload(memory="1Gi"), workload(memory="2Gi")) != []


def test_defaults_beside_what_was_decided_are_no_departure() -> None:
    probed = held({"spec": {}}, {"spec": {"probe": {"path": "/", "ports": [80]}}})
    filled = {"spec": {"probe": {"path": "/", "ports": [80], "timeout": 1}}}
    assert departures([probed], {"spec": {}}, filled) == []
    assert departures([probed], {"spec": {}}, {"spec": {"probe": {"path": "/", "ports": [80, 81]}}}) != []


def test_what_was_taken_out_may_get_its_default_but_not_come_back() -> None:
    taken = held({"spec": {"replicas": 3}}, {"spec": {}})
    assert departures([taken], {"spec": {"replicas": 3}}, {"spec": {"replicas": 1}}) == []
    assert departures([taken], {"spec": {}}, {"spec": {"replicas": 3}}) != []
