"""``make lab``: the lab to try things in by hand, until Ctrl-C; everything that was started is ended by its id."""

from __future__ import annotations

import os
import signal
import sys
import threading
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.e2e.lab import argocd, control_plane, gitea

REMEDY = "gitops/lab/build-tools builds the control plane, python -m engine.adapters.tools gitea the forge"


def main() -> int:
    """Start what is built here, say where it is, and wait."""
    gone = control_plane.missing()
    if gone:
        print(f"not built on this machine: {gone}; {REMEDY}", file=sys.stderr)
        return 1
    leaving = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: leaving.set())
    with TemporaryDirectory(prefix="penstock-lab-") as made, ExitStack() as held:
        folder = Path(made)
        plane = held.enter_context(control_plane.running(folder / "control-plane"))
        plane.play(*_healthy(folder))
        plane.kubectl("create", "namespace", "penstock")
        plane.kubectl("apply", "-f", str(control_plane.ROOT / "gitops" / "base" / "rbac.yaml"))
        print(f"kubeconfig of the administrator  {plane.kubeconfig}")
        print(f"kubeconfig of the gate           {plane.account('penstock', 'penstock')}")
        print(f"kubectl                          {plane.kubectl_path}")
        _forge(held, folder)
        _argo(held, folder, plane)
        print("Ctrl-C ends it", flush=True)
        leaving.wait()
        print("ending")
    return 0


def _healthy(folder: Path) -> list[Path]:
    """The Stages of pods that are well."""
    sys.path.insert(0, str(control_plane.LAB))
    import stages

    calm = folder / "healthy.yaml"
    calm.write_text(stages.as_file(stages.healthy()))
    return [calm]


def _forge(held: ExitStack, folder: Path) -> None:
    found = gitea.binary(os.environ)
    if found is None:
        print(f"no Gitea on this machine; {REMEDY}")
        return
    (folder / "gitea").mkdir()
    server = held.enter_context(gitea.running(found, folder / "gitea"))
    print(f"Gitea                            {server.url}, {gitea.ADMIN} / {gitea.WORD}")


def _argo(held: ExitStack, folder: Path, plane: control_plane.ControlPlane) -> None:
    gone = argocd.missing()
    if gone:
        print(f"no Argo CD: {gone} isn't on this machine; {REMEDY}")
        return
    held.enter_context(argocd.running(plane, folder / "argocd"))
    print(f"Argo CD                          in namespace {argocd.NAMESPACE}; its logs are in {folder / 'argocd'}")


if __name__ == "__main__":
    sys.exit(main())
