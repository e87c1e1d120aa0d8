"""What every forge promises of pull requests that somebody else made: told apart, looked at, never ended."""

from __future__ import annotations

import pytest

from engine.core.check_report import CheckReport
from engine.core.errors import ForgeRefused
from tests.contract.forge.forges import ForgeUnderTest
from tests.contract.forge.test_forge_contract import AT, END, LATER, TRAILERS, opened, under

__all__ = ["under"]

BRANCH = "more-web"


def test_what_a_person_opened_is_listed_apart_from_the_gates_own(under: ForgeUnderTest) -> None:
    own = opened(under)
    head = under.push(BRANCH, "apps/web.yaml", b"replicas: 9\n")
    theirs = under.offer(BRANCH, "amara")
    assert [pull.number for pull in under.forge.list_open()] == [own.number]
    found = under.forge.list_others()
    assert [(pull.number, pull.branch, pull.head, pull.state) for pull in found] == [
        (theirs.number, BRANCH, head, "open")
    ]
    assert (found[0].key, found[0].decision_id, found[0].base) == ("", "", "main")
    assert found[0].author != own.author and found[0].author


def test_its_head_follows_what_is_pushed(under: ForgeUnderTest) -> None:
    under.push(BRANCH, "apps/web.yaml", b"replicas: 9\n")
    theirs = under.offer(BRANCH, "amara")
    later = under.push(BRANCH, "apps/web.yaml", b"replicas: 8\n")
    assert under.forge.get(theirs.number).head == later


def test_it_takes_the_check_and_the_comment(under: ForgeUnderTest) -> None:
    under.push(BRANCH, "apps/web.yaml", b"replicas: 9\n")
    theirs = under.offer(BRANCH, "amara")
    under.forge.report(theirs.number, theirs.head, CheckReport("failure", "refused"), at=LATER)
    under.forge.comment(theirs.number, "Refused.")
    shown = under.forge.get(theirs.number)
    assert shown.check is not None and (shown.check.state, shown.check.title) == ("failure", "refused")
    assert shown.comments == ("Refused.",)


def test_the_gate_neither_merges_nor_closes_nor_rewrites_it(under: ForgeUnderTest) -> None:
    head, base = under.push(BRANCH, "apps/web.yaml", b"replicas: 9\n"), under.tip()
    theirs = under.offer(BRANCH, "amara")
    with pytest.raises(ForgeRefused):
        under.forge.merge(theirs.number, expected_head=head, trailers=TRAILERS, by="penstock", at=END)
    with pytest.raises(ForgeRefused):
        under.forge.rewrite(theirs.number, "mine now")
    with pytest.raises(ForgeRefused):
        under.forge.close(theirs.number, note="no", at=AT)
    assert (under.tip(), under.tip(BRANCH)) == (base, head)
    assert under.forge.get(theirs.number).state == "open"
