"""Gathers what policy saw and answered in the scenarios, for ``policies/corpus``."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from engine.adapters.opa.bundle import load_bundle
from engine.adapters.opa.with_data import PolicyWithData
from engine.core.corpus import Case, case_of, read_cases, select, write_cases
from engine.core.decision import Verdict
from engine.core.errors import BadInput
from engine.core.flip import BESIDE
from engine.core.moment import seconds_between
from engine.core.what_if import read_input
from engine.settings import read_settings
from engine.usecases.replay import Past, past_decisions
from engine.wiring import obtain_tool
from tests.conftest import ROOT
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
            file = self._folder / "cases.jsonl"
            before = read_cases(file.read_bytes().splitlines(), where=str(file)) if file.exists() else []
            cases = [*select(self._cases, each=EACH), *answered([case for case in before if case.beside])]
            file.write_bytes(b"".join(write_cases(sorted(cases, key=lambda case: case.scenario))))


def answered(cases: Iterable[Case]) -> Iterator[Case]:
    """Cases with what policy says of them now; those that are no input documents any more are left out.

    A near miss of a rule about the form of an input needn't be one.
    """
    opa = Path(obtain_tool(read_settings(), "opa"))
    bundle = load_bundle(ROOT / "policies", cache=read_settings().cache, opa=lambda: opa)
    policy = PolicyWithData(bundle, cache=read_settings().cache)
    for case in cases:
        said = policy.verdict(case.document, case.data)
        if said is not None and (case.beside.startswith("contract/") or is_input(case.document)):
            yield replace(case_of(case.scenario, case.document, case.data, said), beside=case.beside)


def is_input(document: Mapping[str, Any]) -> bool:
    """Whether it is an input document of the present schema."""
    with suppress(BadInput):
        read_input(dict(document), where="case")
        return True
    return False
