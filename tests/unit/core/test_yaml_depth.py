"""Nesting without end is a refusal; it must never end the process."""

from __future__ import annotations

import subprocess
import sys

import pytest

from engine.core.change.yaml_source import read
from engine.core.errors import BadInput
from engine.core.yaml_depth import MOST, refuse_depth
from tests.conftest import ROOT

DEEP = {
    "brackets": "[" * 60_000,
    "braces": "{a: " * 60_000,
    "dashes": "- " * 60_000,
    "a block": "\n".join(" " * n + "a:" for n in range(1500)),
}


@pytest.mark.parametrize("text", DEEP.values(), ids=DEEP.keys())
def test_nesting_without_end_is_refused(text: str) -> None:
    with pytest.raises(BadInput, match=f"deeper than {MOST}"):
        refuse_depth(text, "deep.yaml")


@pytest.mark.parametrize("text", DEEP.values(), ids=DEEP.keys())
def test_a_file_of_the_repository_can_t_end_the_gate(text: str) -> None:
    program = "import sys; from engine.core.change.yaml_source import read; read(sys.stdin.buffer.read(), 'deep.yaml')"
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, input=text, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert "BadInput" in done.stderr


def test_a_wide_document_is_not_a_deep_one() -> None:
    wide = "items: [" + ", ".join("[1]" for _ in range(2000)) + "]"
    refuse_depth(wide, "wide.yaml")
    assert len(read(wide.encode(), "wide.yaml")[0]["items"]) == 2000
