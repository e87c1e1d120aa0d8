"""Every way in which Gitea doesn't do what it is asked has its noun, an end, and no token in its sentence."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from engine.adapters.forge.gitea import api as api_module
from engine.adapters.forge.gitea.api import GiteaApi, understood
from engine.adapters.forge.gitea.documents import PullDocument
from engine.adapters.forge.gitea.trouble import Declined
from engine.core.errors import (
    ForgeRefused,
    ForgeUnreachable,
    MissingPermission,
    NotFound,
    PenstockError,
    RateLimited,
    RepositoryGone,
    RevokedToken,
)
from tests.integration.forge.scripted import Answer, Scripted, scripted

TOKEN = "s3cret-t0ken"


@pytest.fixture
def server() -> Iterator[Scripted]:
    with scripted() as made:
        yield made


@pytest.fixture
def paused() -> list[float]:
    return []


@pytest.fixture
def api(server: Scripted, paused: list[float]) -> Iterator[GiteaApi]:
    made = GiteaApi(server.url, "acme/gitops", token=lambda: TOKEN, pause=paused.append)
    yield made
    made.close()


def always(code: int, body: Any = None, **headers: str) -> Any:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda _method, _path: (code, body if body is not None else {}, named)


@pytest.mark.parametrize(
    ("code", "noun"),
    [
        (401, RevokedToken),
        (403, MissingPermission),
        (423, MissingPermission),
        (429, RateLimited),
        (301, RepositoryGone),
        (307, RepositoryGone),
        (500, ForgeUnreachable),
        (503, ForgeUnreachable),
        (422, Declined),
    ],
)
def test_each_answer_has_its_noun_and_shows_no_token(
    server: Scripted, api: GiteaApi, code: int, noun: type[PenstockError]
) -> None:
    server.answer = always(code, {"message": "no\nmore \x1b[2J lines"}, Location="https://elsewhere.example.com/")
    for ask in (lambda: api.get("/pulls/1"), lambda: api.send("PATCH", "/pulls/1", {})):
        with pytest.raises(noun) as raised:
            ask()
        assert TOKEN not in str(raised.value) and "\n" not in str(raised.value) and "\x1b" not in str(raised.value)


def test_no_redirect_is_followed_so_the_token_goes_nowhere_else(server: Scripted, api: GiteaApi) -> None:
    with scripted() as other:
        server.answer = always(302, Location=f"{other.url}/repos/acme/gitops/pulls/1")
        with pytest.raises(RepositoryGone):
            api.get("/pulls/1")
        assert other.asked == []
    assert {token for _, _, token in server.asked} == {f"token {TOKEN}"}
    assert all(TOKEN not in path for _, path, _ in server.asked)


def test_when_to_come_back_is_read_by_the_server_s_clock(server: Scripted, api: GiteaApi) -> None:
    now = {"Date": "Sat, 21 Nov 2026 12:00:00 GMT"}
    for asked, until in {
        "90": "2026-11-21T12:01:30Z",
        "Sat, 21 Nov 2026 12:05:00 GMT": "2026-11-21T12:05:00Z",
        "99999999": "2026-11-21T13:00:00Z",
        "soon": "",
        "": "",
    }.items():
        server.answer = _dated(now, asked)
        with pytest.raises(RateLimited) as raised:
            api.get("/pulls/1")
        assert raised.value.retry_at == until


def _dated(now: dict[str, str], retry_after: str) -> Any:
    def answer(_method: str, _path: str) -> Answer:
        return 429, {}, {**now, "Retry-After": retry_after}

    return answer


def test_a_question_is_repeated_a_few_times_and_a_change_never(
    server: Scripted, api: GiteaApi, paused: list[float]
) -> None:
    server.answer = always(502)
    with pytest.raises(ForgeUnreachable):
        api.get("/pulls/1")
    assert len(server.asked) == api_module.TRIES and len(paused) == api_module.TRIES - 1
    server.asked.clear()
    with pytest.raises(ForgeUnreachable):
        api.send("POST", "/pulls/1/merge", {})
    assert len(server.asked) == 1


def test_a_question_that_is_answered_the_second_time_is_answered(server: Scripted, api: GiteaApi) -> None:
    answers = iter([(503, {}, {}), (200, {"number": 1}, {})])
    server.answer = lambda _method, _path: next(answers)
    assert api.get("/pulls/1") == {"number": 1}


def test_nobody_listening_is_unreachable() -> None:
    with scripted() as gone:
        address = gone.url
    api = GiteaApi(address, "acme/gitops", token=lambda: TOKEN, pause=lambda _: None)
    with pytest.raises(ForgeUnreachable, match="doesn't answer"):
        api.get("")
    api.close()


@pytest.mark.parametrize("body", [b"<html>", b'{"a":', b"[" * 100_000], ids=["html", "cut off", "nested"])
def test_what_isn_t_understood_is_never_a_fact(server: Scripted, api: GiteaApi, body: bytes) -> None:
    server.answer = always(200, body)
    with pytest.raises(ForgeUnreachable):
        api.get("/pulls/1")


def test_an_answer_without_end_is_cut_off(server: Scripted, api: GiteaApi) -> None:
    server.answer = always(200, b" " * (api_module.MOST_BYTES + 1))
    with pytest.raises(ForgeUnreachable, match="bytes"):
        api.get("/pulls/1")


def test_a_pull_request_that_changed_its_shape_is_not_understood() -> None:
    with pytest.raises(ForgeUnreachable, match=r"head|user|number"):
        understood(PullDocument, {"title": "x"}, where="pull request 1")


def test_a_list_is_read_to_its_end_whatever_size_its_pages_have(server: Scripted, api: GiteaApi) -> None:
    pages = iter([[1, 2, 3], [4, 5], None])
    server.answer = lambda _method, _path: (200, next(pages), {})
    assert list(api.pages("/issues/1/timeline")) == [1, 2, 3, 4, 5]


def test_a_list_that_doesn_t_end_is_not_taken_for_whole(server: Scripted, api: GiteaApi) -> None:
    server.answer = always(200, [1])
    with pytest.raises(ForgeUnreachable, match="more than"):
        list(api.pages("/pulls/1/reviews"))
    assert list(api.pages("/pulls", most=3, whole=False)) == [1, 1, 1]


def test_a_list_of_nothing_and_a_repository_that_is_gone_are_told_apart(server: Scripted, api: GiteaApi) -> None:
    server.answer = lambda _method, path: (200, {}, {}) if path.endswith("/gitops") else (404, {}, {})
    with pytest.raises(NotFound):
        list(api.pages("/pulls/9/reviews"))
    server.answer = always(404)
    with pytest.raises(RepositoryGone, match="PENSTOCK_FORGE_REPOSITORY"):
        list(api.pages("/pulls/9/reviews"))


def test_what_is_declined_says_the_server_s_reason(server: Scripted, api: GiteaApi) -> None:
    server.answer = always(409, {"message": "pull request already exists"})
    with pytest.raises(ForgeRefused, match="already exists"):
        api.send("POST", "/pulls", {})
