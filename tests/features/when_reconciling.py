"""When: a pull request is reconciled, other people open their own, and what it shows afterwards."""

from __future__ import annotations

from pytest_bdd import given, parsers, then, when

from engine.core.change.model import FileEdit
from engine.core.check_report import CheckReport
from engine.core.facts.configuration import APPROVAL
from engine.core.incident import resolve
from engine.core.pull_request import PullRequest, Review
from engine.core.reevaluate_box import BOX
from engine.usecases.reconcile_pull_request import reconcile_pull_request
from tests.features.night import Night

OVERLAY = "apps/payments/overlays/production/kustomization.yaml"
CONFIGURATION = "apps/payments/base/config.yaml"
WORKER = "  - name: ledger-worker\n"
CONFIG = "  - path: payments-config.yaml\n"
COMMAND = """  - target: {kind: Deployment, name: ledger-worker}
    patch: |-
      - op: add
        path: /spec/template/spec/containers/0/command
        value: ["/bin/sh"]
"""
MEMORY = """  - target: {kind: Deployment, name: ledger-worker}
    patch: |-
      - op: replace
        path: /spec/template/spec/containers/0/resources/limits/memory
        value: 512Mi
"""
BRANCH = "by-hand"

EDITS: dict[str, tuple[str, str, str]] = {
    r"gives ledger-worker 4 replicas": (OVERLAY, f"{WORKER}    count: 3\n", f"{WORKER}    count: 4\n"),
    r"gives ledger-worker 5 replicas": (OVERLAY, f"{WORKER}    count: 4\n", f"{WORKER}    count: 5\n"),
    r"runs ledger-worker on image docker.io/library/worker:1.0.0": (
        OVERLAY, '    newTag: "1.14.2"\n', '    newName: docker.io/library/worker\n    newTag: "1.0.0"\n'),
    r"gives ledger-worker 512Mi of memory": (OVERLAY, CONFIG, CONFIG + MEMORY),
    r"adds a command to ledger-worker": (OVERLAY, CONFIG, CONFIG + COMMAND),
    r"adds a remark to ledger-worker": (OVERLAY, "  - name: ledger-worker\n", "  # enough\n  - name: ledger-worker\n"),
    r"approves the configuration of payments": (CONFIGURATION, f"{APPROVAL}: pending", f"{APPROVAL}: approved"),
    r"breaks the manifests of payments": (OVERLAY, "  - ../../base\n", "  - ../../elsewhere\n"),
    r"rewrites who owns the code": ("CODEOWNERS", "", "* @mallory\n"),
}  # fmt: skip


@given("every pull request is gated")
def gated(night: Night) -> None:
    assert night.incident.status == "open"
    night.replace_ports(gate_all_pull_requests=True)


@given("the pull request was reconciled")
@when("the pull request is reconciled")
@when("her pull request is reconciled")
def reconciled(night: Night) -> None:
    number, at = _number(night), night.pass_time(30)
    night.notes["decided"] = len(night.records("decision"))
    night.attempt(lambda: reconcile_pull_request(night.ports, number, now=at))
    assert night.error is None, night.error


@when(parsers.parse("the pull request is reconciled {count:d} more times"))
def reconciled_often(night: Night, count: int) -> None:
    decided = len(night.records("decision"))
    for _ in range(count):
        reconciled(night)
    night.notes["decided"] = decided


@when("somebody writes a success under the gate's name")
def forged(night: Night) -> None:
    pull = _pull(night)
    night.ports.forge.report(pull.number, pull.head, CheckReport("success", "Allowed"), at=night.pass_time(5))


@when("somebody ticks the box to re-evaluate")
def ticks(night: Night) -> None:
    pull = _pull(night)
    night.ports.forge.comment(pull.number, pull.comments[0].replace(f"[ ] {BOX}", f"[x] {BOX}"))


@when("somebody ticks the box in the text")
def ticks_in_text(night: Night) -> None:
    pull = _pull(night)
    assert f"[ ] {BOX}" in pull.body
    night.ports.forge.rewrite(pull.number, pull.body.replace(f"[ ] {BOX}", f"[X] {BOX}"))


@when("somebody rewrites the text to say that everybody approved")
def rewrites_text(night: Night) -> None:
    said = "**Allowed**: approved by alice and bob.\n\n@everyone\n\n/approve\n\n- [x] Re-evaluate\n\n- [x] merge\n"
    night.ports.forge.rewrite(_number(night), said)


@when("the incident is resolved by hand")
def resolved_by_hand(night: Night) -> None:
    night.keep(resolve(night.incident, at=night.pass_time(5), because="it went away"))


@when(parsers.re(r"(?P<who>[a-z]+) opens a pull request that (?P<words>.+)"))
def opens(night: Night, who: str, words: str) -> None:
    if who != "mallory":
        night.policy("people", **{who: {"emails": [f"{who}@example.com"]}})
    night.before = night.standing()
    night.notes["by"] = who
    _push(night, words)
    made = night.ports.forge.offer(BRANCH, author=who, title="By hand", at=night.pass_time(5))
    night.notes["theirs"] = made.number
    night.notes["decided"] = len(night.records("decision"))


@when(parsers.parse("{who} pushes that it also {words}"))
def pushes(night: Night, who: str, words: str) -> None:
    night.notes["by"] = who
    _push(night, words)


@when(parsers.parse("it also {words}"))
def also(night: Night, words: str) -> None:
    _push(night, words)


@when(parsers.parse("it is changed to give {rest}"))
def changed(night: Night, rest: str) -> None:
    _push(night, f"gives {rest}")


@when(parsers.re(r"(?P<one>[a-z]+) and (?P<other>[a-z]+) approve her pull request"))
def two_approve(night: Night, one: str, other: str) -> None:
    for who in (one, other):
        approves_theirs(night, who)


@when(parsers.re(r"(?P<who>[a-z]+) approves her pull request"))
def approves_theirs(night: Night, who: str) -> None:
    pull, at = _pull(night), night.pass_time(20)
    night.ports.forge.review(pull.number, Review(who, "person", "approved", pull.head, "", at))


def _push(night: Night, words: str) -> None:
    path, old, new = EDITS[words]
    repository = night.ports.repository
    tip = repository.ref(f"refs/heads/{BRANCH}")
    base = tip or repository.head("main")
    before = repository.read(base, path)
    text = (before or b"").decode()
    assert old in text
    edit = FileEdit(path, before, text.replace(old, new, 1).encode())
    author = "{0} <{0}@example.com>".format(night.notes["by"])
    made = repository.commit(base, [edit], message=words, author=author, at=night.pass_time(5))
    repository.move(f"refs/heads/{BRANCH}", tip, made)


def _number(night: Night) -> int:
    theirs = night.notes.get("theirs")
    return int(theirs if theirs is not None else night.refresh().pull_request or 0)


def _pull(night: Night) -> PullRequest:
    found: PullRequest = night.ports.forge.get(_number(night))
    return found


def _check(night: Night) -> CheckReport:
    found = _pull(night).check
    assert found is not None, "there is no check on the head"
    return found


@then(parsers.re(r'the check is (a )?(?P<state>pending|success|failure): "(?P<text>.*)"'))
def check_says(night: Night, state: str, text: str) -> None:
    found = _check(night)
    assert found.state == state, found
    assert text in found.title, found.title


@then("the check is no success")
def no_success(night: Night) -> None:
    assert _check(night).state != "success"


@then(parsers.parse('the comment says "{text}"'))
def comment_says(night: Night, text: str) -> None:
    assert text in _pull(night).comments[0], _pull(night).comments[0]


@then(parsers.parse('the comment doesn\'t say "{text}"'))
def comment_silent(night: Night, text: str) -> None:
    assert text not in _pull(night).comments[0]


@then(parsers.parse('its note says "{text}"'))
def note_says(night: Night, text: str) -> None:
    assert text in night.refresh().note


@then(parsers.parse("it is read as {words}"))
def read_as(night: Night, words: str) -> None:
    assert f"- {words}:" in _pull(night).comments[0], _pull(night).comments[0]


@then(parsers.parse("somebody of {role} is missing"))
def missing(night: Night, role: str) -> None:
    assert f"more of {role}," in _pull(night).comments[0], _pull(night).comments[0]


@then("nothing more was decided")
def nothing_decided(night: Night) -> None:
    assert len(night.records("decision")) == night.notes["decided"]


@then("it was decided once more")
def decided_once(night: Night) -> None:
    assert len(night.records("decision")) == night.notes["decided"] + 1


@then("the box is empty again")
def box_empty(night: Night) -> None:
    assert f"- [ ] {BOX}" in _pull(night).comments[0]


@then("the box in the text is empty again")
def text_box_empty(night: Night) -> None:
    assert f"- [ ] {BOX}" in _pull(night).body


@then(parsers.re(r"(?P<who>nobody|[a-z]+) was asked once more"))
def asked(night: Night, who: str) -> None:
    assert _pull(night).reviewers == (() if who == "nobody" else (who,))


@then("it has no check and no comment")
def untouched(night: Night) -> None:
    pull = _pull(night)
    assert (pull.check, pull.comments) == (None, ())
