"""One night on call, as a scenario sees it: a cluster, a policy, a repository, a gate and a clock of its own.

Everything is the real part. What a scenario says of the cluster or of the policy is written before the gate looks;
when it changes afterwards, the gate looks again.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from engine import wiring
from engine.adapters.kubernetes.snapshot import file_name
from engine.adapters.opa.bundle import Bundle
from engine.adapters.opa.embedded import EmbeddedPolicyEngine
from engine.core import canonical
from engine.core.change.model import FileEdit
from engine.core.decision import Decision, Verdict
from engine.core.errors import PenstockError
from engine.core.evidence import evidence_of
from engine.core.incident import Incident, read_incident
from engine.core.lifecycle import ProposalState, read_state
from engine.core.moment import shift
from engine.core.proposal import Proposal
from engine.settings import Settings
from engine.usecases.observe import observe
from engine.usecases.propose import propose
from engine.usecases.resume import advance
from engine.usecases.settle import load
from engine.wiring import Gate
from tests.conftest import DEMO_DATA, LEDGER, NOW, RECORDING, tell_all
from tests.features.standing import Standing, standing_of
from tests.features.varied_policy import merge, varied_policy

SAID = ("refused", "asks", "raised", "excepted")

Objects = list[dict[str, Any]]


@dataclass(frozen=True)
class Shared:
    """What every night begins with, made once for all: folders to copy, and parts that nothing changes."""

    repository: Path
    state: Path
    bundle: Bundle
    renderer: Any
    runbooks: Any
    observed: Path


@dataclass
class Night:
    """The world of one scenario; ``now`` is RFC 3339 in UTC, ``state`` the proposal that was last spoken of.

    ``observed`` is the ledger of a gate that has just observed the recording, until something is otherwise here.
    """

    folder: Path
    settings: Settings
    bundle: Bundle
    renderer: Any
    held: ExitStack
    observed: Path | None
    now: str = NOW
    state: ProposalState | None = None
    states: list[ProposalState] = field(default_factory=list)
    verdict: Verdict | Decision | None = None
    error: PenstockError | None = None
    before: Standing | None = None
    heard: set[str] = field(default_factory=set)
    _gate: Gate | None = None
    _policy: dict[str, Any] = field(default_factory=dict)
    _lost: list[tuple[str, ...]] = field(default_factory=list)
    notes: dict[str, Any] = field(default_factory=dict)
    decided_with: dict[str, bytes] = field(default_factory=dict)
    asked: list[tuple[dict[str, Any], Verdict, bytes]] = field(default_factory=list)

    @property
    def gate(self) -> Gate:
        """The gate, opened when it is first needed."""
        if self._gate is None:
            opened = self.held.enter_context(wiring.gate(self.settings, acting=True))
            self._gate = replace(opened, ports=replace(opened.ports, renderer=self.renderer))
            if self._policy or self._lost:
                self._decide_anew()
        return self._gate

    @property
    def ports(self) -> Any:
        """What the use cases are given."""
        return self.gate.ports

    def stop(self) -> None:
        """Stop the gate; it is opened again when it is next needed."""
        self.ports.ledger.close()
        self._gate = None

    def replace_ports(self, **ports: Any) -> None:
        """Give the gate other ports from now on."""
        self._gate = replace(self.gate, ports=replace(self.ports, **ports))

    def pass_time(self, seconds: int) -> str:
        """Let time pass, and say when it is then."""
        self.observed = None
        self.now = shift(self.now, seconds)
        return self.now

    def cluster(self, kind: str, alter: Callable[[Objects], Any]) -> None:
        """Alter the recorded objects of a kind."""
        path = self.snapshot / file_name(kind)
        document = json.loads(path.read_bytes())
        alter(document["items"])
        path.write_text(json.dumps(document))
        self._look_again()

    def hide(self, kind: str) -> None:
        """Take away the gate's sight of a kind."""
        (self.snapshot / file_name(kind)).unlink()
        self._look_again()

    def turn_to(self, phase: str) -> None:
        """Let the cluster be as it was recorded in another phase."""
        shutil.rmtree(self.snapshot)
        shutil.copytree(RECORDING / phase, self.snapshot)
        self._look_again()

    @property
    def snapshot(self) -> Path:
        """The scenario's own copy of the recording."""
        assert self.settings.snapshot is not None
        return self.settings.snapshot

    def _look_again(self) -> None:
        self.observed = None
        if self._gate is not None:
            self._gate = wiring.looking_at(self._gate, self.snapshot)

    def policy(self, topic: str, **data: Any) -> None:
        """Lay data over one topic of the policy's data."""
        merge(self._policy.setdefault(topic, {}), data)
        if self._gate is not None:
            self._decide_anew()

    def lose_policy(self, *path: str) -> None:
        """Take a piece of data away from the policy."""
        self._lost.append(path)
        if self._gate is not None:
            self._decide_anew()

    def _decide_anew(self) -> None:
        assert self._gate is not None
        varied = varied_policy(self.bundle, self.folder / "overlay.yaml", self._policy, self._lost)
        self.decided_with[varied.digest] = varied.data_json
        engine = self.held.enter_context(EmbeddedPolicyEngine(varied, cache=self.settings.cache))
        self._gate = replace(self._gate, ports=replace(self._gate.ports, policy=engine))

    def observe(self, signals: Any = None) -> list[Incident]:
        """Let the gate observe the cluster, or these signals."""
        return observe(self.ports, self.gate.signals(self.now) if signals is None else signals, now=self.now)

    def incidents(self) -> list[Incident]:
        """Every incident the gate knows."""
        return [read_incident(document) for document in self.ports.ledger.run(lambda tx: tx.select("incidents"))]

    @property
    def incident(self) -> Incident:
        """The crash loop of payments-api, observed when it is first asked for."""
        if self._gate is None and self.observed is not None:
            shutil.copy(self.observed, self.settings.state / LEDGER)
        known = self.incidents() or (self.observe() and self.incidents())
        return next(i for i in known if i.root.name == "payments-api" and i.reason == "CrashLoopBackOff")

    def incident_at(self, name: str) -> Incident:
        """The crash loop at the object of that name in payments; where there is none, the one of payments-api."""
        answered = self.incident
        here = [i for i in self.incidents() if i.root.name == name and i.incident_class == "crash-loop"]
        return next((i for i in here if i.root.namespace == "payments"), answered)

    def evidence_of(self, incident: Incident) -> list[str]:
        """Pieces of an incident's evidence, of more than one source, as an agent would cite them."""
        return [piece.id for piece in evidence_of(incident)][:4]

    def keep(self, incident: Incident) -> None:
        """Store an incident as a person left it."""
        document, status = incident.as_document(), incident.status
        self.ports.ledger.run(lambda tx: tx.put("incidents", incident.id, document, status=status, at=self.now))

    def merged_by_hand(self, path: str, alter: Callable[[str], str], message: str) -> None:
        """Let a person's own change of one file be on the protected branch."""
        repository, head = self.ports.repository, self.ports.repository.head("main")
        before = repository.read(head, path)
        edit = FileEdit(path, before, alter(before.decode()).encode())
        commit = repository.commit(head, [edit], message=message, author="Alice <alice@example.com>", at=self.now)
        command = ["git", "-C", str(self.settings.repo), "update-ref", "refs/heads/main", commit, head]
        subprocess.run(command, check=True, timeout=60)

    def propose(self, proposal: Proposal, *, authenticated: bool = True) -> None:
        """Propose, and open and merge as far as policy lets it go; an answer that can't be had is kept as one."""
        self.before = self.standing()
        self.error = None
        at = self.pass_time(10)
        try:
            made = propose(self.ports, proposal, authenticated=authenticated, now=at)
            self.state = advance(self.ports, made, now=at)
            self.states.append(self.state)
        except PenstockError as error:
            self.error = error

    def ask(self, document: dict[str, Any]) -> Verdict:
        """Ask policy about a document that this gate itself wouldn't send; nothing is recorded."""
        self.verdict = verdict = self.ports.policy.decide(canonical.encode(document))
        self.heard |= {result.rule for result in verdict.rules if result.status in SAID}
        self.asked.append((document, verdict, self.decided_with[self.ports.policy.identity().digest]))
        return verdict

    def attempt(self, act: Callable[[], Any]) -> None:
        """Do something that may be refused, and keep the refusal."""
        self.before = self.standing()
        self.error = None
        try:
            act()
        except PenstockError as error:
            self.error = error

    def refresh(self) -> ProposalState:
        """The proposal that was last spoken of, as it stands now."""
        assert self.state is not None, f"nothing was proposed: {self.error}"
        self.state = load(self.ports, self.state.id)
        return self.state

    def decision(self) -> Decision:
        """The last decision on it."""
        found = self.refresh().verdict
        assert found is not None
        return found

    def proposals(self) -> list[ProposalState]:
        """All proposals, oldest first."""
        return [read_state(document) for document in self.ports.ledger.run(lambda tx: tx.select("proposals"))]

    def records(self, kind: str = "") -> list[Any]:
        """The record, or one kind of it."""
        return list(self.ports.ledger.run(lambda tx: tx.records(kind=kind)))

    def told(self) -> list[dict[str, Any]]:
        """What people were told."""
        journal = self.settings.state / "notifications.jsonl"
        if self._gate is not None:
            tell_all(self.ports)
        return [json.loads(line) for line in journal.read_text().splitlines()] if journal.exists() else []

    def standing(self) -> Standing:
        """What would show that something was done, as it is now."""
        return standing_of(self.ports, self.told(), self.now)

    def spoke(self) -> set[str]:
        """Rules that refused, asked, raised the tier or were set aside in any decision of this scenario."""
        if self._gate is None:
            return self.heard
        decided = [record.body["decision"]["rules"] for record in self.records("decision")]
        return self.heard | {r["rule"] for rules in decided for r in rules if r["status"] in SAID}


def begin(folder: Path, shared: Shared, held: ExitStack, settings: Settings) -> Night:
    """A night in a folder of its own."""
    shutil.copytree(shared.repository, folder / "gitops.git")
    shutil.copytree(shared.state, folder / "state")
    shutil.copytree(RECORDING / "during", folder / "cluster")
    shutil.copy(RECORDING / "recording.json", folder)
    own = replace(
        settings,
        state=folder / "state",
        repo=folder / "gitops.git",
        snapshot=folder / "cluster",
        data=DEMO_DATA,
        ledger="",
        evaluator="embedded",
    )
    night = Night(folder, own, shared.bundle, shared.renderer, held, shared.observed)
    night.decided_with[shared.bundle.digest] = shared.bundle.data_json
    return night
