"""What a command means by a manifest, a release or a plan is looked up in Git and the cluster, and decided as usual."""

from __future__ import annotations

import copy
from dataclasses import replace
from typing import Any

import pytest
import yaml

from engine.core.change.intend.situation import ChangeContext
from engine.core.command.answer import CommandAnswer
from engine.core.command.meaning import Place
from engine.core.proposal import TargetReference
from engine.usecases.check_command import asker_of, check_command, proposing, rehearsing, understand
from engine.usecases.find_source import find_source
from engine.wiring import shell_grammar

API = TargetReference(cluster="prod-eu", namespace="payments", kind="Deployment", name="payments-api")


@pytest.fixture
def rendered(desk: Any) -> dict[str, Any]:
    """The Deployment as Git renders it."""
    ports = desk.gate.ports
    context = ChangeContext(now="", cluster=ports.cluster.name, branch=ports.branch)
    commit = ports.repository.head(ports.branch)
    return copy.deepcopy(dict(find_source(ports.repository, ports.renderer, commit, API, context).target))


def asked(desk: Any, command: str, document: Any = None, *, ports: Any = None, act: bool = False) -> CommandAnswer:
    ports = ports or desk.gate.ports
    text = document if isinstance(document, bytes) else yaml.safe_dump(document).encode()
    asker = asker_of("agent:triage", "", "", [])
    weigh = (proposing if act else rehearsing)(ports, now=desk.now)
    return check_command(ports, understand(shell_grammar(), command, Place("prod-eu")), asker, lambda _: text, weigh)


def code(answer: CommandAnswer) -> str:
    refusal = next((part.refusal for part in answer.commands if part.refusal), None)
    assert answer.outcome == "refused" and answer.answers == []
    return refusal.code if refusal else ""


def kinds(answer: CommandAnswer) -> list[str]:
    return [one.action.kind for one in answer.answers]


def test_a_manifest_becomes_what_it_changes_of_git(desk: Any, rendered: dict[str, Any]) -> None:
    rendered["spec"]["replicas"] = 7
    answer = asked(desk, "kubectl apply -f x.yaml", rendered)
    assert kinds(answer) == ["scale_workload"]
    assert answer.answers[0].action.params == {"replicas": 7}


def test_a_manifest_that_changes_more_than_actions_can_is_refused_whole(desk: Any, rendered: dict[str, Any]) -> None:
    rendered["spec"]["replicas"] = 7
    rendered["spec"]["template"]["spec"]["hostNetwork"] = True
    assert code(asked(desk, "kubectl apply -f x.yaml", rendered)) == "no_action_kind"


def test_a_field_that_the_manifest_leaves_out_would_be_taken_away(desk: Any, rendered: dict[str, Any]) -> None:
    del rendered["spec"]["template"]["spec"]["containers"][0]["resources"]
    assert code(asked(desk, "kubectl apply -f x.yaml", rendered)) == "no_action_kind"


def test_a_manifest_that_says_what_git_says_changes_nothing(desk: Any, rendered: dict[str, Any]) -> None:
    rendered["status"] = {"replicas": 3}
    assert code(asked(desk, "kubectl apply -f x.yaml", rendered)) == "nothing_changes"


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        (
            {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "db", "namespace": "payments"}},
            "manifest_secret",
        ),
        ({"kind": "Deployment", "metadata": {"name": "new", "namespace": "payments"}}, "manifest_not_in_git"),
        ({"kind": "Deployment", "metadata": {"name": "new"}}, "namespace_missing"),
        ({"kind": "Deployment"}, "manifest_unreadable"),
        ([], "manifest_unreadable"),
        (b"a: 1\na: 2\n", "manifest_unreadable"),
        (b"\xff\xfe", "manifest_unreadable"),
        (b"", "manifest_unreadable"),
        (b"kind: List\nitems: 3\n", "manifest_unreadable"),
        (b"---\n".join([b"kind: Deployment\nmetadata: {name: x, namespace: p}\n"] * 51), "too_many"),
    ],
)
def test_a_manifest_that_is_no_change_of_git_is_refused(desk: Any, document: Any, expected: str) -> None:
    assert code(asked(desk, "kubectl apply -f x.yaml", document)) == expected


def test_a_manifest_for_another_namespace_than_the_command_says(desk: Any, rendered: dict[str, Any]) -> None:
    assert code(asked(desk, "kubectl apply -n shop -f x.yaml", rendered)) == "does_not_fit"


def test_deleting_by_manifest_is_deleting_its_objects(desk: Any, rendered: dict[str, Any]) -> None:
    answer = asked(desk, "kubectl delete -f x.yaml", rendered)
    assert (kinds(answer), answer.outcome) == (["delete_resource"], "deny")


def test_without_a_repository_no_manifest_can_be_told(desk: Any, rendered: dict[str, Any]) -> None:
    ports = replace(desk.gate.ports, repository=None)
    assert code(asked(desk, "kubectl apply -f x.yaml", rendered, ports=ports)) == "manifest_not_in_git"


class Shown:
    """A cluster that shows a few objects."""

    name = "prod-eu"

    def __init__(self, *objects: dict[str, Any]) -> None:
        self.objects = objects

    def get(self, kind: str, namespace: str, name: str) -> dict[str, Any] | None:
        return next((o for o in self.all(kind, namespace) if o["metadata"]["name"] == name), None)

    def all(self, kind: str, namespace: str | None = None) -> list[dict[str, Any]]:
        return [o for o in self.objects if o["kind"] == kind and namespace in (None, o["metadata"]["namespace"])]


def released(name: str, release: str = "shop") -> dict[str, Any]:
    said = {"meta.helm.sh/release-name": release, "meta.helm.sh/release-namespace": "payments"}
    return {"kind": "Deployment", "metadata": {"name": name, "namespace": "payments", "annotations": said}, "spec": {}}


def terraform(name: str, path: str) -> dict[str, Any]:
    return {"kind": "Terraform", "metadata": {"name": name, "namespace": "infra"}, "spec": {"path": path}}


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ("helm rollback shop -n payments", ["rollback_workload"]),
        ("terraform -chdir=infra/db apply -var size=large -var zone=b", ["terraform_change", "terraform_change"]),
    ],
)
def test_a_release_and_a_plan_are_the_one_object_that_says_so(desk: Any, command: str, expected: list[str]) -> None:
    cluster = Shown(released("api"), terraform("db", "./infra/db"), terraform("net", "./infra/net"))
    answer = asked(desk, command, ports=replace(desk.gate.ports, cluster=cluster))
    assert kinds(answer) == expected
    assert answer.outcome == "deny"


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ("helm rollback other -n payments", "not_in_cluster"),
        ("helm rollback shop -n payments", "several_objects"),
        ("helm rollback shop 3 -n payments", "does_not_fit"),
        ("terraform apply -var size=large", "not_in_cluster"),
        ("terraform -chdir=infra/db apply -var size=large", "several_objects"),
    ],
)
def test_none_or_two_are_refused(desk: Any, command: str, expected: str) -> None:
    cluster = Shown(released("api"), released("web"), terraform("a", "infra/db"), terraform("b", "infra/db/"))
    assert code(asked(desk, command, ports=replace(desk.gate.ports, cluster=cluster))) == expected


def test_too_many_actions_are_refused_and_none_is_decided_on(desk: Any) -> None:
    names = " ".join(f"deploy/d{number}" for number in range(21))
    assert code(asked(desk, f"kubectl rollout restart {names} -n payments")) == "too_many"


def test_what_is_proposed_is_a_proposal_like_any_other(desk: Any) -> None:
    answer = asked(desk, "kubectl rollout restart deploy/payments-api -n payments", act=True)
    kept = desk.gate.ports.ledger.run(lambda tx: tx.find("proposals", answer.answers[0].proposal))
    assert kept["proposal"]["action"]["kind"] == "restart_workload"
