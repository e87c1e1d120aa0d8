"""What a channel is sent says what happened, links to where to act, and obeys nothing that somebody else wrote."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from engine.adapters.notify.addresses import Addresses
from engine.adapters.notify.pagerduty import PagerDutyNotifier
from engine.adapters.notify.slack import SlackNotifier
from engine.adapters.notify.webhook import WebhookNotifier
from engine.core.errors import NotDelivered
from engine.core.message import Message
from engine.core.signature import signed
from tests.fakes.receiver import Receiver

ADDRESSES = Addresses("https://git.example.com/acme/gitops/pulls/", "https://gate.example.com")
HOSTILE = "<!here> <@U123> *now* <https://evil.example|click> https://evil.example/x @channel `rm`"
WANTED = Message(
    key="approval_wanted|prop-1|dec-1",
    event="approval_wanted",
    title="rollback_workload on Deployment payments/payments-api",
    text="Needs approval (tier 2, moderate): 2 of team:team-payments",
    at="2026-11-14T03:18:00Z",
    about="prod-eu/payments",
    links={"proposal": "prop-1", "pull_request": "12"},
)


def slack(receiver: Receiver, **options: Any) -> SlackNotifier:
    return SlackNotifier(ADDRESSES, url=f"{receiver.url}/services/T0/B0/secret-path", **options)


def every_channel(receiver: Receiver) -> list[Any]:
    return [
        slack(receiver),
        PagerDutyNotifier("routing-key-1234567890", ADDRESSES, url=receiver.url),
        WebhookNotifier(f"{receiver.url}/hook", "s3cret", ADDRESSES),
    ]


def texts(value: Any) -> list[str]:
    """Every string in a document."""
    if isinstance(value, dict):
        return [text for child in value.values() for text in texts(child)]
    if isinstance(value, list):
        return [text for child in value for text in texts(child)]
    return [value] if isinstance(value, str) else []


def test_slack_is_sent_blocks_that_lead_to_the_pull_request(receiver: Receiver) -> None:
    slack(receiver, asks=True).tell(WANTED)
    [sent] = receiver.received
    assert [block["type"] for block in sent.json["blocks"]] == ["header", "section", "context", "actions"]
    assert sent.json["blocks"][0]["text"]["text"] == WANTED.title
    buttons = sent.json["blocks"][3]["elements"]
    assert buttons[0]["url"] == "https://git.example.com/acme/gitops/pulls/12"
    assert [button["action_id"] for button in buttons if "url" not in button] == ["why", "re_evaluate"]
    assert "approv" not in str([button["action_id"] for button in buttons])


def test_slack_gets_no_buttons_that_nobody_would_answer(receiver: Receiver) -> None:
    slack(receiver, asks=False).tell(WANTED)
    assert all("url" in button for button in receiver.received[0].json["blocks"][3]["elements"])


def test_what_somebody_wrote_does_nothing_in_slack(receiver: Receiver) -> None:
    slack(receiver).tell(replace(WANTED, title=HOSTILE, text=HOSTILE))
    sent = receiver.received[0].json
    words = [block["text"] for block in sent["blocks"] if "text" in block]
    assert {text["type"] for text in words} == {"plain_text"}
    assert "<" not in sent["text"]
    said = " ".join(texts([sent["text"], words]))
    assert "https://" not in said
    assert "@channel" not in said
    assert sent["unfurl_links"] is False


def test_a_bot_posts_into_its_channel_and_believes_only_ok(receiver: Receiver) -> None:
    bot = slack(receiver, token="xoxb-not-a-real-one", channel="C012345")
    receiver.answer(200, b'{"ok": true}')
    bot.tell(WANTED)
    assert receiver.received[0].json["channel"] == "C012345"
    assert receiver.received[0].headers["authorization"] == "Bearer xoxb-not-a-real-one"
    for answer, for_good in (
        (b'{"ok": false, "error": "invalid_blocks"}', True),
        (b'{"ok": false}', False),
        (b"", False),
    ):
        receiver.answer(200, answer)
        with pytest.raises(NotDelivered) as failed:
            bot.tell(WANTED)
        assert failed.value.for_good is for_good


def test_a_pager_is_triggered_once_for_a_wait_and_resolved_when_it_is_over(receiver: Receiver) -> None:
    pager = PagerDutyNotifier("routing-key-1234567890", ADDRESSES, url=receiver.url)
    receiver.answer(202, b'{"status": "success", "dedup_key": "x"}')
    for event in ("approval_wanted", "merged"):
        pager.tell(replace(WANTED, event=event, text="x" * 3000))
    opened, closed = (request.json for request in receiver.received)
    assert (opened["event_action"], closed["event_action"]) == ("trigger", "resolve")
    assert opened["dedup_key"] == closed["dedup_key"]
    assert len(opened["payload"]["summary"]) <= 1024
    assert opened["payload"]["severity"] == "warning"
    assert opened["links"][0]["href"] == "https://git.example.com/acme/gitops/pulls/12"
    assert {request.path for request in receiver.received} == {"/v2/enqueue"}


def test_a_pager_stays_quiet_about_what_nobody_has_to_get_up_for(receiver: Receiver) -> None:
    pager = PagerDutyNotifier("routing-key-1234567890", ADDRESSES, url=receiver.url)
    for event in ("automatic_fix", "refused", "explained"):
        pager.tell(replace(WANTED, event=event))
    assert receiver.received == []


def test_an_escalation_is_resolved_by_the_same_incident_getting_well(receiver: Receiver) -> None:
    pager = PagerDutyNotifier("routing-key-1234567890", ADDRESSES, url=receiver.url)
    receiver.answer(202, b'{"dedup_key": "x"}')
    for event in ("escalated", "resolved"):
        pager.tell(replace(WANTED, event=event))
    escalated, resolved = (request.json for request in receiver.received)
    assert escalated["payload"]["severity"] == "critical"
    assert escalated["dedup_key"] == resolved["dedup_key"]


def test_any_receiver_can_check_who_sent_a_message_and_when(receiver: Receiver) -> None:
    WebhookNotifier(f"{receiver.url}/hook", "s3cret", ADDRESSES).tell(WANTED)
    [sent] = receiver.received
    covered = sent.headers["penstock-timestamp"].encode() + b"." + sent.body
    signature = sent.headers["penstock-signature"].removeprefix("sha256=")
    assert signed(covered, signature, ["s3cret"])
    assert not signed(covered.replace(b"12", b"13"), signature, ["s3cret"])
    assert sent.json["specversion"] == "1.0"
    assert sent.json["type"] == "penstock.approval_wanted"
    assert sent.json["data"]["links"]["Pull request"] == "https://git.example.com/acme/gitops/pulls/12"


def test_a_message_sent_again_has_the_same_id(receiver: Receiver) -> None:
    channel = WebhookNotifier(f"{receiver.url}/hook", "s3cret", ADDRESSES)
    channel.tell(WANTED)
    channel.tell(WANTED)
    channel.tell(replace(WANTED, key="another"))
    first, second, other = (request.json["id"] for request in receiver.received)
    assert first == second != other


@pytest.mark.parametrize(
    ("status", "for_good"),
    [(400, True), (410, True), (401, False), (404, False), (429, False), (302, False), (500, False)],
)
@pytest.mark.parametrize("number", [0, 1, 2], ids=["slack", "pagerduty", "webhook"])
def test_a_failure_is_tried_again_unless_it_can_never_pass(
    receiver: Receiver, number: int, status: int, for_good: bool
) -> None:
    receiver.answer(status, b"no", Retry_After="77", Location=f"{receiver.url}/elsewhere")
    with pytest.raises(NotDelivered) as failed:
        every_channel(receiver)[number].tell(WANTED)
    assert failed.value.for_good is for_good
    assert failed.value.wait_seconds == 77
    assert len(receiver.received) == 1


@pytest.mark.parametrize("number", [0, 1, 2], ids=["slack", "pagerduty", "webhook"])
def test_silence_is_tried_again_and_no_secret_is_named(receiver: Receiver, number: int) -> None:
    channel = every_channel(Receiver(url="https://127.0.0.1:1"))[number]
    with pytest.raises(NotDelivered) as failed:
        channel.tell(WANTED)
    assert not failed.value.for_good
    assert "secret" not in str(failed.value)
    assert "routing" not in str(failed.value)
    assert failed.value.__cause__ is None


def test_links_are_made_of_settings_and_never_of_what_a_message_says() -> None:
    odd = replace(WANTED, links={"pull_request": "12/../../evil", "proposal": "x?y", "incident": "inc-1"})
    assert ADDRESSES.of(odd) == {"Incident": "https://gate.example.com/incidents/inc-1"}
    assert Addresses().of(WANTED) == {}
