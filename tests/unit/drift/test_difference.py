"""What differs between Git and the cluster, and whose doing each field is by the API server's own account."""

from __future__ import annotations

from typing import Any

from engine.core.drift.difference import WHOLE, differences_of, holder_of

BY_HAND = {
    "manager": "kubectl-edit",
    "operation": "Update",
    "time": "2026-11-14T03:00:00Z",
    "fieldsV1": {
        "f:spec": {
            "f:replicas": {},
            "f:template": {"f:spec": {"f:containers": {'k:{"name":"api"}': {".": {}, "f:image": {}}}}},
        }
    },
}
BY_GITOPS = {
    "manager": "argocd-controller",
    "operation": "Apply",
    "time": "2026-11-13T10:00:00Z",
    "fieldsV1": {
        "f:metadata": {"f:labels": {"f:app": {}}},
        "f:spec": {"f:replicas": {}, "f:selector": {}, "f:template": {"f:spec": {"f:containers": {}}}},
    },
}


def deployment(replicas: int = 2, image: str = "api:1", **metadata: Any) -> dict[str, Any]:
    container = {"name": "api", "image": image, "resources": {"limits": {"memory": "1Gi"}}}
    spec = {"replicas": replicas, "template": {"spec": {"containers": [container]}}}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "api", "namespace": "shop", **metadata},
        "spec": spec,
    }


def live(replicas: int = 2, image: str = "api:1") -> dict[str, Any]:
    """As the API server keeps it: defaults filled in, a quantity spelt otherwise, a sidecar that Git doesn't know."""
    found = deployment(replicas, image, uid="u1", resourceVersion="7", managedFields=[BY_GITOPS, BY_HAND])
    found["spec"]["revisionHistoryLimit"] = 10
    found["spec"]["template"]["spec"]["containers"][0]["resources"]["limits"]["memory"] = "1024Mi"
    found["spec"]["template"]["spec"]["containers"].append({"name": "proxy", "image": "proxy:3"})
    found["status"] = {"replicas": replicas}
    return found


def paths(found: Any) -> list[str]:
    return [one.path for one in found]


def test_what_the_server_filled_in_or_spelt_otherwise_is_no_drift_without_a_dry_run_either() -> None:
    assert differences_of(deployment(), live(), None) == []


def test_a_field_that_was_changed_is_named_with_both_sides_and_who_changed_it_last() -> None:
    [replicas] = differences_of(deployment(2), live(5), None)
    assert (replicas.path, replicas.live, replicas.git) == ("spec.replicas", 5, 2)
    assert replicas.holder is not None
    assert (replicas.holder.manager, replicas.holder.at) == ("kubectl-edit", "2026-11-14T03:00:00Z")


def test_an_element_of_a_list_is_found_by_name() -> None:
    [image] = differences_of(deployment(), live(image="api:hot"), None)
    assert image.path == "spec.template.spec.containers[api].image"
    assert image.holder is not None
    assert image.holder.manager == "kubectl-edit"


def test_a_dry_run_shows_what_applying_would_change_and_nothing_that_the_server_keeps() -> None:
    applied = live(2)
    applied["metadata"] |= {"resourceVersion": "8", "generation": 4, "managedFields": []}
    applied["status"] = {}
    assert paths(differences_of(deployment(2), live(5), applied)) == ["spec.replicas"]


def test_a_dry_run_shows_a_field_that_git_no_longer_declares() -> None:
    applied = live(2)
    del applied["spec"]["revisionHistoryLimit"]
    [gone] = differences_of(deployment(2), live(2), applied)
    assert (gone.path, gone.live, gone.git) == ("spec.revisionHistoryLimit", 10, None)


def test_an_object_that_is_gone_is_drift() -> None:
    assert paths(differences_of(deployment(), None, None)) == [WHOLE]


def test_of_a_field_that_nobody_manages_nobody_is_known() -> None:
    assert holder_of([BY_HAND, BY_GITOPS], ("spec", "paused")) is None
    assert holder_of([], ("spec", "replicas")) is None
    assert holder_of([{"manager": "odd", "fieldsV1": "?"}], ("spec", "replicas")) is None


def test_a_declared_field_that_is_absent_is_drift() -> None:
    bare = live()
    del bare["spec"]["replicas"]
    assert paths(differences_of(deployment(), bare, None)) == ["spec.replicas"]
