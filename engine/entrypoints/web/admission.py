"""``/admission/v1/validate``: what the API server asks before it writes.

The API server waits, and refuses the write when no answer comes. So everything is an answer here, what can't be read
too, and nothing of the cluster or the forge is asked. Who the writer is, the API server says; so this is served by
TLS inside the cluster, where only it has a way in, and whoever else asks learns no more than a refusal.
"""

from __future__ import annotations

from typing import Any

from anyio import CapacityLimiter, to_thread
from fastapi import APIRouter, FastAPI, Request
from fastapi.responses import JSONResponse

from engine.core import canonical
from engine.core.admission.review import read_review
from engine.core.errors import BadInput
from engine.entrypoints.web import health
from engine.entrypoints.web.desk import AtDesk, Desk
from engine.entrypoints.web.limits import SIGNALS, BodyLimit
from engine.usecases.admit import admit, not_known

WORKERS = 16
BODY_SECONDS = 2.0
TAKES: dict[str, Any] = {"requestBody": {"required": True, "content": {"application/json": {"schema": {}}}}}

router = APIRouter(prefix="/admission/v1")
_workers = CapacityLimiter(WORKERS)


@router.post("/validate", summary="Answer an AdmissionReview", openapi_extra=TAKES)
async def post_validate(desk: AtDesk, request: Request) -> JSONResponse:
    """An AdmissionReview of admission.k8s.io/v1 with its response. It never changes what is written."""
    body = await request.body()
    return JSONResponse(await to_thread.run_sync(lambda: _answered(desk, body), limiter=_workers))


def _answered(desk: Desk, body: bytes) -> dict[str, Any]:
    uid = ""
    try:
        document = canonical.parse(body, where="body", limit=SIGNALS)
        uid = _uid(document)
        review = read_review(document)
    except BadInput as error:
        return not_known(error).answers(uid)
    return admit(desk.gate.ports, review, now=desk.now(), alone=desk.acting).answers(review.uid)


def _uid(document: Any) -> str:
    """The id of a question whose rest may not be readable, so that its refusal is taken for its answer."""
    request = document.get("request") if isinstance(document, dict) else None
    uid = request.get("uid") if isinstance(request, dict) else None
    return uid if isinstance(uid, str) else ""


def create_admission_app(desk: Desk) -> FastAPI:
    """What is served by TLS beside the API: admission and health, and nothing that takes a token."""
    app = FastAPI(title="Penstock admission", docs_url=None, redoc_url=None, openapi_url=None)
    app.state.desk = desk
    app.include_router(router)
    app.include_router(health.router)
    app.add_middleware(BodyLimit, seconds=BODY_SECONDS)
    return app
