"""What replaying a record costs, beside ``opa exec`` on the same inputs, and whether its memory grows with the record.

The record is made from the inputs of the corpus, decided by the shipped policy. Replaying reads it back, asks the
recorded policy and the candidate, and compares: two answers for each decision, where ``opa exec`` gives one. The arms
take turns within one run. Prints decisions a second of each and the ratio, and the most memory that this process had
before and after replaying a record that is ``--times`` as long; exits with 1 when the ratio is under 3.
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing
from functools import partial
from itertools import cycle, islice
from pathlib import Path

from engine.adapters.opa.bundle import ENTRYPOINT, Bundle, load_bundle
from engine.adapters.opa.embedded import EmbeddedPolicyEngine
from engine.adapters.store.ledger import SqlLedger, open_ledger
from engine.adapters.tools.obtain import obtain
from engine.adapters.tools.shipped import shipped
from engine.core import canonical
from engine.core.corpus import read_cases
from engine.core.decision import Decision
from engine.core.errors import BadInput
from engine.core.input_document import InputDocument
from engine.core.record import Entry
from engine.core.what_if import read_input
from engine.ports import Transaction
from engine.settings import read_settings
from engine.usecases.decide import decide
from engine.usecases.replay import past_decisions, replay, summarise

AT = "2026-11-14T03:12:00Z"
RATIO = 3.0
ROUNDS = 3


def documents(policies: Path) -> list[InputDocument]:
    """The input documents of the corpus that are whole."""
    corpus = policies / "corpus" / "cases.jsonl"
    whole = []
    for case in read_cases(corpus.read_bytes().splitlines(), where=str(corpus)):
        try:
            whole.append(read_input(dict(case.document), where=case.scenario))
        except BadInput:
            continue
    return whole


def record(ledger: SqlLedger, engine: EmbeddedPolicyEngine, inputs: Sequence[InputDocument], count: int) -> None:
    """Decide ``count`` times and record it; each input is asked once, and recorded as often as it comes."""
    decisions = [decide(engine, document, nonce="bench") for document in inputs[:count]]
    for number, (document, decision) in enumerate(islice(cycle(zip(inputs, decisions, strict=False)), count)):
        subject = f"{decision.decision_id}-{number}"
        ledger.run(partial(_append, subject=subject, document=document, decision=decision))


def _append(tx: Transaction, *, subject: str, document: InputDocument, decision: Decision) -> None:
    tx.append(Entry("input", subject, document.model_dump(mode="json")), at=AT)
    tx.append(Entry("decision", subject, {"proposal": "bench", "decision": decision.model_dump(mode="json")}), at=AT)


def replayed(ledger: SqlLedger, recorded: EmbeddedPolicyEngine, candidate: EmbeddedPolicyEngine) -> int:
    """How many decisions a replay of the whole record reproduced."""
    report = summarise(replay(past_decisions(ledger.export()), lambda _: recorded, candidate), ())
    if report.reproduced != report.replayed:
        sys.exit(f"only {report.reproduced} of {report.replayed} decisions were reproduced")
    return report.reproduced


def written(inputs: Sequence[InputDocument], folder: Path, count: int) -> Iterator[str]:
    """The same inputs as files."""
    for number, document in enumerate(islice(cycle(inputs), count)):
        file = folder / f"{number}.json"
        file.write_bytes(canonical.encode(document.model_dump(mode="json")))
        yield str(file)


def executed(opa: Path, bundle: Bundle, files: Sequence[str]) -> None:
    command = [str(opa), "exec", "--bundle", str(bundle.served), "--decision", ENTRYPOINT, *files]
    subprocess.run(command, check=True, capture_output=True)


def timed(arm: Callable[[], object]) -> float:
    before = time.perf_counter()
    arm()
    return time.perf_counter() - before


def peak() -> float:
    """The most memory this process ever had, in MiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--decisions", type=int, default=1000, help="how many are recorded for the comparison")
    parser.add_argument("--times", type=int, default=10, help="how much longer the record is that shows the memory")
    given = parser.parse_args()
    settings, policies = read_settings(), shipped("policies")
    opa = obtain("opa", cache=settings.cache, environment=os.environ, say=lambda text: print(text, file=sys.stderr))
    bundle = load_bundle(policies, cache=settings.cache, opa=lambda: opa)
    inputs = documents(policies)
    with ExitStack() as held:
        folder = Path(held.enter_context(tempfile.TemporaryDirectory()))
        recorded, candidate = (
            held.enter_context(EmbeddedPolicyEngine(bundle, cache=settings.cache)) for _ in ("recorded", "candidate")
        )
        files = list(written(inputs, folder, given.decisions))
        ledger = held.enter_context(closing(open_ledger(f"sqlite:///{folder / 'short.db'}")))
        record(ledger, recorded, inputs, given.decisions)
        ours, theirs = [], []
        for _ in range(ROUNDS):
            ours.append(timed(lambda: replayed(ledger, recorded, candidate)))
            theirs.append(timed(lambda: executed(opa, bundle, files)))
        longer = held.enter_context(closing(open_ledger(f"sqlite:///{folder / 'long.db'}")))
        record(longer, recorded, inputs, given.decisions * given.times)
        before = peak()
        count = replayed(longer, recorded, candidate)
    ratio = min(theirs) / min(ours)
    print(f"replay: {given.decisions / min(ours):.0f} decisions a second, two answers each")
    print(f"opa exec: {given.decisions / min(theirs):.0f} inputs a second, one answer each")
    print(f"replay / opa exec: {ratio:.1f} times as fast (at least {RATIO})")
    print(f"most memory: {before:.0f} MiB before {count} decisions were replayed, {peak():.0f} MiB after")
    return 0 if ratio >= RATIO else 1


if __name__ == "__main__":
    sys.exit(main())
