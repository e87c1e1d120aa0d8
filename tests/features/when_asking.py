"""When: policy is asked about what this gate itself would never send: a question somebody tampered with or garbled.

The document is the recorded one of this night's last proposal, altered in one place; the policy is the real one.
"""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from typing import Any

from pytest_bdd import parsers, then, when

from tests.features.night import Night

Document = dict[str, Any]


def _found(document: Document) -> None:
    document["findings"] = [
        {"source": "scanner", "check": "runs as root", "severity": "critical", "is_new": True, "line": None}
    ]


def _unweighed(document: Document) -> None:
    document["findings"] = [
        {"source": "checkov", "check": "CKV_NEW_1", "severity": "warning", "is_new": True, "line": 12}
    ]


def _reaching(**settings: Any) -> Callable[[Document], Any]:
    return lambda document: document["manifests"]["after"].update(settings)


def _privileged(*sides: str) -> Callable[[Document], Any]:
    def alter(document: Document) -> None:
        for side in sides:
            document["manifests"][side]["containers"][0]["privileged"] = True

    return alter


ALTERATIONS: dict[str, Callable[[Document], Any]] = {
    "nothing altered": lambda d: d,
    "a critical finding of a scanner": _found,
    "a warning of a check that nobody has weighed": _unweighed,
    "a scanner that didn't answer in time": lambda d: d["change"].update(
        built=False, verified=False, refusal="scan_timeout"
    ),
    "a privileged container": _privileged("after"),
    "a privileged container that was there before": _privileged("before", "after"),
    "the network of the node": _reaching(host_network=True),
    "a folder of the node": _reaching(host_paths=["/var/run"]),
    "an object that can't be read whole": _reaching(complete=False),
    "a version that nobody knows": lambda d: d.update(schema_version="99"),
    "a stage that nobody knows": lambda d: d.update(stage="deploy"),
    "no facts about the target": lambda d: d["facts"].pop("target"),
    "no word on the switch": lambda d: d.update(switch={}),
    "an edit outside the permitted tree": lambda d: d["change"].update(outside_tree=True),
    "an edit that renders to something else": lambda d: d["change"].update(verified=False),
    "no receipt, at the door of the cluster": lambda d: d.update(stage="admission", receipt=None),
}


@when(parsers.parse("policy is asked about it with {alteration}"))
def ask(night: Night, alteration: str) -> None:
    night.before = night.standing()
    document = deepcopy(night.records("input")[-1].body)
    ALTERATIONS[alteration](document)
    night.ask(document)


@then("nothing is said of the node")
def nothing_of_the_node(night: Night) -> None:
    assert night.verdict is not None
    assert not [said for said in night.verdict.violations if "the node" in said.message]
