"""When: a pipeline brings a Terraform plan, and later asks whether it may apply it."""

from __future__ import annotations

from typing import Any

import orjson
from pytest_bdd import given, parsers, then, when

from engine.core.action.infrastructure import apply_plan
from engine.core.proposal import check_proposal
from engine.core.terraform.plan import Plan, read_plan
from engine.core.terraform.state import StateMark
from engine.usecases.approved_plan import check_approved, confirm_applied
from tests.features.night import Night

LINEAGE = "0d7a9b1e-4f0f-5a2c-9d47-53a3f0c9e2b1"
RESOURCES: dict[str, tuple[str, list[str]]] = {
    "resizes a machine": ("aws_instance", ["update"]),
    "resizes another machine": ("aws_instance", ["update"]),
    "removes a machine": ("aws_instance", ["delete"]),
    "grants a role": ("aws_iam_role", ["create"]),
    "opens a security group": ("aws_security_group", ["update"]),
    "replaces the database": ("aws_db_instance", ["delete", "create"]),
    "runs a program": ("null_resource", ["create"]),
}


def _plan(words: str) -> Plan:
    kind, actions = RESOURCES[words]
    change = {"actions": actions, "before": None, "after": None}
    entry = {"address": f"{kind}.{words.replace(' ', '_')}", "mode": "managed", "type": kind, "change": change}
    return read_plan(orjson.dumps({"format_version": "1.2", "resource_changes": [entry]}), where="the scenario")


@given(parsers.parse("the workspace {name} runs {environment} for {team}"))
def workspace(night: Night, name: str, environment: str, team: str) -> None:
    about = {"environment": environment, "criticality": "critical", "owner": team}
    night.policy("terraform", workspaces={name: about})


@when(parsers.parse("the pipeline brings a plan for {name} that {words}, made against state {serial:d}"))
@given(parsers.parse("the pipeline brought a plan for {name} that {words}, made against state {serial:d}"))
def brings(night: Night, name: str, words: str, serial: int) -> None:
    _brings(night, name, words, serial, "pipeline:terraform", "pipeline")


@when(parsers.parse("the agent brings a plan for {name} that {words}"))
def agent_brings(night: Night, name: str, words: str) -> None:
    _brings(night, name, words, 41, "agent:triage", "agent")


def _brings(night: Night, name: str, words: str, serial: int, by: str, kind: Any) -> None:
    action = apply_plan(_plan(words), StateMark(LINEAGE, serial), cluster="prod-eu", workspace=name)
    claims = {"proposer": {"id": by, "kind": kind}, "action": action.model_dump(mode="json")}
    night.propose(check_proposal(claims, where="the scenario"))


@when(parsers.parse("the pipeline asks whether it may apply the plan for {name} that {words}, at state {serial:d}"))
def asks(night: Night, name: str, words: str, serial: int) -> None:
    at, repository = StateMark(LINEAGE, serial), night.ports.repository
    night.attempt(
        lambda: check_approved(repository, _plan(words), at, branch="main", cluster="prod-eu", workspace=name)
    )


@when(parsers.parse("somebody pushes past the gate that another machine of {name} may be resized"))
def pushed(night: Night, name: str) -> None:
    from engine.core.change.model import FileEdit
    from engine.core.terraform.approved_plan import path_of, write_approved

    repository, head = night.ports.repository, night.ports.repository.head("main")
    action = apply_plan(_plan("resizes another machine"), StateMark(LINEAGE, 41), cluster="prod-eu", workspace=name)
    edit = FileEdit(path_of(name), repository.read(head, path_of(name)), write_approved(action.params, action.digest))
    commit = repository.commit(head, [edit], message="By hand", author="m <m@example.com>", at=night.now)
    repository.move("refs/heads/main", head, commit)


@when(parsers.parse("the pipeline says that it applied the plan that {words}, and the state is at {serial:d}"))
def says_applied(night: Night, words: str, serial: int) -> None:
    at = night.pass_time(60)
    mark = StateMark(LINEAGE, serial)
    night.attempt(lambda: confirm_applied(night.ports, _plan(words), mark, cluster="prod-eu", now=at))


@then("it may be applied")
def may_apply(night: Night) -> None:
    assert night.error is None, night.error


@then(parsers.parse('it may not be applied: "{text}"'))
def may_not_apply(night: Night, text: str) -> None:
    assert night.error is not None, "it could be applied"
    assert text in night.error.message


@then(parsers.parse("the plan is {status}"))
def plan_is(night: Night, status: str) -> None:
    assert night.refresh().status == {"done": "succeeded", "still to be applied": "verifying"}[status]
