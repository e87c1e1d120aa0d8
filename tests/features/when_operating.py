"""When: what operators and the world do besides proposing and reviewing."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import replace
from functools import partial
from typing import Any

from pytest_bdd import given, parsers, then, when

from engine.adapters.kubernetes.snapshot import file_name
from engine.adapters.runbooks.examples import load_examples
from engine.adapters.signals.kubernetes import topology_of
from engine.adapters.signals.registry import read_signals
from engine.core.errors import EvaluatorTimeout, EvaluatorUnavailable, GarbledDecision
from engine.core.incident import Incident
from engine.usecases.analyse import analyse
from engine.usecases.audit import anchors_in
from engine.usecases.audit import verify as verify_record
from engine.usecases.verify import verify
from tests.conftest import ROOT
from tests.features.actions import THINGS
from tests.features.night import Night

EXAMPLES = load_examples(ROOT / "runbooks")
SILENCES = {"is gone": EvaluatorUnavailable, "answers too late": EvaluatorTimeout, "talks nonsense": GarbledDecision}


@when(parsers.parse("what was recorded as {name} is observed"))
def recorded(night: Night, name: str) -> None:
    _observe(night, name, matches=True)


@when(parsers.parse("the near misses of {name} are observed"))
def near(night: Night, name: str) -> None:
    _observe(night, name, matches=False)


def _observe(night: Night, name: str, *, matches: bool) -> None:
    night.before = night.standing()
    found = [e for e in EXAMPLES if e.runbook == name and e.matches is matches]
    assert found, f"nothing is recorded for {name}"
    for example in found:
        night.now = max(night.now, example.now)
        night.observe(read_signals(example.source, example.payload, cluster="prod-eu", now=example.now))


@when("the incident is analysed")
def analysed(night: Night) -> None:
    night.before = night.standing()
    incident = night.notes.get("incident") or night.incident
    night.notes["incident"] = analyse(night.ports, incident.id, now=night.pass_time(5))


@when(parsers.parse("{count:d} more signals of the same crash arrive"))
def storm(night: Night, count: int) -> None:
    night.before = night.standing()
    one = next(s for s in night.gate.signals(night.now) if s.reason == "CrashLoopBackOff")
    night.observe([replace(one, digest=f"sha256:{number:064d}") for number in range(count)])


@given(parsers.parse("Alertmanager tells of this crash and says that it left out {count:d} alerts"))
def cut_short(night: Night, count: int) -> None:
    pod = next(s for s in night.gate.signals(night.now) if s.reason == "CrashLoopBackOff").subject
    labels = {"alertname": "KubePodCrashLooping", "namespace": pod.namespace, "pod": pod.name, "severity": "critical"}
    alert = {"status": "firing", "labels": labels, "annotations": {}, "startsAt": "2026-11-14T03:17:00Z"}
    payload = {"version": "4", "truncatedAlerts": count, "alerts": [alert]}
    objects = night.gate.objects()
    assert night.incident.status == "open"
    cluster = night.ports.cluster.name
    topology = topology_of(objects, cluster)
    night.observe(read_signals("alertmanager", payload, cluster=cluster, now=night.now, topology=topology))


@when(parsers.parse("{thing} is told to fail as well"))
def fails_too(night: Night, thing: str) -> None:
    night.before = night.standing()
    assert night.incident.status == "open"
    kind, namespace, name = THINGS[thing]
    event = {"specversion": "1.0", "id": "1", "source": "/probe", "type": "com.example.down"}
    event |= {"subject": f"{namespace}/{kind}/{name}"}
    night.observe(read_signals("cloudevents", event, cluster=night.ports.cluster.name, now=night.now))


@then(parsers.parse("the incidents of {one} and {other} name each other"))
def beside(night: Night, one: str, other: str) -> None:
    first, second = (_at(night, thing) for thing in (one, other))
    assert first.related == (second.id,)
    assert second.related == (first.id,)


@then(parsers.parse("the incident of {thing} names no other"))
def alone(night: Night, thing: str) -> None:
    assert _at(night, thing).related == ()


def _at(night: Night, thing: str) -> Incident:
    kind, namespace, name = THINGS[thing]
    return next(i for i in night.incidents() if (i.root.kind, i.root.namespace, i.root.name) == (kind, namespace, name))


@then(parsers.parse('the incident shows: "{text}"'))
def shown(night: Night, text: str) -> None:
    assert any(text in moment.text for moment in night.incident.timeline)


@given(parsers.re(r"the evaluator (?P<how>is gone|answers too late|talks nonsense)"))
def silent(night: Night, how: str) -> None:
    real, error = night.ports.policy, SILENCES[how]

    class Silent:
        def decide(self, document: bytes) -> Any:
            raise error("nobody answered")

        identity = staticmethod(real.identity)
        data = staticmethod(real.data)

    assert night.incident.status == "open"
    night.replace_ports(policy=Silent())


@when("the gate is stopped and started again")
def start_again(night: Night) -> None:
    night.stop()


@when("the cluster is observed again")
def observed_again(night: Night) -> None:
    night.before = night.standing()
    night.observe()


@given("the cluster is as it was before the release")
def before_release(night: Night) -> None:
    night.turn_to("before")


@when("the cluster recovers")
def recovers(night: Night) -> None:
    night.now = max(night.now, "2026-11-14T03:26:00Z")
    night.turn_to("after")


@when("Argo CD is still at the commit before the merge")
def not_applied(night: Night) -> None:
    _argo_says(night, str((night.refresh().change or {})["base_commit"]), "Healthy")


@when("Argo CD has applied the merge, and all is well")
def applied(night: Night) -> None:
    _argo_says(night, night.refresh().merge_commit, "Healthy")


@when(parsers.parse("Argo CD has applied the merge, and it is {health}"))
def applied_in_vain(night: Night, health: str) -> None:
    _argo_says(night, night.refresh().merge_commit, health)


def _argo_says(night: Night, revision: str, health: str) -> None:
    status = {"sync": {"status": "Synced", "revision": revision}, "health": {"status": health}}
    application = {"metadata": {"name": "payments", "namespace": "argocd"}, "status": status}
    (night.snapshot / file_name("Application")).write_text(json.dumps({"items": [application]}))
    night.cluster("Application", lambda _: None)


@when(parsers.parse("the gate looks whether it helped, {minutes:d} minutes later"))
def helped(night: Night, minutes: int) -> None:
    proposal, at = night.refresh().id, night.pass_time(60 * minutes)
    night.attempt(partial(verify, night.ports, proposal, now=at))


@when("the gate looks whether it helped")
def helped_now(night: Night) -> None:
    helped(night, 0)


@when("somebody rewrites an entry of the record")
def tampered(night: Night) -> None:
    database = night.settings.state / "penstock.db"
    night.ports.ledger.run(lambda tx: None)
    with sqlite3.connect(database) as connection:
        for (trigger,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            connection.execute(f"DROP TRIGGER {trigger}")
        changed = connection.execute(
            "UPDATE records SET body = replace(body, 'agent:triage', 'somebody:else') "
            "WHERE sequence = (SELECT max(sequence) FROM records WHERE kind = 'proposal')"
        ).rowcount
        assert changed == 1


@when("an auditor holds the record against Git")
def audited(night: Night) -> None:
    ports = night.ports
    night.notes["audit"] = verify_record(ports.ledger.export(), anchors_in(ports.repository, "main"))


@when("an auditor is given a record that ends too early")
def cut_off(night: Night) -> None:
    ports = night.ports
    anchors = anchors_in(ports.repository, "main")
    kept = [record for record in ports.ledger.export() if record.sequence < anchors[0].sequence]
    night.notes["audit"] = verify_record(kept, anchors)


@given("the gate only watches and has no way to open anything")
def watching(night: Night) -> None:
    assert night.incident.status == "open"
    night.replace_ports(forge=None)
