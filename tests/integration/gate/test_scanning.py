"""What scanning finds in a change is held against it, and what couldn't be scanned is refused for that."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from engine.core.action.infrastructure import apply_plan
from engine.core.change.findings import Found, as_findings
from engine.core.change.model import FileEdit
from engine.core.errors import NotPermitted, ScanTimeout, UnfitBundle
from engine.core.proposal import check_proposal
from engine.core.terraform.approved_plan import path_of, write_approved
from engine.core.terraform.plan import read_plan
from engine.core.terraform.state import StateMark
from engine.usecases.approved_plan import refuse_unshown
from engine.usecases.propose import rehearse
from engine.usecases.scan_change import scan_plan


class Says:
    """A scanner of the test's own that finds what it is told to."""

    def __init__(self, *found: Found) -> None:
        self.found = found

    def scan(self, before: dict[str, Any] | None, after: dict[str, Any] | None) -> list[Found]:
        return list(self.found)

    def scan_plan(self, document: bytes) -> list[Found]:
        return list(self.found)


class Late:
    """A scanner that never answers in time."""

    def scan(self, before: dict[str, Any] | None, after: dict[str, Any] | None) -> list[Found]:
        raise ScanTimeout("no answer in time")

    def scan_plan(self, document: bytes) -> list[Found]:
        raise ScanTimeout("no answer in time")


def sentences(desk: Any, scanner: Any) -> dict[str, str]:
    ports = replace(desk.gate.ports, scanner=scanner)
    proposal = desk.proposal("restart_workload", "Deployment/payments-api")
    asked = rehearse(ports, proposal, authenticated=True, now=desk.later(60))
    return {violation.rule: violation.message for violation in asked.decision.violations}


def test_a_new_finding_refuses_the_change_and_names_check_and_field(desk: Any) -> None:
    found = Found("checkov", "CKV_K8S_16", "spec/containers/0", True)
    assert sentences(desk, Says(found))["change/findings"] == (
        "checkov found CKV_K8S_16:spec/containers/0 "
        "(critical; no line is known; leave privileged out, or set it to false)"
    )


@pytest.mark.parametrize(
    "found",
    [Found("checkov", "CKV_K8S_16", "x", False), Found("checkov", "CKV_K8S_15", "x", True)],
    ids=["was there before", "of no weight"],
)
def test_what_was_there_or_weighs_nothing_refuses_nothing(desk: Any, found: Found) -> None:
    assert "change/findings" not in sentences(desk, Says(found))


def test_a_check_that_policy_data_doesnt_name_refuses_too(desk: Any) -> None:
    assert "(warning; " in sentences(desk, Says(Found("checkov", "CKV_NEW_1", "x", True)))["change/findings"]


def test_a_scanner_that_is_late_refuses_for_that(desk: Any) -> None:
    assert sentences(desk, Late())["change/verified"] == "the change couldn't be built (scan_timeout)"


def test_without_scanning_nothing_is_found(desk: Any) -> None:
    assert desk.gate.ports.scanner is None
    assert "change/findings" not in sentences(desk, None)


@pytest.mark.parametrize("scanning", [{}, {"severities": {}}, {"severities": {"A": "bad"}, "unknown": "info"}])
def test_data_that_names_no_severity_is_unfit(scanning: dict[str, Any]) -> None:
    with pytest.raises(UnfitBundle, match="aren't severities"):
        as_findings([Found("checkov", "A", "", True)], scanning)


def test_a_field_is_written_in_plain_characters() -> None:
    (finding,) = as_findings(
        [Found("checkov", "A", "x\n@all `y`" + "z" * 500, True)], {"severities": {}, "unknown": "info"}
    )
    assert finding.check.startswith("A:x__all__y_z")
    assert len(finding.check) == 160


NEW = Found("checkov", "CKV_AWS_20", 'aws_s3_bucket.a["x"]', True)
PLAN = b'{"format_version": "1.2", "resource_changes": []}'


def planned(desk: Any, scanner: Any, found: list[str] | None) -> dict[str, str]:
    """What refuses a plan whose action says that scanning it found this."""
    ports, mark = replace(desk.gate.ports, scanner=scanner), StateMark("0d7a", 41)
    plan = read_plan(PLAN, where="the plan")
    action = apply_plan(plan, mark, cluster="prod-eu", workspace="shop", findings=found)
    claims = {"proposer": {"id": "pipeline:t", "kind": "pipeline"}, "action": action.model_dump(mode="json")}
    asked = rehearse(ports, check_proposal(claims, where="x"), authenticated=True, now=desk.later(60))
    return {violation.rule: violation.message for violation in asked.decision.violations}


def test_what_scanning_finds_new_in_a_plan_refuses_it(desk: Any) -> None:
    found = scan_plan(Says(NEW, replace(NEW, check="CKV_OLD", is_new=False)), PLAN)
    assert found == ["CKV_AWS_20:aws_s3_bucket.a__x__"]
    assert "CKV_AWS_20:aws_s3_bucket.a__x__" in planned(desk, Says(NEW), found)["change/findings"]
    assert "change/findings" not in planned(desk, Says(), [])


def test_a_plan_that_wasnt_scanned_is_refused_where_scanning_is_on(desk: Any) -> None:
    assert scan_plan(Late(), PLAN) is None
    assert planned(desk, Late(), None)["change/verified"] == "the change couldn't be built (scan_failed)"
    assert "change/verified" not in planned(desk, None, None)


def test_a_finding_that_nobody_was_shown_stops_the_pipeline(desk: Any) -> None:
    repository = desk.gate.ports.repository
    params = {"plan": "sha256:0", "serial": 41, "lineage": "0d7a", "scanned": True, "findings": ["CKV_AWS_18:a"]}
    head, path = repository.head("main"), path_of("shop")
    edit = FileEdit(path, None, write_approved(params, "sha256:1"))
    commit = repository.commit(head, [edit], message="x", author="a <a@example.com>", at=desk.later(60))
    repository.move("refs/heads/main", head, commit)
    refuse_unshown(repository, ["CKV_AWS_18:a"], branch="main", workspace="shop")
    with pytest.raises(NotPermitted, match=r"nobody was shown \(CKV_AWS_20:a, 1 altogether"):
        refuse_unshown(repository, ["CKV_AWS_18:a", "CKV_AWS_20:a"], branch="main", workspace="shop")
