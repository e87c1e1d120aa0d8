"""Nodes that fail: one that falls silent, one whose kubelet reports the failure, one that is only cordoned.

They are nodes of their own with a taint, so that no other example's pod lives on them.
"""

import json
from typing import Any

from examples import Example
from lab import Lab, now

FAKE = "kwok.x-k8s.io/node"


def node(name: str, zone: str) -> dict[str, Any]:
    size = {"cpu": "16", "memory": "64Gi", "ephemeral-storage": "200Gi", "pods": "110"}
    labels = {
        "kubernetes.io/hostname": name,
        "kubernetes.io/os": "linux",
        "topology.kubernetes.io/zone": f"eu-central-{zone}",
    }
    return {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {"name": name, "labels": labels, "annotations": {FAKE: "fake"}},
        "spec": {"taints": [{"key": "dedicated", "value": "batch", "effect": "NoSchedule"}]},
        "status": {"capacity": size, "allocatable": size},
    }


def said(name: str, uid: str, reason: str, message: str, kind: str = "Normal") -> dict[str, Any]:
    """An event as the node's kubelet writes it: about the node by name, in the default namespace."""
    return {
        "apiVersion": "v1",
        "kind": "Event",
        "metadata": {"name": f"{name}.{uid[:8]}{len(reason):02x}", "namespace": "default"},
        "involvedObject": {"kind": "Node", "name": name, "uid": name},
        "type": kind,
        "reason": reason,
        "message": message,
        "source": {"component": "kubelet", "host": name},
        "firstTimestamp": now(),
        "lastTimestamp": now(),
        "count": 1,
        "reportingComponent": "kubelet",
        "reportingInstance": name,
    }


def condition(kind: str, status: str, reason: str, message: str) -> dict[str, str]:
    return {
        "type": kind,
        "status": status,
        "reason": reason,
        "message": message,
        "lastHeartbeatTime": now(),
        "lastTransitionTime": now(),
    }


def played(lab: Lab) -> list[Example]:
    names = {"silent": "prod-eu-b-7", "network": "prod-eu-c-7", "cordoned": "prod-eu-a-7"}
    lab.apply(*(node(name, name.split("-")[2]) for name in names.values()))
    uids: dict[str, str] = {}

    def known() -> bool:
        items = lab.get("nodes")["items"]
        uids.update({item["metadata"]["name"]: item["metadata"]["uid"] for item in items})
        ready = [
            i
            for i in items
            for c in i.get("status", {}).get("conditions", [])
            if c["type"] == "Ready" and c["status"] == "True"
        ]
        leases = {one["metadata"]["name"] for one in lab.get("leases", "-n", "kube-node-lease")["items"]}
        return len(ready) == len(items) and leases >= set(names.values())

    lab.until("nodes are ready", known)
    for name in (names["silent"], names["network"]):
        lab.kubectl("annotate", "node", name, f"{FAKE}-")
    lab.play(lab.state / "examples.yaml")  # KWOK keeps renewing a lease that it holds, until it starts anew
    down = (
        "container runtime network not ready: NetworkReady=false reason:NetworkPluginNotReady "
        "message:Network plugin returns error: cni plugin not initialized"
    )
    patch = {"status": {"conditions": [condition("Ready", "False", "KubeletNotReady", down)]}}
    lab.kubectl(
        "patch", "node", names["network"], "--subresource", "status", "--type", "strategic", "-p", json.dumps(patch)
    )
    quiet = names["network"]
    lab.kubectl(
        "create",
        "-f",
        "-",
        given=json.dumps(said(quiet, uids[quiet], "NodeNotReady", f"Node {quiet} status is now: NodeNotReady")),
    )
    lab.kubectl("cordon", names["cordoned"])
    off = names["cordoned"]
    lab.kubectl(
        "create",
        "-f",
        "-",
        given=json.dumps(said(off, uids[off], "NodeNotSchedulable", f"Node {off} status is now: NodeNotSchedulable")),
    )
    return [
        Example(
            "node-not-ready/match-status-unknown", "", [], (f"node/{names['silent']}",), [], '"reason": "NodeNotReady"'
        ),
        Example("node-not-ready/match-network-plugin", "", [], (f"node/{quiet}",), [], "KubeletNotReady"),
        Example("node-not-ready/differ-cordoned", "", [], (f"node/{off}",), [], "NodeNotSchedulable"),
    ]
