"""A shell proves its user and nobody else; and what can't be recorded now is recorded later."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from engine import wiring
from engine.core.errors import BadInput
from engine.settings import read_settings
from tests.conftest import RECORDING
from tests.integration.cli.test_exit_codes import AT, Run, crash, penstock, proposal

__all__ = ["crash", "penstock", "proposal"]


def exported(penstock: Run) -> list[dict[str, object]]:
    return [json.loads(line) for line in penstock("audit", "export").stdout.splitlines()]


def test_the_record_says_who_vouched_for_proposer_and_reviewer(penstock: Run, proposal: Callable[..., str]) -> None:
    file = proposal("rollback_workload", params={"to_revision": "previous"})
    done = penstock("propose", file, "--at", AT, PENSTOCK_IDENTITY="dana")
    assert done.returncode == 3, done.stderr
    waiting = json.loads(penstock("proposals", "list", "-o", "json").stdout)[0]["id"]
    penstock("proposals", "approve", waiting, "--as", "alice", "--at", AT, PENSTOCK_IDENTITY="dana")
    vouched = [record["body"] for record in exported(penstock) if record["kind"] == "vouched"]
    assert vouched == [{"by": "dana", "speaks_for": "agent:triage"}, {"by": "dana", "speaks_for": "alice"}]


def test_nobody_proposes_as_the_gate_itself(penstock: Run, proposal: Callable[..., str]) -> None:
    done = penstock("propose", proposal("restart_workload"), "--at", AT, PENSTOCK_IDENTITY="penstock:verification")
    assert done.returncode == 2
    assert "the gate's own" in done.stderr
    assert json.loads(penstock("proposals", "list", "-o", "json").stdout) == []


def test_another_time_than_now_is_only_for_a_recording(tmp_path: Path) -> None:
    settings = read_settings({"PENSTOCK_STATE": str(tmp_path)})
    ports: Any = None
    recorded = wiring.Gate(ports, replace(settings, snapshot=RECORDING / "during"))
    assert recorded.instant(AT) == AT
    live = wiring.Gate(ports, settings)
    assert live.instant(None) > AT[:4]
    with pytest.raises(BadInput, match="the cluster is as it is now"):
        live.instant(AT)


def test_a_refusal_for_want_of_the_ledger_is_on_record_once_there_is_one(
    penstock: Run, proposal: Callable[..., str], tmp_path: Path
) -> None:
    file = proposal("restart_workload")
    assert penstock("incidents", "list", "--at", AT).returncode == 0
    ledger = tmp_path / "state" / "penstock.db"
    good = ledger.read_bytes()
    ledger.write_bytes(b"this is no database, whatever it is called" * 50)
    for command in ("propose", "decide"):
        assert penstock(command, file, "--at", AT).returncode == 4
    ledger.write_bytes(good)
    for beside in ("penstock.db-wal", "penstock.db-shm"):
        (tmp_path / "state" / beside).unlink(missing_ok=True)
    refusals = [record for record in exported(penstock) if record["kind"] == "refusal"]
    assert [record["body"]["reason"] for record in refusals] == ["ledger_unavailable"] * 2  # type: ignore[index]
    assert sqlite3.connect(ledger).execute("select count(*) from records").fetchone()[0] > 0
