"""Every command of the corpus is what it has to be: reading, these actions, or a refusal with this reason."""

from __future__ import annotations

import pytest

from engine.adapters.shell.bash_grammar import BashGrammar
from engine.core.command.classify import CLIENTS
from engine.core.command.filters import FILTERS
from engine.core.command.meaning import Acts, Place, Reads
from engine.core.command.refusal import REMEDIES
from engine.usecases.check_command import Understood, understand
from tests.unit.command.corpus import Case, read_corpus

CORPUS = read_corpus()
ONLY_WITH_A_GATE = {
    "manifest_unreadable",
    "manifest_not_in_git",
    "manifest_secret",
    "nothing_changes",
    "not_in_cluster",
}
ONLY_LARGE = {"too_long", "too_many"}
KUBECTL = [
    "annotate",
    "api-resources",
    "api-versions",
    "apply",
    "attach",
    "auth",
    "autoscale",
    "certificate",
    "cluster-info",
    "completion",
    "config",
    "cordon",
    "cp",
    "create",
    "debug",
    "delete",
    "describe",
    "diff",
    "drain",
    "edit",
    "events",
    "exec",
    "explain",
    "expose",
    "get",
    "help",
    "kustomize",
    "label",
    "logs",
    "options",
    "patch",
    "plugin",
    "port-forward",
    "proxy",
    "replace",
    "rollout",
    "run",
    "scale",
    "set",
    "taint",
    "top",
    "uncordon",
    "version",
    "wait",
    "alpha",
    "kuberc",
]


def outcome(found: list[Understood]) -> str:
    refused = [one.refusal.code for one in found if one.refusal]
    if refused:
        return f"refused {refused[0]}"
    kinds = [a.kind for one in found if isinstance(one.meaning, Acts) for a in one.meaning.actions]
    if any(one.meaning is not None and not isinstance(one.meaning, Reads | Acts) for one in found):
        return "looked_up"
    return f"action {' '.join(kinds)}" if kinds else "read_only"


def expected(case: Case) -> str:
    return " ".join([case.expect, *([case.code] if case.code else case.kinds)])


@pytest.mark.parametrize("case", CORPUS, ids=[case.command[:70] for case in CORPUS])
def test_a_command_is_what_it_has_to_be(case: Case) -> None:
    assert outcome(understand(BashGrammar(), case.command, Place("prod-eu"))) == expected(case)


def test_the_corpus_is_large_and_says_everything_once() -> None:
    commands = [case.command for case in CORPUS]
    assert len(commands) >= 300
    assert len(set(commands)) == len(commands)


@pytest.mark.parametrize("verb", KUBECTL)
def test_every_verb_of_kubectl_is_in_the_corpus(verb: str) -> None:
    assert any(f"kubectl {verb}" in case.command or f" {verb} " in case.command for case in CORPUS)


def test_every_reason_is_met_by_a_command() -> None:
    met = {case.code for case in CORPUS if case.code}
    assert met | ONLY_WITH_A_GATE | ONLY_LARGE == set(REMEDIES)


def test_every_client_and_filter_is_met() -> None:
    text = " ".join(case.command for case in CORPUS)
    assert [name for name in CLIENTS if name not in text] == []
    unmet = {name for name in FILTERS if f"{name} " not in text and f"| {name}" not in text}
    assert unmet <= {"egrep", "fgrep", "gawk", "nl", "fold", "false", ":"}


def test_words_are_taken_as_a_program_would_get_them() -> None:
    words = ["kubectl", "get", "pods", "-l", "a in (b, c)", "-o", "jsonpath={.items[*]}"]
    assert outcome(understand(BashGrammar(), words, Place("prod-eu"))) == "read_only"
    assert outcome(understand(BashGrammar(), ["kubectl", "get", "$(x)"], Place("prod-eu"))) == "refused bad_name"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("echo " + "x" * 17_000, "too_long"),
        ("true;" * 201, "too_many"),
        ("{ " * 60 + "true" + "; }" * 60, "nested_too_deep"),
    ],
)
def test_what_is_too_large_is_refused(text: str, code: str) -> None:
    assert outcome(understand(BashGrammar(), text, Place("prod-eu"))) == f"refused {code}"
