"""A repository with a history, made from a folder and a list of steps: what a demonstration or a test starts from.

Authors, dates and messages are given, so the same folder and steps make the same commit ids on every machine.
"""

from __future__ import annotations

import shutil
from collections.abc import Hashable, Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Annotated, Any

import yaml
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from engine.adapters.git.opening import create_bare
from engine.adapters.git.repository import ObjectRepository
from engine.adapters.git.workspace import File
from engine.core.change.model import FileEdit
from engine.core.errors import BadInput, PenstockError
from engine.core.moment import format_instant, parse_instant

Text = Annotated[str, Field(min_length=1)]


class _Written(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class Replacement(_Written):
    """One text that occurs exactly once in a file, and what takes its place."""

    path: Text
    replace: Text
    replacement: str = Field(alias="with")


class Step(_Written):
    """One commit: the first imports the whole folder, the others replace texts. ``date`` is RFC 3339."""

    author: Text
    email: Text
    date: Text
    message: Text
    imports: bool = Field(default=False, alias="import")
    edits: tuple[Replacement, ...] = ()

    @property
    def identity(self) -> str:
        return f"{self.author} <{self.email}>"


def read_steps(path: Path) -> tuple[Step, ...]:
    """The steps of a history file. Raises :class:`BadInput` naming the file, and the line or field."""
    try:
        value = yaml.load(path.read_bytes(), Loader=_UniqueKeys)  # noqa: S506 - a safe loader that refuses duplicates
        steps = TypeAdapter(tuple[Step, ...]).validate_python(value)
    except OSError as error:
        raise BadInput(f"can't be read: {error.strerror}", where=str(path)) from None
    except yaml.YAMLError as error:
        raise BadInput(f"not valid YAML: {error}", where=str(path), remedy="Correct the file") from None
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        field = ".".join(str(part) for part in first["loc"]) or "document"
        raise BadInput(f"{field}: {first['msg']}", where=str(path), remedy="Correct the file") from None
    if not steps or not steps[0].imports or any(step.imports or not step.edits for step in steps[1:]):
        remedy = "Begin with one step that has `import: true`, and give every other one `edits`"
        raise BadInput("only the first step, and always the first, imports the folder", where=str(path), remedy=remedy)
    return steps


def make_repository(path: Path, folder: Path, steps: Sequence[Step], *, branch: str = "main") -> str:
    """Make a bare repository at ``path`` with these commits on ``branch``; return the last one's id.

    Raises :class:`BadInput` when ``path`` holds something, the folder has what Git shouldn't carry, or a text to
    replace doesn't occur exactly once; nothing is left at ``path`` then.
    """
    create_bare(path, branch=branch)
    try:
        with closing(ObjectRepository(path)) as repository:
            tip = _make_commits(repository, folder, steps)
            repository.move(f"refs/heads/{branch}", None, tip)
    except PenstockError:
        shutil.rmtree(path)
        raise
    return tip


def replay(repository: ObjectRepository, steps: Sequence[Step], *, branch: str = "main") -> str:
    """Add further steps to a branch; return the last one's commit.

    Raises :class:`BadInput` for a text that isn't found exactly once; the branch stays where it was then.
    """
    before = repository.head(branch)
    tip = _commit_steps(repository, before, steps)
    repository.move(f"refs/heads/{branch}", before, tip)
    return tip


def _make_commits(repository: ObjectRepository, folder: Path, steps: Sequence[Step]) -> str:
    first = steps[0]
    tip = import_tree(repository, folder, message=first.message, author=first.identity, at=_instant(first))
    return _commit_steps(repository, tip, steps[1:])


def _commit_steps(repository: ObjectRepository, tip: str, steps: Sequence[Step]) -> str:
    for step in steps:
        edits = _replace(repository, tip, step.edits)
        tip = repository.commit(tip, edits, message=step.message, author=step.identity, at=_instant(step))
    return tip


def import_tree(repository: ObjectRepository, folder: Path, *, message: str, author: str, at: str) -> str:
    """A first commit that holds the folder's files, executable bits kept; no branch is moved.

    Raises :class:`BadInput` for a symlink or anything else that is no regular file, and for a folder without files.
    """
    files = list(_files_in(folder))
    if not files:
        raise BadInput("there are no files here", where=str(folder), remedy="Give the folder of the workloads")
    return repository.import_files(files, (), message=message, author=author, at=at)


def _files_in(folder: Path) -> Iterator[File]:
    for path in sorted(folder.rglob("*")):
        relative = path.relative_to(folder).as_posix()
        if path.is_symlink() or not (path.is_dir() or path.is_file()):
            raise BadInput("not a regular file", where=str(path), remedy="Replace it by a copy, or leave it out")
        if path.is_file():
            yield File(relative, path.stat().st_mode & 0o100 != 0, path.read_bytes())


def _replace(repository: ObjectRepository, commit: str, wanted: Sequence[Replacement]) -> list[FileEdit]:
    """One edit a file, however many texts of it are replaced."""
    before: dict[str, bytes] = {}
    after: dict[str, bytes] = {}
    for each in wanted:
        if each.path not in after:
            found = repository.read(commit, each.path)
            if found is None:
                raise BadInput("there is no such file", where=each.path, remedy="Correct the step's path")
            before[each.path] = after[each.path] = found
        count = after[each.path].count(each.replace.encode())
        if count != 1:
            raise BadInput(f"{each.replace!r} occurs {count} times, not once", where=each.path, remedy="Make it unique")
        after[each.path] = after[each.path].replace(each.replace.encode(), each.replacement.encode())
    return [FileEdit(path, before[path], after[path]) for path in after]


def _instant(step: Step) -> str:
    return format_instant(parse_instant(step.date, where="date"))


class _UniqueKeys(yaml.SafeLoader):
    """Plain YAML, where dates stay text and a key may be given once."""

    yaml_implicit_resolvers = {  # noqa: RUF012 - the shape PyYAML wants
        first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
        for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        keys = [self.construct_object(key, deep=True) for key, _ in node.value]
        if len(keys) != len(set(map(str, keys))):
            mark = node.start_mark
            raise yaml.constructor.ConstructorError(None, None, "a key is given twice", mark)
        return super().construct_mapping(node, deep=deep)
