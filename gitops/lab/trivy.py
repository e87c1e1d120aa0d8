"""VulnerabilityReports as trivy-operator writes them, for replica sets of the lab.

Trivy itself isn't run: the images don't exist. The object's name, labels, owner and fields follow the operator's, the
advisories are public ones, and the API server checks the object against the operator's own CRD.
"""

import hashlib
from typing import Any

GO = "golang.org/x/crypto"
FOUND: dict[str, dict[str, Any]] = {
    "CVE-2024-45337": {
        "severity": "CRITICAL",
        "score": 9.1,
        "resource": GO,
        "installedVersion": "v0.30.0",
        "fixedVersion": "0.31.0",
        "publishedDate": "2024-12-12T02:02:07Z",
        "lastModifiedDate": "2025-02-18T21:15:22Z",
        "title": "golang.org/x/crypto/ssh: Misuse of ServerConfig.PublicKeyCallback may cause authorization "
        "bypass in golang.org/x/crypto",
    },
    "CVE-2025-22869": {
        "severity": "HIGH",
        "score": 7.5,
        "resource": GO,
        "installedVersion": "v0.30.0",
        "fixedVersion": "0.35.0",
        "publishedDate": "2025-02-26T08:14:24Z",
        "lastModifiedDate": "2025-05-01T19:28:20Z",
        "title": "golang.org/x/crypto/ssh: Denial of Service in the Key Exchange of golang.org/x/crypto/ssh",
    },
    "CVE-2024-45338": {
        "severity": "HIGH",
        "score": 5.3,
        "resource": "golang.org/x/net",
        "installedVersion": "v0.32.0",
        "fixedVersion": "0.33.0",
        "publishedDate": "2024-12-18T21:15:08Z",
        "lastModifiedDate": "2025-02-21T18:15:17Z",
        "title": "golang.org/x/net/html: Non-linear parsing of case-insensitive content in golang.org/x/net/html",
    },
    "CVE-2025-22870": {
        "severity": "MEDIUM",
        "score": 4.4,
        "resource": "golang.org/x/net",
        "installedVersion": "v0.33.0",
        "fixedVersion": "0.36.0",
        "publishedDate": "2025-03-12T19:15:38Z",
        "lastModifiedDate": "2025-05-09T20:15:38Z",
        "title": "golang.org/x/net/proxy: HTTP Proxy bypass using IPv6 Zone IDs in golang.org/x/net",
    },
}


def vulnerability(identity: str, binary: str) -> dict[str, Any]:
    link = f"https://avd.aquasec.com/nvd/{identity.lower()}"
    found = FOUND[identity]
    purl = f"pkg:golang/{found['resource']}@{found['installedVersion']}"
    return {
        "vulnerabilityID": identity,
        "target": binary,
        "primaryLink": link,
        "links": [],
        "packagePURL": purl,
        **found,
    }


def report(replica_set: dict[str, Any], identities: list[str], now: str) -> dict[str, Any]:
    """The report for the first container of a replica set, as read from the API; `now` is RFC 3339."""
    meta = replica_set["metadata"]
    container = replica_set["spec"]["template"]["spec"]["containers"][0]
    server, path = container["image"].split("/", 1)
    repository, tag = path.rsplit(":", 1)
    spec = hashlib.sha256(container["image"].encode()).hexdigest()
    counts = [FOUND[i]["severity"] for i in identities]
    summary = {
        f"{level.lower()}Count": counts.count(level)
        for level in ("CRITICAL", "HIGH", "MEDIUM", "LOW", "NONE", "UNKNOWN")
    }
    return {
        "apiVersion": "aquasecurity.github.io/v1alpha1",
        "kind": "VulnerabilityReport",
        "metadata": {
            "name": f"replicaset-{meta['name']}-{container['name']}",
            "namespace": meta["namespace"],
            "annotations": {"trivy-operator.aquasecurity.github.io/report-ttl": "24h0m0s"},
            "labels": {
                "resource-spec-hash": spec[:10],
                "trivy-operator.container.name": container["name"],
                "trivy-operator.resource.kind": "ReplicaSet",
                "trivy-operator.resource.name": meta["name"],
                "trivy-operator.resource.namespace": meta["namespace"],
            },
            "ownerReferences": [
                {
                    "apiVersion": "apps/v1",
                    "kind": "ReplicaSet",
                    "name": meta["name"],
                    "uid": meta["uid"],
                    "controller": True,
                    "blockOwnerDeletion": False,
                }
            ],
        },
        "report": {
            "artifact": {"digest": f"sha256:{spec}", "repository": repository, "tag": tag},
            "os": {"family": "debian", "name": "12.11"},
            "registry": {"server": server},
            "scanner": {"name": "Trivy", "vendor": "Aqua Security", "version": "0.67.0"},
            "summary": summary,
            "updateTimestamp": now,
            "vulnerabilities": [vulnerability(i, f"app/{container['name']}") for i in identities],
        },
    }
