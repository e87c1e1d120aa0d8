"""The embedded evaluator: what it loads, what it refuses to load, and what it leaves behind."""

from __future__ import annotations

import json
import os
import threading
from dataclasses import replace
from pathlib import Path

import pytest
import wasmtime

from engine.adapters.opa.bundle import Bundle, load_bundle
from engine.adapters.opa.embedded import EmbeddedPolicyEngine
from engine.adapters.opa.wasm import Limits
from engine.core.errors import EvaluatorTimeout, GarbledDecision, UnfitBundle

ENDLESS = b'{"pods": 1, "please": "take for ever"}'


def modules(cache: Path) -> list[Path]:
    return sorted((cache / "modules").iterdir())


def test_compiled_code_is_kept_for_its_owner_alone_and_used_again(bundle: Bundle, tmp_path: Path) -> None:
    EmbeddedPolicyEngine(bundle, cache=tmp_path)
    (kept,) = modules(tmp_path)
    assert kept.stat().st_mode & 0o777 == 0o600
    assert kept.parent.stat().st_mode & 0o777 == 0o700
    before = kept.stat().st_mtime_ns
    assert EmbeddedPolicyEngine(bundle, cache=tmp_path).decide(b'{"pods": 1}').outcome == "allow"
    assert kept.stat().st_mtime_ns == before


@pytest.mark.parametrize("damage", ["flipped", "cut", "empty", "foreign"])
def test_damaged_code_is_never_run(bundle: Bundle, tmp_path: Path, damage: str) -> None:
    EmbeddedPolicyEngine(bundle, cache=tmp_path)
    (kept,) = modules(tmp_path)
    good = kept.read_bytes()
    middle = len(good) // 2
    flipped = good[:middle] + bytes([good[middle] ^ 1]) + good[middle + 1 :]
    kept.write_bytes({"flipped": flipped, "cut": good[:middle], "empty": b"", "foreign": b"x" * 4096}[damage])
    assert EmbeddedPolicyEngine(bundle, cache=tmp_path).decide(b'{"pods": 1}').outcome == "allow"
    assert kept.read_bytes() == good


@pytest.mark.parametrize("open_to_others", ["file", "folder"])
def test_code_that_others_could_have_written_is_not_run(bundle: Bundle, tmp_path: Path, open_to_others: str) -> None:
    EmbeddedPolicyEngine(bundle, cache=tmp_path)
    (kept,) = modules(tmp_path)
    before = kept.stat().st_mtime_ns
    (kept if open_to_others == "file" else kept.parent).chmod(0o777)
    EmbeddedPolicyEngine(bundle, cache=tmp_path)
    assert kept.stat().st_mtime_ns != before


def test_a_cache_that_cannot_be_written_costs_only_time(bundle: Bundle, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert EmbeddedPolicyEngine(bundle, cache=tmp_path / "file").decide(b'{"pods": 1}').outcome == "allow"


def test_a_module_with_a_builtin_of_the_host_is_refused(policies: Path, opa: Path, tmp_path: Path) -> None:
    capabilities = policies / "capabilities.json"
    document = json.loads(capabilities.read_text())
    one = {"name": "time.now_ns", "decl": {"result": {"type": "number"}, "type": "function"}, "nondeterministic": True}
    capabilities.write_text(json.dumps({**document, "builtins": [*document["builtins"], one]}))
    rule = policies / "rego/gate/rules/blast/pods/pods.rego"
    rule.write_text(rule.read_text() + '\ndeny contains "now" if time.now_ns() > 0\n')
    bundle = load_bundle(policies, cache=tmp_path, opa=lambda: opa)
    with pytest.raises(UnfitBundle, match=r"time\.now_ns"):
        EmbeddedPolicyEngine(bundle, cache=tmp_path)


@pytest.mark.parametrize(
    "text",
    [
        '(module (import "env" "clock" (func (param i32))))',
        '(module (import "wasi_snapshot_preview1" "fd_write" (func (param i32 i32 i32 i32) (result i32))))',
        "(module)",
        '(module (global (export "opa_wasm_abi_version") i32 (i32.const 2)))',
    ],
)
def test_a_module_that_is_not_a_policy_is_refused(bundle: Bundle, tmp_path: Path, text: str) -> None:
    other = replace(bundle, wasm=bytes(wasmtime.wat2wasm(text)), wasm_digest="sha256:" + "0" * 64)
    with pytest.raises(UnfitBundle):
        EmbeddedPolicyEngine(other, cache=tmp_path)


def test_bytes_that_are_no_module_are_refused(bundle: Bundle, tmp_path: Path) -> None:
    with pytest.raises(UnfitBundle, match="not a WebAssembly module"):
        EmbeddedPolicyEngine(replace(bundle, wasm=b"MZ", wasm_digest="sha256:" + "0" * 64), cache=tmp_path)


def test_an_entry_that_is_not_there_is_refused(bundle: Bundle, tmp_path: Path) -> None:
    with pytest.raises(UnfitBundle, match="gate/other"):
        EmbeddedPolicyEngine(bundle, cache=tmp_path, entrypoint="gate/other")


def test_memory_has_an_end_and_the_next_decision_has_its_own(bundle: Bundle, cache: Path) -> None:
    engine = EmbeddedPolicyEngine(bundle, cache=cache, limits=Limits(seconds=20, pages=40))
    with pytest.raises(GarbledDecision):
        engine.decide(json.dumps({"pods": 1, "padding": [[n] for n in range(100_000)]}).encode())
    assert engine.decide(b'{"pods": 1}').outcome == "allow"


def test_after_an_interruption_the_same_engine_decides_again(bundle: Bundle, cache: Path) -> None:
    engine = EmbeddedPolicyEngine(bundle, cache=cache, limits=Limits(seconds=0.2))
    for _ in range(2):
        with pytest.raises(EvaluatorTimeout, match=r"0\.2 s"):
            engine.decide(ENDLESS)
        assert engine.decide(b'{"pods": 1}').outcome == "allow"


def test_one_threads_endless_evaluation_does_not_stop_anothers(bundle: Bundle, cache: Path) -> None:
    engine = EmbeddedPolicyEngine(bundle, cache=cache, limits=Limits(seconds=1))
    raised: list[Exception] = []

    def work() -> None:
        try:
            engine.decide(ENDLESS)
        except EvaluatorTimeout as error:
            raised.append(error)

    thread = threading.Thread(target=work)
    thread.start()
    decided = 0
    while thread.is_alive():
        assert engine.decide(b'{"pods": 4}').outcome == "deny"
        decided += 1
    assert decided > 1
    assert len(raised) == 1


def test_time_still_ends_after_a_close_and_after_a_fork(bundle: Bundle, cache: Path) -> None:
    engine = EmbeddedPolicyEngine(bundle, cache=cache, limits=Limits(seconds=0.2))
    engine.decide(b'{"pods": 1}')
    engine.close()
    with pytest.raises(EvaluatorTimeout):
        engine.decide(ENDLESS)
    child = os.fork()
    if child == 0:
        try:
            engine.decide(ENDLESS)
        except EvaluatorTimeout:
            os._exit(7)
        os._exit(1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7


def test_an_engine_that_is_forgotten_leaves_no_thread(bundle: Bundle, cache: Path) -> None:
    engine = EmbeddedPolicyEngine(bundle, cache=cache)
    engine.decide(b'{"pods": 1}')
    clock = engine._ticker
    assert clock is not None
    del engine
    clock.join(10)
    assert not clock.is_alive()
