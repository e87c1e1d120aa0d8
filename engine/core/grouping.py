"""Grouping: a storm of signals becomes one incident at the root-cause owner, not hundreds.

First the chain of owner references says whose trouble it is. Then whatever else one owner shows within a window of
time is the same trouble under another name: BackOff, CrashLoopBackOff, Unhealthy and missing replicas of one
Deployment are one incident. What a scanner found in the very image that is failing is evidence of that failure, and
an incident of its own only where nothing else is wrong. What shows where people already run an incident joins theirs,
and never makes a rival one. Last, pods that suffer only because their node does belong
to the node. What a service shows because another that it depends on is in trouble isn't swallowed, only named
beside: that is a guess, and a wrong one would hide an incident.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from engine.core.classification import RunbookIndex
from engine.core.folding import attach, begin, fold, primary_reason
from engine.core.incident import Incident, move, relate
from engine.core.moment import shift
from engine.core.signal import ObjectReference, Signal

WINDOW_SECONDS = 900
REOPEN_SECONDS = 1800
NODE_LABEL = "node"
IMAGE_LABEL = "image"

# Reasons of a pod, and of a workload whose pods fail on one node alone, that say nothing of themselves: with that node
# in trouble they are the node's.
_SUFFERED = frozenset(
    {"ContainersNotReady", "Evicted", "NodeNotReady", "NodeLost", "NodeShutdown", "TaintManagerEviction", "Terminated"}
    | {"KubePodNotReady", "ReplicasMismatch", "NodeAffinity", "Preempting", "FailedMount", "NetworkNotReady"}
)
# Conditions and events of a node that its pods suffer from.
_SICK = frozenset(
    {"NodeNotReady", "DiskPressure", "MemoryPressure", "PIDPressure", "NetworkUnavailable", "KubeNodeNotReady"}
    | {"NodeHasDiskPressure", "EvictionThresholdMet", "KubeNodeUnreachable", "FreeDiskSpaceFailed", "KubeNodePressure"}
)

Dependencies = Mapping[ObjectReference, frozenset[ObjectReference]]


@dataclass
class _Board:
    """The incidents while a batch of signals is folded in, by where a signal would look for them."""

    index: RunbookIndex
    window_seconds: int
    places: dict[tuple[ObjectReference, str], list[Incident]] = field(default_factory=dict)
    new: set[tuple[ObjectReference, str, int]] = field(default_factory=set)

    def take(self, signal: Signal, root: ObjectReference, times: int) -> None:
        lane = self.index.lane(signal)
        if lane and self._joins(signal, root, times):
            return
        there = self.places.setdefault((root, lane), [])
        for position in range(len(there) - 1, -1, -1):
            incident = there[position]
            if incident.status == "resolved":
                if signal.at <= incident.resolved_at:
                    return  # an old observation told late
                if not _comes_back(incident, signal):
                    continue
                incident = move(incident, "open", at=signal.at, because=f"{signal.reason} came back")
            elif not _same_trouble(incident, signal, self.window_seconds):
                continue
            there[position] = fold(incident, signal, self.index, times)
            return
        if not signal.resolved and (signal.severity != "info" or self.index.matching(signal)):
            self.new.add((root, lane, len(there)))
            there.append(fold(begin(signal, root, lane), signal, self.index, times))

    def _joins(self, signal: Signal, root: ObjectReference, times: int) -> bool:
        """Make what is said of an image evidence of every failure of it; false where it is an incident of its own."""
        there = self.places.get((root, ""), [])
        failing = [position for position, incident in enumerate(there) if _fails_with(incident, signal)]
        for position in failing:
            there[position] = attach(there[position], signal, times)
        apart = self.places.get((root, self.index.lane(signal)), [])
        return bool(failing) and all(incident.status == "resolved" for incident in apart)

    def incidents(self) -> list[Incident]:
        """All incidents, the new ones keyed by the reason that turned out to be the primary one."""
        found = []
        for (root, lane), there in self.places.items():
            for position, incident in enumerate(there):
                fresh = (root, lane, position) in self.new
                found.append(replace(incident, reason=primary_reason(incident, self.index)) if fresh else incident)
        return found


def group(
    signals: Iterable[Signal],
    index: RunbookIndex,
    incidents: Sequence[Incident] = (),
    *,
    depends_on: Dependencies | None = None,
    window_seconds: int = WINDOW_SECONDS,
) -> list[Incident]:
    """``incidents`` with ``signals`` folded in, and what new ones they make; ordered by first sight, then key.

    What is merely informative and of no known class joins an incident, but makes none.

    ``depends_on`` says which workload calls which; incidents of both within the window name each other.
    """
    counted = _counted(signals)
    batch = [signal for signal, _ in counted]
    board = _Board(index, window_seconds)
    for incident in sorted(incidents, key=lambda i: (i.first_seen, i.id)):
        board.places.setdefault((incident.root, incident.lane), []).append(incident)
    roots = _known_roots(batch, incidents)
    sick = _sick_nodes(batch, incidents)
    for signal, times in sorted(counted, key=lambda told: index.lane(told[0]) != ""):
        board.take(signal, _place(signal, roots, sick), times)
    grouped = sorted(board.incidents(), key=lambda i: (i.first_seen, i.key, i.lane))
    return _related(grouped, depends_on or {}, window_seconds)


def _counted(signals: Iterable[Signal]) -> list[tuple[Signal, int]]:
    """Distinct signals in order of time, with how often each was told.

    Of signals at one instant the first may name a novel incident, so their words, which a digest is of, come last.
    """
    found: dict[tuple[str, str, str, str, bool, str], tuple[Signal, int]] = {}
    for signal in signals:
        same = (signal.at, signal.source, signal.reason, str(signal.subject), signal.resolved, signal.digest)
        told = found.get(same)
        found[same] = (signal, 1) if told is None else (told[0], told[1] + 1)
    return [found[same] for same in sorted(found)]


def _place(
    signal: Signal, roots: Mapping[ObjectReference, ObjectReference], sick: frozenset[ObjectReference]
) -> ObjectReference:
    node = ObjectReference(signal.subject.cluster, "", "Node", signal.labels.get(NODE_LABEL, ""))
    if signal.reason in _SUFFERED and node in sick:
        return node
    return signal.owners[-1] if signal.owners else roots.get(signal.subject, signal.subject)


def _known_roots(batch: Sequence[Signal], incidents: Sequence[Incident]) -> dict[ObjectReference, ObjectReference]:
    """What is known of whose an object is, so that a source which doesn't say can be placed as well."""
    known = {m: i.root for i in incidents for m in i.members if not i.lane and i.root.kind != "Node"}
    for signal in batch:
        if signal.owners:
            known[signal.subject] = signal.owners[-1]
            known.update((owner, signal.owners[-1]) for owner in signal.owners)
    return known


def _sick_nodes(batch: Sequence[Signal], incidents: Sequence[Incident]) -> frozenset[ObjectReference]:
    seen = {s.subject for s in batch if s.subject.kind == "Node" and s.reason in _SICK and not s.resolved}
    held = {
        i.root
        for i in incidents
        if i.root.kind == "Node" and i.status != "resolved" and any(reason in _SICK for _, reason in i.kinds)
    }
    return frozenset(seen | held)


def _same_trouble(incident: Incident, signal: Signal, window_seconds: int) -> bool:
    """Known by name at any time while it is open, and whatever shows while people run it; else within the window."""
    if incident.lane or incident.led or (signal.source, signal.reason) in incident.kinds or signal.resolved:
        return True
    earliest, latest = shift(incident.first_seen, -window_seconds), shift(incident.last_seen, window_seconds)
    return earliest <= signal.at <= latest


def _fails_with(incident: Incident, signal: Signal) -> bool:
    """Whether what fires in an open incident runs the very image that a signal is about."""
    image = signal.labels.get(IMAGE_LABEL)
    if not image or signal.resolved or incident.status == "resolved":
        return False
    firing = (kept for kept in incident.signals if (kept.source, kept.reason) in incident.kinds)
    return any(kept.labels.get(IMAGE_LABEL) == image for kept in firing)


def _comes_back(incident: Incident, signal: Signal) -> bool:
    known = (signal.source, signal.reason) in incident.kinds
    return known and not signal.resolved and signal.at <= shift(incident.resolved_at, REOPEN_SECONDS)


def _related(incidents: list[Incident], depends_on: Dependencies, window_seconds: int) -> list[Incident]:
    """Incidents that share an owner in different lanes, or whose owners depend on one another, name each other."""
    found = {incident.id: incident for incident in incidents}
    live = [incident for incident in incidents if incident.status != "resolved"]
    for position, one in enumerate(live):
        for other in live[position + 1 :]:
            if not _overlap(one, other, window_seconds):
                continue
            calls = other.root in depends_on.get(one.root, ()) or one.root in depends_on.get(other.root, ())
            if calls or one.root == other.root or set(one.members) & set(other.members):
                found[one.id] = relate(found[one.id], other.id)
                found[other.id] = relate(found[other.id], one.id)
    return list(found.values())


def _overlap(one: Incident, other: Incident, window_seconds: int) -> bool:
    return one.first_seen <= shift(other.last_seen, window_seconds) and other.first_seen <= shift(
        one.last_seen, window_seconds
    )
