"""Derive what the gate itself finds out about teaching a runbook an incident, and build the edit.

The lesson of an accepted post-mortem is the incident itself, recorded as an example that the runbook has to recognise
from now on, and a trigger for each signal that people name. Whether the runbook then does recognise it is tried here:
a lesson that teaches nothing is no edit.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from pydantic import ValidationError

from engine.core import canonical
from engine.core.action.kind import CheckedAction
from engine.core.change.fields import FieldChange
from engine.core.change.model import Change, FileEdit
from engine.core.change.splice import edit
from engine.core.change.yaml_source import read, text_of
from engine.core.classification import RunbookIndex
from engine.core.errors import NothingToChange, SourceNotFound
from engine.core.facts.cluster_view import ClusterView
from engine.core.grouping import group
from engine.core.incident import Incident
from engine.core.input_document import SourceFacts
from engine.core.postmortem import lessons
from engine.core.proposal import ActionRequest
from engine.core.runbook import Runbook, read_runbook
from engine.ports import GitRepository, Ports
from engine.usecases.build_change import BuiltChange
from engine.usecases.derive_facts import Derived
from engine.usecases.derive_one_file import derive_one_file, held_at, namespace_facts
from engine.usecases.postmortem import know


def derive_lesson(ports: Ports, request: ActionRequest, view: ClusterView) -> Derived:
    """Everything about a lesson that can be known before it is decided."""
    return derive_one_file(ports, request, namespace_facts(view, request.target), lambda one: _lesson(ports, one))


def _lesson(ports: Ports, checked: CheckedAction) -> BuiltChange:
    if not ports.runbooks_place:
        remedy = "Say which of its folders holds them: PENSTOCK_RUNBOOKS_PLACE"
        raise SourceNotFound("the runbooks don't live in the GitOps repository", remedy=remedy)
    assert ports.repository is not None  # noqa: S101 - the caller looked
    known, name = know(ports, checked.params.incident), checked.target.name
    _require_over(known.incident, checked)
    commit = ports.repository.head(ports.branch)
    folder = f"{ports.runbooks_place}/{name}"
    before = held_at(ports.repository, commit, f"{folder}/runbook.yaml")
    after = _taught(before, f"{folder}/runbook.yaml", known.incident, checked.params.signals)
    book = _read(name, after, f"{folder}/runbook.yaml")
    _prove(ports.runbooks, book, known.incident)
    edits = [FileEdit(f"{folder}/runbook.yaml", before, after)] if after != before else []
    edits.append(_example(ports.repository, commit, folder, known.incident))
    told = " ".join(line.removeprefix("- ") for line in lessons(replace(known, runbook=book)))
    change = Change(commit, tuple(edits), f"Teach {name} what {known.incident.id} showed. {told}", verified=True)
    source = SourceFacts(status="found", path=edits[0].path, renderer="", commit=commit)
    return BuiltChange(change, source, None, None)


def _require_over(incident: Incident, checked: CheckedAction) -> None:
    name = checked.target.name
    if incident.status != "resolved":
        raise NothingToChange("the incident isn't over", where=incident.id, remedy="Wait until it is")
    if incident.root.namespace != checked.target.namespace or incident.root.cluster != checked.target.cluster:
        raise NothingToChange("the incident was in another place", where=incident.id, remedy="Name its namespace")
    if incident.incident_class not in ("", name):
        message = f"it was of class {incident.incident_class}"
        raise NothingToChange(message, where=incident.id, remedy=f"Teach {incident.incident_class}")


def _taught(before: bytes, where: str, incident: Incident, signals: Sequence[str]) -> bytes:
    """The runbook's file with a trigger for each named signal that it has none for."""
    text = text_of(before, where)
    for name in signals:
        source, _, reason = name.partition("/")
        kinds = sorted({s.subject.kind for s in incident.signals if (s.source, s.reason) == (source, reason)})
        if not kinds:
            raise NothingToChange(
                f"no signal {name} was kept", where=incident.id, remedy="Name one that its page shows"
            )
        known: list[Any] = read(text.encode(), where)[0]["triggers"]
        trigger = {"source": source, "reasons": [reason], "kinds": kinds}
        if trigger not in known:
            text = edit(text, 0, FieldChange(("triggers",), known, [*known, trigger]), where)
    return text.encode()


def _read(name: str, data: bytes, where: str) -> Runbook:
    try:
        return read_runbook(name, read(data, where)[0])
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        field = ".".join(str(part) for part in first["loc"])
        raise NothingToChange(f"{field}: {first['msg']}", where=where, remedy="penstock runbooks check") from None


def _prove(known: RunbookIndex, book: Runbook, incident: Incident) -> None:
    """What was seen has to be of the class by the runbook as taught, and no tie between runbooks may be new."""
    others = [one for one in known.runbooks.values() if one.id != book.id]
    taught = RunbookIndex([*others, book])
    if new := set(taught.conflicts()) - set(known.conflicts()):
        raise NothingToChange(min(new), where=book.id, remedy="Name a signal that no other runbook is triggered by")
    classes = sorted({one.incident_class or "novel" for one in group(list(incident.signals), taught)})
    if book.id not in classes:
        message = f"it would still be {', '.join(classes) or 'nothing'}"
        raise NothingToChange(message, where=incident.id, remedy="Name signals that it is to be recognised by")


def _example(repository: GitRepository, commit: str, folder: str, incident: Incident) -> FileEdit:
    """What was seen, as an example that ``penstock runbooks check`` holds the runbook against."""
    path = f"{folder}/examples/match-{incident.id}.signals.json"
    after = canonical.encode([signal.as_document() for signal in incident.signals]) + b"\n"
    before = repository.read(commit, path)
    if before == after:
        raise NothingToChange("the runbook was taught it before", where=path, remedy="Nothing to do")
    return FileEdit(path, before, after)
