"""The quick way of writing canonical JSON gives the bytes of the standard's, or leaves the work to it."""

from __future__ import annotations

import datetime
import enum
import uuid
from dataclasses import dataclass
from typing import Any

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from engine.core import canonical
from engine.core.errors import BadInput

SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(2**53) + 1, 2**53 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text()
    | st.text(st.characters(max_codepoint=127))
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(max_size=4), inner, max_size=4)
        | st.dictionaries(st.text(st.characters(max_codepoint=127), max_size=3), inner, max_size=6)
    ),
    max_leaves=20,
)


@given(VALUES)
def test_the_bytes_are_the_standards(value: Any) -> None:
    assert canonical.encode(value) == rfc8785.dumps(value)


def test_every_ascii_character_is_written_as_the_standard_does() -> None:
    for code in range(128):
        value = {chr(code): f"a{chr(code)}b"}
        assert canonical.encode(value) == rfc8785.dumps(value)


@pytest.mark.parametrize(
    "value",
    [
        {"a": 1.0},
        {"a": -0.0},
        {"a": 1e21},
        {"a": 10**15},
        {"a": -(2**53) + 1},
        {"\U0001f600": 1, "\ufb33": 2},
        {"a": (1, 2)},
    ],
    ids=["fraction", "minus zero", "exponent", "long", "longest", "order of keys", "tuple"],
)
def test_where_writers_differ_the_standard_decides(value: Any) -> None:
    assert canonical.encode(value) == rfc8785.dumps(value)


@dataclass
class Thing:
    a: int = 1


class Colour(enum.Enum):
    RED = "red"


@pytest.mark.parametrize(
    "value",
    [
        float("nan"),
        float("inf"),
        2**53 + 1,
        "\ud800",
        {1: 2},
        {1, 2},
        b"x",
        Thing(),
        Colour.RED,
        uuid.UUID(int=1),
        datetime.datetime(2026, 11, 14, tzinfo=datetime.UTC),
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_json_cannot_carry_exactly_is_refused_wherever_it_hides(value: Any) -> None:
    with pytest.raises(BadInput):
        canonical.encode({"a": [value]} if not isinstance(value, dict) else value)
