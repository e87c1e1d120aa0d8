"""When and then: an agent asks what a command would be before it runs it."""

from __future__ import annotations

import copy
from typing import Any

import yaml
from pytest_bdd import parsers, then, when

from engine.core.change.intend.situation import ChangeContext
from engine.core.command.answer import CommandAnswer
from engine.core.command.meaning import Place
from engine.core.errors import CouldNotDecide
from engine.core.identity import Identity, token_digest
from engine.core.proposal import TargetReference
from engine.entrypoints.cli.check import _exit_code
from engine.usecases.check_command import Asker, asker_of, check_command, rehearsing, understand
from engine.usecases.find_source import find_source
from engine.wiring import shell_grammar
from tests.features.night import Night

TOLD = {
    "go on": ("read_only",),
    "propose it": ("allow",),
    "wait for people": ("require_approval",),
    "leave it": ("deny", "refused"),
}
CHANGES: dict[str, Any] = {
    "": lambda _: None,
    ", with 7 replicas": lambda spec: spec.update(replicas=7),
    ", on the host's network": lambda spec: spec["template"]["spec"].update(hostNetwork=True),
}


def asker(night: Night) -> Asker:
    incident = night.incident
    root = incident.root
    named = f"{root.namespace}/{root.kind}/{root.name}/{incident.reason}"
    return asker_of("agent:triage", named, "", night.evidence_of(incident))


def check(night: Night, command: str, text: bytes = b"") -> None:
    """The answer to a command, kept with what the night was before; nothing is proposed."""
    who = asker(night)
    night.before, night.error = night.standing(), None
    night.notes.update(command=command, answer=None, manifest=text.decode(), asked=len(night.records("decision")))
    now = night.pass_time(10)
    try:
        understood = understand(shell_grammar(), command, Place("prod-eu"))
        weigh = rehearsing(night.ports, now=now)
        night.notes["answer"] = check_command(night.ports, understood, who, lambda _: text, weigh)
    except CouldNotDecide as error:
        night.error = error


def answer(night: Night) -> CommandAnswer:
    found: CommandAnswer = night.notes["answer"]
    return found


@when(parsers.re(r'the agent means to run "(?P<command>.+)"'))
def means_to_run(night: Night, command: str) -> None:
    check(night, command.replace("\\|", "|"))


@when(parsers.re(r"the agent means to apply payments-api as Git has it(?P<changed>, .+)?"))
def means_to_apply(night: Night, changed: str | None) -> None:
    ports = night.ports
    context = ChangeContext(now="", cluster=ports.cluster.name, branch=ports.branch)
    about = TargetReference(cluster="prod-eu", namespace="payments", kind="Deployment", name="payments-api")
    found = find_source(ports.repository, ports.renderer, ports.repository.head(ports.branch), about, context)
    document = copy.deepcopy(dict(found.target))
    CHANGES[changed or ""](document["spec"])
    check(night, "kubectl apply -f api.yaml", yaml.safe_dump(document).encode())


@then(parsers.re(r"it is told to (?P<what>[a-z ]+)"))
def told_to(night: Night, what: str) -> None:
    assert night.error is None, night.error
    said = [(one.decision.outcome, [v.message for v in one.decision.violations]) for one in answer(night).answers]
    assert answer(night).outcome in TOLD[what], (answer(night).outcome, said)


@then(parsers.parse('it is told to leave it, because "{text}"'))
def told_why(night: Night, text: str) -> None:
    assert answer(night).outcome == "deny"
    said = [violation for one in answer(night).answers for violation in one.decision.violations]
    assert any(text in violation.message and violation.remedy for violation in said)


@then("it is told the same by the running gate")
def same_over_http(night: Night) -> None:
    from starlette.testclient import TestClient

    from engine.entrypoints.web.app import create_app

    fields = {"id": "agent:triage", "kind": "agent", "roles": ["proposer"], "created_at": night.now}
    identity = Identity.model_validate({**fields, "token_digest": token_digest("t")})
    client = TestClient(create_app(night.gate, lambda: [identity]))
    who = asker(night)
    assert who.incident is not None
    body = {"command": night.notes["command"], "incident": who.incident.model_dump(), "evidence": list(who.evidence)}
    found = client.post("/v1/check", json=body, headers={"Authorization": "Bearer t"})
    assert found.status_code == 200, found.text
    here, there = answer(night), CommandAnswer.model_validate(found.json())
    assert there.commands == here.commands
    if here.outcome in ("read_only", "refused"):
        assert there.outcome == here.outcome


@then(parsers.parse("the exit code is {code:d}"))
def exit_code(night: Night, code: int) -> None:
    found = night.error.exit_code if night.error else _exit_code(answer(night), reading=False)
    assert found == code


@then("it is told that nobody could decide")
def undecided(night: Night) -> None:
    assert isinstance(night.error, CouldNotDecide)
    assert night.notes["answer"] is None


@then("it is told what to do instead")
def instead(night: Night) -> None:
    assert all(part.refusal.remedy for part in answer(night).commands if part.refusal)


@then(parsers.parse("it isn't understood: {code}"))
def not_understood(night: Night, code: str) -> None:
    assert [part.refusal.code for part in answer(night).commands if part.refusal] == [code]


@then(parsers.parse("it means to {kind}"))
def means_to(night: Night, kind: str) -> None:
    assert [one.action.kind for one in answer(night).answers] == [kind]


@then("no policy was asked")
def not_asked(night: Night) -> None:
    assert len(night.records("decision")) == night.notes["asked"]
