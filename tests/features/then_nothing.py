"""Then: what did not happen. A refusal that left something behind is no refusal."""

from __future__ import annotations

from pytest_bdd import then

from tests.features.night import Night


@then("nothing was opened, merged or spent, and nobody was told of a fix")
def nothing(night: Night) -> None:
    assert night.before is not None
    assert night.standing() == night.before


@then("no branch was made")
def no_branch(night: Night) -> None:
    assert night.before is not None
    assert night.standing().branches == night.before.branches


@then("nothing was merged")
def nothing_merged(night: Night) -> None:
    assert night.before is not None
    standing = night.standing()
    assert (standing.merges, standing.main) == (night.before.merges, night.before.main)


@then("no budget is held any more")
def nothing_held(night: Night) -> None:
    assert night.standing().spent == 0


@then("no branch is left")
def no_branch_left(night: Night) -> None:
    assert night.standing().branches == ()


@then("nobody was told of a fix")
def no_good_news(night: Night) -> None:
    assert night.before is not None
    assert night.standing().good_news == night.before.good_news


@then("main is as it was")
def main_as_before(night: Night) -> None:
    assert night.before is not None
    assert night.standing().main == night.before.main


@then("nothing was proposed by the gate itself")
def no_own_proposal(night: Night) -> None:
    assert all(not state.claims.proposer.id.startswith("penstock:") for state in night.proposals())
