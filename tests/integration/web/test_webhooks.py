"""Deliveries: only what a forge really signed is heard, and all that is heard is where to look."""

from __future__ import annotations

import hashlib
import hmac
import json
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

import pytest

from engine.core.signature import sign
from engine.usecases.queue_looks import take_looks
from tests.fakes.ledger import MemoryLedger
from tests.integration.web.deliveries import ABOUT_12, REPOSITORY, SECRET, Signed

LATER = "2030-01-01T00:00:00Z"


@pytest.fixture(params=["github", "gitea"])
def forge(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def hooked(http: Any, desk: Any) -> Any:
    """The app with a forge and two secrets, one following the other."""

    def use(forge: str) -> Any:
        settings = replace(
            desk.gate.settings, forge=forge, forge_repository=REPOSITORY, webhook_secret=f"the-old-one\n{SECRET}\n"
        )
        http.client.app.state.desk.gate = replace(desk.gate, settings=settings)
        return http.client

    return use


def post(client: Any, delivery: Signed, **headers: str | None) -> Any:
    return client.post(f"/webhooks/{delivery.forge}", content=delivery.body, headers=delivery.headers(**headers))


def looks(desk: Any) -> list[tuple[int, str]]:
    return [(queued.look.number, queued.look.head) for queued in take_looks(desk.gate.ports.ledger, now=LATER)]


def remembered(desk: Any) -> int:
    return len(desk.gate.ports.ledger.run(lambda tx: tx.select("deliveries")))


def test_a_signed_delivery_is_queued_and_nothing_is_done_yet(hooked: Any, desk: Any, forge: str) -> None:
    before = len(desk.records())
    answer = post(hooked(forge), Signed(forge=forge))
    assert (answer.status_code, answer.json()) == (202, {"status": "queued"})
    assert looks(desk) == [(12, "")]
    assert len(desk.records()) == before


@pytest.mark.parametrize("secret", ["the-old-one", SECRET])
def test_either_secret_is_good_while_one_follows_the_other(hooked: Any, secret: str) -> None:
    assert post(hooked("github"), Signed(secret=secret)).status_code == 202


SHA1 = "sha1=" + hmac.new(SECRET.encode(), Signed().body, hashlib.sha1).hexdigest()
WHOLE = sign(Signed().body, SECRET)


@pytest.mark.parametrize(
    "signature",
    [
        None,
        "",
        "sha256=",
        SHA1,
        f"sha256={SHA1.removeprefix('sha1=')}",
        f"sha256={WHOLE[:-1]}",
        f"sha256={WHOLE[:32]}",
        f"sha256={WHOLE}00",
        f"sha256={WHOLE.upper()}",
        f"sha256={sign(Signed().body, 'another')}",
        f"sha256={sign(Signed().body, '')}",
        f"sha256={sign(Signed().body + b' ', SECRET)}",
        f"sha512={WHOLE}",
        WHOLE,
        f"sha256={WHOLE}, sha256={WHOLE}",
        "sha256=" + "é" * 64,
    ],
    ids=[
        "none", "empty", "only a prefix", "SHA-1", "SHA-1 as SHA-256", "one digit short", "cut off", "too long",
        "another case", "another secret", "an empty secret", "another body", "another name", "no name", "twice in one",
        "no hex",
    ],
)  # fmt: skip
def test_every_bad_signature_gets_the_same_answer(hooked: Any, desk: Any, signature: str | None) -> None:
    client = hooked("github")
    headers = Signed().headers(X_Hub_Signature_256=None)
    sent = {**headers, **({} if signature is None else {"X-Hub-Signature-256": signature.encode()})}
    answer = client.post("/webhooks/github", content=Signed().body, headers=sent)
    plain = client.post("/webhooks/github", content=b"x")
    assert answer.status_code == 401
    assert answer.content == plain.content
    assert looks(desk) == []
    assert remembered(desk) == 0


def test_a_signature_by_sha_1_beside_none_is_no_signature(hooked: Any, desk: Any) -> None:
    assert post(hooked("github"), Signed(), X_Hub_Signature_256=None, X_Hub_Signature=SHA1).status_code == 401
    assert looks(desk) == []


@pytest.mark.parametrize("header", ["X-Hub-Signature-256", "X-GitHub-Event", "X-GitHub-Delivery", "Content-Type"])
def test_a_header_that_comes_twice_is_no_header(hooked: Any, desk: Any, header: str) -> None:
    given = list(Signed().headers().items())
    twice = [*given, (header, dict(given)[header])]
    answer = hooked("github").post("/webhooks/github", content=Signed().body, headers=twice)
    assert answer.status_code == (401 if "Signature" in header else 400)
    assert looks(desk) == []


def test_without_a_secret_every_delivery_is_refused(http: Any, desk: Any) -> None:
    assert post(http.client, Signed(secret="")).status_code == 401
    settings = replace(desk.gate.settings, forge="github", webhook_secret="\n \n")
    http.client.app.state.desk.gate = replace(desk.gate, settings=settings)
    assert post(http.client, Signed(secret="")).status_code == 401


def test_another_forge_s_door_stays_shut(hooked: Any, desk: Any) -> None:
    assert post(hooked("gitea"), Signed(forge="github")).status_code == 401
    assert looks(desk) == []


def test_a_delivery_that_comes_again_changes_nothing(hooked: Any, desk: Any, forge: str) -> None:
    client = hooked(forge)
    first, again = post(client, Signed(forge=forge)), post(client, Signed(forge=forge))
    assert (first.json()["status"], again.status_code, again.json()["status"]) == ("queued", 202, "ignored")
    assert remembered(desk) == 1


def test_a_thousand_deliveries_about_one_pull_request_are_one_look(hooked: Any, desk: Any) -> None:
    client = hooked("github")
    for number in range(30):
        assert post(client, Signed(id=f"delivery-{number}")).status_code == 202
    assert looks(desk) == [(12, "")]


def test_many_at_once_are_each_remembered_once(hooked: Any, desk: Any) -> None:
    from concurrent.futures import ThreadPoolExecutor

    client = hooked("github")
    with ThreadPoolExecutor(8) as pool:
        said = list(pool.map(lambda n: post(client, Signed(id=f"delivery-{n % 4}")).json()["status"], range(24)))
    assert said.count("queued") == 4
    assert remembered(desk) == 4


def test_a_delivery_is_answered_while_somebody_acts_and_the_forge_is_away(hooked: Any, http: Any, desk: Any) -> None:
    client = hooked("github")

    class Away:
        def __getattr__(self, name: str) -> Any:
            raise AssertionError(f"the forge was asked to {name}")

    held = http.client.app.state.desk
    held.gate = replace(held.gate, ports=replace(held.gate.ports, forge=Away()))
    with held.acting:
        assert post(client, Signed()).status_code == 202


@pytest.mark.parametrize(
    ("event", "payload", "expected"),
    [
        ("ping", {"zen": "x"}, []),
        ("star", {"action": "created"}, []),
        ("status", {"state": "success", "context": "penstock/gate"}, []),
        ("pull_request", {**ABOUT_12, "repository": {"full_name": "acme/other"}}, []),
        ("pull_request", {**ABOUT_12, "repository": {"full_name": "ACME/GitOps"}}, [(12, "")]),
        ("pull_request_review", {**ABOUT_12, "action": "submitted"}, [(12, "")]),
        ("issue_comment", {"issue": {"number": 3, "pull_request": {}}}, [(3, "")]),
        ("issue_comment", {"issue": {"number": 3}}, []),
        (
            "check_run",
            {"action": "rerequested", "check_run": {"pull_requests": [{"number": 5}, {"number": 6}]}},
            [(5, ""), (6, "")],
        ),
        ("check_run", {"action": "completed", "check_run": {"pull_requests": [{"number": 5}]}}, []),
        ("check_suite", {"action": "rerequested", "check_suite": {"pull_requests": [{"number": 5}]}}, [(5, "")]),
        ("push", {"ref": "refs/heads/main"}, [(0, "")]),
        ("push", {"ref": "refs/heads/penstock/x"}, []),
        ("membership", {"action": "removed"}, [(0, "")]),
        (
            "merge_group",
            {
                "action": "checks_requested",
                "merge_group": {"head_sha": "a" * 40, "head_ref": f"refs/heads/gh-readonly-queue/main/pr-7-{'b' * 40}"},
            },
            [(7, "a" * 40)],
        ),
        ("merge_group", {"action": "destroyed", "merge_group": {"head_sha": "a" * 40}}, []),
    ],
)
def test_an_event_of_github_says_where_to_look(
    hooked: Any, desk: Any, event: str, payload: Any, expected: list[tuple[int, str]]
) -> None:
    assert post(hooked("github"), Signed(payload=payload, event=event)).status_code == 202
    assert looks(desk) == expected


@pytest.mark.parametrize(
    ("event", "payload", "expected"),
    [
        ("pull_request_approved", ABOUT_12, [(12, "")]),
        ("pull_request_rejected", ABOUT_12, [(12, "")]),
        ("pull_request_comment", {"issue": {"number": 4, "pull_request": {}}}, [(4, "")]),
        ("pull_request_sync", ABOUT_12, [(12, "")]),
        ("issue_comment", {"is_pull": True, "issue": {"number": 4, "pull_request": {"merged": False}}}, [(4, "")]),
        ("issue_comment", {"is_pull": False, "issue": {"number": 4, "pull_request": None}}, []),
        ("push", {"ref": "refs/heads/main", "repository": {"full_name": REPOSITORY}}, [(0, "")]),
        ("push", {"ref": "refs/heads/main", "repository": {"full_name": "acme/other"}}, []),
        ("wiki", {}, []),
    ],
)
def test_an_event_of_gitea_says_where_to_look(
    hooked: Any, desk: Any, event: str, payload: Any, expected: list[tuple[int, str]]
) -> None:
    assert post(hooked("gitea"), Signed(payload=payload, event=event, forge="gitea")).status_code == 202
    assert looks(desk) == expected


@pytest.mark.parametrize(
    ("delivery", "headers"),
    [
        (Signed(payload=b"{"), {}),
        (Signed(payload=b'{"a": 1, "a": 2}'), {}),
        (Signed(payload=b"[" * 5000), {}),
        (Signed(payload=b"\xff"), {}),
        (Signed(payload=[]), {}),
        (Signed(payload={"pull_request": {"number": "12"}}), {}),
        (Signed(payload={"pull_request": {"number": 0}}), {}),
        (Signed(payload={"pull_request": {"number": -1}}), {}),
        (Signed(payload={"pull_request": {"number": 10**30}}), {}),
        (Signed(payload={"action": "opened"}), {}),
        (Signed(payload={"action": "checks_requested", "merge_group": {"head_sha": "../x"}}, event="merge_group"), {}),
        (Signed(), {"X_GitHub_Delivery": None}),
        (Signed(id="x" * 200), {}),
        (Signed(id="a b"), {}),
        (Signed(), {"X_GitHub_Event": None}),
        (Signed(event="../../etc"), {}),
        (Signed(), {"Content_Type": None}),
        (Signed(), {"Content_Type": "text/plain"}),
        (
            Signed(payload=urlencode({"payload": json.dumps(ABOUT_12)}).encode()),
            {"Content_Type": "application/x-www-form-urlencoded"},
        ),
    ],
)
def test_a_signed_delivery_that_can_t_be_read_is_refused_in_a_sentence(
    hooked: Any, desk: Any, delivery: Signed, headers: dict[str, str | None]
) -> None:
    answer = post(hooked("github"), delivery, **headers)
    assert answer.status_code == 400
    assert answer.json()["reason"] == "bad_input"
    assert "Traceback" not in answer.text
    assert looks(desk) == []


def test_a_form_is_refused_with_what_to_do(hooked: Any) -> None:
    answer = post(hooked("github"), Signed(payload=b"payload=%7B%7D"), Content_Type="application/x-www-form-urlencoded")
    assert "application/json" in answer.json()["remedy"]


def test_a_body_over_the_limit_is_refused_before_it_is_weighed(hooked: Any, desk: Any) -> None:
    answer = post(hooked("github"), Signed(payload=b'"' + b"x" * 1_048_577 + b'"'))
    assert (answer.status_code, answer.json()["reason"]) == (413, "body_too_large")
    assert looks(desk) == []


def test_a_body_in_pieces_is_one_body(hooked: Any, desk: Any) -> None:
    delivery = Signed()
    pieces = iter([delivery.body[:7], delivery.body[7:]])
    answer = hooked("github").post("/webhooks/github", content=pieces, headers=delivery.headers())
    assert answer.status_code == 202
    assert looks(desk) == [(12, "")]


def test_when_the_ledger_is_away_the_forge_is_told_to_come_again(hooked: Any, http: Any) -> None:
    client, held, away = hooked("github"), http.client.app.state.desk, MemoryLedger()
    away.close()
    held.gate = replace(held.gate, ports=replace(held.gate.ports, ledger=away))
    answer = post(client, Signed())
    assert (answer.status_code, answer.json()["reason"]) == (503, "ledger_unavailable")
