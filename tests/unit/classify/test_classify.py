"""An edit is an action only when that action, intended, gives exactly what the edit gives."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest

from engine.core.action.catalogue import known
from engine.core.change.classify.classification import classify
from engine.core.proposal import TargetReference

Alter = Callable[[dict[str, Any]], Any]

CONTAINER: dict[str, Any] = {
    "name": "api",
    "image": "registry.example.com/api:1.0.0",
    "env": [{"name": "LEVEL", "value": "info"}, {"name": "KEY", "valueFrom": {"secretKeyRef": {"name": "k"}}}],
    "resources": {"requests": {"cpu": "100m"}, "limits": {"memory": "256Mi"}},
    "livenessProbe": {"httpGet": {"path": "/"}, "periodSeconds": 5},
}
TEMPLATE = {"metadata": {"labels": {"app": "api"}}, "spec": {"containers": [CONTAINER]}}
OBJECTS: dict[str, dict[str, Any]] = {
    "Deployment": {"spec": {"replicas": 3, "template": TEMPLATE}},
    "CronJob": {"spec": {"schedule": "0 * * * *", "jobTemplate": {"spec": {"template": TEMPLATE}}}},
    "ConfigMap": {"data": {"LEVEL": "info"}},
    "HorizontalPodAutoscaler": {"spec": {"minReplicas": 2, "maxReplicas": 6}},
    "PodDisruptionBudget": {"spec": {"minAvailable": 1}},
    "PersistentVolumeClaim": {"spec": {"resources": {"requests": {"storage": "10Gi"}}}},
    "Service": {"spec": {"selector": {"app": "api"}, "ports": [{"port": 80, "targetPort": 8080}]}},
    "Certificate": {"spec": {"issuerRef": {"name": "internal"}, "dnsNames": ["a.example.com"]}},
    "Role": {"rules": [{"apiGroups": [""], "resources": ["pods"], "verbs": ["get"]}]},
    "RoleBinding": {"subjects": [{"kind": "ServiceAccount", "name": "api", "namespace": "payments"}]},
    "NetworkPolicy": {"spec": {"podSelector": {}, "ingress": []}},
    "ServiceAccount": {},
    "Node": {"spec": {}},
    "Terraform": {"spec": {"vars": [{"name": "size", "value": "small"}]}},
}
PEER = {
    "from": [{"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "shop"}}}],
    "ports": [{"protocol": "TCP", "port": 8080}],
}


def obj(kind: str) -> dict[str, Any]:
    metadata = {"name": "api", "namespace": "payments"}
    return {"apiVersion": "v1", "kind": kind, "metadata": metadata, **copy.deepcopy(OBJECTS[kind])}


def container(value: dict[str, Any]) -> dict[str, Any]:
    spec = value["spec"].get("jobTemplate", value)["spec"]
    found: dict[str, Any] = spec["template"]["spec"]["containers"][0]
    return found


def classified(kind: str, alter: Alter) -> list[tuple[str, dict[str, Any]]]:
    before, after = obj(kind), obj(kind)
    alter(after)
    target = TargetReference(cluster="prod-eu", namespace="payments", kind=kind, name="api")
    actions = classify(target, before, after)
    assert all(known(action) for action in actions)
    return [(action.kind, dict(action.params)) for action in actions]


def annotated(key: str, value: str) -> Alter:
    return lambda o: o["metadata"].update(annotations={key: value})


RESTARTED = {"kubectl.kubernetes.io/restartedAt": "2026-11-14T03:00:00Z"}

KNOWN: list[tuple[str, Alter, str, dict[str, Any]]] = [
    ("Deployment", lambda o: o["spec"].update(replicas=5), "scale_workload", {"replicas": 5}),
    ("Deployment", lambda o: container(o).update(image="registry.example.com/api:1.0.1"), "set_image",
     {"container": "api", "image": "registry.example.com/api:1.0.1"}),
    ("CronJob", lambda o: container(o).update(image="registry.example.com/api:1.0.1"), "set_image",
     {"container": "api", "image": "registry.example.com/api:1.0.1"}),
    ("Deployment", lambda o: container(o)["resources"]["limits"].update(memory="512Mi"), "set_resources",
     {"container": "api", "limits": {"memory": "512Mi"}}),
    ("Deployment", lambda o: container(o)["env"][0].update(value="debug"), "patch_config",
     {"container": "api", "key": "LEVEL", "value": "debug"}),
    ("Deployment", lambda o: container(o)["env"].append({"name": "MORE", "value": "1"}), "patch_config",
     {"container": "api", "key": "MORE", "value": "1"}),
    ("Deployment", lambda o: container(o)["livenessProbe"].update(periodSeconds=9), "set_probe",
     {"container": "api", "probe": "liveness", "period_seconds": 9}),
    ("Deployment", lambda o: container(o).update(securityContext={"runAsNonRoot": True}), "set_security_context",
     {"container": "api", "run_as_non_root": True}),
    ("Deployment", lambda o: o["spec"]["template"]["metadata"].update(annotations=RESTARTED), "restart_workload", {}),
    ("CronJob", lambda o: o["spec"].update(suspend=True), "suspend_cronjob", {"suspend": True}),
    ("ConfigMap", lambda o: o["data"].update(LEVEL="debug"), "patch_config", {"key": "LEVEL", "value": "debug"}),
    ("HorizontalPodAutoscaler", lambda o: o["spec"].update(maxReplicas=9), "adjust_hpa", {"max_replicas": 9}),
    ("PodDisruptionBudget", lambda o: o["spec"].update(minAvailable=2), "adjust_pdb", {"min_available": 2}),
    ("PersistentVolumeClaim", lambda o: o["spec"]["resources"]["requests"].update(storage="20Gi"), "expand_volume",
     {"size": "20Gi"}),
    ("Service", lambda o: o["spec"]["selector"].update(app="other"), "change_service", {"selector": {"app": "other"}}),
    ("Service", lambda o: o["spec"]["ports"][0].update(targetPort=9090), "change_service",
     {"port": 80, "target_port": 9090}),
    ("Certificate", lambda o: o["spec"]["issuerRef"].update(name="public"), "change_certificate", {"issuer": "public"}),
    ("Role", lambda o: o["rules"][0].update(verbs=["get", "list"]), "change_rbac",
     {"operation": "add", "api_group": "", "resources": ["pods"], "verbs": ["list"]}),
    ("RoleBinding", lambda o: o["subjects"].append({"kind": "ServiceAccount", "name": "x", "namespace": "y"}),
     "change_rbac", {"operation": "add", "service_account": "x", "service_account_namespace": "y"}),
    ("NetworkPolicy", lambda o: o["spec"]["ingress"].append(PEER), "change_network_policy",
     {"operation": "add", "from_namespace": "shop", "port": 8080}),
    ("ServiceAccount", annotated("iam.gke.io/gcp-service-account", "a@b.example.com"), "change_iam",
     {"provider": "gcp", "identity": "a@b.example.com"}),
    ("Node", lambda o: o["spec"].update(unschedulable=True), "cordon_node", {"unschedulable": True}),
    ("Node", lambda o: o["spec"].update(taints=[{"key": "k", "value": "v", "effect": "NoExecute"}]), "change_taint",
     {"key": "k", "value": "v", "effect": "NoExecute", "operation": "add"}),
    ("Terraform", lambda o: o["spec"]["vars"][0].update(value="large"), "terraform_change",
     {"variable": "size", "value": "large"}),
]  # fmt: skip

NOVEL: list[tuple[str, Alter]] = [
    ("Deployment", lambda o: container(o).update(command=["sh"])),
    ("Deployment", lambda o: container(o).update(image="registry.example.com/api:1.0.1", command=["sh"])),
    ("Deployment", lambda o: container(o).update(image="registry.example.com/api:latest")),
    ("Deployment", lambda o: container(o).update(securityContext={"privileged": True})),
    ("Deployment", lambda o: container(o).update(securityContext={"capabilities": {"add": ["ALL"]}})),
    ("Deployment", lambda o: container(o)["env"].append({"name": "K", "valueFrom": {"secretKeyRef": {"name": "s"}}})),
    ("Deployment", lambda o: container(o)["env"].pop(0)),
    ("Deployment", lambda o: container(o)["livenessProbe"].update(httpGet={"path": "/elsewhere"})),
    ("Deployment", lambda o: container(o)["resources"].pop("limits")),
    ("Deployment", lambda o: container(o)["resources"]["limits"].update(memory=512)),
    ("Deployment", lambda o: o["spec"]["template"]["spec"]["containers"].append({"name": "side", "image": "x:1"})),
    ("Deployment", lambda o: o["spec"]["template"]["spec"].update(hostNetwork=True)),
    ("Deployment", lambda o: o["spec"].update(replicas="5")),
    ("Deployment", lambda o: o["spec"].update(replicas=5, template=None)),
    ("Deployment", lambda o: o.update(spec=None)),
    ("Deployment", annotated("note", "harmless")),
    ("ConfigMap", lambda o: o["data"].pop("LEVEL")),
    ("ConfigMap", lambda o: o.update(binaryData={"x": "eA=="})),
    ("PersistentVolumeClaim", lambda o: o["spec"]["resources"]["requests"].update(storage="5Gi")),
    ("Service", lambda o: o["spec"]["ports"].append({"port": 81})),
    ("Role", lambda o: o["rules"][0].update(verbs=["*"])),
    ("Role", lambda o: o["rules"].append({"nonResourceURLs": ["/"], "verbs": ["get"]})),
    ("RoleBinding", lambda o: o["subjects"].append({"kind": "Group", "name": "system:authenticated"})),
    ("NetworkPolicy", lambda o: o["spec"]["ingress"].append({})),
    ("NetworkPolicy", lambda o: o["spec"].update(policyTypes=["Egress"])),
    ("ServiceAccount", annotated("anything", "else")),
    ("Terraform", lambda o: o["spec"].update(destroy=True)),
]


@pytest.mark.parametrize(("kind", "alter", "action", "params"), KNOWN)
def test_what_an_action_does_is_that_action(kind: str, alter: Alter, action: str, params: dict[str, Any]) -> None:
    assert classified(kind, alter) == [(action, params)]


@pytest.mark.parametrize(("kind", "alter"), NOVEL)
def test_what_no_action_does_exactly_is_novel_as_a_whole(kind: str, alter: Alter) -> None:
    (found,) = classified(kind, alter)
    assert (found[0], found[1]["operation"]) == ("edit_by_hand", "change")


def test_several_actions_in_one_object_are_each_named() -> None:
    def alter(value: dict[str, Any]) -> None:
        value["spec"]["replicas"] = 4
        container(value)["image"] = "registry.example.com/api:1.0.1"

    assert [kind for kind, _ in classified("Deployment", alter)] == ["scale_workload", "set_image"]


def test_an_object_that_comes_is_novel_and_one_that_goes_is_deleted() -> None:
    target = TargetReference(cluster="prod-eu", namespace="payments", kind="Role", name="api")
    assert [a.kind for a in classify(target, None, obj("Role"))] == ["edit_by_hand"]
    assert [a.kind for a in classify(target, obj("Role"), None)] == ["delete_resource"]
    assert classify(target, obj("Role"), obj("Role")) == ()


def test_an_edit_that_can_t_be_classified_is_bound_to_all_it_does() -> None:
    one = classified("ConfigMap", lambda o: o.update(binaryData={"x": "eA=="}))
    other = classified("ConfigMap", lambda o: o.update(binaryData={"x": "eQ=="}))
    assert one != other
