"""Scan what a change makes, before anybody decides: what it brings in is a fact of it like its size."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from engine.core.change.findings import Found, as_findings
from engine.core.change.model import FileEdit
from engine.core.errors import ScanFailed
from engine.core.input_document import Finding
from engine.ports import Ports, Scanner


def scan_change(ports: Ports, before: dict[str, Any] | None, after: dict[str, Any] | None) -> tuple[Finding, ...]:
    """Findings in the object that a change makes; none where scanning is off, or the change only takes away.

    Raises :class:`~engine.core.errors.ScanFailed`: what wasn't scanned isn't known to be harmless.
    """
    if ports.scanner is None or after is None:
        return ()
    return as_findings(ports.scanner.scan(before, after), ports.policy.data("scanning"))


def scan_files(ports: Ports, edits: Sequence[FileEdit]) -> tuple[Finding, ...]:
    """Findings in the Terraform files of an edit; none where scanning is off, or none of its files is one."""
    files = [edit for edit in edits if edit.path.endswith((".tf", ".tf.json", ".tofu"))]
    if ports.scanner is None or not files:
        return ()
    before = {edit.path: _text(edit.before) for edit in files if edit.before is not None}
    after = {edit.path: _text(edit.after) for edit in files if edit.after is not None}
    return as_findings(ports.scanner.scan_files(before, after), ports.policy.data("scanning"))


def scan_plan(scanner: Scanner | None, document: bytes) -> list[str] | None:
    """What a Terraform plan newly brings in, as its action says it; ``None`` where it wasn't scanned."""
    if scanner is None:
        return None
    try:
        return sorted({one.named for one in scanner.scan_plan(document) if one.is_new})
    except ScanFailed:
        return None


def findings_of_plan(ports: Ports, params: Mapping[str, Any]) -> tuple[Finding, ...]:
    """The findings that a plan's action says, each weighed by policy data.

    Raises :class:`ScanFailed` where scanning is on and the plan wasn't scanned.
    """
    if ports.scanner is not None and params.get("scanned") is not True:
        raise ScanFailed("the plan wasn't scanned", where="checkov", remedy="Propose it again")
    found = [str(named).partition(":") for named in params.get("findings") or ()]
    return as_findings(
        [Found("checkov", check, place, True) for check, _, place in found], ports.policy.data("scanning")
    )


def _text(data: bytes | None) -> str:
    try:
        return (data or b"").decode()
    except UnicodeDecodeError:
        raise ScanFailed("a file isn't text", where="checkov", remedy="Save it as UTF-8") from None
