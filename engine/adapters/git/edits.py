"""Edits on trees: only the trees on the way to an edited file are rewritten, whatever the size of the repository.

An edit names what it found (``before``). Where the base holds anything else the edit was made from another state, and
nothing is written.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Union

from engine.adapters.git.objects import ObjectStore, object_id
from engine.adapters.git.tree import (
    EXECUTABLE,
    FILE,
    FOLDER,
    Entries,
    Entry,
    decode_name,
    format_tree,
    split_edited_path,
)
from engine.adapters.git.workspace import File
from engine.core.change.model import FileEdit
from engine.core.errors import ChangeRefused, UnsafePath

Leaf = FileEdit | File
Plan = dict[bytes, Union[Leaf, "Plan"]]


class TreeEditor:
    """Makes trees from trees. ``entries`` gives a tree's entries by id."""

    def __init__(self, entries: Callable[[str], Entries], objects: ObjectStore) -> None:
        self._entries = entries
        self._objects = objects

    def apply(self, tree: str, edits: Sequence[FileEdit]) -> str:
        """The id of a tree with the edits made. Raises :class:`ChangeRefused` and :class:`UnsafePath`."""
        return self._rewrite(tree, plan(edits)) or self._write({})

    def build(self, files: Iterable[File]) -> str:
        """The id of a tree that holds exactly these files. Raises :class:`UnsafePath`."""
        return self._rewrite(None, plan(list(files))) or self._write({})

    def compare(self, old: str, new: str) -> tuple[FileEdit, ...]:
        """The edits that make one tree the other. Raises :class:`ChangeRefused` where more than files differ."""
        return tuple(self._differences(old, new, ""))

    def _rewrite(self, tree: str | None, wanted: Plan) -> str | None:
        """The new tree's id, or ``None`` when nothing is left in it: Git keeps no empty folders."""
        entries = dict(self._entries(tree)) if tree is not None else {}
        for name, node in wanted.items():
            made = (
                self._folder(entries.get(name), node) if isinstance(node, dict) else self._file(entries.get(name), node)
            )
            if made is None:
                entries.pop(name, None)
            else:
                entries[name] = made
        return self._write(entries) if entries else None

    def _folder(self, existing: Entry | None, inside: Plan) -> Entry | None:
        if existing is not None and not existing.is_folder:
            raise UnsafePath("a part of the path is a file, a symlink or a submodule", where=_first_path(inside))
        made = self._rewrite(existing.id if existing is not None else None, inside)
        return Entry(FOLDER, made) if made is not None else None

    def _file(self, existing: Entry | None, node: Leaf) -> Entry | None:
        if isinstance(node, File):
            return Entry(EXECUTABLE if node.executable else FILE, self._objects.write("blob", node.data))
        _require_before(existing, node)
        if node.after is None:
            return None
        return Entry(existing.mode if existing is not None else FILE, self._objects.write("blob", node.after))

    def _write(self, entries: Entries) -> str:
        return self._objects.write("tree", format_tree(entries))

    def _differences(self, old: str | None, new: str | None, prefix: str) -> Iterator[FileEdit]:
        if old == new:
            return
        before: Mapping[bytes, Entry] = self._entries(old) if old is not None else {}
        after: Mapping[bytes, Entry] = self._entries(new) if new is not None else {}
        for name in sorted({*before, *after}):
            was, now = before.get(name), after.get(name)
            if was == now:
                continue
            path = prefix + decode_name(name, where=prefix)
            folders = [entry.id if entry is not None and entry.is_folder else None for entry in (was, now)]
            yield from self._differences(folders[0], folders[1], path + "/")
            files = [entry if entry is not None and not entry.is_folder else None for entry in (was, now)]
            if files[0] != files[1]:
                yield FileEdit(path, self._content(files[0], path), self._content(files[1], path))

    def _content(self, entry: Entry | None, path: str) -> bytes | None:
        if entry is None:
            return None
        if not entry.is_file:
            raise ChangeRefused("a symlink or submodule differs here", where=path, remedy="Bring it in by hand")
        return self._objects.read(entry.id, "blob")


def plan(leaves: Sequence[Leaf]) -> Plan:
    """Edits or files by folder and name. Raises :class:`UnsafePath`, and :class:`ChangeRefused` when two clash."""
    top: Plan = {}
    for leaf in leaves:
        *folders, name = split_edited_path(leaf.path)
        here = top
        for folder in folders:
            inner = here.setdefault(folder, {})
            if not isinstance(inner, dict):
                raise ChangeRefused("another edit makes a file of this folder", where=leaf.path)
            here = inner
        if name in here:
            raise ChangeRefused("there is more than one edit of this path", where=leaf.path)
        here[name] = leaf
    return top


def _require_before(existing: Entry | None, edit: FileEdit) -> None:
    if existing is not None and not existing.is_file:
        kind = "a folder" if existing.is_folder else "a symlink or submodule"
        raise UnsafePath(f"the base has {kind} here, which is never replaced", where=edit.path)
    found = existing.id if existing is not None else None
    if found != (object_id("blob", edit.before) if edit.before is not None else None):
        raise ChangeRefused(
            "the base doesn't hold what the edit was made from",
            where=edit.path,
            remedy="Build the change again on the present base",
        )


def _first_path(inside: Plan) -> str:
    node = next(iter(inside.values()))
    return _first_path(node) if isinstance(node, dict) else node.path
