"""The real Checkov in its own process: what is new, what was there, and what becomes of one that fails."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from engine.adapters.scan.checkov import CheckovScanner
from engine.core.change.findings import Found
from engine.core.errors import ScanFailed, ScannerMissing, ScanTimeout


def deployment(**container: Any) -> dict[str, Any]:
    pod = {"containers": [{"name": "api", "image": "registry.example/api:1.2", **container}]}
    labels = {"matchLabels": {"app": "api"}}
    template = {"metadata": {"labels": {"app": "api"}}, "spec": pod}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "api", "namespace": "payments"},
        "spec": {"selector": labels, "template": template},
    }


PRIVILEGED = {"securityContext": {"privileged": True}}


@pytest.fixture(scope="module")
def scanner() -> Iterator[CheckovScanner]:
    with CheckovScanner(seconds=120.0) as warm:
        yield warm


def new(found: Any) -> set[str]:
    return {one.check for one in found if one.is_new}


def test_only_what_the_change_brings_in_is_new(scanner: CheckovScanner) -> None:
    found = scanner.scan(deployment(), deployment(**PRIVILEGED))
    assert "CKV_K8S_16" in new(found)
    assert "CKV_K8S_10" in {one.check for one in found} - new(found)
    place = next(one.place for one in found if one.check == "CKV_K8S_16")
    assert place == "spec/template/spec/containers/0/securityContext/privileged"


def test_what_was_there_before_and_stays_is_not_new(scanner: CheckovScanner) -> None:
    assert new(scanner.scan(deployment(**PRIVILEGED), deployment(**PRIVILEGED))) == set()


def test_everything_in_an_added_object_is_new(scanner: CheckovScanner) -> None:
    found = scanner.scan(None, deployment(**PRIVILEGED))
    assert {one.check for one in found} == new(found) > {"CKV_K8S_16"}


def test_an_object_doesnt_excuse_itself(scanner: CheckovScanner) -> None:
    after = deployment(**PRIVILEGED)
    after["metadata"]["annotations"] = {"checkov.io/skip1": "CKV_K8S_16=we like it"}
    assert "CKV_K8S_16" in new(scanner.scan(deployment(), after))


def test_a_kind_without_checks_has_no_findings(scanner: CheckovScanner) -> None:
    custom = {"apiVersion": "example.org/v1", "kind": "Thing", "metadata": {"name": "a", "namespace": "b"}}
    assert list(scanner.scan(None, custom)) == []


def test_what_isnt_read_as_an_object_is_a_refusal_and_not_nothing_found(scanner: CheckovScanner) -> None:
    with pytest.raises(ScanFailed, match="can't read"):
        scanner.scan(None, {"no": "object"})


def test_a_killed_process_is_a_refusal_and_the_next_question_has_an_answer(scanner: CheckovScanner) -> None:
    scanner.scan(None, deployment())
    os.kill(scanner.pid, 9)
    first = scanner.pid
    try:
        scanner.scan(None, deployment())
    except ScanFailed as refusal:
        assert refusal.reason == "scan_failed"
    assert scanner.scan(None, deployment())
    assert scanner.pid != first


def with_program(program: str, seconds: float = 30.0) -> CheckovScanner:
    return CheckovScanner(seconds=seconds, command=[sys.executable, "-I", "-c", program])


def test_a_scanner_that_hangs_is_ended_in_time() -> None:
    with with_program("import time; time.sleep(600)", 0.2) as hanging:
        pid = hanging.pid
        with pytest.raises(ScanTimeout) as refused:
            hanging.scan(None, {"large": "x" * 2_000_000})
        assert refused.value.reason == "scan_timeout"
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


@pytest.mark.parametrize("answer", ["", "text", "{}", '{"before": 1, "after": 2}', '{"before": [], "after": [[1]]}'])
def test_nonsense_is_a_refusal(answer: str) -> None:
    with with_program(f"input(); print({answer!r})") as odd, pytest.raises(ScanFailed):
        odd.scan(None, {})


def test_a_scanner_that_isnt_installed_is_said() -> None:
    missing = """input(); print('{"error": [["ModuleNotFoundError", ""]]}')"""
    with with_program(missing) as odd, pytest.raises(ScannerMissing) as refused:
        odd.scan(None, {})
    assert refused.value.reason == "scanner_missing"
    assert "penstock[scan]" in refused.value.remedy


def test_an_answer_is_read_whole() -> None:
    program = """input(); print('{"before": [["A", "x", 1]], "after": [["A", "x", 3], ["B", "", 0]]}')"""
    with with_program(program) as plain:
        assert plain.scan({}, {}) == [Found("checkov", "A", "x", False, 3), Found("checkov", "B", "", True)]


def plan(acl: str, prior: str = "") -> bytes:
    """A plan of a bucket and of nothing else, as ``terraform show -json`` writes it."""

    def of(value: str) -> dict[str, Any]:
        values = {"bucket": "shop", "acl": value}
        kind = {"mode": "managed", "type": "aws_s3_bucket", "name": "a", "schema_version": 0, "values": values}
        return {"root_module": {"resources": [{"address": "aws_s3_bucket.a", **kind}]}}

    change = {"actions": ["update"], "before": {"acl": prior}, "after": {"acl": acl}}
    entry = {"address": "aws_s3_bucket.a", "mode": "managed", "type": "aws_s3_bucket", "name": "a", "change": change}
    document = {
        "format_version": "1.2",
        "terraform_version": "1.9.0",
        "planned_values": of(acl),
        "resource_changes": [entry],
    }
    return json.dumps(document | ({"prior_state": {"values": of(prior)}} if prior else {})).encode()


def test_a_plan_is_held_against_the_state_it_starts_from(scanner: CheckovScanner) -> None:
    assert new(scanner.scan_plan(plan("public-read", prior="private"))) == {"CKV_AWS_20"}
    assert new(scanner.scan_plan(plan("public-read", prior="public-read"))) == set()
    assert "CKV_AWS_20" in new(scanner.scan_plan(plan("public-read")))
    place = next(one for one in scanner.scan_plan(plan("public-read")) if one.check == "CKV_AWS_20")
    assert (place.place, place.line) == ("aws_s3_bucket.a", 0)


def test_a_plan_that_checkov_would_pass_over_is_a_refusal(scanner: CheckovScanner) -> None:
    nameless = {key: value for key, value in json.loads(plan("public-read")).items() if key != "terraform_version"}
    with pytest.raises(ScanFailed):
        scanner.scan_plan(json.dumps(nameless).encode())


def test_a_plan_that_cant_be_read_is_a_refusal(scanner: CheckovScanner) -> None:
    with pytest.raises(ScanFailed):
        scanner.scan_plan(b"[]")
    with pytest.raises(ScanFailed):
        scanner.scan_plan(b"{")


BUCKET = """
resource "aws_s3_bucket" "a" {
  bucket = "shop"
  acl    = "%s"
}
"""


def test_terraform_files_are_scanned_with_the_line_of_each_finding(scanner: CheckovScanner) -> None:
    found = scanner.scan_files({"shop/main.tf": BUCKET % "private"}, {"shop/main.tf": BUCKET % "public-read"})
    (one,) = [one for one in found if one.is_new]
    assert (one.check, one.place, one.line) == ("CKV_AWS_20", "shop/main.tf/aws_s3_bucket.a", 2)


def test_a_file_that_excuses_itself_or_cant_be_read_is_told(scanner: CheckovScanner) -> None:
    skipping = BUCKET.replace("{\n", "{\n  #checkov:skip=CKV_AWS_20:we like it\n", 1) % "public-read"
    assert "CKV_AWS_20" in new(scanner.scan_files({}, {"main.tf": skipping}))
    with pytest.raises(ScanFailed):
        scanner.scan_files({}, {"main.tf": "resource {"})
    with pytest.raises(ScanFailed):
        scanner.scan_files({}, {"../main.tf": BUCKET % "private"})
    with pytest.raises(ScanFailed):
        scanner.scan_files({}, {"main.tf": BUCKET % "private", "main.tofu": BUCKET % "public-read"})
