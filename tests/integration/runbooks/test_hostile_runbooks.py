"""A runbook is a file that somebody else may have written: nothing in it ends the gate, each is one clear refusal."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from engine.adapters.runbooks.folder import MAX_DEPTH, load_runbook
from engine.core.errors import BadInput
from tests.conftest import ROOT

HOSTILE = {
    "a list where a name belongs": ("? [title]\n: x\n", "no name of a field"),
    "a word that claims to be a number": ('title: !!int "abc"\n', "is not of the type"),
    "a word that claims to be a truth value": ("title: !!bool abc\n", "is not of the type"),
    "a map that claims to be text": ("title: !!str {a: b}\n", "has the type"),
    "text that claims to be a map": ("title: !!map x\n", "has the type"),
    "a merge key": ("title:\n  <<: {a: b}\n", "has the type"),
    "a date": ("title: 2026-11-14\n", "has the type"),
    "nesting by brackets": (f"title: {'[' * (MAX_DEPTH + 1)}{']' * (MAX_DEPTH + 1)}\n", "nested deeper"),
    "nesting by dashes": (f"title:\n  {'- ' * (MAX_DEPTH + 1)}x\n", "nested deeper"),
}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Where a runbook would be."""
    folder = tmp_path / "some-class"
    folder.mkdir()
    return folder / "runbook.yaml"


@pytest.mark.parametrize(("text", "said"), HOSTILE.values(), ids=HOSTILE.keys())
def test_it_is_refused_with_its_file_and_line(file: Path, text: str, said: str) -> None:
    file.write_text(text)
    with pytest.raises(BadInput, match=said) as refusal:
        load_runbook(file)
    assert refusal.value.where.startswith(f"{file}:")


@pytest.mark.parametrize("text", ["[" * 30_000, "- " * 30_000, "[\n" * 30_000, "? " * 30_000])
def test_nesting_that_would_exhaust_the_stack_is_refused_before_it_is_parsed(file: Path, text: str) -> None:
    file.write_text(text)
    program = f"""
from pathlib import Path
from engine.adapters.runbooks.folder import load_runbook
from engine.core.errors import BadInput
try:
    load_runbook(Path({str(file)!r}))
except BadInput as refusal:
    print(refusal)
"""
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "too many brackets, or too long a line" in done.stdout
