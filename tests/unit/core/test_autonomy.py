"""What people are shown of automation's record, and what a promotion is held against."""

from __future__ import annotations

from typing import Any

import pytest

from engine.core.autonomy import Place, demotion_of, figures, next_phase, phase_of, wilson

PLACE = Place("prod-eu", "payments", "crash-loop")


@pytest.mark.parametrize(
    ("agreed", "judged", "interval"),
    [
        (0, 0, (0, 100)),
        (10, 10, (72, 100)),
        (40, 40, (91, 100)),
        (9, 10, (59, 99)),
        (0, 10, (0, 28)),
        (50, 100, (40, 60)),
    ],
)
def test_the_interval_is_wilsons(agreed: int, judged: int, interval: tuple[int, int]) -> None:
    assert wilson(agreed, judged) == interval


def test_a_small_sample_shows_little_however_good() -> None:
    assert wilson(5, 5)[0] < 60
    assert wilson(40, 40)[0] > 90


def test_what_nobody_said_anything_of_is_decided_but_not_judged() -> None:
    found = figures(["agreed", "", "disagreed", ""])
    assert (found.decisions, found.judged, found.agreed) == (4, 2, 1)


@pytest.mark.parametrize(
    ("phases", "phase"),
    [
        ({}, "approve_all"),
        ({"namespaces": {"prod-eu": {"payments": "safe_alone"}}}, "safe_alone"),
        (
            {
                "namespaces": {"prod-eu": {"payments": "shadow"}},
                "pairs": {"prod-eu": {"payments": {"crash-loop": "safe_alone"}}},
            },
            "safe_alone",
        ),
        ({"namespaces": {"prod-eu": {"payments": "safe_alone"}}, "classes": {"crash-loop": "advise"}}, "advise"),
        ({"namespaces": {"prod-eu": {"payments": "yolo"}}}, "yolo"),
    ],
)
def test_a_phase_is_the_places_own_held_back_by_its_class(phases: dict[str, Any], phase: str) -> None:
    assert phase_of({"default_phase": "approve_all", "phases": phases}, PLACE) == phase


def test_one_phase_follows_another_and_none_the_last() -> None:
    assert [next_phase(p) for p in ("advise", "shadow", "approve_all", "safe_alone", "yolo")] == [
        "shadow",
        "approve_all",
        "safe_alone",
        "",
        "",
    ]


def test_the_same_failure_is_the_same_demotion() -> None:
    first, again = (demotion_of(PLACE, "prop-1", because="x", at=at) for at in ("1", "2"))
    assert first.id == again.id != demotion_of(PLACE, "prop-2", because="x", at="1").id
