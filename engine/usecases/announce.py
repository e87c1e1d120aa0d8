"""Announce: write down what is to be told, in the very transaction that makes it true.

A process that ends right after the commit has told nobody and forgotten nothing; :mod:`engine.usecases.dispatch`
delivers later.
"""

from __future__ import annotations

from dataclasses import replace

from engine.core.message import Message, Queued
from engine.core.redaction import redact_text
from engine.ports import Transaction

OUTBOX = "outbox"


def announce(tx: Transaction, message: Message) -> None:
    """Put a message into the outbox unless it is or was there already."""
    if tx.find(OUTBOX, message.key) is None:
        message = replace(message, title=redact_text(message.title), text=redact_text(message.text))
        tx.put(OUTBOX, message.key, Queued(message).as_document(), status="waiting", at=message.at)
