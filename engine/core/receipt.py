"""The receipt: what exactly was decided, so that what merges and what is applied can be held against it.

An approval of "the rollback" is worth nothing if the branch, the target or the policy can change afterwards. The
receipt binds all of them by digest; a mismatch is not an opinion but a refusal.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from engine.core.input_document import Receipt as ReceiptFacts
from engine.core.input_document import TargetFacts


@dataclass(frozen=True, slots=True)
class Receipt:
    """The binding of one decision. ``head`` is the pull request's head commit, ``tip`` the record's tip it anchors."""

    decision_id: str
    action_digest: str
    input_digest: str
    change_digest: str
    policy_revision: str
    policy_digest: str
    head: str
    target_uid: str
    target_resource_version: str
    target_generation: int | None
    expires_at: str
    tip: str

    def trailers(self) -> dict[str, str]:
        """What the commit carries, so that Git alone can prove what was decided."""
        return {
            "Penstock-Decision": self.decision_id,
            "Penstock-Action": self.action_digest,
            "Penstock-Input": self.input_digest,
            "Penstock-Policy": f"{self.policy_revision} {self.policy_digest}",
            "Penstock-Record-Tip": self.tip,
        }

    def as_document(self) -> dict[str, Any]:
        """Plain fields, as the ledger stores them."""
        return asdict(self)


def read_receipt(document: dict[str, Any]) -> Receipt:
    """The receipt that :meth:`Receipt.as_document` wrote."""
    return Receipt(**document)


@dataclass(frozen=True, slots=True)
class Found:
    """What is there when a receipt is held against it. ``on_branch``: the merge would go to the protected branch."""

    head: str
    on_branch: bool
    action_digest: str
    change_digest: str
    target: TargetFacts


def compare(receipt: Receipt, found: Found, *, now: str) -> ReceiptFacts:
    """What still holds of a receipt, as facts for policy; ``now`` is RFC 3339 in UTC."""
    target = found.target
    same_object = receipt.target_uid == target.uid and receipt.target_generation == target.generation
    return ReceiptFacts(
        head_matches=receipt.head == found.head,
        base_matches=found.on_branch,
        action_matches=receipt.action_digest == found.action_digest,
        change_matches=receipt.change_digest == found.change_digest,
        target_matches=same_object,
        expired=now >= receipt.expires_at,
    )
