"""Traces are read within the same bounds, a token goes only where there is one, and a number is an answer too."""

from __future__ import annotations

from typing import Any

import pytest

from engine.adapters.evidence.loki import LokiSource
from engine.adapters.evidence.prometheus import PrometheusSource
from engine.adapters.evidence.tempo import MOST_TRACES, TempoSource
from engine.core.errors import EvidenceUnavailable
from tests.fakes.api_server import Answer, answering
from tests.fakes.receiver import receiving

AT = "2026-11-14T03:18:00Z"
TRACE = {"traceID": "2f3e", "rootServiceName": "api", "rootTraceName": "POST /pay", "durationMs": 2100}
EMPTY = b'{"status":"success","data":{"resultType":"vector","result":[]},"traces":[]}'


def test_each_trace_is_a_line_with_what_it_took() -> None:
    with answering(Answer(200, {"traces": [TRACE] * (MOST_TRACES + 5), "metrics": {}})) as server:
        found = TempoSource(server.url).ask("{ status = error }", at=AT).splitlines()
    assert found == ["api POST /pay: 2100 ms, trace 2f3e"] * MOST_TRACES
    assert server.asked == [{"q": "{ status = error }", "start": "1794622680", "end": "1794626280", "limit": "20"}]


def test_no_traces_are_no_lines() -> None:
    for answer in ({"traces": []}, {"metrics": {}}):
        with answering(Answer(200, answer)) as server:
            assert TempoSource(server.url).ask("{}", at=AT) == ""


@pytest.mark.parametrize("answer", [Answer(503, {}), Answer(302, {}), Answer(200, []), Answer(200, {"traces": "all"})])
def test_what_is_no_answer_cannot_be_had(answer: Answer) -> None:
    with answering(answer) as server, pytest.raises(EvidenceUnavailable):
        TempoSource(server.url).ask("{}", at=AT)


def test_a_number_is_an_answer() -> None:
    scalar = {"status": "success", "data": {"resultType": "scalar", "result": [1763090280, "0.5"]}}
    with answering(Answer(200, scalar)) as server:
        assert PrometheusSource(server.url).ask("0.5", at=AT) == "all: 0.5"


@pytest.mark.parametrize("source", [PrometheusSource, LokiSource, TempoSource])
def test_the_token_goes_along_where_there_is_one(source: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    with receiving() as receiver:
        receiver.answer(200, EMPTY)
        source(receiver.url, "a-token").ask("up", at=AT)
        source(receiver.url).ask("up", at=AT)
    assert [one.headers.get("authorization") for one in receiver.received] == ["Bearer a-token", None]
