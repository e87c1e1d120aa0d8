"""The body of a signal as its sender put it: JSON, or a CloudEvent in one of the three modes of its HTTP binding.

Structured is the event as JSON, a batch is a list of them, and in binary the attributes are headers and the body is
the data. All three come to the same documents before anybody reads them.
"""

from __future__ import annotations

from typing import Annotated, Any
from urllib.parse import unquote

from fastapi import Depends, Request

from engine.adapters.signals.cloudevents import SOURCE
from engine.core import canonical
from engine.core.errors import BadInput
from engine.entrypoints.web.desk import document
from engine.entrypoints.web.limits import SIGNALS

STRUCTURED, BATCH = "application/cloudevents+json", "application/cloudevents-batch+json"
PREFIX = "ce-"


async def payload(request: Request, source: str) -> Any:
    """What was sent to ``/v1/signals/{source}``. Raises :class:`BadInput` for what is neither."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if source != SOURCE or (kind == "application/json" and f"{PREFIX}specversion" not in request.headers):
        return await document(request)
    body = canonical.parse(await request.body(), where="body", limit=SIGNALS) if await request.body() else None
    if kind == BATCH:
        if not isinstance(body, list):
            raise BadInput("a batch is a list of events", where="body", remedy=f"Send {STRUCTURED} for one event")
        return body
    if kind == STRUCTURED:
        return body
    if kind not in ("application/json", ""):
        remedy = f"Send {STRUCTURED}, {BATCH}, or headers and JSON data"
        raise BadInput("isn't JSON", where="Content-Type", remedy=remedy)
    attributes = {
        name.removeprefix(PREFIX): unquote(value) for name, value in request.headers.items() if name.startswith(PREFIX)
    }
    return {**attributes, **({"data": body} if body is not None else {})}


Sent = Annotated[Any, Depends(payload)]
