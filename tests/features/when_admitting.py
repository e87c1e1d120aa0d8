"""When: somebody writes to the cluster, and the API server asks the gate before it does."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from typing import Any

from pytest_bdd import given, parsers, then, when

from engine.core.admission.emergency import BY, REASON, UNTIL
from engine.core.admission.intended import read_intended
from engine.core.admission.review import Admitted, read_review
from engine.core.change.fields import FieldChange, find, put
from engine.core.moment import shift
from engine.usecases.admit import admit
from tests.features.night import Night

AGENT = "system:serviceaccount:agents:triage"
DELIVERY = "system:serviceaccount:argocd:argocd-application-controller"
EVIL, LATER = "registry.example.com/payments/other:6.6.6", "7.7.7"

Object = dict[str, Any]


def _image(obj: Object, image: str = EVIL) -> Object:
    changed = deepcopy(obj)
    changed["spec"]["template"]["spec"]["containers"][0]["image"] = image
    return changed


def _scaled(obj: Object) -> Object:
    return put(obj, FieldChange(("spec", "replicas"), None, 9))  # type: ignore[no-any-return]


def _novel(obj: Object) -> Object:
    return put(obj, FieldChange(("spec", "paused"), None, True))  # type: ignore[no-any-return]


EXEC = {"operation": "CONNECT", "subResource": "exec", "object": {"kind": "PodExecOptions"}, "oldObject": None}
WRITES: dict[str, Callable[[Object], dict[str, Any]]] = {
    "scale payments-api": lambda o: {"object": _scaled(o)},
    "change its image": lambda o: {"object": _image(o)},
    "delete payments-api": lambda _: {"operation": "DELETE", "object": None},
    "run a command in it": lambda _: EXEC,
    "write what nobody knows": lambda o: {"object": _novel(o)},
    "delete all of them": lambda _: {"operation": "DELETE", "object": None, "oldObject": None, "name": ""},
}


def _live(night: Night) -> Object:
    changed: Object | None = night.notes.get("live")
    found = changed or night.ports.cluster.get("Deployment", "payments", "payments-api")
    assert found is not None
    return found


def _write(night: Night, who: str, **fields: Any) -> None:
    live = _live(night)
    request = {
        "uid": "a-write",
        "kind": {"group": "apps", "version": "v1", "kind": "Deployment"},
        "resource": {"group": "apps", "version": "v1", "resource": "deployments"},
        "name": "payments-api",
        "namespace": "payments",
        "operation": "UPDATE",
        "userInfo": {"username": who, "groups": []},
        "oldObject": live,
    }
    document = {"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "request": request | fields}
    night.before, night.notes["recorded"] = night.standing(), len(night.records())
    night.notes["admitted"] = admit(night.ports, read_review(document), now=night.pass_time(10))


def _decided(night: Night) -> Object:
    """The live object with what was merged in place."""
    result = _live(night)
    for document in night.ports.ledger.run(lambda tx: tx.select("intended")):
        for field in read_intended(document).fields:
            result = put(result, FieldChange(field.path, find(result, field.path), field.value))
    return result


def _admitted(night: Night) -> Admitted:
    found: Admitted = night.notes["admitted"]
    return found


@when(parsers.re(r"(?P<who>the agent|alice) (?P<how>tries|rehearses) to (?P<what>.+) in the cluster itself"))
def tries(night: Night, who: str, how: str, what: str) -> None:
    name = AGENT if who == "the agent" else who
    _write(night, name, dryRun=how == "rehearses", **WRITES[what](_live(night)))


@when("the agent breaks the glass to scale payments-api in the cluster itself")
def breaks_the_glass(night: Night) -> None:
    scaled = _scaled(_live(night))
    said = {BY: AGENT, REASON: "it has to be now", UNTIL: shift(night.now, 3600)}
    scaled["metadata"]["annotations"] = {**scaled["metadata"].get("annotations", {}), **said}
    _write(night, AGENT, object=scaled, userInfo={"username": AGENT, "groups": ["penstock:break-glass"]})


@given("somebody changed the image of payments-api by hand")
def by_hand(night: Night) -> None:
    night.notes["live"] = _image(_decided(night))


@given("the policy no longer says who is an agent")
def nobody_listed(night: Night) -> None:
    night.lose_policy("admission", "agents")


@given("a person later merged another image for payments-api")
def later(night: Night) -> None:
    change = night.refresh().change
    assert change is not None
    edit = change["edits"][0]
    decided = _decided(night)["spec"]["template"]["spec"]["containers"][0]["image"]
    tag = decided.rpartition(":")[2]
    assert tag in edit["after"]
    night.merged_by_hand(edit["path"], lambda text: text.replace(tag, LATER), "A later word")
    night.notes["later"] = decided.removesuffix(tag) + LATER


@when(parsers.parse("GitOps applies payments-api {how}"))
def applies(night: Night, how: str) -> None:
    decided = _decided(night)
    ways: dict[str, Callable[[], Object]] = {
        "as it was decided": lambda: decided,
        "with another image": lambda: _image(decided),
        "with another replica count": lambda: _scaled(decided),
        "with that image": lambda: _image(decided, night.notes["later"]),
    }
    _write(night, DELIVERY, object=ways[how]())


@then(parsers.parse('the cluster is told no: "{text}"'))
def told_no(night: Night, text: str) -> None:
    assert not _admitted(night).allowed
    assert text in _admitted(night).message


@then("the cluster is told yes")
def told_yes(night: Night) -> None:
    assert _admitted(night).allowed, _admitted(night).message


@then("the cluster is told which field departs")
def told_field(night: Night) -> None:
    assert ".image" in _admitted(night).message
    assert night.refresh().id in _admitted(night).message


@then(parsers.parse("the attempt is on record as {kind}"))
def on_record(night: Night, kind: str) -> None:
    asked = night.records("input")[-1].body
    assert (asked["stage"], asked["action"]["kind"], asked["proposer"]["id"]) == ("admission", kind, AGENT)
    assert night.records("decision")[-1].subject in _admitted(night).message


@then("nothing was recorded")
def nothing_recorded(night: Night) -> None:
    assert len(night.records()) == night.notes["recorded"]
