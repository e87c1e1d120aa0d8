"""Spans tell where the time of a proposal went, from intake to pull request, and name nobody and nothing."""

from __future__ import annotations

import json
from dataclasses import replace
from http.server import BaseHTTPRequestHandler
from typing import Any

import pytest
from starlette.testclient import TestClient

from engine import wiring
from engine.core.errors import BadInput, EvaluatorUnavailable
from engine.entrypoints.web.app import create_app
from engine.settings import read_settings
from tests.fakes.loopback import listening
from tests.integration.web.conftest import Http

sdk = pytest.importorskip("opentelemetry.sdk.trace", reason="the extra traces isn't installed, so no span is made")
TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"


@pytest.fixture
def spans(http: Http, desk: Any) -> Any:
    from opentelemetry.sdk.trace.export import SimpleSpanProcessor
    from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

    exporter, provider = InMemorySpanExporter(), sdk.TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    tracer = provider.get_tracer("test")
    web = create_app(wiring.traced(desk.gate, tracer), lambda: http.identities)
    wiring.trace_intake(web, tracer)
    http.client = TestClient(web, raise_server_exceptions=False)
    return exporter


def proposal(desk: Any) -> Any:
    wanted = desk.proposal("rollback_workload", "Deployment/payments-api", params={"to_revision": "previous"})
    return wanted.model_dump(mode="json") | {"proposer": {"id": "agent:triage", "kind": "agent"}}


def test_a_proposal_is_one_trace_from_intake_to_pull_request(spans: Any, http: Http, desk: Any) -> None:
    header = {"traceparent": f"00-{TRACE}-00f067aa0ba902b7-01"}
    answered = http.call("POST", "/v1/proposals", json=proposal(desk), headers=header)
    assert answered.status_code in (200, 201, 202), answered.text
    found = spans.get_finished_spans()
    assert {f"{one.context.trace_id:032x}" for one in found} == {TRACE}
    by_name = {one.name: one for one in found}
    intake, decide = by_name["intake: /v1/proposals"], by_name["decide"]
    opened = by_name["pull request: open"]
    parents = {one.context.span_id: one for one in found}
    assert parents[decide.parent.span_id].name == "record"
    assert parents[opened.parent.span_id] is intake
    assert decide.attributes["penstock.outcome"] == "require_approval"
    assert intake.attributes["http.response.status_code"] == answered.status_code
    told = json.dumps([json.loads(one.to_json()) for one in found])
    assert not any(word in told for word in ("payments", "agent:triage", "rollback", desk.incident.id))


def test_an_error_is_told_by_its_reason_alone(spans: Any, http: Http, desk: Any) -> None:
    web_desk: Any = http.client.app.state.desk  # type: ignore[attr-defined]

    class Broken:
        identity, data = staticmethod(desk.gate.ports.policy.identity), staticmethod(desk.gate.ports.policy.data)

        def decide(self, document: bytes) -> Any:
            raise EvaluatorUnavailable("password=hunter2 of payments")

    web_desk.gate.ports.policy.inner = Broken()
    assert http.call("POST", "/v1/proposals", json=proposal(desk)).status_code >= 500
    decide = next(one for one in spans.get_finished_spans() if one.name == "decide")
    assert decide.status.description == "evaluator_unavailable"
    assert "hunter2" not in json.dumps([json.loads(one.to_json()) for one in spans.get_finished_spans()])


def test_spans_reach_a_collector_by_otlp(desk: Any) -> None:
    got: list[tuple[str, str, int]] = []

    class Collector(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            got.append((self.path, self.headers["content-type"], len(body)))
            self.send_response(200)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with listening(Collector) as port:
        address = f"http://127.0.0.1:{port}/v1/traces"
        with wiring.tracing(replace(desk.gate.settings, traces_url=address)) as tracer:
            wiring.traced(desk.gate, tracer).ports.ledger.run(lambda tx: tx.tip())
    assert [(path, kind) for path, kind, _ in got] == [("/v1/traces", "application/x-protobuf")]


def test_nothing_is_traced_unless_a_collector_is_set(desk: Any) -> None:
    with wiring.tracing(desk.gate.settings) as tracer:
        assert tracer is None
    assert wiring.traced(desk.gate, None) is desk.gate
    with wiring.tracing(replace(desk.gate.settings, traces_url="http://127.0.0.1:9/v1/traces")) as tracer:
        assert tracer is not None


def test_what_goes_by_a_newer_policy_goes_by_it_under_a_tracer_too(desk: Any) -> None:
    policy = desk.gate.ports.policy
    with wiring.tracing(replace(desk.gate.settings, traces_url="http://127.0.0.1:9/v1/traces")) as tracer:
        gate, _ = wiring.measured(wiring.traced(desk.gate, tracer))
    assert wiring.counted(gate.ports.policy) is policy


@pytest.mark.parametrize(
    "address", ["collector", "http://collector.example/v1/traces", "https://u:p@collector.example"]
)
def test_an_address_that_would_tell_others_is_refused(address: str) -> None:
    with pytest.raises(BadInput, match="PENSTOCK_TRACES_URL"):
        read_settings({"PENSTOCK_TRACES_URL": address})
