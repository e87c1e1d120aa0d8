"""What policy is told of the edits themselves, for every path that builds some or has none to build."""

from __future__ import annotations

from engine.core.change.model import Change
from engine.core.errors import OutsideTree
from engine.core.input_document import Change as ChangeSection
from engine.core.input_document import DryRunState


def change_facts(
    change: Change | None,
    *,
    refusal: Exception | None = None,
    needed: bool = True,
    dry_run: DryRunState = "not_needed",
) -> ChangeSection:
    """The section ``change``. ``refusal`` is why nothing was built; ``needed`` says whether anything has to be."""
    return ChangeSection(
        built=change is not None,
        verified=change is not None and change.verified,
        needed=needed,
        refusal=getattr(refusal, "reason", ""),
        digest=change.digest if change else "",
        files=len(change.edits) if change else 0,
        lines=change.lines if change else 0,
        outside_tree=isinstance(refusal, OutsideTree),
        dry_run=dry_run,
    )
