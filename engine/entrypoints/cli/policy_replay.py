"""``penstock policy replay``: what an edit of the policy would have changed, over everything that was ever decided."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from engine.entrypoints.cli.output import Form, say, write_json

if TYPE_CHECKING:
    from engine.core.flip import Acknowledgement
    from engine.core.record import Record
    from engine.settings import Settings
    from engine.usecases.compare_policies import SpaceReport
    from engine.usecases.replay import Report

WORKERS = 2
AHEAD = 256
STEP = 10_000

Candidate = Annotated[Path, typer.Option("--candidate", help="The policies folder that may come into force.")]
Since = Annotated[str, typer.Option(help="Only what was decided from this RFC 3339 instant on.")]
Export = Annotated[Path | None, typer.Option(help="Replay this export of a record, with no database.")]
Data = Annotated[Path | None, typer.Option(help="The data overlay that the candidate will have.")]
Spaced = Annotated[bool, typer.Option("--space", help="Compare over the space of inputs too, not over history alone.")]
Output = Annotated[Form, typer.Option("--output", "-o", help="How to write the answer.")]


def replay(
    candidate: Candidate,
    *,
    since: Since = "",
    export: Export = None,
    data: Data = None,
    space: Spaced = False,
    output: Output = Form.table,
) -> int:
    """Replay every recorded decision through a candidate policy, and say which would come out otherwise.

    The policy that decided has to give the recorded answer first. Exit codes: 0 nothing new is let through, 1 a new
    allow isn't in the candidate's change note or a decision can't be reproduced, 2 the candidate can't be read.

    Example: penstock policy replay --candidate policies --since 2026-11-01T00:00:00Z
    """
    from engine import wiring
    from engine.adapters.opa.change_note import read_change_note
    from engine.core.moment import format_instant, parse_instant
    from engine.settings import read_settings
    from engine.usecases import replay as replaying
    from engine.usecases.tell_replay import told

    settings = read_settings()
    settings = settings if data is None else replace(settings, data=data)
    start = format_instant(parse_instant(since, where="--since")) if since else ""
    note = read_change_note(candidate)
    with ExitStack() as held:
        engine = held.enter_context(wiring.candidate_policy(settings, candidate, say=say))
        recorded = wiring.kept_policies(settings, held)
        pasts = replaying.past_decisions(held.enter_context(_records(export)), since=start)
        found = replaying.replay(pasts, recorded, engine, mapped=_several_at_once)
        counted = replaying.with_progress(found, STEP, lambda count: say(f"{count} decisions replayed"))
        report = replaying.summarise(counted, note)
    compared = _compared(settings, candidate, note) if space else None
    if output is Form.json:
        write_json({**_document(report), **({"space": asdict(compared)} if compared else {})})
    else:
        markdown = output is Form.markdown
        lines = [*told(report, markdown=markdown), *(_space_lines(compared, markdown=markdown) if compared else [])]
        typer.echo("\n".join(lines))
    return 0 if report.holds and (compared is None or compared.holds) else 1


def _compared(settings: Settings, candidate: Path, note: Iterable[Acknowledgement]) -> SpaceReport:
    """The candidate held against the policy in force, over the space of the policy in force."""
    from engine import wiring
    from engine.entrypoints.cli import policy_search
    from engine.usecases.compare_policies import compare

    folder = settings.policies or wiring.shipped("policies")
    made = wiring.policy_space(folder, wiring.policy_corpus(folder))
    with policy_search.panel(settings, made, folder, candidate) as panel:
        return compare(made, panel, note, say=say)


def _space_lines(compared: SpaceReport, *, markdown: bool) -> list[str]:
    order = ("new allow", "laxer", "other", "stricter")
    bullet = "- " if markdown else "  "
    regions = sorted(compared.regions, key=lambda region: (order.index(region.direction), -region.count))
    lines = ["", f"{compared.compared} inputs of the space compared, {len(regions)} regions come out otherwise"]
    lines += [f"{bullet}exhausted  {told}" for told in compared.exhausted]
    for region in regions:
        meant = f" (meant, says the change note: {region.acknowledged})" if region.acknowledged else ""
        lines.append(f"{bullet}{region.direction}: {region.sentence} [{region.count}]{meant}")
    if compared.untold:
        lines.append(f"{compared.untold} more of these come out otherwise where several values are unusual at once")
    if compared.errors:
        lines.append(f"{len(compared.errors)} got no answer, for example: {compared.errors[0]}")
    if not compared.holds:
        lines.append("something in the space is newly allowed, or unanswered, and no line of change-note.yaml means it")
    return lines


def _several_at_once(one: Callable[[Any], Any], pasts: Iterable[Any]) -> Iterator[Any]:
    """In order, a few threads at work and a bounded number ahead: the evaluator lets go of the interpreter."""
    from collections import deque
    from concurrent.futures import Future, ThreadPoolExecutor

    with ThreadPoolExecutor(WORKERS) as pool:
        waiting: deque[Future[Any]] = deque()
        for past in pasts:
            waiting.append(pool.submit(one, past))
            if len(waiting) >= AHEAD:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


@contextmanager
def _records(export: Path | None) -> Iterator[Iterator[Record]]:
    from engine.entrypoints.cli.audit import records_of

    with records_of(export) as records:
        yield records


def _document(report: Report) -> dict[str, Any]:
    from engine.usecases.tell_replay import ordered

    return {
        "holds": report.holds,
        "replayed": report.replayed,
        "reproduced": report.reproduced,
        "not_reproduced": {"count": report.unlike_count, "examples": report.unlike},
        "flips": [
            {**asdict(g.flip), "count": g.count, "acknowledged": g.acknowledged, "examples": g.examples}
            for g in ordered(report)
        ],
    }
