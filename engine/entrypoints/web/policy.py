"""``/v1/policy``: the bundle in force, as an OPA server beside the gate loads it."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from engine import wiring
from engine.entrypoints.web.desk import AtDesk, Reader
from engine.entrypoints.web.problem import PROBLEMS

router = APIRouter(prefix="/v1/policy", responses=PROBLEMS)
_KIND = "application/gzip"


@router.get(
    "/bundle.tar.gz",
    summary="Load the policy bundle",
    response_class=Response,
    responses={200: {"content": {_KIND: {}}}, 304: {"description": "It is the bundle that If-None-Match names."}},
)
def get_bundle(desk: AtDesk, _: Reader, request: Request) -> Response:
    """The archive of the policy in force, signed if it came signed. Its ETag is the digest of its bytes."""
    archive, tag = wiring.policy_offered(desk.gate)
    headers = {"ETag": f'"{tag}"', "Cache-Control": "no-cache"}
    known = {name.strip().removeprefix("W/") for name in request.headers.get("if-none-match", "").split(",")}
    if known & {headers["ETag"], "*"}:
        return Response(status_code=304, headers=headers)
    return Response(archive, media_type=_KIND, headers=headers)
