"""Reports of scanners as custom resources: vulnerabilities as Trivy's operator has them, policy results in OpenReports.

The API server checks them against the projects' own CRDs; the scanners themselves aren't run.
"""

import json
from functools import partial
from typing import Any

import trivy
from examples import Example, deployment, image
from lab import VERSIONS, Lab, module_folder, now

NAMESPACES = {"billing", "loyalty", "wholesale"}
POLICIES = {
    "disallow-privileged-containers": ("Privileged mode is disallowed.", "Pod Security Standards (Baseline)", "high"),
    "require-run-as-nonroot": ("Running as root is not allowed.", "Pod Security Standards (Restricted)", "medium"),
    "disallow-latest-tag": ("Using a mutable image tag e.g. 'latest' is not allowed.", "Best Practices", "medium"),
}


def policy_report(workload: dict[str, Any], results: dict[str, str]) -> dict[str, Any]:
    """One report about one workload: policy to result, scoped to the workload as Kyverno does."""
    meta = workload["metadata"]
    scope = {
        "apiVersion": workload["apiVersion"],
        "kind": workload["kind"],
        "name": meta["name"],
        "namespace": meta["namespace"],
        "uid": meta["uid"],
    }
    entries = []
    for policy, result in results.items():
        message, category, severity = POLICIES[policy]
        said = "validation error: " + message if result == "fail" else "validation rule 'autogen-check' passed."
        entries.append(
            {
                "policy": policy,
                "rule": "autogen-check",
                "result": result,
                "message": said,
                "category": category,
                "severity": severity,
                "scored": True,
                "source": "kyverno",
                "properties": {"process": "background scan"},
            }
        )
    counts = {kind: list(results.values()).count(kind) for kind in ("pass", "fail", "warn", "error", "skip")}
    return {
        "apiVersion": "openreports.io/v1alpha1",
        "kind": "Report",
        "metadata": {
            "name": meta["uid"],
            "namespace": meta["namespace"],
            "labels": {"app.kubernetes.io/managed-by": "kyverno"},
            "ownerReferences": [{key: scope[key] for key in ("apiVersion", "kind", "name", "uid")}],
        },
        "scope": scope,
        "results": entries,
        "summary": counts,
    }


def violation(workload: dict[str, Any], policy: str) -> dict[str, Any]:
    """The event that Kyverno leaves at a workload that breaks a policy."""
    meta = workload["metadata"]
    about = {
        "apiVersion": workload["apiVersion"],
        "kind": workload["kind"],
        "name": meta["name"],
        "namespace": meta["namespace"],
        "uid": meta["uid"],
    }
    return {
        "apiVersion": "v1",
        "kind": "Event",
        "metadata": {"name": f"{meta['name']}.{meta['uid'][:8]}", "namespace": meta["namespace"]},
        "involvedObject": about,
        "type": "Warning",
        "reason": "PolicyViolation",
        "message": f"policy {policy}/autogen-check fail: validation error: {POLICIES[policy][0]}",
        "source": {"component": "kyverno-scan"},
        "firstTimestamp": now(),
        "lastTimestamp": now(),
        "count": 1,
        "reportingComponent": "kyverno-scan",
        "reportingInstance": "kyverno-reports-controller",
    }


def has_replica_set(lab: Lab, namespace: str) -> bool:
    return bool(lab.get("replicasets", "-n", namespace)["items"])


def applied(lab: Lab) -> list[Example]:
    lab.install_reports()
    folder = module_folder("github.com/openreports/reports-api", VERSIONS["OPENREPORTS"]) / "config/crd"
    lab.kubectl("apply", "--server-side", "-f", str(folder / "openreports.io_reports.yaml"))
    lab.kubectl("wait", "--for=condition=Established", "crd/reports.openreports.io", "--timeout=60s")
    scans = {
        "invoice": ["CVE-2024-45337", "CVE-2024-45338"],
        "statement": ["CVE-2024-45337"],
        "points": ["CVE-2025-22870"],
    }
    places = {"invoice": "billing", "statement": "wholesale", "points": "loyalty"}
    for name, namespace in places.items():
        lab.apply(deployment(image(f"{namespace}/{name}", "1.6.0"), namespace))
    examples = []
    kind = "vulnerabilityreports.aquasecurity.github.io"
    for name, namespace in places.items():
        lab.until(f"replica set of {name}", partial(has_replica_set, lab, namespace))
        one = lab.get("replicasets", "-n", namespace)["items"][0]
        lab.kubectl("create", "-f", "-", given=json.dumps(trivy.report(one, scans[name], now())))
        what = "differ-medium-only" if name == "points" else f"match-{name}"
        examples.append(
            Example(
                f"critical-vulnerability/{what}",
                namespace,
                [],
                (f"{kind}/replicaset-{one['metadata']['name']}-{name}",),
                [],
                "summary",
            )
        )
    for name, results, what in (
        ("invoice", {"disallow-privileged-containers": "fail", "disallow-latest-tag": "pass"}, "match-privileged"),
        ("points", {"require-run-as-nonroot": "pass", "disallow-latest-tag": "pass"}, "differ-all-passed"),
    ):
        workload = lab.get("deployment", name, "-n", places[name])
        lab.kubectl("create", "-f", "-", given=json.dumps(policy_report(workload, results)))
        report = f"reports.openreports.io/{workload['metadata']['uid']}"
        examples.append(Example(f"policy-violation/{what}", places[name], [], (report,), [], "summary"))
    workload = lab.get("deployment", "statement", "-n", "wholesale")
    lab.kubectl("create", "-f", "-", given=json.dumps(violation(workload, "require-run-as-nonroot")))
    examples.append(
        Example(
            "policy-violation/match-kyverno-event",
            "wholesale",
            [],
            ("deployment/statement",),
            [],
            "PolicyViolation",
            ("PolicyViolation",),
        )
    )
    return examples
