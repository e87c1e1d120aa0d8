"""The night a scenario plays in, and the check that the rules it is tagged with really spoke."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from engine import wiring
from engine.adapters.opa.bundle import Bundle, load_bundle
from engine.adapters.store.ledger import open_ledger
from engine.settings import read_settings
from engine.wiring import obtain_tool
from tests.conftest import DEMO_DATA, ROOT
from tests.features import (
    given_cluster,
    given_configuration,
    given_dry_run,
    given_policy,
    given_situation,
    then_limits,
    then_nothing,
    then_outcome,
    then_record,
    when_admitting,
    when_asking,
    when_attaching,
    when_attacking,
    when_checking,
    when_delivering,
    when_drifting,
    when_knocking,
    when_learning,
    when_operating,
    when_planning,
    when_proposing,
    when_reconciling,
    when_reviewing,
    when_trusting,
)
from tests.features.corpus import Gathering
from tests.features.night import Night, Shared, begin

STEPS = (
    given_cluster, given_configuration, given_dry_run, given_policy, given_situation, when_admitting, when_asking,
    when_attaching, when_attacking, when_checking, when_delivering, when_drifting, when_knocking, when_learning,
    when_operating, when_planning, when_proposing, when_reconciling, when_reviewing, when_trusting, then_limits,
    then_nothing, then_outcome, then_record,
)  # fmt: skip


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--corpus", type=Path, help="Write what policy saw and answered in the scenarios to this folder.")


def pytest_configure(config: pytest.Config) -> None:
    for module in STEPS:
        config.pluginmanager.register(module)
    if folder := config.getoption("--corpus", default=None):
        config.pluginmanager.register(Gathering(folder), "corpus")


def pytest_bdd_apply_tag(tag: str, function: Any) -> bool | None:
    """Tags name rules; they aren't markers."""
    return True if tag.startswith("rule:") else None


def pytest_bdd_after_scenario(request: pytest.FixtureRequest, feature: Any, scenario: Any) -> None:
    gathering = request.config.pluginmanager.get_plugin("corpus")
    if gathering is not None:
        gathering.gather(request.getfixturevalue("night"), scenario)
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
def shared(
    tmp_path_factory: pytest.TempPathFactory,
    repository_template: Path,
    demo_bundle: Bundle,
    renderer: Any,
    observed: Path,
) -> Shared:
    """What every night begins with, made once: repository, empty ledger, compiled policy, runbooks, first look."""
    state = tmp_path_factory.mktemp("template") / "state"
    state.mkdir(mode=0o700)
    open_ledger(f"sqlite:///{state / 'penstock.db'}").close()
    return Shared(repository_template, state, demo_bundle, renderer, wiring.runbooks(read_settings()), observed)


@pytest.fixture
def night(tmp_path: Path, shared: Shared, monkeypatch: pytest.MonkeyPatch) -> Iterator[Night]:
    """A night on call: payments-api crash-loops in production after a release."""
    monkeypatch.setattr(wiring, "runbooks", lambda _settings, _opened=None: shared.runbooks)
    with ExitStack() as held:
        yield begin(tmp_path, shared, held, read_settings())
