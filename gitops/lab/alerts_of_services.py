# ruff: noqa: E501 - a message stays on one line, as it is delivered
"""Alerts about what services do for others and cost: each entry is one file, the class and what it shows."""

from alert_forms import KUBELET, Alert, alert, service

EXAMPLES: dict[str, list[Alert]] = {
    "latency-regression/match-after-deploy": [
        service(
            "RequestLatencyHigh",
            "critical",
            "Requests are slow.",
            "99th percentile of POST /orders of storefront is 2.84 s, 3.1 times that of the hour before the release 5.22.0.",
            "checkout",
            "storefront",
            route="/orders",
            quantile="0.99",
            version="5.22.0",
        )
    ],
    "latency-regression/match-route": [
        service(
            "LatencyRegressionAfterDeploy",
            "warning",
            "A release made requests slower.",
            "95th percentile of GET /quotes of pricing rose from 180 ms to 610 ms since the rollout at 09:14.",
            "pricing",
            "quotes",
            route="/quotes",
            quantile="0.95",
            version="1.19.0",
        )
    ],
    "latency-regression/differ-kubelet-start": [
        alert(
            "KubeletPodStartUpLatencyHigh",
            "warning",
            "Kubelet Pod startup latency is too high.",
            "Kubelet Pod startup 99th percentile latency is 71.2 seconds on node prod-eu-c-1.",
            node="prod-eu-c-1",
            instance="10.20.0.13:10250",
            **KUBELET,
        )
    ],
    "elevated-error-rate/match-http-5xx": [
        service(
            "HighErrorRate",
            "critical",
            "Too many requests fail.",
            "7.4% of the requests to payments-api in namespace payments have failed with a 5xx status for 5 minutes.",
            "payments",
            "payments-api",
            code="5xx",
        )
    ],
    "elevated-error-rate/match-ingress": [
        alert(
            "NGINXTooMany500s",
            "warning",
            "Too many 5XXs",
            "Too many 5XXs: 6.1% of the requests to ingress storefront in namespace checkout.",
            namespace="checkout",
            ingress="storefront",
            controller_class="k8s.io/ingress-nginx",
            service="ingress-nginx-controller-metrics",
        )
    ],
    "elevated-error-rate/differ-client-errors": [
        alert(
            "NGINXTooMany400s",
            "warning",
            "Too many 4XXs",
            "Too many 4XXs: 8.3% of the requests to ingress storefront in namespace checkout.",
            namespace="checkout",
            ingress="storefront",
            controller_class="k8s.io/ingress-nginx",
            service="ingress-nginx-controller-metrics",
        )
    ],
    "error-budget-burn/match-fast": [
        service(
            "ErrorBudgetBurn",
            "critical",
            "The error budget is burning.",
            "storefront-availability burns its 30 day budget 14.4 times too fast: it is gone in 2 days.",
            "checkout",
            "storefront",
            slo="storefront-availability",
            long="1h",
            short="5m",
            exhaustion="2d",
        )
    ],
    "error-budget-burn/match-slow": [
        service(
            "ErrorBudgetBurn",
            "warning",
            "The error budget is burning.",
            "quotes-latency burns its 30 day budget 3 times too fast: it is gone in 10 days.",
            "pricing",
            "quotes",
            slo="quotes-latency",
            long="1d",
            short="2h",
            exhaustion="10d",
        )
    ],
    "error-budget-burn/differ-no-data": [
        service(
            "SLOMetricAbsent",
            "critical",
            "The metric of an objective is missing.",
            "No value of http_requests_total for storefront-availability for 6 minutes.",
            "checkout",
            "storefront",
            slo="storefront-availability",
        )
    ],
    "cache-saturation/match-redis-memory": [
        alert(
            "RedisOutOfConfiguredMaxmemory",
            "warning",
            "Redis is out of its configured maxmemory.",
            "cart-cache uses 97.8% of its maxmemory and evicts 420 keys a second.",
            namespace="checkout",
            pod="cart-cache-0",
            statefulset="cart-cache",
            service="cart-cache",
            job="redis-exporter",
            instance="redis://cart-cache:6379",
        )
    ],
    "cache-saturation/match-memcached": [
        alert(
            "MemcachedEvictionsHigh",
            "warning",
            "Memcached evicts too much.",
            "sessions evicts 1.2 thousand items a second at 99% of its memory.",
            namespace="crm",
            pod="sessions-1",
            statefulset="sessions",
            service="sessions",
            job="memcached-exporter",
        )
    ],
    "cache-saturation/differ-redis-down": [
        alert(
            "RedisDown",
            "critical",
            "Redis is down.",
            "Redis instance cart-cache is down.",
            namespace="checkout",
            pod="cart-cache-0",
            statefulset="cart-cache",
            service="cart-cache",
            job="redis-exporter",
            instance="redis://cart-cache:6379",
        )
    ],
    "queue-backlog/match-rabbitmq": [
        alert(
            "RabbitMQTooManyMessagesInQueue",
            "warning",
            "Messages pile up.",
            "Queue ledger on vhost / has 48112 ready messages, and it grows for 20 minutes.",
            namespace="payments",
            queue="ledger",
            vhost="/",
            service="rabbitmq",
            job="rabbitmq",
            deployment="ledger-worker",
        )
    ],
    "queue-backlog/match-kafka-lag": [
        alert(
            "KafkaConsumerGroupLag",
            "warning",
            "A consumer group lags.",
            "Group invoice of topic orders lags by 912043 messages.",
            namespace="streaming",
            consumergroup="invoice",
            topic="orders",
            job="kafka-exporter",
            service="kafka-exporter",
        )
    ],
    "queue-backlog/differ-broker-down": [
        alert(
            "RabbitMQNodeDown",
            "critical",
            "A RabbitMQ node is down.",
            "Less than 3 nodes run in the RabbitMQ cluster.",
            namespace="streaming",
            service="rabbitmq",
            job="rabbitmq",
        )
    ],
    "dns-failure/match-servfail": [
        alert(
            "CoreDNSErrorsHigh",
            "critical",
            "CoreDNS is returning SERVFAIL.",
            "CoreDNS is returning SERVFAIL for 4.1% of requests.",
            namespace="kube-system",
            job="kube-dns",
            service="kube-dns",
            pod="coredns-6f8b-w2c5x",
            rcode="SERVFAIL",
        )
    ],
    "dns-failure/match-forward": [
        alert(
            "CoreDNSForwardErrorsHigh",
            "warning",
            "CoreDNS can't resolve through its upstream.",
            "CoreDNS is returning SERVFAIL for 3.3% of forward requests to 10.20.0.2:53.",
            namespace="kube-system",
            job="kube-dns",
            service="kube-dns",
            to="10.20.0.2:53",
            rcode="SERVFAIL",
        )
    ],
    "dns-failure/differ-target-down": [
        alert(
            "TargetDown",
            "warning",
            "Targets are down.",
            "50% of the kube-dns/kube-dns targets in kube-system namespace are down.",
            namespace="kube-system",
            job="kube-dns",
            service="kube-dns",
        )
    ],
    "certificate-expiring/match-cert-manager": [
        alert(
            "CertManagerCertExpirySoon",
            "warning",
            "The cert storefront-tls is 5d 3h from expiry, it should have renewed over a week ago.",
            "The domain that this cert covers will be unavailable after expiry.",
            namespace="checkout",
            exported_namespace="checkout",
            name="storefront-tls",
            job="cert-manager",
            service="cert-manager",
        )
    ],
    "certificate-expiring/match-probe": [
        alert(
            "BlackboxSslCertificateWillExpireSoon",
            "critical",
            "A certificate expires soon.",
            "The certificate of https://api.example.com expires in 2.6 days.",
            namespace="monitoring",
            job="blackbox",
            instance="https://api.example.com",
        )
    ],
    "certificate-expiring/differ-rate-limited": [
        alert(
            "CertManagerHittingRateLimits",
            "critical",
            "Cert manager hitting LetsEncrypt rate limits.",
            "Depending on the rate limit, cert-manager may be unable to generate certificates for up to a week.",
            namespace="cert-manager",
            host="acme-v02.api.letsencrypt.org",
            job="cert-manager",
            service="cert-manager",
        )
    ],
    "cost-anomaly/match-namespace": [
        alert(
            "NamespaceCostAnomaly",
            "warning",
            "A namespace costs more than it should.",
            "Namespace analytics cost 412 EUR in the last day, 3.7 times its mean of 14 days.",
            namespace="analytics",
            currency="EUR",
            job="opencost",
            service="opencost",
        )
    ],
    "cost-anomaly/match-workload": [
        alert(
            "WorkloadCostSpike",
            "warning",
            "A workload's cost has jumped.",
            "Deployment forecast in namespace analytics costs 9.40 EUR an hour, was 1.10 EUR.",
            namespace="analytics",
            deployment="forecast",
            currency="EUR",
            job="opencost",
            service="opencost",
        )
    ],
    "cost-anomaly/differ-overcommit": [
        alert(
            "KubeCPUOvercommit",
            "warning",
            "Cluster has overcommitted CPU resource requests.",
            "Cluster prod-eu has overcommitted CPU resource requests for Pods by 3.2 CPU shares and cannot tolerate node failure.",
        )
    ],
    "critical-vulnerability/match-alert": [
        alert(
            "TrivyCriticalVulnerability",
            "critical",
            "A running image has a critical vulnerability.",
            "Image registry.example.com/billing/invoice:1.6.0 in namespace billing has 1 critical vulnerability.",
            namespace="billing",
            resource_kind="ReplicaSet",
            resource_name="invoice-7c6b8d",
            image_repository="billing/invoice",
            image_tag="1.6.0",
            job="trivy-operator",
            service="trivy-operator",
        )
    ],
    "policy-violation/match-alert": [
        alert(
            "KyvernoPolicyViolations",
            "warning",
            "Workloads break a policy.",
            "3 resources in namespace billing fail policy disallow-privileged-containers.",
            namespace="billing",
            policy_name="disallow-privileged-containers",
            rule_name="autogen-check",
            job="kyverno-svc-metrics",
            service="kyverno-svc-metrics",
        )
    ],
}
