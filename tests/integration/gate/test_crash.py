"""A crash between any two steps leaves neither a lost record nor a second pull request."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from engine.core.record import verify_chain
from engine.usecases.resume import resume

SCRIPT = """
import os, signal, sys
from pathlib import Path
sys.path.insert(0, {root!r})
from tests.conftest import Desk, RECORDING, DEMO_DATA
from engine import wiring
from engine.core.incident import read_incident
from engine.settings import read_settings
from dataclasses import replace
from engine.usecases.observe import observe
import engine.adapters.forge.local as local
import engine.usecases.resume, engine.usecases.propose

def die(*args, **kwargs):
    os.kill(os.getpid(), signal.SIGKILL)

point = {point!r}
if point == "before opening":
    local.LocalForge.open = die
if point == "after opening":
    really = local.LocalForge.open
    def open_and_die(self, *args, **kwargs):
        really(self, *args, **kwargs)
        die()
    local.LocalForge.open = open_and_die
if point == "before merging":
    local.LocalForge.merge = die
if point == "after merging":
    merge = local.LocalForge.merge
    def merge_and_die(self, *args, **kwargs):
        merge(self, *args, **kwargs)
        die()
    local.LocalForge.merge = merge_and_die

folder = Path({folder!r})
settings = replace(read_settings(), state=folder / "state", repo=folder / "gitops.git", snapshot=RECORDING / "during",
                   data=DEMO_DATA, ledger="")
with wiring.gate(settings, acting=True) as gate:
    now = "2026-11-14T03:18:00Z"
    observe(gate.ports, gate.signals(now), now=now)
    known = [read_incident(d) for d in gate.ports.ledger.run(lambda tx: tx.select("incidents"))]
    desk = Desk(gate, now, next(i for i in known if i.incident_class == "crash-loop"))
    desk.propose("restart_workload", "Deployment/payments-api")
"""


@pytest.mark.parametrize("point", ["before opening", "after opening", "before merging", "after merging"])
def test_what_was_decided_is_finished_once_after_a_kill(
    settings: Any, open_desk: Any, tmp_path: Path, point: str
) -> None:
    script = SCRIPT.format(root=str(Path(__file__).parents[3]), folder=str(tmp_path), point=point)
    killed = subprocess.run([sys.executable, "-c", script], env=os.environ, check=False, capture_output=True)
    assert killed.returncode == -signal.SIGKILL, killed.stderr.decode()

    desk = open_desk(settings)
    resumed = resume(desk.gate.ports, now=desk.later(120))
    resume(desk.gate.ports, now=desk.later(180))

    assert [state.status for state in resumed] == ["verifying"]
    pulls = desk.gate.ports.forge.find(resumed[0].pull_request_key)
    assert [pull.state for pull in pulls] == ["merged"]
    assert len(desk.records("merge")) == 1
    assert len(desk.records("decision")) >= 2
    verify_chain(desk.gate.ports.ledger.export())
