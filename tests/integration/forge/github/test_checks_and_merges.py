"""What the gate says on GitHub, how it merges there, and how few requests a thousand pull requests take."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from engine.core.check_report import CHECK_NAME, Annotation, CheckReport
from engine.core.errors import ForgeRefused, LostRace, MergeConflict, MergesLater, NotFound, PenstockError, StaleReceipt
from engine.core.moment import shift
from engine.core.pull_request import PullRequest
from tests.contract.forge.github import GitHubApp, GitHubDeployKey, GitHubToken
from tests.contract.forge.test_forge_contract import AT, BRANCH, DRAFT, END, LATER, NEXT, TRAILERS, change, opened
from tests.fakes.github.world import APP


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[GitHubApp]:
    made = GitHubApp(tmp_path)
    yield made
    made.close()


def merge(hub: GitHubApp, pull: PullRequest) -> PullRequest:
    done: PullRequest = hub.forge.merge(1, expected_head=pull.head, trailers=TRAILERS, by="penstock", at=END)
    return done


def calls(hub: GitHubApp, method: str, part: str) -> int:
    return sum(call.method == method and part in call.path for call in hub.server.calls)


def test_annotations_go_out_fifty_at_a_time_and_all_arrive(hub: GitHubApp) -> None:
    pull = opened(hub)
    notes = tuple(Annotation("apps/api.yaml", line, line, "warning", f"line {line}") for line in range(1, 121))
    hub.forge.report(1, pull.head, CheckReport("failure", "refused", "tree", notes), at=LATER)
    (said,) = hub.world.said
    assert len(said.annotations) == 120 and (said.name, said.app, said.state) == (CHECK_NAME, APP, "failure")
    assert calls(hub, "POST", "/check-runs") == 1 and calls(hub, "PATCH", "/check-runs") == 2


def test_text_longer_than_github_takes_is_cut_and_says_so(hub: GitHubApp) -> None:
    pull = opened(hub)
    hub.forge.report(1, pull.head, CheckReport("pending", "t" * 900, "ü" * 70_000), at=LATER)
    (said,) = hub.world.said
    assert len((said.text or "").encode()) <= 65_535 and (said.text or "").endswith("in the record.\n")
    assert len(said.title) <= 255


def test_with_a_token_the_check_is_a_status_of_one_line(tmp_path: Path) -> None:
    hub = GitHubToken(tmp_path)
    pull = opened(hub)
    hub.forge.report(1, pull.head, CheckReport("success", "a\nb" + "c" * 300, "tree", marker="cafe"), at=LATER)
    (said,) = hub.world.said
    assert said.app is None and "\n" not in said.title and said.url == f"{pull.url}#penstock-cafe"
    found = hub.forge.get(1).check
    assert found is not None and (found.state, found.marker) == ("success", "cafe")
    hub.close()


def test_the_commit_of_the_merge_queue_gets_the_check_too(hub: GitHubApp) -> None:
    pull, tip = opened(hub), hub.tip()
    queued = hub.push(f"gh-readonly-queue/main/pr-1-{tip}", "apps/api.yaml", b"replicas: 5\n")
    other = hub.push(f"gh-readonly-queue/main/pr-12-{tip}", "apps/web.yaml", b"replicas: 5\n")
    hub.forge.report(1, queued, CheckReport("success", "allowed"), at=LATER)
    assert [(said.head, said.state) for said in hub.world.said] == [(queued, "success")]
    with pytest.raises(NotFound):
        hub.forge.report(1, other, CheckReport("success", "allowed"), at=LATER)
    assert hub.forge.get(1).head == pull.head


def test_the_gates_own_check_lets_it_merge_where_the_branch_requires_it(hub: GitHubApp) -> None:
    hub.world.required[CHECK_NAME] = APP
    pull, tip = opened(hub), hub.tip()
    hub.world.say_check(pull.head, APP + 1, "success", CHECK_NAME, "forged")
    with pytest.raises(ForgeRefused):
        merge(hub, pull)
    assert hub.tip() == tip
    hub.forge.report(1, pull.head, CheckReport("success", "allowed"), at=LATER)
    assert merge(hub, pull).state == "merged"


def test_github_is_asked_to_merge_later_only_where_it_requires_the_gates_check(hub: GitHubApp) -> None:
    pull, tip = opened(hub), hub.tip()
    hub.forge.report(1, pull.head, CheckReport("success", "allowed"), at=LATER)
    hub.world.required["build"] = None
    with pytest.raises(ForgeRefused, match="build"):
        merge(hub, pull)
    assert hub.world.pulls[1].auto_merge is None
    hub.world.required[CHECK_NAME] = APP
    with pytest.raises(ForgeRefused, match="once what else it requires has passed"):
        merge(hub, pull)
    asked = hub.world.pulls[1].auto_merge
    assert (
        asked is not None
        and asked["expectedHeadOid"] == pull.head
        and "Penstock-Decision: dec-1" in asked["commitBody"]
    )
    assert hub.tip() == tip


def test_a_merge_queue_takes_it_over(hub: GitHubApp) -> None:
    hub.world.required[CHECK_NAME], hub.world.needs_queue = APP, True
    pull = opened(hub)
    hub.forge.report(1, pull.head, CheckReport("success", "allowed"), at=LATER)
    for _ in range(2):
        with pytest.raises(MergesLater, match="GitHub merges it"):
            merge(hub, pull)
    assert hub.world.pulls[1].auto_merge is not None


def test_a_repository_that_only_squashes_keeps_the_trailers(hub: GitHubApp) -> None:
    hub.world.methods = {"squash"}
    done = merge(hub, opened(hub))
    assert done.state == "merged" and hub.trailers()["Penstock-Decision"] == "dec-1"


def test_a_repository_that_only_rebases_is_not_merged_without_a_record(hub: GitHubApp) -> None:
    hub.world.methods, pull, tip = {"rebase"}, opened(hub), hub.tip()
    with pytest.raises(ForgeRefused):
        merge(hub, pull)
    assert hub.tip() == tip


def test_a_conflict_has_its_noun(hub: GitHubApp) -> None:
    pull = opened(hub)
    hub.push("main", "apps/api.yaml", b"replicas: 8\n")
    with pytest.raises(MergeConflict):
        merge(hub, pull)


def test_a_head_that_moves_while_the_gate_merges_is_not_merged(hub: GitHubApp) -> None:
    pull, tip, refresh = opened(hub), hub.tip(), hub.mirror.refresh

    def push_in_between() -> None:
        refresh()
        hub.mirror.refresh = refresh  # type: ignore[method-assign]
        hub.push(BRANCH, "apps/web.yaml", b"replicas: 9\n")

    hub.mirror.refresh = push_in_between  # type: ignore[method-assign]
    with pytest.raises(StaleReceipt):
        merge(hub, pull)
    assert hub.tip() == tip


@pytest.mark.parametrize("made", [GitHubApp, GitHubDeployKey])
def test_a_branch_that_moves_while_the_gate_updates_it_is_left_alone(made: type[GitHubApp], tmp_path: Path) -> None:
    hub = made(tmp_path)
    opened(hub)
    publish, theirs = hub.forge._forge._commits.publish, []

    def push_in_between(*given: object, **named: object) -> str:
        theirs.append(hub.push(BRANCH, "apps/web.yaml", b"replicas: 9\n"))
        return str(publish(*given, **named))

    hub.forge._forge._commits.publish = push_in_between
    with pytest.raises(LostRace):
        hub.forge.open(NEXT, change(hub, b"replicas: 4\n"), at=LATER)
    assert hub.tip(BRANCH) == theirs[0]
    hub.close()


def test_an_update_never_leaves_the_pull_request_empty_which_would_close_it(hub: GitHubApp) -> None:
    opened(hub)
    hub.forge.open(NEXT, change(hub, b"replicas: 4\n"), at=LATER)
    told = [action for event, action, _ in hub.world.announced if event == "pull_request"]
    assert "closed" not in told and hub.tip(f"{BRANCH}-next") is None


@pytest.mark.parametrize("stage", range(1, 16))
def test_opening_is_taken_up_again_wherever_it_was_cut_off(stage: int, tmp_path: Path) -> None:
    hub = GitHubApp(tmp_path)
    wanted, real, left = change(hub), hub.server.answer, [stage]

    def cut_off(*given: object) -> object:
        left[0] -= 1
        return real(*given) if left[0] > 0 else (401, b'{"message": "cut off"}', {})  # type: ignore[arg-type]

    hub.server.answer = cut_off  # type: ignore[method-assign,assignment]
    with suppress(PenstockError):
        hub.forge.open(DRAFT, wanted, at=AT)
    hub.server.answer = real  # type: ignore[method-assign]
    pull = hub.forge.open(DRAFT, wanted, at=AT)
    assert (pull.number, pull.state, pull.edited_by_person, pull.key) == (1, "open", False, DRAFT.key)
    assert hub.read("apps/api.yaml", BRANCH) == b"replicas: 5\n" and len(hub.world.pulls) == 1
    hub.close()


def test_doctor_says_what_the_rules_leave_open(hub: GitHubApp) -> None:
    assert "no ruleset of main requires" in hub.forge.concerns()[0]
    hub.world.required[CHECK_NAME] = None
    assert "expected source" in hub.forge.concerns()[0]
    hub.world.required[CHECK_NAME] = APP
    assert hub.forge.concerns() == ()
    hub.world.now = shift(hub.world.now, 3600)
    hub.server.trouble.denied.add("teams(")
    assert "Members: read" in hub.forge.concerns()[0]


def test_a_thousand_open_pull_requests_stay_within_the_hourly_allowance(hub: GitHubApp) -> None:
    bot = hub.world.bot
    opened(hub)
    for number in range(1, 1000):
        hub.world.make_pull(bot, f"Change {number}", "text", BRANCH, "main")
    hub.server.calls.clear()
    hub.world.now = shift(AT, 3600)
    listed = hub.forge.list_open()
    first = sum(call.points for call in hub.server.calls)
    assert len(listed) == 1000 and first < 1000
    for _ in range(3):
        assert len(hub.forge.list_open()) == 1000
    again = sum(call.points for call in hub.server.calls) - first
    assert again == 0
    hub.says(77, "amara")
    hub.world.now = shift(hub.world.now, 600)
    (changed,) = [pull for pull in hub.forge.list_open() if pull.reviews]
    assert changed.number == 77
    assert sum(call.points for call in hub.server.calls) - first < 10
    hub.world.now = shift(hub.world.now, 1801)
    hub.forge.list_open()
    assert hub.server.trouble.remaining > 2000
