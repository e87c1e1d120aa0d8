"""What must never happen: a way out of the tree, a plugin, a link, an edit nobody meant, a renderer that hangs."""

from __future__ import annotations

import stat
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.adapters.render.process import run, workspace
from engine.adapters.render.renderer import SourceRenderer
from engine.core.action.catalogue import check
from engine.core.change.source import Source
from engine.core.errors import (
    ChangeRefused,
    OutsideTree,
    RenderFailed,
    SourceAmbiguous,
    SourceNotFound,
    ToolUnavailable,
    UnsafeSource,
)
from engine.core.proposal import ActionRequest
from engine.usecases.build_change import BuiltChange, build_change
from engine.usecases.find_source import Site
from tests.fakes.git import MemoryRepository
from tests.fakes.renderer import PlainRenderer

Building = Callable[..., BuiltChange]
Finding = Callable[[str, str, MemoryRepository], Site]
API = ("Deployment", "payments/payments-api")
OVERLAY = "apps/payments/overlays/production"
KUSTOMIZATION = f"{OVERLAY}/kustomization.yaml"
APPLICATION = "clusters/prod-eu/applications/payments.yaml"
AT = "2026-11-14T03:00:00Z"


def altered(repository: MemoryRepository, path: str, old: str, new: str) -> MemoryRepository:
    text = (repository.read(repository.head("main"), path) or b"").decode()
    assert old in text
    repository.advance({path: text.replace(old, new)}, at=AT)
    return repository


@pytest.mark.parametrize(
    "base",
    ["https://github.com/org/repo//base?ref=main", "git@github.com:org/repo.git", "../../../../../etc", "ssh://h/x"],
)
def test_a_base_outside_the_repository_is_refused(build: Building, workloads: MemoryRepository, base: str) -> None:
    altered(workloads, KUSTOMIZATION, "  - ../../base\n", f"  - ../../base\n  - {base}\n")
    with pytest.raises(UnsafeSource):
        build(workloads, "restart_workload", *API)


@pytest.mark.parametrize(
    "field", ["generators: [plugin.yaml]", "transformers: [plugin.yaml]", "helmCharts: [{name: a}]"]
)
def test_a_plugin_is_refused(build: Building, workloads: MemoryRepository, field: str) -> None:
    altered(workloads, KUSTOMIZATION, "namespace: payments\n", f"namespace: payments\n{field}\n")
    with pytest.raises(UnsafeSource, match="isn't taken"):
        build(workloads, "restart_workload", *API)


def test_an_application_whose_path_leaves_the_repository_is_refused(
    build: Building, workloads: MemoryRepository
) -> None:
    altered(workloads, APPLICATION, f"path: {OVERLAY}", "path: ../../outside")
    with pytest.raises(UnsafeSource):
        build(workloads, "restart_workload", *API)


def test_a_link_is_no_file_of_the_repository(build: Building, tmp_path: Path, workloads: MemoryRepository) -> None:
    with workloads.materialise(workloads.head("main"), "") as folder:
        secret = tmp_path / "secret.yaml"
        secret.write_text("apiVersion: v1\nkind: Secret\nmetadata: {name: s}\n")
        link = Path(folder) / OVERLAY / "resource-quota.yaml"
        link.unlink()
        link.symlink_to(secret)
        linked = MemoryRepository.of_folder(Path(folder))
    with pytest.raises(UnsafeSource, match="neither a file nor a base"):
        build(linked, "restart_workload", *API)


def test_an_edit_outside_the_allowed_trees_is_refused(build: Building, workloads: MemoryRepository) -> None:
    with pytest.raises(OutsideTree) as refusal:
        build(workloads, "scale_workload", *API, context={"allowed_trees": ("apps/checkout",)}, replicas=6)
    assert refusal.value.where == KUSTOMIZATION
    allowed = {"allowed_trees": ("apps/checkout", "apps/payments")}
    assert build(workloads, "scale_workload", *API, context=allowed, replicas=6).change is not None
    with pytest.raises(OutsideTree):
        build(workloads, "scale_workload", *API, context={"allowed_trees": ("apps/pay",)}, replicas=6)


def test_an_application_that_overrides_its_files_is_ambiguous(build: Building, workloads: MemoryRepository) -> None:
    altered(
        workloads, APPLICATION, f"    path: {OVERLAY}\n", f"    path: {OVERLAY}\n    kustomize: {{images: [a=b]}}\n"
    )
    with pytest.raises(SourceAmbiguous, match="overrides Kustomize"):
        build(workloads, "restart_workload", *API)


def test_an_application_of_another_cluster_or_revision_makes_nothing_here(
    build: Building, workloads: MemoryRepository
) -> None:
    altered(workloads, APPLICATION, "targetRevision: main", "targetRevision: v1")
    with pytest.raises(SourceNotFound):
        build(workloads, "restart_workload", *API)


def test_an_application_that_the_cluster_knows_otherwise_is_ambiguous(
    build: Building, workloads: MemoryRepository
) -> None:
    spec = {"destination": {"name": "prod-eu", "namespace": "payments"}, "source": {"path": "apps/elsewhere"}}
    metadata = {"name": "payments", "namespace": "argocd"}
    live = {"apiVersion": "argoproj.io/v1alpha1", "kind": "Application", "metadata": metadata, "spec": spec}
    with pytest.raises(SourceAmbiguous, match="declared in two ways"):
        build(workloads, "restart_workload", *API, context={"declared": (live,)})
    spec["source"] = {"path": OVERLAY, "targetRevision": "main"}
    assert build(workloads, "restart_workload", *API, context={"declared": (live,)}).change is not None


def test_an_application_that_only_the_cluster_has_is_a_source(build: Building, workloads: MemoryRepository) -> None:
    workloads.advance({APPLICATION: None}, at=AT)
    with pytest.raises(SourceNotFound):
        build(workloads, "restart_workload", *API)
    spec = {"destination": {"name": "prod-eu", "namespace": "payments"}, "source": {"path": OVERLAY}}
    metadata = {"name": "payments", "namespace": "argocd"}
    live = {"apiVersion": "argoproj.io/v1alpha1", "kind": "Application", "metadata": metadata, "spec": spec}
    assert build(workloads, "restart_workload", *API, context={"declared": (live,)}).change is not None


def test_a_flux_kustomization_is_a_source_as_an_application_is(build: Building, workloads: MemoryRepository) -> None:
    flux = f"""apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {{name: payments, namespace: flux-system}}
spec: {{path: ./{OVERLAY}, interval: 10m, sourceRef: {{kind: GitRepository, name: gitops}}}}
"""
    workloads.advance({APPLICATION: None, "clusters/prod-eu/payments-flux.yaml": flux}, at=AT)
    assert build(workloads, "scale_workload", *API, replicas=6).source.path == OVERLAY


def test_without_its_program_nothing_is_believed(workloads: MemoryRepository) -> None:
    target = {"cluster": "prod-eu", "namespace": "payments", "kind": "Deployment", "name": "payments-api"}
    action = check(ActionRequest.model_validate({"kind": "restart_workload", "target": target}))
    from tests.integration.change.conftest import CONTEXT

    with pytest.raises(ToolUnavailable, match="kustomize"):
        build_change(workloads, PlainRenderer(), workloads.head("main"), action, CONTEXT)
    missing = SourceRenderer(lambda name: Path("/nonexistent") / name)
    with pytest.raises(ToolUnavailable, match="can't be started"):
        build_change(workloads, missing, workloads.head("main"), action, CONTEXT)


def program(folder: Path, text: str) -> Path:
    path = folder / "program"
    path.write_text(f"#!{sys.executable}\n{text}")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return path


def test_a_renderer_that_never_ends_is_ended(tmp_path: Path) -> None:
    endless = program(tmp_path, "while True: pass\n")
    with workspace({}) as root, pytest.raises(RenderFailed, match="took over"):
        run([str(endless)], root=root, where="apps/x", seconds=0.3)


def test_a_renderer_that_never_stops_talking_is_ended(tmp_path: Path) -> None:
    talking = program(tmp_path, "import sys\nwhile True: sys.stdout.write('x' * 65536)\n")
    with workspace({}) as root, pytest.raises(RenderFailed, match="more than 100000 bytes"):
        run([str(talking)], root=root, where="apps/x", limit=100_000)


def test_a_renderer_sees_an_environment_of_our_own_and_its_files_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITHUB_TOKEN", "secret")
    telling = program(tmp_path, "import os\nprint(sorted(os.environ), os.environ['PATH'], os.listdir('.'))\n")
    with workspace({"a/b.yaml": b"x"}) as root:
        said = run([str(telling)], root=root, where="apps/x").decode()
        kept = root
    assert "GITHUB_TOKEN" not in said
    assert said.endswith(" ['a']\n")
    assert not kept.exists()


def test_a_path_that_leaves_the_workspace_is_not_written(tmp_path: Path) -> None:
    with pytest.raises(RenderFailed, match="leaves the folder"), workspace({"../../x": b"x"}):
        pass


def test_a_schema_that_refers_elsewhere_is_refused(build: Building, charts: MemoryRepository) -> None:
    schema = '{"$schema": "http://json-schema.org/draft-07/schema#", "$ref": "https://example.com/s.json"}'
    charts.advance({"charts/web/values.schema.json": schema}, at=AT)
    with pytest.raises(UnsafeSource, match="refers elsewhere"):
        build(charts, "scale_workload", "Deployment", "shop/web", replicas=6)


def test_a_renderer_that_answers_with_another_object_is_caught(workloads: MemoryRepository) -> None:
    class Lying(PlainRenderer):
        def render(self, source: Source, files):  # type: ignore[no-untyped-def]
            made = list(super().render(source, files))
            return made if len(self.rendered) == 1 else made[1:]

    target = {"cluster": "prod-eu", "namespace": "checkout", "kind": "Deployment", "name": "storefront"}
    request = {"kind": "scale_workload", "target": target, "params": {"replicas": 5}}
    action = check(ActionRequest.model_validate(request))
    from tests.integration.change.conftest import CONTEXT

    with pytest.raises(ChangeRefused, match="would no longer be made"):
        build_change(workloads, Lying(), workloads.head("main"), action, replace(CONTEXT))


PLAIN = [
    ("scale_workload", "Deployment", "checkout/storefront", st.fixed_dictionaries({"replicas": st.integers(4, 1000)})),
    ("restart_workload", "Deployment", "checkout/cart", st.just({})),
    (
        "patch_config",
        "Deployment",
        "checkout/cart",
        st.fixed_dictionaries(
            {
                "key": st.from_regex(r"[A-Z][A-Z0-9_]{0,20}", fullmatch=True),
                "value": st.text(st.characters(codec="utf-8", exclude_categories=("C", "Z")), max_size=60),
            }
        ),
    ),
    ("delete_resource", "Service", "checkout/storefront", st.just({})),
    (
        "silence_alert",
        "Service",
        "checkout/cart",
        st.fixed_dictionaries({"alert": st.just("A"), "minutes": st.integers(1, 1440)}),
    ),
]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_the_inverse_restores_the_original_bytes(workloads: MemoryRepository, data: st.DataObject) -> None:
    from tests.integration.change.conftest import CONTEXT

    kind, target_kind, target, params = data.draw(st.sampled_from(PLAIN))
    namespace, _, name = target.rpartition("/")
    where = {"cluster": "prod-eu", "namespace": namespace, "kind": target_kind, "name": name}
    request = ActionRequest.model_validate({"kind": kind, "target": where, "params": data.draw(params)})
    head = workloads.head("main")
    built = build_change(workloads, PlainRenderer(), head, check(request), CONTEXT)
    assert built.change is not None
    author = {"message": "x", "author": "t <t@example.com>", "at": AT}
    changed = workloads.commit(head, built.change.edits, **author)
    back = workloads.commit(changed, built.change.inverse, **author)
    assert {p: workloads.read(back, p) for p in workloads.paths(back)} == {
        p: workloads.read(head, p) for p in workloads.paths(head)
    }
    touched = {edit.path for edit in built.change.edits}
    assert all(workloads.read(changed, p) == workloads.read(head, p) for p in workloads.paths(head) if p not in touched)
