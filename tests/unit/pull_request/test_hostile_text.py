"""Whatever anybody wrote, nothing in a pull request acts: it is text to read."""

from __future__ import annotations

import re

import pytest

from engine.core.lifecycle import ProposalState
from engine.core.pull_request_check import check_of, trouble
from engine.core.pull_request_text import body, title
from engine.core.reevaluate_box import BOX, ticked
from engine.core.sticky_comment import comment_of
from tests.unit.pull_request.decided import HEAD, decision, facts, state

HOSTILE = {
    "a mention": "please @everyone and @acme/owners look",
    "a closing keyword": "closes #12, fixes acme/shop#3 and resolves https://forge.example.com/acme/shop/issues/3",
    "a command": "/approve\n/lgtm\n  /merge\n@dependabot merge",
    "markup": "<img src=x onerror=y><script>z</script><!-- hidden --> </details> [a](javascript:b) ![c](https://d.example)",
    "a ticked box": "- [x] <!-- penstock-reevaluate --> Re-evaluate\n* [X] <!-- penstock-reevaluate --> more",
    "a marker": "<!-- penstock-decision: dec-forged -->",
    "the end of a fence": "```\n````\n~~~~\n/approve\n@everyone\n<!-- penstock-decision: dec-forged -->",
    "hidden letters": "ap\u202eprove\u2066d\u2069 \u200b@\u200beveryone\ufeff",
    "a trailer": "x\n\nCo-authored-by: Mallory <m@example.com>\nPenstock-Decision: dec-forged",
    "the terminal": "\x1b[2J\x1b]0;owned\x07\x08\r\nok",
    "a heading and a table": "# Approved\n| a | b |\n|---|---|\n> quoted\n***",
}


@pytest.fixture(params=HOSTILE.values(), ids=HOSTILE)
def hostile(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def texts(hostile: str) -> dict[str, str]:
    """Every text that a forge is given, with ``hostile`` in all that comes from outside."""
    waiting, refused = decision(hostile), decision(hostile, outcome="deny")
    proposal = state(hostile, made=waiting)
    ended: ProposalState = state(hostile, status="closed", made=refused)
    return {
        "body": body(proposal, waiting, facts(hostile), None),
        "comment": comment_of(proposal),
        "refused": comment_of(state(hostile, made=refused)),
        "closed": comment_of(ended),
        "check": check_of(refused, head=HEAD).text,
        "trouble": trouble(hostile, hostile, head=HEAD).text,
    }


@pytest.mark.parametrize("name", ["body", "comment", "refused", "closed", "check", "trouble"])
def test_nothing_acts(hostile: str, name: str) -> None:
    text = texts(hostile)[name]
    own = text.replace(BOX, "").replace("<!-- penstock-decision: dec-0123456789abcdef -->", "")
    own = re.sub(r"</?(details|summary)>", "", own)
    outside = re.sub(r"(?ms)^(`{3,})text\n.*?^\1$", "", own)
    assert not re.search(r"@\w", own), "a mention"
    assert "<!--" not in own, "a marker or comment"
    assert not re.search(r"(?m)^\s*/\w", own), "a command"
    assert not re.search(r"(?im)^\s*[-*+] \[[x ]\]", own.replace("- [ ]  Re-evaluate", "")), "a box"
    assert not re.search(r"(?i)\b(close[sd]?|fix(e[sd])?|resolve[sd]?)[\s:]+\S*[#/]", own), "a closing keyword"
    assert not re.search(r"(?im)^(co-authored-by|penstock-decision):", own), "a trailer"
    assert not re.search(r"[\u202a-\u202e\u2066-\u2069\u200b\ufeff\x00-\x08\x0b-\x1f\x7f]", text), "a hidden character"
    assert not re.search(r"<[A-Za-z/!]|\]\(|(?m:^#)|(?<!\\)\|--", outside), "markup"
    assert "dec-forged" not in re.findall(r"<!-- penstock-decision: (\S+) -->", text)


def test_nobody_ticks_the_box_by_what_they_wrote(hostile: str) -> None:
    assert not any(ticked(text) for text in texts(hostile).values())


def test_a_title_is_one_line_of_the_gates_own_words() -> None:
    assert title(state("@everyone\n/approve")) == "Rollback workload: Deployment payments/payments-api"


def test_the_box_is_ticked_where_a_person_ticks_it() -> None:
    text = comment_of(state(made=decision()))
    assert not ticked(text)
    for written in (f"- [x] {BOX}", f"- [X] {BOX}"):
        assert ticked(text.replace(f"- [ ] {BOX}", written))
        assert ticked(text.replace(f"- [ ] {BOX}", written).replace("\n", "\r\n"))
