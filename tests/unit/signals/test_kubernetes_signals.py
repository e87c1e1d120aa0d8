"""What Kubernetes objects say of trouble becomes signals in their own words, and a healthy cluster says nothing."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from engine.adapters.signals.kubernetes import read_kubernetes, signals_from_objects
from engine.core import canonical
from engine.core.errors import BadInput

NOW = "2026-11-14T03:20:00Z"
HPA = "HorizontalPodAutoscaler"
RECORDING = Path("gitops/recordings/payments-crash-loop")


def pod(name="api-7d4-x2x", *, status=None, **metadata):
    return {
        "kind": "Pod",
        "metadata": {
            "name": name,
            "namespace": "payments",
            "labels": {"pod-template-hash": "7d4"},
            "ownerReferences": [{"kind": "ReplicaSet", "name": "api-7d4", "controller": True}],
            **metadata,
        },
        "spec": {"nodeName": "node-1"},
        "status": {"phase": "Running", **(status or {})},
    }


def container(**fields):
    return {"name": "api", "image": "api:2.9.0", "restartCount": 3, **fields}


def read(*objects):
    return signals_from_objects(objects, "prod-eu", NOW)


def event(**fields):
    return {
        "kind": "Event",
        "metadata": {"name": "e1", "namespace": "payments", "managedFields": [{"manager": "kubelet"}]},
        "type": "Warning",
        "reason": "BackOff",
        "message": "Back-off restarting failed container",
        "involvedObject": {"kind": "Pod", "namespace": "payments", "name": "api-7d4-x2x"},
        "lastTimestamp": "2026-11-14T03:12:30Z",
        **fields,
    }


def test_a_crash_loop_tells_the_wait_and_the_last_words():
    ended = {"exitCode": 1, "reason": "Error", "message": "fatal: no schema", "finishedAt": "2026-11-14T03:19:30Z"}
    state = container(
        state={"waiting": {"reason": "CrashLoopBackOff", "message": "back-off 40s"}}, lastState={"terminated": ended}
    )
    found = read(pod(status={"containerStatuses": [state]}))
    assert [(s.reason, s.message) for s in found] == [
        ("CrashLoopBackOff", "back-off 40s"),
        ("Error", "fatal: no schema"),
    ]
    assert {s.at for s in found} == {"2026-11-14T03:19:30Z"}
    assert found[1].labels == {
        "node": "node-1", "container": "api", "image": "api:2.9.0", "restarts": "3", "exit_code": "1",
    }  # fmt: skip


def test_owners_are_followed_to_the_deployment_even_when_only_the_pod_is_there():
    found = read(pod(status={"containerStatuses": [container(state={"waiting": {"reason": "ErrImagePull"}})]}))
    assert [str(o) for o in found[0].owners] == [
        "prod-eu/payments/ReplicaSet/api-7d4",
        "prod-eu/payments/Deployment/api",
    ]


def test_an_event_about_a_pod_that_is_gone_is_given_to_the_replica_set_that_made_it():
    made = {
        "kind": "ReplicaSet",
        "metadata": {
            "name": "api-7d4",
            "namespace": "payments",
            "ownerReferences": [{"kind": "Deployment", "name": "api", "controller": True}],
        },
    }
    assert read(event(), made)[0].owners[-1].name == "api"
    assert read(event())[0].owners == ()


def test_the_digest_is_of_the_canonical_raw_document():
    for signal in read(event(), pod(status={"phase": "Failed", "reason": "Evicted"})):
        assert signal.digest == canonical.digest(signal.raw)


def test_a_normal_event_and_an_ordinary_start_say_nothing():
    starting = container(state={"waiting": {"reason": "ContainerCreating"}}, restartCount=0)
    assert read(event(type="Normal"), pod(status={"phase": "Pending", "containerStatuses": [starting]})) == []


def test_a_container_that_ended_long_ago_and_runs_says_nothing():
    old = {"terminated": {"exitCode": 1, "finishedAt": "2026-11-13T03:00:00Z"}}
    running = container(state={"running": {}}, lastState=old, ready=True)
    assert read(pod(status={"containerStatuses": [running]})) == []


def test_a_pod_that_is_being_deleted_says_nothing():
    waiting = container(state={"waiting": {"reason": "CrashLoopBackOff"}})
    assert read(pod(status={"containerStatuses": [waiting]}, deletionTimestamp=NOW)) == []


def test_a_pod_is_unready_only_after_a_while_and_only_when_nothing_else_says_why():
    def unready(since, *statuses):
        condition = {"type": "Ready", "status": "False", "reason": "ContainersNotReady", "lastTransitionTime": since}
        return read(pod(status={"conditions": [condition], "containerStatuses": list(statuses)}))

    assert [s.reason for s in unready("2026-11-14T03:15:00Z")] == ["ContainersNotReady"]
    assert unready("2026-11-14T03:19:45Z") == []
    waiting = container(state={"waiting": {"reason": "CrashLoopBackOff"}})
    assert [s.reason for s in unready("2026-11-14T03:15:00Z", waiting)] == ["CrashLoopBackOff"]


def test_missing_replicas_are_informative_while_a_rollout_is_within_its_deadline():
    def deployment(reason):
        progressing = {"type": "Progressing", "status": "True", "reason": reason}
        status = {"observedGeneration": 2, "availableReplicas": 1, "conditions": [progressing]}
        return {
            "kind": "Deployment", "metadata": {"name": "api", "namespace": "payments", "generation": 2},
            "spec": {"replicas": 4}, "status": status,
        }  # fmt: skip

    assert [(s.reason, s.severity) for s in read(deployment("ReplicaSetUpdated"))] == [("ReplicasMismatch", "info")]
    assert [s.severity for s in read(deployment("NewReplicaSetAvailable"))] == ["warning"]


@pytest.mark.parametrize(
    ("kind", "condition", "reason"),
    [
        ("Node", {"type": "Ready", "status": "Unknown"}, "NodeNotReady"),
        ("Node", {"type": "DiskPressure", "status": "True"}, "DiskPressure"),
        ("Job", {"type": "Failed", "status": "True", "reason": "BackoffLimitExceeded"}, "BackoffLimitExceeded"),
        (HPA, {"type": "ScalingLimited", "status": "True", "reason": "TooManyReplicas"}, "ScalingLimited"),
        (HPA, {"type": "ScalingLimited", "status": "True", "reason": "TooFewReplicas"}, None),
        ("Node", {"type": "Ready", "status": "True"}, None),
        ("Node", {"type": "DiskPressure", "status": "False"}, None),
    ],
)  # fmt: skip
def test_conditions_speak_only_when_something_is_wrong(kind, condition, reason):
    obj = {"kind": kind, "metadata": {"name": "it", "namespace": "payments"}, "status": {"conditions": [condition]}}
    assert [s.reason for s in read(obj)] == ([reason] if reason else [])


def test_a_node_belongs_to_no_namespace_whatever_its_event_says():
    about = {"kind": "Node", "namespace": "default", "name": "node-1"}
    assert read(event(involvedObject=about))[0].subject.namespace == ""


def test_an_autoscaler_belongs_to_what_it_scales():
    condition = {"type": "ScalingLimited", "status": "True", "reason": "TooManyReplicas"}
    scaler = {
        "kind": "HorizontalPodAutoscaler", "metadata": {"name": "api", "namespace": "payments"},
        "spec": {"scaleTargetRef": {"kind": "Deployment", "name": "api"}}, "status": {"conditions": [condition]},
    }  # fmt: skip
    assert str(read(scaler)[0].owners[-1]) == "prod-eu/payments/Deployment/api"


def test_time_never_runs_ahead_of_the_observer():
    assert read(event(lastTimestamp="2030-01-01T00:00:00Z"))[0].at == NOW


@pytest.mark.parametrize(
    ("spoil", "field"),
    [
        (lambda p: p["status"].update(containerStatuses={}), "status.containerStatuses"),
        (lambda p: p["status"].update(containerStatuses=["api"]), "status.containerStatuses[0]"),
        (lambda p: p["status"].update(conditions=[{"type": 7}]), "status.conditions[0].type"),
        (lambda p: p["status"].update(containerStatuses=[container(state="down")]), "containerStatuses[0].state"),
        (lambda p: p["status"].update(containerStatuses=[container(restartCount="many")]), "restartCount"),
        (lambda p: p["metadata"].update(ownerReferences=[{"controller": True}]), "ownerReferences[0].kind"),
        (lambda p: p.update(metadata=[]), "metadata"),
        (lambda p: p.pop("kind"), "kind"),
        (lambda p: p["metadata"].pop("name"), "metadata.name"),
        (lambda p: p.update(spec={"nodeName": 4}), "spec.nodeName"),
    ],
)
def test_a_malformed_object_is_refused_by_field_and_nothing_is_taken(spoil, field):
    broken = pod()
    spoil(broken)
    with pytest.raises(BadInput) as caught:
        read(pod("good", status={"phase": "Failed", "reason": "Evicted"}), broken)
    assert field in str(caught.value)
    assert "items[1]" in caught.value.where


@pytest.mark.parametrize("payload", [[], "x", None, {"items": {}}, {"items": [1]}, {}, {"kind": "Pod"}])
def test_what_is_no_object_and_no_list_is_refused(payload):
    with pytest.raises(BadInput):
        read_kubernetes(payload, "prod-eu", NOW)


def test_a_time_that_is_none_is_refused_by_field():
    with pytest.raises(BadInput, match="lastTimestamp"):
        read(event(lastTimestamp="yesterday"))


@pytest.mark.parametrize(("phase", "expected"), [("before", set()), ("during", {"CrashLoopBackOff", "BackOff"})])
def test_the_recorded_cluster_is_quiet_before_and_tells_the_crash_loop_during(phase, expected):
    at = json.loads((RECORDING / "recording.json").read_bytes())["phases"][phase]["at"]
    objects = [o for f in (RECORDING / phase).glob("*.json") for o in json.loads(f.read_bytes())["items"]]
    found = signals_from_objects(objects, "prod-eu", at)
    assert expected <= {s.reason for s in found}
    assert bool(found) is bool(expected)


def unhealthy(count, said="Readiness"):
    return event(reason="Unhealthy", message=f"{said} probe failed: statuscode: 503", count=count)


def ready(value, since="2026-11-14T03:19:00Z"):
    return pod(status={"conditions": [{"type": "Ready", "status": value, "lastTransitionTime": since}]})


@pytest.mark.parametrize(
    ("about", "count", "said", "told"),
    [
        (ready("True"), 2, "Readiness", False),
        (ready("True"), 2, "Startup", False),
        (ready("True"), 3, "Readiness", True),
        (ready("True"), 1, "Liveness", True),
        (ready("False"), 1, "Readiness", True),
        (ready("False", since="2026-11-14T03:19:31Z"), 2, "Readiness", False),
        (ready("False", since="2026-11-14T03:19:31Z"), 3, "Readiness", True),
        (pod("another"), 1, "Readiness", True),
    ],
)
def test_a_probe_that_failed_while_a_pod_started_is_no_signal_once_that_is_ready(about, count, said, told):
    found = [signal.reason for signal in read(about, unhealthy(count, said))]
    assert ("Unhealthy" in found) is told


def test_a_run_of_a_schedule_that_is_cleaned_up_already_is_still_the_schedules():
    schedule = {"kind": "CronJob", "metadata": {"name": "run", "namespace": "payments"}}
    for kind, name in (("Job", "run-29921675"), ("Pod", "run-29921675-x2x9q")):
        about = {"kind": kind, "namespace": "payments", "name": name}
        (signal,) = read(schedule, event(involvedObject=about))
        assert str(signal.owners[-1]) == "prod-eu/payments/CronJob/run", name
    for name in ("run-later", "runs-29921675", "run"):
        (signal,) = read(schedule, event(involvedObject={"kind": "Job", "namespace": "payments", "name": name}))
        assert signal.owners == (), name


def test_replicas_that_are_missing_on_one_node_alone_name_it():
    workload = {
        "kind": "Deployment",
        "metadata": {"name": "api", "namespace": "payments"},
        "spec": {"replicas": 3},
        "status": {"availableReplicas": 1},
    }
    made = {"kind": "ReplicaSet", "metadata": {"name": "api-7d4", "namespace": "payments"}}
    made["metadata"]["ownerReferences"] = [{"kind": "Deployment", "name": "api", "controller": True}]

    def node_of(*pods):
        (signal,) = (one for one in read(workload, made, *pods) if one.reason == "ReplicasMismatch")
        return signal.labels.get("node", "")

    def placed(name, node, value):
        one = ready(value) | {"spec": {"nodeName": node}}
        return {**one, "metadata": {**one["metadata"], "name": name}}

    well = placed("api-7d4-a", "node-2", "True")
    assert node_of(well, placed("api-7d4-b", "node-1", "False"), placed("api-7d4-c", "node-1", "Unknown")) == "node-1"
    assert node_of(well, placed("api-7d4-b", "node-1", "False"), placed("api-7d4-c", "node-2", "False")) == ""
    assert node_of(well) == ""
