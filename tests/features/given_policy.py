"""Given: what the organisation decided, laid over the shipped policy data."""

from __future__ import annotations

from typing import Any

from pytest_bdd import given, parsers

from tests.features.night import Night


@given(parsers.parse("{people} work for {team}"))
def team(night: Night, people: str, team: str) -> None:
    night.policy("people", **{name: {"teams": [team], "roles": []} for name in people.split(" and ")})


@given(parsers.parse("heidi belongs to both team-payments and team-platform"))
def two_teams(night: Night) -> None:
    night.policy("people", heidi={"teams": ["team-payments", "team-platform"], "roles": []})


@given(parsers.parse("payments is in the phase {phase}"))
def phase(night: Night, phase: str) -> None:
    night.policy("autonomy", phases={"namespaces": {"prod-eu": {"payments": phase.replace(" ", "_")}}})


@given(parsers.parse("incidents of class {name} are in the phase {phase}"))
def phase_of_class(night: Night, name: str, phase: str) -> None:
    night.policy("autonomy", phases={"classes": {name: phase.replace(" ", "_")}})


@given("payments hasn't opted in to anything going alone")
def not_opted_in(night: Night) -> None:
    night.policy("autonomy", opt_in={"prod-eu": {"payments": {"enabled": False}}})


@given(parsers.parse("{what} is kept from automation"))
def excluded(night: Night, what: str) -> None:
    lists = {
        "restarting": ("actions", "restart_workload"),
        "the agent": ("proposers", "agent:triage"),
        "a crash loop": ("incident_classes", "crash-loop"),
    }
    name, value = lists[what]
    night.policy("autonomy", excluded={name: [value]})


@given(parsers.parse("a {what} of {namespace} is planned from {start} to {end}"))
def event(night: Night, what: str, namespace: str, start: str, end: str) -> None:
    night.policy(
        "calendar",
        events={"planned": {"what": what.replace(" ", "_"), "scope": {"namespace": namespace}, **_span(start, end)}},
    )


@given("a planned event of payments has no times that can be read")
def unreadable_event(night: Night) -> None:
    night.policy("calendar", events={"planned": {"what": "deploy", "scope": {"namespace": "payments"}, "from": "?"}})


@given("a change window names a zone that the calendar doesn't have")
def unknown_zone(night: Night) -> None:
    window = {"zone": "Mars/Olympus", "weekdays": ["monday"], "from": "09:00", "to": "10:00"}
    night.policy("windows", open={"production": {"abroad": window}})


@given(parsers.parse("a freeze of {namespace} for {what} from {start} to {end}"))
def freeze(night: Night, namespace: str, what: str, start: str, end: str) -> None:
    tier = {"everything": 1, "moderate and advanced actions": 2, "advanced actions": 3}[what]
    entry = {"scope": {"namespace": namespace}, "from_tier": tier, "reason": "a busy day", **_span(start, end)}
    night.policy("windows", freezes={"busy": entry})


@given("a freeze of payments that doesn't say when it ends")
def endless_freeze(night: Night) -> None:
    night.policy("windows", freezes={"busy": {"scope": {"namespace": "payments"}, "from_tier": 2}})


@given(parsers.parse("an exception from {rule} for {namespace} until {end}"))
def exception(night: Night, rule: str, namespace: str, end: str) -> None:
    night.policy("exceptions", entries={"agreed": _exception(rule, namespace, end)})


@given(parsers.parse("an exception from {rule} for {namespace} that names no {field}"))
def incomplete_exception(night: Night, rule: str, namespace: str, field: str) -> None:
    entry = _exception(rule, namespace, "Sunday 12:00")
    del entry[field]
    night.policy("exceptions", entries={"agreed": entry})


@given(parsers.parse("the longest exception is {days:d} days"))
def longest_exception(night: Night, days: int) -> None:
    night.policy("exceptions", maximum_days=days)


RULES = {
    "the wait after the same action": "rate/cooldown",
    "the planned events": "calendar/planned_event",
    "what is excluded": "autonomy/excluded",
    "the change windows": "change_window/window",
    "the loss of data": "reversibility/data_loss",
}


def _exception(rule: str, namespace: str, end: str) -> dict[str, Any]:
    return {
        "owner": "team-payments",
        "reason": "agreed in the weekly meeting",
        "ticket": "OPS-411",
        "rules": [RULES[rule]],
        "scope": {"namespace": namespace},
        "granted": "2026-11-07T00:00:00Z",
        "expires": instant(end),
    }


@given(parsers.parse("at most {limit:d} fixes an hour may go alone"))
def fixes_an_hour(night: Night, limit: int) -> None:
    night.policy("rates", automatic_fixes={"limit": limit})


@given(parsers.parse("at most {limit:d} pods an hour may be disturbed"))
def pods_an_hour(night: Night, limit: int) -> None:
    night.policy("rates", pods={"limit": limit})


@given(parsers.parse("at most {limit:d} pull request may wait"))
def waiting(night: Night, limit: int) -> None:
    night.policy("rates", open_pull_requests=limit)


@given(parsers.parse("at most {limit:d} pull request may be opened in an hour"))
def opened(night: Night, limit: int) -> None:
    night.policy("rates", opened_pull_requests=limit)


@given(parsers.parse("an approval counts for {minutes:d} minutes"))
def approval_lifetime(night: Night, minutes: int) -> None:
    night.policy("approvals", lifetime_seconds=60 * minutes)


@given(parsers.parse("an action in production may reach {limit:d} {figure}"))
def blast_limit(night: Night, limit: int, figure: str) -> None:
    night.policy("blast", limits={"production": {figure.rstrip("s") + "s": limit}})


@given(parsers.parse("an action in production may reach {limit:d} % of the pods"))
def share_limit(night: Night, limit: int) -> None:
    night.policy("blast", limits={"production": {"percent": limit}})


@given(parsers.parse("a change may be at most {limit:d} line long"))
def lines(night: Night, limit: int) -> None:
    night.policy("changes", maximum_lines=limit)


@given("a dry run that couldn't be made is tolerated")
def untried_tolerated(night: Night) -> None:
    night.policy("changes", untried_dry_run="tolerated")


@given("the limits of the blast radius are gone from the policy")
def no_limits(night: Night) -> None:
    night.lose_policy("blast", "limits")


@given("the rates are gone from the policy")
def no_rates(night: Night) -> None:
    night.lose_policy("rates")


@given("the row of the approval matrix for moderate actions in production is gone")
def no_row(night: Night) -> None:
    night.lose_policy("approvals", "matrix", "moderate", "production")


DAYS = {
    day: 9 + n for n, day in enumerate(("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"))
}


def instant(words: str) -> str:
    """``Saturday 04:00`` as an instant in the week of the recording, in UTC; ``next`` is the week after."""
    later = words.startswith("next ")
    day, clock = words.removeprefix("next ").split()
    return f"2026-11-{DAYS[day] + 7 * later:02d}T{clock}:00Z"


def _span(start: str, end: str) -> dict[str, str]:
    return {"from": instant(start), "to": instant(end)}
