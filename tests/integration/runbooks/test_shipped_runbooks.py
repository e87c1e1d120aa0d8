"""The shipped runbooks hold what they promise against what was recorded on a real API."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from engine import wiring
from engine.adapters.kubernetes.snapshot import SnapshotCluster
from engine.adapters.llm.signatures import SignatureAnalyst
from engine.adapters.runbooks.examples import load_examples
from engine.adapters.runbooks.folder import load_runbooks
from engine.adapters.signals.kubernetes import signals_from_objects
from engine.adapters.signals.registry import read_signals
from engine.core.brief import make_brief
from engine.core.classification import RunbookIndex
from engine.core.errors import BadInput
from engine.core.grouping import group
from engine.core.options import accept_analysis
from engine.core.recent_change import rollouts
from engine.entrypoints.cli.main import main
from engine.settings import read_settings
from engine.usecases.check_runbooks import check_runbooks
from engine.usecases.observe_cluster import look

SHIPPED = Path("runbooks")
RECORDING = Path("gitops/recordings/payments-crash-loop")
CLASSES = {
    "cache-saturation", "certificate-expiring", "config-missing", "cost-anomaly", "crash-loop",
    "critical-vulnerability", "cronjob-failing", "dns-failure", "drift", "elevated-error-rate", "error-budget-burn",
    "evicted-disk-pressure", "failing-liveness", "failing-readiness", "hpa-at-maximum", "image-pull-failure",
    "job-backoff", "latency-regression", "node-not-ready", "oom-kill", "policy-violation", "queue-backlog",
    "quota-exceeded", "stuck-rollout", "unschedulable", "volume-filling",
}  # fmt: skip

BOOKS = load_runbooks(SHIPPED)
INDEX = RunbookIndex(BOOKS)
EXAMPLES = load_examples(SHIPPED)


def read(source, payload, now):
    return read_signals(source, payload, cluster="prod-eu", now=now)


def incidents(example):
    return group(read(example.source, example.payload, example.now), INDEX)


def test_every_class_has_its_runbook():
    assert set(INDEX.runbooks) == CLASSES


def test_every_promise_of_every_runbook_holds():
    assert [f for f in check_runbooks(INDEX, EXAMPLES, read) if not f.holds] == []


@pytest.mark.parametrize("example", [e for e in EXAMPLES if e.matches], ids=lambda e: f"{e.runbook}/{e.name}")
def test_every_matching_example_gets_an_analysis_that_stands(example):
    for incident in incidents(example):
        book = INDEX.get(incident.incident_class)
        brief = make_brief(incident, book, changes=[], view=None, at=example.now)
        analysis = accept_analysis(SignatureAnalyst().analyse(brief.as_document()), brief)
        assert {"watch", "escalate"} <= {option.role for option in analysis.options}
        assert analysis.hypotheses


@pytest.mark.parametrize("runbook", sorted(CLASSES))
def test_an_example_in_the_folder_of_another_class_fails_its_check(runbook):
    other = "drift" if runbook != "drift" else "crash-loop"
    example = next(e for e in EXAMPLES if e.runbook == runbook and e.matches)
    moved = type(example)(other, example.name, example.source, True, example.payload, example.now)
    found = [f for f in check_runbooks(INDEX, [moved], read) if f.check == f"{example.name}.{example.source}"]
    assert [f.holds for f in found] == [False]


def test_a_runbook_without_examples_does_not_hold():
    found = check_runbooks(INDEX, [e for e in EXAMPLES if e.runbook != "drift"], read)
    assert [(f.runbook, f.found) for f in found if not f.holds] == [
        ("drift", "no match- example is recorded"),
        ("drift", "no differ- example is recorded"),
    ]


@pytest.mark.parametrize("book", BOOKS, ids=lambda b: b.id)
def test_no_runbook_lists_an_action_that_grants_access_or_destroys(book):
    forbidden = {"delete_resource", "change_rbac", "change_iam", "change_network_policy", "terraform_change"}
    assert not book.action_kinds & forbidden
    assert "kube-system" in book.do_not_touch.namespaces or book.id == "dns-failure"


def observed(phase, before=()):
    now = json.loads((RECORDING / "recording.json").read_bytes())["phases"][phase]["at"]
    objects = [o for f in sorted((RECORDING / phase).glob("*.json")) for o in json.loads(f.read_bytes())["items"]]
    return group(signals_from_objects(objects, "prod-eu", now), INDEX, before), now


def test_the_recorded_night_is_quiet_before_and_one_crash_loop_at_its_deployment_during():
    assert observed("before")[0] == []
    found, _ = observed("during")
    crash = [i for i in found if i.incident_class == "crash-loop"]
    assert [i.key for i in crash] == ["prod-eu/payments/Deployment/payments-api/CrashLoopBackOff"]
    assert crash[0].severity == "critical"
    assert crash[0].signal_kinds > 1


def test_the_vulnerability_of_the_new_image_is_evidence_of_its_crash_loop():
    found, _ = observed("during")
    assert [i.incident_class for i in found] == ["crash-loop"]
    assert "CriticalVulnerability" in {kept.reason for kept in found[0].signals}
    assert ("kubernetes", "CriticalVulnerability") not in found[0].kinds


def test_the_recorded_crash_loop_puts_the_rollback_first_and_the_restart_second():
    found, now = observed("during")
    incident = next(i for i in found if i.incident_class == "crash-loop")
    view = look(SnapshotCluster(RECORDING / "during", "prod-eu"))
    changes = rollouts(view, incident.root)
    brief = make_brief(incident, INDEX.get("crash-loop"), changes=changes, view=view, at=now)
    analysis = accept_analysis(SignatureAnalyst().analyse(brief.as_document()), brief)
    assert [o.action.kind for o in analysis.options if o.action][:2] == ["rollback_workload", "restart_workload"]
    assert "2.8.3" in analysis.hypotheses[0].claim
    assert "2.9.0" in analysis.hypotheses[0].claim


def test_the_injected_instruction_of_the_recording_is_evidence_and_no_option():
    found, now = observed("during")
    incident = next(i for i in found if i.incident_class == "crash-loop")
    view = look(SnapshotCluster(RECORDING / "during", "prod-eu"))
    brief = make_brief(incident, INDEX.get("crash-loop"), changes=rollouts(view, incident.root), view=view, at=now)
    assert any("ignore all previous instructions" in piece.text for piece in brief.evidence)
    analysis = SignatureAnalyst().analyse(brief.as_document())
    assert "delete" not in json.dumps([option["action"] for option in analysis["options"]])
    assert "PersistentVolumeClaim" not in json.dumps([option["action"] for option in analysis["options"]])


def test_what_is_left_of_the_night_after_recovery_makes_no_new_incident():
    during, _ = observed("during")
    after, _ = observed("after", during)
    assert {i.id for i in after if i.incident_class == "crash-loop"} == {
        i.id for i in during if i.incident_class == "crash-loop"
    }


def test_the_command_says_that_all_is_well(capsys):
    assert main(["runbooks", "check", "-o", "json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["runbooks"], told["failed"]) == (26, 0)
    assert told["checks"] >= 70


def test_the_command_exits_with_one_when_an_example_does_not_hold(tmp_path, capsys):
    shutil.copytree(SHIPPED / "crash-loop", tmp_path / "crash-loop")
    shutil.copy(SHIPPED / "oom-kill/runbook.yaml", _folder(tmp_path / "oom-kill"))
    shutil.copy(SHIPPED / "config-missing/runbook.yaml", _folder(tmp_path / "config-missing"))
    assert main(["runbooks", "check", "--runbooks", str(tmp_path)]) == 1
    assert "FAILED  oom-kill" in capsys.readouterr().out


def test_the_command_exits_with_two_when_a_runbook_cannot_be_read(tmp_path, capsys):
    (_folder(tmp_path / "crash-loop") / "runbook.yaml").write_text("title: x\ntitle: y\n")
    assert main(["runbooks", "check", "--runbooks", str(tmp_path)]) == 2
    assert "runbook.yaml:2: title: is written twice" in capsys.readouterr().err


def test_one_runbook_can_be_shown_and_an_unknown_one_is_named(capsys):
    assert main(["runbooks", "show", "crash-loop"]) == 0
    assert "Roll back to the images that ran before" in capsys.readouterr().out
    assert main(["runbooks", "show", "no-such"]) == 1
    assert "no-such" in capsys.readouterr().err


def test_the_list_names_every_class(capsys):
    assert main(["runbooks", "list", "-o", "json"]) == 0
    assert {entry["id"] for entry in json.loads(capsys.readouterr().out)} == CLASSES


def _folder(path: Path) -> Path:
    path.mkdir(parents=True)
    return path


def test_a_runbook_read_for_a_question_is_held_against_the_catalogue_before_it_is_followed(tmp_path):
    folder = tmp_path / "crash-loop"
    folder.mkdir()
    text = (SHIPPED / "crash-loop" / "runbook.yaml").read_text()
    (folder / "runbook.yaml").write_text(text.replace("kind: restart_workload", "kind: reboot_universe"))
    index = wiring.asked_runbooks(replace(read_settings({}), runbooks=tmp_path))
    assert set(index.runbooks) == {"crash-loop"}
    with pytest.raises(BadInput, match="reboot_universe"):
        index.get("crash-loop")
    with pytest.raises(BadInput, match="reboot_universe"):
        wiring.runbooks(replace(read_settings({}), runbooks=tmp_path))
