"""A real Kubernetes API on this machine, with KWOK to play nodes and pods: started and stopped by gitops/lab."""

from __future__ import annotations

import json
import os
import signal
import socket
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

ROOT = Path(__file__).parents[3]
LAB = ROOT / "gitops" / "lab"
PORTS = 8
# KWOK makes no pod ready again that a node took down with it, and a busy machine renews a node's lease late.
NODE_GRACE = "900s"


@dataclass(frozen=True)
class ControlPlane:
    """A running one; ``kubeconfig`` is the administrator's."""

    state: Path
    kubectl_path: Path

    @property
    def kubeconfig(self) -> Path:
        """The administrator's."""
        return self.state / "kubeconfig"

    def kubectl(self, *arguments: str, given: str = "", kubeconfig: Path | None = None) -> str:
        """What kubectl prints; anything but success raises."""
        done = self.tried(*arguments, given=given, kubeconfig=kubeconfig)
        assert done.returncode == 0, f"kubectl {' '.join(arguments)}: {done.stderr[-600:]}"
        return done.stdout

    def tried(
        self, *arguments: str, given: str = "", kubeconfig: Path | None = None
    ) -> subprocess.CompletedProcess[str]:
        """The same where success isn't expected."""
        command = [str(self.kubectl_path), "--kubeconfig", str(kubeconfig or self.kubeconfig), *arguments]
        return subprocess.run(command, input=given, capture_output=True, text=True, timeout=120, check=False)

    def get(self, *arguments: str) -> Any:
        """Objects as JSON."""
        return json.loads(self.kubectl("get", *arguments, "-o", "json"))

    def account(self, namespace: str, name: str) -> Path:
        """A kubeconfig that is a ServiceAccount and nobody else."""
        token = self.kubectl("create", "token", name, "-n", namespace).strip()
        config = json.loads(self.kubectl("config", "view", "--raw", "-o", "json"))
        config["users"][0]["user"] = {"token": token}
        path = self.state / f"{namespace}-{name}.kubeconfig"
        path.touch(0o600)
        path.write_text(json.dumps(config))
        return path

    def http(self, kubeconfig: Path | None = None) -> httpx.Client:
        """A client of the API itself, for what kubectl would be too slow at."""
        config = json.loads(self.kubectl("config", "view", "--raw", "-o", "json", kubeconfig=kubeconfig))
        cluster, token = config["clusters"][0]["cluster"], config["users"][0]["user"]["token"]
        trusted = ssl.create_default_context(cafile=cluster["certificate-authority"])
        headers = {"Authorization": f"Bearer {token}"}
        return httpx.Client(base_url=cluster["server"], headers=headers, verify=trusted, timeout=60)

    @contextmanager
    def api_server_stopped(self) -> Iterator[None]:
        """The API server is gone at once for the block, and comes back as it was.

        Asked to end, it would first wait a minute for its watches, and the nodes would be lost meanwhile.
        """
        file = self.state / "kube-apiserver.pid"
        number = int(file.read_text())
        command = Path(f"/proc/{number}/cmdline").read_bytes().rstrip(b"\0").split(b"\0")
        os.kill(number, signal.SIGKILL)
        _until(lambda: not Path(f"/proc/{number}").exists(), "the API server ends")
        try:
            yield
        finally:
            with (self.state / "kube-apiserver.log").open("ab") as log:
                again = subprocess.Popen(
                    command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
                )
            file.write_text(str(again.pid))
            _until(lambda: self.tried("get", "--raw", "/readyz").returncode == 0, "the API server is ready again")

    def play(self, *files: Path) -> None:
        """(Re)start KWOK with files of Stages, beside those that keep nodes alive."""
        node = module(f"sigs.k8s.io/kwok@v{versions()['KWOK']}") / "kustomize" / "stage" / "node"
        own = [node / "fast/node-initialize.yaml", node / "heartbeat-with-lease/node-heartbeat-with-lease.yaml"]
        _control("play", str(self.state), *map(str, [*own, *files]))


def _until(promise: Callable[[], bool], said: str) -> None:
    end, pause = time.monotonic() + 90, threading.Event()
    while not promise():
        assert time.monotonic() < end, f"not within 90 s: {said}"
        pause.wait(0.25)


def versions() -> dict[str, str]:
    """The versions of the lab, by name."""
    return dict(line.split("=") for line in (LAB / "versions").read_text().splitlines() if "=" in line)


def module(path: str) -> Path:
    """Where Go keeps a module's files; it downloads them if need be."""
    command = ["go", "mod", "download", "-json", path]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=True)
    return Path(json.loads(done.stdout)["Dir"])


def missing(environment: Mapping[str, str] = os.environ) -> str:
    """Which tool of the lab isn't built here; empty where all are."""
    built = tools(environment)
    wanted = {
        "etcd": ("etcd",),
        "kubernetes": ("kube-apiserver", "kube-controller-manager", "kube-scheduler", "kubectl"),
        "kwok": ("kwok",),
    }
    known = versions()
    gone = [
        name
        for tool, names in wanted.items()
        for name in names
        if not (built / tool / known[tool.upper()] / name).is_file()
    ]
    return ", ".join(gone)


@contextmanager
def running(state: Path) -> Iterator[ControlPlane]:
    """A control plane until the end of the block; what was started is ended by process id."""
    try:
        _control("start", str(state), str(_free_ports()))
        yield ControlPlane(state, tools(os.environ) / "kubernetes" / versions()["KUBERNETES"] / "kubectl")
    finally:
        _control("stop", str(state))


def tools(environment: Mapping[str, str]) -> Path:
    """Where gitops/lab/build-tools puts what it builds."""
    return Path(environment.get("PENSTOCK_CACHE") or Path.home() / ".cache" / "penstock") / "tools"


def _control(*arguments: str) -> None:
    environment = {**os.environ, "PYTHON": sys.executable, "NODE_GRACE": NODE_GRACE}
    command = [str(LAB / "control-plane"), *arguments]
    done = subprocess.run(
        command, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=240, check=False
    )
    assert done.returncode == 0, f"{arguments}: {done.stdout[-400:]} {done.stderr[-1200:]}"


def _free_ports() -> int:
    """The first of a run of ports that nobody listens on."""
    for first in range(21_000 + os.getpid() % 500 * 16, 32_000, 16):
        if all(_free(port) for port in range(first, first + PORTS)):
            return first
    raise AssertionError("no ports are free")


def _free(port: int) -> bool:
    with socket.socket() as asked:
        try:
            asked.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
