"""``/webhooks/slack``: what people press under a message. They may ask why, and have it looked at again.

1. The signature is Slack's own, over body and time, and no older than five minutes.
2. What isn't one of the two questions is refused; there is no button, and no way, to approve from here.
3. Answers go through the outbox into the channel. The address that Slack sends along is not used.
"""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import parse_qs

from anyio import to_thread
from fastapi import APIRouter, Request
from slack_sdk.signature import SignatureVerifier

from engine.core import canonical
from engine.core.errors import BadInput, Unauthenticated
from engine.entrypoints.web.desk import AtDesk, Desk
from engine.entrypoints.web.problem import PROBLEMS
from engine.entrypoints.web.webhooks import Received, once
from engine.usecases.answer_question import look_again, tell_why

router = APIRouter(prefix="/webhooks", responses={k: v for k, v in PROBLEMS.items() if k in (400, 401, 404, 413, 503)})

_TIME = re.compile(r"[0-9]{9,11}")
_PROPOSAL = re.compile(r"prop-[0-9a-f]{1,40}")
_OPENS = re.compile(r"open_[0-9]")


@router.post("/slack", summary="Take a question asked in Slack")
async def post_slack(desk: AtDesk, request: Request) -> Received:
    """Signed by Slack. Only ``why`` and ``re_evaluate`` are answered."""
    body = await request.body()
    return await to_thread.run_sync(_asked, desk, request, body, limiter=desk.hooks)


def _asked(desk: Desk, request: Request, body: bytes) -> Received:
    signature = once(request, "x-slack-signature")
    if not _from_slack(
        desk.gate.settings.slack_signing_secret, body, once(request, "x-slack-request-timestamp"), signature
    ):
        raise Unauthenticated("it isn't signed with a secret of this gate", where="webhook")
    action, proposal = _action(body)
    if _OPENS.fullmatch(action):
        return Received(status="ignored")
    ledger, now = desk.gate.ports.ledger, desk.now()
    if _PROPOSAL.fullmatch(proposal) is None or action not in ("why", "re_evaluate"):
        raise BadInput(
            "only why and re_evaluate are answered here", where="action", remedy="Approve on the pull request"
        )
    if action == "why":
        tell_why(ledger, proposal, channel="slack", once=canonical.digest_bytes(signature.encode()), now=now)
    elif not look_again(ledger, proposal, now=now):
        raise BadInput("it has no pull request", where="action", remedy="Ask why instead")
    desk.wake.set()
    return Received(status="queued")


def _from_slack(secret: str, body: bytes, timestamp: str, signature: str) -> bool:
    if not secret or _TIME.fullmatch(timestamp) is None or not signature.isascii():
        return False
    try:
        body.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return bool(SignatureVerifier(secret).is_valid(body=body, timestamp=timestamp, signature=signature))


def _action(body: bytes) -> tuple[str, str]:
    """The one button that was pressed, and its value."""
    given = parse_qs(body.decode("utf-8"), max_num_fields=20).get("payload", []) if body.count(b"&") < 20 else []
    document: Any = canonical.parse(given[0].encode(), where="payload") if len(given) == 1 else None
    actions = document.get("actions") if isinstance(document, dict) else None
    only = actions[0] if isinstance(actions, list) and len(actions) == 1 else None
    if not isinstance(only, dict) or document.get("type") != "block_actions":
        raise BadInput("is no press of one button", where="payload", remedy="Send block_actions alone")
    return str(only.get("action_id", "")), str(only.get("value", ""))
