"""The pager: only what somebody has to get up for, and the all-clear when nobody has to any more.

The vendor's client waits and tries again by itself, without end where it is rate limited. The outbox does that here,
bounded and without holding anybody up, so the client is stopped at the first failure.
"""

from __future__ import annotations

from typing import Any

from pagerduty import Error, EventsApiV2Client

from engine.adapters.notify.addresses import Addresses
from engine.adapters.notify.post import SECONDS, check
from engine.core.errors import NotDelivered
from engine.core.message import Event, Message
from engine.core.untrusted import one_line, plain

SUMMARY_LIMIT = 1024

_SEVERITY: dict[Event, str] = {
    "approval_wanted": "warning",
    "could_not_decide": "error",
    "escalated": "critical",
    "merged_outside": "warning",
    "not_resumed": "error",
}
_WAIT_IS_OVER: tuple[Event, ...] = ("closed", "expired", "merged", "merged_outside", "rejected")


class _OneTry(EventsApiV2Client):
    """The vendor's client without its own retries."""

    max_network_attempts = 0

    def postprocess(self, response: Any) -> None:
        check(PagerDutyNotifier.name, response.status_code, response.headers.get("Retry-After", ""))


class PagerDutyNotifier:
    """Triggers and resolves alerts by Events v2."""

    name = "pagerduty"

    def __init__(self, routing_key: str, addresses: Addresses, *, url: str | None = None) -> None:
        self._key = routing_key
        self._url = url
        self._addresses = addresses

    def tell(self, message: Message) -> None:
        """Trigger or resolve what a message calls for. Raises :class:`NotDelivered`."""
        severity = _SEVERITY.get(message.event)
        try:
            if message.event == "resolved":
                self._client().resolve(_trouble(message))
            if message.event in _WAIT_IS_OVER:
                self._client().resolve(_wait(message))
            if severity is not None:
                self._trigger(message, severity)
        except Error:
            raise NotDelivered("it didn't take the event", where=self.name) from None

    def _client(self) -> _OneTry:
        client = _OneTry(self._key, base_url=self._url)
        client.timeout = SECONDS
        return client

    def _trigger(self, message: Message, severity: str) -> None:
        said = one_line(f"{message.title}: {message.text}", limit=SUMMARY_LIMIT - 1)
        self._client().trigger(
            plain(said)[:SUMMARY_LIMIT],
            "penstock",
            dedup_key=_wait(message) if message.event == "approval_wanted" else _trouble(message),
            severity=severity,
            payload={"timestamp": message.at, "class": message.event},
            custom_details={name: plain(value) for name, value in message.links.items()},
            links=[{"href": address, "text": title} for title, address in self._addresses.of(message).items()],
        )


def _trouble(message: Message) -> str:
    """One alert for an incident, whatever is told of it."""
    return f"penstock|{message.about}"[:255]


def _wait(message: Message) -> str:
    """One alert for a proposal that waits for people."""
    return f"penstock|waits|{message.links.get('proposal', '')}"[:255]
