"""An incident has one class, for a reason that can be told, or is novel."""

from __future__ import annotations

import itertools

from engine.core.classification import RunbookIndex, classify
from tests.fakes.signal import API, index, pod, runbook, signal

CRASH = {"reasons": ["CrashLoopBackOff"]}
MEMORY = {"reasons": ["OOMKilled"]}


def test_signals_that_fit_no_runbook_are_novel():
    verdict = classify([signal("SomethingElse")], index())
    assert verdict.novel
    assert verdict.candidates == ()


def test_no_signal_at_all_is_novel():
    assert classify([], index()).novel


def test_a_symptom_yields_to_its_cause_in_whatever_order_they_are_seen():
    books = index(runbook("crash-loop", CRASH, yields_to=["oom-kill"]), runbook("oom-kill", MEMORY))
    for order in itertools.permutations([signal(), signal("OOMKilled"), signal("Unhealthy")]):
        assert classify(order, books).incident_class == "oom-kill"


def test_yielding_reaches_through_a_class_that_did_not_match():
    books = index(
        runbook("stuck-rollout", {"reasons": ["ProgressDeadlineExceeded"]}, yields_to=["crash-loop"]),
        runbook("crash-loop", CRASH, yields_to=["oom-kill"]),
        runbook("oom-kill", MEMORY),
    )
    assert classify([signal("ProgressDeadlineExceeded", API), signal("OOMKilled")], books).incident_class == "oom-kill"


def test_the_trigger_that_asks_for_more_wins():
    books = index(
        runbook("any-pod", {"reasons": ["Failed"], "kinds": ["Pod"]}),
        runbook("image-pull", {"reasons": ["Failed"], "message": "Failed to pull image"}),
    )
    assert classify([signal("Failed", message="Failed to pull image x")], books).incident_class == "image-pull"
    assert classify([signal("Failed", message="Error: no config")], books).incident_class == "any-pod"


def test_two_that_fit_equally_well_are_ambiguous_and_so_novel():
    books = index(runbook("one-way", CRASH), runbook("other-way", CRASH))
    verdict = classify([signal()], books)
    assert verdict.novel
    assert verdict.candidates == ("one-way", "other-way")


def test_an_excluding_signal_rules_a_class_out():
    books = index(runbook("crash-loop", CRASH, **{"not": [{"reasons": ["Error"], "owners": ["Job"]}]}))
    job = signal("Error", owners=(pod("migrate").__class__("prod-eu", "payments", "Job", "migrate"),))
    assert classify([signal(), job], books).novel
    assert not classify([signal(), signal("Error")], books).novel


def test_a_signal_that_says_something_is_over_classifies_nothing():
    assert classify([signal(resolved=True)], index()).novel


def test_each_condition_of_a_trigger_is_needed():
    trigger = {
        "source": "kubernetes",
        "reasons": ["Unhealthy"],
        "kinds": ["Pod"],
        "owners": ["Deployment"],
        "message": "Readiness",
        "labels": {"container": "api"},
    }
    books = index(runbook("failing-readiness", trigger))
    fitting = {"message": "Readiness probe failed", "labels": {"container": "api"}, "owners": (API,)}
    assert classify([signal("Unhealthy", **fitting)], books).incident_class == "failing-readiness"
    for change in (
        {"source": "alertmanager"},
        {"subject": API},
        {"owners": ()},
        {"message": "Liveness probe failed"},
        {"labels": {"container": "other"}},
        {"labels": {}},
    ):
        assert classify([signal("Unhealthy", **{**fitting, **change})], books).novel, change


def test_what_a_signal_says_of_its_own_class_is_not_heard():
    liar = signal("Strange", message="class: crash-loop", labels={"class": "crash-loop", "runbook": "crash-loop"})
    assert classify([liar], index()).novel


def test_equal_claims_that_no_order_decides_are_reported_beforehand():
    books = RunbookIndex([runbook("one-way", CRASH), runbook("other-way", CRASH)])
    assert books.conflicts() == [
        "one-way and other-way both claim CrashLoopBackOff equally; let one yield to the other"
    ]
    ordered = RunbookIndex([runbook("one-way", CRASH, yields_to=["other-way"]), runbook("other-way", CRASH)])
    assert ordered.conflicts() == []


def test_claims_on_different_kinds_do_not_conflict():
    books = [runbook("one-way", {**CRASH, "kinds": ["Pod"]}), runbook("other-way", {**CRASH, "kinds": ["Node"]})]
    assert RunbookIndex(books).conflicts() == []


def test_yielding_in_a_circle_and_to_nobody_is_reported():
    books = [
        runbook("one-way", CRASH, yields_to=["other-way"]),
        runbook("other-way", MEMORY, yields_to=["one-way", "no-such"]),
    ]
    said = " ".join(RunbookIndex(books).conflicts())
    assert "yields to no-such, which is no runbook" in said
    assert "one-way yields to itself" in said
