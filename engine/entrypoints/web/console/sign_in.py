"""Signing in with the token of an identity, and out again."""

from __future__ import annotations

import re
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import RedirectResponse, Response

from engine.core.errors import NotPermitted, Unauthenticated
from engine.core.identity import recall, token_digest
from engine.entrypoints.web.console.page import HEADERS, page
from engine.entrypoints.web.console.session import LONGEST_SECONDS, begin, end
from engine.entrypoints.web.console.visitor import COOKIE, LOOPBACK, PlainForm, SentForm
from engine.entrypoints.web.desk import AtDesk

router = APIRouter()
HOME = "/console/incidents"
_OURS = re.compile(r"/console(/[A-Za-z0-9][A-Za-z0-9_.:-]*){1,4}")


def asked_for(request: Request) -> str:
    """The page that was asked for, where it is one of the console's; its first page otherwise."""
    return ours(request.url.path)


def ours(path: str) -> str:
    """A path of the console itself; anything else becomes the first page."""
    return path if _OURS.fullmatch(path) and not path.startswith("/console/sign-") else HOME


@router.get("/", include_in_schema=False)
def get_home() -> Response:
    """The first page."""
    return RedirectResponse(HOME, status_code=303, headers=HEADERS)


@router.get("/sign-in")
def get_sign_in(to: Annotated[str, Query(max_length=400)] = HOME) -> Response:
    """The form."""
    return page("sign_in.html", to=ours(to), refused="")


@router.post("/sign-in")
def post_sign_in(desk: AtDesk, request: Request, fields: PlainForm) -> Response:
    """A session for who proves to be a reader; nobody learns more than that it wasn't one."""
    token, to = fields.get("token", "").strip(), ours(fields.get("to", ""))
    try:
        recall(token_digest(token), desk.identities(), now=desk.now()).require("reader")
    except (Unauthenticated, NotPermitted) as error:
        return page("sign_in.html", status=401, to=to, refused=error.message)
    answer = RedirectResponse(to, status_code=303, headers=HEADERS)
    answer.set_cookie(
        COOKIE,
        begin(desk.gate.ports.ledger, token, now=desk.now()),
        max_age=LONGEST_SECONDS,
        path="/console",
        httponly=True,
        samesite="strict",
        secure=request.url.hostname not in LOOPBACK,
    )
    return answer


@router.post("/sign-out")
def post_sign_out(desk: AtDesk, request: Request, _: SentForm) -> Response:
    """The session ends here, whatever the browser keeps."""
    end(desk.gate.ports.ledger, request.cookies.get(COOKIE, ""), now=desk.now())
    answer = RedirectResponse("/console/sign-in", status_code=303, headers=HEADERS)
    answer.delete_cookie(COOKIE, path="/console", httponly=True, samesite="strict")
    return answer
