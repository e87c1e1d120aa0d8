"""Metrics and logs are read by one bounded GET; every answer that isn't one is told as not to be had."""

from __future__ import annotations

from typing import Any

import pytest

from engine.adapters.evidence import reading
from engine.adapters.evidence.loki import LokiSource
from engine.adapters.evidence.prometheus import MOST_SERIES, PrometheusSource
from engine.core.errors import EvidenceUnavailable
from tests.fakes.api_server import Answer, answering

AT = "2026-11-14T03:18:00Z"


def said(*rows: Any) -> Answer:
    return Answer(200, {"status": "success", "data": {"resultType": "vector", "result": list(rows)}})


def test_each_series_is_a_line_and_the_query_goes_as_it_is() -> None:
    row = {"metric": {"pod": "api-1", "container": "api"}, "value": [1763090280, "12"]}
    with answering(said(row, *[{"metric": {}, "value": [0, "1"]}] * MOST_SERIES)) as server:
        found = PrometheusSource(server.url).ask('up{namespace="payments"}', at=AT)
    assert found.splitlines()[0] == "container=api, pod=api-1: 12"
    assert found.splitlines()[-1] == "… and 1 more series"
    assert server.asked == [{"query": 'up{namespace="payments"}', "time": AT, "timeout": "5s", "limit": "41"}]


def test_lines_come_in_order_of_time_and_of_one_hour() -> None:
    rows = [{"stream": {}, "values": [["3", "late"], ["1", "early"]]}, {"values": [["2", "between"], "junk"]}, {}]
    with answering(said(*rows)) as server:
        assert LokiSource(server.url + "/").ask('{namespace="payments"}', at=AT) == "early\nbetween\nlate"
    assert (server.asked[0]["start"], server.asked[0]["end"]) == ("2026-11-14T02:18:00Z", AT)


@pytest.mark.parametrize(
    "answer",
    [
        Answer(503, {}), Answer(302, {}), Answer(200, []), Answer(200, {"status": "error", "data": {}}),
        Answer(200, {"status": "success", "data": {"result": "all"}}), Answer(200, {"status": "success", "data": []}),
    ],
)  # fmt: skip
def test_what_is_no_answer_cannot_be_had(answer: Answer) -> None:
    for source in (PrometheusSource, LokiSource):
        with answering(answer) as server, pytest.raises(EvidenceUnavailable):
            source(server.url).ask("up", at=AT)


def test_nobody_there_and_a_flood_cannot_be_had(monkeypatch: pytest.MonkeyPatch) -> None:
    with answering(said()) as server:
        source = PrometheusSource(server.url)
        monkeypatch.setattr(reading, "MOST_BYTES", 10)
        with pytest.raises(EvidenceUnavailable, match="over 10 bytes"):
            source.ask("up", at=AT)
    with pytest.raises(EvidenceUnavailable):
        source.ask("up", at=AT)
