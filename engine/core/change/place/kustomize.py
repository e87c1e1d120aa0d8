"""Kustomize overlays: the place that already sets the field; else ``images`` or ``replicas``; else a patch.

A base is never edited, since other overlays are made of it too. Where a field is set twice on one level, nobody can
say which of the two was meant, and that is a refusal.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from engine.core.change.documents import remove_document
from engine.core.change.fields import ABSENT, FieldChange, Item, Path, find
from engine.core.change.image_reference import split
from engine.core.change.kustomization import listed_as, read_kustomization
from engine.core.change.place.patches import Names, Patch, edit_patch, patches_for, sets
from engine.core.change.place.plain import Edits, find_document, new_file
from engine.core.change.scalar import block
from engine.core.change.splice import edit
from engine.core.change.tree import join
from engine.core.change.yaml_source import read, text_of
from engine.core.errors import FieldNotFound, SourceAmbiguous

Object = Mapping[str, Any]
ORIGIN = "config.kubernetes.io/origin"


@dataclass(frozen=True, slots=True)
class Traced:
    """A rendered object and where kustomize says it came from: a file, or a generator (``origin`` is empty then)."""

    obj: Object
    origin: str
    names: Names
    namespace: str


def ask_origins(files: Mapping[str, bytes], path: str) -> dict[str, bytes]:
    """The files with a kustomization that notes each object's origin in an annotation."""
    asked = read_kustomization(files[path], path).get("buildMetadata") or []
    wanted = FieldChange(("buildMetadata",), asked, [*asked, "originAnnotations"])
    return {**files, path: edit(text_of(files[path], path), 0, wanted, path).encode()}


def take_origin(obj: Object) -> tuple[dict[str, Any], str]:
    """An object without the annotation, and what it said: a path relative to the overlay, or nothing."""
    bare: dict[str, Any] = copy.deepcopy(dict(obj))
    annotations = (bare.get("metadata") or {}).get("annotations") or {}
    said = annotations.pop(ORIGIN, "")
    if not annotations and "annotations" in bare.get("metadata", {}):
        del bare["metadata"]["annotations"]
    origin = read(str(said).encode(), ORIGIN)
    return bare, str(origin[0].get("path", "")) if origin and isinstance(origin[0], dict) else ""


def trace(obj: Object, origin: str, folder: str, files: Mapping[str, bytes]) -> Traced:
    """Where an object is written, and the name it has there (an overlay may add a prefix to it)."""
    group, _, version = str(obj.get("apiVersion", "")).rpartition("/")
    kind, name = str(obj["kind"]), str(obj["metadata"]["name"])
    path = join(folder, origin, folder) if origin else ""
    written = {}
    for value in read(files[path], path) if path in files else ():
        own = str((value.get("metadata") or {}).get("name", "")) if isinstance(value, dict) else ""
        if own and value.get("kind") == kind and own in name:
            written[own] = str(value["metadata"].get("namespace") or "")
    own = max(written, key=len, default=name)
    return Traced(obj, path, Names(group, version, kind, own), written.get(own, ""))


@dataclass
class Overlay:
    """One kustomization and what was changed of its files so far."""

    folder: str
    path: str
    files: dict[str, bytes]
    target: Traced

    def __post_init__(self) -> None:
        self._removed: set[str] = set()
        self._before = dict(self.files)

    @property
    def document(self) -> dict[str, Any]:
        """The kustomization as it reads now."""
        return read_kustomization(self.files[self.path], self.path)

    @property
    def edits(self) -> Edits:
        """What differs from the files it began with; ``None`` for a file that is gone."""
        changed: Edits = {p: d for p, d in self.files.items() if self._before.get(p) != d}
        return {**changed, **dict.fromkeys(self._removed)}

    def set(self, change: FieldChange) -> None:
        """Change one field of the kustomization itself."""
        self.files[self.path] = edit(text_of(self.files[self.path], self.path), 0, change, self.path).encode()

    def append(self, key: str, value: Any) -> None:
        """Add one line to a list of the kustomization."""
        self.set(FieldChange((key, len(self.document.get(key) or ())), ABSENT, value))

    def remove(self, path: str) -> None:
        """Take a file away."""
        del self.files[path]
        self._removed.add(path)

    def patches(self) -> list[Patch]:
        """The patches that reach the target, in order of application."""
        return list(patches_for(self.document, self.folder, self.files, self.path, self.target.names))


def place(overlay: Overlay, changes: Sequence[FieldChange], intended: Object, *, whole_lists: bool) -> Edits:
    """Files with the changes made. ``whole_lists`` writes a list out instead of one of its items: kinds that
    kustomize has no schema of are patched that way."""
    for change in changes:
        if not any(attempt(overlay, change, whole_lists) for attempt in _WHERE_IT_IS_SET):
            _add(overlay, change, intended, whole_lists)
    return overlay.edits


def _in_images(overlay: Overlay, change: FieldChange, _whole: bool) -> bool:
    if not _is_image(change):
        return False
    before, after = split(change.before), split(change.after)
    entries = [e for e in overlay.document.get("images") or () if (e.get("newName") or e.get("name")) == before.name]
    if len(entries) > 1:
        raise SourceAmbiguous(f"several images entries are for {before.name}", where=overlay.path, remedy="Keep one")
    if not entries:
        return False
    at: Path = ("images", Item("name", str(entries[0]["name"])))
    for key, value in _image_fields(before.name, change.after).items():
        if entries[0].get(key, ABSENT) != value:
            overlay.set(FieldChange((*at, key), entries[0].get(key, ABSENT), value))
    stale = {"newTag": after.tag, "digest": after.digest}
    for key, value in stale.items():
        if not value and key in entries[0]:
            overlay.set(FieldChange((*at, key), entries[0][key], ABSENT))
    return True


def _image_fields(name: str, reference: str) -> dict[str, str]:
    parts = split(reference)
    fields = {"newName": parts.name if parts.name != name else "", "newTag": parts.tag, "digest": parts.digest}
    return {key: value for key, value in fields.items() if value}


def _is_image(change: FieldChange) -> bool:
    in_container = len(change.path) > 2 and change.path[-1] == "image" and isinstance(change.path[-2], Item)
    return in_container and isinstance(change.before, str) and isinstance(change.after, str)


def _in_replicas(overlay: Overlay, change: FieldChange, _whole: bool) -> bool:
    if change.path != ("spec", "replicas") or change.after is ABSENT:
        return False
    names = (overlay.target.names.name, overlay.target.obj["metadata"]["name"])
    entries = [e for e in overlay.document.get("replicas") or () if e.get("name") in names]
    if len(entries) > 1:
        raise SourceAmbiguous("several replicas entries are for the target", where=overlay.path, remedy="Keep one")
    if entries:
        overlay.set(FieldChange(("replicas", Item("name", entries[0]["name"]), "count"), change.before, change.after))
    return bool(entries)


def _in_patches(overlay: Overlay, change: FieldChange, whole: bool) -> bool:
    if change.after is ABSENT and whole:
        return False
    found = [(p, inner) for p in overlay.patches() if (inner := sets(p, overlay.files, change, overlay.target.obj))]
    if len(found) > 1:
        where = ", ".join(sorted({p.file for p, _ in found}))
        raise SourceAmbiguous(f"{change} is set by several patches", where=where, remedy="Keep one of them")
    for patch, inner in found:
        overlay.files[patch.file] = edit_patch(patch, overlay.files, inner)
    return bool(found)


def _in_literals(overlay: Overlay, change: FieldChange, _whole: bool) -> bool:
    if overlay.target.origin or len(change.path) != 2 or change.path[0] != "data":
        return False
    for entry in overlay.document.get("configMapGenerator") or ():
        literals = [str(literal) for literal in entry.get("literals") or ()]
        at = [i for i, literal in enumerate(literals) if literal.partition("=")[0] == change.path[1]]
        if entry.get("name") == overlay.target.names.name and at and change.after is not ABSENT:
            path: Path = ("configMapGenerator", Item("name", entry["name"]), "literals", at[0])
            overlay.set(FieldChange(path, literals[at[0]], f"{change.path[1]}={change.after}"))
            return True
    return False


def _in_own_file(overlay: Overlay, change: FieldChange, _whole: bool) -> bool:
    origin = overlay.target.origin
    if not origin or listed_as(overlay.document, overlay.folder, origin) is None:
        return False
    index = _own_document(overlay)
    overlay.files[origin] = edit(text_of(overlay.files[origin], origin), index, change, origin).encode()
    return True


def _own_document(overlay: Overlay) -> int:
    names, origin = overlay.target.names, overlay.target.origin
    key = (names.group, names.kind, overlay.target.namespace, names.name)
    return find_document(overlay.files, [origin], key)[1]


_WHERE_IT_IS_SET: tuple[Callable[[Overlay, FieldChange, bool], bool], ...] = (
    _in_images,
    _in_replicas,
    _in_patches,
    _in_literals,
    _in_own_file,
)


def _add(overlay: Overlay, change: FieldChange, intended: Object, whole: bool) -> None:
    if not overlay.target.origin:
        remedy = "Change what it is generated from by hand"
        raise FieldNotFound(f"{change} is generated", where=overlay.path, remedy=remedy)
    if _is_image(change):
        name = split(change.before).name
        overlay.append("images", {"name": name, **_image_fields(name, change.after)})
    elif change.path == ("spec", "replicas") and change.after is not ABSENT:
        overlay.append("replicas", {"name": overlay.target.names.name, "count": change.after})
    else:
        _patch(overlay, _for_patch(change, intended, whole))


def _for_patch(change: FieldChange, intended: Object, whole: bool) -> FieldChange:
    """A change as a merging patch can say it: lists by position as a whole, what goes as null."""
    cut = (int, Item) if whole else int
    end = next((i for i, step in enumerate(change.path) if isinstance(step, cut)), len(change.path))
    path = change.path[:end]
    value = change.after if end == len(change.path) else find(intended, path)
    if value is not ABSENT:
        return replace(change, path=path, after=value)
    if isinstance(path[-1], Item):
        return FieldChange((*path, "$patch"), ABSENT, "delete")
    return replace(change, path=path, after=None)


def _patch(overlay: Overlay, change: FieldChange) -> None:
    existing = [p for p in overlay.patches() if p.merges and p.exact]
    if existing:
        overlay.files[existing[-1].file] = edit_patch(existing[-1], overlay.files, change)
        return
    overlay_file, text = _new_patch(overlay, {})
    overlay.files[overlay_file] = edit(text, 0, change, overlay_file).encode()
    overlay.append("patches", {"path": overlay_file.rpartition("/")[2]})


def _new_patch(overlay: Overlay, body: dict[str, Any]) -> tuple[str, str]:
    names = overlay.target.names
    metadata = {"name": names.name, **({"namespace": overlay.target.namespace} if overlay.target.namespace else {})}
    version = f"{names.group}/{names.version}" if names.group else names.version
    name = f"penstock-{names.kind.lower()}-{names.name}.yaml"
    path = f"{overlay.folder}/{name}" if overlay.folder else name
    if path in overlay.files:
        raise SourceAmbiguous("there is a file of this name already", where=path, remedy="List it, or remove it")
    return path, block({"apiVersion": version, "kind": names.kind, "metadata": metadata, **body}, 0) + "\n"


def delete(overlay: Overlay) -> Edits:
    """The target gone: its own document and its line in ``resources``, or a patch that takes it out of a base."""
    origin, document = overlay.target.origin, overlay.document
    listed = listed_as(document, overlay.folder, origin) if origin else None
    if listed is None or overlay.patches():
        path, text = _new_patch(overlay, {"$patch": "delete"})
        overlay.files[path] = text.encode()
        overlay.append("patches", {"path": path.rpartition("/")[2]})
        return overlay.edits
    left = remove_document(text_of(overlay.files[origin], origin), _own_document(overlay), origin)
    if left is None:
        overlay.remove(origin)
        overlay.set(FieldChange(("resources", listed), document["resources"][listed], ABSENT))
    else:
        overlay.files[origin] = left.encode()
    return overlay.edits


def add(overlay: Overlay, obj: Object) -> Edits:
    """A new object: a file of its own and one line in ``resources``."""
    path, data = new_file(overlay.folder, obj, overlay.files)
    overlay.files[path] = data
    overlay.append("resources", path.rpartition("/")[2])
    return overlay.edits
