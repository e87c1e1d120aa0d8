"""Incidents are analysed as they begin, while nobody is kept waiting, and one that can't be doesn't stop the others."""

from __future__ import annotations

from dataclasses import replace
from threading import Event
from typing import Any

import pytest

from engine.adapters.llm.signatures import SignatureAnalyst
from engine.core.errors import AnalysisRefused
from engine.entrypoints.web.analysing import ATTEMPTS, Analysing
from engine.entrypoints.web.desk import Desk as Door
from engine.usecases.analyse import unanalysed


class Thinking:
    """An analyst that thinks until it may go on, and holds that nobody has the lock meanwhile."""

    def __init__(self) -> None:
        self.asked, self.may_go_on = Event(), Event()

    def analyse(self, brief: dict[str, Any], gather: Any) -> dict[str, Any]:
        self.asked.set()
        assert self.may_go_on.wait(30)
        return SignatureAnalyst().analyse(brief, gather)


class Refusing:
    """An analyst whose every answer is refused."""

    def __init__(self) -> None:
        self.asked = 0

    def analyse(self, brief: dict[str, Any], gather: Any) -> dict[str, Any]:
        self.asked += 1
        raise AnalysisRefused("nonsense", where="test")


def door(desk: Any, analyst: Any) -> Door:
    return Door(replace(desk.gate, ports=replace(desk.gate.ports, analyst=analyst)), list)


def test_nobody_waits_for_an_analyst_that_thinks(desk: Any) -> None:
    thinking = Thinking()
    with Analysing(door(desk, thinking), print) as analysing:
        assert thinking.asked.wait(30)
        assert analysing.desk.acting.acquire(timeout=5), "the lock is held while the analyst thinks"
        analysing.desk.acting.release()
        decided = desk.propose("rollback_workload", "Deployment/payments-api", params={"to_revision": "previous"})
        assert decided.status == "awaiting_approval"
        thinking.may_go_on.set()
        while unanalysed(desk.gate.ports):
            Event().wait(0.01)
    assert len(desk.records("analysis")) >= 1


def test_what_is_refused_is_tried_a_few_times_and_stored_never(desk: Any) -> None:
    refusing = Refusing()
    analysing = Analysing(door(desk, refusing), print)
    waiting = len(unanalysed(desk.gate.ports))
    for _ in range(waiting * ATTEMPTS):
        with pytest.raises(AnalysisRefused):
            analysing.round()
    assert analysing.round() == 0
    assert refusing.asked == waiting * ATTEMPTS
    assert desk.records("analysis") == []
