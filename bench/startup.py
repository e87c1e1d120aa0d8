"""What a command costs before it says anything: whole processes, from start to exit, interleaved in one run.

Python alone stands beside them, because nothing in Python can be quicker. Each arm runs once unmeasured, which compiles
the bytecode and the policy as an installation would have them; bytecode goes to a folder of the run's own, so that a
machine told not to write any (``PYTHONDONTWRITEBYTECODE``) is measured as an installed package would be. Wall time
means little on a busy machine: read it beside CPU time.

Run as ``python bench/startup.py``. It exits with 1 when a command fails, never because one is slow.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[1]
RECORDING = ROOT / "gitops" / "recordings" / "payments-crash-loop"
AT = "2026-11-14T03:18:00Z"
LIMIT_SECONDS, LIMIT_MIB, BOUND_SECONDS = 0.4, 150, 60
ANSWERS = (0, 1, 3)  # allowed, denied and needs approval: each is an answer

PENSTOCK = "import sys; from engine.entrypoints.cli.main import run; run(sys.argv[1:])"
MAKE_REPOSITORY = """
import sys
from pathlib import Path
from engine.adapters.git.history_file import make_repository, read_steps
make_repository(Path(sys.argv[1]), Path(sys.argv[2]), read_steps(Path(sys.argv[3])))
"""


class Cost(NamedTuple):
    """One process: wall and CPU seconds, and its peak of memory in MiB."""

    wall: float
    cpu: float
    peak: float


def run(program: str, arguments: list[str], environment: dict[str, str], output: Path) -> Cost:
    """Run one Python program to its end. Raises :class:`SystemExit` when it gives no answer."""
    began = time.perf_counter()
    child = os.posix_spawn(
        sys.executable,
        [sys.executable, "-c", program, *arguments],
        environment,
        file_actions=[
            (os.POSIX_SPAWN_OPEN, 1, str(output), os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600),
            (os.POSIX_SPAWN_OPEN, 2, f"{output}.errors", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600),
        ],
    )
    _, status, usage = os.wait4(child, 0)
    wall = time.perf_counter() - began
    code = os.waitstatus_to_exitcode(status)
    if code not in ANSWERS or (code and not output.stat().st_size):
        raise SystemExit(f"{arguments} exited with {code}: {Path(f'{output}.errors').read_text()}")
    return Cost(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


def environment_of(folder: Path) -> dict[str, str]:
    """The caller's environment without its settings, with state and bytecode in ``folder``."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PENSTOCK_")}
    kept.pop("PYTHONDONTWRITEBYTECODE", None)
    given = {name: os.environ[name] for name in ("PENSTOCK_OPA", "PENSTOCK_CACHE") if name in os.environ}
    own = {"PENSTOCK_STATE": str(folder / "state"), "PYTHONPYCACHEPREFIX": str(folder / "bytecode")}
    return {**kept, **given, **own, "PYTHONPATH": str(ROOT)}


def prepare(folder: Path, environment: dict[str, str]) -> None:
    """A repository with its history, and a proposal that answers the recorded incident."""
    workloads = ROOT / "gitops" / "workloads"
    history = [str(folder / "gitops.git"), str(workloads), str(RECORDING / "history.yaml")]
    run(MAKE_REPOSITORY, history, environment, folder / "made")
    listing = ["incidents", "list", "--snapshot", str(RECORDING / "during"), "--at", AT, "-o", "json"]
    elsewhere = {**environment, "PENSTOCK_STATE": str(folder / "elsewhere")}
    run(PENSTOCK, listing, elsewhere, folder / "incidents.json")
    crash = next(i for i in json.loads((folder / "incidents.json").read_bytes()) if i["incident_class"] == "crash-loop")
    target = {key: crash["root"][key] for key in ("cluster", "namespace", "kind", "name")}
    named = {key: crash["root"][key] for key in ("namespace", "kind", "name")}
    proposal = {
        "proposer": {"id": "agent:triage", "kind": "agent"},
        "action": {"kind": "restart_workload", "target": target},
        "incident": {**named, "reason": crash["reason"]},
        "evidence": [piece["id"] for piece in crash["evidence"]][:4],
    }
    (folder / "proposal.json").write_text(json.dumps(proposal))


def arms(folder: Path) -> dict[str, tuple[str, list[str]]]:
    """Each arm's program and arguments."""
    decide = ["decide", str(folder / "proposal.json"), "--snapshot", str(RECORDING / "during"), "--at", AT]
    return {
        "python -c pass": ("pass", []),
        "penstock --help": (PENSTOCK, ["--help"]),
        "penstock decide --help": (PENSTOCK, ["decide", "--help"]),
        "penstock decide": (PENSTOCK, decide),
        "penstock decide --repo": (PENSTOCK, [*decide, "--repo", str(folder / "gitops.git")]),
    }


def measure(folder: Path, rounds: int) -> dict[str, list[Cost]]:
    """The costs of every arm, round by round; fewer rounds when the time is up."""
    environment = environment_of(folder)
    prepare(folder, environment)
    programs = arms(folder)
    for program, arguments in programs.values():
        run(program, arguments, environment, folder / "output")
    costs: dict[str, list[Cost]] = {name: [] for name in programs}
    end = time.monotonic() + BOUND_SECONDS
    for _ in range(rounds):
        for name, (program, arguments) in programs.items():
            costs[name].append(run(program, arguments, environment, folder / "output"))
        if time.monotonic() > end:
            break
    return costs


def main() -> None:
    """Print the table."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--rounds", type=int, default=7, help="rounds of all arms (7)")
    given = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        costs = measure(Path(folder), given.rounds)
    bare = statistics.median(cost.cpu for cost in costs["python -c pass"])
    rounds = len(costs["python -c pass"])
    print(f"Medians of {rounds} rounds; the promise is under {LIMIT_SECONDS} s and {LIMIT_MIB} MiB on an idle core")
    print(f"{'command':<24} {'wall s':>7} {'best':>6} {'CPU s':>7} {'best':>6} {'of python':>9} {'peak MiB':>9}")
    for name, found in costs.items():
        wall, cpu = statistics.median(c.wall for c in found), statistics.median(c.cpu for c in found)
        quickest, least = min(c.wall for c in found), min(c.cpu for c in found)
        peak = max(c.peak for c in found)
        print(f"{name:<24} {wall:>7.3f} {quickest:>6.3f} {cpu:>7.3f} {least:>6.3f} {cpu / bare:>8.1f}x {peak:>9.1f}")


if __name__ == "__main__":
    main()
