"""What is said of an incident at the shell is kept, also where nothing was seen yet and no cluster is set."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from engine.entrypoints.cli.main import main

PLACE = "payments/Deployment/payments-api"


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Any:
    monkeypatch.setenv("PENSTOCK_STATE", str(tmp_path / "state"))

    def invoked(*words: str) -> tuple[int, str]:
        code = main(["incidents", *words])
        return code, capsys.readouterr().out

    return invoked


def test_an_incident_that_people_declare_before_anything_is_seen_is_there_afterwards(run: Any) -> None:
    assert run("attach", PLACE, "--commander", "olga")[0] == 0
    (found,) = json.loads(run("list", "-o", "json")[1])
    assert (found["root"]["name"], found["commander"]) == ("payments-api", "olga")
    assert run("attach", PLACE, "--detach")[0] == 0
    assert json.loads(run("list", "-o", "json")[1])[0]["commander"] == ""


def test_who_says_nothing_attaches_nothing(run: Any) -> None:
    assert run("attach", PLACE)[0] == 2
    assert json.loads(run("list", "-o", "json")[1]) == []


def test_a_file_that_is_no_export_of_a_chat_makes_no_draft(
    run: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run("attach", PLACE, "--commander", "olga")
    (found,) = json.loads(run("list", "-o", "json")[1])
    good, bad = tmp_path / "good.json", tmp_path / "bad.json"
    good.write_text('[{"type": "message", "ts": "1763089260.000300", "user": "U1", "text": "hello"}]')
    bad.write_text('[{"type": "message", "user": "U1", "text": "hello"}]')
    assert run("postmortem", found["id"], "--chat", str(good))[0] == 0
    capsys.readouterr()
    assert main(["incidents", "postmortem", found["id"], "--chat", str(good), "--chat", str(bad)]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert (str(bad) in said.err, "0.ts" in said.err) == (True, True)
