"""The shipped policy through both evaluators: they agree, and nothing that is missing is allowed."""

from __future__ import annotations

import copy
import dataclasses
import json
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from engine.adapters.opa.bundle import Bundle, load_bundle
from engine.adapters.opa.command import run_opa
from engine.adapters.opa.embedded import EmbeddedPolicyEngine
from engine.adapters.opa.referee import RefereePolicyEngine
from engine.adapters.opa.server import OpaServerEngine
from engine.adapters.opa.server_process import OpaServerProcess
from engine.core import canonical
from engine.ports import PolicyEngine

ROOT = Path(__file__).parents[3]
POLICIES = ROOT / "policies"
ODD: list[Any] = [None, "", [], {}, 0, -1, True, False, 10**9, "\u0000", "production"]
Path_ = tuple[str | int, ...]


@pytest.fixture(scope="module")
def shipped(opa: Path, cache: Path) -> Bundle:
    """The shipped policy with the data of the demonstration."""
    return load_bundle(POLICIES, cache=cache, opa=lambda: opa, overlay=POLICIES / "overlays" / "demo.yaml")


@pytest.fixture(scope="module")
def referee(shipped: Bundle, opa: Path, cache: Path) -> Iterator[PolicyEngine]:
    """Both evaluators on it."""
    with ExitStack() as held:
        process = held.enter_context(OpaServerProcess(opa, shipped))
        server = OpaServerEngine(process.url, shipped.identity, seconds=30)
        yield held.enter_context(RefereePolicyEngine(EmbeddedPolicyEngine(shipped, cache=cache), server))


@pytest.fixture(scope="module")
def allowed(opa: Path) -> dict[str, Any]:
    """The input that the policy's own tests call allowed."""
    query = ("eval", "--bundle", "rego", "--format", "raw", "data.gate.lib.sample_test.allowed")
    answer: dict[str, Any] = json.loads(run_opa(opa, query, folder=POLICIES).out)
    return answer


def paths(value: Any, here: Path_ = ()) -> Iterator[Path_]:
    children = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, child in children:
        yield (*here, key)
        yield from paths(child, (*here, key))


def changed(document: dict[str, Any], path: Path_, *values: Any) -> bytes:
    """The document without what is at a path, or with another value there."""
    copied = copy.deepcopy(document)
    node: Any = copied
    for step in path[:-1]:
        node = node[step]
    if values:
        node[path[-1]] = values[0]
    else:
        del node[path[-1]]
    return canonical.encode(copied)


def test_the_sample_is_allowed_and_both_say_so(referee: PolicyEngine, allowed: dict[str, Any]) -> None:
    assert referee.decide(canonical.encode(allowed)).outcome == "allow"


def test_without_any_one_field_it_is_denied_and_both_say_so(referee: PolicyEngine, allowed: dict[str, Any]) -> None:
    free = {("action", "params"), ("time", "zones"), ("evidence",)}  # mappings and lists that people fill as they like
    let_through = [
        path
        for path in paths(allowed)
        if not any(isinstance(step, int) for step in path)
        and not any(path[: len(known)] == known and len(path) > len(known) for known in free)
        and referee.decide(changed(allowed, path)).outcome != "deny"
    ]
    assert let_through == []


@pytest.mark.parametrize("turn", [0, 5])
def test_with_any_one_field_made_odd_both_say_the_same(
    referee: PolicyEngine, allowed: dict[str, Any], turn: int
) -> None:
    documents = [changed(allowed, path, ODD[(n + turn) % len(ODD)]) for n, path in enumerate(paths(allowed))]
    assert "deny" in {referee.decide(document).outcome for document in documents}


def test_without_any_one_topic_of_data_it_is_denied(
    allowed: dict[str, Any], shipped: Bundle, cache: Path, tmp_path: Path
) -> None:
    document = json.loads(shipped.data_json)
    assert document["gate"]["data"]
    let_through = []
    for topic in document["gate"]["data"]:
        data = copy.deepcopy(document)
        del data["gate"]["data"][topic]
        engine = EmbeddedPolicyEngine(dataclasses.replace(shipped, data_json=canonical.encode(data)), cache=cache)
        if engine.decide(canonical.encode(allowed)).outcome == "allow":
            let_through.append(topic)
    assert let_through == []
