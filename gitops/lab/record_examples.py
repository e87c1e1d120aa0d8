"""Plays the runbooks' Kubernetes examples on the lab's control plane and writes runbooks/<class>/examples/.

    control-plane start STATE && python record_examples.py STATE

All examples run at once, each in its own namespace or under its own name; a file is what `kubectl get … -o json` gives
for the objects and their events: a List, unmodified.
"""

import json
import os
import sys
from pathlib import Path
from typing import Any

import example_controllers
import example_nodes
import example_pods
import example_reports
import stages
from examples import Example
from lab import HERE, Lab, say

RUNBOOKS = Path(os.environ.get("RUNBOOKS", HERE.parents[1] / "runbooks"))
KINDS = {
    "pod": "Pod",
    "deployment": "Deployment",
    "replicaset": "ReplicaSet",
    "job": "Job",
    "cronjob": "CronJob",
    "node": "Node",
    "resourcequota": "ResourceQuota",
    "horizontalpodautoscaler": "HorizontalPodAutoscaler",
    "vulnerabilityreports.aquasecurity.github.io": "VulnerabilityReport",
    "reports.openreports.io": "Report",
}
MAKERS = (*example_pods.MAKERS, *example_controllers.MAKERS)


def named(lab: Lab, namespace: str, wanted: str) -> list[str]:
    """What `kind/prefix` stands for, since a pod's name isn't known before: two at most, of jobs the newest."""
    kind, prefix = wanted.split("/")
    scope = ["-n", namespace] if kind != "node" else []
    items = lab.get(kind, *scope)["items"]
    names = [
        i["metadata"]["name"]
        for i in items
        if i["metadata"]["name"] == prefix or i["metadata"]["name"].startswith(prefix + "-")
    ]
    if kind == "job":
        names = names[-1:]
    return names[:2]


def signal(lab: Lab, example: Example) -> str:
    """The List of the kept objects and their events, as kubectl prints it; empty while they aren't there."""
    events = lab.get("events", "-A")["items"]
    arguments: list[str] = []
    for wanted in example.kept:
        kind = wanted.split("/")[0]
        names = named(lab, example.namespace, wanted)
        if not names:
            return ""
        for name in names:
            arguments.append(f"{kind}/{name}")
            for one in events:
                about: dict[str, Any] = one["involvedObject"]
                same = (
                    about["kind"] == KINDS[kind]
                    and about["name"] == name
                    and about.get("namespace", "default") in (example.namespace, "default")
                )
                if same and (not example.reasons or one["reason"] in example.reasons):
                    arguments.append(f"event/{one['metadata']['name']}")
    scope = ["-n", example.namespace] if example.namespace else []
    return (
        lab.kubectl("get", *arguments, *scope, "-o", "json")
        if len(arguments) > 1
        else as_list(lab, arguments[0], scope)
    )


def as_list(lab: Lab, argument: str, scope: list[str]) -> str:
    """One object alone is asked for by a field selector, so that kubectl answers with a List."""
    kind, name = argument.split("/")
    return lab.kubectl("get", kind, *scope, "--field-selector", f"metadata.name={name}", "-o", "json")


def write(file: str, text: str) -> None:
    folder, name = file.split("/")
    target = RUNBOOKS / folder / "examples" / f"{name}.kubernetes.json"
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(text)
    say(f"{target.relative_to(RUNBOOKS)} {len(text)} bytes")


def main() -> None:
    state = Path(sys.argv[1]).resolve()
    lab = Lab(state)
    examples = [one for make in MAKERS for one in make()]
    played = stages.healthy() + [stage for one in examples for stage in one.stages]
    (state / "examples.yaml").write_text(stages.as_file(played))
    lab.play(state / "examples.yaml")

    namespaces = {one.namespace for one in examples} | example_reports.NAMESPACES
    lab.apply(*({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}} for name in sorted(namespaces)))
    for one in examples:
        lab.apply(*one.objects)
    examples += example_reports.applied(lab)
    examples += example_nodes.played(lab)

    left = list(examples)

    def taken() -> bool:
        for one in list(left):
            text = signal(lab, one)
            if text and one.until in text:
                if json.loads(text)["kind"] != "List":
                    raise SystemExit(f"{one.file}: not a List")
                write(one.file, text)
                left.remove(one)
        return not left

    try:
        lab.until("all examples", taken, 240)
    except SystemExit:
        raise SystemExit("never seen: " + ", ".join(f"{one.file} ({one.until})" for one in left)) from None


if __name__ == "__main__":
    main()
