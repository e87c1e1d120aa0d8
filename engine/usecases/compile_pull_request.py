"""Compile a pull request that somebody made into typed actions: what would be applied before it, and what after.

1. What it changes is taken from where it left the base, and has to fit the base as it is now.
2. Every source whose files it touches is rendered before and after, as the GitOps controller would.
3. Each object that differs is classified. Files that no source reads are one action of their own: nobody can say what
   they do, so senior people decide.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pydantic import ValidationError

from engine.core import canonical
from engine.core.change.classify.classification import by_hand, classify
from engine.core.change.identity import Identity, Object
from engine.core.change.intend.situation import ChangeContext
from engine.core.change.model import Change, FileEdit
from engine.core.change.source import Source
from engine.core.change.tree import Tree
from engine.core.errors import BadInput, ChangeRefused, MergeConflict, NotFound
from engine.core.input_document import SourceFacts
from engine.core.proposal import ActionRequest, TargetReference
from engine.core.pull_request import PullRequest
from engine.ports import GitRepository, Ports, Renderer
from engine.usecases.build_change import BuiltChange
from engine.usecases.find_source import declared_sources, files_of, render_files, tree_at

MOST = 20
FILES = "Repository"

_ABOVE_NAMESPACES = frozenset(
    {
        *("Namespace", "Node", "PersistentVolume", "StorageClass", "PriorityClass", "IngressClass", "APIService"),
        *("ClusterRole", "ClusterRoleBinding", "CustomResourceDefinition"),
        *("ValidatingWebhookConfiguration", "MutatingWebhookConfiguration"),
    }
)


@dataclass(frozen=True)
class Compiled:
    """One action of a pull request, with the whole edit that it is a part of."""

    request: ActionRequest
    built: BuiltChange


@dataclass(frozen=True)
class _Site:
    """An object at one side of the edit, and the source that makes it."""

    source: Source
    obj: Object


_Sites = dict[tuple[Identity, str], list[_Site]]


def compile_pull_request(ports: Ports, pull_request: PullRequest, context: ChangeContext) -> list[Compiled]:
    """The actions of a pull request; none where nothing that is applied would differ.

    Raises :class:`MergeConflict` where it doesn't fit its base any more, and :class:`ChangeRefused`,
    :class:`BadInput`, :class:`NotFound` or :class:`~engine.core.errors.ToolUnavailable` where it can't be told what it
    does.
    """
    if ports.repository is None or ports.renderer is None:
        raise NotFound("no GitOps repository was given", remedy="Set PENSTOCK_REPO")
    base = ports.repository.head(pull_request.base)
    edits = _fitting(ports.repository, base, pull_request.head)
    change = Change(base, edits, "", verified=True)
    read, actions = _actions(ports.repository, ports.renderer, change, context)
    unread = [edit for edit in edits if edit.path not in read]
    if unread:
        actions.append(_files(unread, change, context))
    if len(actions) > MOST:
        message = f"it comes to {len(actions)} actions, more than {MOST}"
        raise ChangeRefused(message, where=pull_request.branch, remedy="Split it into smaller ones")
    return actions


def _fitting(repository: GitRepository, base: str, head: str) -> tuple[FileEdit, ...]:
    """The edits since the base was left, without those that the base has taken up meanwhile."""
    fitting = []
    for edit in repository.changes(repository.merge_base(base, head), head):
        now = repository.read(base, edit.path)
        if now == edit.before:
            fitting.append(edit)
        elif now != edit.after:
            raise MergeConflict("its base has changed there since", where=edit.path, remedy="Bring it up to date")
    return tuple(fitting)


def _actions(
    repository: GitRepository, renderer: Renderer, change: Change, context: ChangeContext
) -> tuple[set[str], list[Compiled]]:
    """The paths that some source reads, and an action or more for each object that differs."""
    before = tree_at(repository, change.base_commit)
    trees = (before, _edited(before, change.edits))
    sources = [[source for source in declared_sources(tree, context) if not source.problem] for tree in trees]
    read: set[str] = set()
    sites: tuple[_Sites, _Sites] = ({}, {})
    for source in dict.fromkeys([*sources[0], *sources[1]]):
        files = [files_of(tree, source) if source in known else {} for tree, known in zip(trees, sources, strict=True)]
        if files[0] == files[1] and source in sources[0] and source in sources[1]:
            continue
        read.update(*files)
        for at, side in enumerate(files):
            if source in sources[at]:
                _gather(sites[at], renderer, source, change.base_commit, side)
    found = [one for key in dict.fromkeys([*sites[0], *sites[1]]) for one in _of(key, sites, change, context)]
    return read, found


def _edited(tree: Tree, edits: Sequence[FileEdit]) -> Tree:
    after = {edit.path: edit.after for edit in edits}
    kept = [path for path in tree.paths if path not in after]
    paths = sorted([*kept, *(path for path, data in after.items() if data is not None)])
    return Tree(paths, lambda path: after[path] if path in after else tree.read(path))


def _gather(sites: _Sites, renderer: Renderer, source: Source, commit: str, files: Mapping[str, bytes]) -> None:
    if not files:
        return
    for key, obj in render_files(renderer, source, commit, files).objects.items():
        namespace = "" if key[1] in _ABOVE_NAMESPACES else key[2] or source.namespace
        sites.setdefault((key, namespace), []).append(_Site(source, obj))


def _of(
    key: tuple[Identity, str], sites: tuple[_Sites, _Sites], change: Change, context: ChangeContext
) -> list[Compiled]:
    """The actions on one object; one that several sources make is novel, since it isn't known which of them wins."""
    old, new = (side.get(key, []) for side in sites)
    target = _target(key, context.cluster)
    before, after = (found[0].obj if found else None for found in (old, new))
    requests: tuple[ActionRequest, ...] = ()
    if len(old) > 1 or len(new) > 1:
        sides = [[site.obj for site in found] for found in (old, new)]
        requests = (by_hand(target, "change", sides),) if sides[0] != sides[1] else requests
    else:
        requests = classify(target, before, after)
    source = (new or old)[0].source
    facts = SourceFacts(status="found", path=source.path, renderer=source.renderer, commit=change.base_commit)
    bare = [None if obj is None else dict(obj) for obj in (before, after)]
    return [Compiled(request, BuiltChange(change, facts, bare[0], bare[1])) for request in requests]


def _target(key: tuple[Identity, str], cluster: str) -> TargetReference:
    (group, kind, _, name), namespace = key
    try:
        return TargetReference(cluster=cluster, namespace=namespace, kind=kind, name=name)
    except ValidationError:
        message = f"{group}/{kind} has a name that no object can have"
        raise BadInput(message, where=name[:80], remedy="Correct the manifest") from None


def _files(edits: Sequence[FileEdit], change: Change, context: ChangeContext) -> Compiled:
    target = TargetReference(cluster=context.cluster, kind=FILES, name="files")
    content = {edit.path: None if edit.after is None else canonical.digest_bytes(edit.after) for edit in edits}
    facts = SourceFacts(status="found", path=edits[0].path, renderer="", commit=change.base_commit)
    return Compiled(by_hand(target, "files", content), BuiltChange(change, facts, None, None))
