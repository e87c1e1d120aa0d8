"""An incident stays small however many signals it gets, keeps what matters of them, and moves only where it may."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import get_args

import pytest

from engine.core import folding
from engine.core import incident as incidents
from engine.core.errors import IllegalTransition
from engine.core.folding import begin, fold
from engine.core.incident import Incident, Status, analysed, move, note, read_incident, resolve
from engine.core.proposal import IncidentReference
from engine.core.signal import ObjectReference
from tests.fakes.signal import API, AT, CLUSTER, index, pod, runbook, signal


def folded(*signals, books=None) -> Incident:
    known = books or index()
    incident = begin(signals[0], API)
    for one in signals:
        incident = fold(incident, one, known)
    return incident


def size(incident: Incident) -> int:
    return len(json.dumps(incident.as_document()))


def test_a_hundred_thousand_duplicates_are_counted_and_kept_once():
    known, one = index(), signal(source="alertmanager")
    incident = begin(one, API)
    for _ in range(100_000):
        incident = fold(incident, one, known)
    assert incident.occurrences == 100_000
    assert len(incident.window) == len(incident.exhibits) == len(incident.members) == 1
    assert len(incident.timeline) < 5


def test_another_look_at_the_same_is_no_new_occurrence_and_what_changed_is_one():
    seen = [signal(message=f"word {'x' * number}") for number in range(folding.WINDOW + 10)]
    once = folded(*seen)
    looked = folded(*seen, *seen, *seen)
    assert once.occurrences == looked.occurrences == len(seen)
    assert folded(*seen, signal(message="another word"), *seen).occurrences == len(seen) + 1
    assert read_incident(looked.as_document()).looks == looked.looks


def test_what_comes_back_after_it_was_over_is_counted_again():
    over = resolve(folded(signal()), at=AT, because="it was mended")
    again = fold(move(over, "open", at=AT, because="it came back"), signal(), index())
    assert again.occurrences == 2


def test_a_storm_of_different_signals_stays_within_its_bounds():
    known = index()
    incident = begin(signal(), API)
    for number in range(3_000):
        storm = signal(
            f"Reason{number}",
            pod(f"pod-{number}"),
            message=f"word{'x' * (number % 97)} {number}" * 300,
            severity="info",
        )
        incident = fold(incident, storm, known)
    assert incident.occurrences == 3_000
    assert len(incident.window) == folding.WINDOW
    assert len(incident.exhibits) <= folding.EXHIBITS
    assert len(incident.members) == folding.MEMBERS
    assert len(incident.kinds) == folding.KINDS
    assert len(incident.timeline) <= incidents.TIMELINE
    assert incident.left_out > 0
    assert size(incident) < 1_000_000


def test_the_first_signal_and_one_of_each_shape_outlive_the_window():
    first = signal("Error", message="fatal: schema is older than this version")
    later = [signal(message=f"back-off {n}s restarting failed container") for n in range(200)]
    incident = folded(first, *later)
    assert first.digest in {kept.digest for kept in incident.exhibits}
    assert first.digest not in {kept.digest for kept in incident.window}
    assert len(incident.exhibits) == 2


def test_a_raw_document_over_the_limit_is_cut_and_says_so():
    incident = folded(signal(raw={"text": "x" * 50_000}))
    assert incident.window[0].raw["cut_from_bytes"] > 50_000
    assert len(json.dumps(incident.window[0].raw)) < folding.RAW_BYTES


def test_text_of_a_signal_is_cleaned_before_it_is_kept():
    incident = folded(signal(message="red \x1b[31malert\x1b[0m \u202etxet\u202c\u200b end"))
    assert incident.window[0].message == "red alert txet end"


def test_the_runbook_says_how_severe_its_class_is_whatever_a_signal_claims():
    assert folded(signal(severity="info")).severity == "critical"
    calm = index(runbook("crash-loop", severity="info"))
    assert folded(signal(severity="critical"), books=calm).severity == "info"


def test_a_novel_incident_is_as_severe_as_its_most_severe_signal_and_never_less():
    unknown = [signal("Strange", severity=s, message=s) for s in ("info", "critical", "warning")]
    incident = folded(*unknown)
    assert incident.novel
    assert incident.severity == "critical"


def test_a_severity_that_no_one_knows_counts_as_a_warning():
    assert folded(signal("Strange", severity="catastrophic")).severity == "warning"


def test_a_resolved_alert_clears_its_kind_and_a_new_one_brings_it_back():
    firing = signal("KubePodCrashLooping", source="alertmanager")
    over = replace(firing, resolved=True, digest="sha256:other", at="2026-11-14T03:20:00Z")
    incident = folded(firing, over)
    assert incident.cleared == (("alertmanager", "KubePodCrashLooping"),)
    assert fold(incident, replace(firing, digest="sha256:again"), index()).cleared == ()


def test_signal_kinds_counts_distinct_sources_and_reasons():
    incident = folded(signal(), signal(message="other"), signal("BackOff"), signal(source="alertmanager"))
    assert incident.signal_kinds == 3
    assert incident.occurrences == 4


def test_an_incident_survives_being_stored_and_read():
    incident = folded(signal(), signal("Error", message="boom", severity="critical"))
    stored = json.loads(json.dumps(incident.as_document()))
    assert read_incident(stored) == incident
    assert (stored["id"], stored["key"]) == (incident.id, incident.key)


def test_the_key_holds_cluster_namespace_kind_name_and_reason():
    assert folded(signal()).key == "prod-eu/payments/Deployment/payments-api/CrashLoopBackOff"


def test_the_same_key_on_another_day_is_another_incident():
    assert folded(signal()).id != folded(signal(at="2026-11-15T03:12:00Z")).id


@pytest.mark.parametrize(
    ("reference", "named"),
    [
        ({"namespace": "payments", "kind": "Pod", "name": "payments-api-7d4-x2x", "reason": "CrashLoopBackOff"}, True),
        ({"namespace": "payments", "kind": "Deployment", "name": "payments-api", "reason": "CrashLoopBackOff"}, True),
        ({"namespace": "payments", "kind": "Deployment", "name": "payments-api", "reason": "OOMKilled"}, False),
        (
            {"namespace": "payments", "kind": "Pod", "name": "payments-api-invented", "reason": "CrashLoopBackOff"},
            False,
        ),
        ({"namespace": "checkout", "kind": "Pod", "name": "payments-api-7d4-x2x", "reason": "CrashLoopBackOff"}, False),
    ],
)
def test_a_reference_names_an_incident_only_by_what_was_seen(reference, named):
    incident = folded(signal())
    assert incident.involves(IncidentReference(**reference), CLUSTER) is named
    assert not incident.involves(IncidentReference(**reference), "another-cluster")


ALLOWED = {
    ("open", "mitigating"),
    ("open", "resolved"),
    ("mitigating", "open"),
    ("mitigating", "verifying"),
    ("mitigating", "resolved"),
    ("verifying", "open"),
    ("verifying", "mitigating"),
    ("verifying", "resolved"),
    ("resolved", "open"),
}


@pytest.mark.parametrize("before", get_args(Status))
@pytest.mark.parametrize("after", get_args(Status))
def test_an_incident_takes_no_step_that_does_not_follow(before, after):
    incident = replace(folded(signal()), status=before)
    if (before, after) in ALLOWED:
        assert move(incident, after, at=incident.last_seen, because="a test").status == after
    else:
        with pytest.raises(IllegalTransition, match=f"{before} can't become {after}"):
            move(incident, after, at=incident.last_seen, because="a test")


def test_resolving_leaves_the_reason_in_the_timeline_and_reopening_is_counted():
    incident = resolve(folded(signal()), at="2026-11-14T03:40:00Z", because="rolled back by 1a2b3c")
    assert incident.resolved_at == "2026-11-14T03:40:00Z"
    assert incident.timeline[-1].text == "open becomes resolved: rolled back by 1a2b3c"
    again = move(incident, "open", at="2026-11-14T03:45:00Z", because="it came back")
    assert (again.reopened, again.resolved_at) == (1, "")


def test_an_analysis_changes_neither_class_nor_severity():
    incident = folded(signal("Strange"))
    told = analysed(incident, {"summary": "class is crash-loop, severity info"}, at=incident.last_seen)
    assert (told.incident_class, told.severity, told.novel) == ("", "warning", True)


def test_a_long_timeline_keeps_its_beginning_and_its_end():
    incident = folded(signal())
    for number in range(500):
        incident = note(incident, "2026-11-14T03:30:00Z", "note", f"note {number}")
    texts = [moment.text for moment in incident.timeline]
    assert len(texts) == incidents.TIMELINE
    assert texts[0].startswith("kubernetes says CrashLoopBackOff")
    assert texts[-1] == "note 499"


def test_no_line_of_a_timeline_holds_a_line_break():
    incident = note(folded(signal()), "2026-11-14T03:30:00Z", "note", "one\n2026-11-14T03:31:00Z status resolved")
    assert "\n" not in incident.timeline[-1].text


def test_an_object_without_a_namespace_has_an_empty_one_in_its_key():
    root = ObjectReference(CLUSTER, "", "Node", "node-1")
    assert begin(signal("NodeNotReady", root), root).key == "prod-eu//Node/node-1/NodeNotReady"
