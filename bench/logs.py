"""What reducing one megabyte of logs costs: seconds and memory, for lines that repeat and for lines that never do.

Each is held against half as much from before.
Run as ``.venv/bin/python bench/logs.py``. Each arm is a process of its own, so that one's memory isn't another's.
"""

from __future__ import annotations

import resource
import statistics
import subprocess
import sys
import time

MEGABYTE = 1_048_576
RUNS = 5


def repeating() -> str:
    """Requests with ids and durations of their own, and one failure in a thousand."""
    lines, size, number = [], 0, 0
    while size < MEGABYTE:
        number += 1
        bad = number % 1000 == 0
        said = "level=error msg=refused by 10.0.0.7:5432" if bad else "level=info msg=served path=/v1/pay"
        lines.append(f"2026-11-14T03:18:{number % 60:02}.{number:06}Z {said} id={number:032x} took={number % 97}ms")
        size += len(lines[-1]) + 1
    return "\n".join(lines)


def different() -> str:
    """Lines that share nothing, which is the worst a program can write."""
    words = [f"w{chr(97 + n % 26)}{chr(97 + n // 26 % 26)}{chr(97 + n // 676 % 26)}" for n in range(17_576)]
    lines, size, number = [], 0, 0
    while size < MEGABYTE:
        number += 1
        lines.append(" ".join(words[(number * step) % len(words)] for step in (1, 7, 31, 101, 997, 4999)))
        size += len(lines[-1]) + 1
    return "\n".join(lines)


ARMS = {"repeating": repeating, "different": different}


def measure(arm: str) -> None:
    """One arm in this process: seconds of the median run, and the peak of memory above what was there before."""
    from engine.core.log_templates import reduced

    text = ARMS[arm]()
    baseline = text[: len(text) // 2]
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    took = []
    for _ in range(RUNS):
        begun = time.perf_counter()
        out = reduced(text, baseline)
        took.append(time.perf_counter() - begun)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    lines = text.count("\n") + 1
    said = f"{arm:10} {len(text) / MEGABYTE:.2f} MiB, {lines} lines to {out.count(chr(10)) + 1}"
    memory = f"{(peak - before) / 1024:.0f} MiB more, {peak / 1024:.0f} in all"
    print(f"{said}: median {statistics.median(took):.3f} s, {memory}")


if __name__ == "__main__":
    if len(sys.argv) > 1:
        measure(sys.argv[1])
    else:
        for name in ARMS:
            subprocess.run([sys.executable, __file__, name], check=True)
