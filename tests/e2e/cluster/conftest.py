"""One control plane for the tests of a file, because what one installs another expects not to be there."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.e2e.lab.control_plane import ROOT, ControlPlane, missing, running


@pytest.fixture(scope="module")
def plane(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ControlPlane]:
    """A real API server with the gate's role in it; without its tools the tests are skipped, and say which."""
    gone = missing()
    if gone:
        pytest.skip(f"not built on this machine: {gone}; gitops/lab/build-tools builds them")
    with running(tmp_path_factory.mktemp("control-plane")) as begun:
        begun.kubectl("create", "namespace", "penstock")
        begun.kubectl("apply", "-f", str(ROOT / "gitops" / "base" / "rbac.yaml"))
        yield begun
