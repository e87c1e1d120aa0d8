"""The tools through a real client: an agent proposes, asks and looks up, as its token says, and approves nothing."""

from __future__ import annotations

import asyncio
import json
import os
import secrets
import sys
from pathlib import Path
from typing import Any

import pytest
from mcp import Client, StdioServerParameters

from engine.core.identity import Identity, Role, token_digest
from engine.entrypoints.mcp.callers import OneCaller
from engine.entrypoints.mcp.http import create_mcp_app
from engine.entrypoints.mcp.server import create_server
from engine.entrypoints.web.desk import Desk
from engine.usecases.admit_question import MOST_AN_HOUR, admit_question
from tests.conftest import DEMO_DATA, RECORDING, ROOT
from tests.fakes.loopback import serving

TOOLS = {
    *("propose_action", "dry_run_action", "get_proposal", "explain_decision"),
    *("list_runbooks", "list_action_kinds", "check_command"),
}
RESTART = {
    "kind": "restart_workload",
    "target": {"cluster": "prod-eu", "namespace": "payments", "kind": "Deployment", "name": "payments-api"},
    "params": {},
}


def identity(token: str, *roles: Role) -> Identity:
    return Identity(
        id="agent:triage",
        kind="agent",
        roles=list(roles),
        token_digest=token_digest(token),
        created_at="2026-11-01T00:00:00Z",
    )


class Agent:
    """An agent with a token, and a client of its own for each call."""

    def __init__(self, gate: Any, *roles: Role) -> None:
        self.token = secrets.token_urlsafe(32)
        self.identities = [identity(self.token, *roles)]
        self.desk = Desk(gate, lambda: self.identities)

    def call(self, tool: str, **arguments: Any) -> Any:
        return asyncio.run(called(create_server(self.desk, OneCaller(self.desk, self.token)), tool, arguments))


async def called(server: Any, tool: str, arguments: dict[str, Any]) -> Any:
    async with Client(server) as client:
        answer = await client.call_tool(tool, arguments)
    if answer.is_error:
        return {"protocol_error": answer.content[0].text}
    found: Any = answer.structured_content
    return found["result"] if set(found) == {"result"} else found


@pytest.fixture
def agent(desk: Any) -> Agent:
    return Agent(desk.gate, "reader", "proposer")


def test_there_is_no_tool_that_approves_merges_or_changes_policy(agent: Agent) -> None:
    async def listed() -> set[str]:
        async with Client(create_server(agent.desk, OneCaller(agent.desk, agent.token))) as client:
            return {tool.name for tool in (await client.list_tools()).tools}

    assert asyncio.run(listed()) == TOOLS


def test_a_denial_is_an_answer_with_codes_and_remedies(agent: Agent) -> None:
    answer = agent.call("propose_action", action=RESTART, reason="it crashes")
    assert answer["outcome"] == "deny"
    assert {"incident/required", "evidence/cited"} <= {denial["code"] for denial in answer["denials"]}
    assert all(denial["remedy"] for denial in answer["denials"])
    assert answer["pull_request"] is None
    assert agent.call("get_proposal", proposal_id=answer["proposal_id"]) == answer


def test_a_dry_run_can_be_explained_and_proposes_nothing(agent: Agent) -> None:
    answer = agent.call("dry_run_action", action=RESTART)
    explained = agent.call("explain_decision", decision_id=answer["decision_id"])
    assert explained["outcome"] == answer["outcome"] == "deny"
    assert any("Rules asked" in line for line in explained["explanation"])
    assert agent.desk.gate.ports.ledger.run(lambda tx: list(tx.select("proposals"))) == []


def test_the_same_key_gives_the_same_proposal_back(agent: Agent) -> None:
    first = agent.call("propose_action", action=RESTART, idempotency_key="night-1")
    assert (
        agent.call("propose_action", action=RESTART, idempotency_key="night-1")["proposal_id"] == first["proposal_id"]
    )
    scaled = {**RESTART, "kind": "scale_workload", "params": {"replicas": 3}}
    other = agent.call("propose_action", action=scaled, idempotency_key="night-1")
    assert (other["outcome"], other["denials"][0]["code"]) == ("refused", "bad_input")


def test_who_proposes_is_who_the_token_says(agent: Agent) -> None:
    answer = agent.call("propose_action", action=RESTART, proposer={"id": "alice", "kind": "person"})
    kept = agent.desk.gate.ports.ledger.run(lambda tx: tx.find("proposals", answer["proposal_id"]))
    assert kept["proposal"]["proposer"] == {"id": "agent:triage", "kind": "agent"}


@pytest.mark.parametrize("tool", ["propose_action", "dry_run_action"])
def test_a_reader_may_not_propose(desk: Any, tool: str) -> None:
    reader = Agent(desk.gate, "reader")
    assert reader.call(tool, action=RESTART)["denials"][0]["code"] == "not_permitted"
    assert reader.desk.gate.ports.ledger.run(lambda tx: list(tx.select("proposals"))) == []


def test_a_disabled_token_ends_at_once(agent: Agent) -> None:
    agent.identities.clear()
    assert agent.call("dry_run_action", action=RESTART)["denials"][0]["code"] == "unauthenticated"
    assert "no valid token" in agent.call("list_runbooks")["protocol_error"]


def test_what_there_is_can_be_listed(agent: Agent) -> None:
    kinds = {kind["id"]: kind for kind in agent.call("list_action_kinds")}
    assert "replicas" in kinds["scale_workload"]["params"]["properties"]
    books = {book["id"]: book for book in agent.call("list_runbooks")}
    assert "rollback_workload" in books["crash-loop"]["actions"]


def test_a_raw_command_is_checked(agent: Agent) -> None:
    assert agent.call("check_command", command="kubectl get pods -n payments | tail -5")["outcome"] == "read_only"
    refused = agent.call("check_command", command="kubectl get secret db -n payments")
    assert refused["commands"][0]["refusal"]["code"] == "reads_secret"
    asked = agent.call("check_command", command="kubectl rollout restart deploy/payments-api -n payments")
    assert (asked["outcome"], asked["answers"][0]["action"]["kind"]) == ("deny", "restart_workload")


@pytest.mark.parametrize(
    ("tool", "arguments"),
    [
        ("dry_run_action", {"action": RESTART}),
        ("check_command", {"command": "kubectl rollout restart deploy/payments-api -n payments"}),
    ],
)
def test_questions_are_counted_like_those_over_http(agent: Agent, tool: str, arguments: dict[str, Any]) -> None:
    for _ in range(MOST_AN_HOUR):
        admit_question(agent.desk.gate.ports.ledger, "agent:triage", now=agent.desk.now())
    assert agent.call(tool, **arguments)["denials"][0]["code"] == "too_many_questions"
    assert agent.call("check_command", command="kubectl get pods")["outcome"] == "read_only"


def test_what_does_not_exist_is_said(agent: Agent) -> None:
    for tool, argument in (("get_proposal", "proposal_id"), ("explain_decision", "decision_id")):
        assert agent.call(tool, **{argument: "prop-none"})["denials"][0]["code"] == "not_found"


def test_over_standard_input_and_output(tmp_path: Path, repository_template: Path) -> None:
    token = secrets.token_urlsafe(32)
    tokens = tmp_path / "tokens.json"
    tokens.write_text(json.dumps([identity(token, "reader", "proposer").model_dump(mode="json")]))
    tokens.chmod(0o600)
    environment = {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "PENSTOCK_STATE": str(tmp_path / "state"),
        "PENSTOCK_SNAPSHOT": str(RECORDING / "during"),
        "PENSTOCK_REPO": str(repository_template),
        "PENSTOCK_DATA": str(DEMO_DATA),
        "PENSTOCK_TOKENS": str(tokens),
        "PENSTOCK_TOKEN": token,
    }
    program = "import sys; from engine.entrypoints.cli.main import run; run(sys.argv[1:])"
    started = StdioServerParameters(command=sys.executable, args=["-c", program, "mcp"], env=environment)
    assert asyncio.run(called(started, "dry_run_action", {"action": RESTART}))["outcome"] == "deny"


def test_over_http_with_a_token_in_every_request(agent: Agent) -> None:
    import httpx2
    from mcp.client.streamable_http import streamable_http_client

    async def asked(url: str, token: str) -> Any:
        async with httpx2.AsyncClient(headers={"Authorization": f"Bearer {token}"}, timeout=60) as http:
            return await called(streamable_http_client(url, http_client=http), "dry_run_action", {"action": RESTART})

    with serving(create_mcp_app(agent.desk, "127.0.0.1")) as served:
        url = f"{served}/mcp"
        assert asyncio.run(asked(url, agent.token))["outcome"] == "deny"
        refused = httpx2.post(url, json={}, headers={"Authorization": "Bearer nothing"})
        assert (refused.status_code, refused.json()["reason"]) == (401, "unauthenticated")
        assert httpx2.post(url, json={}).status_code == 401
        agent.identities.clear()
        assert httpx2.post(url, json={}, headers={"Authorization": f"Bearer {agent.token}"}).status_code == 401
