"""Gathers what policy saw and answered in the scenarios, for ``policies/corpus``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from engine.core.corpus import Case, case_of, select, write_cases
from engine.core.decision import Verdict
from engine.core.flip import BESIDE
from engine.core.moment import seconds_between
from engine.usecases.replay import Past, past_decisions
from tests.features.night import Night

EACH = 4


def _verdict(past: Past) -> Verdict:
    """The verdict behind a decision; how long it stands is all that is worked out again."""
    decision = past.decision
    instant = json.loads(past.document)["time"]["instant"]
    said = decision.model_dump(exclude=set(BESIDE))
    return Verdict.model_validate({**said, "ttl_seconds": seconds_between(instant, decision.expires_at)})


class Gathering:
    """A pytest plugin that is only there with ``--corpus FOLDER``."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._cases: list[Case] = []

    def gather(self, night: Night, scenario: Any) -> None:
        """Take in every decision of a scenario's record."""
        if night._gate is None:
            return
        said = [
            (json.loads(past.document), _verdict(past), data)
            for past in past_decisions(night.ports.ledger.export())
            if past.document and (data := night.decided_with.get(past.decision.policy.digest)) is not None
        ]
        for document, verdict, data in [*said, *night.asked]:
            self._cases.append(case_of(scenario.name, document, json.loads(data)["gate"]["data"], verdict))

    def pytest_sessionfinish(self, exitstatus: int) -> None:
        if exitstatus == 0 and self._cases:
            self._folder.mkdir(parents=True, exist_ok=True)
            cases = select(self._cases, each=EACH)
            (self._folder / "cases.jsonl").write_bytes(b"".join(write_cases(cases)))
