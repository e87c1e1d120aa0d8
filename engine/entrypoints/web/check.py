"""``/v1/check``: what a raw command would be, asked by the agent that the token names. Nothing is executed."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from engine.core.command.answer import CommandAnswer
from engine.core.command.meaning import Place
from engine.core.command.refusal import CommandRefused
from engine.core.decision import Decision
from engine.core.errors import BadInput
from engine.core.identity import Identity
from engine.core.proposal import ClaimedProposer, IncidentReference, Name, Proposal, Prose
from engine.entrypoints.web.desk import AtDesk, Body, Desk, ProposerIdentity
from engine.entrypoints.web.problem import PROBLEMS
from engine.usecases.admit_question import admit_question
from engine.usecases.check_command import Asker, check_command, rehearsing, understand, without_gate
from engine.wiring import shell_grammar

router = APIRouter(prefix="/v1", responses=PROBLEMS)
Text = Annotated[str, StringConstraints(max_length=16_384)]


class CommandQuestion(BaseModel):
    """A script, or the words of one program; ``files`` gives manifests that the command names with ``-f``."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    command: Text | Annotated[list[Text], Field(min_length=1, max_length=500)]
    files: Annotated[dict[Text, Annotated[str, StringConstraints(max_length=262_144)]], Field(max_length=20)] = {}
    incident: IncidentReference | None = None
    reason: Prose = ""
    evidence: Annotated[list[Name], Field(max_length=100)] = []

    def read(self, name: str) -> bytes:
        """A manifest that came with the question. Raises :class:`CommandRefused` for one that didn't."""
        if name not in self.files:
            raise CommandRefused("manifest_unreadable", "didn't come with the command", where=name)
        return self.files[name].encode()

    def asker(self, identity: Identity) -> Asker:
        """Who asks is who the token says."""
        proposer = ClaimedProposer(id=identity.id, kind=identity.kind)
        return Asker(proposer, self.incident, self.reason, tuple(self.evidence))


def check_question(body: Any) -> CommandQuestion:
    """A question from a parsed document. Raises :class:`BadInput` naming the first field that doesn't fit."""
    try:
        return CommandQuestion.model_validate(body)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"]) or "body"
        raise BadInput(first["msg"], where=where, remedy="Give command, and files that it names") from None


def answer_question(desk: Desk, question: CommandQuestion, identity: Identity) -> CommandAnswer:
    """The answer, with decisions that reserve and open nothing. Each counts as a question of the identity's hour.

    Raises :class:`~engine.core.errors.TooManyQuestions`.
    """
    ports = desk.gate.ports
    understood = understand(shell_grammar(), question.command, Place(ports.cluster.name))
    early = without_gate(understood)
    if early is not None:
        return early
    with desk.acting:
        now = desk.now()
        rehearse = rehearsing(ports, now=now)

        def weigh(proposal: Proposal) -> tuple[Decision, str]:
            identity.require_action(proposal.action)
            admit_question(ports.ledger, identity.id, now=now)
            return rehearse(proposal)

        return check_command(ports, understood, question.asker(identity), question.read, weigh)


def _schema() -> dict[str, Any]:
    """The question's own schema; what it refers to is described with the proposal."""
    schema = CommandQuestion.model_json_schema(ref_template="#/components/schemas/{model}")
    return {name: part for name, part in schema.items() if name != "$defs"}


TAKES: dict[str, Any] = {"requestBody": {"required": True, "content": {"application/json": {"schema": _schema()}}}}


@router.post("/check", summary="Check a raw command", openapi_extra=TAKES)
def post_check(desk: AtDesk, identity: ProposerIdentity, body: Body) -> CommandAnswer:
    """Reading, typed actions with decisions, or a refusal. Nothing is executed, reserved or opened."""
    return answer_question(desk, check_question(body), identity)
