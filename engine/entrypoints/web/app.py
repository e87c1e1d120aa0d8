"""The app: routes, limits and errors put together."""

from __future__ import annotations

from collections.abc import Callable

from fastapi import FastAPI
from fastapi.responses import RedirectResponse

from engine.core.identity import Identity, Review
from engine.entrypoints.web import (
    admission,
    check,
    health,
    incidents,
    metrics,
    policy,
    problem,
    proposals,
    records,
    slack,
    webhooks,
)
from engine.entrypoints.web import identities as identity_routes
from engine.entrypoints.web.console.app import create_console
from engine.entrypoints.web.desk import Desk, nowhere
from engine.entrypoints.web.limits import BodyLimit
from engine.usecases.keep_identities import Keep
from engine.wiring import Gate


def create_app(
    gate: Gate, identities: Callable[[], list[Identity]], *, keep: Keep = nowhere, review: Review | None = None
) -> FastAPI:
    """The HTTP surface of a gate; ``identities`` is asked at every call, so that a disabled token ends at once.

    ``keep`` keeps them where they are read from; ``review`` asks the cluster whose token it is.
    """
    app = FastAPI(
        title="Penstock",
        version="1",
        summary="The gate for automated remediation.",
        description="Propose, ask, look up. Nothing here approves, merges or changes policy.",
        docs_url=None,
        redoc_url=None,
        openapi_url="/v1/openapi.json",
    )
    app.state.desk = Desk(gate, identities, keep, review)
    problem.install(app)
    routers = (proposals.router, check.router, incidents.router, records.router, policy.router, identity_routes.router)
    for router in (*routers, webhooks.router, slack.router, admission.router, health.router, metrics.router):
        app.include_router(router)
    app.mount("/console", create_console(app.state.desk))
    app.add_api_route("/", _home, include_in_schema=False)
    app.add_middleware(BodyLimit)
    return app


def _home() -> RedirectResponse:
    return RedirectResponse("/console/incidents", status_code=303)
