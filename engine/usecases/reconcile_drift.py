"""Reconcile drift: what differs is observed like any trouble, and proposed to be put back or written down.

The drift watch is a proposer like others. Its proposals go through the same gate, which refuses them while another
incident is open on the target, in a freeze, and wherever else policy says. One that is under way isn't made again, or
its approvals would lapse at every pass; one that was refused is asked again an hour later.
"""

from __future__ import annotations

from collections.abc import Sequence

from engine.core import canonical
from engine.core.drift.difference import Difference
from engine.core.lifecycle import UNDER_WAY, ProposalState, read_state
from engine.core.moment import seconds_between
from engine.core.proposal import ActionRequest, Proposal, check_proposal
from engine.core.signal import Signal
from engine.ports import Ports, Transaction
from engine.usecases.look_for_drift import Drift
from engine.usecases.observe import observe
from engine.usecases.propose import propose
from engine.usecases.resume import advance
from engine.usecases.tell_emergency import tell_emergency

REASON = "Drift"
MOST_FIELDS = 20


def reports_of(drifts: Sequence[Drift]) -> list[dict[str, object]]:
    """What differs of each object as a report of the source ``drift``; noise is reported of nobody."""
    return [_report(drift) for drift in drifts if drift.judged.drifted]


def reconcile_drift(
    ports: Ports, drifts: Sequence[Drift], signals: Sequence[Signal], *, now: str
) -> list[ProposalState]:
    """Observe what drifted, and propose for each object what its data says; what is under way is left alone."""
    observe(ports, signals, now=now)
    made = []
    for drift in drifts:
        tell_emergency(ports, drift, now=now)
        proposal = _proposal(drift, now)
        if proposal is not None and not _under_way(ports, proposal):
            state = propose(ports, proposal, authenticated=True, now=now)
            made.append(advance(ports, state, now=now))
    return made


def _under_way(ports: Ports, wanted: Proposal) -> bool:
    def found(tx: Transaction) -> bool:
        waiting = (read_state(kept) for status in UNDER_WAY for kept in tx.select("proposals", status=status))
        return any(state.action_digest == wanted.action.digest for state in waiting)

    return ports.ledger.run(found)


def _proposal(drift: Drift, now: str) -> Proposal | None:
    """To put back, or else to write down what data names; not both at once, because one would undo the other."""
    about = drift.about
    target = {"cluster": about.cluster, "namespace": about.namespace, "kind": about.kind, "name": about.name}
    revert, codify = drift.judged.revert, drift.judged.codify[:MOST_FIELDS]
    if revert and not _standing(drift, now):
        action = {"kind": "revert_drift", "target": target, "params": {}}
    elif codify:
        action = {"kind": "codify_drift", "target": target, "params": {"fields": [one.path for one in codify]}}
    else:
        return None
    key = canonical.digest([ActionRequest.model_validate(action).digest, _identity(drift), now[:13]])[7:31]
    return check_proposal(
        {
            "proposer": {"id": f"drift:{about.cluster}", "kind": "drift"},
            "action": action,
            "incident": {"namespace": about.namespace, "kind": about.kind, "name": about.name, "reason": REASON},
            "reason": _said(revert or codify),
            "idempotency_key": f"drift-{key}",
        },
        where="drift",
    )


def _standing(drift: Drift, now: str) -> bool:
    """Whether somebody broke the glass for it and their time isn't over; nothing is put back meanwhile."""
    return drift.emergency is not None and seconds_between(now, drift.emergency.until) > 0


def _identity(drift: Drift) -> list[list[object]]:
    return [[one.path, one.live, one.git] for one in drift.judged.drifted]


def _said(found: Sequence[Difference]) -> str:
    names = ", ".join(one.path for one in found[:5])
    holders = sorted({one.holder.manager for one in found if one.holder})
    return f"Git says otherwise of {names}" + (f"; last set by {', '.join(holders)}" if holders else "")


def _report(drift: Drift) -> dict[str, object]:
    about, found = drift.about, drift.judged.drifted
    newest = max((one.holder for one in found if one.holder), key=lambda holder: holder.at, default=None)
    return {
        "cluster": about.cluster,
        "object": {"kind": about.kind, "namespace": about.namespace, "name": about.name},
        "fields": [{"path": one.path, "live": one.live, "git": one.git} for one in found],
        "manager": newest.manager if newest else "",
        **({"at": newest.at} if newest and newest.at else {}),
    }
