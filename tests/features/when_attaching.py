"""Given, when and then: people who already run an incident say so, and the gate works under theirs."""

from __future__ import annotations

from pytest_bdd import given, parsers, then, when

from engine.core.identity import authenticate
from engine.core.incident import Incident
from engine.usecases.attach import Lead, attach, detach
from tests.features.night import Night
from tests.features.when_knocking import known, two_agents

PLACE, WHO = "payments/Deployment/payments-api", "person:alice"


def there(night: Night) -> list[Incident]:
    return [one for one in night.incidents() if one.root.name == "payments-api" and not one.lane]


def led(night: Night, lead: Lead) -> None:
    at = night.pass_time(10)
    night.attempt(lambda: attach(night.ports, PLACE, lead, by=WHO, now=at))


@given(parsers.parse('{who} runs what is wrong at payments-api in "{channel}" under "{ticket}"'))
@when(parsers.parse('{who} takes the incident at payments-api over in "{channel}" under "{ticket}"'))
def takes_over(night: Night, who: str, channel: str, ticket: str) -> None:
    led(night, Lead(who, channel, ticket))
    assert night.error is None


@when("nobody takes the incident at payments-api over")
def nobody(night: Night) -> None:
    led(night, Lead(" "))


@when("payments-api is seen to crash-loop")
def seen(night: Night) -> None:
    night.before = night.standing()
    night.observe()


@when(parsers.parse("{who} leaves the incident at payments-api"))
def leaves(night: Night, who: str) -> None:
    at = night.pass_time(10)
    night.attempt(lambda: detach(night.ports, PLACE, by=f"person:{who}", now=at))


@when("an agent asks to say that maria runs the incident at payments-api")
def agent_asks(night: Night) -> None:
    two_agents(night)

    def act() -> None:
        identity = authenticate("token of triage", known(night), now=night.now)
        identity.require("operator")
        attach(night.ports, PLACE, Lead("maria"), by=identity.id, now=night.now)

    night.attempt(act)


@then("it is maria's incident that has the crash loop, and there is no other at payments-api")
def no_rival(night: Night) -> None:
    (only,) = there(night)
    assert (only.commander, only.incident_class, only.status) == ("maria", "crash-loop", "open")


@then(parsers.parse('people read that "{text}"'))
def read_that(night: Night, text: str) -> None:
    assert text in {moment.text for moment in there(night)[0].timeline}


@then("the record says that alice attached it")
def recorded(night: Night) -> None:
    entry = night.records("command")[-1]
    assert (entry.subject, entry.body["by"], entry.body["commander"]) == (there(night)[0].id, WHO, "maria")


@then("nobody runs the incident, which is still open")
def nobody_runs(night: Night) -> None:
    assert [(one.led, one.status) for one in there(night)] == [(False, "open")]


@then(parsers.parse('it is told that "{text}"'))
@then(parsers.parse('it is told that there is "{text}"'))
def told_that(night: Night, text: str) -> None:
    assert night.error is not None
    assert text in night.error.message


@then("it is told that its token isn't enough")
def not_enough(night: Night) -> None:
    assert night.error is not None
    assert night.error.reason == "not_permitted"
