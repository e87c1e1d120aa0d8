"""A real Argo CD on this machine: repo server, application controller and Redis, each a process of its own."""

from __future__ import annotations

import base64
import copy
import json
import os
import shlex
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
from tests.e2e.lab.control_plane import ControlPlane, module, tools, versions
from tests.e2e.lab.gate import until
from tests.e2e.lab.gitea import free_port

NAMESPACE = "argocd"
LOOK_SECONDS = 10
_SERVERS = {
    "redis": "{redis} --bind 127.0.0.1 --port {redis_port} --save '' --dir {folder}/cache",
    "argocd-repo-server": "{argocd} --address 127.0.0.1 --port {repo_port} --disable-tls --redis 127.0.0.1:{redis_port}"
    f" --metrics-address 127.0.0.1 --metrics-port {{repo_metrics}} --revision-cache-expiration {LOOK_SECONDS}s",
    "argocd-application-controller": "{argocd} --kubeconfig {kubeconfig} --namespace argocd --metrics-port {metrics}"
    " --redis 127.0.0.1:{redis_port} --repo-server 127.0.0.1:{repo_port} --repo-server-plaintext"
    f" --app-resync {LOOK_SECONDS} --app-resync-jitter 0",
}
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

    def apply_once(self, declared: dict[str, Any], url: str, revision: str) -> None:
        """Declare an Application of a repository, and have it apply one revision without following the branch."""
        made = copy.deepcopy(declared)
        made["spec"]["source"]["repoURL"] = url
        made["spec"]["syncPolicy"].pop("automated")
        made["operation"] = {"sync": {"revision": revision}, "initiatedBy": {"username": "lab"}}
        self.plane.kubectl("apply", "-f", "-", given=json.dumps(made))

    def follow_branch(self, name: str) -> None:
        """From now on an Application applies what its branch holds, as the repository declares it."""
        policy = {"spec": {"syncPolicy": {"automated": {"prune": True, "selfHeal": False}}}}
        asked = ("application", name, "-n", NAMESPACE, "--type=merge", "-p", json.dumps(policy))
        self.plane.kubectl("patch", *asked)


def missing(environment: Mapping[str, str] = os.environ) -> str:
    """What isn't on this machine; empty where all is."""
    gone = [] if _binary(environment).is_file() else ["argocd"]
    return ", ".join([*gone, *([] if _redis(environment) else ["redis-server"])])


@contextmanager
def running(plane: ControlPlane, folder: Path) -> Iterator[ArgoCD]:
    """Argo CD in the cluster until the end of the block; only what was started here is ended."""
    for name in ("cache", "tls", "ssh", "bin"):
        (folder / name).mkdir(parents=True)
    _install(plane)
    _link_programs(folder / "bin")
    redis, libraries = _redis(os.environ) or ("", {})
    ports = {name: free_port() for name in ("redis_port", "repo_port", "repo_metrics", "metrics")}
    given = {**ports, "folder": folder, "kubeconfig": plane.kubeconfig, "redis": redis, "argocd": _binary(os.environ)}
    own = {
        "PATH": f"{folder / 'bin'}:{os.environ['PATH']}",
        "HOME": str(folder),
        "TMPDIR": str(folder / "cache"),
        "ARGOCD_GPG_ENABLED": "false",
        "ARGOCD_TLS_DATA_PATH": str(folder / "tls"),
        "ARGOCD_SSH_DATA_PATH": str(folder / "ssh"),
        "ARGOCD_ASK_PASS_SOCK": str(folder / "cache" / "ask-pass.sock"),
        **libraries,
    }
    with ExitStack() as held:
        for name, line in _SERVERS.items():
            command, log = shlex.split(line.format(**given)), folder / f"{name}.log"
            held.enter_context(process(command, {**own, "ARGOCD_BINARY_NAME": name}, log))
            if "--port" in command:
                until(lambda asked=command: _listens(asked), f"{name} listens; see {log}", seconds=60)
        yield ArgoCD(plane)


@contextmanager
def process(command: list[str], environment: Mapping[str, str], log: Path) -> Iterator[subprocess.Popen[bytes]]:
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
    kinds = module(f"github.com/argoproj/argo-cd/v3@v{versions()['ARGOCD']}") / "manifests" / "crds"
    files = [part for name in ("application", "appproject") for part in ("-f", str(kinds / f"{name}-crd.yaml"))]
    plane.kubectl("apply", "--server-side", *files)
    known = ("get", "applications.argoproj.io,appprojects.argoproj.io", "-A")
    until(lambda: plane.tried(*known).returncode == 0, "the API server knows Argo CD's kinds")
    made = [{"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}}]
    made += [_object("v1", "ConfigMap", name) for name in _EMPTY]
    made += [_secret("argocd-secret", {"server.secretkey": os.urandom(16).hex()}), _cluster(plane)]
    everything = {"sourceRepos": ["*"], "destinations": [{"server": "*", "namespace": "*"}]}
    everything |= {"clusterResourceWhitelist": [{"group": "*", "kind": "*"}]}
    made += [{**_object("argoproj.io/v1alpha1", "AppProject", "default"), "spec": everything}]
    plane.kubectl("apply", "-f", "-", given=yaml.safe_dump_all(made))


def _cluster(plane: ControlPlane) -> dict[str, Any]:
    config = json.loads(plane.kubectl("config", "view", "--raw", "-o", "json"))
    server = config["clusters"][0]["cluster"]
    authority = base64.b64encode(Path(server["certificate-authority"]).read_bytes()).decode()
    access = {"bearerToken": config["users"][0]["user"]["token"], "tlsClientConfig": {"caData": authority}}
    data = {"name": config["clusters"][0]["name"], "server": server["server"], "config": json.dumps(access)}
    return _secret("lab", data, "cluster")


def _object(version: str, kind: str, name: str) -> dict[str, Any]:
    metadata = {"name": name, "namespace": NAMESPACE, "labels": dict(_PART)}
    return {"apiVersion": version, "kind": kind, "metadata": metadata}


def _secret(name: str, data: Mapping[str, str], kind: str = "") -> dict[str, Any]:
    made = _object("v1", "Secret", name)
    made["metadata"]["labels"] |= {"argocd.argoproj.io/secret-type": kind} if kind else {}
    return {**made, "stringData": dict(data)}


def _link_programs(place: Path) -> None:
    """What the repo server calls by name: kustomize, helm, and itself to hand a password to Git."""
    (place / "argocd").symlink_to(_binary(os.environ))
    (place / "kustomize").symlink_to(tools(os.environ) / "kustomize" / versions()["KUSTOMIZE"] / "kustomize")
    helm = find(HELM, cache=tools(os.environ).parent, environment=os.environ, say=lambda _: None)
    if helm is not None:
        (place / "helm").symlink_to(helm)


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
