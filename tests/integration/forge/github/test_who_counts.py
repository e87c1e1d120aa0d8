"""Who said and who wrote what on GitHub: by lasting accounts, whatever names and addresses somebody puts on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from engine.adapters.forge.marker import COMMENT, Hidden, with_state
from engine.core.check_report import CHECK_NAME, CheckReport
from engine.core.errors import ForgeRefused
from tests.contract.forge.github import GitHubApp, GitHubDeployKey, GitHubToken
from tests.contract.forge.test_forge_contract import AT, BRANCH, DRAFT, END, LATER, TRAILERS, change, opened
from tests.fakes.github.world import APP


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[GitHubApp]:
    made = GitHubApp(tmp_path)
    yield made
    made.close()


def account(hub: GitHubApp, login: str) -> str:
    return f"github:{hub.world.accounts[login].id}"


def test_a_renamed_account_is_the_same_reviewer(hub: GitHubApp) -> None:
    opened(hub)
    hub.says(1, "amara")
    (before,) = hub.forge.get(1).reviews
    hub.world.rename("amara", "amara-2")
    (after,) = hub.forge.get(1).reviews
    assert (after.reviewer, after.login, before.login) == (before.reviewer, "amara-2", "amara")


def test_another_account_that_took_the_old_login_is_somebody_else(hub: GitHubApp) -> None:
    opened(hub)
    hub.says(1, "amara")
    hub.world.rename("amara", "amara-2")
    hub.world.account("amara")
    hub.says(1, "amara")
    first, second = hub.forge.get(1).reviews
    assert first.reviewer != second.reviewer


def test_a_bot_is_no_person(hub: GitHubApp) -> None:
    opened(hub)
    hub.world.account("helper[bot]", "Bot")
    hub.says(1, "helper[bot]")
    (review,) = hub.forge.get(1).reviews
    assert (review.kind, review.state, review.teams) == ("bot", "approved", ())


def test_teams_are_the_organisations_and_asked_for_once(hub: GitHubApp) -> None:
    opened(hub)
    hub.world.join("payments", "tomasz")
    hub.world.join("platform", "tomasz")
    hub.says(1, "tomasz")
    (review,) = hub.forge.get(1).reviews
    assert review.teams == ("github:acme/payments", "github:acme/platform")
    before = len(hub.server.calls)
    hub.forge.get(1)
    assert len(hub.server.calls) - before == 1


def test_a_review_that_was_edited_or_dismissed_says_so(hub: GitHubApp) -> None:
    opened(hub)
    given = hub.world.approve(1, "amara")
    hub.world.edit_review(given, "something else")
    hub.world.approve(1, "jun").state = "DISMISSED"
    hub.world.approve(1, "tomasz").state = "PENDING"
    assert [(each.state, each.edited) for each in hub.forge.get(1).reviews] == [
        ("approved", True),
        ("dismissed", False),
    ]


def test_a_flood_of_reviews_leaves_no_approval_standing(hub: GitHubApp) -> None:
    opened(hub)
    hub.world.approve(1, "jun", state="CHANGES_REQUESTED")
    for _ in range(100):
        hub.world.approve(1, "tomasz")
    assert [each for each in hub.forge.get(1).reviews if each.state == "approved"] == []


def test_everybody_a_commit_names_is_a_writer(hub: GitHubApp) -> None:
    opened(hub)
    jun = hub.world.accounts["jun"]
    trailer = f"Co-authored-by: Jun <{jun.address}>\nCo-authored-by: Who <who@nowhere.example>"
    hub.world.push(BRANCH, "apps/web.yaml", b"replicas: 9\n", by="amara", extra=trailer)
    shown = hub.forge.get(1)
    assert shown.edited_by_person
    assert set(shown.writers) == {account(hub, "amara"), account(hub, "jun"), "who@nowhere.example"}


def test_who_claims_another_ones_address_is_still_who_pushed(hub: GitHubApp) -> None:
    tomasz = hub.world.account("tomasz")
    hub.world.push("more", "apps/web.yaml", b"replicas: 9\n", by="amara", author=f"Tomasz <{tomasz.address}>")
    pull = hub.offer("more", "jun")
    assert {account(hub, "amara"), account(hub, "tomasz")} <= set(pull.writers)


@pytest.mark.parametrize("made", [GitHubApp, GitHubToken, GitHubDeployKey])
def test_a_commit_that_claims_to_be_the_gates_is_not(made: type[GitHubApp], tmp_path: Path) -> None:
    hub = made(tmp_path)
    opened(hub)
    bot, tip = hub.world.bot, hub.tip()
    hub.world.push(BRANCH, "apps/web.yaml", b"replicas: 9\n", author=f"{bot.login} <{bot.address}>")
    shown = hub.forge.get(1)
    assert shown.edited_by_person and account(hub, "amara") in shown.writers
    with pytest.raises(ForgeRefused, match="a person has edited"):
        hub.forge.merge(1, expected_head=shown.head, trailers=TRAILERS, by="penstock", at=END)
    assert hub.tip() == tip
    hub.close()


def test_a_marker_in_somebody_elses_pull_request_makes_it_not_the_gates(hub: GitHubApp) -> None:
    own = opened(hub)
    hub.push("penstock/mine", "apps/web.yaml", b"replicas: 9\n")
    body = with_state("Trust me.", Hidden(DRAFT.key, DRAFT.decision_id, DRAFT.action_digest))
    theirs = hub.world.offer("penstock/mine", "amara", body=body)
    shown = hub.forge.get(theirs.number)
    assert (shown.key, shown.decision_id, shown.action_digest) == ("", "", "")
    assert [each.number for each in hub.forge.find(DRAFT.key)] == [own.number]
    assert [each.number for each in hub.forge.list_others()] == [theirs.number]


def test_a_swapped_base_is_not_merged_into(hub: GitHubApp) -> None:
    pull = opened(hub)
    hub.push("elsewhere", "notes.txt", b"x\n")
    hub.world.rebase(hub.world.pulls[1], "elsewhere")
    tip = hub.tip("elsewhere")
    assert hub.forge.get(1).base == "elsewhere"
    with pytest.raises(ForgeRefused, match="its base was changed"):
        hub.forge.merge(1, expected_head=pull.head, trailers=TRAILERS, by="penstock", at=END)
    assert hub.tip("elsewhere") == tip


def test_anothers_comment_with_the_gates_mark_is_not_the_gates(hub: GitHubApp) -> None:
    from tests.fakes.github.world import Written

    opened(hub)
    amara = hub.world.account("amara")
    hub.world.pulls[1].comments.append(Written(1, amara, f"{COMMENT}\nAll approved.", AT))
    assert hub.forge.get(1).comments == ()
    hub.forge.comment(1, "One approval is missing.")
    assert hub.forge.get(1).comments == ("One approval is missing.",)
    assert hub.world.pulls[1].comments[0].body.endswith("All approved.")


def forged(hub: GitHubApp, head: str, how: str) -> None:
    if how == "status":
        hub.world.say_status(head, hub.world.account("amara"), "success", CHECK_NAME, "allowed")
    else:
        hub.world.say_check(head, APP + 1, "success", CHECK_NAME, "allowed")


@pytest.mark.parametrize("made", [GitHubApp, GitHubToken])
@pytest.mark.parametrize("how", ["status", "check run"])
def test_a_forged_check_is_noticed_and_said_anew(made: type[GitHubApp], how: str, tmp_path: Path) -> None:
    hub = made(tmp_path)
    pull = opened(hub)
    said = CheckReport("failure", "refused", marker="0123456789abcdef")
    hub.forge.report(1, pull.head, said, at=LATER)
    assert hub.forge.get(1).check == replace(said, text="")
    forged(hub, pull.head, how)
    assert hub.forge.get(1).check is None
    hub.forge.report(1, pull.head, said, at=END)
    found = hub.forge.get(1).check
    assert found is not None and (found.state, found.marker) == ("failure", "0123456789abcdef")
    hub.close()


def test_a_forged_check_before_the_gate_spoke_is_nobodys(hub: GitHubApp) -> None:
    pull = opened(hub)
    for how in ("status", "check run"):
        forged(hub, pull.head, how)
    assert hub.forge.get(1).check is None


def test_text_from_outside_becomes_lines_and_labels_that_github_takes(hub: GitHubApp) -> None:
    hostile = (
        '"}, "state": "merged"\n\nPenstock-Decision: dec-forged\n\x1b[2J <!-- penstock-state: e30= -->' + "x" * 300
    )
    draft = replace(DRAFT, title=hostile, body=hostile, labels=(hostile,), reviewers=(hostile, "nobody-here"))
    pull = hub.forge.open(draft, change(hub), at=AT)
    assert (pull.key, pull.decision_id) == (DRAFT.key, "dec-1")
    assert "\n" not in pull.title and "\x1b" not in pull.body and len(pull.title) <= 256
    assert all(len(label) <= 50 and "\n" not in label for label in pull.labels) and pull.reviewers == ()
    hub.forge.merge(1, expected_head=pull.head, trailers=TRAILERS, by="penstock", at=END)
    assert hub.trailers()["Penstock-Decision"] == "dec-1"


def test_reviewers_of_the_repository_are_asked(hub: GitHubApp) -> None:
    hub.world.join("payments", "tomasz")
    draft = replace(DRAFT, reviewers=("github:acme/payments", "amara", "github:other/team", "team:payments"))
    pull = hub.forge.open(draft, change(hub), at=AT)
    assert pull.reviewers == (account(hub, "amara"), "github:acme/payments")
