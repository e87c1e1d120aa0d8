"""Policy to look at: what may happen, and what would be decided if facts were other ones.

Nothing is recorded, and the answers aren't counted among the gate's decisions: nobody proposed anything.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from threading import Lock
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from markupsafe import Markup

from engine.core import canonical
from engine.core.decision import Decision
from engine.core.errors import BadInput
from engine.core.explanation import explain
from engine.core.identity import Identity
from engine.core.moment import seconds_between
from engine.entrypoints.matrix_page import matrix_body
from engine.entrypoints.web.console.page import page_for
from engine.entrypoints.web.console.visitor import Sent, SentForm, Visiting
from engine.entrypoints.web.desk import AtDesk, Desk
from engine.usecases.admit_question import admit_question
from engine.usecases.move_switch import MODES
from engine.usecases.simulate import WhatIf, read_edit, recorded_input, simulate
from engine.wiring import shipped
from engine.wiring.measures import counted
from engine.wiring.pages import page_of

router = APIRouter()
FIELDS = ("subject", "approved_by", "at", "switch", "environment", "set")
HOLDS_SECONDS = 300
ENVIRONMENTS = ("production", "staging", "development")


@router.get("/matrix")
def get_matrix(desk: AtDesk, who: Visiting, request: Request) -> Response:
    """What may happen alone, with whom and never, by the policy in force."""
    kept: Kept = request.app.state.matrix
    return page_for(who, request, "matrix.html", body=kept.body(desk))


@dataclass
class Kept:
    """The page as it was asked for last. It takes a thousand questions, so it holds for some minutes of one policy."""

    _of: tuple[str, str] = ("", "")
    _body: Markup = field(default_factory=Markup)
    _lock: Lock = field(default_factory=Lock)

    def body(self, desk: Desk) -> Markup:
        """The page, which says as of when it is; asked anew once the policy is another or minutes have passed."""
        policy, now = counted(desk.gate.ports.policy), desk.now()
        identity = policy.identity()
        with self._lock:
            if self._of[0] != identity.digest or not 0 <= seconds_between(self._of[1], now) < HOLDS_SECONDS:
                found = page_of(policy, desk.gate.settings.policies or shipped("policies"), now)
                head = f"Policy {identity.revision}, as of {now}, with the switch at normal and no review given."
                self._body = Markup(matrix_body(found, head))  # noqa: S704 - made of escaped parts
                self._of = (identity.digest, now)
            return self._body


@router.get("/simulator")
def get_simulator(who: Visiting, request: Request, subject: Annotated[str, Query(max_length=80)] = "") -> Response:
    """The form."""
    fields = {**dict.fromkeys(FIELDS, ""), "subject": subject}
    return _shown(who, request, fields)


@router.post("/simulator")
def post_simulator(desk: AtDesk, form: SentForm, request: Request) -> Response:
    """What policy would say, with the whole tree; a mistake in the form is told beside it."""
    fields = {name: form.text(name) for name in FIELDS}
    identity = form.visitor.identity
    try:
        before, decision = _simulated(desk, identity, form)
    except BadInput as mistake:
        return _shown(form.visitor, request, fields, mistake=mistake)
    return _shown(form.visitor, request, fields, decision=decision, before=before)


def _simulated(desk: Desk, identity: Identity, form: Sent) -> tuple[Decision | None, Decision]:
    document, before = _input(desk, form.text("subject"))
    target = (document.get("action") or {}).get("target") or {}
    identity.require_namespace(str(target.get("namespace", "")))
    admit_question(desk.gate.ports.ledger, identity.id, now=desk.now())
    values = dict(read_edit(line.strip()) for line in form.text("set").splitlines() if line.strip())
    people = tuple(form.text("approved_by").replace(",", " ").split())
    what_if = WhatIf(people, form.text("at"), form.text("switch"), form.text("environment"), values)
    return before, simulate(counted(desk.gate.ports.policy), document, what_if)[1]


def _input(desk: Desk, subject: str) -> tuple[Mapping[str, Any], Decision | None]:
    """The input document of a recorded decision, or one that was pasted."""
    if subject.startswith("dec-"):
        return desk.gate.ports.ledger.run(lambda tx: recorded_input(tx, subject))
    document = canonical.parse(subject.encode(), where="subject")
    if not isinstance(document, dict):
        raise BadInput("is neither a decision's id nor an input document", where="subject", remedy="Give dec-…")
    return document, None


def _shown(who: Any, request: Request, fields: Mapping[str, str], **found: Any) -> Response:
    decision = found.get("decision")
    shown = {"mistake": None, "before": None, **found, "tree": explain(decision) if decision else None}
    shown["decision"] = decision
    options = {"modes": MODES, "environments": ENVIRONMENTS}
    return page_for(who, request, "simulator.html", fields=fields, **options, **shown)
