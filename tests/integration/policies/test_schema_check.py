"""A rule that names a field the input document hasn't got fails ``opa check`` instead of being silent for ever."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

SCHEMA = Path(__file__).parents[3] / "policies" / "rego" / "gate" / "schema"
CACHED = Path.home() / ".cache" / "penstock" / "tools" / "opa" / "1.22.0" / "opa"

RULE = """\
# METADATA
# schemas:
#   - input: schema.input
package checked

import rego.v2

deny contains "no" if not input.{field} == "x"
"""


@pytest.fixture(scope="module")
def opa() -> str:
    found = os.environ.get("PENSTOCK_OPA") or shutil.which("opa") or (str(CACHED) if CACHED.exists() else None)
    if found is None:
        pytest.skip("no opa binary: neither PENSTOCK_OPA, nor on PATH, nor in the tool cache")
    return found


def check(opa: str, folder: Path, field: str) -> subprocess.CompletedProcess[str]:
    (folder / "checked.rego").write_text(RULE.format(field=field))
    command = [opa, "check", "--strict", "--schema", str(SCHEMA), str(folder)]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


@pytest.mark.parametrize(
    "field", ["stage", "proposer.id", "incident.severity", "runbook.preflight[0].id", "findings[0].check"]
)
def test_a_field_of_the_document_passes(opa: str, tmp_path: Path, field: str) -> None:
    result = check(opa, tmp_path, field)
    assert result.returncode == 0, result.stderr


@pytest.mark.parametrize(
    "field",
    ["stag", "proposer.ident", "incident.severty", "runbook.preflight[0].idd", "findings[0].chek", "receipt.expires"],
)
def test_a_misspelt_field_fails(opa: str, tmp_path: Path, field: str) -> None:
    result = check(opa, tmp_path, field)
    assert result.returncode != 0
    assert f"input.{field}" in result.stderr
