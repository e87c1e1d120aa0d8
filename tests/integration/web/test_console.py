"""The console shows what the gate knows, to who may see it, and does only what a role allows, from its own pages."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, cast

import pytest
from starlette.testclient import TestClient

from engine.core.errors import Unauthenticated
from engine.core.identity import token_digest
from engine.core.lifecycle import ProposalState
from engine.core.moment import format_instant, shift
from engine.entrypoints.web.app import create_app
from engine.entrypoints.web.console import session
from engine.entrypoints.web.console.session import SESSIONS, begin, end, token_of
from engine.ports import Ledger
from tests.fakes.ledger import MemoryLedger
from tests.integration.web.conftest import Http

ORIGIN = {"origin": "https://testserver"}
HERE = "https://testserver"
PAGES = ("incidents", "proposals", "matrix", "simulator", "figures", "switch")


class Browser:
    """A browser at the console: it keeps its cookie and sends the word that its forms carry."""

    def __init__(self, http: Http, by: str) -> None:
        self.client = TestClient(http.client.app, base_url=HERE, raise_server_exceptions=False, follow_redirects=False)
        self.signed_in = self.post_plain("/console/sign-in", token=http.tokens[by])

    def get(self, path: str, **headers: str) -> Any:
        return self.client.get(path, headers=headers)

    def post_plain(self, path: str, headers: Any = ORIGIN, **fields: str) -> Any:
        return self.client.post(path, data=fields, headers=headers)

    def word(self) -> str:
        found = re.search(r'name="form_token" value="([^"]+)"', self.get("/console/incidents").text)
        return found[1] if found else ""

    def post(self, path: str, **fields: str) -> Any:
        return self.post_plain(path, form_token=self.word(), **fields)


@pytest.fixture
def dana(door: Http) -> Browser:
    return Browser(door, "dana")


@pytest.fixture
def rollback(desk: Any) -> ProposalState:
    made: ProposalState = desk.propose(
        "rollback_workload", "Deployment/payments-api", params={"to_revision": "previous"}, reason="2.9.0 can't start."
    )
    return made


def test_nobody_sees_a_page_without_signing_in(door: Http, desk: Any) -> None:
    client = TestClient(door.client.app, base_url=HERE, follow_redirects=False)
    for path in (*PAGES, "identities", f"incidents/{desk.incident.id}", f"incidents/{desk.incident.id}/hand-over"):
        answer = client.get(f"/console/{path}")
        assert (answer.status_code, answer.headers["location"]) == (303, f"/console/sign-in?to=/console/{path}")
        assert (
            client.get(f"/console/{path}", headers={"authorization": f"Bearer {door.tokens['dana']}"}).status_code
            == 303
        )
    refused = client.post("/console/sign-in", data={"token": "guess"}, headers=ORIGIN)
    assert refused.status_code == 401 and "set-cookie" not in refused.headers


def test_a_session_is_kept_from_scripts_and_other_sites(dana: Browser, door: Http) -> None:
    cookie = dana.signed_in.headers["set-cookie"].lower()
    assert "httponly" in cookie and "samesite=strict" in cookie and "path=/console" in cookie and "secure" in cookie
    assert door.tokens["dana"] not in cookie
    loopback = TestClient(door.client.app, base_url="http://127.0.0.1", follow_redirects=False)
    headers = {"origin": "http://127.0.0.1"}
    begun = loopback.post("/console/sign-in", data={"token": door.tokens["dana"]}, headers=headers)
    assert "secure" not in begun.headers["set-cookie"].lower()


def test_every_page_comes_with_headers_under_which_nothing_runs(dana: Browser) -> None:
    for path in (*PAGES, "identities"):
        answer = dana.get(f"/console/{path}")
        assert answer.status_code == 200, path
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy and "unsafe" not in policy and "script-src" not in policy
        assert answer.headers["cache-control"] == "no-store"
        assert "<script" not in answer.text and " style=" not in answer.text


def test_an_identity_that_is_stopped_is_signed_out_with_its_next_click(dana: Browser, door: Http) -> None:
    assert dana.get("/console/incidents").status_code == 200
    door.identities[:] = [one.model_copy(update={"disabled_at": "2026-11-14T00:00:00Z"}) for one in door.identities]
    assert dana.get("/console/incidents").status_code == 303


def test_signing_out_ends_the_session_whatever_the_browser_keeps(dana: Browser) -> None:
    held = dict(dana.client.cookies)
    assert dana.post("/console/sign-out").status_code == 303
    dana.client.cookies.update(held)
    assert dana.get("/console/incidents").status_code == 303


def test_a_session_goes_on_after_a_restart_and_at_another_replica(door: Http, desk: Any, dana: Browser) -> None:
    replica = Browser(Http(again(door, desk), door.tokens, door.identities), "dana")
    replica.client.cookies.clear()
    replica.client.cookies.update(dana.client.cookies)
    assert replica.get("/console/incidents").status_code == 200
    assert replica.post("/console/switch", to="frozen", reason="bad night").status_code == 303
    assert replica.post("/console/sign-out").status_code == 303
    assert dana.get("/console/incidents").status_code == 303


def again(door: Http, desk: Any) -> TestClient:
    """The app begun anew over the same ledger."""
    return TestClient(create_app(desk.gate, lambda: door.identities), raise_server_exceptions=False)


def test_the_ledger_holds_nothing_that_a_browser_could_hold(door: Http, desk: Any, dana: Browser) -> None:
    (held,) = dana.client.cookies.values()
    kept = desk.gate.ports.ledger.run(lambda tx: tx.select(SESSIONS))
    assert len(kept) == 1
    assert all(part not in str(kept) for part in (*held.split("."), dana.word(), door.tokens["dana"]))
    assert token_digest(door.tokens["dana"]) not in str(kept)


def test_a_word_that_nobody_signed_in_for_is_refused_without_the_ledger(door: Http, desk: Any, dana: Browser) -> None:
    (held,) = dana.client.cookies.values()
    word, proof = held.split(".")
    ledger = desk.gate.ports.ledger
    digests = [one.token_digest for one in door.identities]
    for guess in (
        "",
        word,
        f"{word}.",
        f".{proof}",
        f"x{word}.{proof}",
        f"{word}.{'0' * 64}",
        f"{word}.{proof}.x",
        f"{word}.é",
    ):
        with pytest.raises(Unauthenticated):
            token_of(cast(Ledger, None), guess, digests, now=desk.now)
    with pytest.raises(Unauthenticated):
        token_of(cast(Ledger, None), held, ["", *digests[:2]], now=desk.now)
    assert token_of(ledger, held, digests, now=format_instant(datetime.now(UTC))) == token_digest(door.tokens["dana"])


def test_a_session_ends_after_an_hour_without_a_click_and_after_eight_with() -> None:
    ledger, now = MemoryLedger(), "2026-11-14T03:00:00Z"
    digest = token_digest("token")

    def holds(held: str, after: int) -> bool:
        try:
            return token_of(ledger, held, [digest], now=shift(now, after)) == digest
        except Unauthenticated:
            return False

    left, used, ended = (begin(ledger, "token", now=now) for _ in range(3))
    end(ledger, ended, now=shift(now, 60))
    assert not holds(ended, 0)
    assert holds(left, 3599)
    assert not holds(left, 3599 + 3600)
    assert all(holds(used, after) for after in range(0, 8 * 3600, 1800))
    assert not holds(used, 8 * 3600)


def test_sessions_that_are_over_are_forgotten_and_of_too_many_the_oldest_make_room(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(session, "MOST", 5)
    ledger, now = MemoryLedger(), "2026-11-14T03:00:00Z"
    first = begin(ledger, "token", now=now)
    for _ in range(5):
        last = begin(ledger, "token", now=now)
    assert ledger.run(lambda tx: tx.count(SESSIONS, status="held")) == 5
    with pytest.raises(Unauthenticated):
        token_of(ledger, first, [token_digest("token")], now=now)
    assert token_of(ledger, last, [token_digest("token")], now=now)
    begin(ledger, "token", now=shift(now, 3601))
    assert ledger.run(lambda tx: tx.count(SESSIONS, status="held")) == 1


def test_an_incident_is_shown_with_all_that_is_known(dana: Browser, desk: Any, rollback: ProposalState) -> None:
    listed = dana.get("/console/incidents").text
    assert f"/console/incidents/{desk.incident.id}" in listed
    shown = dana.get(f"/console/incidents/{desk.incident.id}").text
    for wanted in ("Timeline", "Evidence", desk.evidence[0], rollback.id, "crash-loop"):
        assert wanted in shown, wanted
    package = dana.get(f"/console/incidents/{desk.incident.id}/hand-over").text
    assert "waits for" in package and "Telemetry as it was" in package


def test_a_proposal_is_shown_with_its_rules_what_is_missing_and_what_was_not_reached(
    dana: Browser, rollback: ProposalState
) -> None:
    shown = dana.get(f"/console/proposals/{rollback.id}").text
    verdict = rollback.verdict
    assert verdict is not None and verdict.approvals.missing
    for one in verdict.approvals.missing:
        assert f"{one.count} more of {one.role}" in shown
    assert "not reached" in shown and "newTag" in shown and "2.9.0 can&#39;t start." in shown
    assert not re.search(r"<button[^>]*>\s*(Approve|Merge|Reject)", shown)


def test_the_switch_is_moved_by_a_person_who_operates_from_a_page_of_the_session(
    dana: Browser, door: Http, desk: Any
) -> None:
    assert dana.post("/console/switch", to="frozen", reason="bad night").status_code == 303
    assert "frozen" in dana.get("/console/switch").text
    assert desk.records("switch")[-1].body["by"] == "dana"
    agent = Browser(door, "agent:triage")
    assert "Move it" not in agent.get("/console/switch").text
    assert agent.post("/console/switch", to="normal", reason="let me").status_code == 403
    assert dana.post("/console/switch", to="open", reason="x").status_code == 400
    assert len(desk.records("switch")) == 1


@pytest.mark.parametrize("headers", [{}, {"origin": "http://evil.example"}, {"origin": "null"}])
def test_a_form_from_elsewhere_moves_nothing(dana: Browser, desk: Any, headers: dict[str, str]) -> None:
    fields = {"form_token": dana.word(), "to": "frozen", "reason": "not mine"}
    assert dana.post_plain("/console/switch", headers=headers, **fields).status_code == 403
    assert desk.records("switch") == []


def test_a_form_without_the_word_of_its_session_moves_nothing(dana: Browser, door: Http, desk: Any) -> None:
    other = Browser(door, "dana")
    for word in ("", "guess", other.word()):
        sent = dana.post_plain("/console/switch", form_token=word, to="frozen", reason="not mine")
        assert sent.status_code == 403
    assert desk.records("switch") == []


def test_an_identity_is_renewed_and_stopped_and_no_other_is_touched(dana: Browser, door: Http) -> None:
    before = {one.id: one for one in door.identities}
    renewed = dana.post("/console/identities", identity="agent:triage", does="rotate")
    token = re.search(r'<pre class="token">([^<]+)</pre>', renewed.text)
    assert token and token[1] not in dana.get("/console/identities").text
    assert Browser(door, "agent:triage").signed_in.status_code == 401
    dana.post("/console/identities", identity="agent:triage", does="disable")
    changed = [one.id for one in door.identities if one != before[one.id]]
    assert changed == ["agent:triage"]
    door.tokens["agent:triage"] = token[1]
    assert Browser(door, "agent:triage").signed_in.status_code == 401
    dana.post("/console/identities", identity="agent:triage", does="enable")
    agent = Browser(door, "agent:triage")
    assert agent.get("/console/identities").status_code == 403
    assert agent.post("/console/identities", identity="dana", does="disable").status_code == 403


def test_what_if_answers_as_the_command_does_and_records_nothing(
    dana: Browser, desk: Any, rollback: ProposalState
) -> None:
    before = len(desk.records())
    asked = {"subject": rollback.decision_id, "approved_by": "alice bob", "set": "facts.blast.pods=3"}
    answer = dana.post("/console/simulator", **asked).text
    assert "Allowed" in answer and "Recorded:" in answer
    frozen = dana.post("/console/simulator", subject=rollback.decision_id, switch="frozen").text
    assert "switch/frozen" in frozen
    for wrong in ({"subject": "dec-0"}, {"subject": rollback.decision_id, "set": "facts.nothing=1"}, {"subject": "[]"}):
        answer = dana.post("/console/simulator", **wrong)
        assert answer.status_code in (200, 404) and "Refused" not in answer.text and "Allowed" not in answer.text
    assert len(desk.records()) == before


def test_a_reader_of_one_namespace_sees_nothing_of_another(door: Http, desk: Any, rollback: ProposalState) -> None:
    door.identities[:] = [
        one.model_copy(update={"namespaces": ["checkout"]}) if one.id == "dana" else one for one in door.identities
    ]
    dana = Browser(door, "dana")
    assert desk.incident.id not in dana.get("/console/incidents").text
    assert rollback.id not in dana.get("/console/proposals").text
    hidden = (
        f"incidents/{desk.incident.id}",
        f"incidents/{desk.incident.id}/hand-over",
        f"incidents/{desk.incident.id}/postmortem",
        f"proposals/{rollback.id}",
        "figures",
    )
    for path in hidden:
        assert dana.get(f"/console/{path}").status_code == 403, path
    assert dana.post("/console/simulator", subject=rollback.decision_id).status_code == 403
    useful = dana.post(f"/console/incidents/{desk.incident.id}/useful", about="summary", useful="yes")
    assert useful.status_code == 403


def test_one_click_says_what_was_useful_and_the_last_one_counts(dana: Browser, door: Http, desk: Any) -> None:
    path = f"/console/incidents/{desk.incident.id}/useful"
    for said in ("yes", "no"):
        assert dana.post(path, about="hand_over", useful=said).status_code == 303
    assert "0 of 1 said yes" in dana.get(f"/console/incidents/{desk.incident.id}").text
    assert [record.body["useful"] for record in desk.records("feedback")] == [True, False]
    assert dana.post(path, about="the weather", useful="yes").status_code == 400
    assert Browser(door, "agent:triage").post(path, about="summary", useful="yes").status_code == 403


@pytest.mark.parametrize(
    "to", ["//evil.example/x", "https://evil.example", "/v1/switch", "/console/../v1", "/console/sign-out"]
)
def test_signing_in_leads_nowhere_else(door: Http, to: str) -> None:
    client = TestClient(door.client.app, base_url=HERE, follow_redirects=False)
    assert client.get("/console/sign-in", params={"to": to}).text.count('value="/console/incidents"') == 1
    answer = client.post("/console/sign-in", data={"token": door.tokens["dana"], "to": to}, headers=ORIGIN)
    assert answer.headers["location"] == "/console/incidents"


def test_a_link_from_another_site_is_followed_once_more_from_here(dana: Browser, desk: Any) -> None:
    dana.client.cookies.clear()
    answer = dana.get(f"/console/incidents/{desk.incident.id}", **{"sec-fetch-site": "cross-site"})
    assert f'content="0;url=/console/incidents/{desk.incident.id}"' in answer.text


def test_what_is_not_there_is_a_page_too(dana: Browser) -> None:
    for path in ("nothing", "incidents/inc-0", "proposals/prop-0", "assets/base.html", "figures?days=0"):
        answer = dana.get(f"/console/{path}")
        assert answer.status_code in (400, 404) and "<h1>" in answer.text, path


def test_what_may_happen_is_asked_anew_only_for_another_policy_or_after_some_minutes(
    dana: Browser, door: Http, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = door.client.app.state.desk
    asked, answered, policy = [], [], desk.gate.ports.policy

    class Counting:
        """Says of everything what policy said of the first: how often it is asked doesn't depend on the answer."""

        identity, data = staticmethod(policy.identity), staticmethod(policy.data)

        def decide(self, document: bytes) -> Any:
            asked.append(document)
            if not answered:
                answered.append(policy.decide(document))
            return answered[0]

    desk.gate = replace(desk.gate, ports=replace(desk.gate.ports, policy=Counting()))
    first = dana.get("/console/matrix").text
    count = len(asked)
    assert count > 100
    assert dana.get("/console/matrix").text == first
    assert len(asked) == count
    monkeypatch.setattr(type(desk), "now", lambda _: shift(format_instant(datetime.now(UTC)), 301))
    assert dana.get("/console/matrix").text != first
    assert len(asked) > count
