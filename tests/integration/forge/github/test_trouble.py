"""GitHub in trouble: each way has its noun, few requests are made, and nothing is merged."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.core.check_report import CheckReport
from engine.core.errors import (
    BadInput,
    ForgeTrouble,
    ForgeUnreachable,
    MissingPermission,
    PenstockError,
    RateLimited,
    RepositoryGone,
    RevokedToken,
)
from engine.core.moment import shift
from engine.core.pull_request import PullRequest
from tests.contract.forge.github import GitHubApp, GitHubToken
from tests.contract.forge.test_forge_contract import END, TRAILERS, opened
from tests.fakes.github.description import REPO


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[GitHubApp]:
    made = GitHubApp(tmp_path)
    yield made
    made.close()


@pytest.fixture
def by_token(tmp_path: Path) -> Iterator[GitHubToken]:
    made = GitHubToken(tmp_path)
    yield made
    made.close()


def requests_of(hub: GitHubApp) -> int:
    return len(hub.server.calls)


def merge(hub: GitHubApp, pull: PullRequest) -> None:
    hub.forge.merge(pull.number, expected_head=pull.head, trailers=TRAILERS, by="penstock", at=END)


def assert_refused(hub: GitHubApp, pull: PullRequest, noun: type[PenstockError], most: int) -> PenstockError:
    """Reading and merging are refused with the noun, in at most so many requests each; the base stays."""
    tip = hub.tip()
    for ask in (lambda: hub.forge.get(pull.number), lambda: merge(hub, pull)):
        before = requests_of(hub)
        with pytest.raises(noun) as refused:
            ask()
        assert requests_of(hub) - before <= most
    assert hub.tip() == tip and hub.world.pulls[pull.number].state == "OPEN"
    assert "ghp_" not in str(refused.value) and "ghs_" not in str(refused.value)
    return refused.value


def test_a_revoked_token_is_said_so(by_token: GitHubToken) -> None:
    pull = opened(by_token)
    by_token.server.tokens.clear()
    assert_refused(by_token, pull, RevokedToken, 1)


def test_an_app_gets_a_new_token_when_its_old_one_ends(hub: GitHubApp) -> None:
    pull = opened(hub)
    hub.server.tokens.clear()
    assert hub.forge.get(pull.number) == pull


def test_an_app_that_was_uninstalled_is_said_so(hub: GitHubApp) -> None:
    pull = opened(hub)
    hub.server.tokens.clear()
    hub.server.app_key = "gone"
    assert_refused(hub, pull, RevokedToken, 4)


def test_a_key_that_is_none_is_bad_input_before_anything_is_asked(hub: GitHubApp) -> None:
    from engine.adapters.forge.github.credential import App

    with pytest.raises(BadInput, match="not a private key"):
        App("4711", "-----BEGIN NONSENSE-----").client(hub.server.address, "acme/gitops", None)
    assert requests_of(hub) == 0


def test_a_missing_permission_is_said_so_and_nothing_else_stops(hub: GitHubApp) -> None:
    pull = opened(hub)
    hub.server.trouble.denied.add(f"POST {REPO}/check-runs")
    with pytest.raises(MissingPermission, match="doesn't permit"):
        hub.forge.report(pull.number, pull.head, CheckReport("success", "allowed"), at=END)
    assert hub.forge.get(pull.number).check is None


def test_a_repository_that_is_gone_is_said_so(hub: GitHubApp) -> None:
    pull = opened(hub)
    hub.server.trouble.gone = True
    assert_refused(hub, pull, RepositoryGone, 2)
    with pytest.raises(RepositoryGone):
        hub.forge.list_open()


def test_after_the_hourly_allowance_nothing_is_asked_until_the_hour_ends(hub: GitHubApp) -> None:
    pull = opened(hub)
    hub.server.trouble.remaining, hub.server.trouble.resets_in = 0, 900
    began = hub.world.now
    limit = assert_refused(hub, pull, RateLimited, 1)
    assert isinstance(limit, RateLimited)
    before = requests_of(hub)
    for _ in range(50):
        with pytest.raises(RateLimited):
            hub.forge.get(pull.number)
    assert requests_of(hub) == before
    hub.server.trouble.remaining = 5000
    hub.world.now = shift(began, 899 + 1200)
    assert hub.forge.get(pull.number).state == "open"


def test_the_secondary_limit_is_waited_for_as_long_as_github_says(hub: GitHubApp) -> None:
    pull = opened(hub)
    hub.server.trouble.wait_seconds = 30
    with pytest.raises(RateLimited) as limited:
        hub.forge.get(pull.number)
    assert limited.value.retry_at == shift(hub.world.now, 30)
    hub.server.trouble.wait_seconds = 0
    hub.world.now = shift(hub.world.now, 29)
    with pytest.raises(RateLimited):
        hub.forge.get(pull.number)
    hub.world.now = shift(hub.world.now, 1)
    assert hub.forge.get(pull.number).state == "open"


def test_a_read_is_asked_once_more_and_no_more(hub: GitHubApp) -> None:
    pull = opened(hub)
    hub.server.trouble.broken = 1
    assert hub.forge.get(pull.number).state == "open"
    hub.server.trouble.broken = 99
    assert_refused(hub, pull, ForgeUnreachable, 2)


def test_a_write_is_never_sent_twice(hub: GitHubApp) -> None:
    pull = opened(hub)
    document_calls = requests_of(hub)
    hub.forge.get(pull.number)
    reads = requests_of(hub) - document_calls
    hub.server.trouble.broken = 0
    real = hub.server.answer

    def break_writes(method: str, *given: object) -> object:
        if method == "POST" and "/check-runs" in str(given[0]):
            hub.server.calls.append(type(hub.server.calls[0])(method, str(given[0]), 502))
            return 502, b"{}", {}
        return real(method, *given)  # type: ignore[arg-type]

    hub.server.answer = break_writes  # type: ignore[method-assign,assignment]
    with pytest.raises(ForgeUnreachable):
        hub.forge.report(pull.number, pull.head, CheckReport("success", "allowed"), at=END)
    written = [call for call in hub.server.calls if "/check-runs" in call.path]
    assert len(written) == 1 and reads >= 1


def test_an_answer_that_is_not_understood_is_no_fact(hub: GitHubApp) -> None:
    pull = opened(hub)
    hub.server.trouble.garbled = 99
    assert_refused(hub, pull, ForgeTrouble, 2)


def test_a_github_that_does_not_answer_is_unreachable(hub: GitHubApp) -> None:
    from engine.adapters.forge.github.api import GitHubApi
    from engine.adapters.forge.github.credential import Token

    api = GitHubApi("http://127.0.0.1:9", "acme/gitops", Token("ghp_secret"), wait=lambda _: None)
    with pytest.raises(ForgeUnreachable) as unreachable:
        api.get("/pulls")
    assert "ghp_secret" not in str(unreachable.value)
