"""Every error as ``application/problem+json``, with the gate's own reason code and never a stack trace."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel
from starlette.exceptions import HTTPException

from engine.core.errors import (
    BadInput,
    CouldNotDecide,
    ForgeRefused,
    NotFound,
    NotPermitted,
    PenstockError,
    ToolUnavailable,
    TooManyProposals,
    TooManyQuestions,
    Unauthenticated,
)

MEDIA_TYPE = "application/problem+json"

_STATUS: tuple[tuple[type[PenstockError], int], ...] = (
    (BadInput, 400),
    (Unauthenticated, 401),
    (NotPermitted, 403),
    (NotFound, 404),
    (ForgeRefused, 409),
    (TooManyProposals, 429),
    (TooManyQuestions, 429),
    (CouldNotDecide, 503),
    (ToolUnavailable, 503),
)


class Problem(BaseModel):
    """RFC 9457; ``reason`` is stable, ``remedy`` says what to do."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str = ""
    reason: str
    where: str = ""
    remedy: str = ""


PROBLEMS: dict[int | str, dict[str, Any]] = {
    status: {"model": Problem, "description": text}
    for status, text in {
        400: "The request can't be read as what it claims to be.",
        401: "No valid token, or no valid signature.",
        403: "This identity may not do that.",
        404: "There is no such thing.",
        408: "The body took too long.",
        413: "The body is over the limit.",
        429: "More in an hour than this identity may send.",
        503: "The gate could not decide; whatever was proposed stays refused.",
    }.items()
}


def answer(problem: Problem) -> JSONResponse:
    """A problem as a response."""
    headers = {"WWW-Authenticate": "Bearer"} if problem.status == 401 else None
    return JSONResponse(problem.model_dump(), status_code=problem.status, media_type=MEDIA_TYPE, headers=headers)


def of_error(error: PenstockError) -> Problem:
    """The problem that an error of the gate is."""
    status = next((status for kind, status in _STATUS if isinstance(error, kind)), 500)
    return Problem(
        title=(type(error).__doc__ or "").splitlines()[0],
        status=status,
        detail=error.message,
        reason=error.reason,
        where=error.where,
        remedy=error.remedy,
    )


def install(app: FastAPI) -> None:
    """Answer every error of an app with a problem."""

    def gate_error(_: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, PenstockError)  # noqa: S101 - registered for nothing else
        return answer(of_error(error))

    def http_error(_: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, HTTPException)  # noqa: S101 - registered for nothing else
        title = str(error.detail)
        return answer(Problem(title=title, status=error.status_code, reason=title.lower().replace(" ", "_")))

    def invalid(_: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, RequestValidationError)  # noqa: S101 - registered for nothing else
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        return answer(
            Problem(title="Invalid request", status=400, detail=first["msg"], reason="bad_input", where=where)
        )

    def unexpected(_: Request, error: Exception) -> JSONResponse:
        return answer(Problem(title="Internal error", status=500, reason="internal_error", detail=type(error).__name__))

    app.add_exception_handler(PenstockError, gate_error)
    app.add_exception_handler(HTTPException, http_error)
    app.add_exception_handler(RequestValidationError, invalid)
    app.add_exception_handler(Exception, unexpected)
