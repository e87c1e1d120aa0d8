"""What Argo CD and Flux were told becomes sources; what isn't understood becomes a reason."""

from __future__ import annotations

from typing import Any

import pytest

from engine.core.change.kustomization import closure
from engine.core.change.source import Reading, Source, ValueLayer, address, declarations, git_repositories, sources
from engine.core.change.tree import Tree, join, relative
from engine.core.change.yaml_source import read
from engine.core.errors import UnsafeSource

READING = Reading("prod-eu", frozenset({"https://kubernetes.default.svc"}), "main")


def application(source: dict[str, Any], **destination: str) -> dict[str, Any]:
    where = destination or {"name": "prod-eu", "namespace": "shop"}
    return {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "Application",
        "metadata": {"name": "web", "namespace": "argocd"},
        "spec": {"destination": where, "source": source},
    }


def flux(kind: str, spec: dict[str, Any]) -> dict[str, Any]:
    group = {"Kustomization": "kustomize.toolkit.fluxcd.io/v1", "HelmRelease": "helm.toolkit.fluxcd.io/v2"}[kind]
    return {"apiVersion": group, "kind": kind, "metadata": {"name": "web", "namespace": "shop"}, "spec": spec}


def read_sources(document: dict[str, Any], path: str = "clusters/prod-eu/web.yaml") -> list[Source]:
    return [source for one in declarations([document], path) for source in sources(one, READING)]


def test_an_application_is_a_folder_and_a_namespace() -> None:
    (source,) = read_sources(application({"path": "apps/web/", "targetRevision": "main"}))
    assert (source.path, source.namespace, source.problem) == ("apps/web", "shop", "")


@pytest.mark.parametrize(
    "document",
    [
        application({"path": "apps/web"}, name="prod-us", namespace="shop"),
        application({"path": "apps/web"}, server="https://elsewhere:6443", namespace="shop"),
        application({"path": "apps/web", "targetRevision": "v1.2.3"}),
        {**application({"path": "apps/web"}), "apiVersion": "example.com/v1"},
    ],
)
def test_what_is_for_another_cluster_revision_or_controller_is_no_source(document: dict[str, Any]) -> None:
    assert read_sources(document) == []


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ({"chart": "redis", "repoURL": "https://charts.example.com"}, "outside this repository"),
        ({"path": "a", "kustomize": {"images": ["x=y"]}}, "overrides Kustomize"),
        ({"path": "a", "plugin": {"name": "x"}}, "plugin"),
        ({"path": "a", "directory": {"exclude": "*.yaml"}}, "by pattern"),
        ({"path": "a", "helm": {"values": "a: 1"}}, "inline values"),
        ({"path": "a", "helm": {"fileParameters": [{"name": "a"}]}}, "parameters from files"),
    ],
)
def test_what_an_application_does_besides_its_files_makes_it_unreadable(source: dict[str, Any], reason: str) -> None:
    (found,) = read_sources(application(source))
    assert reason in found.problem


@pytest.mark.parametrize("path", ["../other", "apps/../../x", "/etc"])
def test_a_path_that_leaves_the_repository_is_refused(path: str) -> None:
    with pytest.raises(UnsafeSource):
        read_sources(application({"path": path}))


def test_value_files_are_relative_to_the_chart_or_to_another_source_of_this_repository() -> None:
    document = application({})
    document["spec"]["sources"] = [
        {"path": "charts/web", "helm": {"valueFiles": ["values-a.yaml", "$env/apps/web/prod.yaml"]}},
        {"ref": "env"},
    ]
    (source,) = read_sources(document)
    assert source.layers == (ValueLayer("charts/web/values-a.yaml"), ValueLayer("apps/web/prod.yaml"))


def test_values_in_a_declaration_are_the_last_layer() -> None:
    (argo,) = read_sources(application({"path": "charts/web", "helm": {"valuesObject": {"a": 1}}}))
    assert argo.layers[-1] == ValueLayer("clusters/prod-eu/web.yaml", 0, ("spec", "source", "helm", "valuesObject"))
    chart = {"spec": {"chart": "./charts/web", "sourceRef": {"kind": "GitRepository", "name": "flux"}}}
    (release,) = read_sources(flux("HelmRelease", {"chart": chart, "values": {"a": 1}}))
    assert (release.path, release.release, release.namespace) == ("charts/web", "web", "shop")
    assert release.layers == (ValueLayer("clusters/prod-eu/web.yaml", 0, ("spec", "values")),)


@pytest.mark.parametrize("spec", [{"patches": [{}]}, {"images": [{}]}, {"postBuild": {"substitute": {"a": "b"}}}])
def test_a_flux_kustomization_that_overrides_is_unreadable(spec: dict[str, Any]) -> None:
    (source,) = read_sources(flux("Kustomization", {"path": "./apps/web", **spec}))
    assert "overrides" in source.problem


def test_a_flux_kustomization_of_another_cluster_s_folder_is_no_source() -> None:
    document = flux("Kustomization", {"path": "./apps/web"})
    assert read_sources(document, "clusters/prod-us/web.yaml") == []
    assert read_sources(document)[0].path == "apps/web"


@pytest.mark.parametrize(
    ("folder", "name", "path"),
    [("a/b", "../c", "a/c"), ("", "./a//b/", "a/b"), ("a", ".", "a"), ("a/b", "../../c", "c")],
)
def test_paths_are_joined_from_the_root(folder: str, name: str, path: str) -> None:
    assert join(folder, name, "f") == path


def test_a_file_is_named_from_a_folder() -> None:
    assert relative("a/b", "a/b/c.yaml") == "c.yaml"
    assert relative("a/b", "a/c/d.yaml") == "../c/d.yaml"


def tree(**extra: str) -> Tree:
    files = {
        "base/kustomization.yaml": "resources: [a.yaml]\n",
        "base/a.yaml": "kind: ConfigMap\nmetadata: {name: a}\n",
        "over/kustomization.yaml": "resources: [../base]\n",
        **{name.replace("__", "/") + ".yaml": text for name, text in extra.items()},
    }
    return Tree(sorted(files), lambda path: files[path].encode())


def test_a_closure_is_what_the_kustomization_refers_to() -> None:
    assert set(closure(tree(), "over")) == {"base/kustomization.yaml", "base/a.yaml", "over/kustomization.yaml"}


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("resources: [https://github.com/org/repo//base?ref=main]\n", "neither a file nor a base"),
        ("resources: ['git@github.com:org/repo.git']\n", "neither a file nor a base"),
        ("resources: [github.com/org/repo]\n", "neither a file nor a base"),
        ("resources: [../../outside]\n", "leaves the repository"),
        ("resources: [/etc]\n", "not a relative path"),
        ("resources: [missing.yaml]\n", "neither a file nor a base"),
        ("bases: ['http://example.com/x']\n", "neither a file nor a base"),
        ("components: [../nowhere]\n", "neither a file nor a base"),
        ("patches: [{path: 'https://example.com/p.yaml'}]\n", "no regular file"),
        ("patchesStrategicMerge: [gone.yaml]\n", "no regular file"),
        ("configMapGenerator: [{name: a, files: ['k=https://example.com/x']}]\n", "no regular file"),
        ("secretGenerator: [{name: a, envs: [../../.env]}]\n", "leaves the repository"),
        ("openapi: {path: 'https://example.com/s.json'}\n", "no regular file"),
        ("crds: ['https://example.com/c.yaml']\n", "no regular file"),
        ("replacements: [{path: gone.yaml}]\n", "no regular file"),
        ("generators: [g.yaml]\n", "generators isn't taken"),
        ("transformers: [t.yaml]\n", "transformers isn't taken"),
        ("validators: [v.yaml]\n", "validators isn't taken"),
        ("helmCharts: [{name: redis}]\n", "helmCharts isn't taken"),
        ("somethingNew: 1\n", "somethingNew isn't taken"),
    ],
)
def test_what_would_reach_outside_is_refused_before_kustomize_runs(text: str, word: str) -> None:
    assert read(text.encode(), "f")
    with pytest.raises(UnsafeSource, match=word):
        closure(tree(over__kustomization=text), "over")


def test_bases_that_refer_to_each_other_end() -> None:
    looping = tree(base__kustomization="resources: [../over]\n")
    assert "base/kustomization.yaml" in closure(looping, "over")


ADDRESSES = [
    "https://git.example.com/acme/gitops.git",
    "ssh://git@git.example.com/acme/gitops",
    "HTTPS://git.example.com/Acme/gitops/",
]


@pytest.mark.parametrize(
    "url", [*ADDRESSES, "git@git.example.com:acme/gitops.git", "https://me:x@git.example.com/acme/gitops"]
)
def test_one_repository_is_one_address_however_it_is_written(url: str) -> None:
    assert address(url) == "git.example.com/acme/gitops"


def test_a_source_says_which_repository_and_which_object_of_the_cluster_it_is() -> None:
    (source,) = read_sources(application({"path": "apps/web", "repoURL": ADDRESSES[0]}))
    assert (source.repository, source.applier) == (address(ADDRESSES[0]), "Application argocd/web")


def repository(**spec: Any) -> dict[str, Any]:
    group = "source.toolkit.fluxcd.io/v1"
    metadata = {"name": "gitops", "namespace": "shop"}
    return {"apiVersion": group, "kind": "GitRepository", "metadata": metadata, "spec": {"url": ADDRESSES[0], **spec}}


def flux_sources(reference: dict[str, Any], *repositories: dict[str, Any]) -> list[Source]:
    document = flux("Kustomization", {"path": "./apps/web", "sourceRef": reference})
    reading = Reading("prod-eu", frozenset(), "main", dict(git_repositories(list(repositories))))
    return [source for one in declarations([document], "x.yaml") for source in sources(one, reading)]


def test_a_kustomization_is_of_the_repository_that_it_refers_to() -> None:
    (source,) = flux_sources({"kind": "GitRepository", "name": "gitops"}, repository(ref={"branch": "main"}))
    assert (source.repository, source.problem) == (address(ADDRESSES[0]), "")
    (unknown,) = flux_sources({"kind": "GitRepository", "name": "another"}, repository())
    assert unknown.repository == ""


@pytest.mark.parametrize("ref", [{"branch": "next"}, {"tag": "v1"}, {"commit": "c0ffee"}, {"semver": ">=1"}])
def test_a_kustomization_of_another_branch_is_no_source(ref: dict[str, str]) -> None:
    assert flux_sources({"kind": "GitRepository", "name": "gitops"}, repository(ref=ref)) == []


def test_what_isn_t_made_from_git_is_unreadable() -> None:
    (source,) = flux_sources({"kind": "OCIRepository", "name": "gitops"}, repository())
    assert "isn't made from a Git repository" in source.problem


@pytest.mark.parametrize(
    "document",
    [
        application({"path": "a", "helm": {"valuesObject": {"replicas": 2}}}),
        flux("HelmRelease", {"chart": {"spec": {"sourceRef": {"kind": "GitRepository"}}}, "values": {"replicas": 2}}),
    ],
)
def test_values_that_are_in_the_cluster_alone_can_t_be_edited(document: dict[str, Any]) -> None:
    (live,) = read_sources(document, path="")
    assert "in the cluster alone" in live.problem
    (declared,) = read_sources(document)
    assert declared.problem == ""
