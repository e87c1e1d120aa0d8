"""Kustomizations read before kustomize reads them, so that it never meets anything but files of this repository.

Kustomize fetches remote bases, runs generators and inflates charts when a file tells it to. The closure of a
kustomization is therefore walked here first: every reference has to be a regular file or folder of the tree, and
every field one that only reads such files. What isn't known to be harmless is refused by name.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from engine.core.change.tree import Tree, join
from engine.core.change.yaml_source import read
from engine.core.errors import BadInput, UnsafeSource

NAMES = ("kustomization.yaml", "kustomization.yml", "Kustomization")
MAX_FOLDERS = 200
MAX_FILES = 3000

_FOLDERS = ("resources", "bases", "components")
_HARMLESS = frozenset(
    {
        *("apiVersion", "kind", "metadata", "namespace", "namePrefix", "nameSuffix", "labels", "commonLabels"),
        *("commonAnnotations", "images", "replicas", "patches", "patchesStrategicMerge", "patchesJson6902"),
        *("configMapGenerator", "secretGenerator", "generatorOptions", "replacements", "crds", "configurations"),
        *("buildMetadata", "sortOptions", "openapi", "vars", *_FOLDERS),
    }
)
_REMEDY = "Keep what is rendered inside this repository, without plugins"


def kustomization_file(tree: Tree, folder: str) -> str | None:
    """The path of a folder's kustomization, ``None`` where it has none."""
    candidates = [f"{folder}/{name}" if folder else name for name in NAMES]
    return next((path for path in candidates if tree.is_file(path)), None)


def read_kustomization(data: bytes, where: str) -> dict[str, Any]:
    """A kustomization's one document. Raises :class:`BadInput`."""
    documents = read(data, where)
    if len(documents) != 1 or not isinstance(documents[0], dict):
        raise BadInput("not one kustomization", where=where, remedy="Keep one document in it")
    return documents[0]


def closure(tree: Tree, folder: str) -> dict[str, bytes]:
    """All files that rendering a kustomization can read: those below each folder that it refers to.

    Raises :class:`UnsafeSource` for remote bases, plugins, charts, and references that leave the tree or name no
    regular file (a link is none).
    """
    visited: set[str] = set()
    waiting = [folder]
    while waiting:
        here = waiting.pop()
        if here in visited:
            continue
        visited.add(here)
        if len(visited) > MAX_FOLDERS:
            raise UnsafeSource(f"more than {MAX_FOLDERS} bases", where=folder, remedy="Split the overlay")
        waiting.extend(_referred(tree, here))
    paths = sorted({path for here in visited for path in tree.below(here)})
    if len(paths) > MAX_FILES:
        raise UnsafeSource(f"more than {MAX_FILES} files", where=folder, remedy="Split the overlay")
    return {path: data for path in paths if (data := tree.read(path)) is not None}


def _referred(tree: Tree, folder: str) -> list[str]:
    path = kustomization_file(tree, folder)
    if path is None:
        raise UnsafeSource("a folder without a kustomization", where=folder, remedy=_REMEDY)
    document = read_kustomization(tree.read(path) or b"", path)
    strange = sorted(set(document) - _HARMLESS)
    if strange:
        raise UnsafeSource(f"{strange[0]} isn't taken", where=path, remedy=_REMEDY)
    for reference in _file_references(document):
        if not tree.is_file(join(folder, reference, path)):
            raise UnsafeSource(f"{reference!r} is no regular file of this repository", where=path, remedy=_REMEDY)
    folders = []
    for entry in (str(e) for key in _FOLDERS for e in document.get(key) or ()):
        target = join(folder, entry, path)
        if tree.is_file(target):
            continue
        if "://" in entry or kustomization_file(tree, target) is None:
            raise UnsafeSource(f"{entry!r} is neither a file nor a base of this repository", where=path, remedy=_REMEDY)
        folders.append(target)
    return folders


def _file_references(document: dict[str, Any]) -> Iterator[str]:
    for key in ("crds", "configurations"):
        yield from (str(entry) for entry in document.get(key) or ())
    for key in ("patches", "patchesJson6902", "replacements"):
        yield from (str(e["path"]) for e in document.get(key) or () if isinstance(e, dict) and e.get("path"))
    yield from (str(e) for e in document.get("patchesStrategicMerge") or () if "\n" not in str(e))
    if isinstance(document.get("openapi"), dict) and document["openapi"].get("path"):
        yield str(document["openapi"]["path"])
    for generator in (*(document.get("configMapGenerator") or ()), *(document.get("secretGenerator") or ())):
        yield from (str(entry).partition("=")[2] or str(entry) for entry in generator.get("files") or ())
        yield from (str(entry) for entry in generator.get("envs") or ())
        if generator.get("env"):
            yield str(generator["env"])


def listed_as(document: dict[str, Any], folder: str, path: str) -> int | None:
    """The position of a file in ``resources``, ``None`` where it isn't listed there itself."""
    entries = [str(entry) for entry in document.get("resources") or ()]
    return next((i for i, entry in enumerate(entries) if join(folder, entry, folder) == path), None)
