"""What scanning finds in a change is held against it, and what couldn't be scanned is refused for that."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from engine.core.change.findings import Found, as_findings
from engine.core.errors import ScanTimeout, UnfitBundle
from engine.usecases.propose import rehearse


class Says:
    """A scanner of the test's own that finds what it is told to."""

    def __init__(self, *found: Found) -> None:
        self.found = found

    def scan(self, before: dict[str, Any] | None, after: dict[str, Any] | None) -> list[Found]:
        return list(self.found)


class Late:
    """A scanner that never answers in time."""

    def scan(self, before: dict[str, Any] | None, after: dict[str, Any] | None) -> list[Found]:
        raise ScanTimeout("no answer in time")


def sentences(desk: Any, scanner: Any) -> dict[str, str]:
    ports = replace(desk.gate.ports, scanner=scanner)
    proposal = desk.proposal("restart_workload", "Deployment/payments-api")
    asked = rehearse(ports, proposal, authenticated=True, now=desk.later(60))
    return {violation.rule: violation.message for violation in asked.decision.violations}


def test_a_new_finding_refuses_the_change_and_names_check_and_field(desk: Any) -> None:
    found = Found("checkov", "CKV_K8S_16", "spec/containers/0", True)
    assert sentences(desk, Says(found))["change/findings"] == ("checkov found CKV_K8S_16:spec/containers/0 (critical)")


@pytest.mark.parametrize(
    "found",
    [Found("checkov", "CKV_K8S_16", "x", False), Found("checkov", "CKV_K8S_15", "x", True)],
    ids=["was there before", "of no weight"],
)
def test_what_was_there_or_weighs_nothing_refuses_nothing(desk: Any, found: Found) -> None:
    assert "change/findings" not in sentences(desk, Says(found))


def test_a_check_that_policy_data_doesnt_name_refuses_too(desk: Any) -> None:
    assert "(warning)" in sentences(desk, Says(Found("checkov", "CKV_NEW_1", "x", True)))["change/findings"]


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
