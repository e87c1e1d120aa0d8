"""Which folder makes an object, as Argo CD and Flux were told: their declarations read into sources.

Whatever a declaration does that this reading doesn't model (inline overrides, plugins, values from a Secret) makes
its source unreadable, with the reason: an edit of files that something else overrides would be believed and do nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from engine.core.change.fields import Path
from engine.core.change.tree import join
from engine.core.sync import Applier, section

RendererName = Literal["plain", "kustomize", "helm"]
Object = Mapping[str, Any]

_ARGO, _FLUX, _HELM = "argoproj.io/", "kustomize.toolkit.fluxcd.io/", "helm.toolkit.fluxcd.io/"
DECLARING = {"Application": _ARGO, "Kustomization": _FLUX, "HelmRelease": _HELM}
GIT_REPOSITORY, _FLUX_SOURCE = "GitRepository", "source.toolkit.fluxcd.io/"
_LIVE_VALUES = "its values are in the cluster alone"
_OVERRIDING_FLUX = ("patches", "images", "components", "postBuild", "namePrefix", "nameSuffix", "commonMetadata")


@dataclass(frozen=True, slots=True)
class ValueLayer:
    """Helm values: a whole file, or what lies at ``prefix`` in one of its documents. Later layers win."""

    path: str
    document: int = 0
    prefix: Path = ()


@dataclass(frozen=True, slots=True)
class Declaration:
    """One Application, Flux Kustomization or HelmRelease, and its file (empty: only in the cluster)."""

    kind: str
    namespace: str
    name: str
    spec: Object
    path: str
    document: int

    def __str__(self) -> str:
        return f"{self.kind} {self.name}"

    @property
    def applier(self) -> str:
        """The same with its namespace, as the cluster knows it."""
        return str(Applier(self.kind, self.namespace, self.name))


@dataclass(frozen=True, slots=True)
class Source:
    """A folder and how it is rendered. ``problem`` says why it can't be read as it is declared.

    ``applier`` is the controller's object that applies it, empty where none is declared.
    """

    declared_by: str
    path: str
    namespace: str
    applier: str = ""
    renderer: RendererName = "plain"
    recurse: bool = False
    release: str = ""
    layers: tuple[ValueLayer, ...] = ()
    sets: tuple[str, ...] = ()
    force_helm: bool = False
    problem: str = ""
    repository: str = ""


@dataclass(frozen=True, slots=True)
class Reading:
    """What declarations are read against: the cluster, the server addresses that mean it, and the branch.

    ``repositories`` are Flux's own declarations of Git repositories, by namespace and name.
    """

    cluster: str
    servers: frozenset[str]
    branch: str
    repositories: Mapping[tuple[str, str], Object] = field(default_factory=dict)


def address(url: object) -> str:
    """A repository's address without what writes the same one differently: scheme, user, letter case, ``.git``."""
    text = str(url or "").strip().lower().rstrip("/").removesuffix(".git")
    host, colon, path = text.partition(":")
    plain = f"{host}/{path}" if colon and not path.startswith("//") and "/" not in host else text
    return plain.rpartition("://")[2].rpartition("@")[2]


def git_repositories(objects: list[Any]) -> Iterator[tuple[tuple[str, str], Object]]:
    """Flux's declarations of Git repositories among a file's documents: namespace and name, and the spec."""
    for value in objects:
        metadata = value.get("metadata") if isinstance(value, dict) else None
        if not isinstance(metadata, dict) or value.get("kind") != GIT_REPOSITORY:
            continue
        if str(value.get("apiVersion", "")).startswith(_FLUX_SOURCE):
            yield (str(metadata.get("namespace", "")), str(metadata.get("name", ""))), value.get("spec") or {}


def declarations(objects: list[Any], path: str) -> Iterator[Declaration]:
    """The declarations among a file's documents."""
    for index, value in enumerate(objects):
        kind = value.get("kind") if isinstance(value, dict) else None
        version = str(value.get("apiVersion", "")) if isinstance(value, dict) else ""
        if isinstance(kind, str) and kind in DECLARING and version.startswith(DECLARING[kind]):
            metadata = value.get("metadata") or {}
            spec = value.get("spec") or {}
            yield Declaration(
                kind, str(metadata.get("namespace", "")), str(metadata.get("name", "")), spec, path, index
            )


def sources(declaration: Declaration, reading: Reading) -> Iterator[Source]:
    """The sources that a declaration applies to the cluster; none where it is for another cluster or revision."""
    if declaration.kind == "Application":
        yield from _argo(declaration, reading)
    elif _in_cluster(declaration, reading):
        yield from _flux(declaration, reading)


def _in_cluster(declaration: Declaration, reading: Reading) -> bool:
    segments = declaration.path.split("/")
    here = reading.cluster in segments or "clusters" not in segments
    return here and not declaration.spec.get("kubeConfig")


def _flux(declaration: Declaration, reading: Reading) -> Iterator[Source]:
    """With the address of the repository it is made from, where that is declared; none for another branch."""
    chart = section(section(declaration.spec, "chart"), "spec")
    reference = section(declaration.spec if declaration.kind == "Kustomization" else chart, "sourceRef")
    place = str(reference.get("namespace") or declaration.namespace), str(reference.get("name") or "")
    known = reading.repositories.get(place) or {}
    wanted = section(known, "ref")
    pinned = any(wanted.get(key) for key in ("tag", "semver", "commit", "name"))
    if pinned or str(wanted.get("branch") or reading.branch) != reading.branch:
        return
    made = _flux_kustomization if declaration.kind == "Kustomization" else _flux_release
    for source in made(declaration):
        other = reference.get("kind") not in (GIT_REPOSITORY, None)
        problem = source.problem or ("it isn't made from a Git repository" if other else "")
        yield replace(source, problem=problem, repository=address(known.get("url")))


def _argo(declaration: Declaration, reading: Reading) -> Iterator[Source]:
    spec = declaration.spec
    destination = spec.get("destination") or {}
    named = destination.get("name") == reading.cluster
    if not named and (destination.get("name") or destination.get("server") not in reading.servers):
        return
    several = spec.get("sources") or [spec.get("source") or {}]
    refs = {str(s["ref"]) for s in several if s.get("ref")}
    for index, source in enumerate(several):
        at: Path = ("spec", "sources", index) if spec.get("sources") else ("spec", "source")
        if str(source.get("targetRevision") or "HEAD") not in ("HEAD", reading.branch, f"refs/heads/{reading.branch}"):
            continue
        if source.get("path") is not None or source.get("chart"):
            yield _argo_source(declaration, source, at, refs, str(destination.get("namespace") or ""))


def _argo_source(declaration: Declaration, source: Object, at: Path, refs: set[str], namespace: str) -> Source:
    name, where = str(declaration), declaration.path or str(declaration)
    helm, directory = source.get("helm") or {}, source.get("directory") or {}
    problems = {
        "its chart comes from outside this repository": source.get("chart"),
        "it overrides Kustomize itself": set(source.get("kustomize") or {}) - {"version"},
        "it uses a plugin": source.get("plugin"),
        "it selects files by pattern": directory.get("include") or directory.get("exclude"),
        "it takes Helm parameters from files": helm.get("fileParameters"),
        "its inline values are one text": helm.get("values"),
        _LIVE_VALUES: helm.get("valuesObject") and not declaration.path,
    }
    problem = next((text for text, present in problems.items() if present), "")
    folder = "" if source.get("chart") else join("", str(source.get("path", "")), where)
    layers = [ValueLayer(_value_file(str(f), folder, refs, where)) for f in helm.get("valueFiles") or ()]
    if helm.get("valuesObject"):
        layers.append(ValueLayer(declaration.path, declaration.document, (*at, "helm", "valuesObject")))
    return Source(
        declared_by=name,
        applier=declaration.applier,
        path=folder,
        namespace=namespace,
        recurse=bool(directory.get("recurse")),
        release=str(helm.get("releaseName") or declaration.name),
        layers=tuple(layers),
        sets=tuple(_parameter(p) for p in helm.get("parameters") or ()),
        problem=problem,
        repository=address(source.get("repoURL")),
    )


def _value_file(file: str, folder: str, refs: set[str], where: str) -> str:
    head, _, rest = file.partition("/")
    if head.startswith("$") and head[1:] in refs:
        return join("", rest, where)
    return join(folder, file, where)


def _parameter(parameter: Object) -> str:
    flag = "--set-string" if parameter.get("forceString") else "--set"
    return f"{flag}={parameter.get('name', '')}={parameter.get('value', '')}"


def _flux_kustomization(declaration: Declaration) -> Iterator[Source]:
    spec = declaration.spec
    overriding = [key for key in _OVERRIDING_FLUX if spec.get(key)]
    yield Source(
        declared_by=str(declaration),
        applier=declaration.applier,
        path=join("", str(spec.get("path") or "./"), declaration.path or str(declaration)),
        namespace=str(spec.get("targetNamespace") or ""),
        recurse=True,
        problem=f"it overrides what is rendered by {overriding[0]}" if overriding else "",
    )


def _flux_release(declaration: Declaration) -> Iterator[Source]:
    spec, where = declaration.spec, declaration.path or str(declaration)
    chart = ((spec.get("chart") or {}).get("spec")) or {}
    target = str(spec.get("targetNamespace") or "")
    problems = {
        "its chart comes from outside this repository": (chart.get("sourceRef") or {}).get("kind") != "GitRepository",
        "it takes values from the cluster": spec.get("valuesFrom"),
        "it changes what is rendered afterwards": spec.get("postRenderers"),
        _LIVE_VALUES: spec.get("values") and not declaration.path,
    }
    problem = next((text for text, present in problems.items() if present), "")
    layers = [ValueLayer(join("", str(file), where)) for file in chart.get("valuesFiles") or ()]
    if spec.get("values"):
        layers.append(ValueLayer(declaration.path, declaration.document, ("spec", "values")))
    yield Source(
        declared_by=str(declaration),
        applier=declaration.applier,
        path="" if problem else join("", str(chart.get("chart", "")), where),
        namespace=target or declaration.namespace,
        release=str(spec.get("releaseName") or (f"{target}-{declaration.name}" if target else declaration.name)),
        layers=tuple(layers),
        force_helm=True,
        problem=problem,
    )
