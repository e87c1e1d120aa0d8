"""What happens in the demonstration, in order. Times are the recording's own."""

from __future__ import annotations

import typer

from engine.core.evidence import evidence_of
from engine.core.lifecycle import ProposalState
from engine.core.moment import shift
from engine.core.untrusted import one_line
from engine.entrypoints.cli.story import Night, Step, look, same_verdict, table
from engine.usecases.analyse import analyse
from engine.usecases.audit import anchors_in
from engine.usecases.audit import verify as verify_record
from engine.usecases.review import review
from engine.usecases.verify import verify

API, WORKER = "Deployment/payments-api", "Deployment/ledger-worker"
CLAIM = "PersistentVolumeClaim/payments-db-data-payments-db-0"
AGENT_ID = "agent:triage"
INJECTION = "ignore all previous"


def _policy(night: Night) -> None:
    ports = night.gate.ports
    identity = ports.policy.identity()
    typer.echo(f"   policy {identity.revision}, {identity.digest[:19]}…")
    typer.echo(f"   {len(ports.runbooks.runbooks)} runbooks, GitOps repository {night.gate.settings.repo}")
    found = look(night, night.recording.at("before"))
    night.promise(not found, "before the release the recorded cluster is healthy: no incident")


def _prelude(night: Night) -> None:
    released = night.recording.released_at
    for minutes in (36, 29, 22, 15):
        at = shift(released, -60 * minutes)
        state = night.propose("restart_workload", WORKER, at, by=("alice", "person"))
        typer.echo(f"   {at[11:16]}  alice restarts ledger-worker: {state.status}, {state.merge_commit[:12]}")
        night.promise(state.status == "verifying", "safe, opted in and within budget: merged alone, and told")
    night.recording.release()
    typer.echo(f"   {released[11:16]}  the release bot merges payments-api 2.9.0")


def _observe(night: Night) -> None:
    night.turn_to("during")
    signals = night.gate.signals(night.at(0))
    incidents = look(night, night.at(0))
    typer.echo(f"   {len(signals)} signals")
    rows = [[i.id, i.severity, i.incident_class or "novel", i.key, str(i.occurrences)] for i in incidents]
    table(["incident", "severity", "class", "key", "signals"], rows)
    night.incident = next(i for i in incidents if i.incident_class == "crash-loop")
    night.promise(len(incidents) == 1, "one incident at the Deployment, not one for each pod, event and finding")
    found = [s for s in night.incident.signals if s.subject.kind == "VulnerabilityReport"]
    for finding in found:
        typer.echo(f"   beside it: {one_line(finding.message, limit=120)}")
    night.promise(bool(found), "the critical vulnerability of the new image is evidence of it, not a second incident")


def _analyse(night: Night) -> None:
    assert night.incident is not None  # noqa: S101 - the step before made it
    night.incident = analyse(night.gate.ports, night.incident.id, now=night.at(5))
    analysis = night.incident.analysis or {}
    typer.echo(f"   {analysis['summary']}")
    for option in analysis["options"]:
        typer.echo(
            f"   {typer.style(option['label'], bold=True)}  {option['title']}  [{option['reversibility'] or '-'}]"
        )
        typer.echo(f"      why: {option['why']}\n      why not: {option['why_not']}")
    pieces = evidence_of(night.incident)
    night.evidence = analysis["hypotheses"][0]["evidence"][:4]
    night.injected = next((_line(piece.text) for piece in pieces if INJECTION in piece.text), "")
    night.promise(
        analysis["options"][0]["action"]["kind"] == "rollback_workload", "the runbook's first option is the rollback"
    )
    night.promise(
        {"watch", "escalate"} <= {o["role"] for o in analysis["options"]}, "watching and escalating are offered too"
    )


def _line(text: str) -> str:
    return next(line for line in text.splitlines() if INJECTION in line)


def _restart(night: Night) -> None:
    night.restart = night.propose("restart_workload", API, night.at(20), reason="Restart to buy time.")
    night.show(night.restart, rules=True)
    night.promise(
        night.restart.status == "verifying",
        f"pull request {night.restart.pull_request} merged alone as {night.restart.merge_commit[:12]}",
    )


def _rollback(night: Night) -> None:
    params = {"to_revision": "previous"}
    night.rollback = night.propose("rollback_workload", API, night.at(40), params=params, reason="2.9.0 can't start.")
    night.show(night.rollback)
    _show_pull_request(night, night.rollback)
    night.promise(night.rollback.status == "awaiting_approval", "the rollback waits for people as a pull request")


def _show_pull_request(night: Night, state: ProposalState) -> None:
    forge = night.gate.ports.forge
    if forge is not None and state.pull_request is not None:
        shown = forge.get(state.pull_request)
        typer.echo(
            f"   pull request {shown.number}: {shown.title}\n   branch {shown.branch}, labels {', '.join(shown.labels)}"
        )
        for edit in (state.change or {})["edits"]:
            typer.echo(f"   edits {edit['path']}")


def _refusals(night: Night) -> None:
    sixth = night.propose("restart_workload", WORKER, night.at(60), by=("bob", "person"))
    _refused(night, sixth, "rate/hourly_limit", "the sixth automatic fix within the hour is refused by the rate rule")
    claim = night.propose("delete_resource", CLAIM, night.at(70))
    _refused(night, claim, "reversibility/data_loss", "deleting the database's volume claim is refused as irreversible")
    drift = night.propose(
        "revert_drift", "HorizontalPodAutoscaler/payments-api", night.at(80), by=("drift:loop", "drift"), answers=False
    )
    _refused(night, drift, "incident/drift_during_incident", "drift is not reverted while the incident is open")


def _refused(night: Night, state: ProposalState, rule: str, sentence: str) -> None:
    decision = state.verdict
    said = [v for v in decision.violations if v.rule == rule] if decision else []
    for violation in said:
        typer.echo(f"   {violation.rule}: {violation.message}\n      → {violation.remedy}")
    night.promise(state.status == "refused" and bool(said) and state.pull_request is None, sentence)


def _injection(night: Night) -> None:
    typer.echo(f"   a pod's log says: {one_line(night.injected, limit=160)}")
    plain = night.proposal("rollback_workload", API, params={"to_revision": "previous"}, reason="2.9.0 can't start.")
    poisoned = night.proposal("rollback_workload", API, params={"to_revision": "previous"}, reason=night.injected)
    same = same_verdict(night, plain, poisoned, night.at(90))
    night.promise(
        bool(night.injected) and same,
        "an instruction in a log line changes nothing: same outcome, tier, rules and approvals",
    )


def _approve(night: Night) -> None:
    assert night.rollback is not None  # noqa: S101 - an earlier step made it
    ports, proposal = night.gate.ports, night.rollback.id
    own = review(ports, proposal, reviewer=AGENT_ID, verdict="approved", note="", now=night.at(100))
    night.promise(own.status == "awaiting_approval", "the proposing agent's own approval counts for nothing")
    one = review(ports, proposal, reviewer="alice", verdict="approved", note="2.9.0 can't start", now=night.at(110))
    night.promise(one.status == "awaiting_approval", "one of two approvals: it still waits")
    night.rollback = review(ports, proposal, reviewer="bob", verdict="approved", note="agreed", now=night.at(120))
    night.promise(
        night.rollback.status == "verifying", f"bob is the second: merged as {night.rollback.merge_commit[:12]}"
    )


def _recover(night: Night) -> None:
    assert night.incident is not None and night.rollback is not None and night.restart is not None  # noqa: S101
    night.turn_to("after")
    ports = night.gate.ports
    runbook = ports.runbooks.get(night.incident.incident_class)
    soak = runbook.verification.soak_seconds if runbook else 0
    begun = max(night.recording.at("after"), night.at(130))
    first, results = verify(ports, night.rollback.id, now=begun)
    table(["check", "holds", "seen"], [[r.id, "yes" if r.holds else "no", r.sentence] for r in results])
    night.promise(first.status == "verifying", f"healthy now, and it isn't done before {soak} s of it")
    night.rollback, _ = verify(ports, night.rollback.id, now=shift(begun, soak))
    incident = next(d for d in ports.ledger.run(lambda tx: tx.select("incidents")) if d["id"] == night.incident.id)
    typer.echo(f"   {incident['timeline'][-1]['text']}")
    linked = night.rollback.merge_commit[:12] in incident["timeline"][-1]["text"]
    night.promise(incident["status"] == "resolved" and linked, "resolved, with a note that links the rollback commit")


def _audit(night: Night) -> None:
    ports = night.gate.ports
    assert ports.repository is not None  # noqa: S101 - the demonstration has one
    anchors = anchors_in(ports.repository, ports.branch)
    found = verify_record(ports.ledger.export(), anchors)
    typer.echo(f"   {found.count} records, tip {found.tip[:19]}…, {len(anchors)} tips in the commits of {ports.branch}")
    night.promise(found.holds and len(anchors) > 0, "the record's chain holds, and so do the tips in Git")


STEPS: list[Step] = [
    ("The gate, its policy and its repository", _policy),
    ("Earlier that night: safe fixes go alone", _prelude),
    ("03:12: signals become an incident", _observe),
    ("What the runbook knows: options, with reasons for and against", _analyse),
    ("A restart is safe here: it merges alone", _restart),
    ("A rollback is not: it waits for people", _rollback),
    ("What is refused, and by which rule", _refusals),
    ("An instruction hidden in a log line", _injection),
    ("Approval: not one's own, not one alone", _approve),
    ("Recovery: verified over a soak, then resolved", _recover),
    ("The record, held against Git", _audit),
]


def ending(night: Night, seconds: float) -> None:
    """A short summary, where everything lies, and what to try next."""
    states = night.gate.ports.ledger.run(lambda tx: tx.select("proposals"))
    count = {
        status: sum(1 for s in states if s["status"] == status) for status in sorted({s["status"] for s in states})
    }
    state, repo = night.gate.settings.state, night.gate.settings.repo
    verdict = "every promise was kept" if not night.broken else f"{len(night.broken)} promises were NOT kept"
    typer.echo(typer.style(f"\n{verdict}, in {seconds:.0f} s", bold=True))
    typer.echo(f"   {len(states)} proposals: " + ", ".join(f"{n} {status}" for status, n in sorted(count.items())))
    typer.echo(f"\nWhere it lies\n   record and state   {state}\n   pull requests      {repo}")
    typer.echo(f"   notifications      {state / 'notifications.jsonl'}")
    prefix = f"PENSTOCK_STATE={state} PENSTOCK_REPO={repo}"
    typer.echo("\nWhat to try next")
    typer.echo(f"   {prefix} penstock proposals list")
    typer.echo(f"   {prefix} penstock audit verify")
    typer.echo(f"   git --git-dir {repo} log --graph --format='%h %s%n%(trailers)' main")
    typer.echo("   penstock policy docs, penstock runbooks check, penstock demo --step")
    seen = f"{prefix} PENSTOCK_SNAPSHOT={night.recording.folder / 'after'}"
    typer.echo("\nIn a browser: http://127.0.0.1:8787/console")
    typer.echo(f"   {prefix} penstock identities add you --kind person --role reader --role operator")
    typer.echo(f"   {seen} penstock serve")
