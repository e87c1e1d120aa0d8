"""The gate's own figures: what it decided, what it couldn't, how long it took, and how it stands.

Labels hold outcomes, rules, reasons and revisions, which policy and gate make. No object, person or text from outside
is one: they would be without number, and whoever reads figures needn't know whom they are about.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_1_0_0

from engine.core.decision import PolicyIdentity, Verdict

CONTENT_TYPE = CONTENT_TYPE_PLAIN_1_0_0
SECONDS = (0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 2.0)


@dataclass(frozen=True, slots=True)
class Standing:
    """How the gate stands at one instant. An age is in seconds, and ``None`` where nothing has that age."""

    checks: Mapping[str, bool]
    policy: PolicyIdentity | None
    waiting: int | None
    given_up: int | None
    oldest_seconds: int | None
    watch_seconds: int | None
    unknown_kinds: int | None


@dataclass(frozen=True, slots=True)
class Latency:
    """Of ``count`` decisions, half took at most ``half`` milliseconds and nine tenths at most ``most``.

    These are bounds of buckets, not measurements; ``inf`` is more than the largest.
    """

    count: int
    half: float
    most: float


class Meter:
    """Counts decisions as they are made. Safe between threads; :meth:`expose` is called by one at a time."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._decisions = Counter(
            "penstock_decisions", "Answers of policy.", ["outcome", "mode"], registry=self.registry
        )
        self._rules = Counter("penstock_refusals", "Refusals, each rule counted.", ["rule"], registry=self.registry)
        self._undecided = Counter(
            "penstock_could_not_decide", "Questions that no decision came of.", ["reason"], registry=self.registry
        )
        self._seconds = Histogram(
            "penstock_decision_seconds", "Time that policy took.", buckets=SECONDS, registry=self.registry
        )
        self._gauges: dict[str, Gauge] = {}
        self._ready = self._gauge("penstock_ready", "Whether a check of readiness holds.", ["check"])
        self._policy = self._gauge("penstock_policy", "The policy in force: always 1.", ["revision", "digest"])
        self._since: tuple[str, float] = ("", 0.0)

    def decided(self, verdict: Verdict, seconds: float) -> None:
        """Policy answered."""
        self._decisions.labels(verdict.outcome, verdict.mode).inc()
        for rule in {violation.rule for violation in verdict.violations}:
            self._rules.labels(rule).inc()
        self._seconds.observe(seconds)

    def undecided(self, reason: str, seconds: float) -> None:
        """Policy gave no answer."""
        self._undecided.labels(reason).inc()
        self._seconds.observe(seconds)

    def latency(self) -> Latency | None:
        """How long policy took since this process began; ``None`` before the first time."""
        found = {
            float(sample.labels["le"]): int(sample.value)
            for metric in self._seconds.collect()
            for sample in metric.samples
            if sample.name.endswith("_bucket")
        }
        count = max(found.values(), default=0)
        if not count:
            return None
        within = {share: min(bound for bound, seen in found.items() if seen >= share * count) for share in (0.5, 0.9)}
        return Latency(count, within[0.5] * 1000, within[0.9] * 1000)

    def expose(self, standing: Standing, elapsed: float) -> bytes:
        """Everything counted so far and how the gate stands, as Prometheus reads it."""
        for check, holds in standing.checks.items():
            self._ready.labels(check).set(holds)
        self._set("penstock_outbox_waiting", "Messages that wait to be told.", standing.waiting)
        self._set("penstock_outbox_given_up", "Messages of a day that couldn't be told.", standing.given_up)
        self._set("penstock_outbox_oldest_seconds", "Age of the oldest message that waits.", standing.oldest_seconds)
        self._set("penstock_watch_lag_seconds", "Time since the cluster was looked at whole.", standing.watch_seconds)
        self._set("penstock_watch_unknown_kinds", "Kinds of which nothing is known now.", standing.unknown_kinds)
        self._of_policy(standing.policy, elapsed)
        return generate_latest(self.registry)

    def _of_policy(self, policy: PolicyIdentity | None, elapsed: float) -> None:
        self._policy.clear()
        if policy is None:
            return
        if self._since[0] != policy.digest:
            self._since = (policy.digest, elapsed)
        self._policy.labels(policy.revision, policy.digest).set(1)
        age = int(elapsed - self._since[1])
        self._set("penstock_policy_age_seconds", "Time that this policy has been seen in force here.", age)

    def _set(self, name: str, told: str, value: int | None) -> None:
        """A figure that isn't known isn't given: an old one would look like the present."""
        if value is not None:
            (self._gauges.get(name) or self._gauge(name, told)).set(value)
        elif name in self._gauges:
            self.registry.unregister(self._gauges.pop(name))

    def _gauge(self, name: str, told: str, labels: Iterable[str] = ()) -> Gauge:
        self._gauges[name] = Gauge(name, told, list(labels), registry=self.registry)
        return self._gauges[name]
