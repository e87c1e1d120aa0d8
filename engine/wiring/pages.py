"""Pages that are made by asking policy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engine.settings import read_settings
from engine.wiring.policies import candidate_policy
from engine.wiring.tools import Say, quiet, shipped

if TYPE_CHECKING:
    from engine.core.decision import Verdict
    from engine.core.policy_matrix import Matrix
    from engine.core.rule_example import Example
    from engine.ports import PolicyEngine


def policy_page(policies: Path | None, data: Path | None, instant: str, *, say: Say = quiet) -> tuple[Matrix, str]:
    """What may happen by a policies folder with an overlay at ``instant``, and the revision that was asked.

    The inputs are made from the folder's own ``invariants``, or from the shipped ones where it has none.
    """
    settings = read_settings()
    settings = replace(settings, data=data or settings.data)
    folder = policies or settings.policies or shipped("policies")
    with candidate_policy(settings, folder, say=say) as engine:
        return page_of(engine, folder, instant), engine.identity().revision


def page_of(engine: PolicyEngine, folder: Path, instant: str) -> Matrix:
    """What may happen by a policy that was loaded already, with inputs made as for :func:`policy_page`."""
    from engine.adapters.opa.space_files import FOLDER, UNKNOWN_KIND, read_space
    from engine.core import canonical
    from engine.core.moment import parse_instant, time_facts
    from engine.core.policy_matrix import matrix
    from engine.core.policy_space import KIND

    space = read_space(folder if (folder / FOLDER).is_dir() else shipped("policies"))
    kinds = {choice.label: choice.edits for choice in space.named(KIND).choices if choice.label != UNKNOWN_KIND}
    zones = engine.data("calendar").get("zones", ())
    base = {**space.base, "time": time_facts(parse_instant(instant, where="--at"), zones)}

    def ask(document: Mapping[str, Any]) -> Verdict:
        return engine.decide(canonical.encode(document))

    return matrix(base, kinds, _places(engine.data("autonomy"), engine.data("windows")), ask)


def _places(autonomy: Mapping[str, Any], windows: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The places that the data has something to say of; only where to ask, never what the answer is."""
    named = (autonomy.get("opt_in", {}), autonomy.get("phases", {}).get("namespaces", {}))
    found = {(cluster, namespace) for told in named for cluster, inner in told.items() for namespace in inner}
    scopes = [freeze.get("scope") for freeze in windows.get("freezes", {}).values() if isinstance(freeze, dict)]
    for scope in scopes:
        if isinstance(scope, dict):
            found |= set(product(_words(scope.get("cluster")), _words(scope.get("namespace"))))
    return sorted(found - {("", "")})


def _words(said: Any) -> list[str]:
    """One value or a list of them; ``""`` stands for any."""
    return [str(word) for word in said] if isinstance(said, list) else ["" if said is None else str(said)]


def rule_examples(policies: Path | None, rules: Sequence[str], *, say: Say = quiet) -> dict[str, Example]:
    """An input in which each rule speaks, and one in which it doesn't; none for a folder without ``invariants``."""
    from engine.adapters.opa.space_files import FOLDER, read_space
    from engine.core import canonical
    from engine.core.rule_example import examples
    from engine.wiring.policies import policy_in_world

    settings = read_settings()
    folder = policies or settings.policies or shipped("policies")
    if not (folder / FOLDER).is_dir():
        return {}
    with policy_in_world(settings, folder, say=say) as engine:
        return examples(read_space(folder), rules, lambda document: engine.decide(canonical.encode(document)))
