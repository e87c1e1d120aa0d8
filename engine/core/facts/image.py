"""Facts about the image an action would run: where it comes from, whether it ran before, what a scanner says of it."""

from __future__ import annotations

from typing import Any

from engine.core.facts.cluster_view import ClusterView, Object, pod_template
from engine.core.facts.recent import replica_sets, revision
from engine.core.input_document import ImageFacts
from engine.core.proposal import TargetReference

NO_IMAGE = ImageFacts(changes=False, registry="", known_before=False, critical_vulnerabilities=0)


def images(obj: Object | None) -> dict[str, str]:
    """Image by container name in an object's pod template, init containers included."""
    template = pod_template(obj or {})
    containers = [*(template.get("initContainers") or ()), *(template.get("containers") or ())]
    return {str(c.get("name", "")): str(c.get("image") or "") for c in containers}


def rollout_images(view: ClusterView, target: TargetReference) -> dict[int, dict[str, str]]:
    """Images by container for each rollout number of a Deployment that the cluster still knows."""
    return {revision(rs): images(rs) for rs in replica_sets(view, target) if revision(rs)}


def image_facts(view: ClusterView, target: TargetReference, before: Object | None, after: Object | None) -> ImageFacts:
    """Facts of the images that ``after`` runs and ``before`` doesn't.

    Several new images count as their worst: any foreign registry, any unknown one, the highest number of criticals.
    """
    was, becomes = images(before), images(after)
    new = {name: image for name, image in becomes.items() if was.get(name) != image}
    if not new or after is None:
        return NO_IMAGE
    past = {image for rs in replica_sets(view, target) for image in images(rs).values()}
    registries = {registry(image) for image in new.values()}
    criticals = [critical_vulnerabilities(view, target.namespace, image) for image in new.values()]
    return ImageFacts(
        changes=True,
        registry=registries.pop() if len(registries) == 1 else "several",
        known_before=all(image in past for image in new.values()),
        critical_vulnerabilities=None if None in criticals else max(c for c in criticals if c is not None),
    )


def registry(image: str) -> str:
    """The registry host of an image reference; Docker's short names come from ``docker.io``."""
    first, _, rest = image.partition("/")
    return first if rest and ("." in first or ":" in first or first == "localhost") else "docker.io"


def critical_vulnerabilities(view: ClusterView, namespace: str, image: str) -> int | None:
    """Criticals in Trivy's newest report on this very image in a namespace; ``None`` when there is no report."""
    bodies = [r.get("report") or {} for r in view.of("VulnerabilityReport", namespace)]
    reports = [body for body in bodies if _reported(body) == image]
    if not reports:
        return None
    newest = max(reports, key=lambda body: str(body.get("updateTimestamp", "")))
    count = (newest.get("summary") or {}).get("criticalCount")
    return count if type(count) is int and count >= 0 else None


def _reported(report: dict[str, Any]) -> str:
    artifact = report.get("artifact") or {}
    host = (report.get("registry") or {}).get("server", "")
    version = f":{artifact['tag']}" if artifact.get("tag") else f"@{artifact.get('digest', '')}"
    reference = artifact.get("repository", "") + version
    return f"{host}/{reference}" if host else reference
