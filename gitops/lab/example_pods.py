# ruff: noqa: E501 - a message stays on one line, as it is delivered
"""The examples whose pods fail: how they behave is for KWOK to play.

A class's folder under runbooks/ gets `match-…` of its own kind and `differ-…` that look alike and are another matter.
"""

from collections.abc import Callable

import stages
from examples import Example, container, deployment, image, quoted
from stages import Pods, Stage, event


def crash_examples() -> list[Example]:
    panic = quoted(
        "panic: runtime error: invalid memory address or nil pointer dereference\n[signal SIGSEGV: segmentation violation]\nmain.main()\n"
    )
    flag = quoted("error: unknown flag: --enable-pickup-slots\nusage: slots [flags]\n")
    oom = quoted("")
    made = []
    for file, namespace, of, code, reason, text in (
        ("crash-loop/match-panic", "search", image("search/indexer", "3.1.0"), 2, "Error", panic),
        ("crash-loop/match-unknown-flag", "logistics", image("logistics/slots", "1.8.0"), 1, "Error", flag),
        ("crash-loop/differ-out-of-memory", "search", image("search/ranker", "4.4.1"), 137, "OOMKilled", oom),
        ("oom-kill/match-crash-looping-worker", "media", image("media/transcoder", "7.2.0"), 137, "OOMKilled", oom),
        (
            "oom-kill/differ-crash-with-message",
            "media",
            image("media/thumbnails", "2.0.3"),
            1,
            "Error",
            quoted("Error: out of disk quota\n"),
        ),
    ):
        name = of.rsplit("/", 1)[1].split(":", 1)[0]
        on = stages.crashing(name, Pods(of), stages.Crash(code, reason, text), fast=True)
        made.append(Example(file, namespace, [deployment(of, namespace)], (f"pod/{name}",), on, "CrashLoopBackOff"))
    once, first = image("crm/mailer", "5.0.2"), image("media/encoder", "1.3.0")
    exited = [
        stages.stage(
            "mailer-once",
            [*Pods(once).expressions(), stages.IS_RUNNING, stages.restarts_is("In", "0")],
            [
                stages.status(
                    stages.container(
                        stages.RUNNING, stages.ended(0, "Completed"), ready=True, started=True, restarts="$again"
                    )
                ),
                *stages.began("$again"),
            ],
            delay=stages.after(5),
        )
    ]
    killed = [
        stages.stage(
            "encoder-once",
            [*Pods(first).expressions(), stages.IS_RUNNING, stages.restarts_is("In", "0")],
            [
                stages.status(
                    stages.container(
                        stages.RUNNING, stages.ended(137, "OOMKilled"), ready=True, started=True, restarts="$again"
                    )
                ),
                *stages.began("$again"),
            ],
            delay=stages.after(5),
        )
    ]
    made.append(
        Example(
            "crash-loop/differ-restarted-once",
            "crm",
            [deployment(once, "crm")],
            ("pod/mailer",),
            exited,
            '"restartCount": 1',
        )
    )
    made.append(
        Example(
            "oom-kill/match-first-kill", "media", [deployment(first, "media")], ("pod/encoder",), killed, "OOMKilled"
        )
    )
    return made


def start_examples() -> list[Example]:
    """Containers that never come to run."""
    pulling = event("Pulling", 'printf "Pulling image %q" $c.image')
    slow, gone, denied = (
        image("search/embedder", "0.9.0"),
        image("crm/portal", "12.4.0-rc9"),
        image("partner/gateway", "2.2.0"),
    )
    errors = {
        gone: "failed to pull and unpack image %q: failed to resolve image: %s: not found",
        denied: "failed to pull and unpack image %q: failed to resolve image: pull access denied for %s, repository does not exist or may require authorization: 401 Unauthorized",
    }
    made = []
    for file, namespace, of in (("match-tag-not-found", "crm", gone), ("match-unauthorized", "partner", denied)):
        name = of.rsplit("/", 1)[1].split(":", 1)[0]
        cause = f'(printf "{errors[of].replace("%q", "%s")}" $c.image $c.image)'
        failed = event("Failed", f'printf "Failed to pull image %q: %s" $c.image {cause}', "Warning")
        error = event("Failed", '"Error: ErrImagePull"', "Warning")
        stopped = event("BackOff", 'printf "Back-off pulling image %q" $c.image')
        error_off = event("Failed", '"Error: ImagePullBackOff"', "Warning")
        message = f'printf "Back-off pulling image %q: ErrImagePull: %s" $c.image {cause}'
        on = stages.waits(
            name,
            Pods(of),
            [("ErrImagePull", cause, [pulling, failed, error]), ("ImagePullBackOff", message, [stopped, error_off])],
        )
        made.append(
            Example(
                f"image-pull-failure/{file}",
                namespace,
                [deployment(of, namespace)],
                (f"pod/{name}",),
                on,
                "ImagePullBackOff",
            )
        )
    on = stages.waits("embedder", Pods(slow), [("ContainerCreating", '""', [pulling])])
    made.append(
        Example(
            "image-pull-failure/differ-still-pulling",
            "search",
            [deployment(slow, "search")],
            ("pod/embedder",),
            on,
            "Pulling",
        )
    )

    for file, namespace, of, text in (
        (
            "match-configmap-missing",
            "logistics",
            image("logistics/router", "6.1.0"),
            'configmap "router-settings" not found',
        ),
        (
            "match-key-missing",
            "partner",
            image("partner/exporter", "1.0.7"),
            "couldn't find key API_TOKEN in Secret partner/exporter-credentials",
        ),
    ):
        name = of.rsplit("/", 1)[1].split(":", 1)[0]
        error = event("Failed", quoted("Error: " + text), "Warning", count="4", ago=38)
        on = stages.waits(name, Pods(of), [("CreateContainerConfigError", quoted(text), [error])])
        made.append(
            Example(
                f"config-missing/{file}",
                namespace,
                [deployment(of, namespace)],
                (f"pod/{name}",),
                on,
                "CreateContainerConfigError",
            )
        )
    mount = image("crm/reports", "2.5.0")
    text = 'MountVolume.SetUp failed for volume "tls" : secret "reports-tls" not found'
    error = event("FailedMount", quoted(text), "Warning", count="7", container=False, ago=63)
    volumes = {"volumes": [{"name": "tls", "secret": {"secretName": "reports-tls"}}]}
    on = stages.waits("reports", Pods(mount), [("ContainerCreating", '""', [error])])
    more = {"volumeMounts": [{"name": "tls", "mountPath": "/tls"}]}
    made.append(
        Example(
            "config-missing/match-secret-volume",
            "crm",
            [deployment(mount, "crm", more=more, spec=volumes)],
            ("pod/reports",),
            on,
            "FailedMount",
        )
    )
    attach = image("media/catalog", "8.0.1")
    text = 'AttachVolume.Attach failed for volume "pvc-5d1f7c7e" : rpc error: code = DeadlineExceeded desc = timed out waiting for the volume to attach'
    error = event("FailedAttachVolume", quoted(text), "Warning", count="3", container=False, ago=120)
    on = stages.waits("catalog", Pods(attach), [("ContainerCreating", '""', [error])])
    made.append(
        Example(
            "config-missing/differ-volume-attach",
            "media",
            [deployment(attach, "media")],
            ("pod/catalog",),
            on,
            "FailedAttachVolume",
        )
    )
    return made


def probe_examples() -> list[Example]:
    def unhealthy(kind: str, text: str, count: int) -> Stage:
        return event("Unhealthy", quoted(f"{kind} probe failed: {text}"), "Warning", count=str(count), ago=10 * count)

    killing = event("Killing", 'printf "Container %s failed liveness probe, will be restarted" $c.name')
    refused = 'Get "http://10.244.0.31:8080/readyz": dial tcp 10.244.0.31:8080: connect: connection refused'
    made = []
    for file, namespace, of, found, until in (
        (
            "failing-readiness/match-status-503",
            "search",
            image("search/query", "9.3.2"),
            unhealthy("Readiness", "HTTP probe failed with statuscode: 503", 6),
            "statuscode: 503",
        ),
        (
            "failing-readiness/match-connection-refused",
            "crm",
            image("crm/api", "4.7.0"),
            unhealthy("Readiness", refused, 9),
            "connection refused",
        ),
        (
            "failing-liveness/differ-readiness-only",
            "logistics",
            image("logistics/tracker", "2.9.4"),
            unhealthy("Readiness", "HTTP probe failed with statuscode: 500", 3),
            "Unhealthy",
        ),
    ):
        name = of.rsplit("/", 1)[1].split(":", 1)[0]
        on = stages.unready(name, Pods(of), [found], 5)
        probe = {"readinessProbe": {"httpGet": {"path": "/readyz", "port": 8080}, "periodSeconds": 10}}
        made.append(Example(file, namespace, [deployment(of, namespace, more=probe)], (f"pod/{name}",), on, until))
    for file, namespace, of, text, until in (
        (
            "failing-liveness/match-timeout",
            "media",
            image("media/streamer", "3.3.3"),
            'Get "http://10.244.0.44:8080/healthz": context deadline exceeded (Client.Timeout exceeded while awaiting headers)',
            "will be restarted",
        ),
        (
            "failing-liveness/match-status-500",
            "partner",
            image("partner/sync", "1.4.4"),
            "HTTP probe failed with statuscode: 500",
            "will be restarted",
        ),
        (
            "failing-readiness/differ-liveness",
            "partner",
            image("partner/hooks", "0.8.1"),
            "HTTP probe failed with statuscode: 500",
            "will be restarted",
        ),
    ):
        name = of.rsplit("/", 1)[1].split(":", 1)[0]
        on = stages.killed(name, Pods(of), [unhealthy("Liveness", text, 3), killing], delay=5)
        probe = {
            "livenessProbe": {"httpGet": {"path": "/healthz", "port": 8080}, "periodSeconds": 10, "failureThreshold": 3}
        }
        made.append(Example(file, namespace, [deployment(of, namespace, more=probe)], (f"pod/{name}",), on, until))
    return made


def eviction_examples() -> list[Example]:
    made = []
    for file, namespace, of, text in (
        (
            "match-ephemeral-storage",
            "media",
            image("media/renderer", "5.5.0"),
            "The node was low on resource: ephemeral-storage. Threshold quantity: 10738116829, available: 8123452Ki. Container renderer was using 21Gi, request is 0, has larger consumption of ephemeral-storage. ",
        ),
        (
            "match-node-condition",
            "search",
            image("search/crawler", "2.0.0"),
            "The node had condition: [DiskPressure]. ",
        ),
        (
            "differ-memory-pressure",
            "search",
            image("search/suggest", "1.2.0"),
            "The node was low on resource: memory. Threshold quantity: 100Mi, available: 71224Ki. Container suggest was using 2144Mi, request is 128Mi, has larger consumption of memory. ",
        ),
    ):
        name = of.rsplit("/", 1)[1].split(":", 1)[0]
        over = f"reason: Evicted\nmessage: {{{{ {quoted(text)} | Quote }}}}\n" + stages.over("PodFailed")
        over += stages.container(stages.ended(137, "ContainerStatusUnknown"))
        gone = event("Evicted", quoted(text), "Warning", container=False)
        pod = {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {"name": f"{name}-7c9d", "namespace": namespace, "labels": {"app.kubernetes.io/name": name}},
        }
        pod["spec"] = {"automountServiceAccountToken": False, "containers": [container(of)]}
        on = stages.ends(name, Pods(of), "Failed", over, [gone, event("Killing", f'"Stopping container {name}"')])
        made.append(
            Example(f"evicted-disk-pressure/{file}", namespace, [pod], (f"pod/{name}",), on, '"reason": "Evicted"')
        )
    return made


MAKERS: tuple[Callable[[], list[Example]], ...] = (crash_examples, start_examples, probe_examples, eviction_examples)
