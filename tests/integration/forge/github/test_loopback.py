"""The loopback GitHub bites: what GitHub's descriptions don't allow is a fault, asked or answered."""

from __future__ import annotations

import json
from contextlib import ExitStack
from pathlib import Path

import pytest
from openapi_core.exceptions import OpenAPIError

from engine import wiring
from engine.settings import read_settings
from tests.contract.forge.github import GitHubToken
from tests.contract.forge.test_forge_contract import opened
from tests.fakes.github.description import REPO, Answered, Asked, description, parameters
from tests.fakes.github.graphql import Refused, schema

RUN = {"name": "penstock/gate", "head_sha": "0" * 40, "output": {"title": "t", "summary": "s"}}


def asked(body: object) -> Asked:
    path = "/repos/acme/gitops/check-runs"
    return Asked("post", path, parameters({}), json.dumps(body).encode())


def test_a_request_is_held_to_the_description() -> None:
    description().check(asked(RUN))
    for wrong in ({"name": "x"}, {**RUN, "status": "finished"}, {**RUN, "output": {"title": 7, "summary": "s"}}):
        with pytest.raises(OpenAPIError):
            description().check(asked(wrong))


def test_an_answer_is_held_to_the_description() -> None:
    whole = description().answer("POST", f"{REPO}/check-runs", 201, {"id": 7, "name": "x"})
    description().check(asked(RUN), Answered(201, json.dumps(whole).encode()))
    for name in ("id", "head_sha", "status"):
        lacking = {key: value for key, value in whole.items() if key != name}
        with pytest.raises(OpenAPIError):
            description().check(asked(RUN), Answered(201, json.dumps(lacking).encode()))
    with pytest.raises(AssertionError, match="have no"):
        description().answer("POST", f"{REPO}/check-runs", 201, {"verdict": "x"})


@pytest.mark.parametrize(
    "question",
    [
        "query A { viewer { verdict } }",
        "query A { viewer }",
        "query A { viewer { login { x } } }",
        'query A { repository(owner: "a") { id } }',
        'query A { repository(owner: "a", name: "b", colour: "c") { id } }',
        "query A($id: ID!) { viewer { login } }",
        "mutation A { updateRefs(input: {refUpdates: []}) { clientMutationId } }",
    ],
)
def test_a_question_is_held_to_the_schema(question: str) -> None:
    viewer = {"__typename": "User", "login": "x", "verdict": "x"}
    roots = {"query": {"viewer": viewer, "repository": dict}, "mutation": {"updateRefs": dict}}
    with pytest.raises(Refused):
        schema().execute(question, {}, roots)


def test_the_settings_make_a_forge_that_speaks_to_it(tmp_path: Path) -> None:
    hub = GitHubToken(tmp_path)
    pull = opened(hub)
    token = tmp_path / "token"
    token.write_text(next(iter(hub.server.tokens)) + "\n")
    settings = read_settings(
        {
            "HOME": str(tmp_path),
            "PENSTOCK_FORGE": "github",
            "PENSTOCK_FORGE_URL": hub.server.address,
            "PENSTOCK_FORGE_REPOSITORY": "acme/gitops",
            "PENSTOCK_FORGE_TOKEN_FILE": str(token),
        }
    )
    with ExitStack() as held:
        assert wiring.github(settings, hub.mirror, held).get(1) == pull
    assert "ghp_" not in repr(settings)
    hub.close()
