"""A real Argo CD on this machine: repo server, application controller and Redis, each a process of its own."""

from __future__ import annotations

import base64
import json
import os
import shutil
import signal
import socket
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from engine.adapters.tools.obtain import find
from engine.adapters.tools.pins import HELM
from tests.e2e.lab.control_plane import ControlPlane, tools, versions
from tests.e2e.lab.gate import until
from tests.e2e.lab.gitea import free_port

NAMESPACE = "argocd"
LOOK_SECONDS = 10
_PART = {"app.kubernetes.io/part-of": "argocd"}
_EMPTY = ("argocd-cm", "argocd-cmd-params-cm", "argocd-rbac-cm", "argocd-tls-certs-cm", "argocd-ssh-known-hosts-cm")
_EMPTY += ("argocd-gpg-keys-cm",)


@dataclass(frozen=True)
class ArgoCD:
    """A running one, in the cluster of a control plane."""

    plane: ControlPlane

    def follow(self, url: str, user: str, password: str) -> None:
        """Let it read a repository as somebody."""
        data = {"type": "git", "url": url, "username": user, "password": password}
        self.plane.kubectl("apply", "-f", "-", given=json.dumps(_secret("gitops", data, "repository")))

    def application(self, name: str) -> Any:
        """An Application as it stands."""
        return self.plane.get("application", name, "-n", NAMESPACE)

    def look_now(self, name: str) -> None:
        """Ask it to compare at once, as its webhook would."""
        mark = "argocd.argoproj.io/refresh=normal"
        self.plane.kubectl("annotate", "application", name, "-n", NAMESPACE, "--overwrite", mark)


def missing(environment: Mapping[str, str] = os.environ) -> str:
    """What isn't on this machine; empty where all is."""
    gone = [] if _binary(environment).is_file() else ["argocd"]
    return ", ".join([*gone, *([] if _redis(environment) else ["redis-server"])])


@contextmanager
def running(plane: ControlPlane, folder: Path) -> Iterator[ArgoCD]:
    """Argo CD in the cluster until the end of the block; only what was started here is ended."""
    redis, repository = free_port(), free_port()
    binary, cache = str(_binary(os.environ)), folder / "cache"
    for name in ("cache", "tls", "ssh", "gpg"):
        (folder / name).mkdir(parents=True)
    _install(plane)
    own = {
        "PATH": f"{_renderers(folder)}:{os.environ['PATH']}",
        "HOME": str(folder),
        "TMPDIR": str(cache),
        "ARGOCD_GPG_ENABLED": "false",
        "ARGOCD_TLS_DATA_PATH": str(folder / "tls"),
        "ARGOCD_SSH_DATA_PATH": str(folder / "ssh"),
        "ARGOCD_ASK_PASS_SOCK": str(cache / "ask-pass.sock"),
        "REDIS_PASSWORD": "",
    }
    asked = ("--redis", f"127.0.0.1:{redis}", "--metrics-port")
    command, libraries = _redis(os.environ)
    parts = {
        "redis": ([command, "--bind", "127.0.0.1", "--port", str(redis), "--save", "", "--dir", str(cache)], libraries),
        "argocd-repo-server": (
            [binary, "--address", "127.0.0.1", "--port", str(repository), "--disable-tls"]
            + ["--metrics-address", "127.0.0.1", *asked, str(free_port())],
            {},
        ),
        "argocd-application-controller": (
            [binary, "--kubeconfig", str(plane.kubeconfig), "--namespace", NAMESPACE, *asked, str(free_port())]
            + ["--repo-server", f"127.0.0.1:{repository}", "--repo-server-plaintext"]
            + ["--app-resync", str(LOOK_SECONDS), "--app-resync-jitter", "0"],
            {},
        ),
    }
    with ExitStack() as held:
        for name, (line, more) in parts.items():
            given = {**own, **more, "ARGOCD_BINARY_NAME": name}
            process = held.enter_context(_process(line, given, folder / f"{name}.log"))
            if name != "argocd-application-controller":
                until(lambda port=line: _listens(port), f"{name} listens; see {folder}/{name}.log", seconds=30)
            assert process.poll() is None, (folder / f"{name}.log").read_text()[-1500:]
        yield ArgoCD(plane)


@contextmanager
def _process(command: list[str], environment: Mapping[str, str], log: Path) -> Iterator[subprocess.Popen[bytes]]:
    with log.open("wb") as written:
        process = subprocess.Popen(command, env=environment, stdout=written, stderr=written, start_new_session=True)
    try:
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _listens(command: list[str]) -> bool:
    with socket.socket() as asked:
        return asked.connect_ex(("127.0.0.1", int(command[command.index("--port") + 1]))) == 0


def _install(plane: ControlPlane) -> None:
    """Its kinds, its settings, and the cluster under the name that the Applications of the repository use."""
    module = subprocess.run(
        ["go", "mod", "download", "-json", f"github.com/argoproj/argo-cd/v3@v{versions()['ARGOCD']}"],
        capture_output=True,
        text=True,
        timeout=300,
        check=True,
    )
    kinds = Path(json.loads(module.stdout)["Dir"]) / "manifests" / "crds"
    files = [part for name in ("application", "appproject") for part in ("-f", str(kinds / f"{name}-crd.yaml"))]
    plane.kubectl("apply", "--server-side", *files)
    plane.kubectl("wait", "--for=condition=Established", "crd/applications.argoproj.io", "crd/appprojects.argoproj.io")
    plane.kubectl("create", "namespace", NAMESPACE)
    metadata = [{"name": name, "namespace": NAMESPACE, "labels": _PART} for name in _EMPTY]
    made: list[Any] = [{"apiVersion": "v1", "kind": "ConfigMap", "metadata": each} for each in metadata]
    config = json.loads(plane.kubectl("config", "view", "--raw", "-o", "json"))
    server = config["clusters"][0]["cluster"]
    authority = base64.b64encode(Path(server["certificate-authority"]).read_bytes()).decode()
    access = {"bearerToken": config["users"][0]["user"]["token"], "tlsClientConfig": {"caData": authority}}
    cluster = {"name": config["clusters"][0]["name"], "server": server["server"], "config": json.dumps(access)}
    made += [_secret("argocd-secret", {"server.secretkey": os.urandom(16).hex()}), _secret("lab", cluster, "cluster")]
    anything = {"group": "*", "kind": "*"}
    allowed = {"sourceRepos": ["*"], "destinations": [{"server": "*", "namespace": "*"}]}
    project = {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "AppProject",
        "metadata": {"name": "default", "namespace": NAMESPACE},
        "spec": {**allowed, "clusterResourceWhitelist": [anything]},
    }
    plane.kubectl("apply", "-f", "-", given=yaml.safe_dump_all([*made, project]))


def _secret(name: str, data: Mapping[str, str], kind: str = "") -> dict[str, Any]:
    labels = {**_PART, **({"argocd.argoproj.io/secret-type": kind} if kind else {})}
    metadata = {"name": name, "namespace": NAMESPACE, "labels": labels}
    return {"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "stringData": dict(data)}


def _renderers(folder: Path) -> Path:
    """A folder with kustomize and helm under the names that the repo server calls."""
    place, known = folder / "bin", versions()
    place.mkdir()
    (place / "kustomize").symlink_to(tools(os.environ) / "kustomize" / known["KUSTOMIZE"] / "kustomize")
    helm = find(HELM, cache=tools(os.environ).parent, environment=os.environ, say=lambda _: None)
    if helm is not None:
        (place / "helm").symlink_to(helm)
    return place


def _binary(environment: Mapping[str, str]) -> Path:
    return tools(environment) / "argocd" / versions()["ARGOCD"] / "argocd"


def _redis(environment: Mapping[str, str]) -> tuple[str, dict[str, str]] | None:
    """Redis from PATH, or as build-tools unpacked it, with where its libraries are."""
    found = shutil.which("redis-server")
    if found:
        return found, {}
    unpacked = tools(environment) / "redis" / "usr"
    libraries = ":".join(str(place) for place in (unpacked / "lib").glob("*-linux-gnu"))
    known = unpacked / "bin" / "redis-server"
    return (str(known), {"LD_LIBRARY_PATH": libraries}) if known.exists() else None
