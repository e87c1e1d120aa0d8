"""Derive what the gate itself finds out about giving automation more room, and build the edit of policy data.

The edit is two lines at most: the phase of one namespace and class of incident, and the demotion that is cleared with
it. Whether the figures suffice isn't decided here; they are facts, and policy holds them against its thresholds.
"""

from __future__ import annotations

from typing import Any

from engine.core.action.kind import CheckedAction
from engine.core.autonomy import AUTONOMY_FILE, Place, place_of
from engine.core.change.fields import ABSENT, FieldChange, Path
from engine.core.change.model import Change, FileEdit
from engine.core.change.splice import edit
from engine.core.change.yaml_source import read, text_of
from engine.core.errors import NothingToChange, SourceNotFound
from engine.core.facts.cluster_view import ClusterView
from engine.core.input_document import SourceFacts
from engine.core.proposal import ActionRequest
from engine.ports import Ports
from engine.usecases.autonomy import demotion_at, due_phase, figures_at, sentence
from engine.usecases.build_change import BuiltChange
from engine.usecases.derive_facts import Derived
from engine.usecases.derive_one_file import derive_one_file, held_at, namespace_facts


def derive_promotion(ports: Ports, request: ActionRequest, view: ClusterView, now: str) -> Derived:
    """Everything about a promotion that can be known before it is decided."""
    target = namespace_facts(view, request.target)
    return derive_one_file(ports, request, target, lambda checked: _promotion(ports, checked, now))


def _promotion(ports: Ports, checked: CheckedAction, now: str) -> BuiltChange:
    if not ports.autonomy_data:
        remedy = "Edit the policy data by hand, or let policy live in the repository: PENSTOCK_POLICIES=repo:…"
        raise SourceNotFound("the policy doesn't live in the GitOps repository", remedy=remedy)
    assert ports.repository is not None  # noqa: S101 - the caller looked
    place, phase = place_of(checked.target, checked.target.name), str(checked.params.phase)
    commit = ports.repository.head(ports.branch)
    before = held_at(ports.repository, commit, ports.autonomy_data)
    after = promoted(ports, place, phase, before)
    found = ports.ledger.run(lambda tx: figures_at(ports, tx, place, now))
    summary = f"Put {place.namespace} in the phase {phase} for incidents of class {place.incident_class}"
    change = Change(
        commit,
        (FileEdit(ports.autonomy_data, before, after),),
        f"{summary}: {sentence(found)}",
        verified=True,
    )
    source = SourceFacts(status="found", path=ports.autonomy_data, renderer="", commit=commit)
    return BuiltChange(change, source, None, None)


def promoted(ports: Ports, place: Place, phase: str, before: bytes) -> bytes:
    """A file of policy data once a place is put in a phase and its demotion, if any, is cleared.

    ``before`` is the topic's own file or an overlay. Raises :class:`NothingToChange` where the phase isn't the next.
    """
    autonomy = ports.policy.data("autonomy")
    demotion = ports.ledger.run(lambda tx: demotion_at(tx, place, autonomy))
    if phase != (due := due_phase(ports, place)):
        message = f"{place.namespace} isn't due for the phase {phase} for {place.incident_class}"
        raise NothingToChange(message, remedy=f"Promote it to {due}")
    wanted: dict[Path, str] = {("phases", "pairs", place.cluster, place.namespace, place.incident_class): phase}
    if demotion is not None:
        wanted[("cleared", place.cluster, place.namespace, place.incident_class)] = demotion.id
    where = ports.autonomy_data or AUTONOMY_FILE
    text = text_of(before, where)
    top: Path = () if where.endswith(AUTONOMY_FILE) else ("autonomy",)
    for path, value in wanted.items():
        text = edit(text, 0, FieldChange((*top, *path), ABSENT, value), where)
    _prove(text, where, {(*top, *path): value for path, value in wanted.items()})
    return text.encode()


def _prove(text: str, where: str, wanted: dict[Path, str]) -> None:
    """Read again what was edited: a line that doesn't say what it should is no edit."""
    found = read(text.encode(), where)
    for path, value in wanted.items():
        node: Any = found[0]
        for step in path:
            node = node.get(step) if isinstance(node, dict) else None
        if node != value:
            raise NothingToChange("the edit didn't take", where=where, remedy="Edit the policy data by hand")
