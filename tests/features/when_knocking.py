"""Given and when: agents with identities of their own knock at the gate's door, each with its token."""

from __future__ import annotations

import json
from typing import Any

from pytest_bdd import given, parsers, then, when

from engine.core.identity import Identity, authenticate, token_digest
from engine.core.identity_steps import disabled, enabled, made, rotated
from engine.core.moment import shift
from engine.usecases.keep_identities import Step, Stepped, keep_identities
from engine.usecases.propose_as import propose_as
from tests.features import actions
from tests.features.night import Night

AGENTS = ("triage", "scout")
FIELDS = {"kind": "agent", "roles": ["reader", "proposer"], "owner": "team-sre", "purpose": "looks at incidents"}


def known(night: Night) -> list[Identity]:
    return list(night.notes["identities"])


def bound(night: Night, name: str, **fields: Any) -> None:
    """One agent with other bounds from the beginning."""
    all_ = [one.model_copy(update=fields) if one.id == f"agent:{name}" else one for one in known(night)]
    night.notes["identities"] = all_


@given("triage and scout are agents of team-sre")
def two_agents(night: Night) -> None:
    night.notes["identities"] = []
    for name in AGENTS:
        fields = {**FIELDS, "id": f"agent:{name}", "token_digest": token_digest(f"token of {name}")}
        night.notes["identities"] = made(known(night), fields, days=30, now=night.now)


@given(parsers.parse("{name} is there for {kind} alone"))
def there_for(night: Night, name: str, kind: str) -> None:
    bound(night, name, kinds=[kind])


@given(parsers.parse("{name} sees {namespace} alone"))
def sees(night: Night, name: str, namespace: str) -> None:
    bound(night, name, namespaces=[namespace])


@given(parsers.parse("{name} may propose once an hour"))
def once_an_hour(night: Night, name: str) -> None:
    bound(night, name, proposals_an_hour=1)


@given(parsers.parse("{name} ended yesterday"))
def ended(night: Night, name: str) -> None:
    bound(night, name, expires_at=shift(night.now, -86_400))


@when(parsers.parse("{name} knocks to {words}"))
def knocks(night: Night, name: str, words: str) -> None:
    proposal = actions.proposal(night, "the agent", words)
    claimed = proposal.proposer.model_copy(update={"id": f"agent:{name}"})
    at = night.pass_time(10)

    def act() -> None:
        identity = authenticate(f"token of {name}", known(night), now=at)
        own = proposal.model_copy(update={"proposer": claimed})
        night.state = propose_as(night.ports, identity, own, now=at)

    night.attempt(act)


@when(parsers.re(r"dana (?P<step>disables|enables) (?P<name>[a-z]+)"))
def stopped(night: Night, step: str, name: str) -> None:
    all_ = known(night)
    who = f"agent:{name}"
    changed = disabled(all_, who, now=night.now) if step == "disables" else enabled(all_, who)
    _keep(night, changed, who, "disabled" if step == "disables" else "enabled")


@when(parsers.parse("dana renews {name}, and somebody still has the token before"))
def renewed(night: Night, name: str) -> None:
    who = f"agent:{name}"
    _keep(night, rotated(known(night), who, token_digest("new"), days=0, keep_hours=0, now=night.now), who, "rotated")


def _keep(night: Night, changed: list[Identity], who: str, step: Step) -> None:
    def keep(all_: Any) -> None:
        night.notes["identities"] = list(all_)

    keep_identities(night.ports.ledger, changed, keep, Stepped(who, step, "dana", night.now))


@when("an hour passes for the agents")
def an_hour(night: Night) -> None:
    night.pass_time(3600)


@then(parsers.parse('the door is shut: "{text}"'))
def shut(night: Night, text: str) -> None:
    assert night.error is not None
    assert text in night.error.message
    assert night.error.remedy


@then("it awaits approval")
def awaits(night: Night) -> None:
    assert night.error is None, night.error
    assert night.refresh().status == "awaiting_approval"


@then("the door was open")
def was_open(night: Night) -> None:
    assert night.error is None


@then(parsers.parse("the record says who stopped {name}, and holds no token"))
def recorded(night: Night, name: str) -> None:
    (entry,) = [r for r in night.records("identity") if r.body["step"] == "disabled"]
    assert (entry.subject, entry.body["by"]) == (f"agent:{name}", "dana")
    assert token_digest(f"token of {name}") not in json.dumps([r.body for r in night.records("identity")])
