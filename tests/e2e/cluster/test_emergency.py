"""Breaking the glass on a real API server, with no gate running: people alone, named, with a reason and an end."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import yaml

from engine.core.admission.emergency import BY, NAMELESS, NOT_YOURS, REASON, UNTIL
from engine.core.admission.manifests import GLASS
from tests.e2e.lab.control_plane import ROOT, ControlPlane
from tests.e2e.lab.gate import until

ADMISSION = ROOT / "gitops" / "base" / "admission"
DANA = ("--as=dana", "--as-group=penstock:break-glass", "--as-group=system:authenticated")
EVE = ("--as=eve", "--as-group=edits", "--as-group=system:authenticated")


@pytest.fixture(scope="module")
def glass(plane: ControlPlane) -> Iterator[ControlPlane]:
    """The API server with the glass and nothing else of the gate; a ConfigMap to write at."""
    made = [
        one
        for one in yaml.safe_load_all((ADMISSION / "admission.yaml").read_text())
        if one["metadata"]["name"] == GLASS
    ]
    role = {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "penstock-break-glass"}
    bound = {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRoleBinding", "metadata": {"name": "edits"}}
    bound |= {"roleRef": role, "subjects": [role | {"kind": "Group", "name": "edits"}]}
    given = json.dumps({"apiVersion": "v1", "kind": "List", "items": [*made, bound]})
    plane.kubectl("create", "namespace", "ward")
    plane.kubectl("apply", "-f", str(ADMISSION / "emergency.yaml"))
    plane.kubectl("apply", "-f", "-", given=given)
    plane.kubectl("apply", "-f", "-", given=json.dumps(config()))
    until(lambda: NAMELESS in tried(plane, config("2")), "the glass holds")
    plane.kubectl("patch", "cm", "bed", "-n", "ward", "--type=merge", "-p", '{"data":{"a":"1"}}')
    yield plane
    plane.kubectl("delete", "-f", "-", given=given)
    plane.kubectl("delete", "-f", str(ADMISSION / "emergency.yaml"))


def config(value: str = "1", **said: str) -> dict[str, Any]:
    metadata = {"name": "bed", "namespace": "ward", "annotations": said}
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": {"a": value}}


def claims(hours: float = 2.0, **changed: str) -> dict[str, str]:
    end = datetime.now(UTC) + timedelta(hours=hours)
    return {BY: "dana", REASON: "the queue fills up", UNTIL: end.strftime("%Y-%m-%dT%H:%M:%SZ")} | changed


def tried(plane: ControlPlane, obj: Any, who: tuple[str, ...] = DANA) -> str:
    """What somebody is told who writes an object; empty where it is written."""
    patch = json.dumps({"metadata": {"annotations": obj["metadata"]["annotations"]}, "data": obj["data"]})
    done = plane.tried("patch", "cm", "bed", "-n", "ward", "--type=merge", "-p", patch, *who)
    return " ".join(done.stderr.split()) if done.returncode else ""


def value(plane: ControlPlane) -> str:
    return str(plane.get("cm", "bed", "-n", "ward")["data"]["a"])


@pytest.mark.parametrize(
    "said",
    [
        pytest.param({}, id="nothing said"),
        pytest.param(claims(**{BY: "erin"}), id="in another's name"),
        pytest.param(claims(**{REASON: "   now    "}), id="no reason"),
        pytest.param(claims(**{UNTIL: "soon"}), id="no end"),
        pytest.param(claims(hours=5), id="too long"),
        pytest.param(claims(hours=-1), id="over already"),
    ],
)
def test_what_isn_t_said_whole_is_refused(glass: ControlPlane, said: dict[str, str]) -> None:
    told = tried(glass, config("9", **said))
    assert GLASS in told, told
    assert value(glass) == "1"


def test_nobody_else_says_that_the_glass_was_broken(glass: ControlPlane) -> None:
    assert NOT_YOURS in tried(glass, config("9", **claims(**{BY: "eve"})), EVE)
    assert value(glass) == "1"


def test_an_agent_that_is_in_the_group_is_an_agent(glass: ControlPlane) -> None:
    rows = list(yaml.safe_load_all((ADMISSION / "admission.yaml").read_text()))
    backstop = json.dumps({"apiVersion": "v1", "kind": "List", "items": rows[:2]})
    agent = ("--as=system:serviceaccount:agents:triage", "--as-group=penstock:break-glass")
    glass.kubectl("apply", "-f", "-", given=backstop)
    try:
        named = config("9", **claims(**{BY: "system:serviceaccount:agents:triage"}))
        rehearsed = (*agent, "--dry-run=server")
        until(lambda: "an agent may not write" in tried(glass, named, rehearsed), "the backstop holds")
        assert "an agent may not write" in tried(glass, named, agent)
        assert value(glass) == "1"
    finally:
        glass.kubectl("delete", "-f", "-", given=backstop)


def test_a_named_reasoned_and_bounded_write_goes_through_and_nothing_is_deleted(glass: ControlPlane) -> None:
    assert tried(glass, config("7", **claims())) == ""
    assert value(glass) == "7"
    assert tried(glass, config("8", **claims(hours=3.9))) == ""
    gone = glass.tried("delete", "cm", "bed", "-n", "ward", "--wait=false", *DANA)
    assert gone.returncode
    assert tried(glass, {"metadata": {"annotations": {}}, "data": {"b": "1"}}, EVE) == "", "others' writes go on"
