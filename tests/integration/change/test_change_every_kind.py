"""Every kind of the catalogue that needs a change makes its edit, and only its edit, on a plain manifest."""

from __future__ import annotations

from typing import Any

import pytest

from engine.core.action.catalogue import CATALOGUE, check
from engine.core.change.intend.situation import ChangeContext
from engine.core.errors import ChangeRefused
from engine.core.proposal import ActionRequest
from engine.usecases.build_change import BuiltChange, build_change
from tests.fakes.git import MemoryRepository
from tests.fakes.renderer import PlainRenderer
from tests.integration.change.diffs import diff

APPLICATION = """apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {name: all, namespace: argocd}
spec:
  source: {path: apps/all, targetRevision: main}
  destination: {name: prod-eu, namespace: shop}
"""
API = """apiVersion: apps/v1
kind: Deployment
metadata: {name: api}
spec:
  replicas: 2   # two zones
  template:
    metadata:
      labels: {app: api}
    spec:
      containers:
      - name: api
        image: registry.example.com/shop/api:1.1  # pinned
        env:
        - name: MODE
          value: "off"
        livenessProbe: {periodSeconds: 5}
        resources:
          limits: {memory: 1Gi}
      volumes:
      - name: scratch
        emptyDir: {}
      - name: logs
        persistentVolumeClaim: {claimName: logs}
"""
REST = """apiVersion: v1
kind: ConfigMap
metadata: {name: config}
data:
  FLAG: "off"   # quoted
---
apiVersion: batch/v1
kind: CronJob
metadata: {name: night}
spec:
  schedule: "0 3 * * *"
  jobTemplate:
    spec:
      template:
        spec:
          containers:
          - {name: night, image: "registry.example.com/shop/night:1.0"}
---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: api}
spec:
  minReplicas: 2
  maxReplicas: 4  # licences
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {name: api}
spec:
  minAvailable: 1  # one
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: logs}
spec:
  resources:
    requests:
      storage: 10Gi  # grows only
---
apiVersion: v1
kind: Service
metadata: {name: api}
spec:
  selector:
    role: primary  # or standby
  ports:
  - {port: 80, targetPort: 8080}
---
apiVersion: cert-manager.io/v1
kind: Certificate
metadata: {name: api}
spec:
  renewBefore: 240h  # ten days
---
apiVersion: v1
kind: Node
metadata: {name: node-1}
spec:
  taints:
  - {key: gpu, effect: NoSchedule}  # cards
---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: reader}
rules:
- apiGroups: [""]
  resources: [pods]
  verbs: [get, list]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: readers}
subjects:
- {kind: ServiceAccount, name: api, namespace: shop}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: api}
spec:
  ingress:
  - from:
    - namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: web}}
    ports: [{protocol: TCP, port: 80}]
---
apiVersion: v1
kind: ServiceAccount
metadata: {name: api}
---
apiVersion: infra.contrib.fluxcd.io/v1alpha2
kind: Terraform
metadata: {name: network}
spec:
  vars:
  - {name: size, value: small}  # ask first
"""
CONTEXT = ChangeContext(
    now="2026-11-14T03:20:00Z", cluster="prod-eu", proposal="p-1", live={"spec": {"replicas": 3, "maxReplicas": 9}}
)
NOW = '"2026-11-14T03:20:00Z"'


@pytest.fixture
def repository() -> MemoryRepository:
    old = API.replace(":1.1  # pinned", ":1.0  # pinned")
    files = {"apps/all/api.yaml": old, "apps/all/rest.yaml": REST, "clusters/prod-eu/all.yaml": APPLICATION}
    made = MemoryRepository(files)
    made.advance({"apps/all/api.yaml": API}, at="2026-11-14T02:58:00Z")
    return made


def build(repository: MemoryRepository, kind: str, target: str, **params: Any) -> BuiltChange:
    target_kind, _, name = target.partition("/")
    namespace = {"Node": "", "Application": "argocd"}.get(target_kind, "shop")
    where = {"cluster": "prod-eu", "namespace": namespace, "kind": target_kind, "name": name}
    request = ActionRequest.model_validate({"kind": kind, "target": where, "params": params})
    return build_change(repository, PlainRenderer(), repository.head("main"), check(request), CONTEXT)


IMAGE = "        image: registry.example.com/shop/api"
RESTARTED = ["+      annotations:", f"+        kubectl.kubernetes.io/restartedAt: {NOW}"]
CASES: list[tuple[str, str, dict[str, Any], list[str] | None]] = [
    ("restart_workload", "Deployment/api", {}, RESTARTED),
    ("rollback_workload", "Deployment/api", {}, [f"-{IMAGE}:1.1  # pinned", f"+{IMAGE}:1.0  # pinned"]),
    (
        "scale_workload",
        "Deployment/api",
        {"replicas": 0},
        ["-  replicas: 2   # two zones", "+  replicas: 0   # two zones"],
    ),
    (
        "set_image",
        "Deployment/api",
        {"image": "registry.example.com/shop/api:2"},
        [f"-{IMAGE}:1.1  # pinned", f"+{IMAGE}:2  # pinned"],
    ),
    (
        "set_resources",
        "Deployment/api",
        {"requests": {"cpu": "1"}, "limits": {"memory": "2Gi"}},
        [
            "-          limits: {memory: 1Gi}",
            "+          limits: {memory: 2Gi}",
            "+          requests:",
            '+            cpu: "1"',
        ],
    ),
    (
        "set_probe",
        "Deployment/api",
        {"probe": "liveness", "timeout_seconds": 3},
        ["-        livenessProbe: {periodSeconds: 5}", "+        livenessProbe: {periodSeconds: 5, timeoutSeconds: 3}"],
    ),
    (
        "set_security_context",
        "Deployment/api",
        {"run_as_non_root": True},
        ["+        securityContext:", "+          runAsNonRoot: true"],
    ),
    ("suspend_cronjob", "CronJob/night", {}, ["+  suspend: true"]),
    ("patch_config", "ConfigMap/config", {"key": "NEW", "value": "yes"}, ['+  NEW: "yes"']),
    (
        "set_feature_flag",
        "ConfigMap/config",
        {"flag": "FLAG", "value": "on"},
        ['-  FLAG: "off"   # quoted', '+  FLAG: "on"   # quoted'],
    ),
    (
        "adjust_hpa",
        "HorizontalPodAutoscaler/api",
        {"max_replicas": 6},
        ["-  maxReplicas: 4  # licences", "+  maxReplicas: 6  # licences"],
    ),
    (
        "adjust_pdb",
        "PodDisruptionBudget/api",
        {"min_available": "50%"},
        ["-  minAvailable: 1  # one", "+  minAvailable: 50%  # one"],
    ),
    (
        "expand_volume",
        "PersistentVolumeClaim/logs",
        {"size": "20Gi"},
        ["-      storage: 10Gi  # grows only", "+      storage: 20Gi  # grows only"],
    ),
    ("change_service", "Service/api", {"type": "LoadBalancer"}, ["+  type: LoadBalancer"]),
    (
        "fail_over",
        "Service/api",
        {"selector": {"role": "standby"}},
        ["-    role: primary  # or standby", "+    role: standby  # or standby"],
    ),
    (
        "change_certificate",
        "Certificate/api",
        {"renew_before": "480h"},
        ["-  renewBefore: 240h  # ten days", "+  renewBefore: 480h  # ten days"],
    ),
    ("silence_alert", "CronJob/night", {"alert": "Late", "minutes": 10}, None),
    ("revert_drift", "ConfigMap/config", {}, None),
    ("retry_sync", "Application/all", {}, None),
    (
        "codify_drift",
        "HorizontalPodAutoscaler/api",
        {"fields": ["spec.maxReplicas"]},
        ["-  maxReplicas: 4  # licences", "+  maxReplicas: 9  # licences"],
    ),
    ("revert_commit", "Deployment/api", {}, [f"-{IMAGE}:1.1  # pinned", f"+{IMAGE}:1.0  # pinned"]),
    ("cordon_node", "Node/node-1", {}, ["+  unschedulable: true"]),
    (
        "drain_node",
        "Node/node-1",
        {},
        ["+  - key: penstock.dev/drain", "+    effect: NoExecute", "+  unschedulable: true"],
    ),
    (
        "change_taint",
        "Node/node-1",
        {"key": "slow", "effect": "NoSchedule"},
        ["+  - key: slow", "+    effect: NoSchedule"],
    ),
    (
        "change_rbac",
        "Role/reader",
        {"operation": "add", "resources": ["pods"], "verbs": ["watch"]},
        ["-  verbs: [get, list]", "+  verbs: [get, list, watch]"],
    ),
    (
        "change_rbac",
        "RoleBinding/readers",
        {"operation": "add", "service_account": "web"},
        ["+- kind: ServiceAccount", "+  name: web", "+  namespace: shop"],
    ),
    ("change_network_policy", "NetworkPolicy/api", {"operation": "add", "from_namespace": "ops", "port": 80}, None),
    ("change_iam", "ServiceAccount/api", {"provider": "gcp", "identity": "a@b.iam.gserviceaccount.com"}, None),
    (
        "terraform_change",
        "Terraform/network",
        {"variable": "size", "value": "large"},
        ["-  - {name: size, value: small}  # ask first", "+  - {name: size, value: large}  # ask first"],
    ),
    ("delete_resource", "ServiceAccount/api", {}, None),
    ("rerun_job", "CronJob/night", {}, None),
    ("clear_ephemeral_storage", "Deployment/api", {"volume": "scratch"}, RESTARTED),
    ("rotate_logs", "Deployment/api", {"volume": "logs", "keep_days": 3}, None),
    ("clear_cache", "Deployment/api", {"engine": "memcached"}, None),
]


@pytest.mark.parametrize(("kind", "target", "params", "lines"), CASES, ids=[f"{c[0]}-{c[1]}" for c in CASES])
def test_the_edit_is_the_intended_lines(
    repository: MemoryRepository, kind: str, target: str, params: dict[str, Any], lines: list[str] | None
) -> None:
    given = {"commit": repository.head("main"), **params} if kind == "revert_commit" else params
    built = build(repository, kind, target, **given)
    assert built.change is not None
    assert built.change.verified
    found = diff(built.change)
    assert len(found) == 1
    assert lines is None or list(found.values()) == [lines]


def test_no_kind_that_needs_a_change_is_left_out() -> None:
    needing = {kind.id for kind in CATALOGUE.values() if kind.needs_change}
    assert {case[0] for case in CASES} == needing - {
        "restore_resource",
        "edit_by_hand",
        "apply_plan",
        "promote_autonomy",
        "learn_incident",
    }


def test_an_edit_by_hand_can_t_be_proposed(repository: MemoryRepository) -> None:
    params = {"operation": "change", "digest": f"sha256:{0:064d}"}
    with pytest.raises(ChangeRefused, match="made by hand"):
        build(repository, "edit_by_hand", "Deployment/api", **params)


def test_a_rule_that_loses_its_last_peer_goes_rather_than_letting_everybody_in(repository: MemoryRepository) -> None:
    built = build(
        repository, "change_network_policy", "NetworkPolicy/api", operation="remove", from_namespace="web", port=80
    )
    assert built.after is not None
    assert built.after["spec"]["ingress"] == []


def test_a_verb_and_a_subject_can_be_taken_away(repository: MemoryRepository) -> None:
    built = build(repository, "change_rbac", "Role/reader", operation="remove", resources=["pods"], verbs=["list"])
    assert built.after is not None
    assert built.after["rules"][0]["verbs"] == ["get"]
    built = build(repository, "change_rbac", "RoleBinding/readers", operation="remove", service_account="api")
    assert built.after is not None
    assert built.after["subjects"] == []


def test_a_volume_that_outlives_its_pods_is_worked_on_by_a_job_that_mounts_it(repository: MemoryRepository) -> None:
    after = build(repository, "rotate_logs", "Deployment/api", volume="logs", path="old", keep_days=3).after
    assert after is not None
    pod = after["spec"]["template"]["spec"]
    assert pod["volumes"] == [{"name": "logs", "persistentVolumeClaim": {"claimName": "logs"}}]
    assert pod["containers"][0]["command"] == ["find", "/penstock/old", "-type", "f", "-mtime", "+3", "-delete"]
    assert pod["containers"][0]["image"] == "registry.example.com/shop/api:1.1"


@pytest.mark.parametrize(
    ("kind", "target", "params", "word"),
    [
        ("expand_volume", "PersistentVolumeClaim/logs", {"size": "10Gi"}, "isn't more than 10Gi"),
        ("adjust_hpa", "HorizontalPodAutoscaler/api", {"min_replicas": 5}, "over the maximum of 4"),
        ("change_service", "Service/api", {"port": 81, "target_port": 1}, "no port 81"),
        ("change_rbac", "Role/reader", {"operation": "remove", "resources": ["secrets"], "verbs": ["get"]}, "no rule"),
        (
            "change_network_policy",
            "NetworkPolicy/api",
            {"operation": "remove", "from_namespace": "ops", "port": 80},
            "no rule",
        ),
    ],
)
def test_what_does_not_suit_this_object_is_refused(
    repository: MemoryRepository, kind: str, target: str, params: dict[str, Any], word: str
) -> None:
    with pytest.raises(ChangeRefused, match=word):
        build(repository, kind, target, **params)
