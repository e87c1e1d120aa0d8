"""What the recorders share: the cluster through kubectl, the GitOps tree at a commit, dumps, and time."""

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
WORKLOADS = HERE.parent / "workloads"
TOOLS = Path(os.environ.get("PENSTOCK_CACHE", Path.home() / ".cache/penstock")) / "tools"
VERSIONS = dict(line.split("=") for line in (HERE / "versions").read_text().splitlines() if "=" in line)
KUBECTL = TOOLS / "kubernetes" / VERSIONS["KUBERNETES"] / "kubectl"
KUSTOMIZE = TOOLS / "kustomize" / VERSIONS["KUSTOMIZE"] / "kustomize"


def say(text: str) -> None:
    print(f"{datetime.now(UTC):%H:%M:%S} {text}", file=sys.stderr, flush=True)


def now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def run(*command: str | Path, given: str = "") -> str:
    done = subprocess.run([str(part) for part in command], input=given, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{' '.join(map(str, command))}\n{done.stderr}")
    return done.stdout


def module_folder(path: str, version: str) -> Path:
    """Where Go keeps a module's files; downloads it if need be."""
    return Path(json.loads(run("go", "mod", "download", "-json", f"{path}@v{version}"))["Dir"])


class Lab:
    """One control plane, as started by `control-plane start STATE`."""

    def __init__(self, state: Path) -> None:
        self.state = state

    def kubectl(self, *arguments: str, given: str = "") -> str:
        return run(KUBECTL, "--kubeconfig", self.state / "kubeconfig", *arguments, given=given)

    def get(self, *arguments: str) -> Any:
        return json.loads(self.kubectl("get", *arguments, "-o", "json"))

    def apply(self, *documents: Any) -> None:
        text = json.dumps({"apiVersion": "v1", "kind": "List", "items": list(documents)})
        self.kubectl("apply", "-f", "-", given=text)

    def apply_text(self, text: str, manager: str) -> None:
        self.kubectl("apply", "--field-manager", manager, "-f", "-", given=text)

    def play(self, *files: Path) -> None:
        node = module_folder("sigs.k8s.io/kwok", VERSIONS["KWOK"]) / "kustomize/stage/node"
        nodes = [node / "fast/node-initialize.yaml", node / "heartbeat-with-lease/node-heartbeat-with-lease.yaml"]
        run(HERE / "control-plane", "play", self.state, *nodes, *files)

    def until(self, what: str, holds: Callable[[], bool], seconds: float = 120) -> None:
        end = time.monotonic() + seconds
        while not holds():
            if time.monotonic() > end:
                raise SystemExit(f"gave up waiting for {what}")
            time.sleep(1)
        say(what)

    def install_reports(self) -> None:
        folder = module_folder("github.com/aquasecurity/trivy-operator", VERSIONS["TRIVY_OPERATOR"])
        self.kubectl("apply", "-f", str(folder / "deploy/helm/crds/aquasecurity.github.io_vulnerabilityreports.yaml"))
        self.kubectl(
            "wait", "--for=condition=Established", "crd/vulnerabilityreports.aquasecurity.github.io", "--timeout=60s"
        )


class Tree:
    """The GitOps tree in a folder of its own, at the state that a list of commits leads to."""

    def __init__(self, folder: Path) -> None:
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(WORKLOADS, folder)
        self.folder = folder

    def commit(self, entry: dict[str, Any], back: bool = False) -> None:
        for edit in entry.get("edits", []):
            old, new = (edit["with"], edit["replace"]) if back else (edit["replace"], edit["with"])
            path = self.folder / edit["path"]
            text = path.read_text()
            if text.count(old) != 1:
                raise SystemExit(f"{edit['path']}: {old!r} occurs {text.count(old)} times")
            path.write_text(text.replace(old, new))

    def rendered(self) -> str:
        parts = [path.read_text() for path in sorted(self.folder.glob("clusters/*/namespaces/*.yaml"))]
        parts += [path.read_text() for path in sorted(self.folder.glob("apps/platform/*.yaml"))]
        parts += [path.read_text() for path in sorted(self.folder.glob("apps/checkout/*.yaml"))]
        overlays = self.folder / "apps/payments/overlays"
        parts += [run(KUSTOMIZE, "build", overlays / name) for name in ("production", "staging")]
        return "---\n".join(part if part.endswith("\n") else part + "\n" for part in parts)
