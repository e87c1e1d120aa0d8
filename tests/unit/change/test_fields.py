"""Differences between objects are paths that survive reordering, and applying them gives the other object."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.core.change.fields import ABSENT, FieldChange, Item, Path, differences, find, parse_path, put, same, show

keys = st.sampled_from(["a", "b", "name", "x.y/z"])
trees = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(0, 3), st.sampled_from(["p", "q"])),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(keys, inner, max_size=3),
        st.dictionaries(st.sampled_from(["p", "q", "r"]), inner, max_size=3).map(
            lambda named: [{"name": name, "value": value} for name, value in named.items()]
        ),
    ),
    max_leaves=10,
)


@given(st.dictionaries(keys, trees, max_size=3), st.dictionaries(keys, trees, max_size=3))
def test_applying_the_differences_gives_the_other_object(before: dict[str, Any], after: dict[str, Any]) -> None:
    result: Any = before
    for change in differences(before, after):
        assert same(find(before, change.path), change.before) or change.before is ABSENT
        result = put(result, change)
    assert same(result, after)


def test_containers_are_told_apart_by_name_whatever_their_order() -> None:
    before = {"containers": [{"name": "a", "image": "1"}, {"name": "b", "image": "2"}]}
    after = {"containers": [{"name": "a", "image": "1"}, {"name": "b", "image": "3"}]}
    assert list(differences(before, after)) == [FieldChange(("containers", Item("name", "b"), "image"), "2", "3")]


def test_true_and_one_are_not_the_same() -> None:
    assert not same({"a": True}, {"a": 1})
    assert list(differences({"a": True}, {"a": 1})) == [FieldChange(("a",), True, 1)]


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("spec.replicas", ("spec", "replicas")),
        ("spec.containers[api].image", ("spec", "containers", Item("name", "api"), "image")),
        ("metadata.annotations[a.b/c]", ("metadata", "annotations", "a.b/c")),
        ("spec.ports[0].port", ("spec", "ports", 0, "port")),
    ],
)
def test_a_path_is_written_as_it_is_read(text: str, path: Path) -> None:
    assert parse_path(text) == path
    assert show(path) == text


def test_an_item_named_twice_is_not_found() -> None:
    assert find([{"name": "a"}, {"name": "a"}], (Item("name", "a"),)) is ABSENT
