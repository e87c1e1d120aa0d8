"""Then: what policy would say on either side of a number, asked about the recorded input with that number put in.

A table of numbers is asked at once; each question goes to the real policy, and nothing is proposed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from copy import deepcopy
from typing import Any

from pytest_bdd import parsers, then

from engine.core.corpus import End, end_of
from tests.features.night import Night

Document = dict[str, Any]
Table = list[list[str]]


def _base(night: Night) -> Document:
    """The recorded input, by a person, with nothing in it that any rule has something against."""
    night.notes["before asking"] = night.standing()
    document = deepcopy(night.records("input")[0].body)
    document["facts"]["blast"].update(
        pods=1, pods_percent=1, workloads=1, namespaces=1, dependents=0, critical_dependents=0, unknown=[]
    )
    return document


def _rows(datatable: Table) -> Iterator[dict[str, str]]:
    heads, *rows = datatable
    return (dict(zip(heads, row, strict=True)) for row in rows)


def _as(document: Document, kind: str, environment: str, criticality: str = "critical") -> Document:
    asked = deepcopy(document)
    asked["action"].update(kind=kind)
    asked["facts"]["target"].update(environment=environment, criticality=criticality)
    return asked


@then(parsers.parse("each kind of action would count as, in {environment}:"))
def kinds(night: Night, environment: str, datatable: Table) -> None:
    document = _base(night)
    found = {kind: night.ask(_as(document, kind, environment)).risk for kind, _ in datatable}
    assert found == dict(datatable)


@then("this many people would be asked:")
def matrix(night: Night, datatable: Table) -> None:
    document = _base(night)
    for row in _rows(datatable):
        said = night.ask(_as(document, row["action"], row["environment"], row["criticality"]))
        missing = {lacking.role: lacking.count for lacking in said.approvals.missing}
        found = missing.get("team:team-payments", 0), missing.get("team:team-platform", 0)
        assert found == (int(row["owner"]), int(row["platform"])), row


@then("one more than the most of these is refused, and the most isn't:")
def reach(night: Night, datatable: Table) -> None:
    document = _base(night)
    for row in _rows(datatable):
        at, past = (_reaching(document, row, int(row["most"]) + more) for more in (0, 1))
        assert not _refused(night, at, "blast_radius/"), row
        assert _refused(night, past, "blast_radius/"), row


def _reaching(document: Document, row: dict[str, str], count: int) -> Document:
    asked = _as(document, "rollback_workload", row["environment"])
    if row["reached"] == "pods_percent":
        asked["facts"]["blast"]["workloads"] = 2
    asked["facts"]["blast"][row["reached"]] = count
    return asked


def _refused(night: Night, document: Document, area: str) -> bool:
    return any(violation.rule.startswith(area) for violation in night.ask(document).violations)


def _scaled(before: int) -> Callable[[Document, int], None]:
    def scale(document: Document, after: int) -> None:
        document["action"]["kind"] = "scale_workload"
        document["facts"]["scale"] = {"before": before, "after": after}

    return scale


def _vulnerable(document: Document, count: int) -> None:
    document["action"]["kind"] = "set_image"
    image = {"changes": True, "registry": "registry.example.com", "known_before": False}
    document["facts"]["image"] = {**image, "critical_vulnerabilities": count}


def _changing(figure: str) -> Callable[[Document, int], None]:
    return lambda document, count: document["change"].update({figure: count})


def _by_agent(name: str) -> Callable[[Document, int], None]:
    def put(document: Document, count: int) -> None:
        document["proposer"].update(id="agent:triage", kind="agent")
        document["facts"]["open"][name] = count

    return put


def _felt(**fixed: int) -> Callable[[Document, int], None]:
    def feel(document: Document, count: int) -> None:
        figure = "pods" if fixed.get("pods") == 0 else "pods_percent"
        document["facts"]["blast"].update({**fixed, figure: count})

    return feel


NUMBERS: dict[str, Callable[[Document, int], None]] = {
    "replicas from 40": _scaled(40),
    "replicas from 5": _scaled(5),
    "critical vulnerabilities": _vulnerable,
    "files changed": _changing("files"),
    "lines changed": _changing("lines"),
    "seconds since people rejected it": _by_agent("rejected_age_seconds"),
    "seconds since it was last done": _by_agent("same_action_age_seconds"),
    "pull requests that wait": _by_agent("pull_requests"),
    "pull requests opened lately": _by_agent("opened_lately"),
    "share of the pods for a safe one": _felt(workloads=1),
    "pods for a safe one": _felt(pods=0),
}


@then("just past each of these it is stricter, and at it it isn't:")
def others(night: Night, datatable: Table) -> None:
    document = _as(_base(night), "restart_workload", "staging")
    for row in _rows(datatable):
        usual, at, past = (_end(night, document, row["number"], text) for text in (None, row["at"], row["past"]))
        assert _strictness(at) <= _strictness(usual), (row, usual, at)
        assert _strictness(past) > _strictness(at), (row, at, past)


def _end(night: Night, document: Document, number: str, value: str | None) -> End:
    asked = deepcopy(document)
    put = NUMBERS[number]
    put(asked, int(value) if value is not None else _harmless(number))
    return end_of(night.ask(asked))


def _harmless(number: str) -> int:
    """A value that nothing has anything against."""
    if number.startswith("seconds"):
        return 10_000_000
    return {"replicas from 40": 40, "replicas from 5": 5}.get(number, 0)


def _strictness(end: End) -> tuple[int, int, int]:
    return ("allow", "require_approval", "deny").index(end.outcome), end.tier, sum(count for _, count in end.missing)


@then("nothing was opened, merged or spent by asking")
def nothing_by_asking(night: Night) -> None:
    assert night.notes["before asking"] == night.standing()
