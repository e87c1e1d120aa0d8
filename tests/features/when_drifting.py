"""Given, When and Then: the cluster departs from Git, and the drift watch makes its pass."""

from __future__ import annotations

from typing import Any

from pytest_bdd import given, parsers, then, when

from engine.core.admission.emergency import BY, REASON, UNTIL
from engine.core.drift.difference import WHOLE
from engine.core.incident import Incident
from engine.core.moment import shift
from engine.core.signal import Signal
from engine.entrypoints.drift import act_on
from engine.usecases.look_for_drift import look_for_drift
from engine.usecases.observe import observe
from tests.features.actions import THINGS
from tests.features.given_cluster import _named
from tests.features.night import Night, Objects

TWO_HOURS = 7_200
FIELDS = {"minimum": "minReplicas", "maximum": "maxReplicas", "count": "replicas"}


@given(parsers.parse("somebody set the {field} of {thing} to {count:d} in the cluster"))
@when(parsers.parse("somebody sets the {field} of {thing} to {count:d} in the cluster"))
def drifted(night: Night, field: str, thing: str, count: int) -> None:
    kind, namespace, name = THINGS[thing]

    def alter(items: Objects) -> None:
        _named(items, name, namespace)["spec"][FIELDS[field]] = count

    night.cluster(kind, alter)


@given(parsers.parse("{who} broke the glass for two hours and set the count of {thing} to {count:d}, because {reason}"))
def broke_the_glass(night: Night, who: str, thing: str, count: int, reason: str) -> None:
    kind, namespace, name = THINGS[thing]
    until = shift(night.now, TWO_HOURS)

    def alter(items: Objects) -> None:
        found = _named(items, name, namespace)
        found["spec"]["replicas"] = count
        found["metadata"].setdefault("annotations", {}).update({BY: who, REASON: reason, UNTIL: until})

    night.cluster(kind, alter)


@when("two hours have gone by")
def time_is_over(night: Night) -> None:
    night.pass_time(TWO_HOURS)


@then(parsers.parse("the record says that {who} broke the glass for {thing}, because {reason}"))
def on_record(night: Night, who: str, thing: str, reason: str) -> None:
    [entry] = night.records("break_glass")
    assert entry.subject.endswith("/".join(("", *THINGS[thing][1:2], THINGS[thing][0], THINGS[thing][2])))
    assert (entry.body["by"], entry.body["reason"], entry.body["fields"]) == (who, reason, ["spec.replicas"])


@then(parsers.parse("nothing is proposed about {thing}"))
def nothing_proposed(night: Night, thing: str) -> None:
    assert _proposed(night, thing) == [], night.notes["looked"].drifts


@when("the drift watch makes its pass")
@when("the drift watch makes its pass again")
def makes_pass(night: Night) -> None:
    night.before = night.standing()
    now = night.pass_time(10)
    night.notes["looked"] = looked = look_for_drift(night.ports, now=now)
    made = act_on(night.ports, looked, now=now)
    night.notes["made"] = made
    night.states.extend(made)
    if made:
        night.state = made[-1]


@then(parsers.re(r"it proposes to (?P<what>put back|write down) (?P<thing>.+)"))
def proposes(night: Night, what: str, thing: str) -> None:
    wanted = {"put back": "revert_drift", "write down": "codify_drift"}[what]
    assert _proposed(night, thing) == [wanted], night.notes["looked"].drifts
    night.state = next(s for s in night.notes["made"] if s.claims.action.kind == wanted and _is(s, thing))


def _is(state: Any, thing: str) -> bool:
    target = state.claims.action.target
    return (target.kind, target.namespace, target.name) == THINGS[thing]


def _proposed(night: Night, thing: str) -> list[str]:
    return [state.claims.action.kind for state in night.notes["made"] if _is(state, thing)]


@given(parsers.parse("somebody else says of {thing} that it isn't as Git says"))
def told_elsewhere(night: Night, thing: str) -> None:
    about = _drift_of(night, thing).root
    signal = Signal("argocd", about, "OutOfSync", "warning", "is out of sync", night.pass_time(5), "sha256:" + "a" * 64)
    observe(night.ports, [signal], now=night.now)


def _drift_of(night: Night, thing: str) -> Incident:
    found = [i for i in night.incidents() if (i.root.kind, i.root.namespace, i.root.name) == THINGS[thing]]
    [drift] = [one for one in found if one.incident_class == "drift"]
    return drift


@then(parsers.parse("the drift of {thing} is over, and the record says why"))
def over(night: Night, thing: str) -> None:
    incident = _drift_of(night, thing)
    assert incident.status == "resolved"
    [record] = [one for one in night.records("status_change") if one.subject == incident.id]
    assert record.body == {"status": "resolved", "note": "the cluster is as Git says again"}


@then(parsers.parse("the drift of {thing} goes on"))
def goes_on(night: Night, thing: str) -> None:
    assert _drift_of(night, thing).status == "open"


@then(parsers.parse("the {field} of {thing} is noise, and nothing is proposed of it"))
def noise(night: Night, field: str, thing: str) -> None:
    kind, namespace, name = THINGS[thing]
    looked = night.notes["looked"]
    drift = next(d for d in looked.drifts if (d.about.kind, d.about.namespace, d.about.name) == (kind, namespace, name))
    assert [one.path for one, _ in drift.judged.noise] == [f"spec.{FIELDS[field]}"]
    assert drift.judged.drifted == ()
    assert _proposed(night, thing) == [], night.notes["looked"].drifts


@then("nothing more is proposed")
def no_more(night: Night) -> None:
    assert night.notes["made"] == []
    assert night.notes["looked"].drifts


@then("it says that it only compared, and what it couldn't look at")
def compared(night: Night) -> None:
    looked = night.notes["looked"]
    assert looked.dry_runs == 0
    assert {d.how for d in looked.drifts} == {"compared"}
    assert looked.looked_at > 10
    assert all(d.path != WHOLE for drift in looked.drifts for d in drift.judged.drifted)
