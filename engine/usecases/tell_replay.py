"""Tell what a replay found, in the same words at a shell and beside a pull request."""

from __future__ import annotations

from engine.usecases.replay import Group, Report


def ordered(report: Report) -> list[Group]:
    """The flips that matter most first."""
    order = ("new allow", "laxer", "other", "stricter")
    return sorted(report.groups.values(), key=lambda g: (order.index(g.flip.direction), -g.count, repr(g.flip)))


def told(report: Report, *, markdown: bool) -> list[str]:
    """What a replay found, in lines."""
    flipped = sum(group.count for group in report.groups.values())
    head = f"{report.replayed} decisions replayed, {report.reproduced} reproduced, {flipped} would come out otherwise"
    lines = [f"**{head}**" if markdown else head]
    if report.unlike_count:
        lines.append(f"{report.unlike_count} could not be reproduced, so nothing is said of them:")
        lines += [f"  {each['decision']}: {each['why']}" for each in report.unlike]
    for group in ordered(report):
        lines += _group_lines(group, markdown=markdown)
    if report.unexplained:
        count = sum(group.count for group in report.unexplained)
        lines.append(f"{count} would newly be allowed and no line of change-note.yaml says that this is meant")
    return lines


def _group_lines(group: Group, *, markdown: bool) -> list[str]:
    flip, place = group.flip, group.flip.place
    tiers = f"tier {flip.tiers[0]}" if flip.tiers[0] == flip.tiers[1] else f"tier {flip.tiers[0]} → {flip.tiers[1]}"
    where = f"{place.environment}, {place.kind}, class {place.incident_class}, at {place.stage}, {tiers}"
    bullet = "- " if markdown else "  "
    lines = ["", f"{bullet}{group.count} × {flip.direction}: {flip.outcomes} ({where})"]
    rules = [("no longer", flip.lost), ("now", flip.gained)]
    lines += [f"    {word} speaking: {', '.join(names)}" for word, names in rules if names]
    if group.acknowledged:
        lines.append(f"    meant, says the change note: {group.acknowledged}")
    lines.append(
        "    for example " + ", ".join(f"{e['decision']} ({e['proposal']}, {e['at']})" for e in group.examples)
    )
    return lines
