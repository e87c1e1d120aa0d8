"""Given and Then: a cluster that is asked what it would take, and what it was asked and said."""

from __future__ import annotations

from pytest_bdd import given, parsers, then

from engine.core.explanation import explain
from tests.fakes.dry_run import FakeDryRun
from tests.features.night import Night


@given(parsers.parse('the cluster says of what it is asked to take: "{text}"'))
def refusing(night: Night, text: str) -> None:
    night.replace_ports(dry_run=FakeDryRun(refusal=text))


@given("the cluster can't be asked what it would take")
def silent(night: Night) -> None:
    night.replace_ports(dry_run=FakeDryRun(silence="the API server doesn't answer"))


@given("the cluster takes whatever it is asked to take")
def taking(night: Night) -> None:
    night.replace_ports(dry_run=FakeDryRun())


@then(parsers.parse('beside it stand the cluster\'s words: "{text}"'))
def quoted(night: Night, text: str) -> None:
    decision = night.decision()
    refusals = {node.text: node for node in explain(decision).children if node.status == "no"}
    beside = next(node for text_, node in refusals.items() if text_.startswith("change/dry_run:"))
    assert f"the cluster said: {text}" in [node.text for node in beside.children]
    assert all(text not in violation.message for violation in decision.violations)


@then(parsers.parse("the cluster was asked to let {name} go, and stored nothing"))
def asked_away(night: Night, name: str) -> None:
    asked_ = night.ports.dry_run
    assert [obj["metadata"]["name"] for obj in asked_.asked_away] == [name]
    assert asked_.asked == []
    assert asked_.objects == {}


@then(parsers.parse("the cluster was asked about {name}, and stored nothing"))
def asked(night: Night, name: str) -> None:
    asked_ = night.ports.dry_run
    assert {obj["metadata"]["name"] for obj in asked_.asked} == {name}
    assert {obj["metadata"]["namespace"] for obj in asked_.asked} == {"payments"}
    assert asked_.objects == {}
