"""``make gameday``: break things in the lab, one after the other, and report how soon the gate had each of them.

``--only CLASS`` plays one fault, again for each that is named. Exits 1 where a fault was noticed by nobody, or
what was merged against it didn't help.
"""

from __future__ import annotations

import argparse
import sys
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.e2e.gameday.day import play
from tests.e2e.gameday.faults import faults
from tests.e2e.gameday.ground import prepared
from tests.e2e.gameday.report import as_document, as_json, as_markdown
from tests.e2e.lab import argocd, control_plane, gitea


def main() -> int:
    """Play the day, write the report beside printing it."""
    asked = argparse.ArgumentParser(prog="make gameday", description=__doc__)
    asked.add_argument("--only", action="append", choices=[fault.incident_class for fault in faults()])
    asked.add_argument("--out", type=Path, default=Path("build/gameday"))
    given = asked.parse_args()
    chosen = [fault for fault in faults() if not given.only or fault.incident_class in given.only]
    found, gone = gitea.binary(), control_plane.missing() or argocd.missing()
    if found is None or gone:
        print(f"not played: {gone or 'gitea'} isn't on this machine; make lab obtains what there is", file=sys.stderr)
        return 1
    at = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    with TemporaryDirectory(prefix="penstock-gameday-") as made, control_plane.running(Path(made) / "plane") as plane:
        plane.kubectl("create", "namespace", "penstock")
        plane.kubectl("apply", "-f", str(control_plane.ROOT / "gitops" / "base" / "rbac.yaml"))
        with prepared(plane, found, Path(made)) as ground:
            day = play(ground, chosen)
    document = as_document(day, at, control_plane.versions())
    given.out.mkdir(parents=True, exist_ok=True)
    (given.out / "report.json").write_text(as_json(document))
    (given.out / "report.md").write_text(as_markdown(document))
    print(as_markdown(document))
    return 0 if all("incident" in one.seconds and one.ended != "failed" for one in day) else 1


if __name__ == "__main__":
    sys.exit(main())
