"""Reports that scanners leave in the cluster: vulnerabilities of images, and results of other policy engines."""

from __future__ import annotations

from collections.abc import Iterator

from engine.adapters.signals.document import Document
from engine.adapters.signals.observation import Observation, Observer, seen
from engine.core.signal import Signal

_NAMED = 5
_RESULTS = 200
_GRAVE = frozenset({"critical", "high"})


def vulnerability_signals(report: Document, observer: Observer) -> Iterator[Signal]:
    """One signal for an image with critical vulnerabilities, naming the first few and their fixes."""
    body, metadata = report.section("report"), report.section("metadata")
    critical = body.section("summary").number("criticalCount")
    found = [v for v in body.sections("vulnerabilities") if v.text("severity") == "CRITICAL"]
    if not critical and not found:
        return
    artifact = body.section("artifact")
    registry = body.section("registry").text("server")
    image = f"{registry}/{artifact.text('repository')}:{artifact.text('tag')}".lstrip("/")
    named = [
        {
            "id": v.text("vulnerabilityID"),
            "package": v.text("resource"),
            "installed": v.text("installedVersion"),
            "fixed": v.text("fixedVersion"),
        }
        for v in found[:_NAMED]
    ]
    told = "; ".join(
        f"{v['id']} in {v['package']} {v['installed']}, fixed in {v['fixed'] or 'none yet'}" for v in named
    )
    yield observer.signal(
        observer.topology.reference("VulnerabilityReport", metadata.text("namespace"), metadata.required("name")),
        Observation(
            "CriticalVulnerability",
            f"{image} has {max(critical, len(found))} critical vulnerabilities: {told}",
            seen(report, "report", {"image": image, "critical": max(critical, len(found)), "vulnerabilities": named}),
            severity="critical",
            at=body.instant("updateTimestamp") or metadata.instant("creationTimestamp"),
            labels={"image": image},
        ),
    )


def policy_report_signals(report: Document, observer: Observer) -> Iterator[Signal]:
    """One signal for each result that failed; the subject is what the result or the report is about."""
    metadata = report.section("metadata")
    for number, result in enumerate(report.sections("results")):
        if number >= _RESULTS:
            return
        if result.text("result") not in ("fail", "error"):
            continue
        about = next(result.sections("resources"), None) or report.section("scope")
        subject = observer.topology.reference(
            about.text("kind") or report.required("kind"),
            about.text("namespace") or metadata.text("namespace"),
            about.text("name") or metadata.required("name"),
        )
        labels = {key: result.text(key) for key in ("policy", "rule", "category") if result.text(key)}
        yield observer.signal(
            subject,
            Observation(
                "PolicyViolation",
                result.text("message") or result.text("description"),
                seen(report, f"results[{number}]", result.value),
                severity="critical" if result.text("severity") in _GRAVE else "warning",
                at=metadata.instant("creationTimestamp"),
                labels=labels,
            ),
        )
