"""Gathers what policy saw and answered in the scenarios, for ``policies/corpus``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from engine.core.corpus import Case, case_of, select, write_cases
from engine.usecases.replay import past_decisions
from tests.features.night import Night

EACH = 6


class Gathering:
    """A pytest plugin that is only there with ``--corpus FOLDER``."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._cases: list[Case] = []

    def gather(self, night: Night, scenario: Any) -> None:
        """Take in every decision of a scenario's record."""
        if night._gate is None:
            return
        for past in past_decisions(night.ports.ledger.export()):
            data = night.decided_with.get(past.decision.policy.digest)
            if data is not None and past.document:
                gate = json.loads(data)["gate"]["data"]
                self._cases.append(case_of(scenario.name, json.loads(past.document), gate, past.decision))

    def pytest_sessionfinish(self, exitstatus: int) -> None:
        if exitstatus == 0 and self._cases:
            self._folder.mkdir(parents=True, exist_ok=True)
            (self._folder / "cases.jsonl").write_bytes(b"".join(write_cases(select(self._cases, each=EACH))))
