"""Where the ids in a message can be seen: addresses made from settings alone, never from a message's words."""

from __future__ import annotations

import re
from dataclasses import dataclass

from engine.core.message import Message

_NUMBER = re.compile(r"[1-9][0-9]{0,14}")
_ID = re.compile(r"[A-Za-z0-9-]{1,80}")


@dataclass(frozen=True, slots=True)
class Addresses:
    """What a number or an id is put behind; empty where there is no such place."""

    pull_requests: str = ""
    console: str = ""

    def of(self, message: Message) -> dict[str, str]:
        """Title and address of everything a message names that can be opened, the pull request first."""
        found: dict[str, str] = {}
        number, proposal = message.links.get("pull_request", ""), message.links.get("proposal", "")
        incident = message.links.get("incident", "")
        if self.pull_requests and _NUMBER.fullmatch(number):
            found["Pull request"] = f"{self.pull_requests}{number}"
        if self.console and _ID.fullmatch(proposal):
            found["Proposal"] = f"{self.console}/proposals/{proposal}"
        if self.console and _ID.fullmatch(incident):
            found["Incident"] = f"{self.console}/incidents/{incident}"
        return found
