"""Asking the API server: always a dry run, and a no is told apart from not having been able to ask."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from kubernetes.client import Configuration

from engine.adapters.kubernetes.api import Api
from engine.adapters.kubernetes.dry_run import ServerDryRun
from engine.core.errors import DryRunRefused, DryRunUntried
from tests.fakes.api_server import Answer, ApiServer, answering

SERVED = {"resources": [{"name": "deployments", "kind": "Deployment", "namespaced": True}]}
SERVED["resources"] += [{"name": "deployments/scale", "kind": "Scale", "namespaced": True}]
SERVED["resources"] += [{"name": "nodes", "kind": "Node", "namespaced": False}]


def obj(kind: str = "Deployment", **metadata: str) -> dict[str, Any]:
    return {"apiVersion": "apps/v1", "kind": kind, "metadata": {"name": "web", "namespace": "shop", **metadata}}


@contextmanager
def asking(*answers: Answer) -> Iterator[tuple[ServerDryRun, ApiServer]]:
    with answering(Answer(document=SERVED), *answers) as server:
        configuration = Configuration()
        configuration.host = server.url
        yield ServerDryRun(Api(configuration)), server


def said(status: int, message: str) -> Exception:
    with asking(Answer(status, {"message": message})) as (dry_run, _):
        with pytest.raises((DryRunRefused, DryRunUntried)) as raised:
            dry_run.apply(obj())
        return raised.value


def test_every_question_is_a_dry_run_and_says_so_to_the_server() -> None:
    with asking(Answer(document=obj())) as (dry_run, server):
        assert dry_run.apply(obj(), "kustomize-controller") == obj()
    wanted = {"dryRun": "All", "fieldManager": "kustomize-controller", "force": "true", "fieldValidation": "Strict"}
    assert server.asked[1] == wanted
    assert server.paths[1] == "PATCH /apis/apps/v1/namespaces/shop/deployments/web"


def test_what_has_no_namespace_is_sent_without_one() -> None:
    with asking(Answer(document=obj("Node"))) as (dry_run, server):
        dry_run.apply(obj("Node"))
    assert server.paths[1] == "PATCH /apis/apps/v1/nodes/web"
    assert "namespace" not in server.bodies[0]["metadata"]


@pytest.mark.parametrize(
    ("status", "message"),
    [
        (403, 'deployments.apps "web" is forbidden: exceeded quota: few, requested: pods=1'),
        (403, 'admission webhook "a.b" denied the request: deployments.apps "web" is forbidden: User "x" cannot patch'),
        (422, 'deployments.apps "web" is forbidden: ValidatingAdmissionPolicy "p" denied request: User "x" says no'),
        (404, 'namespaces "shop" not found'),
        (500, "failed to create typed patch object (shop/web; apps/v1, Kind=Deployment): .spec.x: field not declared"),
    ],
)
def test_what_the_cluster_says_of_the_object_is_a_refusal_whatever_words_it_uses(status: int, message: str) -> None:
    answer = said(status, message)
    assert isinstance(answer, DryRunRefused)
    assert message[:40] in str(answer)


@pytest.mark.parametrize(
    ("status", "message"),
    [
        (403, 'deployments.apps "web" is forbidden: User "system:x" cannot patch resource "deployments"'),
        (401, "Unauthorized"),
        (400, 'admission webhook "a.b" does not support dry run'),
        (500, 'Internal error occurred: failed calling webhook "a.b"'),
        (500, "said by whom: failed to create typed patch object (shop/web)"),
        (429, "too many requests"),
        (503, "etcd has no leader"),
    ],
)
def test_not_having_been_able_to_ask_is_no_refusal(status: int, message: str) -> None:
    assert isinstance(said(status, message), DryRunUntried)


def test_a_deletion_is_asked_about_as_a_dry_run_too() -> None:
    with asking(Answer(document={"kind": "Status"})) as (dry_run, server):
        dry_run.remove(obj())
    assert server.paths[1] == "DELETE /apis/apps/v1/namespaces/shop/deployments/web"
    assert server.asked[1] == {"dryRun": "All"}


def test_what_is_gone_already_may_go() -> None:
    with asking(Answer(404, {"message": 'deployments.apps "web" not found'})) as (dry_run, _):
        dry_run.remove(obj())


@pytest.mark.parametrize(
    ("status", "message", "kind"),
    [
        (403, 'admission webhook "a.b" denied the request: web is kept', DryRunRefused),
        (403, 'deployments.apps "web" is forbidden: User "system:x" cannot delete resource', DryRunUntried),
        (503, "etcd has no leader", DryRunUntried),
    ],
)
def test_a_deletion_is_refused_or_couldnt_be_asked(status: int, message: str, kind: type[Exception]) -> None:
    with asking(Answer(status, {"message": message})) as (dry_run, _), pytest.raises(kind, match=message[-20:]):
        dry_run.remove(obj())


def test_what_it_says_is_cleaned_and_bounded() -> None:
    text = str(said(403, "denied \x1b[31m\u202e" + "x" * 5000))
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert len(text) < 500


def test_an_answer_that_cant_be_read_couldnt_be_asked() -> None:
    with asking(Answer(200, ["no object"])) as (dry_run, _), pytest.raises(DryRunUntried):
        dry_run.apply(obj())


@pytest.mark.parametrize("metadata", [{"name": "../../secrets/x"}, {"name": ""}, {"namespace": "a/b"}])
def test_a_name_that_is_none_leads_nowhere(metadata: dict[str, str]) -> None:
    refused = pytest.raises((DryRunRefused, DryRunUntried))
    with asking(Answer(document=obj())) as (dry_run, server), refused:
        dry_run.apply(obj(**metadata))
    assert not any(path.startswith("PATCH") for path in server.paths)


def test_a_kind_that_isnt_served_is_asked_for_again_and_refused() -> None:
    with asking(Answer(document=SERVED)) as (dry_run, server):
        for _ in range(2):
            with pytest.raises(DryRunRefused, match="the cluster has no Gizmo"):
                dry_run.apply(obj("Gizmo"))
    assert server.paths == ["GET /apis/apps/v1"] * 2
