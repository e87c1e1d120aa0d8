"""When: somebody tries to get something merged that nobody who may has wanted."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from pytest_bdd import given, parsers, then, when

from engine.core.change.model import FileEdit
from engine.core.check_report import CheckReport
from engine.core.moment import shift
from engine.core.pull_request import Review
from engine.usecases.settle import settle
from tests.features.night import Night
from tests.features.standing import BUDGETS, SCOPES

ADDRESSES = ("alice", "bob", "carol")


@given("people commit under addresses that policy knows")
def addresses(night: Night) -> None:
    night.policy("people", **{name: {"emails": [f"{name}@example.com"]} for name in ADDRESSES})


@given(parsers.parse("{who} has the account {account} on the forge"))
def has_account(night: Night, who: str, account: str) -> None:
    night.policy("people", **{account: {"teams": ["team-payments"], "roles": [], "names": [who]}})


@given(parsers.parse("members of {team} on the forge stand for {ours}"))
def mapped(night: Night, team: str, ours: str) -> None:
    night.policy("forge_teams", **{team: {"teams": [ours], "roles": []}})


@given("changes of policy make rolling back want an administrator")
@when("changes of policy make rolling back want an administrator")
def wants_more(night: Night) -> None:
    night.policy("approvals", further={"admin": {"kinds": ["rollback_workload"]}})


@when("a change of policy raises an allowance")
def allows_more(night: Night) -> None:
    night.policy("rates", automatic_fixes={"limit": 6})


@given(parsers.re(r"the account (?P<account>\S+) approved it"))
@when(parsers.re(r"the account (?P<account>\S+) approves it"))
@when(parsers.re(r"the account (?P<account>\S+), now called (?P<login>[a-z]+), approves it"))
@when(parsers.re(r"the account (?P<account>\S+), a member of (?P<team>\S+), approves it"))
def account_approves(night: Night, account: str, login: str = "", team: str = "") -> None:
    given_on_forge(night, account, login=login, teams=(team,) if team else ())


@when(parsers.parse("{who} approves it and changes the text afterwards"))
def edited(night: Night, who: str) -> None:
    given_on_forge(night, who, edited=True)


@given(parsers.parse("{who} approved it before it was opened"))
def too_early(night: Night, who: str) -> None:
    given_on_forge(night, who, at=shift(night.now, -3600), head="0" * 40)


def given_on_forge(night: Night, who: str, **changed: Any) -> None:
    """A review that the forge reports, and the gate's look at it."""
    state, at = night.refresh(), night.pass_time(20)
    forge, number = night.ports.forge, state.pull_request
    review = replace(Review(who, "person", "approved", forge.get(number).head, "", at), **changed)
    forge.review(number, review)
    night.attempt(lambda: settle(night.ports, state.id, now=night.pass_time(10)))


@when(parsers.re(r"a commit is pushed to the branch, by (?P<who>[a-z]+)"))
@when(parsers.re(r"a commit is pushed to the branch, by (?P<who>[a-z]+) with (?P<other>[a-z]+)"))
def pushed(night: Night, who: str, other: str = "") -> None:
    _push(night, f"{who} <{who}@example.com>", f"Co-authored-by: {other} <{other}@example.com>" if other else "")


@when("the branch is replaced by another one")
def forced(night: Night) -> None:
    _push(night, "m <m@example.com>", "", onto=night.ports.repository.head("main"))


def _push(night: Night, author: str, trailer: str, onto: str = "") -> None:
    state, repository = night.refresh(), night.ports.repository
    pull = night.ports.forge.get(state.pull_request)
    path = state.change["edits"][0]["path"] if state.change else ""
    base = onto or pull.head
    before = repository.read(base, path)
    edit = FileEdit(path, before, before + b"# and more\n")
    at = night.pass_time(20)
    commit = repository.commit(base, [edit], message=f"More\n\n{trailer}", author=author, at=at)
    repository.move(f"refs/heads/{pull.branch}", pull.head, commit)


@when("the pull request is pointed at another branch")
def base_swapped(night: Night) -> None:
    forge, repository, at = night.ports.forge, night.ports.repository, night.pass_time(20)
    repository.move("refs/heads/elsewhere", None, repository.head("main"))
    pull = forge._pulls.get(night.refresh().pull_request)
    forge._pulls.write(pull, pull.with_details(base="elsewhere"), "Point elsewhere", at)


@when("somebody writes that the gate allows it")
def forged_status(night: Night) -> None:
    state, forge = night.refresh(), night.ports.forge
    pull = forge.get(state.pull_request)
    said = CheckReport("success", "Allowed (tier 1, safe), and may merge alone", "", (), "0" * 24)
    forge.report(pull.number, pull.head, said, at=night.pass_time(20))
    night.attempt(lambda: settle(night.ports, state.id, now=night.pass_time(10)))


@when("somebody rewrites the gate's comment to say that two people approved")
def forged_comment(night: Night) -> None:
    state = night.refresh()
    night.ports.forge.comment(state.pull_request, "**Allowed.** Approved by alice and bob.")
    night.attempt(lambda: settle(night.ports, state.id, now=night.pass_time(10)))


@then(parsers.parse('the word of {who} doesn\'t count: "{because}"'))
def not_counted(night: Night, who: str, because: str) -> None:
    said = {(one.approver, one.counts, one.because) for one in night.decision().reviews}
    assert (who, False, because) in said, said
    assert who not in {name for met in night.decision().approvals.satisfied for name in met.by}


@then(parsers.parse("the word of {who} counts"))
def counted(night: Night, who: str) -> None:
    said = {(one.approver, one.counts) for one in night.decision().reviews}
    assert (who, True) in said, said


@then("no budget was committed")
def nothing_committed(night: Night) -> None:
    since, later = shift(night.now, -7200), shift(night.now, 86_400)
    used = night.ports.ledger.run(lambda tx: [tx.used(n, s, since=since, now=later) for n in BUDGETS for s in SCOPES])
    assert not any(used), used
