"""What a changed workload reads is judged by what every source in Git says of it, and by nothing that can't be read."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

import pytest

from engine.core.facts.configuration import APPROVAL
from engine.core.input_document import ConfigurationFacts
from engine.core.proposal import TargetReference
from engine.ports import Ports, Renderer
from engine.usecases.build_change import BuiltChange
from engine.usecases.derive_configuration import derive_configuration
from tests.fakes.git import MemoryRepository
from tests.integration.change.conftest import CONTEXT

SHOP = "apps/checkout/storefront.yaml"
READS = "          env:\n            - name: PAYMENTS_URL\n"
TARGET = TargetReference(cluster="prod-eu", namespace="checkout", kind="Deployment", name="storefront")
Asking = Callable[[dict[str, str]], ConfigurationFacts]


@pytest.fixture
def asked(renderer: Renderer, workloads: MemoryRepository, build: Callable[..., BuiltChange]) -> Asking:
    """The facts of a restart of storefront, which reads the Secret ``till``, once these files are in Git."""

    def asking(files: dict[str, str]) -> ConfigurationFacts:
        text = (workloads.read(workloads.head("main"), SHOP) or b"").decode()
        assert text.count(READS) == 1
        reading = text.replace(READS, f"          envFrom: [{{secretRef: {{name: till}}}}]\n{READS}")
        workloads.advance({SHOP: reading, **files}, at="2026-11-13T00:00:00Z")
        built = build(workloads, "restart_workload", "Deployment", "checkout/storefront")
        parts: Any = {"policy": None, "ledger": None, "cluster": None, "runbooks": None}
        ports = cast(Ports, Ports(**parts, repository=workloads, renderer=renderer))
        return derive_configuration(ports, TARGET, built, CONTEXT)

    return asking


def item(kind: str, approval: str, namespace: str = "checkout") -> str:
    annotations = f"{{{APPROVAL}: {approval}}}"
    return (
        f"apiVersion: example.com/v1\nkind: {kind}\n"
        f"metadata: {{name: till, namespace: {namespace}, annotations: {annotations}}}\n"
    )


def application(path: str) -> str:
    return f"""apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {{name: till, namespace: argocd}}
spec:
  source: {{repoURL: "https://git.example.com/platform/gitops.git", targetRevision: main, path: {path}}}
  destination: {{name: prod-eu, namespace: checkout}}
"""


@pytest.mark.parametrize("kind", ["Secret", "SealedSecret", "ExternalSecret"])
def test_what_makes_a_secret_carries_its_approval(asked: Asking, kind: str) -> None:
    assert asked({"apps/checkout/till.yaml": item(kind, "pending")}).pending == ["Secret/till"]


def test_what_is_approved_is_neither_pending_nor_unmarked(asked: Asking) -> None:
    found = asked({"apps/checkout/till.yaml": item("SealedSecret", "approved")})
    assert (found.known, found.pending, found.unmarked) == (True, [], [])


def test_what_another_source_makes_counts_as_well(asked: Asking) -> None:
    files = {"clusters/prod-eu/applications/till.yaml": application("apps/till")}
    assert asked({**files, "apps/till/till.yaml": item("Secret", "pending")}).pending == ["Secret/till"]


def test_the_same_name_elsewhere_is_another_item(asked: Asking) -> None:
    found = asked({"apps/platform/till.yaml": item("Secret", "pending", "platform")})
    assert (found.known, found.pending, found.unmarked) == (True, [], ["Secret/till"])


def test_what_nobody_makes_is_unmarked(asked: Asking) -> None:
    assert asked({}).unmarked == ["Secret/till"]


def test_what_a_source_may_make_that_can_t_be_read_isn_t_known(asked: Asking) -> None:
    files = {
        "clusters/prod-eu/applications/till.yaml": application("apps/till"),
        "apps/till/Chart.yaml": "name: till\n",
    }
    assert not asked({**files, "apps/till/kustomization.yaml": "resources: []\n"}).known


def test_a_word_that_nobody_agreed_on_isn_t_known(asked: Asking) -> None:
    assert not asked({"apps/checkout/till.yaml": item("Secret", "fine-by-me")}).known
