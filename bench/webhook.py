"""What a delivery costs while the forge doesn't answer: signed, remembered and queued, durable before the answer.

The server is ``penstock serve`` in a process of its own, set by the environment alone. Its forge takes connections and
says nothing, so that its loop waits there and holds the gate's lock all the while. Pull request events of 20 KB come
one after the other, and then from eight clients at once, neither with a pause. Beside them stand what the answer waits
for: the same server asked ``/healthz``, which has neither body nor ledger, and a page on the same disk that is written
and synced. Prints milliseconds; exits with 1 when the 99th percentile of a delivery is 50 ms or more, or when one isn't
accepted.
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
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path

from engine.adapters.tools.shipped import shipped
from engine.core.signature import sign

CLIENTS, EACH, SIZE, WARM_UP = 8, 200, 20_000, 20
START_SECONDS = 120
LIMIT_MS = 50.0
SECRET = "a secret for this run"
PENSTOCK = Path(sys.executable).parent / "penstock"
RECORDING = "recordings/payments-crash-loop/during"


@contextmanager
def serving(folder: Path) -> Iterator[tuple[int, int]]:
    """Port and process id of a ``penstock serve`` whose forge takes connections and says nothing."""
    silent = socket.create_server(("127.0.0.1", 0), backlog=512)
    port = _free_port()
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PENSTOCK_")}
    settings = {
        "PENSTOCK_STATE": str(folder),
        "PENSTOCK_SNAPSHOT": str(shipped("gitops") / RECORDING),
        "PENSTOCK_FORGE": "github",
        "PENSTOCK_FORGE_URL": f"http://127.0.0.1:{silent.getsockname()[1]}",
        "PENSTOCK_FORGE_REPOSITORY": "acme/gitops",
        "PENSTOCK_FORGE_TOKEN": "a token for this run",
        "PENSTOCK_WEBHOOK_SECRET": SECRET,
        "PENSTOCK_POLL_SECONDS": "5",
    }
    with silent, (folder / "log").open("wb") as log:
        command = [str(PENSTOCK), "serve", "--port", str(port)]
        server = subprocess.Popen(command, env={**kept, **settings}, stdout=log, stderr=log)
        try:
            _wait_for(port, server, folder / "log")
            yield port, server.pid
        finally:
            server.kill()
            server.wait()


def payload(number: int) -> bytes:
    """A pull request event that is mostly what nobody reads, as they are."""
    about = {"action": "synchronize", "pull_request": {"number": number % 50 + 1}, "note": ""}
    about["note"] = "x" * (SIZE - len(json.dumps(about)))
    return json.dumps(about).encode()


def deliver(port: int, client: int) -> list[float]:
    """Milliseconds of each delivery of one client."""
    connection, taken = http.client.HTTPConnection("127.0.0.1", port, timeout=30), []
    for number in range(WARM_UP + EACH):
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
    """Milliseconds of each durable write of a page."""
    taken = []
    with tempfile.TemporaryFile() as file:
        for _ in range(EACH):
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


def _free_port() -> int:
    with closing(socket.create_server(("127.0.0.1", 0))) as taken:
        return int(taken.getsockname()[1])


def _wait_for(port: int, server: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until and server.poll() is None:
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=1):
                return
        except OSError:
            time.sleep(0.2)
    raise SystemExit(f"penstock serve doesn't answer: {log.read_text()[-2000:]}")


def line(name: str, taken: list[float]) -> float:
    """Print one arm, and give its 99th percentile."""
    ordered = sorted(taken)
    p50, p99 = ordered[len(ordered) // 2], ordered[int(len(ordered) * 0.99)]
    print(f"{name:<28} {len(ordered):>6} {p50:>8.2f} {p99:>8.2f} {ordered[-1]:>8.2f}", flush=True)
    return p99


def processor_ms(pid: int) -> float:
    """Milliseconds of processor time that a process has taken; nought where the system doesn't tell."""
    stat = Path(f"/proc/{pid}/stat")
    if not stat.exists():
        return 0.0
    fields = stat.read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) * 1000 / os.sysconf("SC_CLK_TCK")


def measure(port: int, pid: int) -> float:
    """Print the table, and give the 99th percentile of the slower arm."""
    print(f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    print(f"{'arm':<28} {'calls':>6} {'p50 ms':>8} {'p99 ms':>8} {'max ms':>8}")
    line("alive, one client", ask(port))
    line("write and sync", sync())
    before = processor_ms(pid)
    alone = line("delivery, one at a time", deliver(port, CLIENTS))
    with ThreadPoolExecutor(CLIENTS) as pool:
        taken = [one for client in pool.map(lambda number: deliver(port, number), range(CLIENTS)) for one in client]
    slowest = max(alone, line(f"delivery, {CLIENTS} at once", taken))
    each = (processor_ms(pid) - before) / ((CLIENTS + 1) * (EACH + WARM_UP))
    print(f"the server took {each:.1f} ms of processor time for each, its loop included")
    return slowest


def main() -> int:
    """Print the table; 1 when a delivery takes too long."""
    with tempfile.TemporaryDirectory() as folder, serving(Path(folder)) as (port, pid):
        slowest = measure(port, pid)
    return 0 if slowest < LIMIT_MS else 1


if __name__ == "__main__":
    sys.exit(main())
