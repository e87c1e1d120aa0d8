"""Facts of an action that somebody's pull request already makes: derived as for any other, from the edit as it is."""

from __future__ import annotations

from engine.core.action.catalogue import reversibility
from engine.core.change.identity import Object
from engine.core.errors import ScanFailed, UnfitBundle
from engine.core.facts.blast import blast_facts
from engine.core.facts.change import change_facts
from engine.core.facts.cluster_view import ClusterView
from engine.core.facts.image import image_facts
from engine.core.facts.recent import recent_facts
from engine.core.facts.target import target_facts
from engine.core.input_document import Finding, ReversibilityFacts, ScaleFacts, TargetFacts
from engine.ports import Ports
from engine.usecases.compile_pull_request import FILES, Compiled
from engine.usecases.declared import declared_context
from engine.usecases.derive_configuration import derive_configuration
from engine.usecases.derive_facts import Derived, check_action
from engine.usecases.scan_change import scan_change, scan_files


def facts_of_edit(ports: Ports, compiled: Compiled, view: ClusterView, now: str) -> Derived:
    """Everything about one action of a pull request that can be known before the ledger is asked."""
    request, built = compiled.request, compiled.built
    action, checked = check_action(request)
    scale = _scale(request.kind, built.before, built.after)
    undo = ReversibilityFacts(reversible=False, inverse=False, data_loss=True, basis="unknown action")
    if checked is not None:
        undo = reversibility(checked, built.before).model_copy(update={"inverse": True})
    findings, unscanned = _scanned(ports, compiled)
    return Derived(
        action=action,
        target=_target(ports, compiled, view),
        source=built.source,
        blast=blast_facts(view, request, checked.disruption if checked else "unknown", scale),
        reversibility=undo,
        recent=recent_facts(view, request.target, _times(ports, compiled), now),
        scale=scale,
        image=image_facts(view, request.target, built.before, built.after),
        change=change_facts(compiled.built.change).model_copy(update=unscanned),
        built=built,
        configuration=derive_configuration(ports, request.target, built, declared_context(ports, view, now=now)),
        findings=findings,
    )


def _scanned(ports: Ports, compiled: Compiled) -> tuple[tuple[Finding, ...], dict[str, object]]:
    """What the edit brings in; an edit that can't be scanned is one that couldn't be built."""
    try:
        found = scan_change(ports, compiled.built.before, compiled.built.after)
        change = compiled.built.change
        files = scan_files(ports, change.edits) if compiled.request.target.kind == FILES and change else ()
    except ScanFailed as refusal:
        return (), {"built": False, "verified": False, "refusal": refusal.reason}
    return (*found, *files), {}


def _target(ports: Ports, compiled: Compiled, view: ClusterView) -> TargetFacts:
    """Of files that no source reads, the repository's owner is the owner, as policy data names it."""
    found = target_facts(view, compiled.request.target, managed_by_git=True)
    if compiled.request.target.kind != FILES:
        return found
    owner = ports.policy.data("changes").get("repository_owner")
    if not isinstance(owner, str):
        raise UnfitBundle(
            "changes.repository_owner is no team", where="policy data", remedy="Run penstock policy check"
        )
    return found.model_copy(update={"owner": owner})


def _scale(kind: str, before: Object | None, after: Object | None) -> ScaleFacts:
    if kind != "scale_workload":
        return ScaleFacts(before=None, after=None)
    return ScaleFacts(before=_replicas(before), after=_replicas(after))


def _replicas(obj: Object | None) -> int | None:
    count = ((obj or {}).get("spec") or {}).get("replicas")
    return count if type(count) is int and count >= 0 else None


def _times(ports: Ports, compiled: Compiled) -> list[str] | None:
    source = compiled.built.source
    if ports.repository is None or not source.path:
        return None
    return [commit.at for commit in ports.repository.history(source.commit, source.path, 20)]
