"""``penstock incidents``: what is wrong, since when, what it rests on and what could be done."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from engine.entrypoints.cli.decide import At, Repo, Snapshot
from engine.entrypoints.cli.output import Form, write_json, write_rows

if TYPE_CHECKING:
    from engine.core.evidence import Evidence
    from engine.core.track_record import TrackRecord
    from engine.wiring import Gate

app = typer.Typer(
    add_completion=False,
    rich_markup_mode=None,
    no_args_is_help=True,
    help="Show incidents, their evidence and options.",
)

Output = Annotated[Form, typer.Option("--output", "-o", help="How to write the answer.")]
Id = Annotated[str, typer.Argument(help="An incident's id or key.")]


@app.command("list")
def list_incidents(snapshot: Snapshot = None, at: At = None, output: Output = Form.table) -> None:
    """List incidents; with a snapshot, after observing it."""
    with _observed(snapshot, at) as (gate, known):
        incidents = [_document(gate, i) for i in known]
    if output is Form.json:
        write_json(incidents)
        return
    heads = ["incident", "status", "severity", "class", "root", "seen", "since"]
    rows = [
        [
            i["id"], i["status"], i["severity"], i["incident_class"] or "novel",
            f"{i['root']['kind']} {i['root']['namespace']}/{i['root']['name']}", str(i["occurrences"]), i["first_seen"],
        ]
        for i in incidents
    ]  # fmt: skip
    write_rows(heads, rows)


@app.command()
def show(incident: Id, snapshot: Snapshot = None, at: At = None, output: Output = Form.table) -> None:
    """Show one incident with its timeline, evidence and options."""
    from engine.core.errors import NotFound
    from engine.usecases.look_up_claims import look_up_claims

    with _observed(snapshot, at) as (gate, known):
        found = next((i for i in known if incident in (i.id, i.key)), None)
        if found is None:
            raise NotFound("no such incident", where=incident, remedy="penstock incidents list shows them")
        if output is Form.json:
            write_json(_document(gate, found))
            return
        _write(gate, found, look_up_claims(gate.ports.ledger, found))


@app.command()
def analyse(incident: Id, snapshot: Snapshot = None, repo: Repo = None, at: At = None) -> None:
    """Fill in hypotheses and options; an analysis can only propose."""
    from engine import wiring
    from engine.entrypoints.cli.asking import given
    from engine.usecases.analyse import analyse as analyse_incident
    from engine.usecases.look_up_claims import look_up_claims
    from engine.usecases.observe import observe

    with wiring.gate(given(snapshot=snapshot, repo=repo), acting=True) as gate:
        now = gate.instant(at)
        observe(gate.ports, gate.signals(now), now=now)
        found = analyse_incident(gate.ports, incident, now=now)
        _write(gate, found, look_up_claims(gate.ports.ledger, found))


@app.command()
def postmortem(
    incident: Id,
    chat: Annotated[
        list[Path] | None, typer.Option(help="A file of Slack's export of the channel; may be repeated.")
    ] = None,
) -> None:
    """Draft a post-mortem from the record, as Markdown: what happened, what was decided, refused and why.

    What people said meanwhile is put into the timeline as their words: it is no evidence, and isn't kept.
    """
    from engine import wiring
    from engine.core.chat import LIMIT, read_chat
    from engine.entrypoints.cli.asking import given, read_bytes
    from engine.usecases.postmortem import postmortem as draft

    said = [one for file in chat or () for one in read_chat(read_bytes(file, limit=LIMIT), where=str(file))]
    with wiring.gate(given(), acting=False, needs_cluster=False) as gate:
        typer.echo(draft(gate.ports, incident, said), nl=False)


@app.command()
def learn(  # noqa: PLR0913, PLR0917 - each is an option of the command
    incident: Id,
    incident_class: Annotated[str, typer.Option("--class", help="The runbook; the incident's own unless given.")] = "",
    signal: Annotated[list[str] | None, typer.Option(help="source/Reason to know it by; may be repeated.")] = None,
    reason: Annotated[str, typer.Option(help="Why, in a sentence; it is recorded with your name.")] = "",
    snapshot: Snapshot = None,
    repo: Repo = None,
    at: At = None,
) -> int:
    """Accept a post-mortem: propose that its runbook knows the incident again. Exit codes as for decide.

    The incident becomes an example that `penstock runbooks check` holds the runbook against, and each signal that is
    named a trigger.
    """
    from engine.core.action.governance import learn as lesson
    from engine.core.proposal import check_proposal
    from engine.entrypoints.cli.asking import acting, given, who
    from engine.entrypoints.cli.output import write_proposed
    from engine.usecases.postmortem import know
    from engine.usecases.propose import propose
    from engine.usecases.resume import advance
    from engine.usecases.vouch import vouch

    settings = given(snapshot=snapshot, repo=repo)
    with acting(settings) as gate:
        now, by, known = gate.instant(at), who(settings), know(gate.ports, incident).incident
        name = incident_class or known.incident_class or "none"
        action = lesson(known.root.cluster, known.root.namespace, name, known.id, signal or [])
        claims = {"proposer": {"id": by, "kind": "person"}, "action": action.model_dump(mode="json"), "reason": reason}
        proposal = check_proposal(claims, where="the lesson")
        vouch(gate.ports.ledger, proposal.action.digest, by=by, speaks_for=by, now=now)
        made = advance(gate.ports, propose(gate.ports, proposal, authenticated=True, now=now), now=now)
    return write_proposed(made, Form.table)


@app.command("hand-over")
def hand_over(incident: Id, at: At = None) -> None:
    """Write the package for who takes over, as Markdown: where it stands, what was tried and why it stopped."""
    from engine import wiring
    from engine.entrypoints.cli.asking import given
    from engine.usecases.postmortem import handover

    with wiring.gate(given(), acting=False, needs_cluster=False) as gate:
        typer.echo(handover(gate.ports, incident, now=gate.instant(at)), nl=False)


@app.command()
def attach(
    place: Annotated[str, typer.Argument(help="An open incident's id or key, or namespace/Kind/name.")],
    commander: Annotated[str, typer.Option(help="Who is in command.")] = "",
    channel: Annotated[str, typer.Option(help="Where they talk.")] = "",
    ticket: Annotated[str, typer.Option(help="What they write under.")] = "",
    detach: Annotated[bool, typer.Option("--detach", help="They have gone.")] = False,
) -> None:
    """Say that people already run an incident: the gate works under theirs, and opens no other beside it.

    Where nothing was seen yet at the object, an incident is opened there for them.
    """
    from engine.entrypoints.cli.asking import acting, given, who
    from engine.usecases import attach as use

    settings = given()
    with acting(settings, needs_cluster=False) as gate:
        now, by = gate.instant(None), who(settings)
        if detach:
            found = use.detach(gate.ports, place, by=by, now=now)
        else:
            found = use.attach(gate.ports, place, use.Lead(commander, channel, ticket), by=by, now=now)
    typer.echo(f"{found.id}: {found.timeline[-1].text}")


@app.command()
def useful(
    incident: Id,
    about: Annotated[str, typer.Argument(help="summary, recommendation or hand_over.")],
    said: Annotated[str, typer.Argument(help="yes or no.")],
) -> None:
    """Say whether what the gate wrote of an incident was useful; your last word counts, and no rule sees it."""
    from engine import wiring
    from engine.core.errors import BadInput
    from engine.entrypoints.cli.asking import given, who
    from engine.usecases.measure import say_whether_useful

    if said not in ("yes", "no"):
        raise BadInput("is neither yes nor no", where=said, remedy="Say yes or no")
    settings = given()
    with wiring.ledger(settings) as ledger:
        now = wiring.instant(None)
        say_whether_useful(ledger, incident, about, useful=said == "yes", by=who(settings), now=now)


@contextmanager
def _observed(snapshot: Any, at: str | None) -> Iterator[tuple[Any, list[Any]]]:
    """The gate with the incidents it knows; with a snapshot, after observing it."""
    from engine import wiring
    from engine.core.incident import read_incident
    from engine.entrypoints.cli.asking import given
    from engine.usecases.observe import observe

    with wiring.gate(given(snapshot=snapshot), acting=True, needs_cluster=False) as gate:
        now = gate.instant(at)
        if gate.settings.snapshot is not None:
            observe(gate.ports, gate.signals(now), now=now)
        yield gate, gate.ports.ledger.run(lambda tx: [read_incident(d) for d in tx.select("incidents")])


def _evidence(gate: Gate, incident: Any) -> list[Evidence]:
    """All that a claim may cite: what its signals hold, and what was gathered when it was analysed."""
    from engine.usecases.situation import known_evidence

    return gate.ports.ledger.run(lambda tx: known_evidence(tx, incident))


def _document(gate: Gate, incident: Any) -> dict[str, Any]:
    from dataclasses import asdict

    evidence = [{"id": e.id, **asdict(e)} for e in _evidence(gate, incident)]
    return {**incident.as_document(), "evidence": evidence}


def _write(gate: Gate, incident: Any, records: Mapping[int, TrackRecord]) -> None:
    from engine.core.untrusted import one_line

    typer.echo(f"{incident.id}  {one_line(incident.key, limit=600)}")
    typer.echo(
        f"{incident.severity}, {incident.status}, {incident.incident_class or 'novel'}, seen {incident.occurrences}\n"
    )
    write_rows(["at", "what", ""], [[m.at, m.kind, m.text] for m in incident.timeline])
    typer.echo("")
    pieces = _evidence(gate, incident)
    write_rows(["evidence", "source", "what", "text"], [[e.id, e.source, e.kind, e.text] for e in pieces])
    analysis = incident.analysis or {}
    if analysis:
        _write_analysis(analysis, records)
    for option in analysis.get("options", []):
        label, title, why, why_not = (one_line(option[f], limit=600) for f in ("label", "title", "why", "why_not"))
        typer.echo(f"\n{label}  {title}\n   why: {why}\n   not: {why_not}")
        wrong, waiting = (one_line(option[f], limit=600) for f in ("cost_if_wrong", "cost_of_waiting"))
        typer.echo(f"   if wrong: {wrong}\n   waiting: {waiting}")


def _write_analysis(analysis: dict[str, Any], records: Mapping[int, TrackRecord]) -> None:
    """What may have happened, by whom, and why a model's answer was or wasn't used."""
    from engine.core.untrusted import one_line

    typer.echo(f"\nby {one_line(analysis['analyst'])}: {one_line(analysis['summary'], limit=700)}")
    for place, claim in enumerate(analysis["hypotheses"]):
        sure = "" if claim["confidence"] is None else f"; says it is {claim['confidence']:.0%} sure"
        cited = ", ".join(claim["evidence"])
        typer.echo(f"- {one_line(claim['claim'], limit=700)} [{cited}{sure}; {records[place].sentence}]")
    use = analysis.get("model")
    if not use:
        return
    verdict = "its answer is used" if use["stands"] else f"its answer isn't used: {one_line(use['because'], limit=600)}"
    spent = f"{use['tokens_in']} tokens in, {use['tokens_out']} out, queries: {', '.join(use['queries']) or 'none'}"
    typer.echo(f"model {one_line(use['name'])}: {verdict} ({spent}; {use['dropped']} claims dropped)")
