"""Plain manifests: the document that is the target is the one to edit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from engine.core.change.documents import remove_document
from engine.core.change.fields import FieldChange
from engine.core.change.identity import Identity, identity
from engine.core.change.scalar import block
from engine.core.change.source import Source
from engine.core.change.splice import edit
from engine.core.change.tree import parent
from engine.core.change.yaml_source import compose, text_of
from engine.core.errors import SourceAmbiguous, SourceNotFound

Edits = dict[str, bytes | None]
_SUFFIXES = (".yaml", ".yml", ".json")


def manifest_paths(source: Source, files: Mapping[str, bytes]) -> list[str]:
    """The files of a folder that hold manifests, below it as well where the source says so, in order."""
    prefix = f"{source.path}/" if source.path else ""
    below = [p for p in files if p.startswith(prefix) and p.endswith(_SUFFIXES)]
    return sorted(p for p in below if source.recurse or parent(p) == source.path)


def find_document(files: Mapping[str, bytes], paths: Sequence[str], key: Identity) -> tuple[str, int]:
    """The file and document that is an object. Raises :class:`SourceNotFound` or :class:`SourceAmbiguous`."""
    found = []
    for path in paths:
        documents = compose(text_of(files[path], path), path)
        for index, document in enumerate(documents):
            value = document.value
            if isinstance(value, dict) and identity(value) == key:
                found.append((path, index))
    if not found:
        where, remedy = ", ".join(paths) or ".", "Write it as a document of its own"
        raise SourceNotFound(f"no document is {key[1]} {key[3]} by itself", where=where, remedy=remedy)
    if len(found) > 1:
        raise SourceAmbiguous(f"{key[1]} {key[3]} is written twice", where=found[0][0], remedy="Keep one of them")
    return found[0]


def place(source: Source, files: Mapping[str, bytes], key: Identity, changes: Sequence[FieldChange]) -> Edits:
    """Files with the changes made in the target's own document."""
    path, index = find_document(files, manifest_paths(source, files), key)
    return {path: edit_document(files[path], index, changes, path)}


def edit_document(data: bytes, index: int, changes: Sequence[FieldChange], path: str) -> bytes:
    """A file with changes made in one document; later list positions first, so that they stay true."""
    text = text_of(data, path)
    for change in changes:
        text = edit(text, index, change, path)
    return text.encode()


def delete(source: Source, files: Mapping[str, bytes], key: Identity) -> Edits:
    """The target's document gone, and its file when nothing else was in it."""
    path, index = find_document(files, manifest_paths(source, files), key)
    text = remove_document(text_of(files[path], path), index, path)
    return {path: None if text is None else text.encode()}


def new_file(folder: str, obj: Mapping[str, Any], taken: Mapping[str, bytes]) -> tuple[str, bytes]:
    """Path and bytes of a manifest of its own beside the others."""
    name = f"{str(obj['kind']).lower()}-{obj['metadata']['name']}.yaml"
    path = f"{folder}/{name}" if folder else name
    if path in taken:
        raise SourceAmbiguous("there is a file of this name already", where=path, remedy="Remove or rename it")
    return path, (block(dict(obj), 0) + "\n").encode()


def add(source: Source, files: Mapping[str, bytes], obj: Mapping[str, Any]) -> Edits:
    """A new object in a file of its own."""
    path, data = new_file(source.path, obj, files)
    return {path: data}
