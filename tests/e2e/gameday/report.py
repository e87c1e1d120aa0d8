"""The report of a game day, for people as Markdown and for programs as JSON."""

from __future__ import annotations

import json
from typing import Any

from tests.e2e.gameday.day import Played

STEPS = ("incident", "decision", "pull request", "merge", "sync", "recovery", "verified")


def as_document(day: list[Played], at: str, versions: dict[str, str]) -> dict[str, Any]:
    """``seconds`` are counted from when a fault was brought about; a step that wasn't reached isn't there."""
    return {
        "at": at,
        "versions": versions,
        "faults": [
            {
                "class": one.fault.incident_class,
                "target": "/".join(one.fault.target),
                "what": one.fault.what,
                "action": one.fault.action or "the gate's own",
                "decision": one.decision,
                "seconds": {step: round(taken, 1) for step, taken in one.seconds.items()},
                "ended": one.ended,
                "said": one.said,
            }
            for one in day
        ],
    }


def as_markdown(document: dict[str, Any]) -> str:
    """A table of the steps, and below it what was said of each fault."""
    faults = document["faults"]
    lines = [
        "# Game day",
        "",
        f"Played at {document['at']} on real components: Kubernetes {document['versions']['KUBERNETES']}, Argo CD "
        f"{document['versions']['ARGOCD']}, KWOK {document['versions']['KWOK']} for what a kubelet would report. "
        "Seconds since the fault was brought about; a dash is a step that wasn't reached.",
        "",
        f"| fault | target | decision | {' | '.join(STEPS)} | ended |",
        f"|---|---|---|{'---:|' * len(STEPS)}---|",
    ]
    for one in faults:
        taken = " | ".join(f"{one['seconds'][step]:.1f}" if step in one["seconds"] else "-" for step in STEPS)
        lines.append(f"| {one['class']} | {one['target']} | {one['decision']} | {taken} | {one['ended']} |")
    lines.append("")
    lines += [f"- **{one['class']}**: {one['what']}. {one['action']}: {one['said']}" for one in faults]
    return "\n".join(lines) + "\n"


def as_json(document: dict[str, Any]) -> str:
    """The document itself."""
    return json.dumps(document, indent=2) + "\n"
