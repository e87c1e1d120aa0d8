"""What an example is, and the workloads that examples are made of."""

from dataclasses import dataclass, field
from typing import Any

from stages import Stage

Object = dict[str, Any]


@dataclass(frozen=True)
class Example:
    """One file: `kept` names the objects whose JSON, with all their events, is the signal."""

    file: str
    namespace: str
    objects: list[Object]
    kept: tuple[str, ...]
    stages: list[Stage] = field(default_factory=list)
    until: str = ""  # a substring that the kept objects' JSON must hold
    reasons: tuple[str, ...] = ()  # event reasons to keep; none given keeps all


def image(name: str, tag: str) -> str:
    return f"registry.example.com/{name}:{tag}"


def container(of: str, **more: Any) -> Object:
    name = of.rsplit("/", 1)[1].split(":", 1)[0]
    size = {"requests": {"cpu": "100m", "memory": "128Mi"}, "limits": {"memory": "256Mi"}}
    return {"name": name, "image": of, "resources": size, "terminationMessagePolicy": "FallbackToLogsOnError", **more}


def pod_template(of: str, more: Object, spec: Object) -> Object:
    labels = {"app.kubernetes.io/name": container(of)["name"]}
    return {
        "metadata": {"labels": labels},
        "spec": {"automountServiceAccountToken": False, **spec, "containers": [container(of, **more)]},
    }


def deployment(
    of: str, namespace: str, replicas: int = 1, more: Object | None = None, spec: Object | None = None, **top: Any
) -> Object:
    template = pod_template(of, more or {}, spec or {})
    labels = template["metadata"]["labels"]
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": labels["app.kubernetes.io/name"], "namespace": namespace, "labels": labels},
        "spec": {"replicas": replicas, "selector": {"matchLabels": labels}, "template": template, **top},
    }


def job_spec(of: str, backoff: int = 1, **more: Any) -> Object:
    template = pod_template(of, {}, {"restartPolicy": "Never"})
    return {"backoffLimit": backoff, "template": template, **more}


def job(of: str, namespace: str, **more: Any) -> Object:
    name = container(of)["name"]
    return {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {"name": name, "namespace": namespace},
        "spec": job_spec(of, **more),
    }


def cron_job(of: str, namespace: str, **spec: Any) -> Object:
    name = container(of)["name"]
    body = {"schedule": "* * * * *", "concurrencyPolicy": "Forbid", "jobTemplate": {"spec": job_spec(of, 0)}, **spec}
    return {
        "apiVersion": "batch/v1",
        "kind": "CronJob",
        "metadata": {"name": name, "namespace": namespace},
        "spec": body,
    }


def quoted(text: str) -> str:
    """A template expression for a fixed text."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'


def autoscaler(name: str, namespace: str, low: int, high: int) -> Object:
    target = {"apiVersion": "apps/v1", "kind": "Deployment", "name": name}
    cpu = {"type": "Resource", "resource": {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": 60}}}
    spec = {"scaleTargetRef": target, "minReplicas": low, "maxReplicas": high, "metrics": [cpu]}
    spec["behavior"] = {"scaleDown": {"stabilizationWindowSeconds": 0}}
    return {
        "apiVersion": "autoscaling/v2",
        "kind": "HorizontalPodAutoscaler",
        "metadata": {"name": name, "namespace": namespace},
        "spec": spec,
    }
