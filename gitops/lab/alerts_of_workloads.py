# ruff: noqa: E501 - a message stays on one line, as it is delivered
"""Alerts about workloads, nodes, volumes and quotas: each entry is one file, the class and what it shows."""

from alert_forms import KUBELET, Alert, alert, disk, state

EXAMPLES: dict[str, list[Alert]] = {
    "crash-loop/match-mixin": [
        state(
            "KubePodCrashLooping",
            "warning",
            "Pod is crash looping.",
            'Pod crm/importer-6f7d9c-xk2lp (importer) is in waiting state (reason: "CrashLoopBackOff") on cluster prod-eu.',
            namespace="crm",
            pod="importer-6f7d9c-xk2lp",
            container="importer",
            reason="CrashLoopBackOff",
            uid="5b0a3f3e-41a7-4e0b-8a2c-6f8f7f1c9f31",
        )
    ],
    "crash-loop/differ-waiting-for-image": [
        state(
            "KubeContainerWaiting",
            "warning",
            "Pod container waiting longer than 1 hour",
            'pod/portal-5d8c-q7r2m in namespace crm on container portal has been in waiting state for longer than 1 hour. (reason: "ImagePullBackOff")',
            namespace="crm",
            pod="portal-5d8c-q7r2m",
            container="portal",
            reason="ImagePullBackOff",
        )
    ],
    "oom-kill/match-alert": [
        state(
            "KubeContainerOOMKilled",
            "warning",
            "Container was killed for its memory limit.",
            "Container transcoder of pod media/transcoder-79f6-dkw4h has been OOMKilled 4 times in the last 10 minutes.",
            namespace="media",
            pod="transcoder-79f6-dkw4h",
            container="transcoder",
            reason="OOMKilled",
        )
    ],
    "image-pull-failure/match-waiting": [
        state(
            "KubeContainerWaiting",
            "warning",
            "Pod container waiting longer than 1 hour",
            'pod/gateway-66b8-9m4zz in namespace partner on container gateway has been in waiting state for longer than 1 hour. (reason: "ImagePullBackOff")',
            namespace="partner",
            pod="gateway-66b8-9m4zz",
            container="gateway",
            reason="ImagePullBackOff",
        )
    ],
    "stuck-rollout/match-mixin": [
        state(
            "KubeDeploymentRolloutStuck",
            "warning",
            "Deployment rollout is not progressing.",
            "Rollout of deployment crm/billing is not progressing for longer than 15 minutes.",
            namespace="crm",
            deployment="billing",
        )
    ],
    "stuck-rollout/match-statefulset": [
        state(
            "KubeStatefulSetUpdateNotRolledOut",
            "warning",
            "StatefulSet update has not been rolled out.",
            "StatefulSet search/shards update has not been rolled out.",
            namespace="search",
            statefulset="shards",
        )
    ],
    "stuck-rollout/differ-replicas-mismatch": [
        state(
            "KubeDeploymentReplicasMismatch",
            "warning",
            "Deployment has not matched the expected number of replicas.",
            "Deployment crm/leads has not matched the expected number of replicas for longer than 15 minutes.",
            namespace="crm",
            deployment="leads",
        )
    ],
    "failing-readiness/match-pod-not-ready": [
        state(
            "KubePodNotReady",
            "warning",
            "Pod has been in a non-ready state for more than 15 minutes.",
            "Pod search/query-7c5b-2x8ng has been in a non-ready state for longer than 15 minutes.",
            namespace="search",
            pod="query-7c5b-2x8ng",
        )
    ],
    "node-not-ready/match-mixin": [
        state(
            "KubeNodeNotReady",
            "warning",
            "Node is not ready.",
            "prod-eu-b-7 has been unready for more than 15 minutes.",
            node="prod-eu-b-7",
            condition="Ready",
            status="true",
        )
    ],
    "node-not-ready/match-unreachable": [
        state(
            "KubeNodeUnreachable",
            "warning",
            "Node is unreachable.",
            "prod-eu-b-7 is unreachable and some workloads may be rescheduled.",
            node="prod-eu-b-7",
            key="node.kubernetes.io/unreachable",
            effect="NoSchedule",
        )
    ],
    "node-not-ready/differ-flapping-clock": [
        alert(
            "NodeClockNotSynchronising",
            "warning",
            "Clock not synchronising.",
            "Clock at 10.20.0.11:9100 is not synchronising. Ensure NTP is configured on this host.",
            job="node-exporter",
            instance="10.20.0.11:9100",
            node="prod-eu-a-1",
        )
    ],
    "hpa-at-maximum/match-mixin": [
        state(
            "KubeHpaMaxedOut",
            "warning",
            "HPA is running at max replicas",
            "HPA ads/bidder has been running at max replicas for longer than 15 minutes.",
            namespace="ads",
            horizontalpodautoscaler="bidder",
        )
    ],
    "hpa-at-maximum/differ-mismatch": [
        state(
            "KubeHpaReplicasMismatch",
            "warning",
            "HPA has not matched desired number of replicas.",
            "HPA ads/preview has not matched the desired number of replicas for longer than 15 minutes.",
            namespace="ads",
            horizontalpodautoscaler="preview",
        )
    ],
    "cronjob-failing/match-mixin": [
        state(
            "KubeJobFailed",
            "warning",
            "Job failed to complete.",
            "Job finance/nightly-close-29394360 failed to complete. Removing failed job after investigation should clear this alert.",
            namespace="finance",
            job_name="nightly-close-29394360",
            owner_kind="CronJob",
            owner_name="nightly-close",
            condition="true",
            reason="BackoffLimitExceeded",
        )
    ],
    "job-backoff/match-mixin": [
        state(
            "KubeJobFailed",
            "warning",
            "Job failed to complete.",
            "Job finance/migrate failed to complete. Removing failed job after investigation should clear this alert.",
            namespace="finance",
            job_name="migrate",
            condition="true",
            reason="BackoffLimitExceeded",
        )
    ],
    "quota-exceeded/match-mixin": [
        state(
            "KubeQuotaExceeded",
            "warning",
            "Namespace quota has exceeded the limits.",
            "Namespace research is using 104% of its requests.cpu quota.",
            namespace="research",
            resource="requests.cpu",
            resourcequota="team",
        )
    ],
    "quota-exceeded/match-fully-used": [
        state(
            "KubeQuotaFullyUsed",
            "info",
            "Namespace quota is fully used.",
            "Namespace research is using 100% of its pods quota.",
            namespace="research",
            resource="pods",
            resourcequota="team",
        )
    ],
    "quota-exceeded/differ-almost-full": [
        state(
            "KubeQuotaAlmostFull",
            "info",
            "Namespace quota is going to be full.",
            "Namespace simulation is using 92.4% of its requests.memory quota.",
            namespace="simulation",
            resource="requests.memory",
            resourcequota="memory",
        )
    ],
    "volume-filling/match-nearly-full": [
        disk(
            "KubePersistentVolumeFillingUp",
            "critical",
            "is only 2.4% free.",
            "payments-db-data-payments-db-0",
            "payments",
        )
    ],
    "volume-filling/match-predicted": [
        disk(
            "KubePersistentVolumeFillingUp",
            "warning",
            "is expected to fill up within four days. Currently 11.8% is available.",
            "events-kafka-2",
            "streaming",
        )
    ],
    "volume-filling/differ-volume-failed": [
        state(
            "KubePersistentVolumeErrors",
            "critical",
            "PersistentVolume is having issues with provisioning.",
            "The persistent volume pvc-5d1f7c7e on Cluster prod-eu has status Failed.",
            persistentvolume="pvc-5d1f7c7e",
            phase="Failed",
        )
    ],
    "volume-filling/differ-node-disk": [
        alert(
            "NodeFilesystemSpaceFillingUp",
            "warning",
            "Filesystem is predicted to run out of space within the next 24 hours.",
            "Filesystem on /dev/nvme0n1p1, mounted on /, at 10.20.0.13:9100 has only 14.20% available space left and is filling up.",
            job="node-exporter",
            instance="10.20.0.13:9100",
            device="/dev/nvme0n1p1",
            mountpoint="/",
            fstype="ext4",
            node="prod-eu-c-1",
        )
    ],
    "evicted-disk-pressure/match-mixin": [
        alert(
            "KubeNodeEviction",
            "info",
            "Node is evicting pods.",
            "Node prod-eu-c-1 is evicting Pods due to nodefs.available. Eviction occurs when eviction thresholds are crossed.",
            eviction_signal="nodefs.available",
            node="prod-eu-c-1",
            instance="10.20.0.13:10250",
            **KUBELET,
        )
    ],
}
