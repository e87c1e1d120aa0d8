"""Identities: for operators to see, to renew and to stop. A renewed token is shown once."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from engine.adapters.identity.token_file import fresh_token
from engine.core.errors import BadInput
from engine.core.identity_steps import disabled, enabled, rotated
from engine.entrypoints.web.console.page import HEADERS, page_for
from engine.entrypoints.web.console.visitor import OperatorForm, Visiting, Visitor
from engine.entrypoints.web.desk import AtDesk, Desk
from engine.entrypoints.web.identities import kept
from engine.usecases.keep_identities import told

router = APIRouter()


@router.get("/identities")
def get_identities(desk: AtDesk, who: Visiting, request: Request) -> Response:
    """All of them, the disabled and the expired ones too, and nothing of their tokens."""
    who.identity.require("operator")
    return _listed(desk, who, request)


@router.post("/identities")
def post_identities(desk: AtDesk, form: OperatorForm, request: Request) -> Response:
    """Renew, disable or enable one identity; no other is touched."""
    name, does, by = form.text("identity"), form.text("does"), form.visitor.identity
    with desk.acting:
        known, now = desk.identities(), desk.now()
        if does == "rotate":
            token, digest = fresh_token()
            kept(desk, rotated(known, name, digest, days=0, keep_hours=0, now=now), name, "rotated", by)
            return _listed(desk, form.visitor, request, renewed=name, token=token)
        if does == "disable":
            kept(desk, disabled(known, name, now=now), name, "disabled", by)
        elif does == "enable":
            kept(desk, enabled(known, name), name, "enabled", by)
        else:
            raise BadInput("is nothing that can be done", where="does", remedy="rotate, disable or enable")
    return RedirectResponse("/console/identities", status_code=303, headers=HEADERS)


def _listed(desk: Desk, who: Visitor, request: Request, *, renewed: str = "", token: str = "") -> Response:
    shown = [told(one) for one in desk.identities()]
    return page_for(who, request, "identities.html", identities=shown, renewed=renewed, token=token, now=desk.now())
