"""The demonstration's story, step by step; each step says what was promised and whether it came so.

It is a test that people can watch: a step that turns out otherwise is marked, and the command fails.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import typer

from engine import wiring
from engine.core.explanation import Node, explain
from engine.core.incident import Incident
from engine.core.lifecycle import ProposalState
from engine.core.moment import shift
from engine.core.proposal import Proposal, check_proposal
from engine.entrypoints.cli.output import say, write_rows, write_tree
from engine.settings import Settings, read_settings
from engine.usecases.dispatch import dispatch
from engine.usecases.observe import observe
from engine.usecases.propose import dry_run, propose
from engine.usecases.resume import advance
from engine.wiring import Gate, Recording

CLUSTER, NAMESPACE = "prod-eu", "payments"
AGENT = ("agent:triage", "agent")


@dataclass
class Night:
    """The demonstration as it goes on: the gate, the recording, and what was made so far."""

    folder: Path
    gate: Gate
    recording: Recording
    incident: Incident | None = None
    evidence: list[str] = field(default_factory=list)
    injected: str = ""
    restart: ProposalState | None = None
    rollback: ProposalState | None = None
    broken: list[str] = field(default_factory=list)

    def at(self, seconds: int) -> str:
        """So many seconds after the recording of the incident was taken."""
        return shift(self.recording.at("during"), seconds)

    def turn_to(self, phase: str) -> None:
        """Let the gate look at another phase of the recording."""
        self.gate = wiring.looking_at(self.gate, self.recording.folder / phase)

    def promise(self, held: bool, sentence: str) -> None:
        """Say whether what was promised came so."""
        mark = typer.style("✓", fg=typer.colors.GREEN) if held else typer.style("✗ NOT SO:", fg=typer.colors.RED)
        typer.echo(f"   {mark} {sentence}")
        if not held:
            self.broken.append(sentence)

    def propose(self, kind: str, target: str, at: str, **claims: Any) -> ProposalState:
        """Propose, and open and merge as far as policy lets it go."""
        proposal = self.proposal(kind, target, **claims)
        ports = self.gate.ports
        return advance(ports, propose(ports, proposal, authenticated=True, now=at), now=at)

    def proposal(self, kind: str, target: str, **claims: Any) -> Proposal:
        """A proposal about ``Kind/name`` in the payments namespace; an agent's unless ``by`` says otherwise."""
        by, params = claims.get("by", AGENT), claims.get("params", {})
        target_kind, name = target.split("/")
        incident = self.incident if by[1] != "person" and claims.get("answers", True) else None
        named = incident and {
            "namespace": NAMESPACE, "kind": incident.root.kind, "name": incident.root.name, "reason": incident.reason,
        }  # fmt: skip
        document = {
            "proposer": {"id": by[0], "kind": by[1]},
            "action": {
                "kind": kind,
                "target": {"cluster": CLUSTER, "namespace": NAMESPACE, "kind": target_kind, "name": name},
                "params": params,
            },
            "incident": named,
            "reason": claims.get("reason", ""),
            "evidence": claims.get("evidence", self.evidence if named else []),
        }
        return check_proposal(document, where="the demonstration")

    def show(self, state: ProposalState, *, rules: bool = False) -> None:
        """A decision, with the rules that spoke."""
        decision = state.verdict
        if decision is not None:
            tree = explain(decision)
            kept = tuple(n for n in tree.children if rules or n.text != "Rules asked")
            _indent(Node(tree.status, f"{decision.decision_id}  {tree.text}", kept))


def _indent(node: Node) -> None:
    write_tree(node, 1)


Step = tuple[str, Callable[[Night], None]]


def play(folder: Path, *, step: bool) -> int:
    """Play the whole night; 0 when every promise was kept."""
    from engine.entrypoints.cli.story_steps import STEPS, ending

    started = time.monotonic()
    settings = _fresh(folder)
    with wiring.stage(settings, say=say) as (gate, recording):
        night = Night(folder, gate, recording)
        for number, (title, act) in enumerate(STEPS, start=1):
            begun = time.monotonic()
            typer.echo(typer.style(f"\n[{number}/{len(STEPS)}] {title}", bold=True))
            act(night)
            say(f"   {time.monotonic() - begun:.1f} s")
            if step and number < len(STEPS):
                typer.prompt("   Enter goes on", default="", show_default=False)
        while dispatch(gate.ports.ledger, gate.ports.notifiers, now=gate.instant(None)):
            continue
        ending(night, time.monotonic() - started)
    return 1 if night.broken else 0


def _fresh(folder: Path) -> Settings:
    """An empty folder of our own; anything else that lies there is left alone."""
    from engine.core.errors import BadInput

    marker = folder / "penstock-demo"
    if folder.exists() and any(folder.iterdir()):
        if not marker.is_file():
            raise BadInput("holds something that isn't a demonstration", where=str(folder), remedy="Give another --dir")
        shutil.rmtree(folder)
    folder.mkdir(parents=True, exist_ok=True)
    marker.touch()
    demo = wiring.shipped("policies") / "overlays" / "demo.yaml"
    return replace(read_settings(), state=folder / "state", repo=folder / "gitops.git", data=demo, ledger="")


def same_verdict(night: Night, one: Proposal, other: Proposal, at: str) -> bool:
    """Whether two proposals get the same answer in everything that policy says."""
    answers = [dry_run(night.gate.ports, p, authenticated=True, now=at).decision for p in (one, other)]
    parts = [a.model_dump(include={"outcome", "tier", "risk", "violations", "approvals", "rules"}) for a in answers]
    return parts[0] == parts[1]


def look(night: Night, at: str) -> list[Incident]:
    """Observe the cluster as it is now."""
    return observe(night.gate.ports, night.gate.signals(at), now=at)


def table(heads: list[str], rows: list[list[str]]) -> None:
    """A table, set in a little."""
    write_rows(["  ", *heads], [["  ", *row] for row in rows])
