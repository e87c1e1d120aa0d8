"""Whether a policy with very many rules stays as quick, where each of them asks for one value of a field.

So many rules are added to the shipped policy, each of which refuses another kind of action, and it is asked about one
that none of them refuses: once as rules in Rego, and once as entries of policy data that one rule looks up. Both
evaluators are asked, embedded and by a server, with 10 and ``--rules`` of them; the arms take turns within one run.
Prints the median of each in microseconds and what many cost beside few; exits with 1 when rules in Rego cost the
embedded evaluator, which decides, over 1.5 times as much.

Run as ``python bench/rules.py``.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from contextlib import ExitStack
from dataclasses import replace
from itertools import product
from pathlib import Path

from decision import RawServer, interleave, percentile, sample

from engine.adapters.opa.bundle import Bundle, bundle_of
from engine.adapters.opa.embedded import EmbeddedPolicyEngine
from engine.adapters.opa.policy_tree import read_policies
from engine.adapters.opa.server_process import OpaServerProcess
from engine.adapters.tools.obtain import obtain
from engine.adapters.tools.shipped import shipped
from engine.settings import read_settings

FEW, RATIO = 10, 1.5
ARMS = ("embedded, rules", "embedded, data", "opa server, rules")
RULE = 'deny contains "{kind} is refused" if input.action.kind == "{kind}"\n\n'
LOOKED_UP = (
    'deny contains $"{kind} {why}" if {\n\tkind := input.action.kind\n\twhy := data.gate.data.many.kinds[kind]\n}\n'
)
HEAD = 'package gate.rules.bench.many\n\nimport rego.v2\n\nabout := {"title": "many"}\n\n'


def with_rules(policies: Path, count: int, *, as_data: bool, opa: Path, cache: Path) -> Bundle:
    """The shipped policy, the demonstration's data, and so many further rules or entries of data."""
    tree = read_policies(policies, policies / "overlays" / "demo.yaml")
    kinds = [f"kind_{number}" for number in range(count)]
    text = HEAD + (LOOKED_UP if as_data else "".join(RULE.format(kind=kind) for kind in kinds))
    listed = json.dumps({"kinds": dict.fromkeys(kinds, "is refused")})
    rego = {**tree.rego, "gate/rules/bench/many/many.rego": text.encode()}
    data = {**tree.data_files, "gate/data/many/data.json": listed.encode()}
    return bundle_of(replace(tree, rego=rego, data_files=data), cache=cache, opa=lambda: opa)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=20.0, help="how long to measure")
    parser.add_argument("--rules", type=int, default=10_000, help="how many rules are many")
    given = parser.parse_args()
    settings, policies = read_settings(), shipped("policies")
    opa = obtain("opa", cache=settings.cache, environment=os.environ, say=lambda text: print(text, file=sys.stderr))
    document = sample(opa, policies)
    arms = {}
    with ExitStack() as held:
        for count, as_data in product((FEW, given.rules), (False, True)):
            bundle = with_rules(policies, count, as_data=as_data, opa=opa, cache=settings.cache)
            engine = held.enter_context(EmbeddedPolicyEngine(bundle, cache=settings.cache))
            form = "data" if as_data else "rules"
            arms[f"embedded, {form}, {count}"] = lambda engine=engine: engine.decide(document)
            if not as_data:
                server = RawServer(held.enter_context(OpaServerProcess(opa, bundle)).url, document)
                arms[f"opa server, {form}, {count}"] = server.decide
        taken = interleave(arms, given.seconds)
    medians = {name: percentile(times, 0.5) for name, times in taken.items()}
    for name, median in medians.items():
        print(f"{name:<28}{len(taken[name]):>8} calls  p50 {median:>8.0f} us")
    ratios = {arm: medians[f"{arm}, {given.rules}"] / medians[f"{arm}, {FEW}"] for arm in ARMS}
    for arm, ratio in ratios.items():
        print(f"{arm}: {given.rules} cost {ratio:.2f} times as much as {FEW} (at most {RATIO})")
    return 0 if ratios[ARMS[0]] <= RATIO else 1


if __name__ == "__main__":
    sys.exit(main())
