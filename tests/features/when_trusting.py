"""When: people say what they think of automation's decisions, and ask that it may do more."""

from __future__ import annotations

from dataclasses import replace

import yaml
from pytest_bdd import given, parsers, then, when

from engine.core.action.governance import promote
from engine.core.autonomy import Place
from engine.core.change.model import FileEdit
from engine.core.proposal import check_proposal
from engine.usecases.autonomy import due_phase, judge
from tests.features import actions
from tests.features.night import Night

DATA = "policies/organisation.yaml"


@when(parsers.parse("{who} judges it {said}"))
@given(parsers.parse("{who} judged it {said}"))
def judges(night: Night, who: str, said: str) -> None:
    proposal, at = night.refresh().id, night.pass_time(900)
    night.before = night.standing()
    judge(night.ports, proposal, right=said == "right", by=who, reason="", now=at)


@given(parsers.parse("people judged {right:d} of its decisions right and none wrong"))
def judged_right(night: Night, right: int) -> None:
    _seed(night, right, 0)


@given(parsers.parse("people judged {right:d} of its decisions right and {wrong:d} refusals of it wrong"))
def judged(night: Night, right: int, wrong: int) -> None:
    _seed(night, right, wrong)


def _seed(night: Night, right: int, wrong: int) -> None:
    night.propose(actions.proposal(night, "the agent", "restart payments-api"))
    one, at = night.refresh(), night.now
    for number in range(right + wrong):
        status = "recorded" if number < right else "refused"
        state = replace(one, id=f"prop-{number:012d}", status=status, change=None)  # type: ignore[arg-type]
        document = state.as_document()
        night.ports.ledger.run(
            lambda tx, told=document: tx.put("proposals", told["id"], told, status=told["status"], at=at)
        )
        judge(night.ports, state.id, right=number < right, by="alice", reason="", now=at)


@given(parsers.re(r"people cleared (?P<which>that|another one) in the policy data"))
def cleared(night: Night, which: str) -> None:
    last = night.records("demotion")[-1].body["id"] if which == "that" else "dem-000000000000"
    night.policy("autonomy", cleared={"prod-eu": {"payments": {"crash-loop": last}}})


@given("the policy data lives in the GitOps repository")
def in_repository(night: Night) -> None:
    repository = night.ports.repository
    head = repository.head("main")
    edit = FileEdit(DATA, None, b"# What we decided for ourselves.\nautonomy:\n  phases:\n    classes: {}\n")
    commit = repository.commit(head, [edit], message="Policy data", author="p <p@example.com>", at=night.now)
    repository.move("refs/heads/main", head, commit)
    night.replace_ports(autonomy_data=DATA)


@when(parsers.re(r"(?P<who>the agent|[a-z]+) asks for the next phase of (?P<namespace>\S+) for (?P<name>\S+)"))
def asks(night: Night, who: str, namespace: str, name: str) -> None:
    phase = due_phase(night.ports, Place("prod-eu", namespace, name))
    by, kind = actions.identity(who)
    action = promote("prod-eu", namespace, name, phase)
    claims = {"proposer": {"id": by, "kind": kind}, "action": action.model_dump(mode="json")}
    night.propose(check_proposal(claims, where="the scenario"))


@then(parsers.parse("the policy data would say {phase} for {namespace} and {name}"))
def would_say(night: Night, phase: str, namespace: str, name: str) -> None:
    number = night.refresh().pull_request
    text = night.ports.repository.read(night.ports.forge.get(number).head, DATA)
    assert text.startswith(b"# What we decided for ourselves.\n")
    said = yaml.safe_load(text)["autonomy"]["phases"]["pairs"]["prod-eu"][namespace][name]
    assert said == phase.replace(" ", "_")


@then(parsers.parse('the pull request says "{text}"'))
def says(night: Night, text: str) -> None:
    assert text in night.ports.forge.get(night.refresh().pull_request).body


@then("nobody was told that automation was demoted")
def not_demoted(night: Night) -> None:
    assert "demoted" not in {message["event"] for message in night.told()}
    assert night.records("demotion") == []
