"""A serving gate holds the cluster against Git at its interval and no oftener, and never where nobody asked for it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from engine.core.incident import read_incident
from engine.entrypoints.web.desk import Desk
from engine.entrypoints.web.loop import Loop


class Clock(Desk):
    """A desk whose clock is set by hand."""

    at: str = ""

    def now(self) -> str:
        return self.at


def begun(desk: Any, seconds: int) -> tuple[Clock, Loop, list[str]]:
    clock = Clock(replace(desk.gate, settings=replace(desk.gate.settings, drift_seconds=seconds)), list)
    clock.at = desk.later(60)
    said: list[str] = []
    return clock, Loop(clock, lambda *_, **__: None, 30, said.append), said  # type: ignore[arg-type]


def drifting(clock: Clock) -> list[str]:
    documents = clock.gate.ports.ledger.run(lambda tx: tx.select("incidents"))
    return [i.key for i in map(read_incident, documents) if i.incident_class == "drift"]


def proposed(clock: Clock) -> list[tuple[str, str]]:
    found = clock.gate.ports.ledger.run(lambda tx: tx.select("proposals"))
    return [(p["proposal"]["proposer"]["id"], p["status"]) for p in found]


def test_it_observes_and_proposes_what_drifted_and_the_gate_refuses_it_in_an_incident(desk: Any) -> None:
    clock, loop, said = begun(desk, 300)
    loop.round()
    assert drifting(clock) == ["prod-eu/payments/HorizontalPodAutoscaler/payments-api/Drift"]
    assert proposed(clock) == [("drift:prod-eu", "refused")]
    assert [line for line in said if "couldn't be looked at" in line] == [line for line in said if "drift" in line]
    assert clock.pulse.troubles["drift that isn't seen"]
    clock.at = desk.later(500)
    loop.round()
    assert sum("couldn't be looked at" in line for line in said) == 1


def test_it_does_so_again_only_after_the_interval(desk: Any) -> None:
    clock, loop, _ = begun(desk, 300)
    looked = []
    loop_ports = clock.gate.ports

    def counted(topic: str) -> Any:
        looked.append(topic)
        return loop_ports.policy.data(topic)

    policy = type("Counting", (), {"data": staticmethod(counted), "decide": loop_ports.policy.decide})()
    policy.identity = loop_ports.policy.identity
    clock.gate = replace(clock.gate, ports=replace(loop_ports, policy=policy))
    for seconds, times in ((60, 1), (120, 1), (200, 1), (500, 2)):
        clock.at = desk.later(seconds)
        loop.round()
        assert looked.count("drift") == times


def test_where_no_interval_is_set_nobody_looks(desk: Any) -> None:
    clock, loop, _ = begun(desk, 0)
    loop.round()
    assert drifting(clock) == []
    assert proposed(clock) == []


@pytest.mark.parametrize("output", ["table", "json"])
def test_the_command_tells_each_field_with_whose_doing_it_is(
    desk: Any, output: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from engine.entrypoints.cli.main import main

    settings = desk.gate.settings
    for name in ("state", "cache", "repo", "snapshot", "data"):
        if getattr(settings, name):
            monkeypatch.setenv(f"PENSTOCK_{name.upper()}", str(getattr(settings, name)))
    code = main(["drift", "-o", output, "--at", desk.later(60)])
    told = capsys.readouterr().out
    assert code == 1
    assert "HorizontalPodAutoscaler" in told
    assert "spec.maxReplicas" in told
    assert "kubectl-patch" in told
    assert "codify" in told
