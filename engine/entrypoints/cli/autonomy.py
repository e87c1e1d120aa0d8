"""``penstock autonomy``: where automation may do what, how it fared there, and asking people to let it do more."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from engine.core.untrusted import one_line
from engine.entrypoints.cli.decide import At, Repo, Snapshot
from engine.entrypoints.cli.output import Form, say, write_json, write_proposed, write_rows

if TYPE_CHECKING:
    from engine.core.autonomy import Standing
    from engine.core.proposal import Proposal
    from engine.wiring import Gate

app = typer.Typer(
    add_completion=False, rich_markup_mode=None, no_args_is_help=True, help="Show and extend what automation may do."
)

Namespace = Annotated[str, typer.Argument(help="The namespace.")]
Class = Annotated[str, typer.Argument(help="The class of incident, as runbooks name it.")]
Output = Annotated[Form, typer.Option("--output", "-o", help="How to write the answer.")]
Reason = Annotated[str, typer.Option(help="Why, in a sentence; it is recorded with your name.")]


class Judgement(StrEnum):
    """A person's word on a decision."""

    right = "right"
    wrong = "wrong"


@app.command()
def report(snapshot: Snapshot = None, repo: Repo = None, at: At = None, output: Output = Form.table) -> int:
    """Show each namespace and class of incident: its phase, what was decided, and how far people agreed."""
    from engine import wiring
    from engine.entrypoints.cli.asking import given
    from engine.usecases.autonomy import report as standings

    with wiring.gate(given(snapshot=snapshot, repo=repo), acting=False, needs_cluster=False) as gate:
        found = standings(gate.ports, now=gate.instant(at))
    if output is Form.json:
        write_json([_document(one) for one in found])
    elif output is Form.markdown:
        typer.echo(_markdown([_HEADS, *(_row(one) for one in found)]))
    else:
        write_rows(_HEADS, [_row(one) for one in found])
    return 0


@app.command()
def promote(
    namespace: Namespace,
    incident_class: Class,
    reason: Reason,
    snapshot: Snapshot = None,
    repo: Repo = None,
    at: At = None,
) -> int:
    """Propose the next phase: a pull request to the policy data, with the figures in it. Exit codes as for decide.

    Where the policy doesn't live in the GitOps repository nothing is opened; the edit is written to stdout instead.
    """
    from engine.core.autonomy import Place
    from engine.entrypoints.cli.asking import acting, given, who
    from engine.usecases.autonomy import due_phase
    from engine.usecases.propose import propose
    from engine.usecases.resume import advance
    from engine.usecases.vouch import vouch

    settings = given(snapshot=snapshot, repo=repo)
    with acting(settings) as gate:
        now, by = gate.instant(at), who(settings)
        place = Place(gate.ports.cluster.name, namespace, incident_class)
        proposal = _proposal(place, due_phase(gate.ports, place), by=by, reason=reason)
        if not gate.ports.autonomy_data:
            return _beside(gate, proposal, now)
        vouch(gate.ports.ledger, proposal.action.digest, by=by, speaks_for=by, now=now)
        made = advance(gate.ports, propose(gate.ports, proposal, authenticated=True, now=now), now=now)
    return write_proposed(made, Form.table)


@app.command()
def judge(
    proposal: Annotated[str, typer.Argument(help="A proposal's id.")], said: Judgement, reason: Reason, at: At = None
) -> int:
    """Say whether a decision was right. An action that should never have been proposed demotes automation there."""
    from engine.entrypoints.cli.asking import acting, given, who
    from engine.usecases.autonomy import judge as judge_decision

    settings = given()
    with acting(settings, needs_cluster=False) as gate:
        now, right = gate.instant(at), said is Judgement.right
        state = judge_decision(gate.ports, proposal, right=right, by=who(settings), reason=reason, now=now)
    say(f"{state.id} was judged {said}")
    return 0


def _proposal(place: Any, phase: str, *, by: str, reason: str) -> Proposal:
    from engine.core.action.governance import promote as promotion
    from engine.core.proposal import check_proposal

    action = promotion(place.cluster, place.namespace, place.incident_class, phase)
    claims = {"proposer": {"id": by, "kind": "person"}, "action": action.model_dump(mode="json"), "reason": reason}
    return check_proposal(claims, where="the promotion")


def _beside(gate: Gate, proposal: Proposal, now: str) -> int:
    """The edit for policy that lives elsewhere, once policy itself finds that it is earned."""
    from difflib import unified_diff

    from engine import wiring
    from engine.core.autonomy import AUTONOMY_FILE, place_of
    from engine.usecases.derive_promotion import promoted
    from engine.usecases.propose import rehearse

    asked = rehearse(gate.ports, proposal, authenticated=True, now=now)
    refused = [v for v in asked.decision.violations if v.rule == "autonomy/earned"]
    for violation in refused:
        say(f"{violation.rule}: {violation.message}. {violation.remedy}")
    if refused:
        return 1
    folder = gate.settings.policies or wiring.shipped("policies")
    target = proposal.action.target
    place, phase = place_of(target, target.name), str(proposal.action.params["phase"])
    before = (folder / AUTONOMY_FILE).read_bytes()
    after = promoted(gate.ports, place, phase, before)
    say(f"The policy doesn't live in the GitOps repository, so nothing was opened. Change {folder / AUTONOMY_FILE}:")
    old, new = (side.decode().splitlines(keepends=True) for side in (before, after))
    typer.echo("".join(unified_diff(old, new, f"a/{AUTONOMY_FILE}", f"b/{AUTONOMY_FILE}")), nl=False)
    return 0


_HEADS = ["namespace", "class", "phase", "decisions", "judged", "agreed", "interval", "demoted"]


def _row(one: Standing) -> list[str]:
    place, found = one.place, one.figures
    low, high = found.interval
    interval = f"{low} to {high} %" if found.judged else "nothing is known"
    demoted = f"{one.demotion.id}: {one.demotion.because}" if one.demotion else ""
    counts = [str(found.decisions), str(found.judged), str(found.agreed)]
    return [f"{place.cluster}/{place.namespace}", place.incident_class, one.phase, *counts, interval, demoted]


def _document(one: Standing) -> dict[str, Any]:
    from dataclasses import asdict

    low, high = one.figures.interval
    return asdict(one) | {"interval": {"low": low, "high": high}}


def _markdown(rows: list[list[str]]) -> str:
    lines = [f"| {' | '.join(one_line(cell, limit=100).replace('|', '/') for cell in row)} |" for row in rows]
    return "\n".join([lines[0], "|" + "---|" * len(rows[0]), *lines[1:]])
