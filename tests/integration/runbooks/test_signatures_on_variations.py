"""How the signatures fare on faults that they weren't written from: the documentation's table is what came out."""

from __future__ import annotations

from collections import Counter

import pytest

from engine.adapters.llm.signatures import SignatureAnalyst
from engine.adapters.runbooks.folder import load_runbooks
from engine.adapters.signals.kubernetes import read_kubernetes
from engine.core.brief import make_brief
from engine.core.classification import RunbookIndex
from engine.core.facts.cluster_view import ClusterView
from engine.core.grouping import group
from engine.core.incident import Incident
from engine.core.options import accept_analysis
from engine.core.recent_change import rollouts
from tests.conftest import ROOT
from tests.integration.runbooks.variations import NOW, VARIATIONS, Objects, Variation, varied

INDEX = RunbookIndex(load_runbooks(ROOT / "runbooks"))
BEGIN, END = "<!-- variations -->\n", "<!-- /variations -->"


def incidents(objects: Objects, now: str = NOW) -> list[Incident]:
    return group(read_kubernetes({"kind": "List", "apiVersion": "v1", "items": objects}, "prod-eu", now, None), INDEX)


def about(variation: Variation, found: list[Incident]) -> Incident | None:
    """The incident at its root, beside those of signals that always stand alone."""
    mine = [one for one in found if f"{one.root.kind}/{one.root.name}".startswith(variation.root) and not one.lane]
    return mine[0] if len(mine) == 1 else None


def first_option(incident: Incident, objects: Objects, now: str = NOW) -> str:
    kinds: dict[str, list[dict[str, object]]] = {}
    for one in objects:
        kinds.setdefault(str(one["kind"]), []).append(one)
    view = ClusterView("prod-eu", kinds)
    changes = rollouts(view, incident.root)
    book = INDEX.get(incident.incident_class)
    brief = make_brief(incident, book, changes=changes, view=view, at=now)
    analysis = accept_analysis(SignatureAnalyst().analyse(brief.as_document()), brief)
    return analysis.options[0].title


def row(variation: Variation) -> tuple[str, str, str, str, str]:
    objects = varied(variation)
    found = about(variation, incidents(objects))
    came = "no incident of it" if found is None else found.incident_class or "novel"
    wanted = variation.expected or "novel"
    word = "right" if came == wanted else "novel" if came == "novel" else "wrong"
    return variation.name, wanted, came, word, "" if found is None else first_option(found, objects)


def table(rows: list[tuple[str, str, str, str, str]]) -> str:
    heads = ("fault", "ought to be", "came out as", "which is", "first option")
    lines = [heads, ("---",) * 5, *rows]
    words = Counter(one[3] for one in rows)
    said = ", ".join(f"{words[word]} {word}" for word in ("right", "novel", "wrong"))
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) + f"\n\nOf {len(rows)}: {said}.\n"


def test_the_documentation_says_what_came_out_misses_included(capsys: pytest.CaptureFixture[str]) -> None:
    found = table([row(one) for one in VARIATIONS])
    with capsys.disabled():
        print(f"\n{found}")
    said = (ROOT / "docs" / "analysis.md").read_text().split(BEGIN)[1].split(END)[0]
    assert said == found


def test_only_the_known_miss_is_taken_for_another_class() -> None:
    """A class that doesn't fit lends its runbook to the wrong trouble; novel only means that people look first."""
    wrong = [one[:3] for one in map(row, VARIATIONS) if one[3] == "wrong"]
    assert wrong == [("volume attached elsewhere", "novel", "failing-readiness")]
