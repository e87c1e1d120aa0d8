"""When: somebody proposes something."""

from __future__ import annotations

from typing import Any

from pytest_bdd import given, parsers, when

from engine.usecases.propose import dry_run
from engine.usecases.propose import propose as decide_only
from engine.usecases.resume import resume
from tests.features import actions
from tests.features.night import Night
from tests.features.when_operating import start_again

CLAIMS: dict[str, dict[str, Any]] = {
    "answering no incident": {"answers": False},
    "answering the same incident": {"answers": True},
    "answering the other incident": {"about": "payments-api"},
    "citing nothing": {"evidence": []},
    "citing evidence that nobody gathered": {"evidence": ["ev-000000000000"]},
    "calling it harmless and sure": {"confidence": 1.0, "stated_risk": "none"},
}


@when(parsers.re(r"(?P<who>the agent|another agent|the analyst|the drift watch|the pipeline|[a-z]+) "
                 r"proposes? (?P<again>again )?to (?P<words>[^,\"]+)(, (?P<claim>[a-z ]+))?"))  # fmt: skip
def propose(night: Night, who: str, words: str, claim: str | None) -> None:
    night.propose(actions.proposal(night, who, words, **CLAIMS[claim] if claim else {}))


@when(parsers.re(r'(?P<who>the agent|[a-z]+) proposes to (?P<words>[^,"]+), saying "(?P<reason>.+)"'))
def propose_saying(night: Night, who: str, words: str, reason: str) -> None:
    night.notes["injected"] = reason
    night.propose(actions.proposal(night, who, words, reason=reason))


@when(parsers.parse("the agent sends the same proposal to {words} twice"))
def twice(night: Night, words: str) -> None:
    for _ in range(2):
        night.propose(actions.proposal(night, "the agent", words, key="sent-once"))


@given(parsers.parse("the gate decided the agent's proposal to {words} and stopped"))
def cut_off(night: Night, words: str) -> None:
    proposal = actions.proposal(night, "the agent", words)
    night.before = night.standing()
    night.state = decide_only(night.ports, proposal, authenticated=True, now=night.pass_time(10))
    assert night.state.status == "opening"
    start_again(night)


@when("the gate is started again and takes up its work")
def taken_up(night: Night) -> None:
    start_again(night)
    resume(night.ports, now=night.pass_time(60))


@when(parsers.re(r"(?P<who>[a-z]+) only asks whether s?he may (?P<words>.+)"))
def only_asks(night: Night, who: str, words: str) -> None:
    proposal = actions.proposal(night, who, words)
    night.before = night.standing()
    asked = dry_run(night.ports, proposal, authenticated=True, now=night.pass_time(10))
    night.verdict = asked.decision


@when(parsers.parse("somebody who only says that they are {who} proposes to {words}"))
def unauthenticated(night: Night, who: str, words: str) -> None:
    night.propose(actions.proposal(night, who, words), authenticated=False)
