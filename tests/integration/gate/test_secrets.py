"""A secret that somebody pastes is found nowhere that the gate keeps, shows or sends."""

from __future__ import annotations

import json
from typing import Any

from engine.core.brief import make_brief
from engine.core.evidence import evidence_of
from engine.usecases.analyse import analyse
from engine.usecases.move_switch import move_switch
from engine.usecases.observe import observe
from engine.usecases.observe_cluster import look
from engine.usecases.propose import dry_run
from engine.usecases.review import review
from tests.fakes.signal import API, pod, signal

API_NAME = "Deployment/payments-api"
TOKEN, PASSWORD, KEYED = "ghp_" + "Zq9x" * 9, "Tr0ub4dor&3", "sk_live_" + "Ab12" * 6
SECRETS = (TOKEN, PASSWORD, KEYED)


def everything(desk: Any) -> str:
    """The record, every pull request and every notification, as text."""
    ports = desk.gate.ports
    kept = [record.body for record in ports.ledger.export()]
    pulls = [ports.forge.get(number) for number in range(1, 3) if _exists(ports, number)]
    return json.dumps(kept) + repr(pulls) + json.dumps(desk.told())


def _exists(ports: Any, number: int) -> bool:
    return any(state["pull_request"] == number for state in ports.ledger.run(lambda tx: tx.select("proposals")))


def test_a_secret_in_a_reason_a_note_or_the_switch_s_reason_is_kept_nowhere(desk: Any) -> None:
    ports, params = desk.gate.ports, {"to_revision": "previous"}
    reason = f"use {TOKEN} or https://ci:{PASSWORD}@git.example.com, password={PASSWORD}, STRIPE={KEYED}"
    state = desk.propose("rollback_workload", API_NAME, params=params, reason=reason)
    assert state.status == "awaiting_approval"
    review(ports, state.id, reviewer="alice", verdict="approved", note=f"token: {TOKEN}", now=desk.later(90))
    dry_run(ports, desk.proposal("restart_workload", API_NAME, reason=reason), authenticated=True, now=desk.later(95))
    move_switch(ports.ledger, "normal", by="dana", reason=f"all clear, password={PASSWORD}", at=desk.later(99))
    found = everything(desk)
    assert "[redacted]" in found
    assert [secret for secret in SECRETS if secret in found] == []


def test_a_credential_is_not_written_to_git_and_its_refusal_does_not_repeat_it(desk: Any) -> None:
    target = "ConfigMap/payments-config"
    state = desk.propose("patch_config", target, params={"key": "DB_PASSWORD", "value": PASSWORD}, answers=False)
    assert state.status == "refused"
    assert "carries_secret" in " ".join(v.message for v in state.verdict.violations if v.rule == "change/verified")
    assert (
        state.action_digest
        == desk.proposal(
            "patch_config", target, params={"key": "DB_PASSWORD", "value": PASSWORD}, answers=False
        ).action.digest
    )
    documents = json.dumps(desk.gate.ports.ledger.run(lambda tx: list(tx.select("proposals"))))
    assert PASSWORD not in everything(desk) + documents
    assert desk.branches() == []


def test_a_secret_in_a_log_line_reaches_neither_incident_evidence_nor_analyst(desk: Any) -> None:
    ports = desk.gate.ports
    said = f"cannot connect with password={PASSWORD} and {TOKEN}"
    spoken = signal(
        "Error", pod(), message=said, at=desk.now, owners=(API,),
        labels={"container": "payments-api", "exit_code": "1", "api_key": KEYED},
        raw={"log": said, "env": [{"name": "API_TOKEN", "value": KEYED}]},
    )  # fmt: skip
    (incident,) = observe(ports, [spoken], now=desk.later(10))
    incident = analyse(ports, incident.id, now=desk.later(20))
    brief = make_brief(
        incident, ports.runbooks.get(incident.incident_class), changes=[], view=look(ports.cluster),
        at=desk.later(20), attempts=0,
    )  # fmt: skip
    seen = json.dumps([incident.as_document(), brief.as_document()]) + repr(evidence_of(incident)) + everything(desk)
    assert "cannot connect" in seen
    assert [secret for secret in SECRETS if secret in seen] == []
