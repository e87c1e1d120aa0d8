"""The life of a proposal: what the gate remembers of it between its steps, and which step may follow which.

Everything needed to go on after a crash is here, the edits included: what is opened later is what was decided,
not what would be built then.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import Any

from engine.core.change.model import Change, FileEdit
from engine.core.decision import Decision
from engine.core.errors import BadInput, NotPermitted
from engine.core.proposal import Proposal, ProposalStatus, recall_proposal

UNDER_WAY = ("opening", "awaiting_approval", "merging")
FOLLOWED = ("verifying", "not_synced")
MERGED = (*FOLLOWED, "succeeded", "failed")
SETTLED = ("refused", "recorded", "rejected", "expired", "closed", "succeeded", "failed")

_STEPS: dict[str, tuple[str, ...]] = {
    "opening": ("awaiting_approval", "closed", "expired"),
    "awaiting_approval": ("awaiting_approval", "merging", "rejected", "expired", "closed", "refused"),
    "merging": ("verifying", "awaiting_approval", "closed"),
    "verifying": ("verifying", "not_synced", "succeeded", "failed"),
    "not_synced": ("verifying",),
}


@dataclass(frozen=True, slots=True)
class ProposalState:
    """One proposal as it stands; documents are plain JSON values.

    ``decision`` is the one that budget, receipt and pull request are bound to, ``latest`` what policy said when it was
    asked again. ``applied_by`` is the GitOps controller's object that applies the target, ``synced_at`` when it was
    first seen at the merged commit. ``handed_over``: the forge was asked to merge it by itself, and policy has said
    nothing else since.
    """

    id: str
    status: ProposalStatus
    proposal: dict[str, Any]
    authenticated: bool
    action_digest: str
    incident_key: str
    created_at: str
    decision: dict[str, Any] | None = None
    latest: dict[str, Any] | None = None
    change: dict[str, Any] | None = None
    receipt: dict[str, Any] | None = None
    pull_request: int | None = None
    merge_commit: str = ""
    merged_at: str = ""
    applied_by: str = ""
    synced_at: str = ""
    passing_since: str = ""
    note: str = ""
    handed_over: bool = False

    @property
    def claims(self) -> Proposal:
        """The proposal as it was made."""
        return recall_proposal(self.proposal, where=self.id)

    @property
    def verdict(self) -> Decision | None:
        """The last decision on it; ``None`` when none could be reached."""
        document = self.latest or self.decision
        return None if document is None else Decision.model_validate(document)

    @property
    def decision_id(self) -> str:
        """The decision that budget and receipt are bound to."""
        return str((self.decision or {}).get("decision_id", ""))

    @property
    def target(self) -> str:
        """The target as one word, for looking up what else is under way on it."""
        return target_key(self.claims)

    @property
    def pull_request_key(self) -> str:
        """Incident and target: one open pull request has one key."""
        return pull_request_key(self.claims, self.incident_key)

    def to(self, status: ProposalStatus, **changes: Any) -> ProposalState:
        """The state after a step; raises :class:`NotPermitted` for a step that doesn't follow."""
        if status not in _STEPS.get(self.status, ()):
            raise NotPermitted(
                f"a proposal that is {self.status} can't become {status}",
                where=self.id,
                remedy=f"See it with: penstock proposals show {self.id}",
            )
        return replace(self, status=status, **changes)

    def as_document(self) -> dict[str, Any]:
        """Plain fields, as the ledger stores them."""
        return asdict(self)


def read_state(document: dict[str, Any]) -> ProposalState:
    """The state that :meth:`ProposalState.as_document` wrote."""
    return ProposalState(**document)


def target_key(proposal: Proposal) -> str:
    """``cluster/namespace/kind/name`` of a proposal's target."""
    target = proposal.action.target
    return f"{target.cluster}/{target.namespace or '-'}/{target.kind}/{target.name}"


def pull_request_key(proposal: Proposal, incident_key: str) -> str:
    """Incident and target as one word."""
    return f"{incident_key or 'no-incident'}|{target_key(proposal)}"


def change_document(change: Change) -> dict[str, Any]:
    """A change as plain JSON; the files the gate edits are UTF-8 text."""
    return {
        "base_commit": change.base_commit,
        "summary": change.summary,
        "verified": change.verified,
        "digest": change.digest,
        "edits": [{"path": e.path, "before": _text(e.before), "after": _text(e.after)} for e in change.edits],
    }


def read_change(document: dict[str, Any]) -> Change:
    """The change that :func:`change_document` wrote; raises :class:`BadInput` when its digest no longer fits."""
    edits = tuple(FileEdit(e["path"], _bytes(e["before"]), _bytes(e["after"])) for e in document["edits"])
    change = Change(document["base_commit"], edits, document["summary"], document["verified"])
    if change.digest != document["digest"]:
        raise BadInput("the stored edits are not the ones that were decided", where="change")
    return change


def _text(data: bytes | None) -> str | None:
    return None if data is None else data.decode("utf-8")


def _bytes(text: str | None) -> bytes | None:
    return None if text is None else text.encode("utf-8")
