"""A ServiceAccount is whom the API server names for this gate's own audience; every other answer proves nobody."""

from __future__ import annotations

from typing import Any

import pytest
from kubernetes.client import Configuration

from engine.adapters.kubernetes.api import Api
from engine.adapters.kubernetes.token_review import LONGEST, TokenReviewer
from engine.core.errors import Unauthenticated
from tests.fakes.api_server import Answer, answering

USER = "system:serviceaccount:agents:triage"


def reviewer(url: str) -> TokenReviewer:
    configuration = Configuration()
    configuration.host = url
    return TokenReviewer(Api(configuration))


def status(**changed: Any) -> Answer:
    said = {"authenticated": True, "user": {"username": USER}, "audiences": ["penstock"]} | changed
    return Answer(201, {"kind": "TokenReview", "status": said})


def test_the_server_is_asked_for_this_audience_and_believed() -> None:
    with answering(status()) as server:
        assert reviewer(server.url)("h.p.s") == "agents/triage"
        spec = server.bodies[0]["spec"]
    assert spec == {"token": "h.p.s", "audiences": ["penstock"]}


@pytest.mark.parametrize(
    "changed",
    [
        {"authenticated": False},
        {"authenticated": "true"},
        {"audiences": ["https://kubernetes.default.svc"]},
        {"audiences": None},
        {"user": {"username": "system:admin"}},
        {"user": {"username": USER + ":more"}},
        {"user": None},
    ],
)
def test_any_other_answer_proves_nobody(changed: dict[str, Any]) -> None:
    with answering(status(**changed)) as server:
        assert reviewer(server.url)("h.p.s") == ""


@pytest.mark.parametrize("answer", [Answer(403, {"message": "no"}), Answer(500, {}), Answer(200, []), Answer(200, {})])
def test_what_cannot_be_asked_is_a_refusal_of_its_own(answer: Answer) -> None:
    with answering(answer) as server, pytest.raises(Unauthenticated, match="nobody can tell whose token this is"):
        reviewer(server.url)("h.p.s")


def test_nobody_answering_is_the_same_refusal_and_a_flood_is_not_sent_on() -> None:
    with answering(status()) as server:
        asking = reviewer(server.url)
        assert asking("a." * LONGEST) == ""
        assert server.bodies == []
    with pytest.raises(Unauthenticated, match="nobody can tell"):
        asking("h.p.s")
