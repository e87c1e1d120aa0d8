"""What the routes share: the gate, its clock, who calls, and the body they sent."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from threading import Event, Lock
from typing import TYPE_CHECKING, Annotated, Any

from anyio import CapacityLimiter
from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from engine.core import canonical
from engine.core.errors import BadInput, Unauthenticated
from engine.core.identity import Identity, Review, Role, authenticate
from engine.core.moment import format_instant
from engine.entrypoints.web.limits import SIGNALS
from engine.entrypoints.web.pulse import Pulse
from engine.usecases.keep_identities import Keep
from engine.wiring import Gate

if TYPE_CHECKING:
    from engine.adapters.metrics.meter import Meter

HOOK_WORKERS = 16
BEARER = HTTPBearer(auto_error=False, description="The token of a named identity: penstock identities add")


def nowhere(_: Sequence[Identity]) -> None:
    """Identities that are kept nowhere can't be changed."""
    raise BadInput("identities can't be changed here", where="identities", remedy="Use penstock identities")


@dataclass
class Desk:
    """The gate as the routes have it. Repository and forge are used by one request at a time.

    A route takes ``acting`` in its own body and never as a dependency: those who wait hold a worker thread each, and
    whoever has the lock mustn't need another one to go on. So nobody waits for it who wasn't let in, either.
    Deliveries take no lock and have workers of their own, ``hooks``; ``wake`` calls the loop, whose ``pulse`` this is.
    """

    gate: Gate
    identities: Callable[[], list[Identity]]
    keep: Keep = nowhere
    review: Review | None = None
    acting: Lock = field(default_factory=Lock)
    wake: Event = field(default_factory=Event)
    pulse: Pulse = field(default_factory=Pulse)
    meter: Meter | None = None
    hooks: CapacityLimiter = field(default_factory=lambda: CapacityLimiter(HOOK_WORKERS))

    def now(self) -> str:
        """This instant."""
        return format_instant(datetime.now(UTC))

    def prove(self, token: str) -> Identity:
        """The identity that a token proves now. Raises :class:`Unauthenticated`."""
        return authenticate(token, self.identities(), now=self.now(), review=self.review)


def desk_of(request: Request) -> Desk:
    """The desk of the app that was asked."""
    desk: Desk = request.app.state.desk
    return desk


AtDesk = Annotated[Desk, Depends(desk_of)]


def caller(role: Role) -> Callable[..., Identity]:
    """A dependency: the authenticated identity, which has to have this role."""

    def authenticated(desk: AtDesk, given: Annotated[HTTPAuthorizationCredentials | None, Depends(BEARER)]) -> Identity:
        if given is None:
            raise Unauthenticated("no token was given", where="Authorization", remedy="Send Authorization: Bearer …")
        identity = desk.prove(given.credentials)
        identity.require(role)
        return identity

    return authenticated


Reader = Annotated[Identity, Depends(caller("reader"))]
ProposerIdentity = Annotated[Identity, Depends(caller("proposer"))]
Signaller = Annotated[Identity, Depends(caller("signaller"))]
Operator = Annotated[Identity, Depends(caller("operator"))]


async def document(request: Request) -> Any:
    """The body, parsed strictly. Raises :class:`BadInput` for anything that isn't one JSON value."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json":
        raise BadInput("not application/json", where="Content-Type", remedy="Send JSON")
    return canonical.parse(await request.body(), where="body", limit=SIGNALS)


Body = Annotated[Any, Depends(document)]
