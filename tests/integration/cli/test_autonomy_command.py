"""The command that shows what automation may do, and asks people to let it do more."""

from __future__ import annotations

import json
from typing import Any

import pytest

from engine.entrypoints.cli.main import main

CLAIM = ("payments", "crash-loop", "--reason", "it went well")


@pytest.fixture
def run(desk: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Any:
    settings = desk.gate.settings
    desk.propose("restart_workload", "Deployment/payments-api")
    for name in ("state", "repo", "snapshot", "data"):
        monkeypatch.setenv(f"PENSTOCK_{name.upper()}", str(getattr(settings, name)))

    def invoked(*words: str) -> tuple[int, str, str]:
        capsys.readouterr()
        code = main(["autonomy", *words])
        said = capsys.readouterr()
        return code, said.out, said.err

    return invoked


def test_the_report_says_phase_and_figures(run: Any) -> None:
    code, out, _ = run("report", "-o", "json", "--at", "2026-11-14T04:00:00Z")
    (row,) = json.loads(out)
    assert code == 0
    assert (row["phase"], row["figures"]["decisions"], row["interval"]) == ("safe_alone", 1, {"low": 0, "high": 100})
    assert "nothing is known" in run("report", "--at", "2026-11-14T04:00:00Z")[1]


def test_after_the_last_phase_there_is_none_to_ask_for(run: Any) -> None:
    code, out, err = run("promote", *CLAIM, "--at", "2026-11-14T04:00:00Z")
    assert (code, out) == (2, "")
    assert "none follows" in err


def test_a_promotion_that_isnt_earned_writes_no_edit(run: Any) -> None:
    code, out, err = run("promote", "checkout", *CLAIM[1:], "--at", "2026-11-14T04:00:00Z")
    assert (code, out) == (1, "")
    assert "people judged 0 decisions here" in err
