"""A storm is one incident at its root-cause owner, and two troubles stay two."""

from __future__ import annotations

from dataclasses import replace

from engine.core.grouping import REOPEN_SECONDS, WINDOW_SECONDS, group
from engine.core.incident import resolve
from engine.core.moment import shift
from engine.core.signal import ObjectReference
from tests.fakes.signal import API, AT, CLUSTER, index, node, pod, runbook, signal

SET = ObjectReference(CLUSTER, "payments", "ReplicaSet", "payments-api-7d4")
OWNED = {"owners": (SET, API)}


def books():
    return index(
        runbook("crash-loop", {"reasons": ["CrashLoopBackOff", "BackOff"]}, reason="CrashLoopBackOff"),
        runbook("node-not-ready", {"reasons": ["NodeNotReady"]}, reason="NodeNotReady"),
        runbook("drift", {"reasons": ["Drift"]}, reason="Drift", stands_alone=True),
        runbook("vulnerable", {"reasons": ["Vulnerable"]}, reason="Vulnerable", severity="critical", stands_alone=True),
        runbook("quota", {"reasons": ["KubeQuotaFullyUsed"]}, reason="QuotaExceeded"),
    )


def storm(pods: int = 4):
    for number in range(pods):
        for reason in ("BackOff", "CrashLoopBackOff", "Unhealthy", "Error"):
            yield signal(reason, pod(f"payments-api-7d4-{number}"), **OWNED)
    yield signal("ReplicasMismatch", API, message="0 of 4 replicas are available")


def test_a_storm_of_one_deployment_is_one_incident_keyed_by_its_class():
    found = group(storm(), books())
    assert [i.key for i in found] == ["prod-eu/payments/Deployment/payments-api/CrashLoopBackOff"]
    assert found[0].occurrences == 17
    assert found[0].incident_class == "crash-loop"


def test_the_order_in_which_signals_arrive_changes_nothing():
    signals = list(storm())
    assert group(signals, books()) == group(reversed(signals), books())


def test_hundreds_of_pods_are_still_one_incident():
    assert len(group(storm(pods=300), books())) == 1


def test_two_owners_are_two_incidents():
    cart = ObjectReference(CLUSTER, "checkout", "Deployment", "cart")
    other = signal(subject=pod("cart-1", "checkout"), owners=(cart,))
    assert len(group([*storm(), other], books())) == 2


def test_another_reason_of_the_same_owner_after_the_window_is_another_incident():
    late = signal("FailedMount", pod("payments-api-7d4-0"), at=shift(AT, WINDOW_SECONDS + 1), **OWNED)
    on_time = replace(late, at=shift(AT, WINDOW_SECONDS), digest="sha256:on-time")
    assert len(group([*storm(), on_time], books())) == 1
    assert len(group([*storm(), late], books())) == 2


def test_the_same_reason_joins_an_open_incident_at_any_time():
    before = group(storm(), books())
    again = signal(subject=pod("payments-api-7d4-0"), at=shift(AT, 86_400), **OWNED)
    after = group([again], books(), before)
    assert [i.id for i in after] == [i.id for i in before]
    assert after[0].occurrences == before[0].occurrences + 1


def test_an_open_incident_keeps_its_key_when_its_class_becomes_known():
    before = group([signal("Unhealthy", pod("payments-api-7d4-0"), **OWNED)], books())
    after = group(storm(), books(), before)
    assert before[0].novel
    assert (after[0].key, after[0].incident_class) == (before[0].key, "crash-loop")


def test_an_alert_that_cannot_be_placed_joins_the_incident_of_the_pod_it_names():
    alert = signal("KubePodCrashLooping", pod("payments-api-7d4-1"), source="alertmanager")
    assert len(group([*storm(), alert], books())) == 1
    assert len(group([alert], books(), group(storm(), books()))) == 1


def test_pods_that_suffer_from_their_node_belong_to_the_node():
    lost = [
        signal("ContainersNotReady", pod(f"p-{n}", f"team-{n}"), labels={"node": "node-1"}, message=str(n))
        for n in range(20)
    ]
    found = group([*lost, signal("NodeNotReady", node(), severity="critical")], books())
    assert [i.key for i in found] == ["prod-eu//Node/node-1/NodeNotReady"]


def test_a_pod_that_crashes_by_itself_is_not_blamed_on_its_node():
    crash = signal(labels={"node": "node-1"}, **OWNED)
    found = group([crash, signal("NodeNotReady", node())], books())
    assert {i.root.kind for i in found} == {"Deployment", "Node"}


def test_pods_of_a_healthy_node_are_not_given_to_it():
    lost = signal("ContainersNotReady", labels={"node": "node-2"}, **OWNED)
    found = group([lost, signal("NodeNotReady", node())], books())
    assert {i.root.kind for i in found} == {"Deployment", "Node"}


def test_a_class_that_stands_alone_is_an_incident_beside_and_both_name_each_other():
    drift = signal("Drift", API, source="drift")
    crash, alone = sorted(group([*storm(), drift], books()), key=lambda i: i.lane)
    assert (crash.incident_class, alone.incident_class) == ("crash-loop", "drift")
    assert crash.related == (alone.id,)
    assert alone.related == (crash.id,)


REPORT = ObjectReference(CLUSTER, "payments", "VulnerabilityReport", "payments-api-7d4")
IMAGE = {"image": "registry.example.com/payments/payments-api:2.9.0"}


def crash(**fields):
    return signal(**{"labels": IMAGE, **OWNED, **fields})


def finding(**fields):
    return signal("Vulnerable", REPORT, **{"at": shift(AT, -5000), "labels": IMAGE, **OWNED, **fields})


def test_what_a_scanner_found_in_the_image_that_fails_is_evidence_of_that_incident():
    (found,) = group([finding(), crash()], books())
    (alone,) = group([crash()], books())
    assert "Vulnerable" in {kept.reason for kept in found.signals}
    assert REPORT in found.members
    for part in ("id", "incident_class", "severity", "first_seen", "last_seen", "kinds", "matches"):
        assert getattr(found, part) == getattr(alone, part)


def test_a_finding_about_another_image_stays_an_incident_of_its_own():
    other = finding(labels={"image": "registry.example.com/payments/payments-api:2.8.3"})
    assert {i.lane for i in group([other, crash()], books())} == {"", "vulnerable"}


def test_a_finding_is_an_incident_of_its_own_where_nothing_else_is_wrong():
    assert [i.incident_class for i in group([finding()], books())] == ["vulnerable"]
    over = [resolve(i, at=shift(AT, 60), because="rolled back") for i in group([finding(), crash()], books())]
    assert [i.incident_class for i in group([finding()], books(), over)] == ["vulnerable", "crash-loop"]


def test_an_incident_that_a_finding_made_before_the_failure_is_not_ended_by_it():
    early = finding(at=shift(AT, -300))
    after = {i.incident_class: i for i in group([early, crash()], books(), group([early], books()))}
    assert (after["vulnerable"].status, after["vulnerable"].related) == ("open", (after["crash-loop"].id,))
    assert "Vulnerable" in {kept.reason for kept in after["crash-loop"].signals}


def test_a_finding_seen_again_changes_nothing():
    once = group([finding(), crash()], books())
    (again,) = group([finding(), finding()], books(), once)
    assert again.occurrences == once[0].occurrences
    assert (again.signals, again.timeline) == (once[0].signals, once[0].timeline)


def test_incidents_of_services_that_call_each_other_are_named_but_not_merged():
    shop = ObjectReference(CLUSTER, "checkout", "Deployment", "storefront")
    slow = signal("Slow", shop)
    found = group([*storm(), slow], books(), depends_on={shop: frozenset({API})})
    assert len(found) == 2
    assert all(len(i.related) == 1 for i in found)
    assert all(i.related == () for i in group([*storm(), slow], books()))


def test_a_trouble_that_comes_back_soon_reopens_its_incident():
    done = [resolve(i, at=shift(AT, 600), because="rolled back") for i in group(storm(), books())]
    back = signal(subject=pod("payments-api-7d4-9"), at=shift(AT, 600 + REOPEN_SECONDS), **OWNED)
    after = group([back], books(), done)
    assert [(i.id, i.status, i.reopened) for i in after] == [(done[0].id, "open", 1)]


def test_a_trouble_that_comes_back_later_is_a_new_incident():
    done = [resolve(i, at=shift(AT, 600), because="rolled back") for i in group(storm(), books())]
    back = signal(subject=pod("payments-api-7d4-9"), at=shift(AT, 601 + REOPEN_SECONDS), **OWNED)
    assert [i.status for i in group([back], books(), done)] == ["resolved", "open"]


def test_an_old_observation_told_again_does_not_reopen_anything():
    done = [resolve(i, at=shift(AT, 600), because="rolled back") for i in group(storm(), books())]
    assert group(storm(), books(), done) == done


def test_what_is_merely_informative_makes_an_incident_only_of_a_known_class():
    assert group([signal("Settling", API, severity="info")], books()) == []
    assert len(group([signal("KubeQuotaFullyUsed", severity="info")], books())) == 1
    assert group([signal("Settling", API, severity="info"), *storm()], books())[0].signal_kinds == 6


def test_the_end_of_an_alert_that_nobody_knew_makes_no_incident():
    assert group([signal(resolved=True)], books()) == []
