"""A runbook names only what exists: actions, parameters, checks, flags and values."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from engine.core.errors import BadInput
from engine.core.evidence_query import EvidenceQuery
from engine.core.pattern import compile_pattern
from engine.core.runbook import read_runbook
from tests.fakes.signal import document, runbook


def refused(change: dict) -> str:
    with pytest.raises(ValidationError) as caught:
        read_runbook("crash-loop", {**document(), **change})
    return str(caught.value)


def action(**fields) -> list[dict]:
    return [{**document()["actions"][0], **fields}]


def test_a_runbook_lists_its_actions_and_can_always_escalate():
    book = runbook("crash-loop")
    assert book.lists("restart_workload")
    assert book.lists("escalate")
    assert not book.lists("delete_resource")


def test_the_digest_follows_the_content_and_nothing_else():
    assert runbook("crash-loop").digest == runbook("other-class").digest
    assert runbook("crash-loop").digest != runbook("crash-loop", max_attempts=2).digest


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"titel": "x"}, "titel"),
        ({"id": "crash-loop"}, "id inside the file"),
        ({"preflight": ["owner_knwon"]}, "preflight"),
        ({"preflight": ["owner_known", "owner_known"]}, "twice"),
        ({"stop_conditions": []}, "stop_conditions"),
        ({"max_attempts": 0}, "max_attempts"),
        ({"max_attempts": "2"}, "max_attempts"),
        ({"triggers": []}, "triggers"),
        ({"triggers": [{"reasons": []}]}, "reasons"),
        ({"triggers": [{"reasons": ["A"], "message": "(a+)+b"}]}, "repeated"),
        ({"verification": {"checks": [{"id": "no_new_events"}], "soak_seconds": 60}}, "reason belongs to"),
        ({"verification": {"checks": [{"id": "looks_fine"}], "soak_seconds": 60}}, "verification"),
        ({"verification": {"checks": [{"id": "pods_ready"}], "soak_seconds": 5}}, "soak_seconds"),
        ({"actions": action(kind="rm_rf")}, "not an action kind"),
        ({"actions": action(params={"force": True})}, "force"),
        ({"actions": action(kind="scale_workload", params={"replicas": "{{ all_of_them }}"})}, "no template value"),
        ({"actions": action(kind="scale_workload", params={"replicas": "{{replicas_raised}}"})}, "no template value"),
        ({"actions": action(kind="scale_workload", params={"replicas": 5000})}, "replicas"),
        ({"actions": action(kind="drain_node", target="Deployment")}, "doesn't fit a Deployment"),
        ({"actions": action(when={"all": ["it_feels_right"]})}, "when"),
        ({"escalation": {"role": "everybody", "after_seconds": 60, "text": "Somebody will know."}}, "role"),
    ],
)
def test_what_does_not_exist_or_fit_is_refused(change, said):
    assert said in refused(change)


def test_parameters_are_filled_with_values_of_the_incident():
    book = runbook(
        "oom-kill", actions=action(kind="set_resources", params={"limits": {"memory": "{{ memory_limit_raised }}"}})
    )
    assert book.actions[0].filled({"memory_limit_raised": "1Gi"}) == {"limits": {"memory": "1Gi"}}
    with pytest.raises(KeyError, match="memory_limit_raised"):
        book.actions[0].filled({})


@pytest.mark.parametrize(
    "pattern",
    [
        "(a+)+$",
        "(a|aa)*b",
        "(a{1,50}){1,50}",
        "a*a*a*b",
        ".*x.*y",
        r"(a)\1",
        "(?=a)b",
        "(?P<x>a)",
        "a{,}b{,}",
        "(unclosed",
        "[a",
    ],
)
def test_a_pattern_that_could_run_away_or_is_not_valid_is_refused(pattern):
    with pytest.raises(ValueError, match=r"pattern|group"):
        compile_pattern(pattern)


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        ("Readiness probe (failed|errored)", "Readiness probe errored: x"),
        (r'(configmap|secret) "[^"]{1,100}" not found', 'Error: configmap "a-b" not found'),
        ("(?i)disk.{0,50}full", "DISK on node is full"),
        (r"exit code \d+", "exit code 137"),
    ],
)
def test_an_ordinary_pattern_matches_what_it_says(pattern, text):
    assert compile_pattern(pattern).search(text)


def query(**fields) -> EvidenceQuery:
    given = {
        "id": "log_lines",
        "title": "Log lines",
        "source": "logs",
        "template": '{namespace="{{ namespace }}"}',
        "parameters": {"namespace": "name"},
    }
    return EvidenceQuery.model_validate({**given, **fields})


def test_a_query_takes_values_of_their_type_only():
    assert query().render({"namespace": "payments"}) == '{namespace="payments"}'


@pytest.mark.parametrize("value", ['x"} or {a="', "Payments", "", "a\nb", "x" * 300, "../etc"])
def test_a_value_that_could_change_the_query_is_refused(value):
    with pytest.raises(BadInput, match="namespace is not a name"):
        query().render({"namespace": value})


@pytest.mark.parametrize(
    "fields",
    [
        {"parameters": {}},
        {"template": "no place"},
        {"template": "{{namespace}}"},
        {"parameters": {"namespace": "anything"}},
    ],
)
def test_a_query_declares_exactly_what_it_uses(fields):
    with pytest.raises(ValidationError):
        query(**fields)


def test_a_path_parameter_stays_inside_the_repository():
    by_path = query(template="log -- {{ path }}", parameters={"path": "path"})
    assert by_path.render({"path": "apps/payments/base.yaml"})
    for outside in ("../x", "/etc/passwd", "apps/../../x", "--output=x"):
        with pytest.raises(BadInput):
            by_path.render({"path": outside})
