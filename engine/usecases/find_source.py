"""Find which folder of the repository makes an object, by what Argo CD or Flux was told and by rendering it.

A folder that mentions a name doesn't make the object; only its rendering says so. None that does is a refusal, and so
are two: an edit of one would be undone or doubled by the other.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from pydantic import ValidationError

from engine.core.change.identity import Identity, Object, by_identity, identity, is_target
from engine.core.change.intend.situation import ChangeContext
from engine.core.change.kustomization import closure, kustomization_file, read_kustomization
from engine.core.change.place.kustomize import ask_origins, take_origin
from engine.core.change.place.plain import manifest_paths
from engine.core.change.source import (
    DECLARING,
    Declaration,
    Reading,
    Source,
    address,
    declarations,
    git_repositories,
    sources,
)
from engine.core.change.tree import Tree, parent
from engine.core.change.yaml_source import read
from engine.core.errors import BadInput, ChangeRefused, NotFound, SourceAmbiguous, SourceNotFound
from engine.core.facts.cluster_view import ClusterView
from engine.core.input_document import SourceFacts
from engine.core.proposal import TargetReference
from engine.core.signal import ObjectReference
from engine.ports import GitRepository, Ports, Renderer
from engine.usecases.declared import declared_context

_NAMING = (b"namePrefix", b"nameSuffix", b"configMapGenerator", b"secretGenerator", b"replacements", b"vars")
_MARKS = (*(group.encode() for group in DECLARING.values()), b"source.toolkit.fluxcd.io/")


@dataclass(frozen=True)
class Rendering:
    """All that a source makes at one commit, the files it was made of, and where kustomize says each came from."""

    source: Source
    commit: str
    files: Mapping[str, bytes]
    objects: Mapping[Identity, Object]
    origins: Mapping[Identity, str]

    def find(self, target: TargetReference) -> Identity | None:
        """The target among the objects. Raises :class:`SourceAmbiguous` when two could be meant."""
        found = [key for key, obj in self.objects.items() if is_target(obj, target, self.source.namespace)]
        if len(found) > 1:
            message = f"{len(found)} objects are {target.kind} {target.name}"
            raise SourceAmbiguous(message, where=self.source.path, remedy="Name objects differently")
        return found[0] if found else None


@dataclass(frozen=True)
class Site:
    """The one source that makes the target, and the target as it is rendered."""

    rendering: Rendering
    key: Identity

    @property
    def target(self) -> Object:
        """The target as Git renders it."""
        return self.rendering.objects[self.key]

    @property
    def facts(self) -> SourceFacts:
        """What the input document says of the source."""
        source = self.rendering.source
        return SourceFacts(status="found", path=source.path, renderer=source.renderer, commit=self.rendering.commit)


def tree_at(repository: GitRepository, commit: str) -> Tree:
    """The repository's regular files at a commit."""
    return Tree(sorted(repository.paths(commit)), lambda path: repository.read(commit, path))


def find_source(
    repository: GitRepository, renderer: Renderer, commit: str, target: TargetReference, context: ChangeContext
) -> Site:
    """The site of a target. Raises :class:`SourceNotFound`, :class:`SourceAmbiguous` and other refusals."""
    tree = tree_at(repository, commit)
    declared = _declared(tree, context)
    if target.kind in DECLARING:
        return _declaring_file(renderer, tree, commit, target, declared.made)
    candidates = candidate_sources(tree, declared, context)
    sites = []
    for source in candidates:
        if source.problem or not may_make(tree, source, target):
            continue
        rendering = render(renderer, tree, commit, source)
        key = rendering.find(target)
        if key is not None:
            sites.append(Site(rendering, key))
    if len(sites) > 1:
        where = ", ".join(sorted(f"{s.rendering.source.declared_by} ({s.rendering.source.path})" for s in sites))
        raise SourceAmbiguous("several sources make the target", where=where, remedy="Leave it to one of them")
    if not sites:
        raise _not_found(candidates, target)
    return sites[0]


def source_path(ports: Ports, view: ClusterView, root: ObjectReference) -> str:
    """The folder whose history is an object's history; empty where no single one in Git makes it."""
    if ports.repository is None or ports.renderer is None:
        return ""
    try:
        fields = {"cluster": root.cluster, "namespace": root.namespace, "kind": root.kind, "name": root.name}
        target = TargetReference.model_validate(fields)
        commit = ports.repository.head(ports.branch)
        context = declared_context(ports, view, now="")
        return find_source(ports.repository, ports.renderer, commit, target, context).rendering.source.path
    except (ChangeRefused, NotFound, ValidationError):
        return ""


def _not_found(candidates: Sequence[Source], target: TargetReference) -> SourceNotFound | SourceAmbiguous:
    name = f"{target.kind} {target.namespace}/{target.name}".replace(" /", " ")
    for source in candidates:
        if source.problem and source.namespace in (target.namespace, ""):
            remedy = "Declare it in files of this repository"
            message = f"{source.declared_by} may make {name}, but {source.problem}"
            return SourceAmbiguous(message, where=source.path or source.declared_by, remedy=remedy)
    return SourceNotFound(f"no source in Git makes {name}", remedy="Bring it under GitOps, or change it by hand")


@dataclass(frozen=True)
class Declared:
    """What says of itself that it is made from Git, in the repository and in the cluster, and Flux's repositories."""

    made: Sequence[Declaration]
    repositories: Mapping[tuple[str, str], Object]


def _declared(tree: Tree, context: ChangeContext) -> Declared:
    documents = [([dict(obj) for obj in context.declared], "")]
    for path in tree.paths:
        if not path.endswith((".yaml", ".yml", ".json")):
            continue
        data = tree.read(path) or b""
        if any(mark in data for mark in _MARKS) and not _in_chart(tree, path):
            documents.insert(-1, (read(data, path), path))
    made = [one for objects, path in documents for one in declarations(objects, path)]
    return Declared(made, dict(pair for objects, _ in documents for pair in git_repositories(objects)))


def _in_chart(tree: Tree, path: str) -> bool:
    folder = parent(path)
    while folder:
        if tree.is_file(f"{folder}/Chart.yaml"):
            return True
        folder = parent(folder)
    return tree.is_file("Chart.yaml")


def declared_sources(tree: Tree, context: ChangeContext) -> list[Source]:
    """The sources that the repository and the cluster declare for this cluster."""
    return candidate_sources(tree, _declared(tree, context), context)


def candidate_sources(tree: Tree, declared: Declared, context: ChangeContext) -> list[Source]:
    """The sources that reach the cluster, each once, with the renderer that its folder asks for.

    Raises :class:`SourceAmbiguous` where the cluster has another declaration than Git, and where it isn't known
    which of several declared repositories this one is.
    """
    reading = Reading(context.cluster, context.servers, context.branch, declared.repositories)
    by_name: dict[tuple[str, str], list[tuple[Declaration, list[Source]]]] = {}
    for one in declared.made:
        by_name.setdefault((one.namespace, str(one)), []).append((one, list(sources(one, reading))))
    found: list[Source] = []
    for (_, name), versions in by_name.items():
        shapes = {tuple((s.path, s.namespace, s.sets, s.problem) for s in made) for _, made in versions}
        if len(shapes) > 1:
            where = ", ".join(one.path or "cluster" for one, _ in versions)
            raise SourceAmbiguous(f"{name} is declared in two ways", where=where, remedy="Make them agree")
        found.extend(_with_renderer(tree, source) for source in versions[0][1])
    return _of_this_repository(found, context)


def _of_this_repository(found: Sequence[Source], context: ChangeContext) -> list[Source]:
    known = {address(url) for url in context.repositories}
    named = {source.repository for source in found if source.repository and not source.problem}
    if not known and len(named) > 1:
        remedy = "Say which of them is this one: PENSTOCK_REPOSITORY_URLS"
        raise SourceAmbiguous("several repositories are declared", where=", ".join(sorted(named)), remedy=remedy)
    return [source for source in found if not known or not source.repository or source.repository in known]


def _with_renderer(tree: Tree, source: Source) -> Source:
    if source.problem:
        return source
    chart = tree.is_file(f"{source.path}/Chart.yaml" if source.path else "Chart.yaml")
    kustomization = kustomization_file(tree, source.path) is not None
    if chart and kustomization:
        return replace(source, problem="its folder is a chart and a kustomization at once")
    if chart or source.force_helm:
        return replace(source, renderer="helm")
    return replace(source, renderer="kustomize" if kustomization else "plain")


def may_make(tree: Tree, source: Source, target: TargetReference) -> bool:
    """A quick no: whether the files of a source could make an object of this name at all."""
    if source.renderer == "helm" and source.namespace in (target.namespace, ""):
        return True
    files = files_of(tree, source)
    if source.renderer == "kustomize" and target.namespace and _namespace(source, files) not in ("", target.namespace):
        return False
    name, contents = target.name.encode(), files.values()
    return any(name in data or any(word in data for word in _NAMING) for data in contents)


def _namespace(source: Source, files: Mapping[str, bytes]) -> str:
    """The namespace that an overlay puts all its objects into, empty where it leaves them."""
    path = next(p for p in _kustomizations(source) if p in files)
    return str(read_kustomization(files[path], path).get("namespace") or "")


def files_of(tree: Tree, source: Source) -> dict[str, bytes]:
    """All files that rendering a source reads."""
    if source.renderer == "kustomize":
        return closure(tree, source.path)
    below = {path: tree.read(path) or b"" for path in tree.below(source.path)}
    if source.renderer == "plain":
        return {path: below[path] for path in manifest_paths(source, below)}
    layers = {layer.path: data for layer in source.layers if (data := tree.read(layer.path)) is not None}
    return {**below, **layers}


def render(renderer: Renderer, tree: Tree, commit: str, source: Source) -> Rendering:
    """What a source makes at a commit; kustomize's notes of origin are read and taken off again."""
    return render_files(renderer, source, commit, files_of(tree, source))


def render_files(renderer: Renderer, source: Source, commit: str, files: Mapping[str, bytes]) -> Rendering:
    """What a source makes of these files."""
    path = next((p for p in _kustomizations(source) if p in files), "") if source.renderer == "kustomize" else ""
    rendered = renderer.render(source, ask_origins(files, path) if path else files)
    bare: list[tuple[dict[str, Any], str]] = [take_origin(obj) if path else (dict(obj), "") for obj in rendered]
    objects = by_identity((obj for obj, _ in bare), source.path or ".")
    return Rendering(source, commit, files, objects, {identity(obj): origin for obj, origin in bare})


def _kustomizations(source: Source) -> list[str]:
    prefix = f"{source.path}/" if source.path else ""
    return [f"{prefix}{name}" for name in ("kustomization.yaml", "kustomization.yml", "Kustomization")]


def kustomization_of(rendering: Rendering) -> str:
    """The path of the kustomization that a rendering began with."""
    return next(path for path in _kustomizations(rendering.source) if path in rendering.files)


def _declaring_file(
    renderer: Renderer, tree: Tree, commit: str, target: TargetReference, declared: Sequence[Declaration]
) -> Site:
    """A declaration is applied by people or by another one; its own file is its source."""
    wanted = (target.kind, target.namespace, target.name)
    paths = sorted({d.path for d in declared if (d.kind, d.namespace, d.name) == wanted and d.path})
    if not paths:
        raise SourceNotFound(f"no file declares {target.kind} {target.name}", remedy="Declare it in this repository")
    if len(paths) > 1:
        raise SourceAmbiguous("it is declared twice", where=", ".join(paths), remedy="Keep one declaration")
    rendering = render(renderer, tree, commit, Source("the repository", parent(paths[0]), target.namespace))
    key = rendering.find(target)
    if key is None:
        raise BadInput("the declaration can't be read back", where=paths[0], remedy="Correct the file")
    return Site(rendering, key)
