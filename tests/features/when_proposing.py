"""When: somebody proposes something."""

from __future__ import annotations

from typing import Any

from pytest_bdd import parsers, when

from tests.features import actions
from tests.features.night import Night

CLAIMS: dict[str, dict[str, Any]] = {
    "answering no incident": {"answers": False},
    "citing nothing": {"evidence": []},
    "citing evidence that nobody gathered": {"evidence": ["ev-000000000000"]},
    "calling it harmless and sure": {"confidence": 1.0, "stated_risk": "none"},
}


@when(parsers.re(r"(?P<who>the agent|another agent|the analyst|the drift watch|the pipeline|[a-z]+) "
                 r"proposes? (?P<again>again )?to (?P<words>[^,\"]+)(, (?P<claim>[a-z ]+))?"))  # fmt: skip
def propose(night: Night, who: str, words: str, claim: str | None) -> None:
    night.propose(actions.proposal(night, who, words, **CLAIMS[claim] if claim else {}))


@when(parsers.re(r'(?P<who>the agent|[a-z]+) proposes to (?P<words>[^,"]+), saying "(?P<reason>.+)"'))
def propose_saying(night: Night, who: str, words: str, reason: str) -> None:
    night.notes["injected"] = reason
    night.propose(actions.proposal(night, who, words, reason=reason))


@when(parsers.parse("somebody who only says that they are {who} proposes to {words}"))
def unauthenticated(night: Night, who: str, words: str) -> None:
    night.propose(actions.proposal(night, who, words), authenticated=False)
