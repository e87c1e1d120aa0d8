"""Restore an object that Git once made and no longer does: the very text it had, from the last commit that had it."""

from __future__ import annotations

from engine.core.action.kind import CheckedAction
from engine.core.change.documents import append_document, document_text
from engine.core.change.fields import ABSENT, FieldChange
from engine.core.change.identity import Object, identity
from engine.core.change.intend.situation import ChangeContext
from engine.core.change.kustomization import listed_as, read_kustomization
from engine.core.change.place.kustomize import trace
from engine.core.change.place.plain import Edits, find_document, manifest_paths
from engine.core.change.splice import edit
from engine.core.change.tree import relative
from engine.core.change.yaml_source import text_of
from engine.core.errors import NothingToChange, SourceAmbiguous, SourceNotFound
from engine.ports import GitRepository, Renderer
from engine.usecases.find_source import Rendering, declared_sources, kustomization_of, render, tree_at
from engine.usecases.look_back import last_rendering

_BY_HAND = "Restore it by hand"


def restore(
    repository: GitRepository, renderer: Renderer, commit: str, action: CheckedAction, context: ChangeContext
) -> tuple[Rendering, Edits, Object]:
    """The source as it is now, the edits that bring the target back, and the target as it was.

    Raises :class:`NothingToChange` where it is made already, :class:`SourceNotFound` where no source ever made it,
    and :class:`SourceAmbiguous` where several did or where a base or chart would have to be edited.
    """
    tree, target = tree_at(repository, commit), action.target
    found: list[tuple[Rendering, Rendering]] = []
    for source in declared_sources(tree, context):
        if source.problem or (target.namespace and source.namespace not in (target.namespace, "")):
            continue
        now = render(renderer, tree, commit, source)
        if now.find(target) is not None:
            raise NothingToChange("Git makes it already", where=source.path, remedy="Look whether Git was applied")
        then = last_rendering(repository, renderer, now, target, action.params.from_commit)
        if then is not None:
            found.append((now, then))
    if not found:
        raise SourceNotFound(f"no commit made {target.kind} {target.name}", remedy=_BY_HAND)
    if len(found) > 1:
        where = ", ".join(sorted(now.source.path for now, _ in found))
        raise SourceAmbiguous("several sources made it once", where=where, remedy=_BY_HAND)
    now, then = found[0]
    key = then.find(target)
    assert key is not None  # noqa: S101 - last_rendering found it
    return now, _edits(now, then, then.objects[key], then.origins.get(key, "")), then.objects[key]


def _edits(now: Rendering, then: Rendering, obj: Object, origin: str) -> Edits:
    source = then.source
    if source.renderer == "helm":
        raise SourceAmbiguous("a chart's objects belong to all its releases", where=source.path, remedy=_BY_HAND)
    traced = trace(obj, origin, source.path, then.files)
    plain, names = source.renderer == "plain", traced.names
    paths = manifest_paths(source, then.files) if plain else [traced.origin]
    name = identity(obj) if plain else (names.group, names.kind, traced.namespace, names.name)
    path, index = find_document(then.files, [p for p in paths if p in then.files], name)
    restored = document_text(text_of(then.files[path], path), index, path)
    current = now.files.get(path)
    edits: Edits = {path: (restored if current is None else append_document(text_of(current, path), restored)).encode()}
    if plain:
        return edits
    return {**edits, **_listed(now, path)}


def _listed(now: Rendering, path: str) -> Edits:
    """The line in ``resources``, where it has gone too."""
    kustomization, folder = kustomization_of(now), now.source.path
    document = read_kustomization(now.files[kustomization], kustomization)
    if listed_as(document, folder, path) is not None:
        return {}
    name = relative(folder, path)
    if name.startswith("../"):
        raise SourceAmbiguous("it came from a base, which other overlays share", where=path, remedy=_BY_HAND)
    line = FieldChange(("resources", len(document.get("resources") or ())), ABSENT, name)
    return {kustomization: edit(text_of(now.files[kustomization], kustomization), 0, line, kustomization).encode()}
