"""Answer those of a runbook's queries that cluster and Git have the answer to, from what an analysis reads anyway.

They are answered before the analyst is asked, while nobody else uses the repository, and each within a bound. What is
read of the cluster is what facts are derived from, and a few kinds besides that no fact needs: the code lists them, and
no query can widen that.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise

from engine.core.brief import Brief
from engine.core.cluster_answer import answer
from engine.core.cluster_query import ClusterQuestion, GitQuestion, cluster_question, git_question
from engine.core.errors import EvidenceUnavailable, NotFound
from engine.core.facts.cluster_view import ASKED_KINDS, ClusterView
from engine.core.query_values import rendered_queries
from engine.ports import Cluster, CommitSummary, GitRepository, Ports
from engine.usecases.observe_cluster import look

COMMITS = 30
SHOWN = 20

Answers = Mapping[str, str | EvidenceUnavailable]


def answer_at_hand(ports: Ports, view: ClusterView, brief: Brief) -> Answers:
    """Answers by the id of their query; the reason where there is none."""
    found: dict[str, str | EvidenceUnavailable] = {}
    for name, (query, text) in rendered_queries(brief).items():
        try:
            if query.source == "kubernetes" and (asked := cluster_question(text)) is not None:
                view = _with_kinds(ports.cluster, view, asked)
                found[name] = answer(view, asked)
            elif query.source == "git" and (wanted := git_question(text)) is not None:
                found[name] = _commits(ports.repository, ports.branch, wanted)
        except EvidenceUnavailable as silent:
            found[name] = silent
    return found


def _with_kinds(cluster: Cluster, view: ClusterView, question: ClusterQuestion) -> ClusterView:
    """The view, with those kinds of a question read besides that nothing but questions needs."""
    wanted = [kind for kind in question.kinds if kind in ASKED_KINDS and kind not in view.objects]
    if not wanted:
        return view
    seen = look(cluster, wanted)
    return ClusterView(view.cluster, {**view.objects, **seen.objects}, view.unreadable | seen.unreadable)


def _commits(repository: GitRepository | None, branch: str, question: GitQuestion) -> str:
    if repository is None:
        raise EvidenceUnavailable("no GitOps repository is set up", where="git")
    try:
        history = repository.history(repository.head(branch), question.path, COMMITS)
    except NotFound as error:
        raise EvidenceUnavailable(error.message, where="git") from None
    wanted = [one for one in history if one.at >= question.since]
    if question.gone:
        lines = [line for one, before in _pairs(wanted, history) for line in _gone(repository, one, before, question)]
    else:
        lines = [f"{one.at} {one.id[:12]} {one.author}: {one.subject}" for one in wanted]
    left = len(lines) - SHOWN
    return "\n".join(lines[:SHOWN] + ([f"… and {left} more"] if left > 0 else [])) or "none"


def _pairs(
    wanted: Sequence[CommitSummary], history: Sequence[CommitSummary]
) -> Sequence[tuple[CommitSummary, CommitSummary]]:
    """Each commit with the one before it; the oldest that was read has none."""
    return [(one, before) for one, before in pairwise(history) if one in wanted]


def _gone(repository: GitRepository, one: CommitSummary, before: CommitSummary, question: GitQuestion) -> Sequence[str]:
    taken = set(repository.paths(before.id, question.path)) - set(repository.paths(one.id, question.path))
    return [f"{one.at} {one.id[:12]} {one.author} took {path} away: {one.subject}" for path in sorted(taken)]
