"""Repositories, real renderers and short words for building changes against them."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from engine.adapters.render.renderer import SourceRenderer
from engine.core.action.catalogue import check
from engine.core.change.intend.situation import ChangeContext
from engine.core.errors import ToolUnavailable
from engine.core.proposal import ActionRequest, TargetReference
from engine.ports import Renderer
from engine.usecases.build_change import BuiltChange, build_change
from engine.usecases.find_source import Site, find_source
from tests.fakes.git import MemoryRepository

ROOT = Path(__file__).parents[3]
CONTEXT = ChangeContext(now="2026-11-14T03:20:00Z", cluster="prod-eu", proposal="p-1", incident="i-1")


def obtain(name: str) -> Path:
    """The program from the environment, the tool cache or PATH; without it a test is skipped and says so."""
    cache = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "penstock" / "tools" / name
    cached = sorted(path / name for path in cache.glob("*") if (path / name).is_file())
    named = [Path(p) for p in (os.environ.get(f"PENSTOCK_{name.upper()}"), shutil.which(name)) if p]
    for path in (*named[:1], *cached[::-1], *named[1:]):
        if path.is_file():
            return path
    raise ToolUnavailable(f"{name} is neither in PENSTOCK_{name.upper()}, the tool cache nor PATH", where=name)


@pytest.fixture(scope="session")
def renderer() -> Renderer:
    for name in ("kustomize", "helm"):
        try:
            obtain(name)
        except ToolUnavailable as missing:
            pytest.skip(str(missing))
    return SourceRenderer(obtain)


@pytest.fixture
def workloads() -> MemoryRepository:
    return MemoryRepository.of_folder(ROOT / "gitops" / "workloads")


@pytest.fixture
def charts() -> MemoryRepository:
    return MemoryRepository.of_folder(Path(__file__).parent / "helm_repository")


Building = Callable[..., BuiltChange]


@pytest.fixture
def build(renderer: Renderer) -> Building:
    """``build(repository, kind, "Deployment", "payments/api", replicas=3)``."""

    def building(
        repository: MemoryRepository,
        kind: str,
        target_kind: str,
        target: str,
        context: Mapping[str, Any] | None = None,
        **params: Any,
    ) -> BuiltChange:
        namespace, _, name = target.rpartition("/")
        where = {"cluster": "prod-eu", "namespace": namespace, "kind": target_kind, "name": name}
        request = ActionRequest.model_validate({"kind": kind, "target": where, "params": params})
        given = replace(CONTEXT, **(context or {}))
        return build_change(repository, renderer, repository.head("main"), check(request), given)

    return building


@pytest.fixture
def find(renderer: Renderer) -> Callable[[str, str, MemoryRepository], Site]:
    """``find("Deployment", "payments/api", repository)``: the site of a target."""

    def finding(kind: str, target: str, repository: MemoryRepository) -> Site:
        namespace, _, name = target.rpartition("/")
        wanted = TargetReference(cluster="prod-eu", namespace=namespace, kind=kind, name=name)
        return find_source(repository, renderer, repository.head("main"), wanted, CONTEXT)

    return finding
