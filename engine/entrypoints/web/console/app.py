"""The console's app: its routes, its stylesheet, and errors as pages."""

from __future__ import annotations

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import FileResponse, RedirectResponse, Response
from starlette.exceptions import HTTPException

from engine.core.errors import PenstockError, Unauthenticated
from engine.entrypoints.web.console import figures, identities, incidents, policy, proposals, sign_in, switch
from engine.entrypoints.web.console.page import FOLDER, HEADERS, page
from engine.entrypoints.web.console.sign_in import asked_for
from engine.entrypoints.web.desk import Desk
from engine.entrypoints.web.problem import Problem, of_error

ASSETS = {"style.css": "text/css", "icon.svg": "image/svg+xml"}


def create_console(desk: Desk) -> FastAPI:
    """The console of a gate, to be mounted."""
    app = FastAPI(title="Penstock console", docs_url=None, redoc_url=None, openapi_url=None)
    app.state.desk, app.state.matrix = desk, policy.Kept()
    for part in (sign_in, incidents, proposals, policy, figures, switch, identities):
        app.include_router(part.router)
    app.add_api_route("/assets/{name}", _asset, include_in_schema=False)
    app.add_exception_handler(PenstockError, _refused)
    app.add_exception_handler(HTTPException, _not_there)
    app.add_exception_handler(RequestValidationError, _unreadable)
    app.add_exception_handler(Exception, _broken)
    return app


def _asset(name: str) -> Response:
    if name not in ASSETS:
        return _shown(Problem(title="There is no such page", status=404, reason="not_found"))
    headers = {**HEADERS, "Cache-Control": "max-age=300"}
    return FileResponse(FOLDER / name, media_type=ASSETS[name], headers=headers)


def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, PenstockError)  # noqa: S101 - registered for nothing else
    if isinstance(error, Unauthenticated) and request.method == "GET":
        if request.headers.get("sec-fetch-site") == "cross-site":
            return page("again.html", path=asked_for(request))
        return RedirectResponse(f"/console/sign-in?to={asked_for(request)}", status_code=303, headers=HEADERS)
    return _shown(of_error(error))


def _not_there(_: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101 - registered for nothing else
    return _shown(Problem(title=str(error.detail), status=error.status_code, reason="http"))


def _unreadable(_: Request, __: Exception) -> Response:
    return _shown(Problem(title="The address can't be read", status=400, reason="bad_input"))


def _broken(_: Request, error: Exception) -> Response:
    return _shown(Problem(title="Internal error", status=500, reason="internal_error", detail=type(error).__name__))


def _shown(problem: Problem) -> Response:
    return page("problem.html", status=problem.status, problem=problem)
