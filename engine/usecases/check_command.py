"""Check a raw command: reading, typed actions with their decisions, or a refusal. It never executes anything.

1. The grammar gives simple commands; each is read-only, asks for something, or is refused. This needs no gate.
2. What asks for something by a manifest, a release or a plan is looked up in Git and the cluster.
3. Each action goes the way of every proposal. When any part is refused, none is decided on.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from pydantic import ValidationError

from engine.core.command.answer import ActionAnswer, CommandAnswer, CommandClass, CommandPart, answer, refusal_of, shown
from engine.core.command.classify import classify, shell_script
from engine.core.command.meaning import Acts, Meaning, Place, Reads, SimpleCommand
from engine.core.command.refusal import CommandRefused
from engine.core.decision import Decision
from engine.core.errors import BadInput, CouldNotDecide
from engine.core.proposal import ActionRequest, ClaimedProposer, IncidentReference, Proposal
from engine.core.redaction import redact_text
from engine.core.signal import Signal
from engine.ports import Ports, ShellGrammar
from engine.usecases.propose import dry_run
from engine.usecases.propose import propose as propose_action
from engine.usecases.resolve_command import ReadFile, resolve
from engine.usecases.resume import advance

MOST_ACTIONS, MOST_SHELLS, MOST_REASON = 20, 3, 4000


@dataclass(frozen=True, slots=True)
class Understood:
    """A simple command with what it means, or why that isn't known."""

    words: tuple[str, ...]
    meaning: Meaning | None = None
    refusal: CommandRefused | None = None

    @property
    def reads(self) -> bool:
        """Whether it can neither write nor execute anything."""
        return isinstance(self.meaning, Reads)


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asks, about which incident and why; ``key`` makes the idempotency key of each action where it is given."""

    proposer: ClaimedProposer
    incident: IncidentReference | None = None
    reason: str = ""
    evidence: tuple[str, ...] = ()
    key: str = ""


Weigh = Callable[[Proposal], tuple[Decision, str]]


def asker_of(proposer: str, incident: str, reason: str, evidence: Sequence[str]) -> Asker:
    """Who asks, from what a person or a wrapper wrote. Raises :class:`BadInput` for what doesn't fit.

    ``incident`` is empty or ``NAMESPACE/KIND/NAME/REASON``; whoever isn't called ``agent:…`` is a person.
    """
    fields = dict(zip(("namespace", "kind", "name", "reason"), incident.split("/"), strict=False)) if incident else None
    try:
        if fields is not None and len(fields) != 4:
            raise BadInput("isn't NAMESPACE/KIND/NAME/REASON", where="--incident", remedy="Give its four parts")
        kind = "agent" if proposer.startswith("agent:") else "person"
        claimed = ClaimedProposer.model_validate({"id": proposer, "kind": kind})
        named = IncidentReference.model_validate(fields) if fields else None
        return Asker(claimed, named, reason[:MOST_REASON], tuple(evidence))
    except ValidationError as error:
        message = error.errors(include_url=False, include_input=False)[0]["msg"]
        raise BadInput(message, where="--incident or --proposer", remedy="Write names as Kubernetes has them") from None


def understand(grammar: ShellGrammar, command: Sequence[str] | str, place: Place) -> list[Understood]:
    """Every simple command of a script, or of the words that a program would be started with."""
    words = () if isinstance(command, str) else tuple(command)
    text = command if isinstance(command, str) else words[0] if len(words) == 1 else None
    try:
        return _scripted(grammar, text, place, 0) if text is not None else _one(grammar, SimpleCommand(words), place, 0)
    except CommandRefused as refusal:
        return [Understood((text,) if text is not None else words, refusal=refusal)]


def _scripted(grammar: ShellGrammar, text: str, place: Place, depth: int) -> list[Understood]:
    return [found for command in grammar.commands(text) for found in _one(grammar, command, place, depth)]


def _one(grammar: ShellGrammar, command: SimpleCommand, place: Place, depth: int) -> list[Understood]:
    try:
        script = shell_script(command)
        if script is None:
            return [Understood(command.words, classify(command, place))]
        return _inner(grammar, script, place, depth + 1)
    except CommandRefused as refusal:
        return [Understood(command.words, refusal=refusal)]


def _inner(grammar: ShellGrammar, script: str, place: Place, depth: int) -> list[Understood]:
    if depth > MOST_SHELLS:
        raise CommandRefused("nested_too_deep", "is a shell in a shell in a shell")
    return _scripted(grammar, script, place, depth)


def without_gate(understood: Sequence[Understood]) -> CommandAnswer | None:
    """The answer where it needs neither Git, cluster nor policy: all of it reads, or part of it is refused."""
    decided = any(one.refusal for one in understood) or all(one.reads for one in understood)
    return answer([_part(one, _plain(one)) for one in understood], []) if decided else None


def check_command(
    ports: Ports, understood: Sequence[Understood], asker: Asker, read: ReadFile, weigh: Weigh
) -> CommandAnswer:
    """The answer to a command, with decisions by ``weigh``. ``read`` gives the bytes of a manifest by its name.

    Raises :class:`~engine.core.errors.CouldNotDecide`, as proposing does.
    """
    early = without_gate(understood)
    if early is not None:
        return early
    parts = [_looked_up(ports, one, read) for one in understood]
    wanted = {action.digest: action for part in parts for action in part.actions}
    if len(wanted) > MOST_ACTIONS:
        refusal = CommandRefused("too_many", f"asks for {len(wanted)} actions, over {MOST_ACTIONS}")
        parts.append(_part(Understood(("all of it",), refusal=refusal), ()))
    if any(part.refusal for part in parts):
        return answer(parts, [])
    answers = []
    for number, action in enumerate(wanted.values()):
        decision, proposal = weigh(_proposal(action, asker, number))
        answers.append(ActionAnswer(action=action, decision=decision, proposal=proposal))
    return answer(parts, answers)


def rehearsing(ports: Ports, *, now: str, signals: Sequence[Signal] = ()) -> Weigh:
    """Decisions that reserve and open nothing."""

    def weigh(proposal: Proposal) -> tuple[Decision, str]:
        return dry_run(ports, proposal, authenticated=True, now=now, signals=signals).decision, ""

    return weigh


def proposing(ports: Ports, *, now: str) -> Weigh:
    """Decisions that are proposals, opened as pull requests where policy allows it."""

    def weigh(proposal: Proposal) -> tuple[Decision, str]:
        state = advance(ports, propose_action(ports, proposal, authenticated=True, now=now), now=now)
        if state.verdict is None:
            raise CouldNotDecide(f"{state.id} holds no decision")
        return state.verdict, state.id

    return weigh


def _looked_up(ports: Ports, one: Understood, read: ReadFile) -> CommandPart:
    try:
        known = one.meaning is None or isinstance(one.meaning, Reads | Acts)
        return _part(one, _plain(one) if known else resolve(ports, one.meaning, read))
    except CommandRefused as refusal:
        return _part(Understood(one.words, refusal=refusal), ())


def _plain(one: Understood) -> Sequence[ActionRequest]:
    """The actions that a command names outright."""
    return one.meaning.actions if isinstance(one.meaning, Acts) else ()


def _part(one: Understood, actions: Sequence[ActionRequest]) -> CommandPart:
    kind: CommandClass = "refused" if one.refusal else "read_only" if one.reads else "action"
    refusal = refusal_of(one.refusal) if one.refusal else None
    return CommandPart(command=shown(one.words), command_class=kind, actions=list(actions), refusal=refusal)


def _proposal(action: ActionRequest, asker: Asker, number: int) -> Proposal:
    key = f"{asker.key}.{number}" if asker.key else ""
    return Proposal(
        proposer=asker.proposer,
        action=action,
        incident=asker.incident,
        reason=redact_text(asker.reason),
        evidence=list(asker.evidence),
        idempotency_key=key,
    )
