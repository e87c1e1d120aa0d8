"""A rule sees settings of what is rendered, bounded, and is told when they aren't all of it."""

from __future__ import annotations

from typing import Any

import pytest

from engine.core.facts.manifest import MOST_CONTAINERS, manifest


def deployment(pod: Any) -> dict[str, Any]:
    return {"kind": "Deployment", "metadata": {"name": "shop"}, "spec": {"template": {"spec": pod}}}


def test_what_reaches_the_node_is_seen() -> None:
    security = {"privileged": True, "capabilities": {"add": ["SYS_ADMIN"]}}
    container = {"name": "api", "image": "r/api:1", "securityContext": security, "ports": [{"hostPort": 80}, {}]}
    pod = {
        "hostNetwork": True,
        "volumes": [{"hostPath": {"path": "/etc"}}, {"emptyDir": {}}],
        "containers": [{**container, "resources": {"limits": {"memory": "1Gi"}}}],
    }
    seen = manifest(deployment(pod))
    assert seen is not None
    assert (seen.complete, seen.host_network, seen.host_paths) == (True, True, ["/etc"])
    (api,) = seen.containers
    assert (api.privileged, api.capabilities, api.host_ports, api.limits) == (True, ["SYS_ADMIN"], [80], ["memory"])
    assert api.escalates is None


def test_the_pods_own_setting_holds_where_a_container_says_nothing() -> None:
    containers = [{"name": "a"}, {"name": "b", "securityContext": {"runAsNonRoot": False}}]
    seen = manifest(deployment({"securityContext": {"runAsNonRoot": True}, "containers": containers}))
    assert seen is not None
    assert [container.non_root for container in seen.containers] == [True, False]


def test_no_value_that_could_be_a_secret_is_seen() -> None:
    container = {"name": "api", "env": [{"name": "PASSWORD", "value": "hunter2"}], "args": ["hunter2"]}
    seen = manifest({**deployment({"containers": [container]}), "data": {"a": "hunter2"}})
    assert seen is not None
    assert "hunter2" not in seen.model_dump_json()


@pytest.mark.parametrize(
    "pod",
    [
        "pod",
        {"containers": {"name": "api"}},
        {"containers": ["api"]},
        {"containers": [{"securityContext": {"privileged": "yes"}}]},
        {"hostNetwork": "true"},
        {"volumes": [{"hostPath": "/etc"}]},
        {"containers": [{"name": "x" * 300}]},
        {"containers": [{"ports": [{"hostPort": -1}]}]},
        {"containers": [{"name": str(n)} for n in range(MOST_CONTAINERS + 1)]},
        {"containers": [{"name": "a"}] * 12, "initContainers": [{"name": "b"}] * 12},
    ],
    ids=str,
)
def test_what_has_another_shape_or_is_too_much_isnt_complete(pod: Any) -> None:
    seen = manifest(deployment(pod))
    assert seen is not None
    assert not seen.complete
    assert len(seen.containers) <= MOST_CONTAINERS


def test_a_cron_jobs_pod_is_found_and_a_config_map_has_none() -> None:
    pod = {"template": {"spec": {"hostPID": True}}}
    seen = manifest({"kind": "CronJob", "metadata": {"name": "n"}, "spec": {"jobTemplate": {"spec": pod}}})
    plain = manifest({"kind": "ConfigMap", "metadata": {"name": "n"}, "data": {}})
    assert seen is not None and plain is not None
    assert (seen.host_pid, plain.complete, plain.containers) == (True, True, [])


def test_no_object_has_no_manifest() -> None:
    assert manifest(None) is None
