"""How many raw commands a core classifies a second, grammar and all: the corpus of the tests, over and over.

Prints commands a second and the median and 99th percentile of one in microseconds. Run it as
``python -m bench.command``; it exits with 1 when it isn't over 2,000 a second.
"""

from __future__ import annotations

import statistics
import sys
import time
from pathlib import Path

import yaml

from engine.adapters.shell.bash_grammar import BashGrammar
from engine.core.command.meaning import Place
from engine.usecases.check_command import understand

LEAST, ROUNDS = 2_000, 10
CORPUS = Path(__file__).parents[1] / "tests" / "unit" / "command" / "commands.yaml"


def main() -> int:
    grammar, place = BashGrammar(), Place("prod-eu")
    commands = [command for group in yaml.safe_load(CORPUS.read_text()) for command in group["commands"]]
    for command in commands:
        understand(grammar, command, place)
    took = []
    begin = time.process_time()
    for _ in range(ROUNDS):
        for command in commands:
            before = time.perf_counter_ns()
            understand(grammar, command, place)
            took.append((time.perf_counter_ns() - before) / 1000)
    rate = len(took) / (time.process_time() - begin)
    took.sort()
    tail = took[int(len(took) * 0.99)]
    print(f"{rate:,.0f} commands a second a core; median {statistics.median(took):.0f} µs, 99 % {tail:.0f} µs")
    return 0 if rate > LEAST else 1


if __name__ == "__main__":
    sys.exit(main())
