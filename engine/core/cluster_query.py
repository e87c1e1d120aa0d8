"""Vetted questions to the cluster and to Git, in the few words that a runbook may put them in.

A source that takes any sentence would be one more way to say anything. So the words are a closed grammar, checked when
a runbook is read: which kinds, and clauses that narrow them. What a clause names is a typed parameter of the query.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

PLURALS: Mapping[str, str] = {
    "pods": "Pod",
    "replicasets": "ReplicaSet",
    "jobs": "Job",
    "events": "Event",
    "nodes": "Node",
    "applications": "Application",
    "vulnerabilityreports": "VulnerabilityReport",
    "policyreports": "PolicyReport",
    "reports": "Report",
    "certificaterequests": "CertificateRequest",
    "orders": "Order",
    "challenges": "Challenge",
    "objects": "",
}
_CLAUSES: Mapping[str, str] = {
    "newest_of": "of the newest replicaset of",
    "about_pods_of": "about pods of",
    "owned_by": "owned by",
    "created_since": "created since",
    "mounting": "that mount",
    "making": "that make",
    "named": "named",
    "about": "about",
    "inside": "in",
    "of": "of",
    "on": "on",
}
_NAME = r"[A-Za-z0-9][A-Za-z0-9:./-]*"
_CLAUSE = re.compile("|".join(rf"(?: {words} (?P<{name}>{_NAME}))" for name, words in _CLAUSES.items()))
_REASONS = re.compile(r" with reason (?P<reasons>[A-Za-z]+(?: or [A-Za-z]+)*)")
_MANAGERS = " with managers"
_KINDS = re.compile(r"[a-z]+(?:, [a-z]+)*(?: and [a-z]+)?(?= |$)")
_LOG = re.compile(
    r"log --since (?P<since>\S+)(?P<gone> --diff-filter DR)? -- (?P<path>(?!.*\.\.)[A-Za-z0-9][A-Za-z0-9._/-]*)"
)


@dataclass(frozen=True, slots=True)
class ClusterQuestion:
    """Which objects: of ``kinds``, and for each clause that is there, what it names. No kind is any."""

    kinds: tuple[str, ...]
    clauses: Mapping[str, str]
    reasons: tuple[str, ...] = ()
    managers: bool = False


@dataclass(frozen=True, slots=True)
class GitQuestion:
    """Which commits: since an instant, that changed what lies at a path; ``gone``: that took something away there."""

    since: str
    path: str
    gone: bool


def cluster_question(text: str) -> ClusterQuestion | None:
    """What a text asks of the cluster; ``None`` for one that isn't in these words."""
    kinds = _KINDS.match(text)
    named = re.split(r", | and ", kinds[0]) if kinds else []
    if kinds is None or not all(name in PLURALS for name in named):
        return None
    rest, clauses, reasons, managers = text[kinds.end() :], dict[str, str](), "", False
    while rest:
        found = _REASONS.match(rest) or _CLAUSE.match(rest)
        if found is not None:
            said = {name: value for name, value in found.groupdict().items() if value is not None}
            reasons = said.pop("reasons", reasons)
            if said.keys() & clauses.keys():
                return None
            clauses |= said
            rest = rest[found.end() :]
        elif rest == _MANAGERS:
            managers, rest = True, ""
        else:
            return None
    kept = tuple(PLURALS[name] for name in named if PLURALS[name])
    return ClusterQuestion(kept, clauses, tuple(reasons.split(" or ")) if reasons else (), managers)


def git_question(text: str) -> GitQuestion | None:
    """What a text asks of Git; ``None`` for one that isn't in these words."""
    found = _LOG.fullmatch(text)
    return GitQuestion(found["since"], found["path"], found["gone"] is not None) if found else None
