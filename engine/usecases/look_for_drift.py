"""Look for drift: what every source in Git makes, held against what lives, judged by policy's data.

Nothing here proposes or writes. What couldn't be looked at is kept beside what was, because an object that nobody
could read hasn't been found to be as Git says.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from engine.core.admission.emergency import Emergency, read_emergency
from engine.core.change.identity import Object
from engine.core.drift.difference import Difference, How, differences_of
from engine.core.drift.judgement import Judged, judge
from engine.core.errors import ChangeRefused, DryRunRefused, DryRunUntried, NotFound
from engine.core.signal import ObjectReference
from engine.core.untrusted import one_line
from engine.ports import Ports
from engine.usecases.declared import git_context
from engine.usecases.dry_run_change import placed
from engine.usecases.find_source import declared_sources, render, tree_at
from engine.usecases.follow_sync import on_its_way

UNREAD = frozenset({"Secret", "SealedSecret"})
APPLIERS = frozenset({"argocd-controller", "kustomize-controller", "helm-controller"})
TOLD = 200


@dataclass(frozen=True, slots=True)
class Drift:
    """One object that isn't as Git says: which source makes it, what differs, and how that was found.

    ``emergency`` is what the object says of a person's write in an emergency.
    """

    about: ObjectReference
    source: str
    judged: Judged
    how: How
    emergency: Emergency | None = None


@dataclass
class Look:
    """One pass. ``unknown`` says of each object or source that couldn't be looked at, why."""

    drifts: list[Drift] = field(default_factory=list)
    clean: list[ObjectReference] = field(default_factory=list)
    unknown: dict[str, str] = field(default_factory=dict)
    dry_runs: int = 0

    @property
    def looked_at(self) -> int:
        """How many objects were held against Git."""
        return len(self.clean) + len(self.drifts)

    @property
    def as_declared(self) -> list[ObjectReference]:
        """What is as Git says, but for noise."""
        return [*self.clean, *(drift.about for drift in self.drifts if not drift.judged.drifted)]


def look_for_drift(ports: Ports, *, now: str) -> Look:
    """One pass over all that Git makes for this cluster.

    Raises :class:`~engine.core.errors.NotFound` where no repository is set, and
    :class:`~engine.core.errors.UnfitBundle` where policy has no word on what is noise.
    """
    if ports.repository is None or ports.renderer is None:
        raise NotFound("no GitOps repository was given", remedy="Set PENSTOCK_REPO or PENSTOCK_FORGE")
    look, topic = Look(), ports.policy.data("drift")
    scaled = _autoscaled(ports)
    for source, about, obj in _declared(ports, look, now):
        try:
            found, how, said = _differences(ports, look, about, obj)
        except (NotFound, DryRunRefused, DryRunUntried) as error:
            look.unknown[str(about)] = one_line(str(error), limit=TOLD)
            continue
        judged = judge(about, found, topic, autoscaled=(about.kind, about.namespace, about.name) in scaled)
        if found:
            look.drifts.append(Drift(about, source, judged, how, said))
        else:
            look.clean.append(about)
    return look


def _declared(ports: Ports, look: Look, now: str) -> Iterator[tuple[str, ObjectReference, dict[str, Any]]]:
    """Every object that Git makes, with the folder of its source; where a source can't be read, that is said."""
    assert ports.repository is not None and ports.renderer is not None  # noqa: S101 - the caller looked
    commit = ports.repository.head(ports.branch)
    tree = tree_at(ports.repository, commit)
    for source in declared_sources(tree, git_context(ports, now=now)):
        name = source.path or source.declared_by
        problem = source.problem or on_its_way(ports, source.applier, commit)
        if problem:
            look.unknown[name] = one_line(problem, limit=TOLD)
            continue
        try:
            objects = render(ports.renderer, tree, commit, source).objects
        except ChangeRefused as error:
            look.unknown[name] = one_line(str(error), limit=TOLD)
            continue
        for obj in objects.values():
            about = _reference(ports.cluster.name, obj, source.namespace)
            if about.kind not in UNREAD:
                yield name, about, placed(obj, source.namespace)


def _reference(cluster: str, obj: Object, namespace: str) -> ObjectReference:
    metadata = obj.get("metadata") or {}
    where = str(metadata.get("namespace") or namespace)
    return ObjectReference(cluster, where, str(obj.get("kind", "")), str(metadata.get("name", "")))


def _differences(
    ports: Ports, look: Look, about: ObjectReference, obj: dict[str, Any]
) -> tuple[list[Difference], How, Emergency | None]:
    """By dry run where somebody may ask the API server, and else by comparing what is declared with what lives."""
    if ports.dry_run is None:
        known = ports.cluster.get(about.kind, about.namespace, about.name)
        return differences_of(obj, known, None), "compared", read_emergency(known)
    live = ports.dry_run.live(obj)
    if live is None:
        return differences_of(obj, None, None), "compared", None
    applied = ports.dry_run.apply(obj, _applier(live))
    look.dry_runs += 1
    return differences_of(obj, live, applied), "dry run", read_emergency(live)


def _applier(live: Mapping[str, Any]) -> str:
    """The GitOps controller that applied it last, as which a field that Git no longer declares shows as one to go."""
    entries = (live.get("metadata") or {}).get("managedFields") or ()
    applied = [str(entry.get("manager")) for entry in entries if entry.get("operation") == "Apply"]
    return next((manager for manager in applied if manager in APPLIERS), "")


def _autoscaled(ports: Ports) -> set[tuple[str, str, str]]:
    """What an autoscaler scales. Where that can't be read nothing is taken for scaled, so nothing passes for noise."""
    try:
        found = ports.cluster.all("HorizontalPodAutoscaler")
    except NotFound:
        return set()
    targets = ((one["metadata"].get("namespace", ""), one["spec"]["scaleTargetRef"]) for one in found)
    return {(str(target.get("kind")), str(namespace), str(target.get("name"))) for namespace, target in targets}
