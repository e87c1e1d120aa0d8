"""The examples that real controllers and the scheduler bring about: rollouts, jobs, quotas, autoscaling, placement."""

from collections.abc import Callable

import stages
from examples import Example, Object, autoscaler, cron_job, deployment, image, job, quoted
from stages import Pods


def scheduling_examples() -> list[Example]:
    big = {"resources": {"requests": {"cpu": "12", "memory": "16Gi"}}}
    gpu = {"nodeSelector": {"node.kubernetes.io/instance-type": "gpu-4"}}
    gated = {"schedulingGates": [{"name": "example.com/budget-approved"}]}
    parts: tuple[tuple[str, str, str, Object, Object, str], ...] = (
        ("match-insufficient-cpu", "analytics", image("analytics/forecast", "0.4.0"), big, {}, "Insufficient cpu"),
        ("match-node-selector", "analytics", image("analytics/trainer", "2.1.0"), {}, gpu, "FailedScheduling"),
        ("differ-scheduling-gate", "analytics", image("analytics/planner", "1.1.0"), {}, gated, "SchedulingGated"),
    )
    made = []
    for file, namespace, of, more, spec, until in parts:
        name = of.rsplit("/", 1)[1].split(":", 1)[0]
        made.append(
            Example(
                f"unschedulable/{file}",
                namespace,
                [deployment(of, namespace, more=more, spec=spec)],
                (f"pod/{name}",),
                [],
                until,
            )
        )
    return made


def rollout_examples() -> list[Example]:
    stuck, young = image("crm/billing", "3.0.0"), image("crm/leads", "1.5.0")
    made = []
    for file, of, deadline, until in (
        ("match-deadline-exceeded", stuck, 20, "ProgressDeadlineExceeded"),
        ("differ-within-deadline", young, 600, "ReplicaSetUpdated"),
    ):
        name = of.rsplit("/", 1)[1].split(":", 1)[0]
        on = stages.unready(name, Pods(of), [], 5)[:1]
        objects = [deployment(of, "crm", 2, progressDeadlineSeconds=deadline)]
        made.append(
            Example(f"stuck-rollout/{file}", "crm", objects, (f"deployment/{name}", f"replicaset/{name}"), on, until)
        )
    return made


def batch_examples() -> list[Example]:
    fails = (
        "reason: null\n"
        + stages.over("PodFailed")
        + stages.container(stages.ended(1, "Error", quoted("upload refused: 403 Forbidden\n")))
    )
    done = stages.over("PodCompleted") + stages.container(stages.ended(0, "Completed"))
    made = []
    nightly, export = image("finance/nightly-close", "1.1.1"), image("finance/export", "2.0.2")
    once, late, slow = (
        image("finance/migrate", "8.8.0"),
        image("finance/archive", "1.0.0"),
        image("finance/digest", "0.3.0"),
    )
    for of in (nightly, export):
        name = of.rsplit("/", 1)[1].split(":", 1)[0]
        on = stages.ends(name, Pods(of), "Failed", fails, [])
        made.append(
            Example(
                f"cronjob-failing/match-{name}",
                "finance",
                [cron_job(of, "finance")],
                (f"cronjob/{name}", f"job/{name}"),
                on,
                "BackoffLimitExceeded",
            )
        )
    on = stages.ends("digest", Pods(slow), "Succeeded", done, [], 400)
    made.append(
        Example(
            "cronjob-failing/differ-still-running",
            "finance",
            [cron_job(slow, "finance")],
            ("cronjob/digest", "job/digest"),
            on,
            "JobAlreadyActive",
        )
    )
    on = stages.ends("migrate", Pods(once), "Failed", fails, [])
    made.append(
        Example(
            "job-backoff/match-limit-exceeded",
            "finance",
            [job(once, "finance")],
            ("job/migrate",),
            on,
            "BackoffLimitExceeded",
        )
    )
    on = stages.ends("archive", Pods(late), "Succeeded", done, [], 400)
    made.append(
        Example(
            "job-backoff/differ-deadline",
            "finance",
            [job(late, "finance", activeDeadlineSeconds=15)],
            ("job/archive",),
            on,
            '"type": "Failed"',
        )
    )
    return made


def quota_examples() -> list[Example]:
    quota = {
        "apiVersion": "v1",
        "kind": "ResourceQuota",
        "metadata": {"name": "team", "namespace": "research"},
        "spec": {"hard": {"pods": "2", "requests.cpu": "1"}},
    }
    of, other = image("research/notebook", "4.0.0"), image("platform-tools/probe", "1.0.0")
    name = "notebook"
    strict = {
        "apiVersion": "v1",
        "kind": "Namespace",
        "metadata": {"name": "platform-tools", "labels": {"pod-security.kubernetes.io/enforce": "restricted"}},
    }
    memory = {
        "apiVersion": "v1",
        "kind": "ResourceQuota",
        "metadata": {"name": "memory", "namespace": "simulation"},
        "spec": {"hard": {"requests.memory": "200Mi"}},
    }
    runs = image("simulation/runner", "0.2.0")
    return [
        Example(
            "quota-exceeded/match-pods",
            "research",
            [quota, deployment(of, "research", 4)],
            (f"replicaset/{name}", "resourcequota/team"),
            [],
            "exceeded quota",
        ),
        Example(
            "quota-exceeded/match-memory",
            "simulation",
            [memory, deployment(runs, "simulation", 3)],
            ("replicaset/runner", "resourcequota/memory"),
            [],
            "exceeded quota",
        ),
        Example(
            "quota-exceeded/differ-pod-security",
            "platform-tools",
            [strict, deployment(other, "platform-tools")],
            ("replicaset/probe",),
            [],
            "violates PodSecurity",
        ),
    ]


def scaling_examples() -> list[Example]:
    made = []
    for file, namespace, of, percent, until in (
        ("match-too-many-replicas", "ads", image("ads/bidder", "10.2.0"), "250", "TooManyReplicas"),
        ("differ-at-minimum", "ads-preview", image("ads/preview", "10.2.0"), "5", "TooFewReplicas"),
    ):
        name = of.rsplit("/", 1)[1].split(":", 1)[0]
        space = {
            "apiVersion": "v1",
            "kind": "Namespace",
            "metadata": {"name": namespace, "labels": {"lab/cpu-percent": percent}},
        }
        objects = [space, deployment(of, namespace, 2), autoscaler(name, namespace, 2, 5)]
        made.append(
            Example(
                f"hpa-at-maximum/{file}",
                namespace,
                objects,
                (f"horizontalpodautoscaler/{name}", f"deployment/{name}"),
                [],
                until,
            )
        )
    return made


MAKERS: tuple[Callable[[], list[Example]], ...] = (
    scheduling_examples,
    rollout_examples,
    batch_examples,
    quota_examples,
    scaling_examples,
)
