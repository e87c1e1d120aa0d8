"""The explanation: one tree of sentences that every surface renders, so that none tells a different story.

The terminal, the pull request, the check, the console and the log show these nodes; they differ only in ink.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import groupby

from engine.core.decision import Decision, RuleResult

RISK_WORDS = {"none": "no risk", "safe": "safe", "moderate": "moderate", "advanced": "advanced"}


@dataclass(frozen=True, slots=True)
class Node:
    """A sentence with a status: ``ok``, ``no``, ``ask`` or ``info``."""

    status: str
    text: str
    children: tuple[Node, ...] = field(default=())


def explain(decision: Decision) -> Node:
    """The tree of a decision: headline, what refused or is asked, the way to allow, then every rule by area."""
    children = [*_violations(decision), *_approvals(decision), *_reviews(decision)]
    children += [*_exceptions(decision), *_path(decision)]
    children.append(Node("info", "Rules asked", tuple(_areas(decision))))
    return Node(_status(decision), headline(decision), tuple(children))


def headline(decision: Decision) -> str:
    """One sentence: the outcome first, then the tier."""
    tier = f"tier {decision.tier}, {RISK_WORDS[decision.risk]}"
    if decision.outcome == "deny":
        rules = sorted({v.rule for v in decision.violations})
        return f"Refused ({tier}) by {', '.join(rules) or 'the absence of any rule that permits it'}"
    if decision.outcome == "require_approval":
        wanted = ", ".join(f"{w.count} of {w.role}" for w in decision.approvals.missing)
        return f"Needs approval ({tier}): {wanted}"
    alone = "" if decision.approvals.required else ", and may merge alone"
    shadow = "" if decision.mode == "enforce" else f"; {decision.mode} mode, so nothing is opened"
    return f"Allowed ({tier}){alone}{shadow}"


def _status(decision: Decision) -> str:
    return {"allow": "ok", "deny": "no", "require_approval": "ask"}[decision.outcome]


def _violations(decision: Decision) -> list[Node]:
    return [
        Node("no", f"{v.rule}: {v.message}", (*_quotes(decision, v.rule), Node("info", v.remedy)))
        for v in sorted(decision.violations, key=lambda v: v.rule)
    ]


def _quotes(decision: Decision, rule: str) -> list[Node]:
    return [Node("info", f"{quote.by} said: {quote.text}") for quote in decision.quotes if quote.rule == rule]


def _approvals(decision: Decision) -> list[Node]:
    asked = [Node("ask", f"{w.rule}: {w.count} more of {w.role}") for w in decision.approvals.missing]
    met = [Node("ok", f"{s.rule}: {s.role} by {', '.join(s.by)}") for s in decision.approvals.satisfied]
    return asked + met


def _reviews(decision: Decision) -> list[Node]:
    """Whose word counted, and why another's didn't."""
    said = tuple(Node("ok" if r.counts else "info", f"{r.approver}: {r.because}") for r in decision.reviews)
    return [Node("info", "Reviews", said)] if said else []


def _exceptions(decision: Decision) -> list[Node]:
    return [
        Node("info", f"{used.rule} was set aside by exception {used.id} ({used.ticket}, until {used.expires})")
        for used in decision.exceptions
    ]


def _path(decision: Decision) -> list[Node]:
    steps = tuple(Node("info", step) for step in decision.path_to_allow)
    return [Node("info", "What would make it allowed", steps)] if steps else []


def _areas(decision: Decision) -> list[Node]:
    def area(result: RuleResult) -> str:
        return result.rule.split("/", 1)[0]

    nodes = []
    for name, found in groupby(sorted(decision.rules, key=lambda r: r.rule), key=area):
        results = list(found)
        spoke = tuple(_rule(result) for result in results if result.status != "passed")
        worst = next((s for s in ("no", "ask", "info") if s in {node.status for node in spoke}), "ok")
        passed = len(results) - len(spoke)
        nodes.append(Node(worst, f"{name}: {passed} of {len(results)} passed", spoke))
    return nodes


def _rule(result: RuleResult) -> Node:
    status = {"refused": "no", "asks": "ask"}.get(result.status, "info")
    return Node(status, f"{result.rule} {result.status}: {result.message or result.title}")


MARKS = {"ok": "✓", "no": "✗", "ask": "?", "info": "·"}


def as_lines(node: Node, depth: int = 0) -> list[str]:
    """The tree as plain text, two spaces a level."""
    lines = [f"{'  ' * depth}{MARKS[node.status]} {node.text}"]
    for child in node.children:
        lines.extend(as_lines(child, depth + 1))
    return lines
