"""What the parameters of vetted queries may be set to: names and times of the incident itself, and nothing else.

No text is searched for them and no model says them, so a query can't be led to another namespace or a longer time.
"""

from __future__ import annotations

from collections.abc import Sequence

from engine.core.brief import Brief
from engine.core.errors import BadInput
from engine.core.evidence_query import EvidenceQuery
from engine.core.moment import shift
from engine.core.proposal import TargetReference

BEFORE_SECONDS = 3600
WINDOW = "1h"


def query_values(brief: Brief) -> dict[str, str]:
    """Values by parameter; one that the incident doesn't settle isn't there."""
    incident, root = brief.incident, brief.incident.root
    values = {"namespace": root.namespace, "name": root.name, "workload": root.name, "window": WINDOW}
    values["since"] = shift(incident.first_seen, -BEFORE_SECONDS)
    for parameter, kind in (("node", "Node"), ("claim", "PersistentVolumeClaim"), ("certificate", "Certificate")):
        named = _only(kind, [root, *incident.members])
        values |= {parameter: named} if named else {}
    container = brief.values.get("container")
    paths = sorted({piece.subject for piece in brief.evidence if (piece.source, piece.kind) == ("git", "change")})
    values |= {"container": container} if isinstance(container, str) else {}
    values |= {"path": paths[0]} if len(paths) == 1 else {}
    return {name: value for name, value in values.items() if value}


def rendered_queries(brief: Brief) -> dict[str, tuple[EvidenceQuery, str]]:
    """The runbook's queries with their values in place, by id; those are left out that can't be filled or don't fit."""
    values, found = query_values(brief), {}
    for query in brief.runbook.evidence if brief.runbook else ():
        try:
            found[query.id] = (query, query.render(values))
        except BadInput:
            continue
    return found


def _only(kind: str, references: Sequence[TargetReference]) -> str:
    names = {reference.name for reference in references if reference.kind == kind}
    return names.pop() if len(names) == 1 else ""
