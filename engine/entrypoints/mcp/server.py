"""The MCP server: tools over the same use cases as HTTP and command line, with the caller taken from its token.

1. Every call proves who calls, and that the identity has the role, before anything else happens.
2. The proposer of a proposal is that identity; no argument names one.
3. A denial is a structured answer and no protocol error, so that an agent sees codes and remedies.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, TypeVar

import anyio.to_thread
from mcp.server.mcpserver import Context, MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from mcp_types import ToolAnnotations
from pydantic import Field

from engine.core.action.catalogue import CATALOGUE
from engine.core.command.answer import CommandAnswer
from engine.core.errors import NotFound, PenstockError
from engine.core.identity import Identity, Role
from engine.core.proposal import ActionRequest, IncidentReference, OptionalName, Proposal, Prose, check_proposal
from engine.entrypoints.mcp.answers import (
    DecisionAnswer,
    KindSummary,
    RunbookSummary,
    of_decision,
    of_error,
    of_state,
)
from engine.entrypoints.mcp.callers import Caller
from engine.entrypoints.mcp.found import find_decision, namespace_of
from engine.entrypoints.web.check import answer_question, check_question
from engine.entrypoints.web.desk import Desk
from engine.usecases.admit_question import admit_question
from engine.usecases.propose import dry_run
from engine.usecases.propose_as import propose_as, require_own
from engine.usecases.settle import load

Result = TypeVar("Result")
Ask = Callable[[Identity], Result]
Evidence = Annotated[list[str], Field(max_length=100, description="Ids of the evidence that it rests on.")]
Key = Annotated[OptionalName, Field(description="The same key gives the same proposal back instead of a second one.")]
Files = Annotated[dict[str, str], Field(description="Manifests that the command names with -f, by name.")]

READS = ToolAnnotations(read_only_hint=True, destructive_hint=False, open_world_hint=False)
PROPOSES = ToolAnnotations(read_only_hint=False, destructive_hint=False, idempotent_hint=True, open_world_hint=False)
INSTRUCTIONS = (
    "Propose typed changes and ask what policy says of them. Nothing here runs a command or changes a cluster: what is "
    "allowed becomes a pull request. A denial names the rule and what would make it allowed. No tool approves."
)


def create_server(desk: Desk, caller: Caller) -> MCPServer:
    """The server of a gate; ``caller`` says who calls."""
    server: MCPServer = MCPServer("penstock", title="Penstock", instructions=INSTRUCTIONS, log_level="ERROR")
    _proposing(server, desk, caller)
    _looking(server, desk, caller)
    _checking(server, desk, caller)
    return server


async def _asked(caller: Caller, context: Context[Any], role: Role, ask: Ask[DecisionAnswer]) -> DecisionAnswer:
    """Run a use case in a thread; an error of the gate becomes an answer."""

    def run() -> DecisionAnswer:
        try:
            return ask(caller(context, role))
        except PenstockError as error:
            return of_error(error)

    return await anyio.to_thread.run_sync(run)


def _let_in(caller: Caller, context: Context[Any]) -> None:
    """A list has no shape for a denial, so one is the protocol's own error."""
    try:
        caller(context, "reader")
    except PenstockError as error:
        raise ToolError(str(error)) from None


def _proposal(identity: Identity, fields: dict[str, Any]) -> Proposal:
    proposer = {"id": identity.id, "kind": identity.kind}
    return check_proposal({"proposer": proposer, **fields}, where="arguments")


def _fields(
    action: ActionRequest, incident: IncidentReference | None, reason: str, evidence: list[str]
) -> dict[str, Any]:
    about = incident.model_dump(mode="json") if incident else None
    return {"action": action.model_dump(mode="json"), "incident": about, "reason": reason, "evidence": evidence}


def _proposing(server: MCPServer, desk: Desk, caller: Caller) -> None:
    @server.tool(annotations=PROPOSES)
    async def propose_action(
        context: Context[Any],
        action: ActionRequest,
        incident: IncidentReference | None = None,
        reason: Prose = "",
        evidence: Evidence = [],  # noqa: B006 - copied by the protocol for each call
        idempotency_key: Key = "",
    ) -> DecisionAnswer:
        """Propose an action. What policy allows becomes a pull request; nothing is executed."""

        def ask(identity: Identity) -> DecisionAnswer:
            fields = _fields(action, incident, reason, evidence) | {"idempotency_key": idempotency_key}
            proposal, ports = _proposal(identity, fields), desk.gate.ports
            with desk.acting:
                now = desk.now()
                return of_state(propose_as(ports, identity, proposal, now=now))

        return await _asked(caller, context, "proposer", ask)

    @server.tool(annotations=READS)
    async def dry_run_action(
        context: Context[Any],
        action: ActionRequest,
        incident: IncidentReference | None = None,
        reason: Prose = "",
        evidence: Evidence = [],  # noqa: B006 - copied by the protocol for each call
    ) -> DecisionAnswer:
        """Ask what proposing this action now would be answered. Nothing is reserved or opened."""

        def ask(identity: Identity) -> DecisionAnswer:
            proposal = _proposal(identity, _fields(action, incident, reason, evidence))
            require_own(identity, proposal)
            admit_question(desk.gate.ports.ledger, identity.id, now=desk.now())
            with desk.acting:
                return of_decision(dry_run(desk.gate.ports, proposal, authenticated=True, now=desk.now()).decision)

        return await _asked(caller, context, "proposer", ask)


def _looking(server: MCPServer, desk: Desk, caller: Caller) -> None:
    @server.tool(annotations=READS)
    async def get_proposal(context: Context[Any], proposal_id: str) -> DecisionAnswer:
        """Look up a proposal: its status, pull request and last decision."""

        def ask(identity: Identity) -> DecisionAnswer:
            state = load(desk.gate.ports, proposal_id)
            identity.require_namespace(state.claims.action.target.namespace)
            return of_state(state)

        return await _asked(caller, context, "reader", ask)

    @server.tool(annotations=READS)
    async def explain_decision(context: Context[Any], decision_id: str) -> DecisionAnswer:
        """Explain a decision, also one of a dry run: every rule that was asked, and what would make it allowed."""

        def ask(identity: Identity) -> DecisionAnswer:
            found = find_decision(desk.gate.ports.ledger, decision_id)
            if found is None:
                raise NotFound("no such decision", where=decision_id[:80], remedy="Ask dry_run_action for one")
            identity.require_namespace(namespace_of(desk.gate.ports.ledger, decision_id))
            return of_decision(found, whole=True)

        return await _asked(caller, context, "reader", ask)

    @server.tool(annotations=READS)
    async def list_runbooks(context: Context[Any]) -> list[RunbookSummary]:
        """List incident classes with the kinds of action that their runbooks allow."""
        _let_in(caller, context)
        books = desk.gate.ports.runbooks.runbooks.values()
        return [RunbookSummary(id=b.id, title=b.title, actions=sorted({o.kind for o in b.actions})) for b in books]

    @server.tool(annotations=READS)
    async def list_action_kinds(context: Context[Any]) -> list[KindSummary]:
        """List every kind of action there is, with its parameters. There are no others."""
        _let_in(caller, context)
        return [
            KindSummary(id=k.id, title=k.title, targets=sorted(k.targets), params=k.params.model_json_schema())
            for k in CATALOGUE.values()
        ]


def _checking(server: MCPServer, desk: Desk, caller: Caller) -> None:
    @server.tool(annotations=READS)
    async def check_command(
        context: Context[Any],
        command: str,
        files: Files = {},  # noqa: B006 - copied by the protocol for each call
        incident: IncidentReference | None = None,
        evidence: Evidence = [],  # noqa: B006 - copied by the protocol for each call
    ) -> CommandAnswer | DecisionAnswer:
        """Say what a raw command would be: reading, typed actions with decisions, or a refusal. Never executes."""

        def ask() -> CommandAnswer | DecisionAnswer:
            body: dict[str, Any] = {"command": command, "files": files, "evidence": evidence}
            if incident is not None:
                body["incident"] = incident.model_dump(mode="json")
            try:
                return answer_question(desk, check_question(body), caller(context, "proposer"))
            except PenstockError as error:
                return of_error(error)

        return await anyio.to_thread.run_sync(ask)
