"""An answer to a command as the tree that every surface renders."""

from __future__ import annotations

from engine.core.command.answer import ActionAnswer, CommandAnswer, CommandPart
from engine.core.explanation import Node, explain
from engine.core.proposal import ActionRequest

_HEADLINES = {
    "read_only": ("ok", "It only reads; it may be run as it is"),
    "allow": ("ok", "Allowed as proposals; don't run it, propose it"),
    "require_approval": ("ask", "Needs approval; don't run it, propose it"),
    "deny": ("no", "Policy refuses what it asks for"),
    "refused": ("no", "Refused; nothing in it was decided on"),
}


def explain_command(answered: CommandAnswer) -> Node:
    """Headline, each simple command, then each decision."""
    status, headline = _HEADLINES[answered.outcome]
    parts = [_part(part) for part in answered.commands]
    return Node(status, headline, (*parts, *(_decision(one) for one in answered.answers)))


def _part(part: CommandPart) -> Node:
    if part.refusal is not None:
        where = f" ({part.refusal.where})" if part.refusal.where else ""
        text = f"{part.command}: {part.refusal.message}{where} [{part.refusal.code}]"
        return Node("no", text, (Node("info", part.refusal.remedy),))
    if part.command_class == "read_only":
        return Node("ok", f"{part.command}: only reads")
    return Node("info", f"{part.command}: asks for {', '.join(_named(action) for action in part.actions)}")


def _decision(one: ActionAnswer) -> Node:
    tree = explain(one.decision)
    proposal = f" ({one.proposal})" if one.proposal else ""
    return Node(tree.status, f"{_named(one.action)}{proposal}: {tree.text}", tree.children)


def _named(action: ActionRequest) -> str:
    about = action.target
    return f"{action.kind} {about.kind} {about.namespace}/{about.name}".replace(" /", " ")
