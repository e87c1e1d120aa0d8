"""Proposing over HTTP or MCP: what is decided is kept, and opened later where it can't be now."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from engine.core.errors import ForgeUnreachable, LostRace, PenstockError
from engine.core.identity import Identity
from engine.usecases.propose_as import propose_as
from engine.usecases.resume import resume
from tests.conftest import NOW

TRIAGE = Identity(id="agent:triage", kind="agent", roles=["proposer"], created_at=NOW, service_account="a/triage")
TROUBLES = [LostRace("somebody was first", where="branch"), ForgeUnreachable("it doesn't answer", where="forge")]


class InTrouble:
    """A forge on which nothing can be opened."""

    def __init__(self, forge: Any, trouble: PenstockError) -> None:
        self._forge = forge
        self._trouble = trouble

    def __getattr__(self, name: str) -> Any:
        return getattr(self._forge, name)

    def open(self, *_: Any, **__: Any) -> Any:
        raise self._trouble


@pytest.mark.parametrize("trouble", TROUBLES, ids=lambda trouble: trouble.reason)
def test_what_cant_be_opened_now_is_opened_once_later(desk: Any, trouble: PenstockError) -> None:
    ports, now = desk.gate.ports, desk.later(60)
    troubled = replace(ports, forge=InTrouble(ports.forge, trouble))
    restart = desk.proposal("restart_workload", "Deployment/payments-api")
    state = propose_as(troubled, TRIAGE, restart, now=now)
    assert (state.status, desk.branches()) == ("opening", [])
    (moved,) = resume(ports, now=desk.later(90))
    assert (moved.id, moved.status) == (state.id, "verifying")
    assert [record.subject for record in desk.records("pull_request")] == [state.id]
