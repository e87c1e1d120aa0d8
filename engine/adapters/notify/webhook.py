"""Any receiver: a CloudEvent, signed, with a time in what is signed so that an old one can't be played again.

The receiver checks ``Penstock-Signature`` over ``<Penstock-Timestamp>.<body>``, refuses what is older than it likes,
and takes an id it has seen for done.
"""

from __future__ import annotations

import time

from engine.adapters.notify.addresses import Addresses
from engine.adapters.notify.post import post
from engine.core import canonical
from engine.core.message import Message
from engine.core.signature import sign
from engine.core.untrusted import clean


class WebhookNotifier:
    """Posts each message to one address."""

    name = "webhook"

    def __init__(self, url: str, secret: str, addresses: Addresses) -> None:
        self._url = url
        self._secret = secret
        self._addresses = addresses

    def tell(self, message: Message) -> None:
        """Post one message. Raises :class:`~engine.core.errors.NotDelivered`."""
        body = canonical.encode(self._event(message))
        timestamp = str(int(time.time()))
        headers = {
            "Content-Type": "application/cloudevents+json; charset=utf-8",
            "Penstock-Timestamp": timestamp,
            "Penstock-Signature": f"sha256={sign(timestamp.encode() + b'.' + body, self._secret)}",
        }
        post(self.name, self._url, body, headers)

    def _event(self, message: Message) -> dict[str, object]:
        """A CloudEvent 1.0 in structured mode; its id is the same however often the message is sent."""
        return {
            "specversion": "1.0",
            "id": canonical.digest_bytes(message.key.encode())[7:39],
            "source": "penstock",
            "type": f"penstock.{message.event}",
            "subject": message.about or "gate",
            "time": message.at,
            "datacontenttype": "application/json",
            "data": {
                "title": clean(message.title),
                "text": clean(message.text),
                "ids": message.links,
                "links": self._addresses.of(message),
            },
        }
