"""Slack: blocks that a phone shows well, with the pull request one tap away.

Words from outside are plain text in their blocks, where Slack makes no link, mention or emphasis of them. The line
that a phone's lock screen shows is Slack's own markup, so it is escaped as well. Nothing in Slack approves.
"""

from __future__ import annotations

from typing import Any

from slack_sdk.errors import SlackObjectFormationError
from slack_sdk.models.blocks import (
    ActionsBlock,
    Block,
    ButtonElement,
    ContextBlock,
    HeaderBlock,
    PlainTextObject,
    SectionBlock,
)
from slack_sdk.models.blocks.block_elements import InteractiveElement

from engine.adapters.notify.addresses import Addresses
from engine.adapters.notify.post import post
from engine.core import canonical
from engine.core.errors import BadInput, NotDelivered
from engine.core.message import Message
from engine.core.untrusted import one_line, plain

API = "https://slack.com/api/"
_ESCAPES = (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"))
_HOPELESS = ("invalid_blocks", "invalid_arguments", "msg_too_long", "no_text", "invalid_json")


class SlackNotifier:
    """Posts to an incoming webhook (``url``), or as a bot (``token``) into a channel by its id.

    ``asks`` puts buttons to ask why and to look again, where Slack has been told where to send what they do.
    """

    name = "slack"

    def __init__(
        self, addresses: Addresses, *, url: str = "", token: str = "", channel: str = "", asks: bool = False
    ) -> None:
        self._addresses = addresses
        self._url = url or f"{API}chat.postMessage"
        self._token = token
        self._channel = channel
        self._asks = asks

    def tell(self, message: Message) -> None:
        """Post one message. Raises :class:`NotDelivered`."""
        document = self._document(message)
        headers = {"Content-Type": "application/json; charset=utf-8"}
        if self._token:
            headers["Authorization"] = f"Bearer {self._token}"
            document["channel"] = self._channel
        reply = post(self.name, self._url, canonical.encode(document), headers)
        if self._token:
            _accepted(reply)

    def _document(self, message: Message) -> dict[str, Any]:
        try:
            blocks = [block.to_dict() for block in self._blocks(message)]
        except SlackObjectFormationError as error:
            raise NotDelivered(f"it can't be shown: {error}", where=self.name, for_good=True) from None
        text = one_line(f"{message.title}: {message.text}", limit=300)
        return {"text": mrkdwn(text), "blocks": blocks, "unfurl_links": False, "unfurl_media": False}

    def _blocks(self, message: Message) -> list[Block]:
        said = plain(message.text, limit=2500)
        blocks: list[Block] = [HeaderBlock(text=_words(one_line(message.title, limit=140)))]
        if said.strip():
            blocks.append(SectionBlock(text=_words(said)))
        named = " · ".join([message.event.replace("_", " "), *message.links.values(), message.at])
        blocks.append(ContextBlock(elements=[_words(one_line(named, limit=500))]))
        if buttons := self._buttons(message):
            blocks.append(ActionsBlock(elements=buttons))
        return blocks

    def _buttons(self, message: Message) -> list[dict[str, Any] | InteractiveElement]:
        links = self._addresses.of(message)
        buttons: list[dict[str, Any] | InteractiveElement] = [
            ButtonElement(text=title, url=address, action_id=f"open_{number}")
            for number, (title, address) in enumerate(links.items())
        ]
        proposal = message.links.get("proposal", "")
        if self._asks and proposal:
            buttons.append(ButtonElement(text="Why", action_id="why", value=proposal))
        if self._asks and proposal and "pull_request" in message.links:
            buttons.append(ButtonElement(text="Re-evaluate", action_id="re_evaluate", value=proposal))
        return buttons


def mrkdwn(text: str) -> str:
    """The text as Slack's own markup that marks nothing up."""
    escaped = plain(text)
    for character, entity in _ESCAPES:
        escaped = escaped.replace(character, entity)
    return escaped


def _words(text: str) -> PlainTextObject:
    return PlainTextObject(text=plain(text, limit=2900) or "-", emoji=False)


def _accepted(reply: bytes) -> None:
    """A bot's post is answered with 200 whatever came of it; the body says."""
    try:
        said = canonical.parse(reply, where=SlackNotifier.name)
    except BadInput:
        raise NotDelivered("its answer is no JSON", where=SlackNotifier.name) from None
    if not isinstance(said, dict) or said.get("ok") is not True:
        error = str(said.get("error", "")) if isinstance(said, dict) else ""
        raise NotDelivered(f"it said {one_line(error)!r}", where=SlackNotifier.name, for_good=error in _HOPELESS)
