"""``penstock policy simulate``: what would policy say, if. Nothing is recorded, reserved or opened."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from engine.entrypoints.cli.decide import Repo, Snapshot
from engine.entrypoints.cli.output import Form, say, write_decision

if TYPE_CHECKING:
    from engine.core.decision import Decision

Subject = Annotated[
    str, typer.Argument(help="A recorded decision's id, or a file: a proposal, or an input document. - reads stdin.")
]
Approved = Annotated[list[str] | None, typer.Option("--approved-by", help="Somebody who approves; may be repeated.")]
At = Annotated[str, typer.Option(help="As of this RFC 3339 time.")]
Switch = Annotated[str, typer.Option(help="With the kill switch there: normal, advisory or frozen.")]
Environment = Annotated[str, typer.Option(help="As if the target were in this environment.")]
Edit = Annotated[list[str] | None, typer.Option("--set", help="Any fact by path, as path=value; may be repeated.")]
Data = Annotated[Path | None, typer.Option(help="Policy data laid over the shipped data.")]
Policies = Annotated[Path | None, typer.Option(help="Another policies folder than the one in force.")]
Output = Annotated[Form, typer.Option("--output", "-o", help="How to write the answer.")]


def simulate(  # noqa: PLR0913 - each is a flag of its own
    subject: Subject,
    *,
    approved_by: Approved = None,
    at: At = "",
    switch: Switch = "",
    environment: Environment = "",
    set_: Edit = None,
    data: Data = None,
    policies: Policies = None,
    snapshot: Snapshot = None,
    repo: Repo = None,
    output: Output = Form.table,
) -> int:
    """Ask policy about a proposal, an input document or a past decision, with facts replaced.

    Shows the whole tree and what would make it allowed, from the rules that decided. Exit codes as for `decide`.

    Example: penstock policy simulate dec-0123456789abcdef --approved-by alice --switch frozen
    """
    from engine import wiring
    from engine.entrypoints.cli.asking import given
    from engine.usecases.simulate import WhatIf, read_edit
    from engine.usecases.simulate import simulate as ask

    settings = given(snapshot=snapshot, repo=repo, data=data)
    document, before = _input(settings, subject, at)
    values = dict(read_edit(text) for text in set_ or [])
    what_if = WhatIf(tuple(approved_by or ()), at, switch, environment, values)
    with wiring.candidate_policy(settings, policies or settings.policies or wiring.shipped("policies"), say=say) as it:
        _, decision = ask(it, document, what_if)
    if before is not None:
        say(f"recorded: {before.outcome}, tier {before.tier}; simulated: {decision.outcome}, tier {decision.tier}")
    return write_decision(decision, output)


def _input(settings: Any, subject: str, at: str) -> tuple[dict[str, Any], Decision | None]:
    """The input document that is meant, and the recorded decision on it where there is one."""
    from engine import wiring
    from engine.usecases.simulate import recorded_input

    if subject.startswith("dec-"):
        with wiring.ledger(settings) as ledger:
            document, decision = ledger.run(lambda tx: recorded_input(tx, subject))
            return document, decision
    from engine.core import canonical
    from engine.entrypoints.cli.asking import read_bytes

    text = read_bytes(Path(subject))
    document = canonical.parse(text, where=subject)
    if isinstance(document, dict) and "schema_version" in document:
        return document, None
    return _compiled(settings, text, subject, at), None


def _compiled(settings: Any, text: bytes, subject: str, at: str) -> dict[str, Any]:
    """The input document of a proposal, compiled as `decide` would."""
    from engine import wiring
    from engine.core.proposal import read_proposal
    from engine.usecases.propose import rehearse

    proposal = read_proposal(text, where=subject)
    with wiring.gate(settings, acting=False) as gate:
        now = gate.instant(at or None)
        asked = rehearse(gate.ports, proposal, authenticated=True, now=now, signals=gate.signals(now))
    return asked.document.model_dump(mode="json")
