"""Finding and making the folder of a repository, refusing by name every kind of repository not understood here.

No configuration is obeyed: hooks, filters, aliases and remotes of a repository mean nothing to the gate. That is also
why Git's ``safe.directory`` protection has nothing to protect here; what is left of it is plain file permission, and
a repository that may not be read or written is refused with the name of its owner.
"""

from __future__ import annotations

import re
import shutil
import tempfile
from pathlib import Path

from engine.adapters.git.objects import unwritable
from engine.adapters.git.refs import check_ref
from engine.core.errors import BadInput

_KNOWN_EXTENSIONS = {"noop", "preciousobjects", "worktreeconfig", "partialclone", "objectformat", "refstorage"}
_UNDERSTOOD = {"objectformat": "sha1", "refstorage": "files"}
_CONFIG = "[core]\n\trepositoryformatversion = 0\n\tfilemode = true\n\tbare = true\n"
_SETTING = re.compile(r"\s*([A-Za-z][A-Za-z0-9-]*)\s*(?:=\s*(.*?))?\s*")


def find_git_folder(path: Path) -> tuple[Path, bool]:
    """The folder that holds ``HEAD``, and whether the repository is bare.

    Raises :class:`BadInput` for a folder that is no repository, a linked work tree, or a format not understood here.
    """
    try:
        folder = _folder_of(path)
        _refuse_unknown_format(folder)
        any((folder / "objects").iterdir())
        return folder.resolve(), folder.name != ".git"
    except OSError as error:
        remedy = f"It belongs to user {path.stat().st_uid}: run as that user, or have it made readable"
        raise BadInput(f"the repository can't be read: {error.strerror}", where=str(path), remedy=remedy) from None


def create_bare(path: Path, *, branch: str = "main") -> None:
    """Make an empty bare repository whose ``HEAD`` names ``branch``: all of it at once, without hooks or templates.

    Raises :class:`BadInput` when something is there already.
    """
    check_ref(f"refs/heads/{branch}")
    if path.exists() and (not path.is_dir() or any(path.iterdir())):
        raise BadInput("something is there already", where=str(path), remedy="Choose a folder that doesn't exist yet")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        made = Path(tempfile.mkdtemp(prefix=f".{path.name}.", dir=path.parent))
        try:
            for name in ("objects/info", "objects/pack", "refs/heads", "refs/tags"):
                (made / name).mkdir(parents=True)
            (made / "HEAD").write_text(f"ref: refs/heads/{branch}\n", "ascii")
            (made / "config").write_text(_CONFIG, "ascii")
            made.rename(path)
        except OSError:
            shutil.rmtree(made, ignore_errors=True)
            raise
    except OSError as error:
        raise unwritable(path.parent, error) from None


def _folder_of(path: Path) -> Path:
    inside = path / ".git"
    if inside.is_file():
        raise BadInput("this is a linked work tree or a submodule", where=str(path), remedy="Give the main repository")
    folder = inside if inside.is_dir() else path
    missing = [name for name in ("HEAD", "objects", "refs") if not (folder / name).exists()]
    if missing:
        remedy = "Give a bare repository, or a clone's top folder"
        raise BadInput(f"not a Git repository: it has no {missing[0]}", where=str(path), remedy=remedy)
    return folder


def _refuse_unknown_format(folder: Path) -> None:
    """What a repository declares as an extension changes how it must be read."""
    path = folder / "config"
    if not path.exists():
        return
    section = ""
    for line in path.read_text("utf-8", "replace").splitlines():
        text = line.strip()
        if text.startswith("["):
            section, _, text = text.partition("]")
            section = section[1:].strip().casefold()
        found = _SETTING.fullmatch(text)
        if found is None or section != "extensions":
            continue
        name, value = found[1].casefold(), (found[2] or "").casefold()
        if name not in _KNOWN_EXTENSIONS or _UNDERSTOOD.get(name, value) != value:
            remedy = "Use a repository with SHA-1 objects and refs in files"
            raise BadInput(f"the repository uses {name} = {value}", where=str(path), remedy=remedy)
