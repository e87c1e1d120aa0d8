"""What a delivery costs while the forge doesn't answer: signed, remembered and queued, durable before the answer.

The server is a process of its own with the whole gate behind it. Its loop tries to look all the while, at a forge
that takes connections and says nothing, and holds the gate's lock meanwhile. Four clients send pull request events of
20 KB, 40 a second in all, and then one sends them without a pause. Beside them stand what the answer waits for: the
same server asked ``/healthz``, which has neither body nor ledger, and a file on the same disk that is written and
synced 40 times a second. Prints milliseconds; exits with 1 when the 99th percentile of a delivery is 50 ms or more, or
when one isn't accepted.
"""

from __future__ import annotations

import http.client
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

from engine import wiring
from engine.adapters.tools.shipped import shipped
from engine.core.delivery import Look
from engine.core.errors import ForgeUnreachable
from engine.core.signature import sign
from engine.settings import read_settings

CLIENTS, EACH, SIZE, WARM_UP = 4, 200, 20_000, 20
PACE_SECONDS = 0.1
LIMIT_MS = 50.0
SECRET = "a secret for this run"
RECORDING = "recordings/payments-crash-loop/during"


def serve(folder: Path) -> None:
    """The server: it says its port and serves until it is ended."""
    import uvicorn

    from engine.entrypoints.web.app import create_app
    from engine.entrypoints.web.loop import Loop

    silent = socket.create_server(("127.0.0.1", 0))

    def reconcile(_ports: Any, _look: Look, _now: str) -> None:
        with socket.create_connection(silent.getsockname()) as asked:
            asked.settimeout(5)
            try:
                asked.recv(1)
            except TimeoutError:
                raise ForgeUnreachable("nobody answers") from None

    settings = replace(read_settings({}), state=folder, snapshot=shipped("gitops") / RECORDING)
    with wiring.gate(settings, acting=True) as gate:
        known = replace(settings, forge="github", webhook_secret=SECRET)
        app = create_app(replace(gate, settings=known), list)
        listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)  # else replies wait for ACKs
        listening.bind(("127.0.0.1", 0))
        listening.listen(64)
        print(listening.getsockname()[1], flush=True)
        with Loop(app.state.desk, reconcile, 5, lambda _said: None):
            uvicorn.Server(uvicorn.Config(app, log_level="error")).run(sockets=[listening])


def payload(number: int) -> bytes:
    """A pull request event that is mostly what nobody reads, as they are."""
    about = {"action": "synchronize", "pull_request": {"number": number % 50 + 1}, "note": ""}
    about["note"] = "x" * (SIZE - len(json.dumps(about)))
    return json.dumps(about).encode()


def deliver(port: int, client: int, pace: float = 0.0) -> list[float]:
    """Milliseconds of each delivery of one client, which begins one every ``pace`` seconds at most."""
    connection, taken = http.client.HTTPConnection("127.0.0.1", port, timeout=30), []
    began = time.perf_counter()
    for number in range(WARM_UP + EACH):
        time.sleep(max(0.0, began + number * pace - time.perf_counter()))
        body = payload(client * EACH + number)
        headers = {
            "Content-Type": "application/json",
            "X-GitHub-Event": "pull_request",
            "X-GitHub-Delivery": f"delivery-{client}-{number}",
            "X-Hub-Signature-256": f"sha256={sign(body, SECRET)}",
        }
        taken.append(_asked(connection, "POST", "/webhooks/github", body, headers, 202))
    return taken[WARM_UP:]


def ask(port: int) -> list[float]:
    """Milliseconds of each question whether the server is alive."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    return [_asked(connection, "GET", "/healthz", b"", {}, 200) for _ in range(WARM_UP + EACH)][WARM_UP:]


def sync() -> list[float]:
    """Milliseconds of each durable write of a page, at the pace of the deliveries."""
    taken = []
    with tempfile.TemporaryFile() as file:
        for _ in range(EACH):
            time.sleep(PACE_SECONDS / CLIENTS)
            began = time.perf_counter()
            file.write(b"x" * 4096)
            file.flush()
            os.fsync(file.fileno())
            taken.append((time.perf_counter() - began) * 1000)
    return taken


def _asked(
    connection: http.client.HTTPConnection, method: str, path: str, body: bytes, headers: dict[str, str], status: int
) -> float:
    began = time.perf_counter()
    connection.request(method, path, body=body, headers=headers)
    answer = connection.getresponse()
    answer.read()
    if answer.status != status:
        raise SystemExit(f"{path} answered {answer.status}")
    return (time.perf_counter() - began) * 1000


def line(name: str, taken: list[float]) -> float:
    """Print one arm, and give its 99th percentile."""
    ordered = sorted(taken)
    p50, p99 = ordered[len(ordered) // 2], ordered[int(len(ordered) * 0.99)]
    print(f"{name:<28} {len(ordered):>6} {p50:>8.2f} {p99:>8.2f} {ordered[-1]:>8.2f}", flush=True)
    return p99


def main() -> int:
    """Print the table; 1 when a delivery takes too long."""
    if sys.argv[1:2] == ["serve"]:
        serve(Path(sys.argv[2]))
        return 0
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, __file__, "serve", folder]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
            assert server.stdout is not None
            try:
                slowest = measure(int(server.stdout.readline()))
            finally:
                server.terminate()
    return 0 if slowest < LIMIT_MS else 1


def measure(port: int) -> float:
    """Print the table, and give the 99th percentile of the slower arm."""
    print(f"{'arm':<28} {'calls':>6} {'p50 ms':>8} {'p99 ms':>8} {'max ms':>8}")
    line("alive, one client", ask(port))
    line("write and sync, 40/s", sync())
    with ThreadPoolExecutor(CLIENTS) as pool:
        taken = [one for client in pool.map(lambda n: deliver(port, n, PACE_SECONDS), range(CLIENTS)) for one in client]
    slowest = line(f"delivery, {CLIENTS} clients, 40/s", taken)
    alone = line("delivery, one, no pause", deliver(port, CLIENTS))
    return max(slowest, alone)


if __name__ == "__main__":
    sys.exit(main())
