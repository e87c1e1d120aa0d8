"""The space in which sentences about a policy are tried: read from the model, complete in pairs, plain to read."""

from __future__ import annotations

from itertools import combinations
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.adapters.opa.space_files import read_sentences, read_space
from engine.core.covering import Dice, pairwise
from engine.core.errors import BadInput
from engine.core.input_document import Approval, InputDocument, Section
from engine.core.invariant import fits
from engine.core.policy_space import Axis, Choice, applied, at, difference, leaves, merged
from engine.core.region import boxes, words
from engine.core.shrinking import plainer
from engine.core.trial import Trial, left_out, plan
from engine.core.what_if import read_input
from tests.conftest import ROOT

POLICIES = ROOT / "policies"
SPACE = read_space(POLICIES)
OPAQUE = (
    "digest",
    "uid",
    "resource_version",
    "path",
    "commit",
    "scope",
    "basis",
    "key",
    "id",
    "name",
    "cluster",
    "params",
)


class _Grown(Section):
    colour: Literal["red", "green"]
    inner: Approval | None


def test_a_value_added_to_the_model_is_found_by_itself() -> None:
    assert [path for path, _ in leaves(_Grown)][:3] == ["colour", "inner", "inner.approver"]


def test_every_field_is_varied_or_is_a_name_that_nothing_is_decided_by() -> None:
    named = {axis.name for axis in SPACE.axes}
    for path, _ in leaves(InputDocument):
        if path not in named and not path.startswith("time."):
            assert path in SPACE.untouched
            assert path.split(".")[-1] in OPAQUE, path


def test_every_value_of_every_axis_makes_a_whole_input() -> None:
    for axis in SPACE.axes:
        for choice in axis.choices:
            read_input(applied(SPACE.base, choice.edits), where=f"{axis.name} {choice.label}")


def test_what_lies_below_an_absent_section_changes_nothing() -> None:
    document = applied(SPACE.base, {"incident.novel": True, "incident": None})
    assert document["incident"] is None
    assert SPACE.base["incident"]["novel"] is False


def test_the_difference_of_two_documents_makes_one_of_the_other() -> None:
    edits = {"incident": None, "facts.blast.pods": 31, "approvals": [{"approver": "olga"}], "action.params": {"a": 1}}
    changed = applied(SPACE.base, edits)
    assert difference(SPACE.base, changed) == edits
    assert applied(SPACE.base, difference(SPACE.base, changed)) == changed
    assert difference(SPACE.base, SPACE.base) == {}


def test_edits_of_a_whole_section_take_earlier_ones_of_its_parts_away() -> None:
    assert merged({"incident.novel": True, "stage": "merge"}, {"incident": None}) == {
        "incident": None,
        "stage": "merge",
    }


@given(st.lists(st.integers(1, 5), min_size=2, max_size=7))
def test_every_two_values_meet_in_some_row(sizes: list[int]) -> None:
    met = {((i, row[i]), (j, row[j])) for row in pairwise(sizes) for i, j in combinations(range(len(sizes)), 2)}
    wanted = sum(sizes[i] * sizes[j] for i, j in combinations(range(len(sizes)), 2))
    assert len(met) == wanted


def test_the_same_start_draws_the_same_numbers() -> None:
    first, second = Dice(7), Dice(7)
    assert [first.below(10) for _ in range(50)] == [second.below(10) for _ in range(50)]
    assert {Dice(seed).below(3) for seed in range(40)} == {0, 1, 2}


@given(st.sets(st.tuples(st.integers(0, 2), st.integers(0, 3), st.integers(0, 1))))
def test_boxes_cover_exactly_what_flipped(points: set[tuple[int, ...]]) -> None:
    sizes = (3, 4, 2)
    covered: set[tuple[int, ...]] = set()
    for box in boxes(points, sizes):
        covered |= {(a, b, c) for a in box[0] for b in box[1] for c in box[2]}
    assert covered == points


def test_a_region_leaves_out_what_flips_for_every_value() -> None:
    points = {(0, kind, people) for kind in range(3) for people in (0, 2)}
    (box,) = boxes(points, (2, 3, 3))
    labels = [["production", "staging"], ["a", "b", "c"], ["nobody", "one", "two"]]
    assert words(box, labels) == ("production", "nobody or two")


@pytest.mark.parametrize(
    ("value", "want", "holds"),
    [
        (3, 3, True),
        (True, 1, False),
        ("deny", ["allow", "deny"], True),
        ([], [], True),
        (["x"], [], False),
        (5, {"at_least": 5, "below": 6}, True),
        (None, {"above": 0}, False),
        ("agent", {"not": "person"}, True),
        (("switch/frozen",), {"none_of": ["switch/*"]}, False),
        ((), {"none_of": ["switch/*"]}, True),
    ],
)
def test_conditions(value: object, want: object, holds: bool) -> None:
    assert fits(value, want) is holds


def test_a_plainer_trial_has_one_difference_fewer_or_a_nearer_number() -> None:
    trial = Trial({"facts.blast.pods": 40, "stage": "merge"}, {"facts.blast.pods": 90, "stage": "merge"})
    made = list(plainer(SPACE.base, trial))
    assert Trial({"stage": "merge"}, {"facts.blast.pods": 90, "stage": "merge"}) in made
    assert any(each.first == {"facts.blast.pods": 22, "stage": "merge"} for each in made)
    assert any(at(applied(SPACE.base, each.second or {}), "facts.blast.pods") == 65 for each in made)


def test_a_field_can_be_left_out_at_any_depth() -> None:
    assert "stage" not in left_out(dict(SPACE.base), "stage")
    assert "pods" not in left_out(dict(SPACE.base), "facts.blast.pods")["facts"]["blast"]
    assert left_out(applied(SPACE.base, {"incident": None}), "incident.novel")["incident"] is None


def test_what_an_open_map_holds_is_no_field_that_could_be_missing() -> None:
    leaves_out = next(each for each in read_sentences(POLICIES) if each.leaves_out)
    (stage,) = plan(leaves_out, SPACE).stages
    missing = {stage.trial(number).without for number in range(stage.size)}
    assert {"stage", "facts.blast.pods", "action.params", "time.zones"} <= missing
    assert not any(path.startswith(("action.params.", "time.zones.")) for path in missing)


def test_every_sentence_names_what_is_varied_and_can_be_tried() -> None:
    for invariant in read_sentences(POLICIES):
        if invariant.absent:
            continue
        made = plan(invariant, SPACE)
        assert made.named, invariant.name
        for number in range(3):
            made.drawn(Dice(number))


def test_a_sentence_about_what_nothing_varies_is_refused() -> None:
    with pytest.raises(BadInput, match="varied by nothing"):
        SPACE.named("facts.target.uid")


def test_numbers_that_are_drawn_fit_the_model() -> None:
    shares = [axis for axis in SPACE.axes if axis.name == "facts.blast.pods_percent"]
    assert shares[0].most == 100
    assert Axis("x", (Choice("1", {"x": 1}),)).most is None
