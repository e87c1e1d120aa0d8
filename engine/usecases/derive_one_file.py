"""Derive facts of an action that is one file in Git and nothing in the cluster: it disturbs no pods to be counted."""

from __future__ import annotations

from collections.abc import Callable

from engine.core.action.catalogue import reversibility
from engine.core.action.kind import CheckedAction
from engine.core.decision import Quote
from engine.core.errors import BadInput, ChangeRefused, NotFound, PenstockError
from engine.core.facts.change import change_facts
from engine.core.facts.cluster_view import ClusterView
from engine.core.facts.image import NO_IMAGE
from engine.core.facts.target import target_facts
from engine.core.input_document import (
    BlastFacts,
    Finding,
    RecentFacts,
    ReversibilityFacts,
    ScaleFacts,
    SourceFacts,
    TargetFacts,
)
from engine.core.proposal import ActionRequest, TargetReference
from engine.core.untrusted import one_line
from engine.ports import GitRepository, Ports
from engine.usecases.build_change import BuiltChange
from engine.usecases.derive_facts import Derived, check_action

_NO_PODS = BlastFacts(
    unknown=[],
    pods=0,
    pods_percent=0,
    workloads=0,
    namespaces=0,
    dependents=0,
    critical_dependents=0,
    disruption_budget="none",
    autoscaler="none",
)

Building = Callable[[CheckedAction], BuiltChange]


def derive_one_file(
    ports: Ports, request: ActionRequest, target: TargetFacts, build: Building, findings: tuple[Finding, ...] = ()
) -> Derived:
    """Everything about such an action that can be known before the ledger is asked; ``build`` makes its edit."""
    action, checked = check_action(request)
    built, refusal = _built(ports, checked, build)
    return Derived(
        action=action,
        target=target,
        source=built.source if built else _no_source(refusal),
        blast=_NO_PODS,
        reversibility=_reversibility(checked, built),
        recent=RecentFacts(known=True, changes=0, last_age_seconds=None, deploy_in_progress=False),
        scale=ScaleFacts(before=None, after=None),
        image=NO_IMAGE,
        change=change_facts(built.change if built else None, refusal=refusal),
        built=built,
        findings=findings,
        quotes=(_why(refusal),) if isinstance(refusal, PenstockError) else (),
    )


def _why(refusal: PenstockError) -> Quote:
    """Policy sees the code of a refusal; people want to know what was meant by it."""
    said = f"{refusal.message}. {refusal.remedy}".strip(" .")
    return Quote(rule="change/verified", by="the gate", text=one_line(said, limit=400))


def namespace_facts(view: ClusterView, target: TargetReference) -> TargetFacts:
    """A class of incident isn't in the cluster: where it runs and whose it is are its namespace's."""
    namespace = TargetReference(cluster=target.cluster, kind="Namespace", name=target.namespace or target.name)
    facts = target_facts(view, namespace, managed_by_git=True)
    return facts.model_copy(update={"uid": "", "resource_version": "", "generation": None, "stateful": False})


def held_at(repository: GitRepository, commit: str, path: str) -> bytes:
    """A file of a commit. Raises :class:`NotFound`."""
    data = repository.read(commit, path)
    if data is None:
        raise NotFound("the branch holds no such file", where=path, remedy="Merge it there")
    return data


def _built(ports: Ports, checked: CheckedAction | None, build: Building) -> tuple[BuiltChange | None, Exception | None]:
    if checked is None:
        return None, None
    if ports.repository is None:
        return None, NotFound("no GitOps repository was given")
    try:
        return build(checked), None
    except (ChangeRefused, NotFound, BadInput) as refusal:
        return None, refusal


def _no_source(refusal: Exception | None) -> SourceFacts:
    found = refusal is None or isinstance(refusal, ChangeRefused)
    return SourceFacts(status="found" if found else "missing", path="", renderer="", commit="")


def _reversibility(checked: CheckedAction | None, built: BuiltChange | None) -> ReversibilityFacts:
    if checked is None:
        return ReversibilityFacts(reversible=False, inverse=False, data_loss=False, basis="unknown action")
    return reversibility(checked, None).model_copy(update={"inverse": built is not None})
