"""Look up what a command means by something that isn't an object: a manifest, a Helm release, a Terraform folder.

A manifest is held against what Git renders of the same object, and only the difference counts: what isn't in Git can't
be proposed as a change of it. A release and a folder stand for the one object in the cluster that says so itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from engine.core.change.yaml_source import read as read_yaml
from engine.core.command.fields import actions_of, difference
from engine.core.command.meaning import Acts, Applies, AppliesPlan, Meaning, RollsBackRelease, action, target
from engine.core.command.refusal import CommandRefused
from engine.core.command.resources import CLUSTERED, need_namespace
from engine.core.errors import BadInput, ChangeRefused, NotFound
from engine.core.facts.cluster_view import ClusterView
from engine.core.proposal import ActionRequest, TargetReference
from engine.ports import Ports
from engine.usecases.declared import declared_context
from engine.usecases.find_source import find_source
from engine.usecases.observe_cluster import look

RELEASE = "meta.helm.sh/release-name"
RELEASE_NAMESPACE = "meta.helm.sh/release-namespace"
MOST_OBJECTS = 50
_ROLLED_BACK = ("Deployment", "StatefulSet", "DaemonSet")

ReadFile = Callable[[str], bytes]
Object = Mapping[str, Any]


def resolve(ports: Ports, meaning: Meaning | None, read: ReadFile) -> tuple[ActionRequest, ...]:
    """The actions that a command asks for. Raises :class:`CommandRefused` where they can't be told."""
    view = look(ports.cluster)
    if isinstance(meaning, Applies):
        return tuple(_manifests(ports, view, meaning, read))
    if isinstance(meaning, RollsBackRelease):
        return (_release(view, meaning),)
    if isinstance(meaning, AppliesPlan):
        return tuple(_plan(ports, meaning))
    return meaning.actions if isinstance(meaning, Acts) else ()


def _manifests(ports: Ports, view: ClusterView, applies: Applies, read: ReadFile) -> Iterator[ActionRequest]:
    documents = [obj for name in applies.files for obj in _objects(read(name), name)]
    if len(documents) > MOST_OBJECTS:
        raise CommandRefused("too_many", f"has {len(documents)} objects, over {MOST_OBJECTS}")
    changed = False
    for obj in documents:
        about = _about(view.cluster, obj, applies.namespace)
        if applies.deletes:
            changed = True
            yield action("delete_resource", about)
            continue
        fields = difference(_in_git(ports, view, about), obj)
        if fields:
            changed = True
            yield from actions_of(about, fields)
    if not changed:
        raise CommandRefused("nothing_changes", "says what Git says already", where=", ".join(applies.files))


def _objects(data: bytes, name: str) -> list[Object]:
    try:
        documents = [value for value in read_yaml(data, name) if value is not None]
    except BadInput as refusal:
        raise CommandRefused("manifest_unreadable", refusal.message, where=name) from None
    found: list[Any] = []
    for value in documents:
        items = value.get("items") if isinstance(value, dict) and value.get("kind") == "List" else [value]
        found.extend(items if isinstance(items, list) else [None])
    if not found or not all(isinstance(obj, dict) for obj in found):
        raise CommandRefused("manifest_unreadable", "holds no objects of Kubernetes", where=name)
    return found


def _about(cluster: str, obj: Object, namespace: str) -> TargetReference:
    metadata = obj.get("metadata")
    kind, name = obj.get("kind"), metadata.get("name") if isinstance(metadata, dict) else None
    if not isinstance(kind, str) or not isinstance(name, str) or not isinstance(metadata, dict):
        raise CommandRefused("manifest_unreadable", "has an object without kind or name")
    if kind == "Secret":
        raise CommandRefused("manifest_secret", "holds a Secret", where=name)
    said = str(metadata.get("namespace") or "")
    if said and namespace and said != namespace:
        raise CommandRefused("does_not_fit", f"is for {said}, and the command says {namespace}", where=name)
    return target(cluster, "" if kind in CLUSTERED else need_namespace(kind, said or namespace), kind, name)


def _in_git(ports: Ports, view: ClusterView, about: TargetReference) -> Object:
    """The object as Git renders it. Raises :class:`CommandRefused` when nothing, or more than one thing, makes it."""
    where = f"{about.kind} {about.namespace}/{about.name}"
    if ports.repository is None or ports.renderer is None:
        raise CommandRefused("manifest_not_in_git", "no GitOps repository is set up", where=where)
    try:
        commit = ports.repository.head(ports.branch)
        context = declared_context(ports, view, now="")
        return find_source(ports.repository, ports.renderer, commit, about, context).target
    except (ChangeRefused, NotFound) as refusal:
        raise CommandRefused("manifest_not_in_git", refusal.message, where=where) from None


def _release(view: ClusterView, meaning: RollsBackRelease) -> ActionRequest:
    if meaning.revision:
        raise CommandRefused("does_not_fit", "a revision of a release isn't one of a workload", where=meaning.release)
    found = [
        (kind, obj["metadata"]["name"])
        for kind in _ROLLED_BACK
        for obj in view.of(kind, meaning.namespace)
        if _made_by(obj, meaning)
    ]
    kind, name = _single(found, f"release {meaning.namespace}/{meaning.release}")
    about = target(view.cluster, meaning.namespace, kind, name)
    return action("rollback_workload", about, {"to_revision": "previous"})


def _made_by(obj: Object, meaning: RollsBackRelease) -> bool:
    said = (obj.get("metadata") or {}).get("annotations") or {}
    return bool(said.get(RELEASE) == meaning.release and said.get(RELEASE_NAMESPACE) == meaning.namespace)


def _plan(ports: Ports, meaning: AppliesPlan) -> Iterator[ActionRequest]:
    folder = _folder(meaning.folder)
    try:
        objects = ports.cluster.all("Terraform")
    except NotFound:
        raise CommandRefused("not_in_cluster", "the cluster shows no Terraform objects", where=folder) from None
    said = [obj["metadata"] for obj in objects if _folder(str((obj.get("spec") or {}).get("path") or "")) == folder]
    found = [(str(metadata.get("namespace", "")), str(metadata["name"])) for metadata in said]
    namespace, name = _single(found, f"Terraform folder {folder}")
    about = target(ports.cluster.name, namespace, "Terraform", name)
    for variable, value in meaning.variables:
        yield action("terraform_change", about, {"variable": variable, "value": value})


def _folder(path: str) -> str:
    return "/".join(part for part in path.split("/") if part not in ("", ".")) or "."


def _single(found: list[tuple[str, str]], what: str) -> tuple[str, str]:
    if not found:
        raise CommandRefused("not_in_cluster", "no object in the cluster says that it is made by it", where=what)
    if len(found) > 1:
        raise CommandRefused("several_objects", f"{len(found)} objects are made by it", where=what)
    return found[0]
