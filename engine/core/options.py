"""Options: what the runbook permits for this incident, ranked; always with watching and with calling people.

The order is the runbook's, which is an experienced responder's; evidence that an option names moves it to the
front. So a release just before puts the rollback first, and a restart stays what it is: a way to buy time.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from string import ascii_uppercase
from typing import Any

from engine.core.action.catalogue import CATALOGUE
from engine.core.action_option import ActionOption
from engine.core.analysis import Analysis, Option, OptionAction, Withheld, check_analysis
from engine.core.brief import Brief
from engine.core.errors import AnalysisRefused
from engine.core.proposal import TargetReference
from engine.core.runbook import Runbook

_NOVEL_ROLE = "senior"


@dataclass(frozen=True, slots=True)
class Offer:
    """Options in order of recommendation, and those of the runbook that can't be offered here."""

    options: list[Option]
    withheld: list[Withheld]


def offer(brief: Brief) -> Offer:
    """The options of a brief. A novel incident, having no runbook, has two: people, and watching until they come."""
    if brief.runbook is None:
        return Offer(_lettered([_novel_escalation(brief), _novel_watch()]), [])
    runbook = brief.runbook
    found: list[tuple[bool, Option]] = []
    withheld: list[Withheld] = []
    for one in runbook.actions:
        option = _option(one, runbook, brief)
        if isinstance(option, Withheld):
            withheld.append(option)
        else:
            first = bool(one.first_when) and set(one.first_when) <= set(brief.flags)
            found.append((first, option))
    ranked = [o for first, o in found if first] + [o for first, o in found if not first]
    return Offer(_lettered([*ranked, _watch(runbook), _escalation(runbook, brief)]), withheld)


def accept_analysis(document: Mapping[str, Any], brief: Brief) -> Analysis:
    """An analyst's answer to a brief, held against it. Raises an :class:`~engine.core.errors.AnalysisRefused`."""
    evidence = {piece.id for piece in brief.evidence}
    analysis = check_analysis(document, evidence=evidence, offered=offer(brief).options)
    if analysis.incident != brief.incident.id:
        raise AnalysisRefused("it is about another incident", where=f"analysis by {analysis.analyst}")
    return analysis


def _option(one: ActionOption, runbook: Runbook, brief: Brief) -> Option | Withheld:
    if not one.when.hold(brief.flags):
        missing = sorted(set(one.when.all) - set(brief.flags))
        against = sorted(set(one.when.none) & set(brief.flags))
        said = [f"not found: {', '.join(missing)}"] * bool(missing) + [f"found: {', '.join(against)}"] * bool(against)
        return Withheld(title=one.title, because="; ".join(said).replace("_", " "))
    target = _target(one, brief)
    if target is None:
        return Withheld(title=one.title, because=f"the incident involves no {one.target or 'object that it fits'}")
    if runbook.do_not_touch.covers(target.kind, target.namespace, target.name):
        return Withheld(title=one.title, because=f"the runbook says not to touch {target.kind} {target.name}")
    try:
        params = one.filled(brief.values)
    except KeyError as missing_value:
        return Withheld(title=one.title, because=f"{missing_value.args[0].replace('_', ' ')} isn't known")
    return Option(
        label="A",
        title=one.title,
        role=one.role,
        action=OptionAction(kind=one.kind, target=target, params=params),
        why=one.why,
        why_not=one.why_not,
        cost_if_wrong=one.cost_if_wrong,
        cost_of_waiting=one.cost_of_waiting or runbook.cost_of_waiting,
        evidence=_supporting(one, brief),
    )


def _target(one: ActionOption, brief: Brief) -> TargetReference | None:
    """The root, or else the one object of the wanted kind that the incident involves; of several, none."""
    kinds = CATALOGUE[one.kind].targets
    root = brief.incident.root
    if one.target is None:
        return root if not kinds or root.kind in kinds else None
    if root.kind == one.target:
        return root
    named = [member for member in brief.incident.members if member.kind == one.target]
    return named[0] if len(named) == 1 else None


def _supporting(one: ActionOption, brief: Brief) -> list[str]:
    """What speaks for an option: the changes it answers, or else the newest signs of the trouble itself."""
    if {"recent_change", "recent_image_change", "recent_config_change"} & {*one.first_when, *one.when.all}:
        return [change.evidence for change in brief.changes][:3]
    return [piece.id for piece in brief.evidence if piece.kind != "change"][:3]


def _watch(runbook: Runbook) -> Option:
    return Option(
        label="A",
        title="Do nothing and watch",
        role="watch",
        action=None,
        why=runbook.watch.why,
        why_not=runbook.watch.why_not,
        cost_if_wrong=runbook.cost_of_waiting,
        cost_of_waiting=runbook.cost_of_waiting,
    )


def _escalation(runbook: Runbook, brief: Brief) -> Option:
    role = runbook.escalation.role.rpartition(":")[2]
    return Option(
        label="A",
        title=f"Escalate to {runbook.escalation.role.replace(':', ' ')}",
        role="escalate",
        action=OptionAction(kind="escalate", target=brief.incident.root, params={"to": role}),
        why=runbook.escalation.text,
        why_not="It wakes somebody, and they need minutes to get an overview.",
        cost_if_wrong="A person's sleep; nothing in the system changes.",
        cost_of_waiting=runbook.cost_of_waiting,
    )


def _novel_escalation(brief: Brief) -> Option:
    return Option(
        label="A",
        title="Escalate to senior people",
        role="escalate",
        action=OptionAction(kind="escalate", target=brief.incident.root, params={"to": _NOVEL_ROLE}),
        why="No runbook fits these signals, so nobody has agreed beforehand what helps.",
        why_not="It wakes somebody, and they need minutes to get an overview.",
        cost_if_wrong="A person's sleep; nothing in the system changes.",
        cost_of_waiting="What is unknown can't be estimated; assume that it gets worse.",
    )


def _novel_watch() -> Option:
    return Option(
        label="A",
        title="Do nothing and watch",
        role="watch",
        action=None,
        why="An action that nobody has thought through can make an unknown trouble worse.",
        why_not="Nothing says that it ends by itself.",
        cost_if_wrong="The trouble grows while nobody acts.",
        cost_of_waiting="What is unknown can't be estimated; assume that it gets worse.",
    )


def _lettered(options: list[Option]) -> list[Option]:
    return [o.model_copy(update={"label": letter}) for o, letter in zip(options, ascii_uppercase, strict=False)]
