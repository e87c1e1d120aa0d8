"""What a decision costs: embedded, beside a raw keep-alive call to an OPA server with the same bundle.

Both get the same input of 2.5 KB and answer the shipped policy with the data of the demonstration. The arms take
turns in short blocks within one run, so that whatever else the machine does meets both. The embedded arm includes
all that the gate does (checking the input, checking the verdict); the server arm is one socket, one POST and reading
the bytes, with no client library and no check. Prints median and 99th percentile of each in microseconds, and the
ratios; exits with 1 when the embedded median is over 0.4 or its 99th percentile over 0.2 of the server's.
"""

from __future__ import annotations

import argparse
import json
import os
import socket
import sys
import time
from collections.abc import Callable
from pathlib import Path

from engine.adapters.opa.bundle import load_bundle
from engine.adapters.opa.command import run_opa
from engine.adapters.opa.embedded import EmbeddedPolicyEngine
from engine.adapters.opa.server_process import OpaServerProcess
from engine.adapters.tools.obtain import obtain
from engine.adapters.tools.shipped import shipped
from engine.core import canonical
from engine.settings import read_settings

SIZE, BLOCK, WARM_UP = 2560, 25, 50
MEDIAN_RATIO, P99_RATIO = 0.4, 0.2


def sample(opa: Path, policies: Path) -> bytes:
    """The input that the policy's own tests call allowed, brought to 2.5 KB by a parameter nobody reads."""
    query = ("eval", "--bundle", "rego", "--format", "raw", "data.gate.lib.sample_test.allowed")
    document = json.loads(run_opa(opa, query, folder=policies).out)
    document["action"]["params"] = {"note": ""}
    document["action"]["params"]["note"] = "x" * (SIZE - len(canonical.encode(document)))
    return canonical.encode(document)


class RawServer:
    """One keep-alive connection to the Data API, spoken by hand."""

    def __init__(self, url: str, document: bytes) -> None:
        host, _, port = url.removeprefix("http://").partition(":")
        self._socket = socket.create_connection((host, int(port)))
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._answer = self._socket.makefile("rb")
        body = b'{"input":' + document + b"}"
        head = "POST /v1/data/gate/decision/verdict HTTP/1.1\r\nHost: opa\r\nContent-Type: application/json\r\n"
        self._request = f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body

    def decide(self) -> bytes:
        """The bytes of one answer."""
        self._socket.sendall(self._request)
        length = -1
        while (line := self._answer.readline()) != b"\r\n":
            name, _, value = line.partition(b":")
            if name.lower() == b"content-length":
                length = int(value)
        return self._answer.read(length) if length >= 0 else self._chunks()

    def _chunks(self) -> bytes:
        whole = b""
        while size := int(self._answer.readline(), 16):
            whole += self._answer.read(size)
            self._answer.readline()
        self._answer.readline()
        return whole


def interleave(arms: dict[str, Callable[[], object]], seconds: float) -> dict[str, list[float]]:
    """Microseconds of each call, the arms taking turns in blocks until the time is over."""
    taken: dict[str, list[float]] = {name: [] for name in arms}
    for arm in arms.values():
        for _ in range(WARM_UP):
            arm()
    until = time.perf_counter() + seconds
    while time.perf_counter() < until:
        for name, arm in arms.items():
            for _ in range(BLOCK):
                before = time.perf_counter()
                arm()
                taken[name].append((time.perf_counter() - before) * 1e6)
    return taken


def percentile(times: list[float], share: float) -> float:
    return sorted(times)[min(len(times) - 1, int(len(times) * share))]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=20.0, help="how long to measure (at most 50)")
    seconds = min(parser.parse_args().seconds, 50.0)
    settings, policies = read_settings(), shipped("policies")
    opa = obtain("opa", cache=settings.cache, environment=os.environ, say=lambda text: print(text, file=sys.stderr))
    bundle = load_bundle(policies, cache=settings.cache, opa=lambda: opa, overlay=policies / "overlays" / "demo.yaml")
    document = sample(opa, policies)
    with OpaServerProcess(opa, bundle) as process, EmbeddedPolicyEngine(bundle, cache=settings.cache) as embedded:
        server = RawServer(process.url, document)
        theirs, ours = json.loads(server.decide())["result"]["outcome"], embedded.decide(document).outcome
        if theirs != ours:
            sys.exit(f"the arms differ: {ours} and {theirs}")
        taken = interleave({"embedded": lambda: embedded.decide(document), "opa server": server.decide}, seconds)
    print(f"policy {bundle.revision}, input {len(document)} bytes, outcome {ours}")
    print(f"{'arm':<12}{'calls':>8}{'p50 us':>10}{'p99 us':>10}")
    for name, times in taken.items():
        print(f"{name:<12}{len(times):>8}{percentile(times, 0.5):>10.0f}{percentile(times, 0.99):>10.0f}")
    median, worst = (
        percentile(taken["embedded"], share) / percentile(taken["opa server"], share) for share in (0.5, 0.99)
    )
    print(f"embedded / server: p50 {median:.2f} (at most {MEDIAN_RATIO}), p99 {worst:.2f} (at most {P99_RATIO})")
    return 0 if median <= MEDIAN_RATIO and worst <= P99_RATIO else 1


if __name__ == "__main__":
    sys.exit(main())
