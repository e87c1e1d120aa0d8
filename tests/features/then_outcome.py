"""Then: what became of a proposal, and why."""

from __future__ import annotations

from typing import Any

from pytest_bdd import parsers, then

from engine.core.errors import CouldNotDecide
from tests.features.night import Night

GAPS = {"nobody": 0, "one person": 1, "two people": 2, "three people": 3}


def _why(night: Night) -> Any:
    if night.state is None or night.error is not None:
        return f"could not be answered: {night.error}"
    decision = night.decision()
    return night.state.status, [(v.rule, v.message) for v in decision.violations], decision.approvals


@then(parsers.parse('it is refused: "{text}"'))
def refused(night: Night, text: str) -> None:
    assert night.error is None, _why(night)
    assert night.refresh().status == "refused", _why(night)
    assert any(text in violation.message for violation in night.decision().violations), _why(night)


@then(parsers.parse('the answer is no: "{text}"'))
def answered_no(night: Night, text: str) -> None:
    assert night.verdict is not None
    assert night.verdict.outcome == "deny"
    assert any(text in v.message for v in night.verdict.violations), [v.message for v in night.verdict.violations]


@then("the answer is not a refusal")
def answered_yes(night: Night) -> None:
    assert night.verdict is not None
    assert night.verdict.outcome != "deny", [v.message for v in night.verdict.violations]


@then("each refusal says what to do instead")
def remedied(night: Night) -> None:
    assert all(violation.remedy for violation in night.decision().violations)
    assert night.decision().path_to_allow


@then("it merged alone, and the owner was told of the fix")
def merged_alone(night: Night) -> None:
    assert night.refresh().status == "verifying", _why(night)
    assert night.decision().automatic
    assert night.told()[-1]["event"] == "automatic_fix"


@then("it merged")
def merged(night: Night) -> None:
    assert night.refresh().status == "verifying", _why(night)
    assert night.told()[-1]["event"] == "merged"


@then(parsers.re(r"it waits for (?P<count>nobody|one person|two people|three people) of (?P<role>\S+)"))
def waits_for(night: Night, count: str, role: str) -> None:
    assert night.refresh().status == "awaiting_approval", _why(night)
    missing = {lacking.role: lacking.count for lacking in night.decision().approvals.missing}
    assert missing.get(role, 0) == GAPS[count], missing


@then("it still waits")
def still_waits(night: Night) -> None:
    assert night.refresh().status == "awaiting_approval", _why(night)


@then("it is only recorded")
def recorded_only(night: Night) -> None:
    assert night.error is None, _why(night)
    assert night.refresh().status == "recorded", _why(night)


@then(parsers.parse("it ended as {status}"))
def ended(night: Night, status: str) -> None:
    assert night.refresh().status == status, _why(night)


@then(parsers.parse("it counts as {risk}"))
def risk(night: Night, risk: str) -> None:
    assert night.decision().risk == risk, _why(night)


@then(parsers.parse('somebody is asked for, since "{text}"'))
def because(night: Night, text: str) -> None:
    assert any(text in result.message for result in night.decision().rules), _why(night)


@then(parsers.parse("the gate says that it could not decide, because {reason}"))
def undecided(night: Night, reason: str) -> None:
    assert isinstance(night.error, CouldNotDecide), _why(night)
    assert night.error.reason.replace("_", " ") == reason
    assert night.told()[-1]["event"] == "could_not_decide"


@then(parsers.parse('the forge refuses: "{text}"'))
def forge_refuses(night: Night, text: str) -> None:
    assert night.error is not None, _why(night)
    assert text in night.error.message


@then(parsers.parse("the exception {ticket} was used and is counted"))
def exception_used(night: Night, ticket: str) -> None:
    assert [used.ticket for used in night.decision().exceptions] == [ticket]


@then("no exception was used")
def exception_unused(night: Night) -> None:
    assert night.decision().exceptions == []


@then("both proposals got the same answer")
def same_answer(night: Night) -> None:
    kept = {"outcome", "tier", "risk", "violations", "approvals", "rules"}
    answers = [state.decision for state in night.states[-2:]]
    one, other = ({key: answer[key] for key in kept} for answer in answers if answer is not None)
    assert one == other


@then("nothing is said of an incident that was borrowed")
def not_borrowed(night: Night) -> None:
    assert night.error is None, _why(night)
    assert "incident/concerns_target" not in {violation.rule for violation in night.decision().violations}, _why(night)
