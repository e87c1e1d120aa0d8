"""Look back: the target as earlier commits rendered it.

Only commits in the history of the source's own files are looked at. A commit that somebody names has to be among
them: an object of a branch that nobody merged is no earlier state of production.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from engine.core.change.fields import FieldChange, differences, find, same, show
from engine.core.change.identity import Object
from engine.core.change.image_reference import split
from engine.core.change.intend.workload import images_of
from engine.core.change.tree import Tree
from engine.core.errors import ChangeRefused, RenderFailed, UnsafeSource
from engine.core.proposal import TargetReference
from engine.ports import GitRepository, Renderer
from engine.usecases.find_source import Rendering, Site, render, tree_at

MAX_COMMITS = 30
MAX_PATHS = 40
MAX_WALK = 2000


def commits_of(repository: GitRepository, commit: str, paths: Sequence[str], limit: int = MAX_COMMITS) -> list[str]:
    """Ids of commits that changed any of these paths, newest first: by descent, since a date can be anything."""
    found = {one.id for path in paths for one in repository.history(commit, path, limit)}
    folder = paths[0].rpartition("/")[0] if paths else ""
    while folder and not all(path.startswith(f"{folder}/") for path in paths):
        folder = folder.rpartition("/")[0]
    return [one.id for one in repository.history(commit, folder, MAX_WALK) if one.id in found][:limit]


def earlier_images(
    repository: GitRepository, renderer: Renderer, site: Site, target: TargetReference, wanted: str
) -> Object:
    """The target as it was at a commit, or the last one whose images differ from today's (``previous``).

    Raises :class:`ChangeRefused` where history holds no such state.
    """
    commits = commits_of(repository, site.rendering.commit, _telling_paths(site))
    if wanted != "previous":
        known = [one for one in commits if one.startswith(wanted)]
        if len(known) != 1:
            remedy = "Name a commit that changed them"
            raise ChangeRefused(f"{wanted} is no commit of the target's files", where=site.facts.path, remedy=remedy)
        state = _target_at(repository, renderer, site, target, known[0])
        if state is None:
            raise ChangeRefused(f"{wanted} doesn't make the target", remedy="Name a later commit")
        return state
    today = images_of(site.target)
    for state in _states(repository, renderer, site, target, commits[1:]):
        images = images_of(state)
        if any(name in images and images[name] != image for name, image in today.items()):
            return state
    message = f"history holds no other image of {target.kind} {target.name}"
    raise ChangeRefused(message, where=site.facts.path, remedy="Name a commit, or set the image")


def _telling_paths(site: Site) -> list[str]:
    """The files that mention one of the target's images; all of a chart's values, since a tag may stand alone."""
    files = site.rendering.files
    names = {split(image).name.rpartition("/")[2].encode() for image in images_of(site.target).values()}
    if site.rendering.source.renderer == "helm":
        return [p for p in files if p.endswith((".yaml", ".yml")) and "/templates/" not in p][:MAX_PATHS]
    telling = [path for path, data in files.items() if any(name in data for name in names)]
    return (telling or list(files))[:MAX_PATHS]


def _states(
    repository: GitRepository, renderer: Renderer, site: Site, target: TargetReference, commits: Sequence[str]
) -> Iterator[Object]:
    for commit in commits:
        try:
            state = _target_at(repository, renderer, site, target, commit)
        except (RenderFailed, UnsafeSource):
            continue
        if state is not None:
            yield state


def _target_at(
    repository: GitRepository, renderer: Renderer, site: Site, target: TargetReference, commit: str
) -> Object | None:
    rendering = render(renderer, tree_at(repository, commit), commit, site.rendering.source)
    key = rendering.find(target)
    return None if key is None else rendering.objects[key]


def done_by(
    repository: GitRepository, renderer: Renderer, site: Site, target: TargetReference, wanted: str
) -> tuple[FieldChange, ...]:
    """The field changes that take back what one commit did to the target.

    Raises :class:`ChangeRefused` where it did nothing to it, or where a field was changed again since.
    """
    commit, older = _touched(repository, site, wanted)
    tree = tree_at(repository, commit)
    after = _object(render(renderer, tree, commit, site.rendering.source), target)
    added = {path for path, before in older.items() if before is None}
    paths = [path for path in tree.paths if path not in added]
    past = Tree(paths, lambda path: older[path] if path in older else tree.read(path))
    before = _object(render(renderer, past, commit, site.rendering.source), target)
    if after is None or before is None:
        message = "that commit added or removed the target itself"
        raise ChangeRefused(message, where=commit, remedy="Propose delete_resource or restore_resource")
    undone = tuple(differences(after, before))
    if not undone:
        raise ChangeRefused("that commit did nothing to the target", where=commit, remedy="Name the one that did")
    for change in undone:
        if not same(find(site.target, change.path), change.before):
            message = f"{show(change.path)} was changed again since"
            raise ChangeRefused(message, where=commit, remedy="Take the later commit back first")
    return undone


def _object(rendering: Rendering, target: TargetReference) -> Object | None:
    key = rendering.find(target)
    return None if key is None else rendering.objects[key]


def _touched(repository: GitRepository, site: Site, wanted: str) -> tuple[str, Mapping[str, bytes | None]]:
    """The commit by its whole id, and the bytes that each file it changed had before."""
    found: dict[str, dict[str, bytes | None]] = {}
    for path in site.rendering.files:
        history = repository.history(site.rendering.commit, path, 200)
        for summary, older in zip(history, [*history[1:], None], strict=True):
            if summary.id.startswith(wanted):
                before = None if older is None else repository.read(older.id, path)
                found.setdefault(summary.id, {})[path] = before
    if len(found) != 1:
        remedy = "Name a commit that changed them"
        raise ChangeRefused(f"{wanted} is no commit of the target's files", where=site.facts.path, remedy=remedy)
    return next(iter(found.items()))


def last_rendering(
    repository: GitRepository, renderer: Renderer, now: Rendering, target: TargetReference, wanted: str | None
) -> Rendering | None:
    """The newest commit of a source's folder at which it made the target (or the one named), rendered."""
    commits = commits_of(repository, now.commit, [now.source.path], limit=50)
    if wanted is not None:
        commits = [one for one in commits if one.startswith(wanted)]
    for commit in commits:
        try:
            then = render(renderer, tree_at(repository, commit), commit, now.source)
        except (RenderFailed, UnsafeSource):
            continue
        if then.find(target) is not None:
            return then
    return None
