"""A signed bundle is believed by both evaluators, and nothing that was done to one afterwards is by either."""

from __future__ import annotations

import gzip
import io
import json
import shutil
import tarfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import jwt
import pytest

from engine.adapters.opa.accepted import accept, check_newer, last_accepted
from engine.adapters.opa.bundle import Bundle, load_bundle
from engine.adapters.opa.embedded import EmbeddedPolicyEngine
from engine.adapters.opa.server import OpaServerEngine
from engine.adapters.opa.server_process import OpaServerProcess
from engine.adapters.opa.signature import SIGNATURES
from engine.adapters.opa.signed import MODULE, read_signed, write_signed
from engine.core import canonical
from engine.core.errors import (
    BadInput,
    EvaluatorUnavailable,
    MisrootedBundle,
    OlderBundle,
    TamperedBundle,
    UnfitBundle,
    UnsignedBundle,
)
from engine.settings import read_settings
from engine.wiring.policies import policy_archive, policy_engine
from tests.integration.opa.signing import KeyPair, make_keys, pack, signed_again, unpack

INPUT = json.dumps({"action": {"pods": 1}}).encode()
REASONS: dict[str, type[UnfitBundle]] = {
    "unsigned": UnsignedBundle,
    "tampered": TamperedBundle,
    "differently rooted": MisrootedBundle,
    "older": OlderBundle,
}


@pytest.fixture(scope="session", params=["rsa", "p256"])
def keys(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> KeyPair:
    return make_keys(tmp_path_factory.mktemp("keys"), request.param)


@pytest.fixture
def signed(bundle: Bundle, keys: KeyPair, tmp_path: Path) -> Path:
    file = tmp_path / "bundle.tar.gz"
    file.write_bytes(write_signed(bundle, key=keys.private, version=7))
    return file


def test_the_same_tree_makes_the_same_signed_bytes(
    policies: Path, opa: Path, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    pair = make_keys(tmp_path_factory.mktemp("keys"), "rsa")
    shutil.copytree(policies, tmp_path / "elsewhere")
    made = [
        write_signed(load_bundle(folder, cache=tmp_path / name, opa=lambda: opa), key=pair.private, version=1)
        for name, folder in (("one", policies), ("two", tmp_path / "elsewhere"))
    ]
    assert canonical.digest_bytes(made[0]) == canonical.digest_bytes(made[1])


def test_both_evaluators_answer_alike_from_the_signed_bytes(
    signed: Path, bundle: Bundle, keys: KeyPair, opa: Path, tmp_path: Path
) -> None:
    found = read_signed(signed, keys=keys.public, cache=tmp_path / "cache")
    assert (found.version, found.bundle.identity, found.archive) == (7, bundle.identity, signed.read_bytes())
    with EmbeddedPolicyEngine(found.bundle, cache=tmp_path / "cache") as embedded:
        told = embedded.decide(INPUT)
    if "rsa" in keys.public.name:
        with OpaServerProcess(opa, found.bundle, key=keys.public) as server:
            assert OpaServerEngine(server.url, found.bundle.identity, seconds=20).decide(INPUT) == told


def test_a_server_with_the_key_loads_no_unsigned_bundle(bundle: Bundle, keys: KeyPair, opa: Path) -> None:
    with pytest.raises(EvaluatorUnavailable), OpaServerProcess(opa, bundle, key=keys.public):
        pass


def test_a_server_with_the_key_loads_no_tampered_bundle(signed: Path, keys: KeyPair, opa: Path, tmp_path: Path) -> None:
    found = read_signed(signed, keys=keys.public, cache=tmp_path / "cache").bundle
    files = unpack(found.served)
    pack(found.served, {**files, "data.json": files["data.json"].replace(b"a", b"b", 1)})
    with pytest.raises(EvaluatorUnavailable), OpaServerProcess(opa, found, key=keys.public):
        pass


@pytest.mark.parametrize("evaluator", ["embedded", "server", "referee"])
@pytest.mark.parametrize("kind", ["unsigned", "tampered", "differently rooted", "older"])
def test_no_evaluator_is_begun_with_a_bundle_that_isnt_fit(
    signed: Path, bundle: Bundle, keys: KeyPair, tmp_path: Path, evaluator: Any, kind: str
) -> None:
    settings = replace(
        read_settings(),
        state=tmp_path / "state",
        policies=signed,
        policy_key=keys.public,
        data=None,
        evaluator=evaluator,
    )
    files = unpack(signed)
    if kind == "older":
        accept(
            replace(read_signed(signed, keys=keys.public, cache=settings.cache), version=8), policy_archive(settings)
        )
    elif kind == "differently rooted":
        manifest = {**json.loads(files[".manifest"]), "roots": ["gate", "system"]}
        signed_again(signed, keys, **{"__manifest": canonical.encode(manifest)})
    elif kind == "unsigned":
        pack(signed, {name: content for name, content in files.items() if name != SIGNATURES})
    else:
        pack(signed, {**files, "data.json": files["data.json"].replace(b"a", b"b", 1)})
    with pytest.raises(REASONS[kind]), policy_engine(settings):
        pass


def test_an_unsigned_bundle_is_refused(bundle: Bundle, keys: KeyPair, tmp_path: Path) -> None:
    with pytest.raises(UnsignedBundle, match="isn't signed"):
        read_signed(bundle.served, keys=keys.public, cache=tmp_path / "cache")


def test_another_key_s_signature_is_none(signed: Path, tmp_path: Path) -> None:
    with pytest.raises(UnsignedBundle, match="no key that is set"):
        read_signed(signed, keys=make_keys(tmp_path, "rsa").public, cache=tmp_path / "cache")


@pytest.mark.parametrize("algorithm", ["none", "HS256"])
def test_a_token_doesnt_choose_how_it_is_verified(signed: Path, keys: KeyPair, tmp_path: Path, algorithm: str) -> None:
    files = unpack(signed)
    claims = jwt.decode(json.loads(files[SIGNATURES])["signatures"][0], options={"verify_signature": False})
    token = jwt.encode(claims, "" if algorithm == "none" else "x" * 64, algorithm=algorithm)
    pack(signed, {**files, SIGNATURES: json.dumps({"signatures": [token]}).encode()})
    with pytest.raises(UnsignedBundle):
        read_signed(signed, keys=keys.public, cache=tmp_path / "cache")


def test_one_key_can_follow_another(signed: Path, keys: KeyPair, tmp_path: Path) -> None:
    both = tmp_path / "both.pem"
    both.write_bytes(make_keys(tmp_path, "rsa").public.read_bytes() + keys.public.read_bytes())
    assert read_signed(signed, keys=both, cache=tmp_path / "cache").version == 7


@pytest.mark.parametrize("name", ["data.json", ".manifest", MODULE, "gate/rules/blast/pods/pods.rego"])
def test_a_changed_file_is_tampering(signed: Path, keys: KeyPair, tmp_path: Path, name: str) -> None:
    files = unpack(signed)
    pack(signed, {**files, name: files[name].replace(b"a", b"b", 1)})
    with pytest.raises(TamperedBundle, match="aren't those that were signed"):
        read_signed(signed, keys=keys.public, cache=tmp_path / "cache")


def test_data_that_reads_alike_but_is_written_otherwise_is_tampering(
    signed: Path, keys: KeyPair, tmp_path: Path
) -> None:
    files = unpack(signed)
    pack(signed, {**files, "data.json": files["data.json"].replace(b"{", b'{"gate":{},', 1)})
    with pytest.raises(TamperedBundle):
        read_signed(signed, keys=keys.public, cache=tmp_path / "cache")


@pytest.mark.parametrize("change", ["more", "fewer"])
def test_a_file_more_or_fewer_is_tampering(signed: Path, keys: KeyPair, tmp_path: Path, change: str) -> None:
    files = unpack(signed)
    files |= {"gate/more.rego": b"package gate.more\n"} if change == "more" else {}
    pack(signed, {name: text for name, text in files.items() if change == "more" or not name.endswith("pods.rego")})
    with pytest.raises(TamperedBundle):
        read_signed(signed, keys=keys.public, cache=tmp_path / "cache")


@pytest.mark.parametrize("kind", ["empty", "text", "packed text", "more than may be unpacked"])
def test_what_isnt_an_archive_is_refused(keys: KeyPair, tmp_path: Path, kind: str) -> None:
    content = {"empty": b"", "text": b"text", "packed text": gzip.compress(b"text")}.get(kind)
    (tmp_path / "bundle").write_bytes(gzip.compress(bytes(70_000_000)) if content is None else content)
    with pytest.raises(UnfitBundle):
        read_signed(tmp_path / "bundle", keys=keys.public, cache=tmp_path / "cache")


def test_a_link_in_the_archive_is_refused(signed: Path, keys: KeyPair, tmp_path: Path) -> None:
    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode="w") as written:
        member = tarfile.TarInfo("/data.json")
        member.type, member.linkname = tarfile.SYMTYPE, "/etc/passwd"
        written.addfile(member)
    signed.write_bytes(gzip.compress(raw.getvalue()))
    with pytest.raises(TamperedBundle, match="something else than files"):
        read_signed(signed, keys=keys.public, cache=tmp_path / "cache")


def test_other_roots_are_refused_though_signed(signed: Path, keys: KeyPair, tmp_path: Path) -> None:
    manifest = {**json.loads(unpack(signed)[".manifest"]), "roots": ["gate", "system"]}
    signed_again(signed, keys, **{"__manifest": canonical.encode(manifest)})
    with pytest.raises(MisrootedBundle, match="system"):
        read_signed(signed, keys=keys.public, cache=tmp_path / "cache")


@pytest.mark.parametrize(
    "metadata", [None, {}, {"version": 0}, {"version": True}, {"digest": "sha256:../../.."}, {"compiler": "0.1"}]
)
def test_a_signed_bundle_that_doesnt_say_what_it_is_is_unfit(
    signed: Path, keys: KeyPair, tmp_path: Path, metadata: Any
) -> None:
    manifest = json.loads(unpack(signed)[".manifest"])
    manifest["metadata"] = {**manifest["metadata"], **metadata} if metadata else metadata
    signed_again(signed, keys, **{"__manifest": canonical.encode(manifest)})
    with pytest.raises(UnfitBundle, match="isn't a bundle for this gate"):
        read_signed(signed, keys=keys.public, cache=tmp_path / "cache")


@pytest.mark.parametrize("kind", ["weak", "p384"])
def test_a_key_that_isnt_used_here_signs_and_verifies_nothing(
    bundle: Bundle, signed: Path, tmp_path: Path, kind: str
) -> None:
    pair = make_keys(tmp_path, kind)
    with pytest.raises(BadInput, match="too weak"):
        write_signed(bundle, key=pair.private, version=1)
    with pytest.raises(BadInput, match="too weak"):
        read_signed(signed, keys=pair.public, cache=tmp_path / "cache")


@pytest.mark.parametrize("text", ["", "no key"])
def test_a_file_without_a_key_is_bad_input(signed: Path, tmp_path: Path, text: str) -> None:
    (tmp_path / "none.pem").write_text(text)
    with pytest.raises(BadInput, match="no public key"):
        read_signed(signed, keys=tmp_path / "none.pem", cache=tmp_path / "cache")


def test_an_older_version_is_refused_and_a_newer_one_taken(
    signed: Path, bundle: Bundle, keys: KeyPair, tmp_path: Path
) -> None:
    state, found = tmp_path / "state", read_signed(signed, keys=keys.public, cache=tmp_path / "cache")
    accept(found, state)
    accept(found, state)
    for version, fits in ((6, False), (8, True), (7, False)):
        again = replace(found, version=version)
        if fits:
            accept(again, state)
            continue
        with pytest.raises(OlderBundle, match=f"is version {version}"):
            accept(again, state)
    assert last_accepted(state).read_bytes() == signed.read_bytes()


def test_two_policies_of_one_version_are_not_both_accepted(signed: Path, keys: KeyPair, tmp_path: Path) -> None:
    found = read_signed(signed, keys=keys.public, cache=tmp_path / "cache")
    accept(found, tmp_path / "state")
    other = replace(found, bundle=replace(found.bundle, digest="sha256:" + "0" * 64))
    with pytest.raises(OlderBundle, match="another policy of version 7"):
        check_newer(other, tmp_path / "state")


def test_a_note_of_what_was_accepted_that_cant_be_read_accepts_nothing(
    signed: Path, keys: KeyPair, tmp_path: Path
) -> None:
    found = read_signed(signed, keys=keys.public, cache=tmp_path / "cache")
    (tmp_path / "accepted.json").write_text("{}")
    with pytest.raises(UnfitBundle, match="doesn't say which policy"):
        accept(found, tmp_path)


def test_the_cache_isnt_believed(signed: Path, keys: KeyPair, tmp_path: Path) -> None:
    first = read_signed(signed, keys=keys.public, cache=tmp_path / "cache").bundle
    (first.folder / "policy.wasm").write_bytes(b"other")
    again = read_signed(signed, keys=keys.public, cache=tmp_path / "cache").bundle
    assert again.wasm == first.wasm
    assert (again.folder / "policy.wasm").read_bytes() == first.wasm
