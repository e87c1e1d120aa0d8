"""What the policy tree has to be like for a missing value to refuse, in whatever way it is loaded."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

POLICIES = Path(__file__).parents[3] / "policies"
MODULES = sorted(POLICIES.rglob("*.rego"))


def test_there_are_modules_to_look_at() -> None:
    assert len(MODULES) > 60


@pytest.mark.parametrize("module", MODULES, ids=lambda m: str(m.relative_to(POLICIES)))
def test_a_negation_holds_for_what_is_undefined_in_every_module(module: Path) -> None:
    """Without this import ``not permitted(input.missing)`` is undefined, and a refusal that hangs on it is silent."""
    assert "import rego.v2" in module.read_text().splitlines(), f"{module}: add `import rego.v2` after the package"


def test_a_negation_holds_for_what_is_undefined_in_the_bundle() -> None:
    assert json.loads((POLICIES / "rego" / ".manifest").read_text()) == {"roots": ["gate"], "rego_version": 2}


def test_no_builtin_of_the_policies_reads_a_clock_a_network_or_an_environment() -> None:
    capabilities = json.loads((POLICIES / "capabilities.json").read_text())
    assert not capabilities.get("allow_net")
    assert not [builtin["name"] for builtin in capabilities["builtins"] if builtin.get("nondeterministic")]
    outside = ("http.", "net.lookup", "time.", "opa.", "rand.", "uuid.", "io.", "rego.parse", "print", "trace")
    assert not [builtin["name"] for builtin in capabilities["builtins"] if builtin["name"].startswith(outside)]
