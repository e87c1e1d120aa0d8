"""Given: the time, and what already happened this night."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from pytest_bdd import given, parsers, when

from engine.core.classification import RunbookIndex
from engine.core.incident import command, resolve
from engine.core.signal import ObjectReference
from engine.usecases.move_switch import move_switch
from tests.features import actions
from tests.features.given_policy import instant
from tests.features.night import Night


@given(parsers.parse("it is {words} in UTC"))
def time_is(night: Night, words: str) -> None:
    night.now = instant(words)


@given(parsers.re(r"(?P<count>\d+) minutes pass"))
@when(parsers.re(r"(?P<count>\d+) minutes pass"))
@when(parsers.re(r"(?P<count>\d+) minutes later nothing else has happened"))
def minutes(night: Night, count: str) -> None:
    night.pass_time(60 * int(count))


@given(parsers.parse("the runbook of this crash leaves alone for {count:d} minutes what people rejected"))
def waits_after_a_no(night: Night, count: int) -> None:
    known = night.ports.runbooks.runbooks
    own = known["crash-loop"].model_copy(update={"rejected_cooldown_seconds": 60 * count})
    night.replace_ports(runbooks=RunbookIndex({**known, own.id: own}.values()))


@given(parsers.parse("{who} is in command of the incident"))
def commander(night: Night, who: str) -> None:
    night.keep(command(night.incident, who, at=night.now))


@given("the incident is over")
def over(night: Night) -> None:
    night.keep(resolve(night.incident, at=night.now, because="it went away"))


@given("the incident was over and came back")
def back(night: Night) -> None:
    night.keep(resolve(night.incident, at="2026-11-14T03:00:00Z", because="it went away"))
    night.observe()
    assert night.incident.reopened == 1


@given("the incident is of no known class")
def novel(night: Night) -> None:
    _unclassify(night)


def _unclassify(night: Night) -> None:
    night.keep(replace(night.incident, incident_class="", candidates=()))


@given("ledger-worker crash-loops as well")
def second_incident(night: Night) -> None:
    """What was observed of payments-api, observed of ledger-worker too."""
    root = replace(night.incident.root, name="ledger-worker")
    seen = [one for one in night.gate.signals(night.now) if night.incident.root in one.owners]
    night.observe([replace(s, subject=_moved(s.subject), owners=tuple(map(_moved, s.owners))) for s in seen])
    assert night.incident_at("ledger-worker").root == root


def _moved(reference: ObjectReference) -> ObjectReference:
    return replace(reference, name=reference.name.replace("payments-api", "ledger-worker"))


@given(parsers.parse("an incident is open at the autoscaler of payments-api"))
def another_incident(night: Night) -> None:
    assert night.incident.status == "open"


@given(parsers.parse("{who} set the switch to {mode}, because of {reason}"))
@when(parsers.parse("{who} sets the switch to {mode}, because of {reason}"))
def switch(night: Night, who: str, mode: str, reason: str) -> None:
    at = night.pass_time(5)
    move_switch(night.ports.ledger, mode, by=who, reason=reason, at=at)


@given(parsers.re(r"(?P<who>the agent|[a-z]+) already proposed to (?P<words>[^,]+)(?P<same>, answering the .*)?"))
def proposed(night: Night, who: str, words: str, same: str | None) -> None:
    night.propose(actions.proposal(night, who, words, **{"answers": True} if same else {}))
    assert night.error is None and night.refresh().status != "refused", _why(night)


def _why(night: Night) -> Any:
    return night.error or [v.message for v in night.decision().violations]
