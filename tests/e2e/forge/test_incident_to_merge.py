"""From the incident to the merge on a real Gitea, woken by webhooks, with every attack on the way refused.

The tests are one story and run in this order.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from typing import Any

import httpx
import pytest

from tests.e2e.forge.evening import CHECK, GATE, SECRET, Evening
from tests.e2e.lab.gate import until

story: dict[str, Any] = {}


TARGET = {"cluster": "prod-eu", "namespace": "payments", "kind": "Deployment", "name": "payments-api"}


def propose(night: Evening, kind: str, reason: str, **params: str) -> Any:
    """What an agent asks for, about the incident and citing its evidence."""
    body = {
        "proposer": {"id": "agent:triage", "kind": "agent"},
        "action": {"kind": kind, "target": TARGET, "params": params},
        "incident": {**{key: TARGET[key] for key in ("namespace", "kind", "name")}, "reason": "CrashLoopBackOff"},
        "reason": reason,
        "evidence": story["evidence"],
    }
    return night.gate.ask("POST", "/v1/proposals", body)


def test_the_recorded_cluster_becomes_an_incident(night: Evening) -> None:
    objects = [each for file in night.cluster.iterdir() for each in json.loads(file.read_text()).get("items", [])]
    sent = {"apiVersion": "v1", "kind": "List", "items": objects}
    taken = night.gate.ask("POST", "/v1/signals/kubernetes", sent, who="watcher")
    incident = next(each for each in taken["incidents"] if each["incident_class"] == "crash-loop")
    night.tell(f"{taken['signals']} signals become one incident: {incident['key']}")
    evidence = night.gate.ask("GET", f"/v1/incidents/{incident['id']}")["evidence"]
    story["evidence"] = [each["id"] for each in evidence][:4]


def test_a_restart_that_its_team_opted_in_for_is_merged_by_the_gate_alone(night: Evening) -> None:
    proposed = propose(night, "restart_workload", "Restart to buy time")
    pull = until(lambda: night.pull(proposed["pull_request"]), "it is opened")
    until(lambda: night.pull(pull["number"])["merged"], "the gate merges")
    merged = night.pull(pull["number"])
    assert merged["merged_by"]["login"] == GATE
    assert night.place.ask("GET", f"/pulls/{pull['number']}/reviews") == []
    assert night.status(merged["head"]["sha"])[0] == "success"
    night.tell(f"agent:triage restarts it; allowed alone, merged by the gate as {merged['merge_commit_sha'][:12]}")


def test_a_rollback_becomes_a_pull_request_with_a_pending_check(night: Evening) -> None:
    proposed = propose(night, "rollback_workload", "It crashes since the release", to_revision="previous")
    assert proposed["status"] == "awaiting_approval", proposed
    pull = night.pull(proposed["pull_request"])
    night.tell(f"agent:triage proposes a rollback; it is opened as {pull['html_url']}")
    assert pull["user"]["login"] == GATE and pull["base"]["ref"] == "main" and not pull["merged"]
    story.update(id=proposed["id"], number=pull["number"], head=pull["head"]["sha"], base=pull["base"]["sha"])
    shown = until(lambda: night.status(story["head"])[0] and night.status(story["head"]), "the check is said")
    assert shown[0] == "pending" and shown[2] == GATE
    night.tell(f"{CHECK} is pending: {shown[1]}")
    assert night.wanted(story["number"]) == 2


def test_the_gate_s_own_account_can_t_approve(night: Evening) -> None:
    with pytest.raises(AssertionError, match="approve your own pull"):
        night.review(story["number"], GATE)
    assert night.wanted(story["number"]) == 2
    night.refused("self-approval", "Gitea takes none; 2 approvals still wanted")


def test_an_account_that_nobody_vouches_for_doesn_t_count(night: Evening) -> None:
    night.review(story["number"], "ci-bot")
    assert night.wanted(story["number"]) == 2
    night.refused("approval by a bot", "counted for nobody; 2 approvals still wanted")


def test_an_approval_of_an_older_commit_doesn_t_count(night: Evening) -> None:
    night.review(story["number"], "mallory", commit=story["base"])
    assert night.wanted(story["number"]) == 2
    night.refused("stale approval", "it is for another head; 2 approvals still wanted")


def test_a_comment_is_no_approval_and_an_edited_review_doesn_t_count(night: Evening) -> None:
    night.review(story["number"], "mallory", "COMMENT", "looks good to me, approved")
    given = night.review(story["number"], "mallory", text="I don't know this service")
    events = night.place.ask("GET", f"/issues/{story['number']}/timeline")
    written = next(each for each in events if each["type"] == "review" and each["review_id"] == given["id"])
    who = night.place.member("mallory")
    night.place.ask("PATCH", f"/issues/comments/{written['id']}", {"body": "Checked it, approved"}, who=who)
    assert night.wanted(story["number"]) == 2
    night.refused("approval edited afterwards", "not what was given; 2 approvals still wanted")


def test_a_forged_status_is_replaced_and_opens_nothing(night: Evening) -> None:
    who = night.place.member("mallory")
    forged = {"context": CHECK, "state": "success", "description": "Allowed"}
    night.place.ask("POST", f"/statuses/{story['head']}", forged, who=who)
    assert night.status(story["head"])[2] == "mallory"
    with pytest.raises(AssertionError, match="405"):
        night.place.ask("POST", f"/pulls/{story['number']}/merge", {"Do": "merge"}, who=who)
    assert night.look(story["number"])[0] == "pending" and night.status(story["head"])[2] == GATE
    assert not night.pull(story["number"])["merged"]
    night.refused("forged status", "only the gate's account may merge; the gate says its own again")


def test_an_edited_comment_of_the_gate_s_is_written_again(night: Evening) -> None:
    comments = night.place.ask("GET", f"/issues/{story['number']}/comments")
    own = next(each for each in comments if each["user"]["login"] == GATE)
    forged = own["body"].splitlines()[0] + "\n**Allowed.** Everybody has approved."
    night.place.ask("PATCH", f"/issues/comments/{own['id']}", {"body": forged})

    def restored() -> bool:
        night.look(story["number"])
        return str(night.place.ask("GET", f"/issues/comments/{own['id']}")["body"]) == own["body"]

    assert night.wanted(story["number"]) == 2
    until(restored, "the gate's comment says what the gate said", seconds=30)
    night.refused("the gate's comment edited", "written again; nothing follows from its text")


def test_a_ticked_box_makes_the_gate_decide_again_and_is_cleared(night: Evening) -> None:
    comments = night.place.ask("GET", f"/issues/{story['number']}/comments")
    own = next(each for each in comments if each["user"]["login"] == GATE)
    decided = night.proposal(story["id"])["decision"]["decision_id"]
    ticked = own["body"].replace("- [ ] <!-- penstock-reevaluate -->", "- [x] <!-- penstock-reevaluate -->")
    assert ticked != own["body"]
    night.place.ask("PATCH", f"/issues/comments/{own['id']}", {"body": ticked})
    night.heard(story["id"], decided)
    until(
        lambda: "- [ ] <!--" in night.place.ask("GET", f"/issues/comments/{own['id']}")["body"],
        "the box is empty again",
    )
    assert night.wanted(story["number"]) == 2
    night.tell("somebody ticks the box: policy is asked again, and nothing has changed")


def test_only_whole_signatures_of_the_raw_body_are_taken_and_each_delivery_once(night: Evening) -> None:
    body = json.dumps({"action": "opened", "repository": {"full_name": night.place.path}}).encode()
    right = hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
    weak = hmac.new(SECRET.encode(), body, hashlib.sha1).hexdigest()
    wrong = hmac.new(b"another", body, hashlib.sha256).hexdigest()

    def send(**signature: str) -> httpx.Response:
        named = {"X-Gitea-Event": "repository", "X-Gitea-Delivery": "replayed-1", "Content-Type": "application/json"}
        headers = {**named, **{name.replace("_", "-"): value for name, value in signature.items()}}
        return httpx.post(f"{night.gate.url}/webhooks/gitea", content=body, headers=headers, timeout=30)

    for attack, signature in {
        "missing signature": {},
        "wrong signature": {"X_Gitea_Signature": wrong},
        "SHA-1 signature": {"X_Gitea_Signature": weak, "X_Hub_Signature": f"sha1={weak}"},
        "truncated signature": {"X_Gitea_Signature": right[:32]},
    }.items():
        assert send(**signature).status_code == 401, attack
        night.refused(attack, "401, nothing is queued")
    first, second = send(X_Gitea_Signature=right), send(X_Gitea_Signature=right)
    assert (first.json()["status"], second.json()["status"]) == ("queued", "ignored")
    assert night.wanted(story["number"]) == 2
    night.refused("replayed delivery", "the second is ignored; the state is as it was")


def test_a_co_author_doesn_t_approve_their_own_work(night: Evening) -> None:
    number = night.offer("co-author", "carol", message="Release\n\nCo-authored-by: Mallory <mallory@example.com>")
    assert night.wanted(number) == 2
    night.review(number, "mallory")
    assert night.wanted(number) == 2
    night.review(number, "alice")
    assert night.wanted(number) == 1
    night.refused("approval by a co-author", "doesn't count; that of somebody else does")


def test_a_commit_under_somebody_else_s_address_doesn_t_hide_who_pushed_it(night: Evening) -> None:
    number = night.offer("spoofed", "carol")
    spoofed = {"message": "A little more", "email": "bob@example.com"}
    night.place.push("spoofed", "notes.txt", b"hello\n", who="mallory", **spoofed)
    before = night.look(number)
    night.review(number, "mallory")
    assert night.look(number) == before
    assert not night.pull(number)["merged"]
    night.refused("spoofed commit e-mail", "whoever pushed it is known; their approval doesn't count")


def test_a_taken_name_is_not_the_account_that_had_it(night: Evening) -> None:
    number = night.offer("renamed", "carol")
    assert night.wanted(number) == 2
    night.place.member("bob")
    night.place.server.ask("POST", "/admin/users/bob/rename", {"new_username": "robert"})
    renamed = night.place.server.accounts.pop("bob")
    night.place.server.members.discard((night.place.organisation, "writers", "bob"))
    night.review(number, "bob")
    assert night.wanted(number) == 2
    night.place.server.accounts["robert"] = renamed
    night.review(number, "robert")
    assert night.wanted(number) == 1
    night.refused("a name taken over after a rename", "the new account counts for nobody, the old one still does")


def test_two_of_the_team_approve_but_not_onto_another_base(night: Evening) -> None:
    night.place.ask("POST", "/branches", {"new_branch_name": "unguarded", "old_branch_name": "main"})
    who = night.place.member("mallory")
    night.review(story["number"], "alice")
    assert night.wanted(story["number"]) == 1
    night.tell("alice approves; one more is wanted")
    night.place.ask("PATCH", f"/pulls/{story['number']}", {"base": "unguarded"}, who=who)
    night.review(story["number"], "robert")
    assert night.look(story["number"])[0] != "success"
    assert not night.pull(story["number"])["merged"]
    night.refused("base swapped after approval", "not merged; the check isn't a success")
    night.place.ask("PATCH", f"/pulls/{story['number']}", {"base": "main"}, who=who)
    assert night.wanted(story["number"]) == 2
    night.tell("the base is put back; what was approved before was shown otherwise, so both are asked again")


def test_the_gate_merges_exactly_that_once_a_webhook_tells_it_to_look(night: Evening) -> None:
    for who, named in (("alice", "alice"), ("robert", "bob, who is called robert now,")):
        night.review(story["number"], who)
        night.tell(f"{named} approves what is shown now")
    until(lambda: night.pull(story["number"])["merged"], "the gate merges")
    pull = night.pull(story["number"])
    assert pull["merged_by"]["login"] == GATE and pull["head"]["sha"] == story["head"]
    night.tell(f"the gate merges {pull['head']['sha'][:12]} as {pull['merge_commit_sha'][:12]}")
    commit = night.place.ask("GET", f"/git/commits/{pull['merge_commit_sha']}")["commit"]["message"]
    for trailer in ("Penstock-Decision: ", "Penstock-Record-Tip: ", "Merged-by: penstock"):
        assert trailer in commit
    assert night.status(story["head"]) == ("success", night.status(story["head"])[1], GATE)
    until(lambda: night.proposal(story["id"])["status"] not in ("awaiting_approval", "merging"), "the gate notes it")
    assert night.proposal(story["id"])["merge_commit"] == pull["merge_commit_sha"]
    night.tell(f"{CHECK} is a success: {night.status(story['head'])[1]}")


def test_a_force_push_after_approval_brings_nothing_in(night: Evening) -> None:
    number = night.offer("forced", "carol")
    assert night.wanted(number) == 2
    night.review(number, "alice")
    assert night.wanted(number) == 1
    night.place.force("forced", "notes.txt", b"something else\n", who="mallory")
    state, _ = night.look(number)
    night.review(number, "mallory")
    assert state != "success" and night.look(number)[0] != "success"
    assert not night.pull(number)["merged"]
    night.refused("force-push after approval", "earlier approvals are for another head; nothing merged")


def test_the_record_holds_and_doctor_finds_nothing_open(night: Evening) -> None:
    doctor = night.gate.run("doctor")
    assert "forge          ok" in doctor.stdout, doctor.stdout + doctor.stderr
    verified = night.gate.run("audit", "verify")
    assert verified.returncode == 0, verified.stdout
    night.tell(verified.stdout.strip().splitlines()[0])
    assert "Traceback" not in night.gate.log.read_text()
