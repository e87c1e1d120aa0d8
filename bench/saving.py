"""How soon an author who saves a rule has its answer from ``penstock policy check --watch``.

The command runs as an author has it, on a copy of the shipped policy. A rule is saved with another title each time, and
the time is taken until the last of the three lines about it is written. Prints median and worst in seconds,
beside what one whole ``penstock policy check`` takes; exits with 1 when the median isn't under a second.

Run as ``python bench/saving.py``.
"""

from __future__ import annotations

import argparse
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

from engine.adapters.tools.shipped import shipped

RULE = "rego/gate/rules/rate/cooldown/cooldown.rego"
LINES, LIMIT = 3, 1.0
COMMAND = [str(Path(sys.executable).with_name("penstock")), "policy", "check", "--policies"]


def saved(policies: Path, watching: subprocess.Popen[str], number: int) -> float:
    """Seconds from one save until the last line about it."""
    rule = policies / RULE
    rule.write_text(re.sub("# title: .*", f"# title: saved {number} times", rule.read_text(), count=1))
    before = time.perf_counter()
    for _ in range(LINES):
        line = (watching.stdout or sys.stdin).readline()
        if not line.startswith("ok"):
            sys.exit(f"the check failed: {line}")
    return time.perf_counter() - before


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--saves", type=int, default=10, help="how often the rule is saved")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        policies = Path(shutil.copytree(shipped("policies"), Path(scratch, "policies")))
        before = time.perf_counter()
        subprocess.run([*COMMAND, str(policies)], check=True, capture_output=True)
        whole = time.perf_counter() - before
        command = [*COMMAND, str(policies), "--watch"]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as watching:
            while "watching" not in (watching.stderr or sys.stdin).readline():
                pass
            taken = [saved(policies, watching, number) for number in range(given.saves)]
            watching.terminate()
    print(f"saved to answered, {len(taken)} saves: median {median(taken):.2f} s, worst {max(taken):.2f} s")
    print(f"a whole check: {whole:.2f} s")
    return 0 if median(taken) < LIMIT else 1


if __name__ == "__main__":
    sys.exit(main())
