"""A setting that is misspelt must never be ignored."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.core.errors import BadInput
from engine.settings import read_settings


def test_state_and_cache_follow_the_user_s_folders() -> None:
    settings = read_settings({"XDG_STATE_HOME": "/s", "XDG_CACHE_HOME": "/c"})
    assert (settings.state, settings.cache) == (Path("/s/penstock"), Path("/c/penstock"))


def test_a_misspelt_setting_is_refused_by_name() -> None:
    with pytest.raises(BadInput, match="PENSTOCK_POLICYS"):
        read_settings({"PENSTOCK_POLICYS": "/elsewhere"})


@pytest.mark.parametrize(("name", "value"), [("PORT", "0"), ("PORT", "http"), ("EVALUATOR", "maybe")])
def test_a_value_that_doesn_t_fit_is_refused(name: str, value: str) -> None:
    with pytest.raises(BadInput, match=f"PENSTOCK_{name}"):
        read_settings({f"PENSTOCK_{name}": value})
