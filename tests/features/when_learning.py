"""When: an incident is handed over, and what it showed is taught to its runbook."""

from __future__ import annotations

from pytest_bdd import given, parsers, then, when

from engine.core.action.governance import learn
from engine.core.change.model import FileEdit
from engine.core.proposal import check_proposal
from engine.usecases.postmortem import handover
from tests.conftest import ROOT
from tests.features import actions
from tests.features.night import Night

PLACE = "runbooks"


@given("the runbooks live in the GitOps repository")
def in_repository(night: Night) -> None:
    repository, books = night.ports.repository, ROOT / "runbooks"
    head = repository.head("main")
    files = sorted((books / "crash-loop").rglob("*.*"))
    edits = [FileEdit(f"{PLACE}/{file.relative_to(books)}", None, file.read_bytes()) for file in files]
    commit = repository.commit(head, edits, message="Runbooks", author="p <p@example.com>", at=night.now)
    repository.move("refs/heads/main", head, commit)
    night.replace_ports(runbooks_place=PLACE)


@when(parsers.re(r"(?P<who>the agent|[a-z]+) accepts its post-mortem"))
def accepts(night: Night, who: str) -> None:
    by, kind = actions.identity(who)
    incident = night.incident
    action = learn("prod-eu", incident.root.namespace, incident.incident_class, incident.id, [])
    claims = {"proposer": {"id": by, "kind": kind}, "action": action.model_dump(mode="json")}
    night.propose(check_proposal(claims, where="the scenario"))


@then("the runbook would know the incident again")
def would_know(night: Night) -> None:
    number = night.refresh().pull_request
    path = f"{PLACE}/crash-loop/examples/match-{night.incident.id}.signals.json"
    assert b"CrashLoopBackOff" in night.ports.repository.read(night.ports.forge.get(number).head, path)


@then(parsers.parse('the hand-over says "{text}"'))
def package_says(night: Night, text: str) -> None:
    assert text in handover(night.ports, night.incident.id, now=night.now)
