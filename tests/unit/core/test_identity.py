"""Who holds a token is told what became of it; whoever doesn't is told nothing, and no identity moves another."""

from __future__ import annotations

from typing import Any

import pytest

from engine.core.errors import BadInput, NotFound, NotPermitted, Unauthenticated
from engine.core.identity import Identity, authenticate, token_digest
from engine.core.identity_steps import disabled, enabled, made, rotated
from engine.core.proposal import ActionRequest

NOW, LATER, ENDED = "2026-11-14T03:18:00Z", "2026-11-14T04:18:00Z", "2027-03-01T00:00:00Z"
AGENT = {
    "id": "agent:triage", "kind": "agent", "roles": ["reader", "proposer"], "owner": "team-sre",
    "purpose": "first look", "namespaces": ["payments"], "kinds": ["rollback_workload"],
    "token_digest": token_digest("one"),
}  # fmt: skip


def identities(**fields: Any) -> list[Identity]:
    other = {**AGENT, "id": "agent:other", "token_digest": token_digest("two")}
    return made(made([], AGENT | fields, days=90, now=NOW), other, days=90, now=NOW)


def action(kind: str = "rollback_workload", namespace: str = "payments") -> ActionRequest:
    target = {"cluster": "prod-eu", "namespace": namespace, "kind": "Deployment", "name": "payments-api"}
    return ActionRequest.model_validate({"kind": kind, "target": target})


def test_disabling_one_stops_it_and_no_other() -> None:
    known = disabled(identities(), "agent:triage", now=LATER)
    with pytest.raises(Unauthenticated, match=f"agent:triage was disabled at {LATER}"):
        authenticate("one", known, now=LATER)
    assert authenticate("two", known, now=LATER).id == "agent:other"
    assert authenticate("one", enabled(known, "agent:triage"), now=LATER).id == "agent:triage"


def test_an_expired_identity_is_told_so_and_a_stranger_is_not() -> None:
    with pytest.raises(Unauthenticated, match="agent:triage expired at"):
        authenticate("one", identities(), now=ENDED)
    with pytest.raises(Unauthenticated, match="no valid token was given"):
        authenticate("three", identities(), now=ENDED)


def test_a_renewed_identity_takes_the_token_before_only_for_as_long_as_it_is_kept() -> None:
    at_once = rotated(identities(), "agent:triage", token_digest("new"), days=0, keep_hours=0, now=NOW)
    with pytest.raises(Unauthenticated, match="no valid token"):
        authenticate("one", at_once, now=NOW)
    kept = rotated(identities(), "agent:triage", token_digest("new"), days=365, keep_hours=2, now=NOW)
    assert {authenticate(token, kept, now=LATER).id for token in ("one", "new")} == {"agent:triage"}
    with pytest.raises(Unauthenticated, match="no valid token"):
        authenticate("one", kept, now="2026-11-14T05:18:00Z")
    assert authenticate("new", kept, now=ENDED).id == "agent:triage"


@pytest.mark.parametrize("lacking", ["owner", "purpose"])
def test_an_agent_that_nobody_answers_for_is_not_made(lacking: str) -> None:
    with pytest.raises(BadInput, match=f"an agent has no {lacking}"):
        made([], AGENT | {lacking: ""}, days=90, now=NOW)


@pytest.mark.parametrize("days", [0, 401])
def test_an_agent_ends_one_day(days: int) -> None:
    with pytest.raises(BadInput, match="ends one day"):
        made([], AGENT, days=days, now=NOW)


def test_a_name_is_given_once_and_a_stranger_is_not_renewed() -> None:
    with pytest.raises(BadInput, match="there is such an identity"):
        made(identities(), AGENT, days=1, now=NOW)
    with pytest.raises(NotFound):
        disabled(identities(), "agent:nobody", now=NOW)
    with pytest.raises(BadInput, match="neither a token nor"):
        made([], AGENT | {"token_digest": ""}, days=1, now=NOW)


def test_an_agent_proposes_only_what_it_is_there_for() -> None:
    agent = authenticate("one", identities(), now=NOW)
    agent.require_action(action())
    with pytest.raises(NotPermitted, match="isn't there for delete_resource"):
        agent.require_action(action("delete_resource"))
    for elsewhere in ("checkout", ""):
        with pytest.raises(NotPermitted, match="no business"):
            agent.require_action(action(namespace=elsewhere))
    assert (agent.sees("payments"), agent.sees("checkout"), agent.sees("")) == (True, False, False)


def test_a_service_account_is_whom_the_cluster_says_and_only_a_token_of_its_kind_is_shown_to_it() -> None:
    known = identities(token_digest="", service_account="agents/triage")
    asked: list[str] = []

    def review(token: str) -> str:
        asked.append(token)
        return "agents/triage" if token == "h.p.s" else ""

    assert authenticate("h.p.s", known, now=NOW, review=review).id == "agent:triage"
    for token in ("h.p.other", "two-parts", ""):
        with pytest.raises(Unauthenticated, match="no valid token"):
            authenticate(token, known, now=NOW, review=review)
    assert authenticate("two", known, now=NOW, review=review).id == "agent:other"
    assert asked == ["h.p.s", "h.p.other"]
    with pytest.raises(Unauthenticated, match="was disabled"):
        authenticate("h.p.s", disabled(known, "agent:triage", now=NOW), now=NOW, review=review)
