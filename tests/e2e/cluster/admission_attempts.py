"""Every way past the gate that an agent could try at the door of the cluster, as kubectl would be told to."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from engine.core.admission.emergency import BY, REASON, UNTIL

GROUPS = [
    *(
        "",
        "apps",
        "batch",
        "autoscaling",
        "policy",
        "networking.k8s.io",
        "rbac.authorization.k8s.io",
        "lab.example.com",
    ),
    *("apiextensions.k8s.io", "certificates.k8s.io", "coordination.k8s.io", "storage.k8s.io", "events.k8s.io"),
]
VERBS = [
    *("get", "list", "watch", "create", "update", "patch", "delete", "deletecollection"),
    *("approve", "sign", "bind", "escalate"),
]
POD_SPEC = {"containers": [{"name": "app", "image": "registry.example.com/app:1"}]}
POD = "/api/v1/namespaces/shop/pods/lone"


@dataclass(frozen=True)
class Attempt:
    """One try; ``by`` names what refuses it where that isn't the gate: cluster roles, or the backstop alone."""

    name: str
    arguments: tuple[str, ...]
    given: str = ""
    by: str = field(default="gate")


def obj(kind: str, name: str, api: str = "v1", namespace: str = "shop", **rest: Any) -> dict[str, Any]:
    metadata: dict[str, Any] = {"name": name} | ({"namespace": namespace} if namespace else {})
    return {"apiVersion": api, "kind": kind, "metadata": metadata, **rest}


def crd() -> dict[str, Any]:
    schema = {"openAPIV3Schema": {"type": "object", "x-kubernetes-preserve-unknown-fields": True}}
    names = {"plural": "gadgets", "singular": "gadget", "kind": "Gadget"}
    versions = [{"name": "v1", "served": True, "storage": True, "schema": schema}]
    spec = {"group": "lab.example.com", "scope": "Namespaced", "names": names, "versions": versions}
    return obj("CustomResourceDefinition", "gadgets.lab.example.com", "apiextensions.k8s.io/v1", "", spec=spec)


def hpa(api: str) -> dict[str, Any]:
    target = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"}
    return obj("HorizontalPodAutoscaler", "web", api, spec={"scaleTargetRef": target, "maxReplicas": 9})


def workload(replicas: int = 1, image: str = "registry.example.com/app:1") -> dict[str, Any]:
    labels = {"app": "web"}
    template = {"metadata": {"labels": labels}, "spec": {"containers": [{"name": "app", "image": image}]}}
    spec = {"replicas": replicas, "selector": {"matchLabels": labels}, "template": template}
    return obj("Deployment", "web", "apps/v1", spec=spec)


BINDING = obj(
    "ClusterRoleBinding", "mine", "rbac.authorization.k8s.io/v1", "",
    roleRef={"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "cluster-admin"},
    subjects=[{"kind": "ServiceAccount", "name": "triage", "namespace": "agents"}],
)  # fmt: skip
ROLE = obj(
    "ClusterRole", "mine", "rbac.authorization.k8s.io/v1", "",
    rules=[{"apiGroups": [""], "resources": ["users"], "verbs": ["impersonate"]}],
)  # fmt: skip


def _text(document: dict[str, Any]) -> str:
    return json.dumps(document)


def attempts() -> list[Attempt]:
    """All of them, in groups: objects, subresources, ways around names and versions, access, and the gate itself."""
    stdin = ("-f", "-")
    unnamed = obj("ConfigMap", "x")
    unnamed["metadata"] = {"generateName": "x-", "namespace": "shop"}
    objects = [
        Attempt("create an object", ("create", *stdin), _text(obj("ConfigMap", "new"))),
        Attempt("create with a generated name", ("create", *stdin), _text(unnamed)),
        Attempt("apply", ("apply", *stdin), _text(obj("ConfigMap", "settings", data={"a": "2"}))),
        Attempt("apply on the server", ("apply", "--server-side", "--force-conflicts", *stdin), _text(workload(3))),
        Attempt("replace", ("replace", *stdin), _text(obj("ConfigMap", "settings", data={"a": "3"}))),
        Attempt("set an image", ("set", "image", "deploy/web", "app=registry.example.com/evil:1", "-n", "shop")),
        Attempt("restart", ("rollout", "restart", "deploy/web", "-n", "shop")),
        Attempt("patch", ("patch", "cm", "settings", "-n", "shop", "--type=merge", "-p", '{"data":{"a":"4"}}')),
        Attempt("delete an object", ("delete", "cm", "settings", "-n", "shop", "--wait=false")),
        Attempt("delete a collection", ("delete", "--raw", "/api/v1/namespaces/shop/configmaps")),
        Attempt("delete a namespace", ("delete", "ns", "shop", "--wait=false")),
        Attempt("a rehearsal", ("create", "--dry-run=server", *stdin), _text(obj("ConfigMap", "new"))),
        Attempt("a custom object", ("create", *stdin), _text(obj("Gadget", "mine", "lab.example.com/v1"))),
        Attempt("a custom resource", ("delete", "crd", "gadgets.lab.example.com", "--wait=false")),
        Attempt("an old API version", ("create", *stdin), _text(hpa("autoscaling/v1"))),
        Attempt("the present API version", ("create", *stdin), _text(hpa("autoscaling/v2"))),
    ]
    broken = obj("ConfigMap", "new")
    broken["metadata"]["annotations"] = {BY: "dana", REASON: "it has to be now", UNTIL: "2030-01-01T00:00:00Z"}
    objects.append(Attempt("break the glass", ("create", *stdin), _text(broken)))
    eviction = obj("Eviction", "lone", "policy/v1")
    bound = obj("Binding", "lone", target={"apiVersion": "v1", "kind": "Node", "name": "node-a"})
    ephemeral = obj("Pod", "lone", spec=POD_SPEC | {"ephemeralContainers": [{"name": "in", "image": "evil:1"}]})
    subresources = [
        Attempt("scale", ("scale", "deploy/web", "--replicas=9", "-n", "shop")),
        Attempt("write a status", ("patch", "deploy", "web", "-n", "shop", "--subresource=status", "--type=merge", "-p",
                                   '{"status":{"replicas":7}}')),
        Attempt("evict", ("create", "--raw", f"{POD}/eviction", *stdin), _text(eviction)),
        Attempt("ephemeral container", ("replace", "--raw", f"{POD}/ephemeralcontainers", *stdin), _text(ephemeral)),
        Attempt("exec", ("create", "--raw", f"{POD}/exec?command=true&stdout=true", *stdin), "{}"),
        Attempt("attach", ("create", "--raw", f"{POD}/attach?stdout=true", *stdin), "{}"),
        Attempt("forward a port", ("create", "--raw", f"{POD}/portforward?ports=80", *stdin), "{}"),
        Attempt("proxy to a pod", ("create", "--raw", f"{POD}/proxy/", *stdin), "{}"),
        Attempt("bind a pod to a node", ("create", "--raw", f"{POD}/binding", *stdin), _text(bound)),
    ]  # fmt: skip
    access = [
        Attempt("ask for a token", ("create", "token", "default", "-n", "shop")),
        Attempt("approve a certificate", ("certificate", "approve", "asked")),
        Attempt("bind itself to cluster-admin", ("create", *stdin), _text(BINDING)),
        Attempt("a role that impersonates", ("create", *stdin), _text(ROLE)),
        Attempt("an account of its own", ("create", "sa", "mine", "-n", "shop")),
        Attempt(
            "relabel a namespace", ("label", "ns", "shop", "kubernetes.io/metadata.name=kube-system", "--overwrite")
        ),
        Attempt("label a namespace", ("label", "ns", "shop", "penstock.dev/environment=development", "--overwrite")),
        Attempt("act as somebody else", ("get", "cm", "-n", "shop", "--as=system:admin"), by="roles"),
        Attempt("act as a group", ("get", "cm", "--as=me", "--as-group=system:masters"), by="roles"),
    ]
    own = [
        Attempt("write where the webhook doesn't look", ("create", *stdin),
                _text(obj("ConfigMap", "new", namespace="kube-system")), by="backstop"),
        Attempt("write in the gate's namespace", ("create", *stdin),
                _text(obj("ConfigMap", "new", namespace="penstock")), by="backstop"),
        Attempt("take the webhook away", ("delete", "validatingwebhookconfiguration", "bystander"), by="backstop"),
        Attempt("loosen the webhook", ("patch", "mutatingwebhookconfiguration", "bystander", "--type=merge", "-p",
                                       '{"metadata":{"labels":{"a":"b"}}}'), by="backstop"),
        Attempt("take the backstop away", ("delete", "validatingadmissionpolicy", "penstock-agents-write-nothing"),
                by="roles"),
        Attempt("unbind the backstop", ("delete", "validatingadmissionpolicybinding", "penstock-agents-write-nothing"),
                by="roles"),
    ]  # fmt: skip
    return [*objects, *subresources, *access, *own]
