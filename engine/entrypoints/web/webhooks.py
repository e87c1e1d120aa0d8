"""``/webhooks``: what forges send. A delivery is remembered and queued; what it asks for is done later.

1. The body is read whole, within a size and a time, before anything is looked at.
2. Whoever can't show a whole HMAC-SHA256 of those very bytes gets one answer, whatever was wrong with it. A header
   that comes twice is no header: two parsers could take different ones.
3. Only then is it parsed, strictly, and only the few fields that say where to look.
4. The answer waits for the ledger and for nothing else: no forge is asked, and no lock is taken.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from anyio import to_thread
from fastapi import APIRouter, Request
from pydantic import BaseModel

from engine.adapters.forge.deliveries import gitea, github
from engine.core import canonical
from engine.core.delivery import Delivery, Look
from engine.core.errors import BadInput, Unauthenticated
from engine.core.signature import signed
from engine.entrypoints.web.desk import AtDesk, Desk
from engine.entrypoints.web.problem import PROBLEMS
from engine.usecases.receive_delivery import receive_delivery

router = APIRouter(prefix="/webhooks", responses={k: v for k, v in PROBLEMS.items() if k in (400, 401, 413, 503)})

_ID = re.compile(r"[A-Za-z0-9-]{1,100}")
_EVENT = re.compile(r"[a-z_]{1,60}")


class Received(BaseModel):
    """What became of a delivery: ``queued``, or ``ignored`` where it came before or asks for nothing."""

    status: str


@dataclass(frozen=True, slots=True)
class _Forge:
    """How one forge signs and names its deliveries."""

    name: str
    signature: str
    prefix: str
    event: str
    id: str
    looks_of: Callable[..., tuple[Look, ...]]


_GITHUB = _Forge("github", "x-hub-signature-256", "sha256=", "x-github-event", "x-github-delivery", github.looks_of)
_GITEA = _Forge("gitea", "x-gitea-signature", "", "x-gitea-event", "x-gitea-delivery", gitea.looks_of)


@router.post("/github", summary="Take a delivery of GitHub", status_code=202)
async def post_github(desk: AtDesk, request: Request) -> Received:
    """Signed by ``X-Hub-Signature-256``. Events that nothing here needs are taken and ignored."""
    return await _receive(desk, request, _GITHUB)


@router.post("/gitea", summary="Take a delivery of Gitea or Forgejo", status_code=202)
async def post_gitea(desk: AtDesk, request: Request) -> Received:
    """Signed by ``X-Gitea-Signature``. Events that nothing here needs are taken and ignored."""
    return await _receive(desk, request, _GITEA)


async def _receive(desk: Desk, request: Request, forge: _Forge) -> Received:
    body = await request.body()
    return await to_thread.run_sync(_taken, desk, request, forge, body, limiter=desk.hooks)


def _taken(desk: Desk, request: Request, forge: _Forge, body: bytes) -> Received:
    settings, now = desk.gate.settings, desk.now()
    secrets = settings.webhook_secrets if settings.forge == forge.name else ()
    signature = once(request, forge.signature)
    if not signature.startswith(forge.prefix) or not signed(body, signature.removeprefix(forge.prefix), secrets):
        raise Unauthenticated("it isn't signed with a secret of this gate", where="webhook")
    event, delivery_id = _named(request, forge.event, _EVENT), _named(request, forge.id, _ID)
    looks = forge.looks_of(
        event, _document(request, body), repository=settings.forge_repository, branch=settings.branch
    )
    delivery = Delivery(forge.name, delivery_id, event, looks)
    queued = receive_delivery(desk.gate.ports.ledger, delivery, now=now)
    if queued:
        desk.wake.set()
    return Received(status="queued" if queued else "ignored")


def once(request: Request, header: str) -> str:
    """A header's value; empty unless it came exactly once."""
    given = request.headers.getlist(header)
    return given[0] if len(given) == 1 else ""


def _named(request: Request, header: str, form: re.Pattern[str]) -> str:
    value = once(request, header)
    if form.fullmatch(value) is None:
        raise BadInput("is missing, given twice or of another form", where=header, remedy="Send it as the forge does")
    return value


def _document(request: Request, body: bytes) -> Any:
    kind = once(request, "content-type").partition(";")[0].strip().lower()
    if kind != "application/json":
        remedy = "Set the webhook's content type to application/json"
        raise BadInput(f"{kind or 'nothing'!r} is not application/json", where="Content-Type", remedy=remedy)
    return canonical.parse(body, where="body")
