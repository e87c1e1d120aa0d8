"""A kustomization's patches: which of them reach an object, which set a field, and edits within them.

A patch is a document in a file of its own, or text within the kustomization; it merges, or lists operations. All
four are edited in place, each in its own manner.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, cast

import yaml

from engine.core.change.fields import ABSENT, FieldChange, Item, Path, find
from engine.core.change.splice import Editor, edit, holds, walk
from engine.core.change.tree import join
from engine.core.change.yaml_source import compose, read, text_of

Object = Mapping[str, Any]
_INLINE = "patch"


@dataclass(frozen=True, slots=True)
class Patch:
    """One document of one patch.

    ``file`` holds its text: the kustomization at ``inline``, or a file of its own. ``exact`` says that it is for this
    object alone, by name and not by pattern.
    """

    file: str
    inline: Path
    document: int
    merges: bool
    exact: bool


@dataclass(frozen=True, slots=True)
class Names:
    """What an object is called where patches see it."""

    group: str
    version: str
    kind: str
    name: str


def patches_for(
    kustomization: Object, folder: str, files: Mapping[str, bytes], path: str, names: Names
) -> Iterator[Patch]:
    """The patches of a kustomization that reach an object, in the order in which they are applied."""
    for key in ("patchesStrategicMerge", "patches", "patchesJson6902"):
        for index, entry in enumerate(kustomization.get(key) or ()):
            selector = entry.get("target") if isinstance(entry, dict) else None
            file, inline, text = _text_of(entry, (key, index), folder, files, path)
            for number, document in enumerate(read(text, file)):
                merges = isinstance(document, dict)
                if _reaches(selector, document, names):
                    exact = not selector or selector.get("name") == names.name
                    yield Patch(file, inline, number, merges, exact)


def _text_of(entry: Any, at: Path, folder: str, files: Mapping[str, bytes], path: str) -> tuple[str, Path, bytes]:
    if isinstance(entry, str) and "\n" in entry:
        return path, at, entry.encode()
    if isinstance(entry, dict) and entry.get(_INLINE):
        return path, (*at, _INLINE), str(entry[_INLINE]).encode()
    name = entry if isinstance(entry, str) else str(entry.get("path", ""))
    file = join(folder, name, path)
    return file, (), files.get(file, b"")


def _reaches(selector: Any, document: Any, names: Names) -> bool:
    if selector:
        if selector.get("labelSelector") or selector.get("annotationSelector"):
            return False
        wanted = {"group": names.group, "version": names.version, "kind": names.kind, "name": names.name}
        return all(re.fullmatch(str(selector[k]), v) is not None for k, v in wanted.items() if selector.get(k))
    if not isinstance(document, dict):
        return False
    return (document.get("kind"), (document.get("metadata") or {}).get("name")) == (names.kind, names.name)


def sets(patch: Patch, files: Mapping[str, bytes], change: FieldChange, rendered: Object) -> FieldChange | None:
    """The change as it is made within a patch that sets its field already, ``None`` where the patch doesn't."""
    text = patch_text(patch, files)
    if patch.merges:
        listed = change.path[: _first_position(change.path)]
        return change if listed == change.path and holds(text, patch.document, change.path, patch.file) else None
    tokens = pointer(change.path, rendered)
    operations = read(text.encode(), patch.file)[patch.document]
    for index, operation in reversed(list(enumerate(operations))):
        spoken = _tokens(str(operation.get("path", "")))
        if operation.get("op") in ("add", "replace") and tokens[: len(spoken)] == spoken:
            inner = change.path[len(spoken) :]
            if change.after is not ABSENT and (not inner or find(operation.get("value"), inner) is not ABSENT):
                return FieldChange((index, "value", *inner), change.before, change.after)
    return None


def _first_position(path: Path) -> int:
    return next((i for i, step in enumerate(path) if isinstance(step, int)), len(path))


def pointer(path: Path, obj: Object) -> list[str]:
    """A path as JSON pointer tokens; items by name become positions."""
    tokens = []
    for depth, step in enumerate(path):
        if isinstance(step, Item):
            items = find(obj, path[:depth])
            names = [i.get(step.key) for i in items] if isinstance(items, list) else []
            tokens.append(str(names.index(step.value)) if step.value in names else "-")
        else:
            tokens.append(str(step))
    return tokens


def _tokens(text: str) -> list[str]:
    return [token.replace("~1", "/").replace("~0", "~") for token in text.split("/")[1:]]


def patch_text(patch: Patch, files: Mapping[str, bytes]) -> str:
    """A patch's own text."""
    text = text_of(files[patch.file], patch.file)
    if not patch.inline:
        return text
    return str(find(compose(text, patch.file)[0].value, patch.inline))


def edit_patch(patch: Patch, files: Mapping[str, bytes], change: FieldChange) -> bytes:
    """The file that holds a patch, with one field changed in it."""
    text = text_of(files[patch.file], patch.file)
    if not patch.inline:
        return edit(text, patch.document, change, patch.file).encode()
    within = lambda inner: edit(inner, patch.document, change, patch.file)  # noqa: E731 - reads as the phrase it is
    return _edit_inside(text, patch.inline, within, patch.file).encode()


def _edit_inside(text: str, path: Path, within: Callable[[str], str], where: str) -> str:
    """Edit YAML that is itself a text value; a literal keeps its header and indentation."""
    node = cast(yaml.ScalarNode, walk(compose(text, where)[0], path, where).node)
    new = within(node.value)
    start, end = Editor(text, where).content(node)
    header, _, body = text[start:end].partition("\n")
    if node.style != "|" or not body:
        return edit(text, 0, FieldChange(path, node.value, new), where)
    first = next(line for line in body.split("\n") if line.strip())
    margin = " " * (len(first) - len(first.lstrip(" ")))
    lines = [f"{margin}{line}" if line else "" for line in new.rstrip("\n").split("\n")]
    return text[:start] + header + "\n" + "\n".join(lines) + text[end:]
