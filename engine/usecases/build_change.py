"""Build the change of an action: intended object, minimal edit, and the proof that the edit is nothing else.

1. Find the one source that makes the target, by rendering. 2. Work out the intended object. 3. Edit the place that
sets each field. 4. Render the edited files with the real renderer: the target has to equal the intended object, and
no other object may differ. Only then is the change verified, and only a verified change is returned.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from engine.core.action.kind import CheckedAction
from engine.core.change.fields import ABSENT, FieldChange, Path, differences, put
from engine.core.change.identity import Identity, Object, identity
from engine.core.change.intend.intention import intend, summarise
from engine.core.change.intend.situation import ChangeContext, Intent, Situation
from engine.core.change.model import Change, FileEdit
from engine.core.change.place import helm, kustomize, plain
from engine.core.change.place.plain import Edits
from engine.core.change.verify import verify
from engine.core.errors import (
    ChangeRefused,
    FieldNotFound,
    NothingToChange,
    OutsideTree,
    RenderFailed,
    SourceAmbiguous,
    UnintendedEdit,
)
from engine.core.input_document import SourceFacts
from engine.core.proposal import TargetReference
from engine.ports import GitRepository, Renderer
from engine.usecases.find_source import Rendering, Site, find_source, kustomization_of, render_files
from engine.usecases.look_back import done_by, earlier_images
from engine.usecases.restore import restore

__all__ = ["BuiltChange", "ChangeContext", "build_change", "source_target"]

NOT_NEEDED = SourceFacts(status="not_needed", path="", renderer="", commit="")


@dataclass(frozen=True)
class BuiltChange:
    """A verified change, or none where the action needs none.

    ``before`` and ``after`` are the target as Git renders it; ``after`` is ``None`` for a deletion, and the added Job
    for a one-shot kind.
    """

    change: Change | None
    source: SourceFacts
    before: dict[str, Any] | None
    after: dict[str, Any] | None
    applied_by: str = ""


def build_change(
    repository: GitRepository, renderer: Renderer, commit: str, action: CheckedAction, context: ChangeContext
) -> BuiltChange:
    """The verified change of an action against ``commit``.

    Raises a subclass of :class:`ChangeRefused` (its ``reason`` is what the input document's ``change.refusal`` says),
    :class:`~engine.core.errors.BadInput` for a file that can't be read, and
    :class:`~engine.core.errors.ToolUnavailable`. Nothing is written in any case.
    """
    if not action.kind.needs_change:
        return BuiltChange(None, NOT_NEEDED, None, None)
    if action.kind.id == "restore_resource":
        return _restored(repository, renderer, commit, action, context)
    site = find_source(repository, renderer, commit, source_target(action, context), context)
    situation = _situation(repository, renderer, site, action, context)
    intent = intend(situation)
    edits, after = _edit(renderer, site, intent)
    change = _change(site.rendering, edits, summarise(situation, intent), context)
    after = None if after is None else dict(after)
    return BuiltChange(change, site.facts, dict(site.target), after, site.rendering.source.applier)


def source_target(action: CheckedAction, context: ChangeContext) -> TargetReference:
    """The object whose source is edited: of a Job that a CronJob made, the CronJob."""
    owners = ((context.live or {}).get("metadata") or {}).get("ownerReferences") or ()
    cron_job = next((o["name"] for o in owners if o.get("controller") and o.get("kind") == "CronJob"), None)
    if action.kind.id == "rerun_job" and action.target.kind == "Job" and cron_job is not None:
        return action.target.model_copy(update={"kind": "CronJob", "name": cron_job})
    return action.target


def _situation(
    repository: GitRepository, renderer: Renderer, site: Site, action: CheckedAction, context: ChangeContext
) -> Situation:
    situation = Situation(action, site.target, context)
    if action.kind.id == "rollback_workload" and isinstance(action.params.to_revision, str):
        wanted = action.params.to_revision
        return replace(situation, earlier=earlier_images(repository, renderer, site, action.target, wanted))
    if action.kind.id == "revert_commit":
        undone = done_by(repository, renderer, site, action.target, action.params.commit)
        return replace(situation, undone=undone)
    return situation


def _edit(renderer: Renderer, site: Site, intent: Intent) -> tuple[Edits, Object | None]:
    """Edits that were verified, and the target (or the added Job) as it is rendered then."""
    if intent.added is not None:
        return _added(renderer, site, intent.added)
    rendering = site.rendering
    if intent.after is None:
        expected = {key: obj for key, obj in rendering.objects.items() if key != site.key}
        edits = _deletion(site)
        _prove(renderer, rendering, edits, expected)
        return edits, None
    expected = {**rendering.objects, site.key: intent.after}
    changes = ordered(list(differences(site.target, intent.after)))
    if rendering.source.renderer == "helm":
        edits = _edit_values(renderer, site, changes)
        _prove(renderer, rendering, edits, expected)
    elif rendering.source.renderer == "kustomize":
        edits = _edit_overlay(renderer, site, changes, expected)
    else:
        edits = plain.place(rendering.source, rendering.files, site.key, changes)
        _prove(renderer, rendering, edits, expected)
    return edits, intent.after


def ordered(changes: Sequence[FieldChange]) -> list[FieldChange]:
    """Changes in an order in which none moves the place of another: list positions from the end."""
    removals = [c for c in changes if c.after is ABSENT]
    others = [c for c in changes if c.after is not ABSENT]
    return [*others, *sorted(removals, key=lambda c: _positions(c.path), reverse=True)]


def _positions(path: Path) -> list[int]:
    return [step for step in path if isinstance(step, int)]


def _prove(
    renderer: Renderer, rendering: Rendering, edits: Edits, expected: Mapping[Identity, Object]
) -> Mapping[Identity, Object]:
    files = {path: data for path, data in {**rendering.files, **edits}.items() if data is not None}
    after = render_files(renderer, rendering.source, rendering.commit, files)
    verify(expected, after.objects.values(), rendering.source.path or ".")
    return after.objects


def _edit_overlay(
    renderer: Renderer, site: Site, changes: Sequence[FieldChange], expected: Mapping[Identity, Object]
) -> Edits:
    first: ChangeRefused | None = None
    for whole_lists in (False, True):
        edits = kustomize.place(_overlay(site), changes, expected[site.key], whole_lists=whole_lists)
        try:
            _prove(renderer, site.rendering, edits, expected)
        except (UnintendedEdit, RenderFailed) as refusal:
            first = first or refusal
            continue
        return edits
    assert first is not None  # noqa: S101 - the loop returned otherwise
    raise first


def _overlay(site: Site) -> kustomize.Overlay:
    rendering = site.rendering
    folder = rendering.source.path
    traced = kustomize.trace(site.target, rendering.origins.get(site.key, ""), folder, rendering.files)
    return kustomize.Overlay(folder, kustomization_of(rendering), dict(rendering.files), traced)


def _edit_values(renderer: Renderer, site: Site, changes: Sequence[FieldChange]) -> Edits:
    """For each field the one value that drives it, found by rendering with it changed."""
    rendering, target, edits = site.rendering, site.target, Edits()
    for change in changes:
        files = {path: data for path, data in {**rendering.files, **edits}.items() if data is not None}
        layers = helm.all_layers(rendering.source, files)
        expected = {**rendering.objects, site.key: put(target, change)}
        driving: list[Edits] = []
        for candidate in helm.candidates(helm.effective_values(layers, files), change, target):
            attempt = {**edits, **helm.place(layers, files, candidate)}
            if attempt not in driving and _proves(renderer, rendering, attempt, expected):
                driving.append(attempt)
        if not driving:
            remedy = "Make the chart take it from its values"
            raise FieldNotFound(f"no value drives {change}", where=rendering.source.path, remedy=remedy)
        if len(driving) > 1:
            where = ", ".join(sorted({path for attempt in driving for path in attempt}))
            raise SourceAmbiguous(f"several values drive {change}", where=where, remedy="Edit the values by hand")
        edits, target = driving[0], put(target, change)
    return edits


def _proves(renderer: Renderer, rendering: Rendering, edits: Edits, expected: Mapping[Identity, Object]) -> bool:
    try:
        _prove(renderer, rendering, edits, expected)
    except (UnintendedEdit, RenderFailed):
        return False
    return True


def _deletion(site: Site) -> Edits:
    rendering = site.rendering
    if rendering.source.renderer == "plain":
        return plain.delete(rendering.source, rendering.files, site.key)
    if rendering.source.renderer == "kustomize":
        return kustomize.delete(_overlay(site))
    raise _of_a_chart(rendering)


def _of_a_chart(rendering: Rendering) -> SourceAmbiguous:
    remedy = "Change the chart by hand"
    return SourceAmbiguous("a chart's objects belong to all its releases", where=rendering.source.path, remedy=remedy)


_DECORATED: tuple[Path, ...] = (
    ("metadata", "labels"),
    ("metadata", "annotations"),
    ("metadata", "namespace"),
    ("spec", "template", "metadata"),
)


def _added(renderer: Renderer, site: Site, job: Object) -> tuple[Edits, Object]:
    """A manifest beside the target's. An overlay may label what it renders; nothing else of the Job may differ."""
    rendering, folder = site.rendering, site.rendering.source
    if folder.renderer == "helm":
        raise _of_a_chart(rendering)
    is_plain = folder.renderer == "plain"
    edits = plain.add(folder, rendering.files, job) if is_plain else kustomize.add(_overlay(site), job)
    files = {path: data for path, data in {**rendering.files, **edits}.items() if data is not None}
    rendered = render_files(renderer, folder, rendering.commit, files).objects
    key = identity(job)
    if key not in rendered:
        raise UnintendedEdit(f"Job {key[3]} isn't rendered under its name", where=folder.path, remedy="Add it by hand")
    for change in differences(job, rendered[key]):
        if change.before is not ABSENT or not any(change.path[: len(p)] == p for p in _DECORATED):
            raise UnintendedEdit(f"{change} of the Job is rendered otherwise", where=folder.path)
    verify({**rendering.objects, key: rendered[key]}, rendered.values(), folder.path)
    return edits, rendered[key]


def _restored(
    repository: GitRepository, renderer: Renderer, commit: str, action: CheckedAction, context: ChangeContext
) -> BuiltChange:
    now, edits, obj = restore(repository, renderer, commit, action, context)
    _prove(renderer, now, edits, {**now.objects, identity(obj): obj})
    change = _change(now, edits, f"Restore {action.target.kind} {action.target.name}", context)
    source = now.source
    facts = SourceFacts(status="found", path=source.path, renderer=source.renderer, commit=commit)
    return BuiltChange(change, facts, None, dict(obj), source.applier)


def _change(rendering: Rendering, edits: Edits, summary: str, context: ChangeContext) -> Change:
    changed = [FileEdit(path, rendering.files.get(path), data) for path, data in sorted(edits.items())]
    changed = [edit for edit in changed if edit.before != edit.after]
    if not changed:
        raise NothingToChange("Git already holds this", remedy="Look whether Git was applied at all")
    for edit in changed:
        if not any(tree == "" or edit.path.startswith(f"{tree}/") for tree in context.allowed_trees):
            raise OutsideTree("the gate may not edit this file", where=edit.path, remedy="Ask its owners")
    return Change(rendering.commit, tuple(changed), summary, verified=True)
