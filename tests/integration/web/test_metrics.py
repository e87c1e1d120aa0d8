"""``/metrics`` says what the gate decided and how it stands, in Prometheus's words, and names nobody."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families

from engine import wiring
from engine.core.errors import EvaluatorTimeout
from tests.conftest import ROOT


def figures(http: Any) -> dict[tuple[str, ...], float]:
    """Each sample by its name and its labels' values, in the order of the labels' names."""
    answer = http.client.get("/metrics")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/plain")
    families = text_string_to_metric_families(answer.text)
    return {(s.name, *s.labels.values()): s.value for family in families for s in family.samples}


@pytest.fixture
def counting(http: Any) -> Any:
    desk = http.client.app.state.desk
    desk.gate, desk.meter = wiring.measured(desk.gate)
    return http


def test_a_decision_is_counted_by_outcome_and_by_each_rule_that_refused(counting: Any, desk: Any) -> None:
    before = figures(counting)
    assert ("penstock_decision_seconds_count",) in before
    asked = desk.proposal("delete_resource", "Deployment/payments-api").model_dump(mode="json")
    proposal = {name: asked[name] for name in ("proposer", "action", "incident", "reason", "evidence")}
    answer = counting.call("POST", "/v1/decisions", json=proposal)
    assert answer.status_code == 200, answer.text
    decision = answer.json()
    after = figures(counting)
    assert after[("penstock_decisions_total", decision["mode"], decision["outcome"])] == 1
    rules = {v["rule"] for v in decision["violations"]}
    assert rules
    assert {name[1] for name in after if name[0] == "penstock_refusals_total"} == rules
    assert after[("penstock_decision_seconds_count",)] == before[("penstock_decision_seconds_count",)] + 1


def test_what_could_not_be_decided_is_counted_by_its_reason(counting: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    policy = counting.client.app.state.desk.gate.ports.policy

    def late(_: bytes) -> Any:
        raise EvaluatorTimeout("too late")

    monkeypatch.setattr(policy.inner, "decide", late)
    with pytest.raises(EvaluatorTimeout):
        policy.decide(b"{}")
    found = figures(counting)
    assert found[("penstock_could_not_decide_total", "evaluator_timeout")] == 1
    assert not any(name[0] == "penstock_decisions_total" for name in found)


def test_it_says_how_the_gate_stands_and_leaves_out_what_it_doesnt_know(counting: Any) -> None:
    found = figures(counting)
    assert found[("penstock_ready", "policy")] == 1
    assert found[("penstock_ready", "ledger")] == 1
    assert found[("penstock_outbox_waiting",)] == 0
    identity = counting.client.app.state.desk.gate.ports.policy.identity()
    assert found[("penstock_policy", identity.digest, identity.revision)] == 1
    assert found[("penstock_policy_age_seconds",)] >= 0
    assert not any(name[0].startswith("penstock_watch") for name in found)
    pulse = counting.client.app.state.desk.pulse
    pulse.watched, pulse.unknown_kinds = counting.client.app.state.desk.now(), 3
    seen = figures(counting)
    assert seen[("penstock_watch_unknown_kinds",)] == 3
    assert 0 <= seen[("penstock_watch_lag_seconds",)] < 60
    pulse.watched = ""
    assert not any(name[0].startswith("penstock_watch") for name in figures(counting))


def test_where_nothing_counts_there_are_no_figures(http: Any) -> None:
    assert http.client.get("/metrics").status_code == 404


def test_a_policy_that_reloads_is_still_found_below_the_counting(counting: Any) -> None:
    gate = counting.client.app.state.desk.gate
    assert wiring.policy_prepared(gate) is False
    assert wiring.policy_stale(gate) == ""


def test_the_monitor_asks_where_the_figures_are() -> None:
    documents = list(yaml.safe_load_all((ROOT / "gitops" / "base" / "network.yaml").read_text()))
    monitor = next(d for d in documents if d["kind"] == "ServiceMonitor")
    service = next(d for d in documents if d["kind"] == "Service" and d["metadata"]["name"] == "penstock")
    ports = {port["name"] for port in service["spec"]["ports"]}
    assert {endpoint["port"] for endpoint in monitor["spec"]["endpoints"]} <= ports
    assert {"port": "http", "path": "/metrics", "interval": "30s"} in monitor["spec"]["endpoints"]
    assert Path(ROOT / "gitops" / "base" / "gate.yaml").read_text().count("name: http") >= 1
