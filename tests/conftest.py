"""A real gate on the recording: real policy, real Git, real ledger, in a folder of the test's own."""

from __future__ import annotations

import gc
import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck
from hypothesis import settings as search

from engine import wiring
from engine.adapters.render.renderer import SourceRenderer
from engine.core.evidence import evidence_of
from engine.core.incident import Incident, read_incident
from engine.core.lifecycle import ProposalState
from engine.core.moment import shift
from engine.core.proposal import Proposal, check_proposal
from engine.ports import Ports
from engine.settings import Settings, read_settings
from engine.usecases.dispatch import dispatch
from engine.usecases.observe import observe
from engine.usecases.propose import propose
from engine.usecases.resume import advance
from engine.wiring import Gate
from engine.wiring.tools import obtain_tool
from tests import command
from tests.postgres import PostgresProcess, missing, running
from tests.rendering import RememberingRenderer

search.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
search.load_profile("untimed")

ROOT = Path(__file__).parents[1]
RECORDING = ROOT / "gitops" / "recordings" / "payments-crash-loop"
DURING = RECORDING / "during"
NOW, LEDGER = "2026-11-14T03:18:00Z", "penstock.db"
DEMO_DATA = ROOT / "policies" / "overlays" / "demo.yaml"


def pytest_collection_finish() -> None:
    """Look for garbage less often, and not among thousands of collected tests: a sixth of all processor time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 50, 100)


def tell_all(ports: Ports) -> None:
    """Deliver what was announced."""
    while dispatch(ports.ledger, ports.notifiers, now="2026-12-01T00:00:00Z"):
        continue


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresProcess]:
    """A real PostgreSQL; without one the tests that ask for it are skipped, and say so."""
    if missing():
        pytest.skip(missing())
    with running() as server:
        yield server


@pytest.fixture(scope="session")
def penstock_command() -> Iterator[list[str]]:
    """The words that run ``penstock`` as a process of its own, without importing all of it each time."""
    with command.penstock() as words:
        yield words


@pytest.fixture(scope="session")
def repository_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The GitOps repository with its whole history, made once; tests copy it."""
    from engine.adapters.git.history_file import make_repository, read_steps

    path = tmp_path_factory.mktemp("template") / "gitops.git"
    make_repository(path, ROOT / "gitops" / "workloads", read_steps(RECORDING / "history.yaml"))
    subprocess.run(["git", "-C", str(path), "repack", "-adq"], check=True, timeout=60)  # copied quicker, as clones are
    return path


@pytest.fixture
def settings(tmp_path: Path, repository_template: Path) -> Settings:
    """Settings of a gate that looks at the incident, in a folder of its own."""
    repo = tmp_path / "gitops.git"
    shutil.copytree(repository_template, repo)
    return replace(
        read_settings(),
        state=tmp_path / "state",
        repo=repo,
        snapshot=DURING,
        data=DEMO_DATA,
        ledger="",
    )


@dataclass
class Desk:
    """A gate and the short words tests need: the incident, a proposal about it, and proposing it."""

    gate: Gate
    now: str
    incident: Incident

    def later(self, seconds: int) -> str:
        """An instant after the incident was observed."""
        return shift(self.now, seconds)

    def proposal(self, kind: str, target: str, **claims: Any) -> Proposal:
        """A proposal about ``Kind/name`` in payments; an agent's, answering the incident, unless said otherwise."""
        by, params = claims.get("by", ("agent:triage", "agent")), claims.get("params", {})
        target_kind, name = target.split("/")
        root = self.incident.root
        named = {"namespace": root.namespace, "kind": root.kind, "name": root.name, "reason": self.incident.reason}
        answers = claims.get("answers", by[1] in ("agent", "analyst"))
        place = {"cluster": "prod-eu", "namespace": claims.get("namespace", "payments")}
        return check_proposal(
            {
                "proposer": {"id": by[0], "kind": by[1]},
                "action": {"kind": kind, "target": {**place, "kind": target_kind, "name": name}, "params": params},
                "incident": named if answers else None,
                "reason": claims.get("reason", ""),
                "evidence": claims.get("evidence", self.evidence if answers else []),
                "idempotency_key": claims.get("key", ""),
            },
            where="test",
        )

    @property
    def evidence(self) -> list[str]:
        """Evidence of more than one source, as an agent would cite it."""
        return [piece.id for piece in evidence_of(self.incident)][:4]

    def propose(self, kind: str, target: str, *, after: int = 60, **claims: Any) -> ProposalState:
        """Propose, and open and merge as far as policy lets it go."""
        at = self.later(after)
        ports = self.gate.ports
        return advance(ports, propose(ports, self.proposal(kind, target, **claims), authenticated=True, now=at), now=at)

    def branches(self) -> list[str]:
        """Branches of the GitOps repository besides main."""
        repository: Any = self.gate.ports.repository
        return [name for name in repository.refs("refs/heads/") if not name.endswith("/main")]

    def told(self) -> list[dict[str, Any]]:
        """What people were told, once everything that waits is delivered."""
        tell_all(self.gate.ports)
        journal = self.gate.settings.state / "notifications.jsonl"
        return [json.loads(line) for line in journal.read_text().splitlines()] if journal.exists() else []

    def records(self, kind: str = "") -> list[Any]:
        """The record, or one kind of it."""
        return list(self.gate.ports.ledger.run(lambda tx: tx.records(kind=kind)))


@pytest.fixture(scope="session")
def renderer(tmp_path_factory: pytest.TempPathFactory) -> RememberingRenderer:
    """The real renderer; what it gave is shared by all processes of a run."""
    own = tmp_path_factory.getbasetemp()
    folder = (own.parent if "PYTEST_XDIST_WORKER" in os.environ else own) / "rendered"
    folder.mkdir(exist_ok=True)
    return RememberingRenderer(SourceRenderer(partial(obtain_tool, read_settings())), folder)


@pytest.fixture(scope="session")
def observed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A ledger by which the crash loop was observed, made once; tests copy it."""
    state = tmp_path_factory.mktemp("observed") / "state"
    settings = replace(read_settings(), state=state, snapshot=DURING, data=DEMO_DATA, ledger="")
    with wiring.gate(settings, acting=True) as gate:
        observe(gate.ports, gate.signals(NOW), now=NOW)
    return state / LEDGER


@pytest.fixture
def open_desk(renderer: RememberingRenderer, observed: Path) -> Iterator[Any]:
    """Opens gates on settings, and closes them when the test is over."""
    with ExitStack() as held:

        def opened(settings: Settings) -> Desk:
            ledger = settings.state / LEDGER
            as_recorded = settings.snapshot == DURING and not settings.ledger and not ledger.exists()
            if as_recorded:
                settings.state.mkdir(mode=0o700, parents=True, exist_ok=True)
                shutil.copy(observed, ledger)
            gate = held.enter_context(wiring.gate(settings, acting=True))
            if gate.ports.renderer is not None:
                gate = replace(gate, ports=replace(gate.ports, renderer=renderer))
            if not as_recorded:
                observe(gate.ports, gate.signals(NOW), now=NOW)
            known = [read_incident(d) for d in gate.ports.ledger.run(lambda tx: tx.select("incidents"))]
            return Desk(gate, NOW, next(i for i in known if i.incident_class == "crash-loop"))

        yield opened


@pytest.fixture
def desk(settings: Settings, open_desk: Any) -> Desk:
    """A gate that has just observed the crash loop."""
    opened: Desk = open_desk(settings)
    return opened
