"""Keep what a proposal is to make of its target, so that admission can hold what is applied against it.

Kept with the decision that opens it and in the same transaction; looked up by target. What was never merged holds
nobody.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.core.admission.intended import Intended, intended_of, read_intended
from engine.core.lifecycle import MERGED, ProposalState, read_state
from engine.core.proposal import TargetReference
from engine.ports import Transaction

if TYPE_CHECKING:
    from engine.usecases.build_change import BuiltChange

INTENDED = "intended"


def keep_intended(
    tx: Transaction, proposal_id: str, target: TargetReference, built: BuiltChange | None, at: str
) -> None:
    """Keep the fields that a built change sets; nothing where there is no object before or after to compare."""
    if built is None or built.change is None or built.before is None or built.after is None:
        return
    if built.before.get("kind") != built.after.get("kind"):
        return
    intended = intended_of(proposal_id, built.before, built.after)
    tx.put(INTENDED, proposal_id, intended.as_document(), status=_place(target), at=at)


def merged_intentions(tx: Transaction, target: TargetReference) -> list[tuple[ProposalState, Intended]]:
    """What was merged about a target, oldest merge first."""
    found = [read_intended(document) for document in tx.select(INTENDED, status=_place(target))]
    states = [(tx.find("proposals", one.proposal), one) for one in found]
    known = [(read_state(document), one) for document, one in states if document is not None]
    return sorted(((s, one) for s, one in known if s.status in MERGED), key=lambda pair: pair[0].merged_at)


def _place(target: TargetReference) -> str:
    return f"{target.cluster}/{target.namespace or '-'}/{target.kind}/{target.name}"
