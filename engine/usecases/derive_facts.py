"""Derive facts: what the gate itself finds out about an action before anyone decides.

The change is built here too, in memory, so that policy judges the very edit that would be opened.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.core.action.catalogue import check, reversibility
from engine.core.action.kind import CheckedAction
from engine.core.change.intend.situation import ChangeContext
from engine.core.decision import Quote
from engine.core.errors import BadInput, ChangeRefused, NotFound
from engine.core.facts.blast import blast_facts
from engine.core.facts.change import change_facts
from engine.core.facts.cluster_view import ClusterView, Object
from engine.core.facts.configuration import NO_CONFIGURATION
from engine.core.facts.image import image_facts
from engine.core.facts.recent import recent_facts
from engine.core.facts.target import find_target, target_facts
from engine.core.input_document import (
    Action,
    BlastFacts,
    Change,
    ConfigurationFacts,
    Finding,
    ImageFacts,
    RecentFacts,
    ReversibilityFacts,
    ScaleFacts,
    SourceFacts,
    Target,
    TargetFacts,
)
from engine.core.proposal import ActionRequest
from engine.core.redaction import redact
from engine.ports import GitRepository, Ports
from engine.usecases.dry_run_change import Tried, dry_run_change
from engine.usecases.scan_change import scan_change

if TYPE_CHECKING:
    from engine.usecases.build_change import BuiltChange

NOT_TRIED = Tried("not_needed")
NO_SOURCE = SourceFacts(status="not_needed", path="", renderer="", commit="")


@dataclass(frozen=True, slots=True)
class Derived:
    """Facts that don't depend on the ledger, and the change as built; ``built`` is ``None`` where none was."""

    action: Action
    target: TargetFacts
    source: SourceFacts
    blast: BlastFacts
    reversibility: ReversibilityFacts
    recent: RecentFacts
    scale: ScaleFacts
    image: ImageFacts
    change: Change
    built: BuiltChange | None
    configuration: ConfigurationFacts = NO_CONFIGURATION
    findings: tuple[Finding, ...] = ()
    quotes: tuple[Quote, ...] = ()


@dataclass(frozen=True, slots=True)
class _Attempt:
    """What came of building the change, and what others say of it."""

    built: BuiltChange | None = None
    refusal: ChangeRefused | NotFound | None = None
    findings: tuple[Finding, ...] = ()
    tried: Tried = NOT_TRIED
    configuration: ConfigurationFacts = NO_CONFIGURATION


def derive_facts(ports: Ports, request: ActionRequest, view: ClusterView, context: ChangeContext) -> Derived:
    """Everything about ``request`` that can be known before the ledger is asked, at ``context.now``."""
    action, checked = check_action(request)
    live = find_target(view, request.target)
    attempt = _build(ports, checked, context)
    built = attempt.built
    source = built.source if built else _refused_source(attempt.refusal)
    scale = _scale(built, request, live)
    disruption = checked.disruption if checked else "unknown"
    after = built.after if built else None
    return Derived(
        action=action,
        target=target_facts(view, request.target, managed_by_git=source.status == "found"),
        source=source,
        blast=blast_facts(view, request, disruption, scale),
        reversibility=_reversibility(checked, built, live),
        recent=recent_facts(view, request.target, _commit_times(ports.repository, source), context.now),
        scale=scale,
        image=image_facts(view, request.target, live, after),
        change=_change(checked, attempt),
        built=built,
        configuration=attempt.configuration,
        findings=attempt.findings,
        quotes=attempt.tried.quotes,
    )


def check_action(request: ActionRequest) -> tuple[Action, CheckedAction | None]:
    """The action as policy sees it; one that the catalogue doesn't know or whose parameters don't fit is not known."""
    try:
        checked: CheckedAction | None = check(request)
    except BadInput:
        checked = None
    target = Target.model_validate(request.target.model_dump())
    params = dict(redact(request.params))
    action = Action(kind=request.kind, known=checked is not None, target=target, params=params, digest=request.digest)
    return action, checked


def _build(ports: Ports, checked: CheckedAction | None, context: ChangeContext) -> _Attempt:
    if checked is None or not checked.kind.needs_change:
        return _Attempt()
    if ports.repository is None or ports.renderer is None:
        return _Attempt(refusal=NotFound("no GitOps repository was given"))
    from engine.usecases.build_change import build_change

    try:
        commit = ports.repository.head(ports.branch)
        built = build_change(ports.repository, ports.renderer, commit, checked, context)
        findings = scan_change(ports, built.before, built.after)
    except (ChangeRefused, NotFound) as refusal:
        return _Attempt(refusal=refusal)
    tried = dry_run_change(ports.dry_run, built.before, built.after, checked.target.namespace)
    from engine.usecases.derive_configuration import derive_configuration

    configured = derive_configuration(ports, checked.target, built, context)
    return _Attempt(built, None, findings, tried, configured)


def _refused_source(refusal: ChangeRefused | NotFound | None) -> SourceFacts:
    if refusal is None:
        return NO_SOURCE
    status = {"source_not_found": "missing", "not_found": "missing", "source_ambiguous": "ambiguous"}
    return SourceFacts.model_validate(
        {"status": status.get(refusal.reason, "found"), "path": "", "renderer": "", "commit": ""}
    )


def _scale(built: BuiltChange | None, request: ActionRequest, live: Object | None) -> ScaleFacts:
    if request.kind != "scale_workload":
        return ScaleFacts(before=None, after=None)
    running = ((live or {}).get("spec") or {}).get("replicas")
    if built is not None and built.before is not None and running is None:
        running = (built.before.get("spec") or {}).get("replicas")
    return ScaleFacts(before=_count(running), after=_count(request.params.get("replicas")))


def _count(value: object) -> int | None:
    return value if type(value) is int and value >= 0 else None


def _reversibility(checked: CheckedAction | None, built: BuiltChange | None, live: Object | None) -> ReversibilityFacts:
    if checked is None:
        return ReversibilityFacts(reversible=False, inverse=False, data_loss=False, basis="unknown action")
    facts = reversibility(checked, built.before if built else live)
    return facts.model_copy(update={"inverse": built is not None and built.change is not None})


def _change(checked: CheckedAction | None, attempt: _Attempt) -> Change:
    return change_facts(
        attempt.built.change if attempt.built else None,
        refusal=attempt.refusal,
        needed=checked is None or checked.kind.needs_change,
        dry_run=attempt.tried.state,
    )


def _commit_times(repository: GitRepository | None, source: SourceFacts) -> list[str] | None:
    """When the target's source changed last; ``None`` where there is no history to look at."""
    if repository is None or not source.path:
        return None
    return [commit.at for commit in repository.history(source.commit, source.path, 20)]
