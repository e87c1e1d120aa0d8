"""What every evaluator promises, whichever one it is."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from engine.adapters.opa.bundle import Bundle, load_bundle
from engine.core import canonical
from engine.core.decision import Verdict
from engine.core.errors import BadInput, EvaluatorTimeout, GarbledDecision, UnfitBundle
from engine.ports import PolicyEngine

Open = Callable[..., PolicyEngine]
TRICKY = [
    "naïve",
    "雪だるま ☃",
    "👩‍🚀\U0001f680",
    "a\u0000b",
    "\u202egnp.exe",
    "\u2028line",
    "\\u0041",
    '"',
    "\x7f",
    "e\u0301",
]


def ask(engine: PolicyEngine, **document: Any) -> Verdict:
    return engine.decide(canonical.encode(document))


def test_a_decision_is_the_policys_own(engine: PolicyEngine) -> None:
    assert ask(engine, pods=3).outcome == "allow"
    refused = ask(engine, pods=4)
    assert refused.outcome == "deny"
    assert [v.message for v in refused.violations] == ["4 pods is over the limit of 3"]


def test_an_input_without_the_field_is_denied(engine: PolicyEngine) -> None:
    assert [v.message for v in ask(engine).violations] == ["the number of pods is not known"]


def test_missing_data_is_denied(open_engine: Open, policies: Path, cache: Path, opa: Path) -> None:
    (policies / "rego/gate/data/limits/data.yaml").write_text("other: 1\n")
    engine = open_engine(load_bundle(policies, cache=cache, opa=lambda: opa))
    assert ask(engine, pods=1).outcome == "deny"


@pytest.mark.parametrize(
    "wish", ["stay undefined", "leave something out", "add something", "mistype something"], ids=lambda w: w.split()[0]
)
def test_what_is_not_a_whole_verdict_is_no_decision(engine: PolicyEngine, wish: str) -> None:
    with pytest.raises(GarbledDecision):
        ask(engine, pods=1, please=wish)
    assert ask(engine, pods=1).outcome == "allow"


def test_an_evaluation_without_end_is_stopped_and_the_next_one_answered(open_engine: Open, bundle: Bundle) -> None:
    engine = open_engine(bundle, seconds=0.3)
    with pytest.raises(EvaluatorTimeout):
        ask(engine, pods=1, please="take for ever")
    patient = open_engine(bundle)
    assert ask(patient, pods=1).outcome == "allow"


@pytest.mark.parametrize(
    "document", [b"", b"{", b"[]", b"null", b'{"pods": NaN}', b'{"a": 1} {}', b"\xff", b'"\\ud800"', b'{"a": 1e999}']
)
def test_what_is_not_one_json_object_is_bad_input(engine: PolicyEngine, document: bytes) -> None:
    with pytest.raises(BadInput):
        engine.decide(document)


def test_an_input_near_the_limit_is_decided_and_one_over_it_refused(engine: PolicyEngine) -> None:
    assert ask(engine, pods=1, padding=["x" * 100] * 9000).outcome == "allow"
    with pytest.raises(BadInput, match="over the limit"):
        ask(engine, pods=1, padding="x" * 1_048_576)
    assert ask(engine, pods=1).outcome == "allow"


def test_any_text_comes_through_unchanged(engine: PolicyEngine) -> None:
    assert ask(engine, pods=1, obligations=TRICKY).obligations == sorted(TRICKY, key=lambda text: text.encode())


def test_numbers_keep_their_value(engine: PolicyEngine) -> None:
    assert ask(engine, pods=2**53 - 1).violations[0].message == "9007199254740991 pods is over the limit of 3"
    assert ask(engine, pods=3.5).violations[0].message == "3.5 pods is over the limit of 3"


def test_an_overlay_decides(open_engine: Open, policies: Path, cache: Path, opa: Path, bundle: Bundle) -> None:
    overlay = policies / "mine.yaml"
    overlay.write_text("limits: {pods: 10}\n")
    laid = load_bundle(policies, cache=cache, opa=lambda: opa, overlay=overlay)
    engine = open_engine(laid)
    assert ask(engine, pods=10).outcome == "allow"
    assert engine.data("limits") == {"pods": 10}
    assert engine.identity().digest != bundle.digest


def test_it_names_its_policy_and_shows_its_data(engine: PolicyEngine, bundle: Bundle) -> None:
    assert engine.identity() == bundle.identity
    assert engine.data("limits") == {"pods": 3}


@pytest.mark.parametrize("topic", ["unknown", "limits/pods", "../limits", "limits?x", ""])
def test_a_topic_that_is_not_there_is_an_unfit_bundle(engine: PolicyEngine, topic: str) -> None:
    with pytest.raises(UnfitBundle):
        engine.data(topic)


def test_a_caller_cannot_change_the_policys_data(engine: PolicyEngine) -> None:
    engine.data("limits")["pods"] = 1000
    assert engine.data("limits") == {"pods": 3}
    assert ask(engine, pods=4).outcome == "deny"


def test_one_decision_leaves_nothing_for_the_next(engine: PolicyEngine) -> None:
    first = ask(engine, pods=4)
    for pods in range(50):
        ask(engine, pods=pods, padding="x" * (pods * 100))
    assert ask(engine, pods=4) == first


def test_threads_get_their_own_answers(open_engine: Open, bundle: Bundle, request: pytest.FixtureRequest) -> None:
    if "server-async" in request.node.callspec.id:
        pytest.skip("an event loop is one thread's")
    engine = open_engine(bundle)
    wrong: list[str] = []

    def work(pods: int) -> None:
        for _ in range(20):
            messages = [v.message for v in ask(engine, pods=pods).violations]
            if messages != [f"{pods} pods is over the limit of 3"]:
                wrong.append(f"{pods}: {messages}")

    threads = [threading.Thread(target=work, args=(pods,)) for pods in range(4, 10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
