"""Scan what a change makes, before anybody decides: what it brings in is a fact of it like its size."""

from __future__ import annotations

from typing import Any

from engine.core.change.findings import as_findings
from engine.core.input_document import Finding
from engine.ports import Ports


def scan_change(ports: Ports, before: dict[str, Any] | None, after: dict[str, Any] | None) -> tuple[Finding, ...]:
    """Findings in the object that a change makes; none where scanning is off, or the change only takes away.

    Raises :class:`~engine.core.errors.ScanFailed`: what wasn't scanned isn't known to be harmless.
    """
    if ports.scanner is None or after is None:
        return ()
    return as_findings(ports.scanner.scan(before, after), ports.policy.data("scanning"))
