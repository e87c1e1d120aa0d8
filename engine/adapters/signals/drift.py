"""Drift: an object of the cluster that no longer is what Git says, field by field, with who changed it last."""

from __future__ import annotations

from typing import Any

from engine.adapters.signals.document import Document
from engine.adapters.signals.observation import Observation, Observer
from engine.adapters.signals.topology import Topology
from engine.core.signal import ObjectReference, Signal

SOURCE = "drift"
REASON = "Drift"
MAX_FIELDS = 200
_TOP = ("cluster", "object", "fields", "manager", "at")
_TOLD = 5


def read_drift(payload: Any, cluster: str, now: str, topology: Topology | None = None) -> list[Signal]:
    """The one signal of a drift report: ``{cluster, object, fields: [{path, live, git}], manager, at?}``.

    ``object`` is ``{kind, namespace, name}``; ``live`` or ``git`` is null where that side hasn't the field; ``at`` is
    RFC 3339 and ``now`` unless given. Raises :class:`~engine.core.errors.BadInput` naming the field that doesn't fit.
    """
    report = Document(payload, "payload")
    for field in report.value:
        if field not in _TOP:
            raise report.refuse(field, "is not a field of a drift report")
    about = report.section("object")
    fields = [_field(one) for one in report.sections("fields")]
    if not 0 < len(fields) <= MAX_FIELDS:
        raise report.refuse("fields", f"has {len(fields)} entries, not 1 to {MAX_FIELDS}")
    observer = Observer(SOURCE, topology or Topology(cluster), now)
    place = observer.topology.reference(about.required("kind"), about.text("namespace"), about.required("name"))
    subject = ObjectReference(report.required("cluster"), place.namespace, place.kind, place.name)
    told = "; ".join(f"{path} is {live!r} in the cluster and {git!r} in Git" for path, live, git in fields[:_TOLD])
    more = f"; and {len(fields) - _TOLD} more fields" if len(fields) > _TOLD else ""
    manager = report.text("manager")
    by = f"; last changed by {manager}" if manager else ""
    return [
        observer.signal(
            subject,
            Observation(
                REASON,
                f"{told}{more}{by}",
                report.value,
                at=report.instant("at"),
                labels={"manager": manager, "fields": ",".join(path for path, _, _ in fields)[:1000]},
            ),
        )
    ]


def _field(one: Document) -> tuple[str, Any, Any]:
    for side in ("live", "git"):
        if side not in one.value:
            raise one.refuse(side, "is missing; write null where that side hasn't the field")
    return one.required("path"), one.value["live"], one.value["git"]
