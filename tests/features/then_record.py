"""Then: what is on record, what the gate knows of incidents, and what people see."""

from __future__ import annotations

import re
from typing import Any

from pytest_bdd import parsers, then

from engine.core.record import verify_chain
from tests.features.night import Night


@then("the refusal is on record, and the record holds")
def refusal_recorded(night: Night) -> None:
    decided = night.records("decision")[-1]
    assert decided.body["proposal"] == night.refresh().id
    assert decided.body["decision"]["outcome"] == "deny"
    verify_chain(night.ports.ledger.export())


@then("that it could not decide is on record")
def indecision_recorded(night: Night) -> None:
    assert night.error is not None
    assert night.records("refusal")[-1].body["reason"] == night.error.reason
    assert night.proposals() == []


@then(parsers.parse("the record names {who} as who moved the switch, because of {reason}"))
def switch_recorded(night: Night, who: str, reason: str) -> None:
    body = night.records("switch")[-1].body
    assert (body["by"], body["reason"]) == (who, reason)


@then("the record holds, and so do its traces in Git")
def record_holds(night: Night) -> None:
    audit = night.notes["audit"]
    assert audit.holds, audit.sentence
    assert audit.matched


@then(parsers.parse('the auditor is told: "{text}"'))
def auditor_told(night: Night, text: str) -> None:
    audit = night.notes["audit"]
    assert not audit.holds
    assert text in audit.sentence


@then("the merge names the decision, the proposer and the record's tip")
def merge_names(night: Night) -> None:
    repository = night.ports.repository
    trailers = next(iter(repository.history(repository.head("main"), "", 1))).trailers
    assert trailers["Penstock-Record-Tip"].partition(":")[0].isdigit()
    assert night.refresh().decision_id in trailers.values()


@then(parsers.parse("an incident of class {name} is open"))
def incident_of(night: Night, name: str) -> None:
    found = [i for i in night.incidents() if i.incident_class == name]
    assert found, [i.incident_class or f"novel {i.candidates}" for i in night.incidents()]
    night.notes["incident"] = found[-1]


@then(parsers.parse("no incident of class {name} is open"))
def no_incident_of(night: Night, name: str) -> None:
    assert name not in {i.incident_class for i in night.incidents()}


@then("there is one incident of this crash")
def one_incident(night: Night) -> None:
    crashes = [i for i in night.incidents() if i.incident_class == "crash-loop"]
    assert [i.key for i in crashes] == [night.incident.key]


@then(parsers.parse("it counts {count:d} signals and keeps few of them"))
def counted(night: Night, count: int) -> None:
    assert night.incident.occurrences >= count
    assert len(night.incident.signals) < 200


@then("its options are those of its runbook, with watching and escalating")
def options(night: Night) -> None:
    incident = night.notes["incident"]
    runbook = night.ports.runbooks.get(incident.incident_class)
    offered = (incident.analysis or {})["options"]
    kinds = {option["action"]["kind"] for option in offered if option["action"] and option["role"] != "escalate"}
    assert kinds <= {one.kind for one in runbook.actions} | {"escalate"}
    assert {"watch", "escalate"} <= {option["role"] for option in offered}
    assert all(option["why"] and option["why_not"] for option in offered)


@then("people are offered escalating and watching, and nothing else")
def novel_options(night: Night) -> None:
    offered = (night.notes["incident"].analysis or {})["options"]
    assert {option["role"] for option in offered} == {"watch", "escalate"}


@then("the incident is still open")
def still_open(night: Night) -> None:
    assert night.incident.status != "resolved"


@then("the incident is resolved, with a note that links the merge")
def resolved(night: Night) -> None:
    assert night.incident.status == "resolved"
    assert night.refresh().merge_commit[:12] in night.incident.timeline[-1].text


@then(parsers.parse("nobody was told that it was {event}"))
def untold(night: Night, event: str) -> None:
    assert event not in {message["event"] for message in night.told()}


@then(parsers.parse("people were told that it was {event}"))
def told(night: Night, event: str) -> None:
    assert event in {message["event"] for message in night.told()}


@then(parsers.parse("there are {count:d} open pull requests"))
@then(parsers.parse("there is {count:d} open pull request"))
def open_pull_requests(night: Night, count: int) -> None:
    assert len(night.ports.forge.list_open()) == count


@then("there is one proposal")
def one_proposal(night: Night) -> None:
    assert len(night.proposals()) == 1


@then("there is no proposal")
def no_proposal(night: Night) -> None:
    assert night.proposals() == []


@then("there is no incident")
def no_incident(night: Night) -> None:
    assert night.incidents() == []


@then("the branch is as the person left it")
def branch_left(night: Night) -> None:
    pulls = night.ports.forge.list_open()
    assert [pull.head for pull in pulls] == [night.notes["by hand"]]


@then("the words of the injection stand nowhere that is executed")
def not_executed(night: Night) -> None:
    state = night.refresh()
    injected = str(night.notes["injected"])
    pulls = [night.ports.forge.get(state.pull_request)] if state.pull_request else []
    assert pulls, "there is a pull request to look at"
    for pull in pulls:
        assert injected not in pull.title
        assert re.fullmatch(r"[a-z0-9./-]+", pull.branch)
        assert not any(injected in label for label in pull.labels)
    for edit in (state.change or {})["edits"]:
        assert injected not in str(edit["after"])


@then(parsers.parse("the change touches only {path}"))
def touches(night: Night, path: str) -> None:
    edits: list[Any] = (night.refresh().change or {})["edits"]
    assert [edit["path"].rpartition("/")[2] for edit in edits] == [path]
