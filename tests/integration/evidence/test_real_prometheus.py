"""A real Prometheus, where there is one on PATH: it takes the questions and gives the answers that the tests write."""

from __future__ import annotations

import shutil
import socket
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from engine.adapters.evidence.prometheus import MOST_SERIES, PrometheusSource
from engine.core.errors import EvidenceUnavailable
from engine.core.moment import format_instant
from tests.e2e.lab.gate import until

PROGRAM = shutil.which("prometheus")


@pytest.fixture(scope="module")
def prometheus(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PrometheusSource]:
    if PROGRAM is None:
        pytest.skip("no prometheus on PATH: Debian's package has it")
    folder, port = tmp_path_factory.mktemp("prometheus"), _free()
    targets = f"static_configs: [{{targets: ['127.0.0.1:{port}']}}]"
    (folder / "prometheus.yml").write_text(
        f"scrape_configs: [{{job_name: itself, scrape_interval: 1s, scrape_timeout: 1s, {targets}}}]"
    )
    command = [PROGRAM, f"--config.file={folder}/prometheus.yml", f"--storage.tsdb.path={folder}/data"]
    with Path(folder / "log").open("wb") as log:
        process = subprocess.Popen([*command, f"--web.listen-address=127.0.0.1:{port}"], stdout=log, stderr=log)
    source = PrometheusSource(f"http://127.0.0.1:{port}")
    try:
        until(lambda: _said(source, "up"), "it has scraped itself")
        yield source
    finally:
        process.terminate()
        process.wait(20)


def _free() -> int:
    with socket.socket() as asked:
        asked.bind(("127.0.0.1", 0))
        return int(asked.getsockname()[1])


def _now() -> str:
    return format_instant(datetime.now(UTC))


def _said(source: PrometheusSource, query: str) -> str:
    try:
        return source.ask(query, at=_now())
    except EvidenceUnavailable:
        return ""


def test_it_answers_series_numbers_and_nothing(prometheus: PrometheusSource) -> None:
    assert _said(prometheus, 'up{job="itself"}').endswith("job=itself: 1")
    assert _said(prometheus, "2 * 3") == "all: 6"
    assert prometheus.ask("absent_metric", at=_now()) == ""


def test_many_series_are_few_lines_that_say_so(prometheus: PrometheusSource) -> None:
    lines = prometheus.ask('{__name__=~".+"}', at=_now()).splitlines()
    assert len(lines) == MOST_SERIES + 1
    assert lines[-1].startswith("… and ")


def test_what_it_cant_parse_cannot_be_had(prometheus: PrometheusSource) -> None:
    with pytest.raises(EvidenceUnavailable, match="400"):
        prometheus.ask("rate(", at=_now())
