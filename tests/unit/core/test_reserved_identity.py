"""Nobody outside speaks as the gate."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from engine.core.errors import BadInput
from engine.core.identity import Identity
from engine.core.proposal import check_proposal
from engine.usecases.move_switch import move_switch
from engine.usecases.vouch import vouch
from tests.fakes.ledger import MemoryLedger

AT = "2026-11-14T03:12:00Z"
TARGET = {"cluster": "prod-eu", "namespace": "payments", "kind": "Deployment", "name": "payments-api"}


def claimed(**changed: Any) -> dict[str, Any]:
    action = {"kind": "restart_workload", "target": TARGET}
    return {"proposer": {"id": "agent:triage", "kind": "agent"}, "action": action, **changed}


@pytest.mark.parametrize("identity", ["penstock:verification", "Penstock:x"])
def test_a_name_of_the_gate_s_own_is_refused_wherever_one_is_given(identity: str) -> None:
    with pytest.raises(BadInput, match="gate's own"):
        check_proposal(claimed(proposer={"id": identity, "kind": "pipeline"}), where="x")
    with pytest.raises(ValidationError, match="gate's own"):
        Identity(id=identity, kind="agent", roles=["reader"], token_digest="0" * 64, created_at=AT)
    ledger = MemoryLedger()
    with pytest.raises(BadInput, match="gate's own"):
        move_switch(ledger, "frozen", by=identity, reason="because", at=AT)
    for by, speaks_for in ((identity, "alice"), ("alice", identity)):
        with pytest.raises(BadInput, match="gate's own"):
            vouch(ledger, "prop-1", by=by, speaks_for=speaks_for, now=AT)
    assert list(ledger.export()) == []


def test_a_name_that_looks_like_a_credential_is_refused_without_repeating_it() -> None:
    token = "ghp_" + "a1B2" * 9
    for changed in (
        {"action": {"kind": "restart_workload", "target": {**TARGET, "name": token}}},
        {"evidence": [token]},
    ):
        with pytest.raises(BadInput, match="looks like a credential") as refused:
            check_proposal(claimed(**changed), where="x")
        assert token not in str(refused.value)


def test_prose_is_redacted_and_the_action_s_digest_is_over_what_was_asked() -> None:
    action = {"kind": "patch_config", "target": TARGET, "params": {"key": "DB_PASSWORD", "value": "hunter22"}}
    plain = check_proposal(claimed(action=action, reason="log in with password=hunter22"), where="x")
    assert "hunter22" not in str(plain.as_document())
    assert plain.action.params["value"] == "hunter22"
    other = check_proposal(claimed(action={**action, "params": {"key": "DB_PASSWORD", "value": "other"}}), where="x")
    assert plain.action.digest != other.action.digest
    assert plain.as_document()["action"] == other.as_document()["action"]
