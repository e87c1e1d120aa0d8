"""Given: what the cluster looks like. The recorded one is altered where a scenario needs it otherwise."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from pytest_bdd import given, parsers

from engine.core.facts.target import CRITICALITY_LABEL, ENVIRONMENT_LABEL, OWNER_LABEL
from tests.features.night import Night, Objects


def _named(items: Objects, name: str, namespace: str = "") -> dict[str, Any]:
    return next(
        o for o in items if o["metadata"]["name"] == name and namespace in ("", o["metadata"].get("namespace", ""))
    )


@given("payments-api crash-loops in production after a release")
def crash_loop(night: Night) -> None:
    assert night.incident.incident_class == "crash-loop"


@given(parsers.parse("the namespace {name} says that its environment is {environment}"))
def environment(night: Night, name: str, environment: str) -> None:
    night.cluster("Namespace", lambda items: _label(items, name, ENVIRONMENT_LABEL, environment))


@given(parsers.parse("the namespace {name} says that it is {criticality}"))
def criticality(night: Night, name: str, criticality: str) -> None:
    night.cluster("Namespace", lambda items: _label(items, name, CRITICALITY_LABEL, criticality))


@given(parsers.parse("nobody said which environment the namespace {name} is"))
def no_environment(night: Night, name: str) -> None:
    night.cluster("Namespace", lambda items: _named(items, name)["metadata"]["labels"].pop(ENVIRONMENT_LABEL))


@given(parsers.parse("nobody is named as the owner of {thing} in {name}"))
def no_owner(night: Night, thing: str, name: str) -> None:
    night.cluster("Namespace", lambda items: _named(items, name)["metadata"]["labels"].pop(OWNER_LABEL))
    night.cluster("Deployment", lambda items: _named(items, thing, name)["metadata"]["labels"].pop(OWNER_LABEL, None))


def _label(items: Objects, name: str, label: str, value: str) -> None:
    _named(items, name)["metadata"]["labels"][label] = value


@given(parsers.parse("{count:d} pods of {workload} run"))
def pods(night: Night, count: int, workload: str) -> None:
    def more(items: Objects) -> None:
        own = [p for p in items if p["metadata"]["name"].startswith(workload)]
        live = [p for p in own if p["metadata"]["namespace"] == "payments"]
        for number in range(count - len(live)):
            items.append(_copy(live[0], f"{workload}-copy-{number}"))

    night.cluster("Pod", more)
    night.cluster("Deployment", lambda items: _running(_named(items, workload, "payments"), count))


def _running(workload: dict[str, Any], count: int) -> None:
    workload["spec"]["replicas"] = count
    workload["status"].update(
        dict.fromkeys(("replicas", "readyReplicas", "availableReplicas", "updatedReplicas"), count)
    )


@given(parsers.parse("{count:d} other workloads of {namespace} call payments-api"))
def callers(night: Night, count: int, namespace: str) -> None:
    def more(items: Objects) -> None:
        caller = _named(items, "storefront")
        for number in range(count):
            copy = _copy(caller, f"caller-{number}")
            copy["metadata"]["namespace"] = namespace
            items.append(copy)

    night.cluster("Deployment", more)


def _copy(thing: dict[str, Any], name: str) -> dict[str, Any]:
    copy = deepcopy(thing)
    copy["metadata"].update(name=name, uid=f"uid-of-{name}")
    return copy


@given(parsers.parse("the disruption budget of payments-api wants {count:d} pods"))
def disruption_budget(night: Night, count: int) -> None:
    def want(items: Objects) -> None:
        _named(items, "payments-api", "payments")["status"]["desiredHealthy"] = count

    night.cluster("PodDisruptionBudget", want)


@given(parsers.parse("a rollout of {workload} is going on"))
def rolling_out(night: Night, workload: str) -> None:
    night.cluster("Deployment", lambda items: _named(items, workload)["status"].update(updatedReplicas=1))
    night.cluster("Deployment", lambda items: _half(_named(items, workload, "payments")))


def _half(workload: dict[str, Any]) -> None:
    workload["status"].update(updatedReplicas=1, availableReplicas=1)


@given("the gate can't see the pods of the cluster")
def no_pods(night: Night) -> None:
    assert night.incident.incident_class == "crash-loop"
    night.hide("Pod")


@given("the gate can't see the rollouts of the cluster")
def no_rollouts(night: Night) -> None:
    assert night.incident.incident_class == "crash-loop"
    night.hide("ReplicaSet")


@given("the gate can't see the services of the cluster")
def no_services(night: Night) -> None:
    assert night.incident.incident_class == "crash-loop"
    night.hide("Service")


@given("somebody made the hotfix job by hand in the cluster")
def by_hand(night: Night) -> None:
    night.cluster("Deployment", lambda items: items.append(_copy(_named(items, "ledger-worker", "payments"), "hotfix")))


@given("only one pod was seen to crash, once")
def one_signal(night: Night) -> None:
    signals = [s for s in night.gate.signals(night.now) if s.reason == "CrashLoopBackOff"]
    night.observe(signals[:1])
    assert [i.signal_kinds for i in night.incidents()] == [1]


@given(parsers.parse('the log of a crashing pod says "{text}"'))
def poisoned_log(night: Night, text: str) -> None:
    def poison(items: Objects) -> None:
        for pod in items:
            for status in pod.get("status", {}).get("containerStatuses", ()):
                ended = status.get("lastState", {}).get("terminated") or status.get("state", {}).get("terminated")
                if ended is not None and pod["metadata"]["name"].startswith("payments-api"):
                    ended["message"] = text

    night.notes["injected"] = text
    night.cluster("Pod", poison)
