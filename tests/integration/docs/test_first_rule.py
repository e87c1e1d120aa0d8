"""The tutorial is followed as a reader would: its files are written, its commands run, its exit codes seen."""

from __future__ import annotations

import re
import shlex
import shutil
from pathlib import Path

import pytest

from engine.entrypoints.cli.main import main
from tests.conftest import ROOT

PAGE = (ROOT / "docs" / "first-rule.md").read_text()
BLOCK = re.compile(r"^```(?P<kind>\w+)(?: (?P<about>\S+))?\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)


def test_the_tutorial_does_what_it_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copytree(ROOT / "policies", tmp_path / "policies")
    monkeypatch.chdir(tmp_path)
    told = []
    for block in BLOCK.finditer(PAGE):
        if block["kind"] != "console":
            file = tmp_path / block["about"]
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(block["text"])
            continue
        wanted = int((block["about"] or "exit=0").removeprefix("exit="))
        for line in block["text"].splitlines():
            code = main(shlex.split(line.removeprefix("$ "))[1:])
            told.append(capsys.readouterr())
            assert code == wanted, f"{line}\n{told[-1].out}\n{told[-1].err}"
    _, checked, refused, let_by = (each.out for each in told)
    assert "FAILED" not in checked
    assert "shop is being migrated" in refused
    assert "Wait until the migration is over" in refused
    assert "is being migrated" not in re.sub(r"the target is being migrated", "", let_by)
