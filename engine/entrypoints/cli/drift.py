"""``penstock drift``: what of the cluster isn't as Git says, who made it so, and what the gate says of mending it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from engine.entrypoints.cli.decide import At, Data, Repo, Snapshot
from engine.entrypoints.cli.output import Form, say

if TYPE_CHECKING:
    from engine.core.drift.difference import Difference
    from engine.core.lifecycle import ProposalState
    from engine.usecases.look_for_drift import Drift, Look

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.command()
def drift(
    snapshot: Snapshot = None,
    repo: Repo = None,
    data: Data = None,
    at: At = None,
    propose: Annotated[bool, typer.Option("--propose", help="Observe what drifted and propose to mend it.")] = False,
    output: Annotated[Form, typer.Option("--output", "-o", help="table, or json.")] = Form.table,
) -> int:
    """Hold the cluster against Git once: 0 where it is as Git says, 1 where it isn't or couldn't be looked at.

    With PENSTOCK_DRY_RUN_KUBECONFIG the API server is asked what applying Git would make of each object. Without it,
    the declared fields are compared with the live ones, and nobody's name is known.
    """
    from engine import wiring
    from engine.core import canonical
    from engine.entrypoints.cli.asking import given
    from engine.entrypoints.drift import act_on
    from engine.usecases.look_for_drift import look_for_drift

    settings = given(snapshot=snapshot, repo=repo, data=data)
    with wiring.gate(settings, acting=propose, say=say) as gate:
        now = gate.instant(at)
        looked = look_for_drift(gate.ports, now=now)
        states = act_on(gate.ports, looked, now=now) if propose else []
    if output is Form.json:
        typer.echo(canonical.encode(_document(looked, states)).decode())
    else:
        _table(looked, states)
    drifted = any(one.judged.drifted for one in looked.drifts)
    return 1 if drifted or looked.unknown else 0


def _document(looked: Look, states: list[ProposalState]) -> dict[str, Any]:
    return {
        "looked_at": looked.looked_at,
        "dry_runs": looked.dry_runs,
        "unknown": looked.unknown,
        "drifts": [
            {"object": str(one.about), "source": one.source, "how": one.how, "fields": list(_fields(one))}
            for one in looked.drifts
        ],
        "proposals": [{"id": state.id, "status": state.status, "kind": state.claims.action.kind} for state in states],
    }


def _fields(one: Drift) -> list[dict[str, Any]]:
    judged = one.judged
    found = [(field, because, "noise") for field, because in judged.noise]
    found += [(field, "", "codify") for field in judged.codify] + [(field, "", "revert") for field in judged.revert]
    return [
        {"path": field.path, "live": field.live, "git": field.git, "judged": word, "because": because, **_holder(field)}
        for field, because, word in found
    ]


def _holder(field: Difference) -> dict[str, str]:
    holder = field.holder
    return {"manager": holder.manager if holder else "", "at": holder.at if holder else ""}


def _table(looked: Look, states: list[ProposalState]) -> None:
    from engine.core.untrusted import one_line

    for one in looked.drifts:
        typer.echo(f"{one_line(str(one.about))}  (from {one_line(one.source)}, by {one.how})")
        for field in _fields(one):
            who = f"  by {field['manager']} at {field['at'] or 'no known time'}" if field["manager"] else ""
            why = f": {field['because']}" if field["because"] else ""
            text = f"{field['judged']}{why}  {field['path']}: {field['live']!r}, in Git {field['git']!r}{who}"
            typer.echo(f"  {one_line(text, limit=300)}")
    for name, why in sorted(looked.unknown.items()):
        typer.echo(f"not known: {one_line(name)}: {one_line(why, limit=300)}")
    asked = f"{looked.dry_runs} of them by dry run" if looked.dry_runs else "by comparing, no dry run"
    typer.echo(f"{looked.looked_at} objects looked at, {asked}; {len(looked.unknown)} couldn't be")
    for state in states:
        typer.echo(f"{state.id}  {state.claims.action.kind}  {state.status}")
