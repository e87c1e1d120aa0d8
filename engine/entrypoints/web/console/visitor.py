"""Who looks at a page, and whether a form was really sent from one: asked before anything is shown or done.

1. A page is for an identity that a session proves now, and that may read.
2. A form that changes anything comes from a page of this very origin (``Origin``), of this very session (its token).
3. What a form does is what the identity's role allows, and only for a person.
"""

from __future__ import annotations

from dataclasses import dataclass
from hmac import compare_digest
from typing import Annotated
from urllib.parse import parse_qsl, urlsplit

from fastapi import Depends, Request

from engine.core.errors import BadInput, NotPermitted
from engine.core.identity import Identity, recall
from engine.entrypoints.web.console.session import form_word, token_of
from engine.entrypoints.web.desk import AtDesk

COOKIE = "penstock_session"
MOST_FIELDS = 20
LOOPBACK = ("127.0.0.1", "::1", "localhost")


@dataclass(frozen=True, slots=True)
class Visitor:
    """An identity at a browser, and the word that its forms have to carry."""

    identity: Identity
    form_token: str

    @property
    def operates(self) -> bool:
        """Whether what an operator does is offered."""
        return self.identity.may("operator")


@dataclass(frozen=True, slots=True)
class Sent:
    """A form as it was sent, by whom."""

    visitor: Visitor
    fields: dict[str, str]

    def text(self, name: str) -> str:
        """One field without space around it; empty where it wasn't sent."""
        return self.fields.get(name, "").strip()


def visitor(desk: AtDesk, request: Request) -> Visitor:
    """Who asks. Raises :class:`~engine.core.errors.Unauthenticated`, and :class:`NotPermitted` for no reader."""
    now, known, held = desk.now(), desk.identities(), request.cookies.get(COOKIE, "")
    digests = [digest for one in known for digest in (one.token_digest, one.previous_digest)]
    identity = recall(token_of(desk.gate.ports.ledger, held, digests, now=now), known, now=now)
    identity.require("reader")
    return Visitor(identity, form_word(held))


Visiting = Annotated[Visitor, Depends(visitor)]


async def plain_form(request: Request) -> dict[str, str]:
    """The fields of a form that a page of this origin sent. Raises :class:`NotPermitted` and :class:`BadInput`."""
    origin = urlsplit(request.headers.get("origin", ""))
    if not origin.netloc or origin.netloc != request.headers.get("host"):
        raise NotPermitted("this form wasn't sent from a page of this console", where="Origin")
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/x-www-form-urlencoded":
        raise BadInput("is no form", where="Content-Type", remedy="Use the console's own pages")
    try:
        body = (await request.body()).decode()
        pairs = parse_qsl(body, keep_blank_values=True, max_num_fields=MOST_FIELDS, errors="strict")
    except ValueError:
        raise BadInput("can't be read", where="form", remedy="Use the console's own pages") from None
    if len({name for name, _ in pairs}) != len(pairs):
        raise BadInput("says something twice", where="form", remedy="Use the console's own pages")
    return dict(pairs)


PlainForm = Annotated[dict[str, str], Depends(plain_form)]


def sent(who: Visiting, fields: PlainForm) -> Sent:
    """A form of the visitor's own session. Raises :class:`NotPermitted` for any other."""
    if not compare_digest(fields.get("form_token", "").encode(), who.form_token.encode()):
        raise NotPermitted("this form isn't of your session", where="form_token", remedy="Load the page again")
    return Sent(who, fields)


SentForm = Annotated[Sent, Depends(sent)]


def operated(form: SentForm) -> Sent:
    """A form of a person who is an operator. Raises :class:`NotPermitted` for anybody else's."""
    form.visitor.identity.require("operator")
    return form


OperatorForm = Annotated[Sent, Depends(operated)]
