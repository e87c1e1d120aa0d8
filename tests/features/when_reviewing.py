"""When: people, and others, say what they think of a pull request."""

from __future__ import annotations

from typing import Any

from pytest_bdd import given, parsers, when

from engine.core.change.model import FileEdit
from engine.core.pull_request import Review
from engine.usecases.review import review
from engine.usecases.settle import close, settle
from tests.features.night import Night


@given(parsers.re(r"(?P<who>[a-z]+) approved it"))
@when(parsers.re(r"(?P<who>[a-z]+) approves it"))
@when(parsers.re(r"(?P<who>[a-z]+) approves it again"))
def approves(night: Night, who: str) -> None:
    _review(night, who, "approved")


@when(parsers.re(r"(?P<who>[a-z]+) rejects it"))
@given(parsers.re(r"(?P<who>[a-z]+) rejected it"))
def rejects(night: Night, who: str) -> None:
    _review(night, who, "rejected")


@when("the agent approves it itself")
def own_approval(night: Night) -> None:
    _review(night, "agent:triage", "approved")


def _review(night: Night, who: str, verdict: Any) -> None:
    proposal, at = night.refresh().id, night.pass_time(20)
    night.attempt(lambda: review(night.ports, proposal, reviewer=who, verdict=verdict, note="", now=at))


@when(parsers.re(r"(?P<who>[a-z]+), known to the forge as (a|an) (?P<kind>bot|agent), approves it"))
def machine_approves(night: Night, who: str, kind: Any) -> None:
    _on_forge(night, who, kind, head="")


@when(parsers.re(r"(?P<who>[a-z]+)'s approval is for an earlier state of the branch"))
def other_head(night: Night, who: str) -> None:
    _on_forge(night, who, "person", head="0" * 40)


@when(parsers.re(r"(?P<who>[a-z]+)'s review is dismissed"))
def dismissed(night: Night, who: str) -> None:
    _on_forge(night, who, "person", head="", verdict="dismissed")


def _on_forge(night: Night, who: str, kind: Any, head: str, verdict: Any = "approved") -> None:
    state = night.refresh()
    assert state.pull_request is not None
    number, forge, at = state.pull_request, night.ports.forge, night.pass_time(20)
    shown = forge.get(number)
    given = Review(who, kind, verdict, head or shown.head, state.action_digest, at)
    forge.review(number, given)
    night.attempt(lambda: settle(night.ports, state.id, now=at))


@when("somebody changes the branch by hand")
@given("somebody changed the branch by hand")
def hand_edit(night: Night) -> None:
    state, ports = night.refresh(), night.ports
    pull = ports.forge.get(state.pull_request)
    path = state.change["edits"][0]["path"] if state.change else ""
    before = ports.repository.read(pull.head, path)
    edit = FileEdit(path, before, before + b"# by hand\n")
    at = night.pass_time(20)
    commit = ports.repository.commit(pull.head, [edit], message="By hand", author="m <m@example.com>", at=at)
    ports.repository.move(f"refs/heads/{pull.branch}", pull.head, commit)
    night.notes["by hand"] = commit


@when("the pull request is looked at again")
def look_again(night: Night) -> None:
    proposal, at = night.refresh().id, night.pass_time(10)
    night.attempt(lambda: settle(night.ports, proposal, now=at))


@when("somebody closes the pull request on the forge")
def closed(night: Night) -> None:
    state, at = night.refresh(), night.pass_time(10)
    night.ports.forge.close(state.pull_request, note="not wanted", at=at)
    night.attempt(lambda: settle(night.ports, state.id, now=at))


@when("the proposal is withdrawn")
def withdrawn(night: Night) -> None:
    proposal, at = night.refresh().id, night.pass_time(10)
    night.attempt(lambda: close(night.ports, proposal, status="closed", note="withdrawn", now=at))
