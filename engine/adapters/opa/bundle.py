"""The policy bundle: built once for each content, kept by digest, and believed only when its bytes are what was built.

Both evaluators get the same data document, made here, so that they can't read a file differently: the Wasm module
for the embedded one, and a bundle with the Rego sources for a server. With a filled cache no ``opa`` is needed.
"""

from __future__ import annotations

import json
import tarfile
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from engine.adapters.opa.command import Binary, complaints, run_opa
from engine.adapters.opa.policy_tree import MANIFEST, PolicyTree, read_policies
from engine.core import canonical
from engine.core.decision import PolicyIdentity
from engine.core.errors import BadInput, UnfitBundle

ENTRYPOINT = "gate/decision/verdict"
_GIST, _GIST_FILE = "gate/gist/verdict", "gate/gist/gist.rego"
COMPILER = "1.22.0"
_RECORD, _WASM, _SERVED, _DATA = "record.json", "policy.wasm", "bundle.tar.gz", "data.json"


@dataclass(frozen=True, slots=True)
class Bundle:
    """A built policy. ``wasm`` and ``data_json`` were verified against what was recorded when it was built.

    ``served`` is the archive an OPA server loads; ``rego_files`` are paths below the bundle's root.
    """

    revision: str
    digest: str
    folder: Path
    wasm: bytes
    wasm_digest: str
    data_json: bytes
    rego_files: tuple[str, ...]

    @property
    def identity(self) -> PolicyIdentity:
        """What decisions of this policy carry."""
        return PolicyIdentity(revision=self.revision, digest=self.digest)

    @property
    def gist(self) -> str:
        """The entrypoint that answers without saying why, or the whole decision where the policy has none."""
        return _GIST if _GIST_FILE in self.rego_files else ENTRYPOINT

    @property
    def served(self) -> Path:
        """The archive for an OPA server."""
        return self.folder / _SERVED

    def topic(self, name: str) -> dict[str, Any]:
        """One topic of policy data. Raises :class:`UnfitBundle` when there is none."""
        found = _topics(self.data_json).get(name)
        if found is None:
            raise UnfitBundle(f"has no data topic {name!r}", where=f"policy {self.revision}")
        return dict(json.loads(found))


@lru_cache(maxsize=4)
def _topics(data: bytes) -> Mapping[str, str]:
    """Each topic of policy data as text: read whole once a bundle, and each time anew for whoever asks for one."""
    topics = json.loads(data)["gate"]["data"]
    return {name: json.dumps(topic) for name, topic in topics.items() if isinstance(topic, dict)}


def load_bundle(
    policies: Path,
    *,
    cache: Path,
    opa: Binary,
    overlay: Path | None = None,
    say: Callable[[str], None] = lambda _: None,
) -> Bundle:
    """The bundle of a policies folder, with ``overlay`` (a YAML file) laid over its data topics.

    ``opa`` gives the binary and is called only when this content has not been built yet.
    Raises :class:`BadInput` naming file and line, or :class:`UnfitBundle`.
    """
    return bundle_of(read_policies(policies, overlay), cache=cache, opa=opa, say=say)


def bundle_of(
    tree: PolicyTree,
    *,
    cache: Path,
    opa: Binary,
    say: Callable[[str], None] = lambda _: None,
    entrypoints: Sequence[str] = (),
) -> Bundle:
    """The bundle of policies that were read, as :func:`load_bundle` gives it, with other entrypoints where given."""
    folder = built_bundles(cache) / tree.digest.removeprefix("sha256:")
    if not folder.is_dir():
        say(f"policy {tree.revision()}: building")
        try:
            _build(tree, folder, opa(), entrypoints or _entrypoints(tree))
        except OSError as error:
            problem, remedy = f"can't be written ({error.strerror})", "Point PENSTOCK_CACHE at a folder that can be"
            raise UnfitBundle(problem, where=str(error.filename or folder), remedy=remedy) from None
    return open_bundle(folder, digest=tree.digest)


def built_bundles(cache: Path) -> Path:
    """Where bundles of this compiler are, each in a folder named by its digest."""
    return cache / "bundles" / f"opa-{COMPILER}"


def open_bundle(folder: Path, *, digest: str = "") -> Bundle:
    """A bundle that was built before. Raises :class:`UnfitBundle` when a byte of it isn't what was built."""
    try:
        record = canonical.parse((folder / _RECORD).read_bytes(), where=str(folder / _RECORD))
        files = {name: (folder / name).read_bytes() for name in (_WASM, _SERVED, _DATA)}
        built: dict[str, str] = record["files"]
        if digest and record["digest"] != digest:
            raise _changed(folder, _RECORD)
        for name, content in files.items():
            if canonical.digest_bytes(content) != built[name]:
                raise _changed(folder, name)
        return Bundle(
            revision=record["revision"],
            digest=record["digest"],
            folder=folder,
            wasm=files[_WASM],
            wasm_digest=built[_WASM],
            data_json=files[_DATA],
            rego_files=tuple(record["rego"]),
        )
    except (OSError, KeyError, TypeError, BadInput) as error:
        problem = f"is not a whole bundle ({type(error).__name__}: {error})"
        raise UnfitBundle(problem, where=str(folder), remedy="Remove it; it will be built again") from None


def record_of(digest: str, revision: str, files: Mapping[str, bytes], rego: Sequence[str]) -> dict[str, Any]:
    """What is recorded of a bundle beside its files, by which :func:`open_bundle` knows them again."""
    hashes = {name: canonical.digest_bytes(content) for name, content in files.items()}
    return {"digest": digest, "revision": revision, "files": hashes, "rego": list(rego)}


def _changed(folder: Path, name: str) -> UnfitBundle:
    return UnfitBundle("is not what was built", where=str(folder / name), remedy=f"Remove {folder} and build again")


def _entrypoints(tree: PolicyTree) -> Sequence[str]:
    return (ENTRYPOINT, _GIST) if _GIST_FILE in tree.rego else (ENTRYPOINT,)


def _build(tree: PolicyTree, folder: Path, opa: Path, entrypoints: Sequence[str]) -> None:
    data = canonical.encode(tree.data())
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".new-") as scratch:
        source, made = Path(scratch, "source"), Path(scratch, "made")
        made.mkdir()
        for path, text in {**tree.rego, MANIFEST: tree.manifest, _DATA: data}.items():
            place = source / path
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(text)
        Path(scratch, "capabilities.json").write_bytes(tree.capabilities)
        _compile(tree, source, made / _SERVED, opa, [])
        wasm_bundle = Path(scratch, "wasm.tar.gz")
        _compile(tree, source, wasm_bundle, opa, ["-t", "wasm", *(f"--entrypoint={entry}" for entry in entrypoints)])
        (made / _WASM).write_bytes(_member(wasm_bundle, f"/{_WASM}"))
        (made / _DATA).write_bytes(data)
        parts = {name: (made / name).read_bytes() for name in (_WASM, _SERVED, _DATA)}
        record = record_of(tree.digest, tree.revision(), parts, sorted(tree.rego))
        (made / _RECORD).write_bytes(canonical.encode(record))
        try:
            made.rename(folder)
        except OSError:
            if not folder.is_dir():  # another process may have built the same meanwhile
                raise


def _compile(tree: PolicyTree, source: Path, output: Path, opa: Path, target: list[str]) -> None:
    fixed = ["--capabilities", "../capabilities.json", "--revision", tree.revision(), "--output", str(output)]
    answer = run_opa(opa, ["build", "--bundle", ".", *fixed, *target], folder=source)
    if answer.code == 0:
        return
    placed = run_opa(opa, ["check", "--bundle", ".", "--format", "json", *fixed[:2]], folder=source)
    first = complaints(placed.told if placed.code else answer.told)[0]  # only the check tells columns
    if not first.where:
        raise UnfitBundle(first.text, where=str(tree.root / "rego"), remedy="Run penstock policy check")
    remedy = f"{first.remedy[0].upper()}{first.remedy[1:]}, and run penstock policy check"
    raise BadInput(first.text, where=tree.name(first.where), remedy=remedy)


def _member(archive: Path, name: str) -> bytes:
    with tarfile.open(archive) as files:
        content = files.extractfile(name)
        if content is None:
            raise UnfitBundle(f"has no {name}", where=str(archive))
        return content.read()
