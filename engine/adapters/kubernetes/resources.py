"""Which kinds the gate asks a live cluster for, and where the API keeps them.

The list is the whole of it: what isn't here can't be asked for, and the gate's role in the cluster names exactly
these. No Secret is among them, and nothing that could hold one is read for its contents.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Resource:
    """One kind: its API group (empty for the core), version, plural name, and whether namespaces part it."""

    kind: str
    group: str
    version: str
    plural: str
    namespaced: bool = True

    @property
    def api_version(self) -> str:
        """As objects carry it."""
        return f"{self.group}/{self.version}" if self.group else self.version

    def path(self, namespace: str = "", name: str = "") -> str:
        """Where all of them are, those of a namespace, or one. Names are checked by whoever asks."""
        root = f"/apis/{self.group}/{self.version}" if self.group else f"/api/{self.version}"
        within = f"/namespaces/{namespace}" if namespace and self.namespaced else ""
        return f"{root}{within}/{self.plural}{'/' + name if name else ''}"


def _resources() -> Iterator[Resource]:
    for kind in ("Pod", "Event", "Service", "ConfigMap", "PersistentVolumeClaim", "ResourceQuota"):
        yield Resource(kind, "", "v1", f"{kind.lower()}s")
    for kind in ("Node", "Namespace"):
        yield Resource(kind, "", "v1", f"{kind.lower()}s", namespaced=False)
    for kind in ("Deployment", "StatefulSet", "DaemonSet", "ReplicaSet"):
        yield Resource(kind, "apps", "v1", f"{kind.lower()}s")
    for kind in ("Job", "CronJob"):
        yield Resource(kind, "batch", "v1", f"{kind.lower()}s")
    yield Resource("HorizontalPodAutoscaler", "autoscaling", "v2", "horizontalpodautoscalers")
    yield Resource("PodDisruptionBudget", "policy", "v1", "poddisruptionbudgets")
    yield Resource("NetworkPolicy", "networking.k8s.io", "v1", "networkpolicies")
    yield Resource("VulnerabilityReport", "aquasecurity.github.io", "v1alpha1", "vulnerabilityreports")
    yield Resource("PolicyReport", "wgpolicyk8s.io", "v1alpha2", "policyreports")
    yield Resource("ClusterPolicyReport", "wgpolicyk8s.io", "v1alpha2", "clusterpolicyreports", namespaced=False)
    yield Resource("Report", "openreports.io", "v1alpha1", "reports")
    yield Resource("ClusterReport", "openreports.io", "v1alpha1", "clusterreports", namespaced=False)
    yield Resource("CertificateRequest", "cert-manager.io", "v1", "certificaterequests")
    for kind in ("Order", "Challenge"):
        yield Resource(kind, "acme.cert-manager.io", "v1", f"{kind.lower()}s")
    yield Resource("Application", "argoproj.io", "v1alpha1", "applications")
    yield Resource("Kustomization", "kustomize.toolkit.fluxcd.io", "v1", "kustomizations")
    yield Resource("HelmRelease", "helm.toolkit.fluxcd.io", "v2", "helmreleases")
    yield Resource("GitRepository", "source.toolkit.fluxcd.io", "v1", "gitrepositories")


RESOURCES: Mapping[str, Resource] = {resource.kind: resource for resource in _resources()}
