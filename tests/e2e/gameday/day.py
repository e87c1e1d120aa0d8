"""One game day: each fault is brought about, noticed, decided, proposed, approved, merged and watched until it is over.

The next fault is played while the last one is still being verified, as it would be on a bad day.
"""

from __future__ import annotations

import sys
import time
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import Any

from tests.e2e.gameday.faults import Fault
from tests.e2e.gameday.ground import APPROVERS, Ground, known
from tests.e2e.lab.gate import until

MERGE_SECONDS, RECOVERY_SECONDS, END_SECONDS = 90.0, 180.0, 420.0
ENDED = ("succeeded", "failed", "closed", "refused", "escalated")


@dataclass
class Played:
    """What came of a fault: seconds since it was brought about, by step, and what was said where it went no further."""

    fault: Fault
    seconds: dict[str, float] = field(default_factory=dict)
    decision: str = ""
    ended: str = ""
    said: str = ""


def play(ground: Ground, faults: list[Fault]) -> list[Played]:
    """All of them, in order."""
    with ThreadPoolExecutor(len(faults)) as watching:
        begun = [_begin(ground, fault, watching) for fault in faults]
        return [played.result() for played in begun]


def _begin(ground: Ground, fault: Fault, watching: ThreadPoolExecutor) -> Future[Played]:
    """Bring a fault about and see it merged; somebody else waits for its end."""
    print(f"{fault.incident_class}: {fault.what}", file=sys.stderr, flush=True)
    played, began = Played(fault), time.monotonic()

    def step(name: str) -> None:
        played.seconds[name] = time.monotonic() - began
        print(f"  {name} after {played.seconds[name]:.1f} s", file=sys.stderr, flush=True)

    try:
        fault = replace(fault, params=fault.params | (fault.play(ground) or {}))
        played.fault = fault
        state = _merged(ground, played, step)
    except AssertionError as error:
        played.said = str(error)[:300]
        print(f"  {played.said}", file=sys.stderr, flush=True)
        state = None
    return watching.submit(_followed, ground, played, state, began)


def _merged(ground: Ground, played: Played, step: Any) -> Any:
    """The proposal as it was merged; ``None`` where it wasn't opened."""
    gate, fault = ground.story.gate, played.fault
    incident = known(ground, fault.incident_class, fault.target, fault.seconds)
    step("incident")
    if fault.action:
        body = _proposal(gate.ask("GET", f"/v1/incidents/{incident['id']}"), fault)
        played.decision = gate.ask("POST", "/v1/decisions", body)["outcome"]
        step("decision")
        state = gate.ask("POST", "/v1/proposals", body)
    else:
        state = until(lambda: _own(ground, fault), "the gate proposes by itself")
        played.decision = state["decision"]["outcome"]
        step("decision")
    if not state["pull_request"]:
        rules = [f"{one['rule']}: {one['message']}" for one in state["decision"]["violations"]]
        played.ended, played.said = state["status"], "; ".join(rules)
        print(f"  {played.said}", file=sys.stderr, flush=True)
        return None
    step("pull request")
    for who in APPROVERS:
        ground.story.review(state["pull_request"], who)
    until(lambda: ground.story.pull(state["pull_request"])["merged"], "it is merged", seconds=MERGE_SECONDS)
    step("merge")
    return state


def _own(ground: Ground, fault: Fault) -> Any:
    """What the drift watch proposed for a target."""
    for one in ground.story.gate.ask("GET", "/v1/proposals"):
        found = ground.story.proposal(one["id"])
        target = found["action"]["target"]
        about = (target["namespace"], target["kind"], target["name"])
        if found["proposer"]["kind"] == "drift" and about == fault.target:
            return found
    return None


def _proposal(incident: Any, fault: Fault) -> dict[str, Any]:
    namespace, kind, name = fault.target
    cluster, reason = incident["key"].split("/")[0], incident["key"].rsplit("/", 1)[1]
    target = {"cluster": cluster, "namespace": namespace, "kind": kind, "name": name}
    return {
        "proposer": {"id": "agent:triage", "kind": "agent"},
        "action": {"kind": fault.action, "target": target, "params": fault.params},
        "incident": {"namespace": namespace, "kind": kind, "name": name, "reason": reason},
        "reason": fault.what,
        "evidence": [each["id"] for each in incident["evidence"]][:6],
    }


def _followed(ground: Ground, played: Played, state: Any, began: float) -> Played:
    """Wait until the workload is whole again by the API's own word, and the gate says how it ended."""
    if state is None:
        return played

    def now() -> Any:
        return ground.story.proposal(state["id"])

    def step(name: str) -> None:
        played.seconds[name] = time.monotonic() - began

    try:
        until(lambda: now()["synced_at"], "Argo CD applies it", seconds=RECOVERY_SECONDS)
        step("sync")
        until(lambda: ground.whole(*played.fault.target), "it is whole again", seconds=RECOVERY_SECONDS)
        step("recovery")
        ended = until(
            lambda: (one := now())["status"] in ENDED and one, "the gate says how it ended", seconds=END_SECONDS
        )
        step("verified")
        played.ended, played.said = ended["status"], ended["note"]
    except AssertionError as error:
        played.ended, played.said = now()["status"], f"{str(error)[:200]}; {now()['note']}"
    return played
