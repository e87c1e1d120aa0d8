"""A serving gate takes newer policy without dropping a decision, keeps the last good one, and offers it to servers."""

from __future__ import annotations

import json
import shutil
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import requests

from engine import wiring
from engine.adapters.opa.bundle import load_bundle
from engine.adapters.opa.server_process import _free_port
from engine.adapters.opa.signature import SIGNATURES
from engine.adapters.opa.signed import write_signed
from engine.core import canonical
from engine.core.errors import BadInput, UnfitBundle
from engine.entrypoints.web.loop import Loop
from engine.settings import Settings, read_settings
from tests.conftest import DEMO_DATA, ROOT
from tests.fakes.loopback import serving
from tests.integration.opa.signing import KeyPair, make_keys, pack, signed_again, unpack
from tests.integration.web.test_api import RESTART

PATH = "/v1/policy/bundle.tar.gz"


@pytest.fixture(scope="session")
def keys(tmp_path_factory: pytest.TempPathFactory) -> KeyPair:
    return make_keys(tmp_path_factory.mktemp("keys"), "rsa")


@pytest.fixture
def publish(tmp_path: Path, keys: KeyPair) -> Callable[..., bytes]:
    """Signs the shipped policy, with a limit changed, and puts it where the gate looks."""
    settings = read_settings()

    def published(version: int, pods: int = 20) -> bytes:
        overlay = tmp_path / f"overlay-{pods}.yaml"
        overlay.write_text(DEMO_DATA.read_text() + f"\n# {pods}\n")
        opa = wiring.obtain_tool(settings, "opa", say=wiring.quiet)
        bundle = load_bundle(ROOT / "policies", cache=settings.cache, opa=lambda: opa, overlay=overlay)
        content = write_signed(bundle, key=keys.private, version=version)
        (tmp_path / "bundle.tar.gz").write_bytes(content)
        return content

    return published


@pytest.fixture
def settings(settings: Settings, tmp_path: Path, keys: KeyPair, publish: Callable[..., bytes]) -> Settings:
    publish(5)
    return replace(settings, policies=tmp_path / "bundle.tar.gz", policy_key=keys.public, data=None)


@pytest.fixture
def look(http: Any) -> Callable[[], str]:
    """What the loop does when it looks for policy twice; answers the revision that is in force then."""
    desk = http.client.app.state.desk
    loop = Loop(desk, reconcile=lambda *_, **__: None, poll_seconds=30, say=lambda _: None)  # type: ignore[arg-type]

    def looked() -> str:
        loop._reload()
        loop._reload()
        return str(desk.gate.ports.policy.identity().revision)

    return looked


def test_the_bundle_is_offered_with_a_tag_and_not_sent_twice(http: Any, tmp_path: Path) -> None:
    first = http.call("GET", PATH)
    assert (first.status_code, first.content) == (200, (tmp_path / "bundle.tar.gz").read_bytes())
    again = http.call("GET", PATH, headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert http.call("GET", PATH, headers={"If-None-Match": '"other"'}).status_code == 200
    assert http.client.get(PATH).status_code == 401
    assert http.call("GET", PATH, by="alertmanager").status_code == 403


def test_a_newer_policy_comes_into_force_without_a_dropped_decision(
    http: Any, publish: Callable[..., bytes], look: Callable[[], str]
) -> None:
    stop, answers = threading.Event(), []

    def ask() -> None:
        while not stop.is_set():
            answers.append(http.call("POST", "/v1/decisions", json=RESTART))

    asking = threading.Thread(target=ask)
    asking.start()
    before = look()
    content = publish(6, 21)
    after = look()
    stop.set()
    asking.join()
    answers.append(http.call("POST", "/v1/decisions", json=RESTART))
    assert before != after
    assert {answer.status_code for answer in answers} == {200}
    assert {answer.json()["outcome"] for answer in answers} == {"deny"}
    assert answers[-1].json()["policy"]["revision"] == after
    assert http.call("GET", PATH).content == content


def _unsigned(file: Path, _keys: KeyPair) -> None:
    pack(file, {name: content for name, content in unpack(file).items() if name != SIGNATURES})


def _tampered(file: Path, _keys: KeyPair) -> None:
    files = unpack(file)
    pack(file, {**files, "data.json": files["data.json"].replace(b"1", b"9", 1)})


def _misrooted(file: Path, keys: KeyPair) -> None:
    manifest = json.loads(unpack(file)[".manifest"])
    signed_again(file, keys, **{"__manifest": canonical.encode({**manifest, "roots": ["gate", "system"]})})


UNFIT: dict[str, tuple[Callable[[Path, KeyPair], None], str]] = {
    "unsigned": (_unsigned, "isn't signed"),
    "tampered": (_tampered, "aren't those that were signed"),
    "differently rooted": (_misrooted, "system"),
    "no archive": (lambda file, _: file.write_bytes(b"unsigned") and None, "can't be unpacked"),
    "gone": (lambda file, _: file.unlink(), "can't be read"),
}


@pytest.mark.parametrize("kind", [*UNFIT, "older"])
def test_what_isnt_fit_changes_nothing_and_readiness_says_stale(
    http: Any, keys: KeyPair, publish: Callable[..., bytes], look: Callable[[], str], tmp_path: Path, kind: str
) -> None:
    file = tmp_path / "bundle.tar.gz"
    good, before = file.read_bytes(), look()
    spoil, why = UNFIT.get(kind, (lambda *_: publish(4, 22) and None, "version 4"))
    spoil(file, keys)
    assert look() == before
    ready = http.client.get("/readyz").json()
    assert ready["details"]["policy"].startswith("stale: ")
    assert why in ready["details"]["policy"]
    assert http.call("GET", PATH).content == good
    assert http.call("POST", "/v1/decisions", json=RESTART).json()["policy"]["revision"] == before
    file.write_bytes(good)
    assert look() == before
    assert "policy" not in http.client.get("/readyz").json()["details"]


def test_a_gate_that_begins_beside_an_unfit_bundle_goes_on_with_the_last_accepted(
    http: Any, settings: Settings, tmp_path: Path
) -> None:
    assert http.call("GET", PATH).status_code == 200
    (tmp_path / "bundle.tar.gz").write_bytes(b"unsigned")
    with wiring.gate(settings, acting=True) as again:
        assert wiring.policy_stale(again)
        assert again.ports.policy.identity() == http.client.app.state.desk.gate.ports.policy.identity()


def test_a_gate_that_never_accepted_one_doesnt_begin_with_an_unfit_bundle(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "bundle.tar.gz").write_bytes(b"unsigned")
    with pytest.raises(UnfitBundle), wiring.gate(settings, acting=True):
        pass


def test_a_folder_is_taken_once_it_stays_as_it_is(settings: Settings, tmp_path: Path) -> None:
    shutil.copytree(ROOT / "policies", tmp_path / "policies")
    limits = next((tmp_path / "policies/rego/gate/data").rglob("data.yaml"))
    plain = replace(settings, policies=tmp_path / "policies", policy_key=None, data=DEMO_DATA)
    with wiring.gate(plain, acting=True) as gate:
        before = gate.ports.policy.identity()
        good = limits.read_text()
        limits.write_text(good + "\nno: [yaml\n")
        assert not (wiring.policy_prepared(gate) or wiring.policy_prepared(gate))
        assert "data.yaml" in wiring.policy_stale(gate)
        limits.write_text(good + "\n# another\n")
        assert not wiring.policy_prepared(gate)
        assert wiring.policy_prepared(gate)
        assert gate.ports.policy.identity() == before
        wiring.take_policy(gate)
        assert gate.ports.policy.identity() != before
        assert not wiring.policy_stale(gate)


@pytest.mark.parametrize(
    ("given", "where"),
    [
        ({"POLICY_KEY": "k"}, "PENSTOCK_POLICIES"),
        ({"POLICY_KEY": "k", "POLICIES": "repo:policies"}, "PENSTOCK_POLICIES"),
        ({"POLICY_KEY": "k", "POLICIES": "b.tar.gz", "DATA": "d.yaml"}, "PENSTOCK_DATA"),
    ],
)
def test_nothing_unsigned_stands_beside_a_key(given: dict[str, str], where: str) -> None:
    with pytest.raises(BadInput) as refused:
        read_settings({f"PENSTOCK_{name}": value for name, value in given.items()})
    assert refused.value.where == where


def test_a_server_beside_the_gate_loads_what_it_offers_and_keeps_it(
    http: Any, keys: KeyPair, publish: Callable[..., bytes], look: Callable[[], str], tmp_path: Path
) -> None:
    with serving(http.client.app) as url, _opa(url, http.tokens["agent:triage"], keys, tmp_path) as opa:
        assert _revision(opa, look()) == look()
        publish(6, 23)
        newer = look()
        assert _revision(opa, newer) == newer


@contextmanager
def _opa(gate: str, token: str, keys: KeyPair, folder: Path) -> Iterator[str]:
    binary = wiring.obtain_tool(read_settings(), "opa", say=wiring.quiet)
    config = {
        "services": {"gate": {"url": gate, "credentials": {"bearer": {"token": token}}}},
        "bundles": {
            "policy": {
                "service": "gate",
                "resource": PATH,
                "signing": {"keyid": "default"},
                "polling": {"min_delay_seconds": 1, "max_delay_seconds": 1},
            }
        },
        "keys": {"default": {"algorithm": "RS256", "key": keys.public.read_text()}},
    }
    (folder / "opa.json").write_text(json.dumps(config))
    port = _free_port()
    command = [str(binary), "run", "--server", "--addr", f"127.0.0.1:{port}", "--skip-version-check"]
    process = subprocess.Popen(
        [*command, "--log-level", "error", "--config-file", str(folder / "opa.json")], stderr=subprocess.DEVNULL
    )
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait()


def _revision(opa: str, wanted: str) -> str:
    """The revision that the server says it answers by, asked until it is ``wanted`` or a while has gone by."""
    found, waiting = "", threading.Event()
    for _ in range(150):
        try:
            answer = requests.get(f"{opa}/v1/data/gate/data/limits?provenance=true", timeout=5).json()
            bundles = answer.get("provenance", {}).get("bundles", {})
            found = bundles.get("policy", {}).get("revision", "")
        except requests.ConnectionError:
            found = ""
        if found == wanted:
            break
        waiting.wait(0.1)
    return str(found)
