"""The file in Git that says which plan of a workspace may be applied; merging it is the approval.

The pipeline holds what it is about to apply against it. The file is made from the action, so nothing in it can differ
from what was decided.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import orjson

from engine.core import canonical
from engine.core.errors import BadInput, StalePlan
from engine.core.terraform.state import StateMark

_WORKSPACE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")


def path_of(workspace: str) -> str:
    """Where the approved plan of a workspace is kept. Raises :class:`BadInput` for a name that is no single folder."""
    if not _WORKSPACE.fullmatch(workspace):
        remedy = "Use letters, digits, dot, dash and underscore"
        raise BadInput("is no name of a workspace", where="workspace", remedy=remedy)
    return f"terraform/{workspace}/approved-plan.json"


def write_approved(params: Mapping[str, Any], action_digest: str) -> bytes:
    """The file's bytes for an action's parameters: one resource a line, so that a review shows each."""
    document = {**params, "action": action_digest}
    return orjson.dumps(document, option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS) + b"\n"


def read_approved(text: bytes, *, where: str) -> dict[str, Any]:
    """What :func:`write_approved` wrote. Raises :class:`BadInput` for anything else."""
    document = canonical.parse(text, where=where)
    known = isinstance(document, dict) and all(isinstance(document.get(key), str) for key in ("plan", "action"))
    if not known or type(document.get("serial")) is not int or not isinstance(document.get("lineage"), str):
        raise BadInput("is no approved plan", where=where, remedy="Restore it from Git's history")
    return dict(document)


def refuse_stale(approved: Mapping[str, Any], state: StateMark, *, where: str) -> None:
    """Raises :class:`StalePlan` when a plan against ``state`` is older than the approved one, or of another state."""
    known = StateMark(approved["lineage"], approved["serial"])
    if known.lineage not in ("", state.lineage):
        remedy = "Remove the approved plan by a reviewed change if the state was made anew on purpose"
        raise StalePlan(
            "the plan was made against another state than the one approved last", where=where, remedy=remedy
        )
    if state.serial < known.serial:
        message = f"the plan was made against state {state.serial}, and one against {known.serial} was approved since"
        raise StalePlan(message, where=where, remedy="Plan again against the current state")
