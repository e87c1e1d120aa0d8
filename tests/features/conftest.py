"""The night a scenario plays in, and the check that the rules it is tagged with really spoke."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from engine.adapters.opa.bundle import Bundle, load_bundle
from engine.adapters.render.renderer import SourceRenderer
from engine.settings import read_settings
from engine.wiring import obtain_tool
from tests.conftest import DEMO_DATA, ROOT
from tests.features import (
    given_cluster,
    given_policy,
    given_situation,
    then_nothing,
    then_outcome,
    then_record,
    when_asking,
    when_operating,
    when_proposing,
    when_reviewing,
)
from tests.features.night import Night, begin
from tests.features.rendering import RememberingRenderer

STEPS = (
    given_cluster, given_policy, given_situation, when_asking, when_operating, when_proposing, when_reviewing,
    then_nothing, then_outcome, then_record,
)  # fmt: skip


def pytest_configure(config: pytest.Config) -> None:
    for module in STEPS:
        config.pluginmanager.register(module)


def pytest_bdd_apply_tag(tag: str, function: Any) -> bool | None:
    """Tags name rules; they aren't markers."""
    return True if tag.startswith("rule:") else None


def pytest_bdd_after_scenario(request: pytest.FixtureRequest, feature: Any, scenario: Any) -> None:
    tagged = {tag.removeprefix("rule:") for tag in scenario.tags if tag.startswith("rule:")}
    if tagged and not any(step.failed for step in scenario.steps):
        silent = tagged - request.getfixturevalue("night").spoke()
        assert not silent, f"tagged with rules that said nothing: {', '.join(sorted(silent))}"


@pytest.fixture(scope="session")
def demo_bundle() -> Bundle:
    """The shipped policy with the demonstration's data, compiled once."""
    settings = read_settings()
    return load_bundle(
        ROOT / "policies", cache=settings.cache, opa=partial(obtain_tool, settings, "opa"), overlay=DEMO_DATA
    )


@pytest.fixture(scope="session")
def renderer() -> RememberingRenderer:
    return RememberingRenderer(SourceRenderer(partial(obtain_tool, read_settings())))


@pytest.fixture
def night(tmp_path: Path, repository_template: Path, demo_bundle: Bundle, renderer: Any) -> Iterator[Night]:
    """A night on call: payments-api crash-loops in production after a release."""
    with ExitStack() as held:
        yield begin(tmp_path, repository_template, demo_bundle, renderer, held, read_settings())
